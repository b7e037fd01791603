"""How a sub-command ends that has run somebody else's application in this process.

May not enter: what it did, which code that gives.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Container
from typing import Final

_LAST_SECONDS: Final = 2.0
"""For threads of the application, once everything is said."""


def leave(code: int, others: Container[threading.Thread]) -> None:
    """See that the process ends with a code, whatever threads an application has left behind.

    Args:
        code: The exit code.
        others: The threads that were there before.
    """
    left = [one for one in threading.enumerate() if one not in others and not one.daemon]
    # The interpreter waits for them before `atexit`; so executors of the standard library know, too.
    register = getattr(threading, "_register_atexit", None)
    if left and register is not None:
        leaving = threading.Event()
        register(leaving.set)
        threading.Thread(target=_end, args=[code, leaving], daemon=True).start()


def _end(code: int, leaving: threading.Event) -> None:
    leaving.wait()
    time.sleep(_LAST_SECONDS)
    os._exit(code)
