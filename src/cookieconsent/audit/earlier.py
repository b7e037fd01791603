"""The cookies of an earlier report, for the check that tells what is new since.

May not enter: comparing whole reports (`difference`).
"""

from __future__ import annotations

import json
from pathlib import Path

from cookieconsent.audit.evidence import KEPT_BACK
from cookieconsent.audit.site import EarlierCookie
from cookieconsent.audit.snapshot import read


def earlier_cookies(path: Path) -> list[EarlierCookie]:
    """Return what a report in JSON says of its cookies.

    Raises:
        ConfigError: It cannot be read, or is no such report.
    """
    read(path)  # says what is wrong with it, and where
    return [
        EarlierCookie(
            name=row["name"],
            cls=row.get("class"),
            vendor=row.get("vendor"),
            lifetime=row.get("lifetime_seconds"),
            kind=row["kind"],
            attributes=row["attributes"],
        )
        for row in json.loads(path.read_text(encoding="utf-8-sig"))["cookies"]
        if row.get("setter") != KEPT_BACK  # no visitor had it: where one has now, that is new
    ]
