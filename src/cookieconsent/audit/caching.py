"""What shared caches may keep of an answer and give to somebody else (RFC 9111).

May not enter: whether it should be kept.
"""

from __future__ import annotations

import re
from email.utils import formatdate, parsedate_to_datetime
from typing import Final, Literal

from cookieconsent.audit.evidence import View
from cookieconsent.core.headers import HeaderList, tokens

Keeping = Literal["told", "guessed"]
"""Whether the answer itself says that it stays fresh, or caches may guess so by its age."""
# RFC 9110, section 15.1: what may be kept without being told; 206 needs a range.
_STATUSES: Final = frozenset({200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501})
_FIELDS = re.compile(rb'[^\s,"]+')


def kept_by_shared_caches(view: View) -> Keeping | None:
    """Return whether a shared cache may give this answer to somebody else without asking again.

    RFC 9111, sections 3, 4.2 and 5.2.2. Answers that vary by everything are never given again
    (section 4.1).
    """
    if view.method not in {"GET", "HEAD"} or view.status not in _STATUSES:
        return None
    directives = _directives(view)
    never = b"no-store" in directives or b"*" in varies_by(view)
    if never or any(directives.get(name) == b"" for name in (b"private", b"no-cache")):
        return None
    fresh = _is_fresh(view, directives)
    if fresh is not None:
        return "told" if fresh else None
    if b"public" in directives:
        return "told"  # for how long is up to the cache, and they have defaults
    # Section 4.2.2: a guess needs to know how old the page is.
    return "guessed" if view.values(b"last-modified") else None


def dated(headers: HeaderList, now: float) -> HeaderList:
    """Return response fields (names in lower case) with a `Date`, as who receives them notes it.

    Applications leave the field to servers (RFC 9110, section 6.6.1), and in process there is none.
    """
    if any(name == b"date" for name, _ in headers):
        return headers
    return [*headers, (b"date", formatdate(now, usegmt=True).encode("ascii"))]


def keeps_cookies(view: View) -> bool:
    """Tell whether `Set-Cookie` is kept with the rest (RFC 9111, sections 5.2.2.4 and 5.2.2.7)."""
    directives = _directives(view)
    listed = b",".join(directives.get(name, b"") for name in (b"private", b"no-cache"))
    return b"set-cookie" not in _FIELDS.findall(listed)


def varies_by(view: View) -> set[bytes]:
    """Return the request fields, in lower case, by which caches keep answers apart."""
    return {name.lower() for value in view.values(b"vary") for name in tokens(value)}


def _directives(view: View) -> dict[bytes, bytes]:
    """Return the members of `Cache-Control`, in lower case, and their arguments."""
    members = [member for value in view.values(b"cache-control") for member in tokens(value)]
    found: dict[bytes, bytes] = {}
    for member in members:
        name, _, argument = member.lower().partition(b"=")
        found.setdefault(name.strip(), argument.strip().strip(b'"'))
    return found


def _is_fresh(view: View, directives: dict[bytes, bytes]) -> bool | None:
    """Tell whether it is fresh for a while; `None` where nothing is said (section 4.2.1)."""
    for name in (b"s-maxage", b"max-age"):
        if name in directives:
            return directives[name].isdigit() and int(directives[name][:12]) > 0
    for value in view.values(b"expires"):
        return _seconds(value) > _seconds((view.values(b"date") or [b""])[0])
    return None


def _seconds(date: bytes) -> float:
    """Return POSIX seconds; 0 for what is no date, which counts as long ago (section 5.3)."""
    try:
        return parsedate_to_datetime(date.decode("ascii")).timestamp()
    except (ValueError, TypeError):
        return 0.0
