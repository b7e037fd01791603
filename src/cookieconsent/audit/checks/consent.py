"""Consent: nothing that needs a yes before there is one, nor after it was taken back.

What nobody knows needs consent. What is deleted is never a fault here.
May not enter: how cookies are classed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qs, urlsplit

from cookieconsent.audit.check import Case, Check, Fault
from cookieconsent.audit.checks.sightings import (
    Pair,
    demand_loaded,
    demand_seen,
    fault,
    lasting,
    names,
    unseen,
)
from cookieconsent.audit.evidence import Run, View
from cookieconsent.audit.hosts import is_foreign, owned
from cookieconsent.audit.page import BANNER
from cookieconsent.audit.steps import AFTER, AFTERWARDS, ANSWER, BEFORE, WITHDRAWAL, RunStep
from cookieconsent.audit.unverified import UnverifiedError
from cookieconsent.observation.lines import shown

_UNANSWERED: Final = frozenset({"none", "ignored"})
_REFUSING: Final = ("rejected", "nojs", "seeded")
_AGREEING: Final = ("accepted", "withdrawn", "blocked")
_FRESH: Final = frozenset({"none", "ignored", "gpc", "partial", "tampered", *_AGREEING, *_REFUSING})
_ANSWERED: Final = (ANSWER, AFTER, WITHDRAWAL, AFTERWARDS)
_ENOUGH: Final = 3
_NOT_SIGNED: Final = "is not what the middleware writes, so something else hides under its name"
_NOT_COMPARED: Final = (
    "tests that were listened to do not tell one visitor from another; run cookieconsent audit"
)
_FEW: Final = {
    "rejected": "more visitors who say no are needed; add the states nojs and seeded",
    "accepted": "more visitors who say yes are needed; add the states withdrawn and blocked",
}
_NO_DIFFERENCE: Final = (
    "nobody is asked, and what needs consent is set without any answer; so an answer changes "
    "nothing"
)
_NO_ANSWER: Final = "what is set without any answer is not known; add the state none"


def _waiting(case: Case, *steps: RunStep) -> list[Pair]:
    """Return what was set and has to wait for a yes."""
    return names(
        pair
        for pair in lasting(case, *steps)
        if case.site.needs_yes(pair[1].line.name, pair[1].host)
    )


def _refusable(case: Case, *steps: RunStep) -> list[Pair]:
    """Return what was set and may not be after a no."""
    return names(
        pair
        for pair in lasting(case, *steps)
        if case.site.needs_consent(pair[1].line.name, pair[1].host)
    )


def _is_scripted(pair: Pair) -> bool:
    return pair[1].setter == "script" or pair[1].kind != "cookie"


def _set_before_an_answer(case: Case) -> Iterator[Fault]:
    for pair in _waiting(case):
        if not _is_scripted(pair):
            yield fault(case, pair, "is set although nobody has said yes")
    demand_loaded(case)


def _stored_before_an_answer(case: Case) -> Iterator[Fault]:
    for pair in _waiting(case):
        if _is_scripted(pair):
            yield fault(case, pair, "is stored by a script although nobody has said yes")
    demand_loaded(case)


def _kept_after_a_no(case: Case) -> Iterator[Fault]:
    _demand(case, AFTER)
    yield from _remaining(case, ANSWER, AFTER, "after the no")


def _kept_after_withdrawal(case: Case) -> Iterator[Fault]:
    if case.run.name == "seeded":  # brings cookies from an earlier yes, and takes it back by a no
        yield from _kept_after_a_no(case)
        return
    _demand(case, AFTERWARDS)
    yield from _remaining(case, WITHDRAWAL, AFTERWARDS, "after the withdrawal")


def _demand(case: Case, step: RunStep) -> None:
    """See that the visitor came as far as that.

    Raises:
        UnverifiedError: Before that, cookies may be there with good reason.
    """
    if not any(view.step == step for view in case.run.views):
        raise UnverifiedError(case.run.unverified or f"nobody came as far as {step!r}")


def _remaining(case: Case, answer: RunStep, step: RunStep, when: str) -> Iterator[Fault]:
    told: set[tuple[bytes, str]] = set()
    since = replace(case.run, views=list(_since(case.run.views, answer, step)))
    for pair in _refusable(replace(case, run=since)):
        told.add((pair[1].line.name, _party(case, pair[1].host)))
        yield fault(case, pair, f"is set {when}")
    for seen in case.run.kept:
        party = _party(case, seen.host)
        key = seen.name, party
        if key not in told and case.site.needs_consent(seen.name, seen.host):
            told.add(key)
            said = f"{shown(seen.name)} is still there {when}"
            yield Fault(said=said, cookie=seen.name, aspect=party)
    demand_seen(case)


def _party(case: Case, host: str) -> str:
    """Return whose cookies those of a host are: empty for the site's own."""
    return owned(host) if is_foreign(host, case.evidence.base) else ""


def _since(views: Iterable[View], answer: RunStep, step: RunStep) -> Iterator[View]:
    """Yield what was met from the answer on; the page that its form stands on comes before it."""
    is_given = False
    for view in views:
        sends = view.method != "GET" or "choice" in parse_qs(urlsplit(view.path).query)
        is_given = is_given or (view.step == answer and sends)
        if view.step == step or (view.step == answer and is_given):
            yield view


def _forwarded(case: Case) -> Iterator[Fault]:
    seeded = case.run.name == "seeded"
    if not seeded:
        _demand(case, AFTERWARDS)
    views = [view for view in case.run.views if seeded or view.step == AFTERWARDS]
    if all(view.received is None for view in views):
        raise UnverifiedError(
            "what the application receives can be seen in process alone, behind the middleware"
        )
    own = {shown(s.line.name) for run in case.evidence.runs.values() for _, s in run.sightings()}
    told: set[str] = set()
    for view in views:
        for text in view.received or ():
            name = text.encode("ascii")
            if text not in told and _may_not_be_read(case, view, name):
                told.add(text)
                said = f"{text or 'a cookie without a name'} reaches the application without a yes"
                brought = (
                    "" if text in own else "; this audit brought it, as if from an earlier visit"
                )
                yield Fault(said=said + brought, view=view, cookie=name)


def _may_not_be_read(case: Case, view: View, name: bytes) -> bool:
    host = urlsplit(view.url).hostname
    asks = case.site.needs_yes if view.step == BEFORE else case.site.needs_consent
    return asks(name, host)


def _set_under_the_signal(case: Case) -> Iterator[Fault]:
    for pair in _refusable(case):
        name, host = pair[1].line.name, pair[1].host
        cls = case.site.classify(name, host).cls
        if case.site.needs_yes(name, host) or (cls is not None and case.site.shares(cls)):
            yield fault(case, pair, "is set although the browser sends Global Privacy Control")
    demand_seen(case)


def _honoured_though_changed(case: Case) -> Iterator[Fault]:
    yield from _honoured(case, AFTER, "an answer whose signature does not fit")


def _honoured_though_old(case: Case) -> Iterator[Fault]:
    yield from _honoured(case, BEFORE, "an answer that no longer counts")


def _honoured(case: Case, step: RunStep, answer: str) -> Iterator[Fault]:
    """Yield what the site does for this visitor, and for one without any answer does not."""
    none = case.evidence.runs.get("none")
    if none is None or not none.views:
        raise UnverifiedError(_NO_ANSWER)
    always = {(s.line.name, s.host) for _, s in none.sightings() if not s.line.deletes}
    names_always = {name for name, _ in always}
    for pair in _waiting(case, step):
        if pair[1].line.name not in names_always:
            yield fault(case, pair, f"is set for {answer}")
    asking = {_kind(view) for view in _asking(none.views)}
    if not asking and any(case.site.needs_yes(*one) for one in always):
        raise UnverifiedError(_NO_DIFFERENCE)
    for view in case.run.pages(step):
        if _kind(view) in asking and not list(_asking([view])):
            yield Fault(said=f"the page does not ask, as if {answer} did count", view=view)
            break
    demand_loaded(case)


def _kind(view: View) -> tuple[str, str, int | None]:
    """Return what two answers share that can be compared; a form's redirect shows no page."""
    return view.method, view.place, view.status


def _asking(views: Iterable[View]) -> Iterator[View]:
    for view in views:
        if view.page is not None and view.page.by_id(BANNER) is not None:
            yield view


def _set_for_another_class(case: Case) -> Iterator[Fault]:
    parts = case.run.state.partition(":")[2].split("+")
    if parts == [""]:
        raise UnverifiedError("the classes of the site are not known; add --declaration FILE")
    since = replace(case.run, views=list(_since(case.run.views, ANSWER, AFTER)))
    for pair in _refusable(replace(case, run=since)):
        if case.site.classify(pair[1].line.name, pair[1].host).cls not in parts:
            yield fault(case, pair, f"is set although only {' and '.join(parts)} was allowed")
    demand_seen(case)


def _is_answer(case: Case, pair: Pair) -> bool:
    name, host = pair[1].line.name, pair[1].host
    return case.site.is_own(name) or case.site.classify(name, host).cls == "consent"


def _answers(case: Case, run: Run, *steps: RunStep) -> dict[bytes, dict[str, Pair]]:
    """Return the cookies that keep a visitor's answer: by name, then by the digest of the value."""
    found: dict[bytes, dict[str, Pair]] = {}
    for pair in run.sightings(*steps):
        line = pair[1].line
        if not line.deletes and _is_answer(case, pair):
            found.setdefault(line.name, {}).setdefault(line.digest, pair)
    return found


def _visitors(
    case: Case, names: Iterable[str], *steps: RunStep
) -> list[dict[bytes, dict[str, Pair]]]:
    """Return the answers of visitors who all did the same, each with a jar of its own."""
    runs = [run for run in case.evidence.runs.values() if run.name in names]
    return [_answers(case, run, *steps) for run in runs if run.unverified is None]


def _is_unique(visitors: Sequence[Mapping[bytes, Mapping[str, Pair]]], name: bytes) -> bool | None:
    """Tell whether visitors who did the same got values of their own; `None` where few can say.

    What is signed holds the day: of visitors who came around midnight one may be the last of the old
    day or the first of the new one, and two alone tell nothing.
    """
    values = [set(answers[name]) for answers in visitors if name in answers]
    met = Counter(digest for digests in values for digest in digests)
    alone = sum(any(met[digest] == 1 for digest in digests) for digests in values)
    if len(values) < _ENOUGH:
        return None if alone or len(values) == 1 else False
    return alone > 1


def _identifying_answer(case: Case) -> Iterator[Fault]:
    name = case.run.name
    alike = next((states for states in (_REFUSING, _AGREEING) if name in states), ())
    visitors = _visitors(case, alike, ANSWER, AFTER)
    unclear = False
    for key, values in _answers(case, case.run, *_ANSWERED).items():
        pair = next((p for p in values.values() if not p[1].line.signed), None)
        if case.site.is_own(key) and pair is not None:
            yield fault(case, pair, _NOT_SIGNED, "unsigned")
        elif name == "rejected" or (case.site.is_own(key) and name == "accepted"):
            unique = _is_unique(visitors, key)
            unclear = unclear or unique is None
            if unique:
                yield fault(case, [*values.values()][-1], _kept_apart(name, visitors, key))
    if unclear:
        raise UnverifiedError(_FEW[name] if case.evidence.walks else _NOT_COMPARED)


def _kept_apart(state: str, visitors: Sequence[Mapping[bytes, object]], name: bytes) -> str:
    number = sum(name in answers for answers in visitors)
    kept = "no" if state == "rejected" else "yes"
    return f"keeps a {kept}, and is another one for each of {number} visitors"


def _answered_by_nobody(case: Case) -> Iterator[Fault]:
    visitors = _visitors(case, _FRESH, BEFORE)
    agreed = _visitors(case, ["accepted"], ANSWER, AFTER)
    unclear = None
    for name, values in _answers(case, case.run).items():
        pair, unique = next(iter(values.values())), _is_unique(visitors, name)
        positive = any(not values.keys().isdisjoint(yes.get(name, ())) for yes in agreed)
        if unique:
            others = sum(name in answers for answers in visitors)
            said = f"keeps no answer, and is another one for each of {others} who gave none"
            yield replace(fault(case, pair, said), severity="high")
        elif positive or case.site.is_own(name):
            yield fault(case, pair, "keeps an answer before anybody has given one")
        else:
            unclear = f"{shown(name)} is set before an answer; what it says cannot be told"
    if unclear is not None:
        raise UnverifiedError(unclear)


def _tracker_asked(case: Case) -> Iterator[Fault]:
    told: set[str] = set()
    for view in case.run.views:
        if case.run.name in _REFUSING and view.step != AFTER:
            continue
        for address in view.requests:
            host = urlsplit(address).hostname or ""
            cls = case.site.tracks(host) if is_foreign(host, case.evidence.base) else None
            if cls is not None and host not in told:
                told.add(host)
                said = f"the browser asks {shown(host.encode())} ({cls}) although there is no yes"
                yield Fault(said=said, view=view, aspect=host)
    demand_loaded(case)


_DEFAULTS = re.compile(
    r"""(?:gtag\s*\(|\[)\s*(['"`])consent\1\s*,\s*(['"`])default\2\s*,\s*(\{[^}]*\})?""",
    re.IGNORECASE,
)
_GRANTED = re.compile(
    r"""['"`]?(ad_storage|ad_user_data|ad_personalization|analytics_storage|personalization_storage)"""
    r"""['"`]?\s*:\s*['"`]granted['"`]""",
    re.IGNORECASE,
)
_REGION = re.compile(r"""['"]?region['"]?\s*:""")


def _granted_by_default(case: Case) -> Iterator[Fault]:
    told: set[str] = set()
    unclear = False
    for view in case.run.pages():
        for script in () if view.page is None else view.page.scripts:
            found = [match[3] for match in _DEFAULTS.finditer(script)]
            unclear = unclear or None in found
            # A default for regions is one for others than all visitors.
            defaults = [text for text in found if text and not _REGION.search(text)]
            granted = {kind for text in defaults for kind in _GRANTED.findall(text)}
            for kind in sorted(granted - told):
                told.add(kind)
                said = f"{kind} is granted by default, before any answer"
                yield Fault(said=said, view=view, aspect=kind)
    if unclear:
        raise UnverifiedError(
            "the default of Google's consent mode is computed; write it down in the call itself"
        )


def _asks_for_nothing(case: Case) -> Iterator[Fault]:
    runs = case.evidence.runs
    banner = next(_asking(case.run.views), None)
    if banner is None or _is_due(case):
        return
    accepted = runs.get("accepted")
    if accepted is None or accepted.unverified is not None:
        raise UnverifiedError("what is set after a yes is not known; add the state accepted")
    blind = unseen(case.evidence, runs.values())
    if blind is not None:
        raise UnverifiedError(blind)
    yield Fault(
        said="the banner asks, but nothing that needs consent was seen in any state", view=banner
    )


def _is_due(case: Case) -> bool:
    """Tell whether something that needs consent is declared or was seen."""
    config = case.site.config
    declared = () if config is None else config.cookies
    return any(case.site.regime(cookie.cls) != "exempt" for cookie in declared) or any(
        case.site.needs_consent(sighting.line.name, sighting.host)
        for run in case.evidence.runs.values()
        for _, sighting in run.sightings()
        if not sighting.line.deletes
    )


_STORAGE: Final = "Directive 2002/58/EC (ePrivacy), article 5(3)"
_SCOPE: Final = (
    "EDPB, Guidelines 2/2023 on the technical scope of article 5(3) of the ePrivacy Directive"
)
_BLOCKED: Final = (
    "Put CookieConsentMiddleware outermost, with enforce=True; "
    "then what Config.cookies does not declare as exempt waits for a yes."
)

CHECKS: Final = (
    Check(
        id="CC101",
        family="consent",
        severity="critical",
        title="No cookie that needs consent is set before there is an answer",
        why="Somebody who only looks at a page is already followed.",
        sources=(
            _STORAGE,
            "Regulation (EU) 2016/679 (GDPR), articles 4(11), 6(1)(a) and 7",
        ),
        fix=_BLOCKED,
        judge=_set_before_an_answer,
        states=_UNANSWERED,
    ),
    Check(
        id="CC102",
        family="consent",
        severity="critical",
        title="No script stores what needs consent before there is an answer",
        why="The rule speaks of the device, not of cookies: storage of any kind counts, however "
        "short.",
        sources=(
            _STORAGE,
            f"{_SCOPE}, paragraphs 35 to 38",
        ),
        fix="Load the script only where consent.allows(...) of its class holds, or keep it from "
        'loading with csp_gate="enforce" and its host in csp_hosts.',
        judge=_stored_before_an_answer,
        states=_UNANSWERED,
        needs=frozenset({"browser"}),
    ),
    Check(
        id="CC103",
        family="consent",
        severity="critical",
        title="No cookie that needs consent is set or kept after a no",
        why="A no that changes nothing is none. It often shows on the next page only.",
        sources=(_STORAGE, "Regulation (EU) 2016/679 (GDPR), article 6(1)(a)"),
        fix=f"{_BLOCKED} In your own code, ask consent.allows(...) before you set it.",
        judge=_kept_after_a_no,
        states=frozenset({"rejected", "nojs"}),
    ),
    Check(
        id="CC104",
        family="consent",
        severity="critical",
        title="No cookie that needs consent outlives the withdrawal",
        why="A yes that cannot be taken back was none.",
        sources=("Regulation (EU) 2016/679 (GDPR), article 7(3)", _STORAGE),
        fix="Declare the cookie in Config.cookies with the domain and path it is set with, so that the "
        "middleware can delete it; parents of the host go into Config.domains.",
        judge=_kept_after_withdrawal,
        states=frozenset({"withdrawn", "seeded"}),
    ),
    Check(
        id="CC105",
        family="consent",
        severity="critical",
        title="No cookie that needs consent reaches the application without a yes",
        why="Reading what is stored needs consent as storing does.",
        sources=(
            f"{_STORAGE}: gaining of access to information already stored",
            f"{_SCOPE}, paragraphs 30 to 32",
        ),
        fix="Put CookieConsentMiddleware outside of whatever reads cookies; it hides them from the "
        "application. Declare nothing as exempt that is not.",
        judge=_forwarded,
        states=frozenset({"withdrawn", "seeded"}),
    ),
    Check(
        id="CC106",
        family="consent",
        severity="high",
        title="Global Privacy Control is taken as a no until there is another answer",
        why="The signal asks that a person's data be neither sold nor shared with third parties. "
        "Whether it binds is for the law of the place; this package takes it for a no.",
        sources=(
            "W3C, Global Privacy Control (GPC): the Sec-GPC header field",
            "Regulation (EU) 2016/679 (GDPR), article 21(5)",
        ),
        fix=f"{_BLOCKED} It honours Sec-GPC by itself; mark classes that share data by "
        "shares_with_third_parties=True.",
        judge=_set_under_the_signal,
        states=frozenset({"gpc"}),
    ),
    Check(
        id="CC107",
        family="consent",
        severity="critical",
        title="An answer that was changed or made by somebody else does not count",
        why="Whoever can write a cookie could say yes in a visitor's name.",
        sources=("Regulation (EU) 2016/679 (GDPR), articles 5(1)(f) and 7(1)",),
        fix="Leave signing to the middleware, with a Config.secret_key of this site alone, and read "
        "answers by consent_of(...) instead of from the cookie.",
        judge=_honoured_though_changed,
        states=frozenset({"tampered"}),
    ),
    Check(
        id="CC108",
        family="consent",
        severity="high",
        title="An answer to an older question does not count",
        why="Nobody has agreed to what was added since.",
        sources=(
            "Regulation (EU) 2016/679 (GDPR), articles 4(11) and 7(1)",
            "EDPB, Guidelines 05/2020 on consent, paragraph 110",
        ),
        fix="Read answers by consent_of(...): the middleware asks again when a class changes. Raise "
        "CookieClass(version=...) for changes that the declarations do not show.",
        judge=_honoured_though_old,
        states=frozenset({"stale"}),
    ),
    Check(
        id="CC109",
        family="consent",
        severity="high",
        title="A yes to one class is no yes to another",
        why="Visitors choose among purposes; the choice must have an effect.",
        sources=("Regulation (EU) 2016/679 (GDPR), article 4(11), recitals 32 and 43",),
        fix="Declare each cookie in Config.cookies with the class it belongs to.",
        judge=_set_for_another_class,
        states=frozenset({"partial"}),
    ),
    Check(
        id="CC110",
        family="consent",
        severity="medium",
        title="The cookie that keeps an answer says nothing of who gave it",
        why="A visitor who refuses to be followed would be followed by the refusal; and whatever hides "
        "under the name of the consent cookie outlives every no.",
        sources=("Regulation (EU) 2016/679 (GDPR), article 5(1)(c)",),
        fix="Leave the answer to the middleware's own cookie: it holds the classes and the day, the "
        "same for all who answered alike.",
        judge=_identifying_answer,
        states=frozenset({"rejected", "accepted", "partial", "withdrawn", "gpc"}),
    ),
    Check(
        id="CC111",
        family="consent",
        severity="medium",
        title="No answer is stored before one was given",
        why="A stored yes that nobody gave is no consent.",
        sources=("Regulation (EU) 2016/679 (GDPR), articles 4(11) and 7(1)",),
        fix="Let the middleware alone set Config.cookie_name; it does so when the form is sent.",
        judge=_answered_by_nobody,
        states=_UNANSWERED,
    ),
    Check(
        id="CC112",
        family="consent",
        severity="high",
        title="No tracker's host is asked without a yes",
        why="The request alone tells it address, browser and page. What it does with that, nobody "
        "can see from here.",
        sources=(
            _STORAGE,
            "Regulation (EU) 2016/679 (GDPR), article 6(1)",
            f"{_SCOPE}, paragraphs 33, 34 and 47 to 51",
        ),
        fix='Put the host into csp_hosts under its class, with csp_gate="enforce", or write what loads '
        "it only where consent.allows(...) holds.",
        judge=_tracker_asked,
        states=frozenset({"none", "ignored", "rejected"}),
        needs=frozenset({"browser"}),
    ),
    Check(
        id="CC113",
        family="consent",
        severity="low",
        title="Google's consent mode begins with denied",
        why="With granted as its default, Google's tags store and send before there is an answer.",
        sources=(_STORAGE, "Google: consent mode, gtag('consent', 'default', ...)"),
        fix="Write 'denied' as the default, and 'granted' only where consent.allows(...) of the class "
        "holds.",
        judge=_granted_by_default,
        states=_UNANSWERED,
    ),
    Check(
        id="CC114",
        family="consent",
        severity="info",
        title="A banner asks only where something needs consent",
        why="A question about nothing teaches visitors to click questions away.",
        sources=(f"{_STORAGE}: what is strictly necessary needs no consent",),
        fix='Declare in Config.cookies what needs consent; if there is nothing, write shape="none" and '
        "settings_link=False.",
        judge=_asks_for_nothing,
        states=frozenset({"none"}),
        needs=frozenset({"walk"}),
    ),
)
