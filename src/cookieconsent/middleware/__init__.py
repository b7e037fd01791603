"""Ring 3: the two doors. They move bytes between a server, an application and an `Exchange`.

No cookie name, no class, no word of text and no decision may enter.
May import: core, engine.
"""
