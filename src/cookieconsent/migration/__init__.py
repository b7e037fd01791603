"""Reads what another consent tool was told.

`literal.py` reads JSON and JavaScript literals and never runs anything. One module per tool says what
its file means (`findings.py` is the common form), `classes.py` which class a group becomes.
May not enter: files, TOML, the command line; a tool's module never imports another's.
"""
