"""HTTP and caching: nothing of one visitor reaches another, and nothing escapes beside the pages.

What errors, files, confirmations and odd addresses lead to is asked by `probes`.
May not enter: how cookies are classed.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from cookieconsent.audit.caching import (
    Keeping,
    keeps_cookies,
    kept_by_shared_caches,
    varies_by,
)
from cookieconsent.audit.check import Case, Check, Fault, Remark
from cookieconsent.audit.checks.layers import FOUND, asking
from cookieconsent.audit.checks.sightings import SCRIPTS_UNSEEN, fault, probed
from cookieconsent.audit.evidence import Sighting, View
from cookieconsent.audit.hosts import is_nowhere, owned
from cookieconsent.audit.page import BANNER, SETTINGS
from cookieconsent.audit.probes import GPC_PATH, MARK
from cookieconsent.audit.steps import RunStep
from cookieconsent.audit.unverified import UnverifiedError
from cookieconsent.core.gate import ALWAYS, covers
from cookieconsent.core.policy import PagePolicy
from cookieconsent.observation.lines import digest
from cookieconsent.observation.walk import ON_PURPOSE

_CACHING: Final = "RFC 9111 (HTTP Caching), sections 3, 4.1, 4.2 and 7.3"
_STORED: Final = "Directive 2002/58/EC (ePrivacy), article 5(3)"
_COMPARED: Final = ("none", "rejected", "accepted")
_MARK_DIGEST: Final = digest(MARK.encode("ascii"))
_SHOWN: Final = 3
NEEDS_COMPARISON: Final = "tests that were listened to show no page twice; run cookieconsent audit"


def _shared_cookie(case: Case) -> Iterator[Fault]:
    yield from _shared_lines(case)
    if not case.evidence.walks:  # two tests see two pages for many reasons
        raise UnverifiedError(NEEDS_COMPARISON)
    if case.run.state == "none":
        yield from _shared_page(case)
        _demand_answered(case)


def _demand_answered(case: Case) -> None:
    """See that pages were shown to visitors who have answered.

    Raises:
        UnverifiedError: They were not, so nobody knows whether an answer changes them.
    """
    runs = {state: case.evidence.runs.get(state) for state in _COMPARED[1:]}
    blind = {state: run for state, run in runs.items() if run is None or not run.pages("after")}
    if not blind:
        return
    said = next((run.unverified for run in blind.values() if run and run.unverified), None)
    reason = said or f"add the state{'s' * (len(blind) > 1)} {' and '.join(blind)}"
    raise UnverifiedError(f"whether pages depend on the answer is not known: {reason}")


def _shared_lines(case: Case) -> Iterator[Fault]:
    """Yield cookies of answers that may be kept for everybody."""
    for view in case.run.views:
        kept = kept_by_shared_caches(view)
        if kept is None or not keeps_cookies(view):
            continue
        if kept == "guessed" and b"cookie" in varies_by(view):
            continue  # caches that guess leave such answers alone
        for sighting in view.sightings:
            if sighting.setter == "header":
                said = "a cookie is set by an answer that shared caches may give to anybody"
                yield _leak(said, kept, view, sighting)


def _shared_page(case: Case) -> Iterator[Fault]:
    """Yield pages that differ by the answer and may be kept for everybody."""
    for views in _by_path(case).values():
        unanswered = {_look(view) for view in views["none"] + views["ignored"]}
        answered = {_look(view) for state in _COMPARED[1:] for view in views[state]}
        seen = [view for state in _COMPARED for view in views[state]]
        shared = [(view, kept) for view in seen if (kept := _kept_for_all(view))]
        # What changes from one visit to the next without an answer cannot be laid to the answer.
        if len(unanswered) == 1 and answered - unanswered and shared:
            said = "the page depends on the answer, and shared caches may give it to anybody"
            yield _leak(said, shared[0][1], shared[0][0])


def _leak(said: str, kept: Keeping, view: View, sighting: Sighting | None = None) -> Fault:
    if kept == "told":
        return Fault(said=said, view=view, sighting=sighting)
    guessed = f"{said}, for nothing forbids it and its age is told (Last-Modified)"
    return Fault(said=guessed, view=view, sighting=sighting, severity="medium")


def _kept_for_all(view: View) -> Keeping | None:
    return None if b"cookie" in varies_by(view) else kept_by_shared_caches(view)


def _by_path(case: Case) -> dict[str, dict[str, list[View]]]:
    """Return the pages of the site by path, then by state."""
    steps: dict[str, tuple[RunStep, ...]] = {"none": ("before",), "ignored": ("before", "after")}
    found: dict[str, dict[str, list[View]]] = {}
    for state in ("ignored", *_COMPARED):
        run = case.evidence.runs.get(state)
        for view in () if run is None else run.pages(*steps.get(state, ("after",))):
            if view.status == FOUND and view.method == "GET":
                found.setdefault(view.path, defaultdict(list))[state].append(view)
    return found


def _look(view: View) -> tuple[object, ...]:
    """Return what a page shows and loads, without what tokens and clocks change in it."""
    page = view.page
    if page is None:
        return ()
    banner = page.by_id(BANNER), page.by_id(SETTINGS)
    ours = tuple(element is not None for element in banner)
    return (*ours, page.words, len(page.scripts), len(page.forms), frozenset(page.hosts))


def _escaped(case: Case) -> Iterator[Fault]:
    """Yield what is set beside the pages; what pages set as well is told by CC101 and CC103."""
    known = {sighting.line.name for _, sighting in case.run.sightings()}
    for view, sighting in case.run.sightings("probe"):
        line = sighting.line
        needs = case.site.needs_yes(line.name, sighting.host) and line.name not in known
        if needs and not line.deletes and line.digest != _MARK_DIGEST:
            kind = _kind(view)
            yield fault(case, (view, sighting), f"is set by {kind} although nobody has said yes")
    probed(case)


def _kind(view: View) -> str:
    if view.status is not None and view.status >= 400:  # noqa: PLR2004 - RFC 9110, 15.5
        return "an error page"
    if view.status == 304:  # noqa: PLR2004 - RFC 9110, 15.4.5
        return "a confirmation (304)"
    if view.method != "GET":
        return f"an answer to {view.method}"
    if view.status is not None and view.status >= 300:  # noqa: PLR2004 - RFC 9110, 15.4
        return "a redirect"
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
    probed(case)


def _signal_untold(case: Case) -> Iterator[Fault]:
    view = probed(case, GPC_PATH)[-1]
    if view.status != FOUND:
        yield Fault(said=f"there is no {GPC_PATH}, so nobody can tell that it is heard", view=view)
    elif _is_heard(view.told) is not True:
        said = f"{GPC_PATH} does not say that the signal is heard, as a member gpc that is true"
        yield Fault(said=said, view=view, aspect="untold")


def _is_heard(text: str) -> object:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return told.get("gpc") if isinstance(told, dict) else None


def _blocked_banner(case: Case) -> Iterator[Fault]:
    asking(case)
    for view in case.run.pages("before"):
        page, values = view.page, view.values(b"content-security-policy")
        if page is None or page.by_id(BANNER) is None or not values:
            continue
        host = urlsplit(view.url).netloc
        policy = PagePolicy.of((value.decode("latin-1") for value in values), [host])
        if page.form_for("accept") is not None and not policy.allows_own_form():
            said = "the page's policy (form-action) stops the banner's form"
            yield Fault(said=said, view=view, aspect="form-action")
        if not all(policy.allows_inline_style(style) for style in page.styles):
            yield Fault(said="the page's policy (style-src) stops the banner's style", view=view)


def _disguised(case: Case) -> Iterator[Fault]:
    aliases, others = case.site.aliases, _other_hosts(case)
    found = [host for host in others if case.site.tracks(aliases.get(host, ""))]
    for host in found:
        said = f"{host} is another name of {aliases[host]}, which follows visitors"
        yield Fault(said=said, aspect=host)
    own = _own_host(case)
    asked = [
        host
        for host in others
        if (is_nowhere(own) or owned(host) == owned(own)) and not _is_settled(case, host)
    ]
    if asked:
        raise UnverifiedError(_unasked(own, asked))
    has_scripts = any(view.page and view.page.scripts for view in case.run.pages())
    if (
        has_scripts and not case.evidence.runs_scripts
    ):  # other hosts need not be asked: all are known
        raise UnverifiedError(SCRIPTS_UNSEEN)


def _unasked(own: str, hosts: list[str]) -> str:
    first, names = hosts[0], ", ".join(hosts[:3])
    if is_nowhere(own):
        return (
            f"which of the hosts that pages load from ({names}) are the site's own cannot be told "
            f"under the name {own or 'of none'}; name the site, by --host in process"
        )
    return (
        f"whether {names} is another name of a tracker was not looked up; ask for it (dig +short "
        f"{first} CNAME) and add --alias {first}=NAME, with nothing behind the = where it has none; in "
        f"Python: aliases={{'{first}': '...'}}"
    )


def _own_host(case: Case) -> str:
    """Return the name that the site has for its visitors, as far as it is known."""
    base = urlsplit(case.evidence.base).hostname or ""
    config = case.site.config
    told = urlsplit((config and config.public_origin) or "").hostname
    return told if told and is_nowhere(base) else base


def _is_settled(case: Case, host: str) -> bool:
    """Tell whether it is known what a host is: looked up, known anyway, or kept back until a yes."""
    config = case.site.config
    listed = {} if config is None or config.csp_gate != "enforce" else config.csp_hosts
    waiting = (source for name, sources in listed.items() for source in sources if name != ALWAYS)
    return (
        host in case.site.aliases
        or case.site.tracks(host) is not None  # under its own name; CC112 asks when it is met
        or any(covers(source, host) for source in waiting)
    )


def _other_hosts(case: Case) -> list[str]:
    """Return the hosts that pages load from, but for the site's own with `www.` and without."""
    own = _own_host(case).removeprefix("www.")
    loaded = {host for view in case.run.pages() if view.page for host in view.page.hosts}
    asked = {urlsplit(url).hostname or "" for view in case.run.views for url in view.requests}
    return sorted((loaded | asked) - {own, f"www.{own}", urlsplit(case.evidence.base).hostname, ""})


def _uncovered(case: Case) -> Iterator[Fault | Remark]:
    missed = case.evidence.missed
    left = {path: why for path, why in missed.items() if why in ON_PURPOSE}
    open_ = {path: why for path, why in missed.items() if path not in left}
    if open_:
        many = (
            "1 page that is linked was"
            if len(open_) == 1
            else f"{len(open_)} pages that are linked were"
        )
        yield Fault(said=f"{many} not looked at: {_listed(open_)}")
    elif left:
        yield Remark(
            f"left alone on purpose: {_listed(left)}; --page PATH has one looked at all the same"
        )


def _listed(missed: dict[str, str]) -> str:
    """Return the first of them, each with its reason."""
    first = [f"{path} ({why})" for path, why in list(missed.items())[:_SHOWN]]
    return ", ".join(first) + (" and more" if len(missed) > _SHOWN else "")


CHECKS: Final = (
    Check(
        id="CC501",
        family="http",
        severity="critical",
        title="What depends on one visitor is kept for nobody else",
        why="A shared cache hands one visitor's cookie or answer to the next. That an answer sets "
        "a cookie does not keep it out of caches.",
        sources=(_CACHING,),
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
        why="A cookie that is kept back on pages may be set beside them, by a picture, a redirect "
        "or an error.",
        sources=(_STORED,),
        fix="Put CookieConsentMiddleware around everything, error pages and static files too.",
        judge=_escaped,
        states=frozenset({"none", "rejected"}),
        needs=frozenset({"walk"}),
    ),
    Check(
        id="CC503",
        family="http",
        severity="medium",
        title="Withdrawing does not sign out",
        why="Who withdraws must not be punished for it. Clear-Site-Data takes all cookies of the "
        "site, those of the sign-in too.",
        sources=(
            "Regulation (EU) 2016/679 (GDPR), recital 42",
            "W3C, Clear Site Data: clearing cookies",
        ),
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
        sources=("OWASP Session Management Cheat Sheet: accepted session ID exchange mechanisms",),
        fix="Make the value yourself, or check it against what is allowed.",
        judge=_reflected,
        states=frozenset({"none"}),
        needs=frozenset({"walk"}),
    ),
    Check(
        id="CC505",
        family="http",
        severity="info",
        title="The site says that it hears Global Privacy Control",
        why="By this file a site says that it means to abide by the signal. The draft leaves it "
        "to each site whether to have one.",
        sources=("W3C, Global Privacy Control (GPC): /.well-known/gpc.json and its member gpc",),
        fix="Set Config.gpc to True, and see that Config.enforce is: without it the middleware serves "
        "no page of its own. The signal itself is always honoured.",
        judge=_signal_untold,
        states=frozenset({"gpc"}),
        needs=frozenset({"walk"}),
    ),
    Check(
        id="CC506",
        family="http",
        severity="low",
        title="The page's own policy lets the banner work",
        why="Where the policy stops the banner's form or its style, it is hard to answer.",
        sources=("W3C, Content Security Policy Level 3: form-action and style-src",),
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
        why="A tracker with a first-party name gets first-party cookies. The audit asks no name "
        "server: where pages load from another host of the site's domain, this stays unverified until "
        "somebody has looked its canonical name up (CNAME). The site's own name, with www. and "
        "without, and hosts that csp_hosts keeps back until a yes are settled without that.",
        sources=(_STORED,),
        fix="Look the canonical names up (dig +short HOST CNAME) and add --alias HOST=NAME for each, "
        "or in Python cookie_audit(app, aliases={HOST: NAME}). Declare what such a host sets in "
        "Config.cookies as what it is, and put it into csp_hosts under its class, with "
        'csp_gate="enforce".',
        judge=_disguised,
        states=frozenset({"none"}),
    ),
    Check(
        id="CC508",
        family="http",
        severity="info",
        title="Every page that is linked was looked at, or left alone on purpose",
        why="What was not looked at is not clean. Left alone are links that may do something, such as "
        "/logout, files, and addresses that differ in their query alone: no fault, and in the report's "
        "list of what was not looked at all the same.",
        sources=("This audit: a report says what it did not see",),
        fix="Raise --limit, or name the pages by --page. A page that does something is looked at if "
        "you name it, as in --page /logout, or if your hook (--login) opens it.",
        judge=_uncovered,
        states=frozenset({"none"}),
        needs=frozenset({"walk"}),
    ),
)
