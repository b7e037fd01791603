"""The content-security gate: hosts that need a yes are absent from a policy until it is there.

Content Security Policy knows lists of what is allowed, none of what is not, and several policies hold
together. So the gate is one policy more, which lists the page's own origin and the hosts allowed to
this visitor. Inline code stays with the site's own policy: the gate says nothing against it, and it
cannot loosen what another policy forbids (Content Security Policy Level 3, sections 4.2 and 8.1).
May not enter: who is allowed what (`decision`), reading policies (`policy`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal

from cookieconsent.errors import ConfigError

Gate = Literal["off", "report", "enforce"]
GATES: Final[tuple[Gate, ...]] = ("off", "report", "enforce")
ALWAYS: Final = "always"
"""What stands in the place of a class for hosts that need no answer."""
HEADERS: Final = {
    "report": b"content-security-policy-report-only",
    "enforce": b"content-security-policy",
}

# Everything that loads from no host at all; `'unsafe-inline'` also stands for event handlers.
_HOSTLESS = "'self' 'unsafe-inline' 'unsafe-eval' data: blob: mediastream:"
# host-source (Content Security Policy Level 3, section 2.3.1), with a host that names one site.
_SOURCE = re.compile(
    r"(?:(?:https?|wss?)://)?(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::(?:[0-9]{1,5}|\*))?"
    r"(?:/[A-Za-z0-9._~!$&()*+=:@%/-]*)?"
    r"|(?:(?:https?|wss?)://)?localhost(?::(?:[0-9]{1,5}|\*))?"
)
_REPORT_URI = re.compile(r"(?:https?://|/(?![/\\]))[!#-+\--:<-\[\]-~]+")


def check_source(field: str, value: str) -> str:
    """Return a host-source that is one.

    Args:
        field: Where it stands, for the error.
        value: Such as `www.youtube-nocookie.com`, `*.example.org` or `https://maps.example:8443`.

    Raises:
        ConfigError: It is none, or would allow every host.
    """
    if not _SOURCE.fullmatch(value):
        raise ConfigError(
            field,
            f"{value!r} names no host",
            "Write it in lower case without path to a page: 'www.example.com' or '*.example.com'",
        )
    return value


def check_report_uri(field: str, value: object) -> None:
    """Refuse what is no address for reports.

    Raises:
        ConfigError: It is none.
    """
    if value is not None and not (isinstance(value, str) and _REPORT_URI.fullmatch(value)):
        raise ConfigError(
            field, f"{value!r} is no address for reports", "Begin with 'https://' or '/', in ASCII"
        )


def narrowing_policy(hosts: Iterable[str], report_uri: str | None = None) -> bytes:
    """Return the policy that lets pages load from these hosts and their own origin.

    Args:
        hosts: Host-sources that `check_source` has taken.
        report_uri: Where browsers send reports.
    """
    policy = " ".join(["default-src", _HOSTLESS, *sorted(set(hosts))])
    if report_uri is not None:
        policy += f"; report-uri {report_uri}"
    return policy.encode("ascii")
