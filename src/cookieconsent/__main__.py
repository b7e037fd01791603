"""`python -m cookieconsent` is the command line.

May not enter: anything else.
"""

import sys

from cookieconsent.cli import main

if __name__ == "__main__":
    sys.exit(main())
