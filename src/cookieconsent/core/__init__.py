"""Ring 0: the pure rules. Bytes and values in, decisions out.

Nothing here reads a clock, a socket, a file (but the shipped catalogue) or an environment variable,
and nothing here knows a framework, a word of text or a line of markup.
May import: the standard library, `errors`; `codec` also itsdangerous.
"""
