"""HTTP and caching: nothing of one visitor reaches another, and nothing escapes beside the pages.

What errors, files, confirmations and odd addresses lead to is asked by `probes`.
May not enter: how cookies are classed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from cookieconsent.audit.check import Case, Check, Fault
from cookieconsent.audit.checks.sightings import fault
from cookieconsent.audit.evidence import View
from cookieconsent.audit.page import BANNER
from cookieconsent.audit.probes import GPC_PATH, MARK
from cookieconsent.audit.visitor import UnverifiedError
from cookieconsent.core.headers import tokens
from cookieconsent.core.policy import PagePolicy

_CACHING: Final = "RFC 9111 (HTTP Caching), sections 3 and 4.1"
_STORED: Final = "Directive 2002/58/EC (ePrivacy), article 5(3)"
_COMPARED: Final = ("none", "rejected", "accepted")
_CACHED_STATUS: Final = frozenset({200, 203, 300, 301, 308, 404, 410})
_MARK_DIGEST: Final = hashlib.sha256(MARK.encode("ascii")).hexdigest()[:12]
_AGE = re.compile(rb"(?:s-maxage|max-age)=\"?([0-9]+)")


def _directives(view: View) -> set[bytes]:
    values = view.values(b"cache-control")
    return {token.lower().replace(b" ", b"") for value in values for token in tokens(value)}


def _is_shared(view: View) -> bool:
    """Tell whether a shared cache may keep an answer and give it to somebody else."""
    if view.method != "GET" or view.status not in _CACHED_STATUS:
        return False
    directives = _directives(view)
    if {b"no-store", b"private"} & {name.partition(b"=")[0] for name in directives}:
        return False
    ages = [int(found[1]) for name in directives if (found := _AGE.fullmatch(name))]
    told = b"public" in directives or bool(view.values(b"expires"))
    return any(ages) or (told and not ages and b"no-cache" not in directives)


def _varies_by_cookie(view: View) -> bool:
    listed = {token.lower() for value in view.values(b"vary") for token in tokens(value)}
    return bool({b"cookie", b"*"} & listed)


def _shared_cookie(case: Case) -> Iterator[Fault]:
    for view, sighting in case.run.sightings():
        if _is_shared(view) and sighting.setter == "header":
            said = "a cookie is set by an answer that shared caches may give to anybody"
            yield Fault(said=said, view=view, sighting=sighting)
    if case.run.state == "none":
        yield from _shared_page(case)


def _shared_page(case: Case) -> Iterator[Fault]:
    """Yield pages that differ by the answer and may be kept for everybody."""
    for views in _by_place(case).values():
        looks = {_look(view) for view in views}
        shared = next((v for v in views if _is_shared(v) and not _varies_by_cookie(v)), None)
        if len(looks) > 1 and shared is not None:
            said = "the page depends on the answer, and shared caches may give it to anybody"
            yield Fault(said=said, view=shared)


def _by_place(case: Case) -> dict[str, list[View]]:
    found: dict[str, list[View]] = {}
    runs = case.evidence.runs
    for state in _COMPARED:
        step = "before" if state == "none" else "after"
        for view in runs[state].pages(step) if state in runs else ():
            if view.status == 200 and view.method == "GET":  # noqa: PLR2004 - a page of the site
                found.setdefault(view.path, []).append(view)
    return found


def _look(view: View) -> tuple[bool, int, int]:
    page = view.page
    if page is None:
        return (False, 0, 0)
    return (page.by_id(BANNER) is not None, page.words, len(page.scripts))


def _escaped(case: Case) -> Iterator[Fault]:
    """Yield what is set beside the pages; what pages set as well is told by CC101 and CC103."""
    known = {sighting.line.name for _, sighting in case.run.sightings()}
    for view, sighting in case.run.sightings("probe"):
        line = sighting.line
        needs = case.site.needs_yes(line.name, sighting.host) and line.name not in known
        if needs and not line.deletes and line.digest != _MARK_DIGEST:
            kind = _kind(view)
            yield fault(case, (view, sighting), f"is set by {kind} although nobody has said yes")


def _kind(view: View) -> str:
    if view.status is not None and view.status >= 400:  # noqa: PLR2004 - RFC 9110, 15.5
        return "an error page"
    if view.status == 304:  # noqa: PLR2004 - RFC 9110, 15.4.5
        return "a confirmation (304)"
    if view.method == "HEAD":
        return "an answer to HEAD"
    return "an address beside the pages"


def _signs_out(case: Case) -> Iterator[Fault]:
    for view in case.run.views:
        values = b",".join(view.values(b"clear-site-data")).lower()
        if view.step == "withdrawal" and (b'"cookies"' in values or b'"*"' in values):
            said = "withdrawing clears all cookies of the site, those of the sign-in too"
            yield Fault(said=said, view=view)


def _reflected(case: Case) -> Iterator[Fault]:
    for view, sighting in case.run.sightings("probe"):
        if sighting.line.digest == _MARK_DIGEST:
            said = "a cookie takes its value from the address"
            yield Fault(said=said, view=view, sighting=sighting)


def _signal_untold(case: Case) -> Iterator[Fault]:
    asked = [view for view in case.run.probes() if view.place == GPC_PATH]
    if not asked:
        raise UnverifiedError("it was not asked for")
    (view,) = asked[-1:]
    if view.status != 200:  # noqa: PLR2004 - found
        yield Fault(said=f"there is no {GPC_PATH}, so nobody can tell that it is heard", view=view)


def _blocked_banner(case: Case) -> Iterator[Fault]:
    for view in case.run.pages("before"):
        page, values = view.page, view.values(b"content-security-policy")
        if page is None or page.by_id(BANNER) is None or not values:
            continue
        host = urlsplit(view.url).netloc
        policy = PagePolicy.of((value.decode("latin-1") for value in values), [host])
        if page.form_for("accept") is not None and not policy.allows_own_form():
            yield Fault(said="the page's policy (form-action) stops the banner's form", view=view)
        if not all(policy.allows_inline_style(style) for style in page.styles):
            yield Fault(said="the page's policy (style-src) stops the banner's style", view=view)


def _disguised(case: Case) -> Iterator[Fault]:
    base = urlsplit(case.evidence.base).hostname or ""
    site = base.removeprefix("www.")
    loaded = {host for view in case.run.pages() if view.page for host in view.page.hosts}
    asked = {urlsplit(url).hostname or "" for view in case.run.views for url in view.requests}
    own = sorted(host for host in loaded | asked if host != base and host.endswith("." + site))
    if own:
        raise UnverifiedError(
            f"whether {', '.join(own[:3])} is another name of a tracker was not looked up"
        )
    return iter(())


def _uncovered(case: Case) -> Iterator[Fault]:
    why = ("failed", "beyond")
    missed = [path for path, reason in case.evidence.missed.items() if reason.startswith(why)]
    if missed:
        listed = ", ".join(missed[:3]) + (" and more" if len(missed) > 3 else "")  # noqa: PLR2004
        yield Fault(said=f"{len(missed)} pages that are linked were not looked at: {listed}")


CHECKS: Final = (
    Check(
        id="CC501",
        family="http",
        severity="critical",
        title="What depends on one visitor is kept for nobody else",
        why="A shared cache hands one visitor's cookie or answer to the next.",
        sources=(_CACHING, "RFC 6265, section 4.1.1"),
        fix="Put CookieConsentMiddleware inside of the cache; leave Config.private_pages at True. "
        "For pages that are cached for everybody there is Config.shared_cache.",
        judge=_shared_cookie,
        states=frozenset(_COMPARED),
    ),
    Check(
        id="CC502",
        family="http",
        severity="high",
        title="Errors, files and confirmations set nothing that needs consent",
        why="What is kept back on pages comes in by the side door.",
        sources=(_STORED,),
        fix="Put CookieConsentMiddleware around everything, error pages and static files too.",
        judge=_escaped,
        states=frozenset({"none", "rejected"}),
    ),
    Check(
        id="CC503",
        family="http",
        severity="medium",
        title="Withdrawing does not sign out",
        why="Who withdraws must not be punished for it.",
        sources=("GDPR, recital 42", "W3C, Clear Site Data"),
        fix="Withdraw by the middleware's own form; it deletes cookies one by one.",
        judge=_signs_out,
        states=frozenset({"withdrawn"}),
    ),
    Check(
        id="CC504",
        family="http",
        severity="medium",
        title="No cookie takes its value from an address",
        why="A link can then plant a session or an identifier.",
        sources=("OWASP Session Management Cheat Sheet, on session fixation",),
        fix="Make the value yourself, or check it against what is allowed.",
        judge=_reflected,
        states=frozenset({"none"}),
    ),
    Check(
        id="CC505",
        family="http",
        severity="info",
        title="The site says that it hears Global Privacy Control",
        why="Visitors and their tools can tell only so.",
        sources=("W3C, Global Privacy Control, section on the support resource",),
        fix="Set Config.gpc to True; the signal itself is always honoured.",
        judge=_signal_untold,
        states=frozenset({"gpc"}),
    ),
    Check(
        id="CC506",
        family="http",
        severity="low",
        title="The page's own policy lets the banner work",
        why="A banner without style or form is hard to answer.",
        sources=("W3C, Content Security Policy Level 3, sections 6.4 and 6.6",),
        fix="Allow 'self' in form-action and style-src; the middleware adapts its banner to both.",
        judge=_blocked_banner,
        states=frozenset({"none"}),
        needs=frozenset({"banner"}),
    ),
    Check(
        id="CC507",
        family="http",
        severity="medium",
        title="No host of the site is a tracker under another name",
        why="A tracker with a first-party name gets first-party cookies.",
        sources=(_STORED,),
        fix="Look up the canonical names; declare what it sets in Config.cookies as what it is.",
        judge=_disguised,
        states=frozenset({"none"}),
    ),
    Check(
        id="CC508",
        family="http",
        severity="info",
        title="Every page that is linked was looked at",
        why="What was not looked at is not clean.",
        sources=("This audit: a report says what it did not see",),
        fix="Raise --limit, or name the pages by --page.",
        judge=_uncovered,
        states=frozenset({"none"}),
    ),
)
