"""Facts read from a request head: Global Privacy Control, navigation or not, what a form came from.

Request fields arrive by lower-case name; none but those in `REQUEST_FIELDS` are read.
May not enter: cookies, classes, what follows from a fact.
"""

from __future__ import annotations

import re

from cookieconsent.core.headers import Fields, tokens

FRAGMENT_FIELDS = frozenset({b"turbo-frame", b"x-up-target", b"x-pjax"})
"""Request headers by which page libraries say that they want a piece of a page."""

REQUEST_FIELDS = (
    b"accept",
    b"accept-encoding",
    b"accept-language",
    b"content-length",
    b"content-type",
    b"host",
    b"hx-boosted",
    b"hx-request",
    b"if-match",
    b"if-modified-since",
    b"if-none-match",
    b"if-range",
    b"origin",
    b"range",
    b"referer",
    b"sec-fetch-dest",
    b"sec-fetch-mode",
    b"sec-fetch-site",
    b"sec-gpc",
    b"sec-purpose",
    b"x-requested-with",
    *sorted(FRAGMENT_FIELDS),
)
"""Every request header the engine reads, beside `cookie`."""


def privacy_control(fields: Fields) -> bool:
    """Tell whether `Sec-GPC` is set: exactly `1`, on any of several lines.

    GPC specification, section 3.2. WSGI servers join lines by commas, so both forms count alike.
    """
    value = fields.get(b"sec-gpc")
    return value is not None and b"1" in tokens(value)


def wants_fragment(fields: Fields) -> bool:
    """Tell whether a page library asks for a piece of a page.

    `HX-Boosted` is a whole page after all: its body is swapped in.
    """
    if b"hx-request" in fields:
        return not is_boosted(fields)
    # Android's WebView puts its application's name into X-Requested-With on every navigation.
    if b"x-requested-with" in fields and fields[b"x-requested-with"].lower() == b"xmlhttprequest":
        return True
    return not fields.keys().isdisjoint(FRAGMENT_FIELDS)


def is_boosted(fields: Fields) -> bool:
    """Tell whether htmx asks for a whole page in place of the browser."""
    return fields.get(b"hx-boosted", b"").strip().lower() == b"true"


def is_navigation(fields: Fields) -> bool:
    """Tell whether the answer will be shown as a page of its own.

    Fetch Metadata decides where it is sent. Plain http on a real name sends none, so there the
    `Accept` header decides. Headers by which a page library asks for a fragment outrank both.
    """
    mode, destination = fields.get(b"sec-fetch-mode"), fields.get(b"sec-fetch-dest")
    if b"hx-request" in fields:
        return is_boosted(fields)
    if mode not in {None, b"navigate"} or wants_fragment(fields):
        return False
    if mode is None and destination is None:
        return _accepts_html(fields.get(b"accept", b""))
    return destination in {None, b"document"}


# What `Sec-Fetch-Dest` says of answers that hold no markup of an application's template.
_ASSETS = frozenset(
    b"audio audioworklet font image manifest paintworklet report script serviceworker sharedworker"
    b" style track video webidentity worker xslt".split()
)


def may_hold_markup(fields: Fields) -> bool:
    """Tell whether the answer may be a page or a part of one."""
    return fields.get(b"sec-fetch-dest") not in _ASSETS


_HTML_TYPES = frozenset({b"text/html", b"application/xhtml+xml"})
_REFUSED = re.compile(rb";[ \t]*q=0(?:\.0*)?[ \t]*(?:;|$)", re.IGNORECASE)


def _accepts_html(accept: bytes) -> bool:
    return b"html" in accept.lower() and any(
        member.partition(b";")[0].strip().lower() in _HTML_TYPES and not _REFUSED.search(member)
        for member in tokens(accept)
    )
