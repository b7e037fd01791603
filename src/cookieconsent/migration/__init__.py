"""Reads what another consent tool was told, and drafts this package's declaration from it.

`literal.py` reads JSON and JavaScript literals and never runs anything. One module per tool says what
its file means (`findings.py` is the common form), `draft.py` decides on classes and writes down why.
May not enter: files, TOML, the command line; a tool's module never imports another's.
"""
