"""What Playwright and Chromium say went wrong, in our words and without the values in theirs.

May not enter: what is done about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from cookieconsent.observation.answer import ObservationError

NO_CHROMIUM: Final = (
    "there is no Chromium. Install your system's, or one by `playwright install chromium`; the "
    "variable CHROMIUM names another one."
)
RESTLESS: Final = "it does not stay on one page"
_MOVED: Final = re.compile(r"context was destroyed|Cannot find context|navigated|No frame")
_QUERY: Final = re.compile(r"(?<=\S)[?#][^\s\"']+")
_FAULTS: Final = {
    "ERR_NAME_NOT_RESOLVED": "its name is not known",
    "ERR_CONNECTION_REFUSED": "Connection refused",
    "ERR_CONNECTION_RESET": "it hung up",
    "ERR_EMPTY_RESPONSE": "it ended without an answer",
    "ERR_TOO_MANY_REDIRECTS": "it redirects without an end",
    "ERR_SSL_PROTOCOL_ERROR": "it does not speak TLS",
    "ERR_TIMED_OUT": "no answer in time",
    "ERR_CONNECTION_TIMED_OUT": "no answer in time",
    "ERR_INTERNET_DISCONNECTED": "there is no network",
    "ERR_CONTENT_LENGTH_MISMATCH": "it was cut off",
    "ERR_INCOMPLETE_CHUNKED_ENCODING": "it was cut off",
    "ERR_INVALID_AUTH_CREDENTIALS": "it asks for a password",
    "ERR_UNEXPECTED_PROXY_AUTH": "it asks for a password as a proxy does",
    "ERR_UNSAFE_REDIRECT": "it redirects to what is no page of the web",
    "ERR_ABORTED": "it is no page that a browser shows",
}


@contextmanager
def reasoned(what: str) -> Iterator[None]:
    """Say in our words what Playwright could not do; of its own, the first line."""
    try:
        yield
    except ObservationError:
        raise
    except Exception as error:
        if is_playwright(error) or isinstance(error, OSError):
            raise ObservationError(f"{what}: {_first_line(str(error))}") from error
        raise


def fault_in(said: str) -> str:
    """Return in words what Chromium calls `net::ERR_...`."""
    found = re.search(r"ERR_[A-Z0-9_]+", said)
    if found is None:
        return _first_line(said)
    name = found[0]
    if name.startswith("ERR_CERT_"):
        return f"its certificate is not valid: {name}"
    return _FAULTS.get(name, f"the browser says {name}")


def is_moved(error: Exception) -> bool:
    """Tell whether a page has gone meanwhile, since a script went elsewhere."""
    return bool(_MOVED.search(str(error)))


def is_playwright(error: Exception) -> bool:
    """Tell whether an error is one of Playwright's."""
    return type(error).__module__.startswith("playwright")


def _first_line(text: str) -> str:
    if "has been closed" in text or "Connection closed" in text:
        return "it has ended"
    if "interrupted by another navigation" in text or _MOVED.search(text):
        return RESTLESS
    if "crashed" in text:
        return "its page has crashed"
    if "Executable doesn't exist" in text:
        return NO_CHROMIUM
    line = next((line for line in text.splitlines() if line.strip()), "no reason given").strip()
    line = _QUERY.sub("", line)  # values may stand in it
    return line if line.isascii() else line.encode("ascii", "replace").decode()
