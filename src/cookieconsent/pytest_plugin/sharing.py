"""One audit for all workers of a session (pytest-xdist): the first runs it, the others read it.

They meet in the session's temporary folder, which belongs to the user alone. A lock that ends with its
process keeps the others waiting; workers elsewhere have a folder, and so an audit, of their own.
May not enter: what is audited.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cookieconsent.audit.checks import BY_ID
from cookieconsent.audit.report import Report

if TYPE_CHECKING:
    import pytest

_NAME: Final = "cookie-audit"


def once(config: pytest.Config, run: Callable[[], Report]) -> Report:
    """Return what an audit came to, which runs once a session.

    Args:
        config: Of this process.
        run: Runs the audit.
    """
    folder = config.getoption("basetemp", None)
    if not hasattr(config, "workerinput") or folder is None:
        return run()
    shared = Path(folder).parent
    with ExitStack() as stack:
        with suppress(OSError):  # where there is no lock, each worker has an audit of its own
            shared.mkdir(parents=True, exist_ok=True)
            stack.enter_context(_locked(shared / f"{_NAME}.lock"))
        file = shared / f"{_NAME}.pickle"
        report = _read(file)
        if report is None:
            report = run()
            _write(file, report)
        return report


def _read(file: Path) -> Report | None:
    """Return the audit of another worker; `None` where there is none that can be read."""
    try:
        return unpacked(file.read_bytes())
    except Exception:  # noqa: BLE001 - anything may be in a file
        return None


def _write(file: Path, report: Report) -> None:
    """Leave an audit for the other workers; where that cannot be, they look for themselves."""
    whole = file.with_suffix(f".{os.getpid()}")
    try:
        whole.write_bytes(packed(report))
        whole.replace(file)  # a worker that dies leaves no half of it
    except Exception:  # noqa: BLE001 - a full disk, or what cannot be packed
        with suppress(OSError):
            whole.unlink()


def packed(report: Report) -> bytes:
    """Return a report for another process of this session; checks go by their ids."""
    ids = [check.id for check in report.checks]
    return pickle.dumps((ids, replace(report, checks=())))


def unpacked(data: bytes) -> Report:
    """Return a report that a process of this session packed."""
    ids, report = pickle.loads(data)  # noqa: S301 - from our own processes alone
    assert isinstance(report, Report)  # noqa: S101 - as above
    return replace(report, checks=tuple(BY_ID[name] for name in ids))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a+b") as file:
        if sys.platform == "win32":
            _wait_on_windows(file.fileno())
        else:
            import fcntl  # noqa: PLC0415 - not on Windows

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


if sys.platform == "win32":

    def _wait_on_windows(number: int) -> None:
        import msvcrt  # noqa: PLC0415 - not on other systems

        while True:
            with suppress(OSError):  # it gives up after ten seconds
                msvcrt.locking(number, msvcrt.LK_LOCK, 1)
                return
