"""The steps of a run, in words: when in it something was met.

May not enter: what visitors do in them (`states`).
"""

from __future__ import annotations

from typing import Final, Literal

RunStep = Literal["before", "answer", "after", "withdrawal", "afterwards", "probe"]
"""When in a run; a probe is asked beside it."""
BEFORE: Final = "before"
ANSWER: Final = "answer"
AFTER: Final = "after"
WITHDRAWAL: Final = "withdrawal"
AFTERWARDS: Final = "afterwards"
PROBE: Final = "probe"
"""The step of what is asked beside the pages."""
