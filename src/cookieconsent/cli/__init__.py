"""The command line: one module per sub-command, listed in `program.py`.

May not enter: rules; a sub-command reads its arguments, calls the room it belongs to and prints.
May import: every room; what only one sub-command needs is imported when that sub-command runs.
"""

from cookieconsent.cli.program import main as main
