"""The demo shop: an ordinary small shop behind the middleware, and a panel that shows what happened.

The shop is a function from a request to a response (`shop.py`); `asgi.py` and `wsgi.py` are its two
doors, each wrapped in the middleware and, outside of that, in a recorder (`record.py`).
May not enter: servers, ports, signals (those are the command line's), JavaScript, other origins.
May import: core, engine, middleware, markupsafe; starlette in the ASGI door alone.
"""
