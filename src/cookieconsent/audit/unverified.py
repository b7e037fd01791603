"""Why something cannot be told: raised by visitors and checks alike, and never taken for "clean".

May not enter: single reasons; whoever raises it says why.
"""

from __future__ import annotations


class UnverifiedError(Exception):
    """A state could not be reached, or a question not answered; the message says why."""
