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

from cookieconsent.core.registry import KNOWN_SUFFIXES
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
    r"(?:(?:https?|wss?)://)?(?P<host>(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+|localhost)"
    r"(?::(?P<port>[0-9]{1,5}|\*))?(?P<path>/[A-Za-z0-9._~!$&()*+=:@%/-]*)?"
)
_REPORT_URI = re.compile(r"(?:https?://|/(?![/\\]))[!#-+\--:<-\[\]-~]+")


def check_source(field: str, value: str) -> str:
    """Return a host-source that is one.

    Args:
        field: Where it stands, for the error.
        value: Such as `www.youtube-nocookie.com`, `*.example.org` or `https://maps.example:8443`.

    Raises:
        ConfigError: It is none, or would allow every host, or all of a known public suffix.
    """
    found = _SOURCE.fullmatch(value)
    if not found:
        raise ConfigError(
            field,
            f"{value!r} names no host",
            "Write it in lower case without path to a page: 'www.example.com' or '*.example.com'",
        )
    if found["host"].removeprefix("*.") in KNOWN_SUFFIXES:
        raise ConfigError(
            field, f"{value!r} names the sites of everybody there", "Name those of one owner"
        )
    return value


def covers(broad: str, narrow: str) -> bool:
    """Tell whether one host-source lets pages load from where another one leads.

    Schemes tell nothing apart: what allows `http` allows `https` too, and one without a scheme goes by
    the page's own (Content Security Policy Level 3, section 6.7.2.8).

    Args:
        broad: A host-source that `check_source` has taken.
        narrow: Another one. It may be broader elsewhere: at other ports, or in another scheme.
    """
    one, other = _SOURCE.fullmatch(broad), _SOURCE.fullmatch(narrow)
    return (
        one is not None
        and other is not None
        and _covers_host(one["host"], other["host"])
        and _meet(_ports(one["port"]), _ports(other["port"]))
        and _covers_path(one["path"], other["path"])
    )


def _covers_host(broad: str, narrow: str) -> bool:
    return broad == narrow or (broad.startswith("*.") and narrow.endswith(broad[1:]))


def _ports(port: str | None) -> frozenset[str]:
    """Return the ports that are allowed; the empty set stands for every one (section 6.7.2.11)."""
    if port == "*":
        return frozenset()
    number = "" if port is None else str(int(port))
    return frozenset({"80", "443"} if number in {"", "80"} else {number})


def _meet(one: frozenset[str], other: frozenset[str]) -> bool:
    return not one or not other or not one.isdisjoint(other)


def _covers_path(broad: str | None, narrow: str | None) -> bool:
    """Tell whether a path leads to all that another one leads to (section 6.7.2.12)."""
    if broad in {None, "", "/", narrow}:
        return True
    return str(broad).endswith("/") and (narrow or "").startswith(str(broad))


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
