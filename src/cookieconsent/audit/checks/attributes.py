"""Attributes: cookies that cannot be stolen, kept too long, or sent too far.

What only deletes is left out. A browser's own refusal is told with the fault.
May not enter: how cookies are classed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from cookieconsent.audit.check import Case, Check, Fault
from cookieconsent.audit.checks.sightings import Pair, cookies, lasting, refused, subject
from cookieconsent.audit.evidence import Sighting, View
from cookieconsent.audit.severity import Severity
from cookieconsent.audit.steps import PROBE
from cookieconsent.audit.unverified import UnverifiedError
from cookieconsent.core.lifetime import write
from cookieconsent.core.registry import CookieClass
from cookieconsent.observation.lines import shown

_BROWSER_LIMIT: Final = timedelta(days=400)
# Thirteen months, whichever months they are.
_CONSENT_LIMIT: Final = timedelta(days=397)
_ANSWER_LIMIT: Final = timedelta(days=185)  # six months, the longest way to count them
_YEAR: Final = timedelta(days=366)  # twelve months, the longest way to count them
_NEED_LIMIT: Final = timedelta(days=7)
_MAX_PAIR_OCTETS: Final = 4096
_MAX_LINES_OCTETS: Final = 8192
_MAX_COOKIES: Final = 50
# Scripts must read form tokens to send them along; balancers' marks are worth nothing to a thief.
_READABLE: Final = re.compile(
    rb"csrf|xsrf|antiforgery|requestverification|^awsalb|^arraffinity|^aslb", re.IGNORECASE
)
_SIGNS_IN: Final = re.compile(rb"sess|log-?_?in|sign-?_?in|auth(?!enticity)", re.IGNORECASE)
"""What such a name may not hold besides: a session that is named after its form token is one."""
_PASSWORD: Final = re.compile(rb"passw(?:or)?d|passwort|(?:^|[_.-])pwd(?:$|[_.-])", re.IGNORECASE)
_SAME_SITE: Final = frozenset({"strict", "lax", "none"})
_TECHNOLOGIES: Final = (
    (re.compile(rb"PHPSESSID"), "PHP"),
    (re.compile(rb"JSESSIONID(?:\..*)?"), "Java servlets"),
    (re.compile(rb"ASP\.NET_SessionId|\.ASPXAUTH|\.AspNet\..*"), "ASP.NET"),
    (re.compile(rb"\.AspNetCore\..*"), "ASP.NET Core"),
    (re.compile(rb"ASPSESSIONID.*"), "classic ASP"),
    (re.compile(rb"CFID|CFTOKEN"), "ColdFusion"),
    (re.compile(rb"connect\.sid"), "Express"),
    (re.compile(rb"laravel_session"), "Laravel"),
    (re.compile(rb"ci_session"), "CodeIgniter"),
    (re.compile(rb"CAKEPHP"), "CakePHP"),
    (re.compile(rb"wordpress_.*|wp-settings-.*"), "WordPress"),
    (re.compile(rb"fe_typo_user"), "TYPO3"),
)


def _cls(case: Case, sighting: Sighting) -> str | None:
    if case.site.is_own(sighting.line.name):
        return "consent"
    return case.site.classify(sighting.line.name, sighting.host).cls


def _is_exempt(case: Case, sighting: Sighting) -> bool:
    return not case.site.needs_consent(sighting.line.name, sighting.host)


def _own(case: Case) -> list[Pair]:
    """Return the cookies that the site can set otherwise."""
    return [pair for pair in cookies(case) if pair[1].setter != "third party"]


def _fault(pair: Pair, what: str, severity: Severity | None = None, aspect: str = "") -> Fault:
    view, sighting = pair
    said = f"{subject(sighting)} {what}{refused(sighting)}"
    return Fault(said=said, view=view, sighting=sighting, severity=severity, aspect=aspect)


def _needs_secure(sighting: Sighting) -> str | None:
    """Return what a line has that browsers take together with `Secure` alone."""
    line = sighting.line
    if (line.get("samesite") or "").lower() == "none":
        return "SameSite=None"
    return "Partitioned" if line.has("partitioned") else None


def _has_prefix(sighting: Sighting) -> bool:
    return sighting.line.name.lower().startswith((b"__host-", b"__secure-"))


def _without_secure(case: Case) -> Iterator[Fault]:
    safe = [pair for pair in _own(case) if urlsplit(pair[0].url).scheme == "https"]
    # Whoever steals one of these is signed in.
    safe.sort(key=lambda pair: _cls(case, pair[1]) != "authentication")
    for pair in safe:
        sighting = pair[1]
        told_elsewhere = _needs_secure(sighting) is not None or _has_prefix(sighting)
        if not sighting.line.has("secure") and not told_elsewhere:
            yield _fault(pair, "is set over https without Secure, so it is sent over http as well")
    if not any(urlsplit(view.url).scheme == "https" for view in case.run.views):
        raise UnverifiedError("no page came over https; name the address that begins with https://")


def _readable(case: Case) -> Iterator[Fault]:
    for pair in _own(case):
        sighting = pair[1]
        line = sighting.line
        if line.has("httponly") or _is_meant_for_scripts(line.name):
            continue
        if case.site.is_own(sighting.line.name):
            yield _fault(
                pair, "keeps the answer without HttpOnly: any script can rewrite it", "medium"
            )
        elif _cls(case, sighting) == "authentication":
            yield _fault(pair, "signs visitors in without HttpOnly: any script can read it")


def _is_meant_for_scripts(name: bytes) -> bool:
    return bool(_READABLE.search(name)) and not _SIGNS_IN.search(name)


def _wrong_same_site(case: Case) -> Iterator[Fault]:
    for pair in _own(case):
        line = pair[1].line
        value = line.get("samesite")
        twice = {name for name, _ in line.attributes if _count(line.attributes, name) > 1}
        if twice:
            told = " and ".join(sorted(twice))
            yield _fault(pair, f"says {told} twice; browsers take the last", aspect=told)
        elif value is None:
            yield _fault(pair, "has no SameSite; browsers do not agree on what that means")
        elif value.lower() not in _SAME_SITE:
            what = "has a SameSite that is none of Strict, Lax and None"
            yield _fault(pair, what, aspect="unknown")
        elif _is_sent_for_nothing(case, pair[1]):
            yield _fault(pair, "has SameSite=None, so other sites' pages send it as well", "low")


def _count(attributes: Iterable[tuple[str, str]], wanted: str) -> int:
    return sum(name == wanted for name, _ in attributes)


def _is_sent_for_nothing(case: Case, sighting: Sighting) -> bool:
    value = (sighting.line.get("samesite") or "").lower()
    return value == "none" and _is_exempt(case, sighting) and sighting.refused is None


def _dropped_for_secure(case: Case) -> Iterator[Fault]:
    for pair in _own(case):
        has = _needs_secure(pair[1])
        if has is not None and not pair[1].line.has("secure") and not _has_prefix(pair[1]):
            yield _fault(pair, f"has {has} without Secure", aspect=has)


def _broken_prefix(case: Case) -> Iterator[Fault]:
    for pair in _own(case):
        line = pair[1].line
        name = line.name.lower()
        if _has_prefix(pair[1]) and not line.has("secure"):
            yield _fault(pair, "has a prefix that needs Secure", aspect="secure")
        elif name.startswith(b"__host-") and (line.get("domain") or line.get("path") != "/"):
            yield _fault(pair, "begins with __Host-, which needs Path=/ and no Domain")


def _kept_too_long(case: Case) -> Iterator[Fault]:
    for pair in cookies(case):
        lifetime, cls = pair[1].line.lifetime, _cls(case, pair[1])
        if lifetime is None:
            continue
        if cls == "consent":
            if lifetime > _ANSWER_LIMIT:
                much = lifetime > _BROWSER_LIMIT
                what = f"keeps an answer for {write(lifetime)}; six months are good practice"
                yield _fault(pair, what, "medium" if much else "info")
        elif lifetime > _CONSENT_LIMIT and not _is_exempt(case, pair[1]):
            capped = "; browsers cut that to 400 days" if lifetime > _BROWSER_LIMIT else ""
            what = f"is kept for {write(lifetime)}, which is more than 13 months{capped}"
            yield _fault(pair, what)
        elif cls == "preferences" and lifetime > _YEAR and not _is_exempt(case, pair[1]):
            what = f"keeps a preference for {write(lifetime)}, which is more than 12 months"
            yield _fault(pair, what, "low")


def _kept_beyond_need(case: Case) -> Iterator[Fault]:
    for pair in cookies(case):
        lifetime, cls = pair[1].line.lifetime, _cls(case, pair[1])
        if lifetime is None or cls == "consent" or not _is_exempt(case, pair[1]):
            continue
        if lifetime > _NEED_LIMIT:
            yield _fault(pair, f"counts as exempt ({cls}) and is kept for {write(lifetime)}")


def _prolonged(case: Case) -> Iterator[Fault]:
    told = set()
    for view, sighting in lasting(case):
        line = sighting.line
        name = shown(line.name)
        is_back = name in view.sent and line.lifetime is not None
        if is_back and name not in told and _is_measuring(case, sighting):
            told.add(name)
            what = "is set without a yes, and its lifetime begins anew with each page"
            yield _fault((view, sighting), what)


def _is_measuring(case: Case, sighting: Sighting) -> bool:
    """Tell whether it measures the audience without a yes, as the law of some countries allows."""
    cls = case.site.classify(sighting.line.name, sighting.host).cls
    if cls is None or case.site.regime(cls) == "opt-in":
        return False
    return CookieClass(cls).regime == "opt-in"


def _sent_too_far(case: Case) -> Iterator[Fault]:
    for pair in _own(case):
        sighting = pair[1]
        domain = (sighting.line.get("domain") or "").lower().removeprefix(".")
        if not domain or domain == sighting.host:
            continue
        if not sighting.host.endswith("." + domain) or sighting.refused is not None:
            yield _fault(pair, f"is set for {domain}, which it cannot be", "high", domain)
        elif not _is_shared_on_purpose(case, sighting, domain):
            what = f"is sent to all hosts of {domain}, not to {sighting.host} alone"
            yield _fault(pair, what, aspect=domain)


def _is_shared_on_purpose(case: Case, sighting: Sighting, domain: str) -> bool:
    told = case.site.declarations(sighting.line.name, sighting.host)
    config = case.site.config
    own = (
        case.site.is_own(sighting.line.name)
        and config is not None
        and config.cookie_domain == domain
    )
    return own or any(cookie.domain == domain for cookie in told)


def _too_large(case: Case) -> Iterator[Fault]:
    for pair in _own(case):
        if len(pair[1].line.name) + pair[1].line.length > _MAX_PAIR_OCTETS:
            yield _fault(pair, f"has more than {_MAX_PAIR_OCTETS} octets in name and value")
    for view, answer in _answers(case):
        octets = sum(sighting.line.octets for sighting in answer)
        lasting_ones = [s for s in answer if not s.line.deletes]
        if lasting_ones and octets > _MAX_LINES_OCTETS and not _has_oversized(lasting_ones):
            said = f"one answer sets cookies in {octets} octets; proxies take {_MAX_LINES_OCTETS}"
            yield Fault(said=said, view=view)
            break
    hosts = [seen.domain for seen in case.run.kept]
    for host in sorted(set(hosts)):
        if hosts.count(host) > _MAX_COOKIES:
            said = f"{host} keeps {hosts.count(host)} cookies; browsers promise {_MAX_COOKIES}"
            yield Fault(said=said, aspect=host)


def _answers(case: Case) -> Iterator[tuple[View, list[Sighting]]]:
    """Yield what each single answer set; a browser asks for several on a page."""
    for view in case.run.views:
        for number in dict.fromkeys(sighting.answer for sighting in view.sightings):
            if number is not None:
                yield view, [found for found in view.sightings if found.answer == number]


def _has_oversized(sightings: Iterable[Sighting]) -> bool:
    return any(len(s.line.name) + s.line.length > _MAX_PAIR_OCTETS for s in sightings)


def _malformed(case: Case) -> Iterator[Fault]:
    told = set()
    for view, sighting in (*case.run.sightings(), *case.run.sightings(PROBE)):
        line = sighting.line
        looks = line.name, line.attributes, line.malformed
        if sighting.kind != "cookie" or line.malformed is None or looks in told:
            continue
        told.add(looks)
        kept = refused(sighting) or "; browsers keep it all the same"
        said = f"{subject(sighting)} comes by a malformed line: {line.malformed}{kept}"
        yield Fault(said=said, view=view, sighting=sighting, aspect=line.malformed)


def _set_twice(case: Case) -> Iterator[Fault]:
    places: dict[tuple[bytes, str], dict[tuple[str, str], Pair]] = {}
    for pair in lasting(case):
        view, sighting = pair
        if sighting.kind == "cookie" and sighting.line.name and sighting.refused is None:
            line = sighting.line
            domain = (line.get("domain") or "").lower().removeprefix(".")
            path = line.get("path") or ""
            scope = domain, path if path.startswith("/") else view.place.rpartition("/")[0] or "/"
            places.setdefault((line.name, sighting.host), {}).setdefault(scope, pair)
    for scopes in places.values():
        if len(scopes) > 1:
            told = ", ".join(sorted(f"{domain or 'this host'} {path}" for domain, path in scopes))
            last = list(scopes.values())[-1]
            yield _fault(last, f"is set in several places, which hide each other: {told}")


def _telling(case: Case) -> Iterator[Fault]:
    for pair in cookies(case):
        line = pair[1].line
        for trait in sorted(line.traits):
            yield _fault(pair, f"has a value that looks like: {trait}", aspect=trait)
        if _PASSWORD.search(line.name):
            yield _fault(pair, "is named as if it held a password")


def _naming_technology(case: Case) -> Iterator[Fault]:
    for pair in _own(case):
        for names, technology in _TECHNOLOGIES:
            if names.fullmatch(pair[1].line.name):
                yield _fault(pair, f"tells by its name that the site runs on {technology}")


_RFC6265BIS: Final = "draft-ietf-httpbis-rfc6265bis (Cookies: HTTP State Management Mechanism)"
_CNIL: Final = "CNIL, recommendation of 17 September 2020 (2020-092)"
_OWASP: Final = "OWASP Session Management Cheat Sheet"
_SECURITY: Final = "Regulation (EU) 2016/679 (GDPR), articles 5(1)(f) and 32"

CHECKS: Final = (
    Check(
        id="CC401",
        family="attributes",
        severity="high",
        title="Cookies of https pages are Secure",
        why="Whoever listens to one request over http reads them.",
        sources=(
            "RFC 6265, sections 4.1.2.5 and 8.3",
            f"{_RFC6265BIS}: the Secure attribute",
            f"{_OWASP}: Secure attribute",
            _SECURITY,
        ),
        fix="Set the cookie with Secure; for the consent cookie leave Config.secure at True.",
        judge=_without_secure,
    ),
    Check(
        id="CC402",
        family="attributes",
        severity="high",
        title="Scripts cannot read what signs visitors in",
        why="One injected script is enough to take over every session.",
        sources=(
            "RFC 6265, section 4.1.2.6",
            f"{_RFC6265BIS}: the HttpOnly attribute",
            f"{_OWASP}: HttpOnly attribute",
            _SECURITY,
        ),
        fix="Set the cookie with HttpOnly; the middleware's own cookie always has it.",
        judge=_readable,
    ),
    Check(
        id="CC403",
        family="attributes",
        severity="medium",
        title="Cookies say clearly to which sites' requests they belong",
        why="Without it, some browsers send the cookie with requests that other sites' pages make "
        "in the visitor's name.",
        sources=(f"{_RFC6265BIS}: the SameSite attribute", f"{_OWASP}: SameSite attribute"),
        fix="Set the cookie once with SameSite=Lax (or Strict); None only for what other sites embed.",
        judge=_wrong_same_site,
    ),
    Check(
        id="CC404",
        family="attributes",
        severity="high",
        title="SameSite=None and Partitioned come with Secure",
        why="Browsers drop the cookie, so something does not work.",
        sources=(
            f"{_RFC6265BIS}: the storage model",
            "Cookies Having Independent Partitioned State (CHIPS): Partitioned requires Secure",
        ),
        fix="Add Secure; where the Cookie is Partitioned, say partitioned=True in Config.cookies.",
        judge=_dropped_for_secure,
    ),
    Check(
        id="CC405",
        family="attributes",
        severity="high",
        title="The prefixes __Host- and __Secure- keep their promises",
        why="Browsers drop the cookie; other clients take it without what its name promises.",
        sources=(f"{_RFC6265BIS}: cookie name prefixes",),
        fix="Set __Host- cookies with Secure, Path=/ and no Domain, __Secure- ones with Secure. The "
        "middleware's own cookie follows Config.secure and Config.cookie_domain.",
        judge=_broken_prefix,
    ),
    Check(
        id="CC406",
        family="attributes",
        severity="medium",
        title="Nothing that needs consent is kept for more than 13 months",
        why="One yes would follow the visitor for years. The law names no number; the limit is "
        "ours, taken from the 13 months that France's CNIL recommends for counting without a yes. A "
        "preference that needs a yes may be asked for again after 12: more is told as low.",
        sources=(
            "Regulation (EU) 2016/679 (GDPR), article 5(1)(e)",
            f"{_CNIL}, article 5: 13 months for audience measurement",
            f"{_CNIL}, paragraph 39: six months for answers",
            f"{_RFC6265BIS}: at most 400 days",
        ),
        fix="Set a shorter Max-Age, and write it into lifetime in Config.cookies.",
        judge=_kept_too_long,
    ),
    Check(
        id="CC407",
        family="attributes",
        severity="medium",
        title="What is exempt is kept no longer than it is needed",
        why="Once its purpose is over, it is an identifier like others. The limit of seven days "
        "is ours, and generous: the opinion speaks of a session or a few hours more, and of a "
        "limited longer time only for what guards sign-ins.",
        sources=(
            "Article 29 Working Party, Opinion 04/2012 on Cookie Consent Exemption (WP 194), section 3",
            "Regulation (EU) 2016/679 (GDPR), article 5(1)(e)",
        ),
        fix="Set it for the session, or for seven days at the most; or declare it in Config.cookies "
        "with a class that asks.",
        judge=_kept_beyond_need,
    ),
    Check(
        id="CC408",
        family="attributes",
        severity="medium",
        title="Audience measurement without a yes ends when it was said to end",
        why="Who comes back often would never be let go. The rule is a recommendation, for France.",
        sources=(f"{_CNIL}, article 5: not prolonged on later visits",),
        fix="Set the cookie only if it did not come with the request.",
        judge=_prolonged,
        states=frozenset({"none", "ignored", "rejected", "gpc", "seeded", "nojs"}),
    ),
    Check(
        id="CC409",
        family="attributes",
        severity="low",
        title="Cookies go to no more hosts than they must",
        why="Every other host of the domain gets it, and can replace it.",
        sources=(
            "RFC 6265, sections 4.1.2.3 and 8.6",
            f"{_OWASP}: Domain and Path attributes",
        ),
        fix="Leave Domain out; if other hosts need it, write domain into its Cookie in Config.cookies.",
        judge=_sent_too_far,
    ),
    Check(
        id="CC410",
        family="attributes",
        severity="medium",
        title="Cookies are small and few enough to arrive",
        why="Browsers drop a cookie whose name and value are larger than 4096 octets, and need "
        "not keep more than 50 of a domain. The limit of 8192 octets for one answer is ours: "
        "proxies are often set up to take no more.",
        sources=("RFC 6265, section 6.1", f"{_RFC6265BIS}: the storage model"),
        fix="Keep the data on the server, and an identifier of it in one cookie.",
        judge=_too_large,
    ),
    Check(
        id="CC411",
        family="attributes",
        severity="medium",
        title="Set-Cookie lines are well formed",
        why="Browsers read them in their own ways; a nameless cookie cannot be declared.",
        sources=("RFC 6265, sections 4.1.1 and 5.2", f"{_RFC6265BIS}: the Set-Cookie header field"),
        fix="Write the line by your framework's own function for cookies.",
        judge=_malformed,
    ),
    Check(
        id="CC412",
        family="attributes",
        severity="high",
        title="A name is set in one place",
        why="The browser sends both, in an order of its own, and deletes each by its own Domain "
        "and Path alone; a withdrawal may miss one.",
        sources=("RFC 6265, sections 3.1, 4.2.2, 5.3 and 5.4",),
        fix="Set the cookie with Path=/ and one Domain everywhere; until then declare a Cookie for "
        "each place in Config.cookies, with domain and path.",
        judge=_set_twice,
    ),
    Check(
        id="CC413",
        family="attributes",
        severity="medium",
        title="Cookies carry nothing about a person in the clear",
        why="Then it stands in logs, in backups and in the browser's profile, for whoever reads "
        "these.",
        sources=(
            "Regulation (EU) 2016/679 (GDPR), articles 5(1)(c) and 5(1)(f)",
            f"{_OWASP}: session ID content",
        ),
        fix="Keep it on the server, and a random identifier in the cookie.",
        judge=_telling,
    ),
    Check(
        id="CC414",
        family="attributes",
        severity="low",
        title="Names of cookies do not tell what the site runs on",
        why="It tells attackers which faults to try.",
        sources=(f"{_OWASP}: session ID name fingerprinting",),
        fix="Give the session cookie a name of your own, and declare it in Config.cookies.",
        judge=_naming_technology,
    ),
)
