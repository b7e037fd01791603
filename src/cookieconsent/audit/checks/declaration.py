"""Declaration: what the site says of its cookies is true and complete.

Some of it can be judged by the declarations alone; that is done once, in the state `none`.
May not enter: how cookies are classed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import combinations
from typing import Final

from cookieconsent.audit.check import Case, Check, Fault, Need
from cookieconsent.audit.checks.sightings import (
    anywhere,
    cookies,
    demand_seen,
    lasting,
    names,
    refused,
    subject,
    unseen,
)
from cookieconsent.audit.evidence import Run, Sighting, View
from cookieconsent.audit.hosts import is_foreign
from cookieconsent.audit.labels import own_languages
from cookieconsent.audit.site import EarlierCookie
from cookieconsent.audit.steps import PROBE
from cookieconsent.audit.unverified import UnverifiedError
from cookieconsent.core.lifetime import SESSION, write
from cookieconsent.core.reasons import overruled
from cookieconsent.core.registry import Cookie, CookieClass, glob_matches
from cookieconsent.engine.consent import languages_of
from cookieconsent.observation.lines import shown

_STRETCH: Final = 1.5
_DAY: Final = timedelta(days=1)
_MIN_LITERAL: Final = 3
_NAMED: Final = 5
"""How many cookies a sentence names."""
_BUCKETS: Final = frozenset(
    {
        "misc",
        "miscellaneous",
        "other",
        "others",
        "unclassified",
        "uncategorised",
        "uncategorized",
        "unknown",
        "various",
    }
)


def _declared(case: Case) -> tuple[Cookie, ...]:
    return () if case.site.config is None else tuple(case.site.config.cookies)


def _quoted(cookie: Cookie) -> str:
    return shown(cookie.key)


def _undeclared(case: Case) -> Iterator[Fault]:
    for view, sighting in names(anywhere(case)):
        if _is_undeclared(case, sighting):
            said = f"{subject(sighting)} is set and not declared{refused(sighting)}"
            yield Fault(said=said, view=view, sighting=sighting)
    for view, sighting in names(case.evidence.kept_back(case.run)):
        if _is_undeclared(case, sighting):
            said = (
                f"{subject(sighting)} is set by the application and not declared, so the middleware "
                "keeps it back"
            )
            yield Fault(said=said, view=view, sighting=sighting, severity="low")
    demand_seen(case)


def _is_undeclared(case: Case, sighting: Sighting) -> bool:
    name = sighting.line.name
    # One without a name cannot be declared; another check speaks of it.
    if case.site.is_own(name) or not name or sighting.kind != "cookie":
        return False
    return not case.site.declarations(name, sighting.host)


def _never_seen(case: Case) -> Iterator[Fault]:
    runs = case.evidence.runs.values()
    seen = {
        sighting.line.name
        for run in runs
        for _, sighting in (*run.sightings(), *run.sightings(PROBE))
        if not sighting.line.deletes
    }
    dead = [
        cookie
        for cookie in dict.fromkeys(_declared(case))
        if not any(_covers(cookie, name) for name in seen)
    ]
    reason = _not_exercised(case) if dead else None
    if reason is not None:
        more = f" and {len(dead) - _NAMED} more" if len(dead) > _NAMED else ""
        named = ", ".join(map(_quoted, dead[:_NAMED])) + more
        raise UnverifiedError(f"declared, but not seen: {named}; and {reason}")
    for cookie in dead:
        yield Fault(
            said=f"{_quoted(cookie)} is declared and was set in no state", cookie=cookie.key
        )


def _covers(cookie: Cookie, name: bytes) -> bool:
    return glob_matches(cookie.key, name) if cookie.is_glob else cookie.key == name


def _not_exercised(case: Case) -> str | None:
    """Return why a cookie may have been missed, `None` if all of the site was made use of."""
    evidence = case.evidence
    runs = list(evidence.runs.values())
    broken = next((run.unverified for run in runs if run.unverified is not None), None)
    if broken is not None:
        return broken
    if evidence.missed:
        missed = len(evidence.missed)
        return f"{missed} pages were not looked at" if missed > 1 else "1 page was not looked at"
    if _has_idle_forms(case, runs):
        return "nobody filled in the site's forms; let a hook do so, see --login"
    return unseen(evidence, runs)


def _has_idle_forms(case: Case, runs: Iterable[Run]) -> bool:
    """Tell whether there are forms that do something and none of them was ever sent."""
    own = case.site.path
    views = [view for run in runs for view in run.views]
    if any(view.method == "POST" and view.place != own for view in views):
        return False
    return any(
        form.is_post and not form.action.partition("?")[0].endswith(own)
        for view in views
        if view.page is not None
        for form in view.page.forms
    )


def _called_exempt(case: Case) -> Iterator[Fault]:
    for cookie in _declared(case):
        if case.site.regime(cookie.cls) != "exempt":
            continue
        for rule in overruled(case.site.registry, cookie):
            known = rule.classification
            if known.cls is not None and CookieClass(known.cls).regime != "exempt":
                by = f" of {known.vendor}" if known.vendor else ""
                yield Fault(
                    said=f"{_quoted(cookie)} is declared as {cookie.cls}, which is exempt; "
                    f"{shown(rule.pattern)}{by} is known as {known.cls}",
                    cookie=cookie.key,
                )
                break


def _outliving(case: Case) -> Iterator[Fault]:
    for view, sighting in cookies(case):
        lifetime = sighting.line.lifetime
        told = [
            cookie
            for cookie in case.site.declarations(sighting.line.name, sighting.host)
            if cookie.lifetime is not None
        ]
        if lifetime is None or not told or any(_is_within(lifetime, cookie) for cookie in told):
            continue
        said = (
            f"{subject(sighting)} is kept for {write(lifetime)} and declared for "
            f"{_lifetime_of(told[0])}{refused(sighting)}"
        )
        yield Fault(said=said, view=view, sighting=sighting)
    demand_seen(case)


def _is_within(lifetime: timedelta, cookie: Cookie) -> bool:
    declared = cookie.max_age
    if declared is None:
        return False
    return lifetime <= declared * _STRETCH or lifetime - declared < _DAY


def _lifetime_of(cookie: Cookie) -> str:
    return "the session" if cookie.lifetime == SESSION else write(cookie.max_age)


def _crossing(case: Case) -> Iterator[Fault]:
    globs = [cookie for cookie in _declared(case) if cookie.is_glob]
    for one, other in combinations(globs, 2):
        if one.cls != other.cls and _do_cross(one.key, other.key):
            yield Fault(
                said=f"{_quoted(one)} is declared as {one.cls} and {_quoted(other)} as {other.cls}, "
                "and there are names that both of them cover",
                cookie=one.key,
                aspect=_quoted(other),
            )


def _do_cross(one: bytes, other: bytes) -> bool:
    """Tell whether some name fits both globs, and neither is a part of the other.

    Their stars take up whatever the other wants in between, so beginnings and ends decide.
    """
    if glob_matches(one, other) or glob_matches(other, one):
        return False
    (head, _, _), (_, _, tail) = one.partition(b"*"), one.rpartition(b"*")
    (start, _, _), (_, _, end) = other.partition(b"*"), other.rpartition(b"*")
    begins = head.startswith(start) or start.startswith(head)
    return begins and (tail.endswith(end) or end.endswith(tail))


def _other_party(case: Case) -> Iterator[Fault]:
    for view, sighting in names(lasting(case)):
        told = case.site.declarations(sighting.line.name, sighting.host)
        foreign = is_foreign(sighting.host, case.evidence.base)
        if not told or any(
            _is_foreign_by(cookie, case, sighting.host) == foreign for cookie in told
        ):
            continue
        by, declared = ("another host", "of this site") if foreign else ("this site", "of another")
        said = f"{subject(sighting)} is declared as one {declared} and set by {by}: {sighting.host}"
        yield Fault(said=said + refused(sighting), view=view, sighting=sighting)
    demand_seen(case)


def _is_foreign_by(cookie: Cookie, case: Case, host: str) -> bool:
    """Tell whether a declaration speaks of another party; for a foreign host, of that one."""
    if cookie.domain is None or not is_foreign(cookie.domain, case.evidence.base):
        return False
    own = host == cookie.domain or host.endswith("." + cookie.domain)
    return own or not is_foreign(host, case.evidence.base)


def _incomplete(case: Case) -> Iterator[Fault]:
    for cookie in _declared(case):
        if cookie.missing and case.site.regime(cookie.cls) != "exempt":
            said = f"{_quoted(cookie)} is declared without its {' and '.join(cookie.missing)}"
            yield Fault(said=said, cookie=cookie.key, aspect=" ".join(cookie.missing))


def _unclassified(case: Case) -> Iterator[Fault]:
    for cookie in _declared(case):
        if cookie.cls in _BUCKETS:
            said = f"{_quoted(cookie)} is declared as {cookie.cls}, which says nothing"
            yield Fault(said=said, cookie=cookie.key)


def _too_broad(case: Case) -> Iterator[Fault]:
    declared = _declared(case)
    for cookie in declared:
        if not cookie.is_glob:
            continue
        if len(cookie.key.replace(b"*", b"")) < _MIN_LITERAL:
            said = f"{_quoted(cookie)} covers nearly every name that begins or ends like it"
            yield Fault(said=said, cookie=cookie.key)
            continue
        for other in declared:
            if other.cls != cookie.cls and glob_matches(cookie.key, other.key):
                said = f"{_quoted(cookie)} is {cookie.cls} and covers {_quoted(other)}, {other.cls}"
                yield Fault(said=said, cookie=cookie.key, aspect=_quoted(other))
                break


def _changed(case: Case) -> Iterator[Fault]:
    earlier = {(cookie.kind, cookie.name): cookie for cookie in case.site.earlier or ()}
    for view, sighting in names(lasting(case)):
        line, key = sighting.line, (sighting.kind, shown(sighting.line.name))
        if case.site.is_own(line.name):
            continue
        if key not in earlier:
            said = f"{subject(sighting)} is new since the earlier report"
            yield Fault(said=said, view=view, sighting=sighting)
            continue
        before, now = earlier[key], case.site.classify(line.name, sighting.host)
        seconds = None if line.lifetime is None else int(line.lifetime.total_seconds())
        facts = (
            ("class", before.cls, now.cls),
            ("vendor", before.vendor, now.vendor),
            ("lifetime", before.lifetime is None, seconds is None),
        )
        changed = [label for label, old, new in facts if old != new]
        if "lifetime" not in changed and _is_longer(before.lifetime, seconds):
            changed.append("lifetime")
        if changed:
            said = f"{subject(sighting)} has another {' and '.join(changed)} than in the earlier report"
            yield Fault(said=said, view=view, sighting=sighting, aspect=" ".join(changed))
        weaker = _weaker_everywhere(case, before, sighting)
        if weaker:
            told = ", ".join(weaker.values())
            said = f"{subject(sighting)} is less guarded than in the earlier report: {told}"
            yield Fault(said=said, view=view, sighting=sighting, aspect=" ".join(weaker))


def _weaker_everywhere(case: Case, before: EarlierCookie, sighting: Sighting) -> dict[str, str]:
    """Return what guards a cookie less than before; nothing where some line of it is as it was.

    A report has one line of each cookie alone, and pages may set it in several ways.
    """
    found = _weaker(before, sighting)
    if not found or sighting.kind != "cookie":
        return {}
    lines = (
        other
        for run in case.evidence.runs.values()
        for _, other in run.sightings()
        if (other.kind, other.line.name) == (sighting.kind, sighting.line.name)
    )
    return found if all(_weaker(before, o) for o in lines if not o.line.deletes) else {}


def _weaker(before: EarlierCookie, sighting: Sighting) -> dict[str, str]:
    """Return by attribute in what way it guards a cookie less than before."""
    old, line = before.attributes, sighting.line
    if old is None:
        return {}
    found = {
        name: f"without {name}"
        for name in ("Secure", "HttpOnly", "Partitioned")
        if name.lower() in old and not line.has(name.lower())
    }
    was, now = old.get("samesite", ""), line.get("samesite") or ""
    if _guards(was) > _guards(now):
        found["SameSite"] = f"SameSite={now} instead of {was}" if now else "without SameSite"
    if not old.get("domain") and line.get("domain"):
        found["Domain"] = "sent to sub-domains (Domain)"
    return found


def _guards(same_site: str) -> int:
    """Tell how far `SameSite` keeps a cookie from other sites: where it is missing, browsers differ."""
    return {"strict": 3, "lax": 2, "none": 0}.get(same_site.lower(), 1)


def _is_longer(before: int | None, now: int | None) -> bool:
    """Tell whether a lifetime has changed by more than a day; clocks are no reason to complain."""
    return before is not None and now is not None and abs(now - before) > _DAY.total_seconds()


def _listed_otherwise(case: Case) -> Iterator[Fault]:
    yield from _half_translated(case)
    yield from _listed_in_part(case)


def _listed_in_part(case: Case) -> Iterator[Fault]:
    view = next((v for v in case.run.pages() if v.place == case.site.path), None)
    listed = set() if view is None else _listed(view)
    if view is None or not listed:
        raise UnverifiedError(
            f"no list of cookies was seen on {case.site.path}; if the preferences page stands "
            "elsewhere, set path"
        )
    declared = {(cookie.cls, cookie.name) for cookie in _declared(case)}
    declared.add(("consent", case.site.cookie_name or ""))
    language = f" (in {view.page.language})" if view.page is not None and view.page.language else ""
    for cls, name in sorted(declared - listed):
        said = f"the preferences page{language} does not list {shown(name.encode())} under {cls}"
        yield Fault(said=said, view=view, cookie=name.encode(), aspect=f"not listed {cls}")
    # What the visitor's browser has sent, the page lists as well where the catalogue knows it.
    for cls, name in sorted(pair for pair in listed - declared if pair[1] not in view.sent):
        said = (
            f"the preferences page{language} lists {shown(name.encode())} under {cls}, undeclared"
        )
        yield Fault(said=said, view=view, cookie=name.encode(), aspect=f"listed {cls}")


def _half_translated(case: Case) -> Iterator[Fault]:
    """Yield purposes that are left in another language where the site translates others of them."""
    config = case.site.config
    if config is None or not (config.translations or config.texts):
        return
    languages = languages_of(config)
    # A single word may be the same one elsewhere.
    told = {c.purpose: c for c in _declared(case) if c.purpose is not None and " " in c.purpose}
    for name in own_languages(config, languages):
        own = languages.words(name).own
        left = [cookie for purpose, cookie in told.items() if own(purpose) == purpose]
        for cookie in left if len(left) < len(told) else []:
            said = f"in {name!r} the purpose of {_quoted(cookie)} is not translated, others are"
            yield Fault(said=said, cookie=cookie.key, aspect=name)


_SECTION: Final = "cookieconsent-class-"


def _listed(view: View) -> set[tuple[str, str]]:
    """Return the cookies that a preferences page lists, each with its class."""
    found = set()
    for element in () if view.page is None else view.page.elements:
        sections = [name for name in element.within if name.startswith(_SECTION)]
        if sections and element.tag == "th" and element.get("scope") == "row":
            found.add((sections[-1].removeprefix(_SECTION), element.text.strip()))
    return found


_INFORMED: Final = (
    "Court of Justice of the European Union, C-673/17 (Planet49), paragraphs 74 to 81: lifetime "
    "and third parties"
)
_TASKFORCE: Final = "EDPB, report of the Cookie Banner Taskforce (17 January 2023)"
_ARTICLE_13: Final = "Regulation (EU) 2016/679 (GDPR), article 13"
_CONTRADICTIONS: Final = "Bollinger et al., Automating Cookie Consent and GDPR Violation Detection"
_DECLARATION: Final[frozenset[Need]] = frozenset({"declaration"})
_ONCE: Final = frozenset({"none"})

CHECKS: Final = (
    Check(
        id="CC201",
        family="declaration",
        severity="high",
        title="Every cookie is declared",
        why="Visitors cannot agree to what they are not told of. What the application sets and the "
        "middleware keeps back for want of a declaration is told in process, as a low finding: nobody "
        "is followed, but what the cookie is for does not work.",
        sources=(_INFORMED, _ARTICLE_13),
        fix="Add a Cookie(name, class, purpose=..., provider=..., lifetime=...) to Config.cookies "
        "(-f declaration drafts it), or take out what sets it.",
        judge=_undeclared,
        needs=_DECLARATION,
    ),
    Check(
        id="CC202",
        family="declaration",
        severity="medium",
        title="Every declared cookie is set somewhere",
        why="A list of what is long gone hides what is there.",
        sources=("Regulation (EU) 2016/679 (GDPR), articles 5(1)(a) and 12(1)",),
        fix="Take the entry out of Config.cookies, or let the audit visit the page that sets it.",
        judge=_never_seen,
        states=frozenset({"accepted"}),
        needs=_DECLARATION | {"walk"},
    ),
    Check(
        id="CC203",
        family="declaration",
        severity="high",
        title="Nothing that is known to need consent is declared as exempt",
        why="It would pass without a yes. That a cookie is strictly necessary is for the site to "
        "show.",
        sources=(
            "Directive 2002/58/EC (ePrivacy), article 5(3)",
            "Article 29 Working Party, Opinion 04/2012 on Cookie Consent Exemption (WP 194), section 3",
            f"{_TASKFORCE}, type I practice, paragraphs 26 to 30",
        ),
        fix="Give the Cookie in Config.cookies the class that is named here.",
        judge=_called_exempt,
        states=_ONCE,
        needs=_DECLARATION,
    ),
    Check(
        id="CC204",
        family="declaration",
        severity="high",
        title="No cookie is kept much longer than declared",
        why="Visitors agreed to less. Half as long again passes, and less than a day more.",
        sources=(_INFORMED, "Regulation (EU) 2016/679 (GDPR), article 13(2)(a)"),
        fix="Set the cookie with the declared Max-Age, or write the true time into its lifetime in "
        "Config.cookies.",
        judge=_outliving,
        needs=_DECLARATION,
    ),
    Check(
        id="CC205",
        family="declaration",
        severity="medium",
        title="No two declarations disagree about a name",
        why="What such a cookie is for depends on which of them one reads.",
        sources=(_CONTRADICTIONS, "Regulation (EU) 2016/679 (GDPR), article 12(1)"),
        fix="Make one of the two globs in Config.cookies narrower, or declare the names themselves.",
        judge=_crossing,
        states=_ONCE,
        needs=_DECLARATION,
    ),
    Check(
        id="CC206",
        family="declaration",
        severity="medium",
        title="Cookies belong to the party that they are declared for",
        why="Whether somebody else has access is part of what visitors must be told.",
        sources=(_INFORMED, "Regulation (EU) 2016/679 (GDPR), article 13(1)(e)"),
        fix="Write the domain of the other party into the domain of the Cookie in Config.cookies.",
        judge=_other_party,
        needs=_DECLARATION,
    ),
    Check(
        id="CC207",
        family="declaration",
        severity="medium",
        title="Declarations say purpose, provider and lifetime",
        why="A yes is informed only if the question says what to.",
        sources=(_INFORMED, _ARTICLE_13),
        fix="Write purpose, provider and lifetime of the Cookie in Config.cookies; strict=True makes "
        "their absence an error.",
        judge=_incomplete,
        states=_ONCE,
        needs=_DECLARATION,
    ),
    Check(
        id="CC208",
        family="declaration",
        severity="medium",
        title="No cookie is declared under a class that says nothing",
        why="A class for the rest has no purpose, and nobody can agree to what has none.",
        sources=(_CONTRADICTIONS, "Regulation (EU) 2016/679 (GDPR), article 5(1)(b)"),
        fix="Find out what the cookie is for (cookieconsent explain NAME), and give it that class.",
        judge=_unclassified,
        states=_ONCE,
        needs=_DECLARATION,
    ),
    Check(
        id="CC209",
        family="declaration",
        severity="low",
        title="Globs cover what they mean and no more",
        why="The next cookie with a like name may be another thing, and would count as declared.",
        sources=("Regulation (EU) 2016/679 (GDPR), article 5(1)(b)",),
        fix="Write more of the name before the * in Config.cookies, or the names themselves.",
        judge=_too_broad,
        states=_ONCE,
        needs=_DECLARATION,
    ),
    Check(
        id="CC210",
        family="declaration",
        severity="medium",
        title="Cookies are what they were in the earlier report",
        why="What has changed was not in what visitors agreed to. Of attributes, those are compared "
        "that guard a cookie: Secure, HttpOnly, SameSite, Partitioned, and Domain, which widens it.",
        sources=(
            "Regulation (EU) 2016/679 (GDPR), articles 4(11) and 13",
            "EDPB, Guidelines 05/2020 on consent, paragraph 110",
        ),
        fix="Bring Config.cookies up to date; raise CookieClass(version=...) so that visitors are "
        "asked again.",
        judge=_changed,
        needs=frozenset({"earlier"}),
    ),
    Check(
        id="CC211",
        family="declaration",
        severity="high",
        title="The preferences page lists what is declared",
        why="Visitors decide by that list, in the language that they read. The page is seen in one "
        "language; the others are judged by the translations of purposes.",
        sources=(_INFORMED, _ARTICLE_13),
        fix="Audit with the declarations that the site runs with (--declaration FILE), and keep the "
        "list of the middleware in a layout of your own. Translate every purpose, in "
        "Config.translations or Config.texts.",
        judge=_listed_otherwise,
        states=frozenset({"partial"}),
        needs=_DECLARATION,
    ),
)
