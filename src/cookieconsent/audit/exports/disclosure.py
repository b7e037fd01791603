"""What a site keeps on devices, in the form of the IAB's Vendor Device Storage disclosures (v1.1).

The audit knows names, lifetimes, hosts and whether something waits for a yes, which is purpose 1 of
the Global Vendor List. What else something is for nobody can see: those purposes come from the caller.
May not enter: that a site is a registered vendor; the form is of use without that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cookieconsent.audit.report import CookieRow, Report

STORE_AND_ACCESS: Final = 1
"""The purpose "Store and/or access information on a device": consent is needed."""


def write(report: Report, purposes: Mapping[str, Sequence[int]] | None = None) -> str:
    """Return the contents of a `deviceStorage.json`, in ASCII.

    Args:
        report: What an audit came to.
        purposes: By class, further purposes of the Global Vendor List (2 to 11).
    """
    further = purposes or {}
    document = {
        "disclosures": [_disclosure(row, further) for row in _kept(report) if row.name],
        "domains": _domains(report, further),
    }
    return json.dumps(document, indent=2) + "\n"


def _kept(report: Report) -> list[CookieRow]:
    """Return what devices keep: all but what the middleware keeps back."""
    return [row for row in report.cookies if not row.is_kept_back]


def _disclosure(row: CookieRow, further: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    is_cookie = row.kind == "cookie"
    return {
        "identifier": row.name,
        "type": "cookie" if is_cookie else "web",
        "maxAgeSeconds": (row.lifetime or 0) if is_cookie else None,
        "cookieRefresh": row.refreshed and is_cookie,
        "domains": [_domain(row)],
        "purposes": _purposes(row, further),
    }


def _purposes(row: CookieRow, further: Mapping[str, Sequence[int]]) -> list[int]:
    asked = [STORE_AND_ACCESS] if row.needs_consent else []
    return sorted({*asked, *further.get(row.cls or "", ())})


def _domain(row: CookieRow) -> str:
    """Return where it is kept: the host alone, or all below the domain that it was set for."""
    domain = row.attributes.get("domain", "").lower().removeprefix(".")
    return f"*.{domain}" if domain else row.host


def _domains(report: Report, further: Mapping[str, Sequence[int]]) -> list[dict[str, Any]]:
    found: dict[str, set[int]] = {}
    for row in _kept(report):
        found.setdefault(row.host, set()).update(_purposes(row, further))
    return [{"domain": host, "purposes": sorted(found[host])} for host in sorted(found) if host]
