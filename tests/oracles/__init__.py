"""Oracles: small, independent references that the tests hold the library against.

Nothing in here imports the library under test, so that a mistake in the library cannot agree with
itself. Each module is a reading of a specification, short enough to be checked by eye:

* `set_cookie`: one `Set-Cookie` line, read as a user agent reads it, judged as a server writes it.
* `jar`: a user agent's cookie store.
* `parsers`: what the cookie parsers of well-known frameworks see in one `Cookie` header.
* `asgi_lint`: a strict checker of ASGI dialogues.
* `cache`: an HTTP cache, shared or a browser's own, as eager as the specification lets it be.
* `drivers`: one abstract exchange, sent through an ASGI or a WSGI application.
"""
