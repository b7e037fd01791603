"""Hostile input, area C: the consent cookie, its signature, its age, several of them.

Where a case is about an exchange it goes through both doors: what the page shows, what the application
may do, which cookies pass.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from itsdangerous import Signer, TimestampSigner, URLSafeSerializer, URLSafeTimedSerializer

from cookieconsent import Config, ConfigError, Cookie, CookieClass
from cookieconsent.core.choice import Choice
from cookieconsent.engine.consent import Consent
from cookieconsent.middleware import asgi, wsgi
from doors import (
    DAY,
    HTML,
    SECRET,
    Asked,
    Door,
    Page,
    Site,
    Visitor,
    banners,
    both_doors,
    consent_lines,
    consent_pair,
    elements,
    form_for,
    settings_elements,
)
from oracles import set_cookie
from oracles.drivers import Answer, asgi_app, wsgi_app
from oracles.jar import Jar, Rejected
from oracles.parsers import PARSERS, parse

FACTS: Final[dict[str, Any]] = {"purpose": "Counts.", "provider": "Google", "lifetime": "2 years"}
COOKIES: Final = (
    Cookie("sid", "authentication"),
    Cookie("cart", "cart"),
    Cookie("_ga", "analytics", **FACTS),
    Cookie("yt", "media", **FACTS),
)
OWN: Final = b"__Host-cookieconsent"
NEW, OLD, GONE = ("new-secret-" * 4, "old-secret-" * 4, "gone-secret-" * 4)


def sets_analytics(request: Asked) -> Page:
    """Set a cookie of each class with every page."""
    lines = [(b"set-cookie", line) for line in (b"sid=1", b"_ga=1", b"yt=1")]
    return Page(headers=[*HTML, *lines])


def site_of(door: Door, **options: Any) -> Site:
    options.setdefault("cookies", COOKIES)
    return Site(door, sets_analytics, **options)


def value_of(pair: bytes) -> bytes:
    return pair.partition(b"=")[2]


def get_with(site: Site, *values: bytes) -> Answer:
    """Visit a page with consent cookies of these values, and an analytics cookie."""
    pairs = [site.consent.cookie_name + b"=" + value for value in values]
    return site.get(cookie=b"; ".join([*pairs, b"_ga=1; yt=2; sid=3"]))


def passed(site: Site, *values: bytes) -> set[str]:
    """Return which classes pass for a browser with these consent cookies; all signs must agree."""
    before = len(site.outcomes)
    answer = get_with(site, *values)
    state = site.asked[-1].state
    classes = {name for name in ("analytics", "media") if state.allows(name)}
    inwards = site.asked[-1].cookie or b""
    names = {"analytics": b"_ga", "media": b"yt"}
    for cls, name in names.items():
        assert (name + b"=" in inwards) == (cls in classes)
        assert (name + b"=1" in answer.values(b"set-cookie")) == (cls in classes)
    assert b"sid=3" in inwards
    assert b"sid=1" in answer.values(b"set-cookie")
    assert banners(answer.body) == (not state.decided)
    assert settings_elements(answer.body) == state.decided
    assert [outcome.reason for outcome in site.outcomes[before:]] != ["failure"]
    return classes


def is_undecided(site: Site, *values: bytes) -> bool:
    """Tell whether these consent cookies are as good as none: nothing passes, the banner is there."""
    classes = passed(site, *values)
    return not site.asked[-1].state.decided and not classes


def sealed(payload: bytes, secret: str = SECRET) -> bytes:
    """Sign any payload as a consent cookie, without the library."""
    key = hmac.new(secret.encode(), b"cookieconsent.choice.", hashlib.sha256).digest()
    text = base64.urlsafe_b64encode(payload).rstrip(b"=")
    signature = hmac.new(key, text, hashlib.sha256).digest()
    return text + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")


# --- garbage and forgeries ----------------------------------------------------------------------

GARBAGE: list[tuple[str, bytes]] = [
    ("empty", b""),
    ("a letter", b"x"),
    ("dots", b"a.b.c"),
    ("a megabyte", b"A" * 1_000_000),
    ("a hundred thousand dots", b"." * 100_000),
    ("high bytes", b"\xff.\xfe.x"),
    ("compressed JSON", b".eJx.AAAA.zzz"),
    ("quoted", b'"%s"'),
    ("space inside", b"%s x"),
    ("line end behind", b"%s\n"),
    ("line end before", b"\n%s"),
    ("upper case", b"upper"),
    ("cut", b"cut"),
    ("twice", b"%s.%s"),
    ("percent encoded", b"percent"),
    ("null", b"null"),
    ("JSON", b'{"analytics":true}'),
]


def spoilt(kind: bytes, value: bytes) -> bytes:
    """Return a piece of garbage, made from a valid value where it says so."""
    made = {
        b"upper": value.upper(),
        b"cut": value[:-1],
        b"percent": value.replace(b".", b"%2E"),
    }
    return made.get(kind, kind.replace(b"%s", value))


@both_doors
@pytest.mark.parametrize("kind", [row[1] for row in GARBAGE], ids=[row[0] for row in GARBAGE])
@pytest.mark.hostile(68)
def test_garbage_is_no_choice(door: Door, kind: bytes) -> None:
    site = site_of(door)
    value = value_of(site.answer_cookie())
    assert is_undecided(site, spoilt(kind, value))


@pytest.mark.parametrize("kind", [row[1] for row in GARBAGE], ids=[row[0] for row in GARBAGE])
@pytest.mark.hostile(68)
def test_garbage_is_no_choice_in_the_core(kind: bytes) -> None:
    """The codec takes the exact bytes only: there a space at the edge is garbage, too."""
    consent = Consent(Config(secret_key=SECRET, cookies=COOKIES))
    value = consent.codec.write(Choice(day=DAY, granted=frozenset({"analytics"})))
    assert consent.codec.read(value) is not None
    assert consent.codec.read(spoilt(kind, value)) is None
    assert consent.codec.read(value + b" ") is None
    assert consent.codec.read(b" " + value) is None


def foreign_tokens() -> dict[str, bytes]:
    """What an application may sign with the same secret, the salts being those of the libraries."""
    payload = base64.urlsafe_b64encode(bytes([1, 0x4F, 0xE6, 1, 0]) + b"abc").rstrip(b"=")
    data = {"analytics": True, "day": DAY}
    return {
        "signer": Signer(SECRET).sign(payload),
        "SHA-256": Signer(SECRET, digest_method=hashlib.sha256).sign(payload),
        "timestamp": TimestampSigner(SECRET).sign(payload),
        "serializer": str(URLSafeSerializer(SECRET).dumps(data)).encode(),
        "timed": str(URLSafeTimedSerializer(SECRET).dumps(data)).encode(),
    }


@both_doors
@pytest.mark.parametrize("maker", list(foreign_tokens()))
@pytest.mark.hostile(69)
def test_token_of_the_application_is_none_of_ours(door: Door, maker: str) -> None:
    assert is_undecided(site_of(door), foreign_tokens()[maker])


@both_doors
@pytest.mark.hostile(69)
def test_format_version_stands_in_the_payload(door: Door) -> None:
    """What is signed right but of another format is not read as today's."""
    site = site_of(door)
    value = value_of(site.answer_cookie())
    payload = base64.urlsafe_b64decode(value.partition(b".")[0] + b"==")
    assert value == sealed(payload)
    assert payload[0] == 1
    assert is_undecided(site, sealed(b"\x02" + payload[1:]))
    assert is_undecided(site, sealed(b"\x00" + payload[1:]))


@both_doors
@pytest.mark.hostile(70)
def test_purposes_do_not_stand_in_for_each_other(door: Door) -> None:
    """A form token is no choice, and a choice is no form token."""
    site = site_of(door)
    page = site.get()
    form = form_for(page.body, "accept")
    form_token = dict(form.fields)["token"].encode()
    choice = value_of(site.answer_cookie())
    assert is_undecided(site, form_token)
    refused = site.post({"choice": "accept", "token": choice.decode()}, headers=())
    assert refused.status == 403
    assert not consent_lines(refused)
    taken = site.post({"choice": "accept", "token": form_token.decode()}, headers=())
    assert taken.status == 303


# --- keys and days ------------------------------------------------------------------------------


@both_doors
@pytest.mark.hostile(71)
def test_old_key_is_read_and_new_one_signs(door: Door) -> None:
    """Re-issued with the next write; a removed key is no choice and no error."""
    old = value_of(site_of(door, secret_keys=[OLD]).answer_cookie("accept"))
    gone = value_of(site_of(door, secret_keys=[GONE]).answer_cookie("accept"))
    site = site_of(door, secret_keys=[OLD, NEW])
    assert passed(site, old) == {"analytics", "media"}
    assert not consent_lines(get_with(site, old))
    written = consent_pair(
        site.post({"choice": "grant", "class": "analytics"}, cookie=OWN + b"=" + old)
    )
    only_new = site_of(door, secret_keys=[NEW])
    assert passed(only_new, value_of(written)) == {"analytics", "media"}
    assert is_undecided(only_new, old)
    assert is_undecided(site, gone)


@both_doors
@pytest.mark.parametrize(
    ("days", "counts"),
    [
        pytest.param(-2, False, marks=pytest.mark.hostile(72)),
        pytest.param(-1, True, marks=pytest.mark.hostile(72)),
        pytest.param(0, True, marks=pytest.mark.hostile(72, 73)),
        pytest.param(181, True, marks=pytest.mark.hostile(73)),
        pytest.param(182, True, marks=pytest.mark.hostile(73)),
        pytest.param(183, False, marks=pytest.mark.hostile(73)),
        pytest.param(3000, False, marks=pytest.mark.hostile(73)),
    ],
)
@pytest.mark.parametrize("choice", ["accept", "reject"])
def test_signed_day_decides(door: Door, days: float, counts: bool, choice: str) -> None:
    """Counted in days of UTC, yes and no alike; the site's clock moves, the cookie stays."""
    site = site_of(door)
    value = value_of(site.answer_cookie(choice))
    for hours in (-11.9, 11.9):
        site.clock.now += days * 86_400 + hours * 3600
        classes = passed(site, value)
        assert site.asked[-1].state.decided is counts
        assert classes == ({"analytics", "media"} if counts and choice == "accept" else set())
        site.clock.now -= days * 86_400 + hours * 3600


@both_doors
@pytest.mark.hostile(73)
def test_day_is_judged_again_when_the_value_is_known(door: Door) -> None:
    """What was verified once is remembered, and its age is looked at each time all the same."""
    site = site_of(door)
    value = value_of(site.answer_cookie())
    assert passed(site, value)
    site.clock.advance(days=183)
    assert is_undecided(site, value)
    site.clock.advance(days=-2)
    assert passed(site, value)


# --- what was declared changes ------------------------------------------------------------------


def checked_radios(html: bytes) -> dict[str, str]:
    """Return the answers that the preferences page shows."""
    return {
        element["name"]: element["value"]
        for element in elements(html)
        if element.get("type") == "radio" and element.has("checked")
    }


CHANGES: list[tuple[str, dict[str, Any], set[str]]] = [
    ("class added", {"classes": [CookieClass("surveys")]}, {"analytics", "media"}),
    ("class version raised", {"classes": [CookieClass("media", version=2)]}, {"analytics"}),
    ("cookie added", {"cookies": [*COOKIES, Cookie("yt2", "media", **FACTS)]}, {"analytics"}),
    (
        "recipient changed",
        {"cookies": [*COOKIES[:3], Cookie("yt", "media", **FACTS | {"provider": "Other"})]},
        {"analytics"},
    ),
]


@both_doors
@pytest.mark.parametrize(
    ("options", "stands"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES]
)
@pytest.mark.hostile(74)
def test_changed_class_is_asked_again(
    door: Door, options: dict[str, Any], stands: set[str]
) -> None:
    """It is denied, the banner is back, the other answers stand and are shown."""
    value = value_of(site_of(door).answer_cookie("accept"))
    site = site_of(door, **options)
    assert passed(site, value) == stands
    assert not site.asked[-1].state.decided
    page = site.get("/cookie-consent", cookie=OWN + b"=" + value)
    answers = checked_radios(page.body)
    assert {
        name.removeprefix("class-") for name, answer in answers.items() if answer == "yes"
    } == stands


@both_doors
@pytest.mark.hostile(74)
def test_removed_class_is_forgotten(door: Door) -> None:
    value = value_of(site_of(door).answer_cookie("accept"))
    site = Site(door, cookies=COOKIES[:3])
    site.get(cookie=OWN + b"=" + value)
    state = site.asked[-1].state
    assert state.decided
    assert state.choice is not None
    assert state.choice.granted == {"analytics"}


# --- several of them ----------------------------------------------------------------------------


@both_doors
@pytest.mark.hostile(75)
def test_several_valid_ones_count_as_intersection(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    """In either order; reported once."""
    site = site_of(door)
    accept, reject = (value_of(site.answer_cookie(choice)) for choice in ("accept", "reject"))
    some = value_of(site.answer_cookie("save", **{"class-analytics": "yes"}))
    with caplog.at_level("INFO", "cookieconsent"):
        for one, other, classes in (
            (accept, reject, set()),
            (accept, some, {"analytics"}),
            (some, reject, set()),
            (accept, accept, {"analytics", "media"}),
        ):
            assert passed(site, one, other) == classes
            assert passed(site, other, one) == classes
            assert site.asked[-1].state.decided
        assert passed(site, accept, some, reject) == set()
    events = [r for r in caplog.records if getattr(r, "event", "") == "several consent cookies"]
    assert len(events) == 1


@both_doors
@pytest.mark.hostile(75)
def test_forged_one_beside_a_valid_one_is_ignored(door: Door) -> None:
    site = site_of(door)
    accept = value_of(site.answer_cookie())
    for forged in (b"forged", accept[:-1] + b"A", b"", accept.upper()):
        assert passed(site, forged, accept) == {"analytics", "media"}
        assert passed(site, accept, forged) == {"analytics", "media"}


@both_doors
@pytest.mark.hostile(75)
def test_outdated_one_beside_a_valid_one_is_ignored(door: Door) -> None:
    site = site_of(door)
    old = value_of(site.answer_cookie("reject"))
    site.clock.advance(days=183)
    new = value_of(site.answer_cookie("accept"))
    assert passed(site, old, new) == {"analytics", "media"}


@both_doors
@pytest.mark.hostile(76)
def test_own_older_answer_is_accepted_while_it_is_young(door: Door) -> None:
    """A browser restored from a backup: stateless signing cannot tell, but the signed day bounds it."""
    site = site_of(door)
    before = site.answer_cookie("accept")
    site.clock.advance(days=100)
    site.post({"choice": "withdraw"}, cookie=before)
    assert passed(site, value_of(before)) == {"analytics", "media"}
    site.clock.advance(days=83)
    assert is_undecided(site, value_of(before))


# --- identity, shape, size ----------------------------------------------------------------------


def variants(value: bytes) -> list[bytes]:
    """Return spellings of a value that a lenient decoder takes for the same."""
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(value[-1])
    spellings = [value[:-1] + alphabet[n : n + 1] for n in range(last & ~3, (last & ~3) + 4)]
    spellings += [value[:-5] + b"!!" + value[-5:], value + b"=", value.replace(b".", b"==.")]
    return [spelling for spelling in spellings if spelling != value]


@both_doors
@pytest.mark.hostile(77)
def test_value_has_one_spelling(door: Door) -> None:
    """So that the bytes are as good as the payload, wherever something is kept by them."""
    site = site_of(door)
    value = value_of(site.answer_cookie())
    assert len(variants(value)) == 6
    signer = Signer(
        SECRET, "cookieconsent.choice.", key_derivation="hmac", digest_method=hashlib.sha256
    )
    assert sum(signer.validate(variant) for variant in variants(value)) >= 3
    for variant in variants(value):
        assert is_undecided(site, variant)
    assert passed(site, value) == {"analytics", "media"}


def wrong_payloads() -> Mapping[str, bytes]:
    """What is signed with the right key and shaped wrongly."""
    head = bytes([1, DAY >> 8, DAY & 0xFF])
    return {
        "nothing": b"",
        "list": b'["analytics","media"]',
        "number": b"1",
        "nested": b'{"granted":{"analytics":{"x":[1]}}}',
        "too short": head + b"\x00",
        "counts without classes": head + b"\x05\x05",
        "half a class": head + b"\x01\x00ab",
        "unknown class": head + b"\x01\x00abc",
        "ten thousand classes": head + b"\xff\x00" + random.Random(1).randbytes(30_000),
        "compressible": head + b"\xff\x00" + b"abc" * 1_000_000,
    }


@both_doors
@pytest.mark.parametrize("shape", list(wrong_payloads()))
@pytest.mark.hostile(78, 79)
def test_wrong_shape_though_signed_is_no_choice(door: Door, shape: str) -> None:
    assert is_undecided(site_of(door), sealed(wrong_payloads()[shape]))


@both_doors
@pytest.mark.hostile(79)
def test_value_grows_by_three_bytes_a_class(door: Door) -> None:
    """Only fixed-width fields: no text of anybody's, so nothing to blow up."""
    sizes = []
    for count in (0, 12, 24):
        classes = [CookieClass(f"own-{number}") for number in range(count)]
        value = value_of(site_of(door, classes=classes).answer_cookie())
        payload = base64.urlsafe_b64decode(value.partition(b".")[0] + b"==")
        sizes.append(len(payload))
        assert len(OWN + b"=" + value) <= 256
    assert sizes == [5 + 3 * 2, 5 + 3 * 14, 5 + 3 * 26]


@both_doors
@pytest.mark.hostile(80)
def test_signatures_are_compared_in_constant_time(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By `compare_digest`, over the whole length, however much of the beginning is right."""
    compared: list[tuple[int, int]] = []
    real = hmac.compare_digest

    def spy(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return real(one, other)

    site = site_of(door)
    value = value_of(site.answer_cookie())
    start = value.index(b".") + 1
    monkeypatch.setattr("itsdangerous.signer.hmac.compare_digest", spy)
    for right in (0, 1, 10, 20, 40):
        at = start + right
        wrong = value[:at] + (b"A" if value[at : at + 1] != b"A" else b"B") + value[at + 1 :]
        assert is_undecided(site, wrong)
    assert len(compared) == 5
    assert len(set(compared)) == 1


@both_doors
@pytest.mark.parametrize("choice", ["accept", "reject", "withdraw"])
@pytest.mark.parametrize("options", [{}, {"secure": False}, {"cookie_domain": "shop.example"}])
@pytest.mark.hostile(81)
def test_value_is_the_same_for_every_parser(
    door: Door, choice: str, options: dict[str, Any]
) -> None:
    site = site_of(door, **options)
    pair = site.answer_cookie(choice)
    name, _, value = pair.partition(b"=")
    assert re.fullmatch(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", value)
    for parser in PARSERS:
        assert parse(parser, b"sid=1; " + pair + b'; cart="x"')[name] == [value]


# --- plain http, secrets, browsers without cookies ----------------------------------------------


def kept_by_browser(site: Site, url: str) -> bool:
    """Tell whether a browser keeps the consent cookie that it gets at a URL."""
    (line,) = consent_lines(site.post({"choice": "reject"}), site.consent.cookie_name)
    set_cookie.assert_strict(line)
    jar = Jar(now=site.clock.now, trustworthy_loopback=True)
    return not isinstance(jar.receive(url, line), Rejected) and bool(jar.send(url))


@both_doors
@pytest.mark.hostile(82)
def test_plain_http_only_when_configured(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    """Never by looking at the request; with a warning when the site starts."""
    with caplog.at_level("WARNING", "cookieconsent"):
        site = site_of(door)
        assert not caplog.records
        assert site.consent.cookie_name == b"__Host-cookieconsent"
        assert kept_by_browser(site, "https://dev.example/")
        assert kept_by_browser(site, "http://localhost:8000/")
        assert not kept_by_browser(site, "http://dev.example/")
        plain = site_of(door, secure=False)
    events = {getattr(record, "event", "") for record in caplog.records}
    assert events == {"insecure", "plain http"}  # the second for the choice that no browser keeps
    assert plain.consent.cookie_name == b"cookieconsent"
    assert kept_by_browser(plain, "http://dev.example/")
    (line,) = consent_lines(plain.post({"choice": "reject"}), b"cookieconsent")
    assert b"Secure" not in line


SECRETS: list[tuple[str, dict[str, Any]]] = [
    ("none", {}),
    ("empty", {"secret_key": ""}),
    ("short", {"secret_key": "x" * 31}),
    ("changeme", {"secret_key": "changeme"}),
    ("changeme, padded", {"secret_key": "changeme-" * 8}),
    ("change me", {"secret_key": "please change me before going live!"}),
    ("your secret", {"secret_key": "your-secret-key-goes-here-please-do"}),
    ("white space", {"secret_key": " " * 40}),
    ("bytes", {"secret_key": b"x" * 40}),
    ("number", {"secret_key": 12345}),
    ("no keys", {"secret_keys": []}),
    ("one short key", {"secret_keys": ["x" * 40, "short"]}),
    ("an empty key", {"secret_keys": ["x" * 40, ""]}),
    ("keys in one text", {"secret_keys": "x" * 40}),
    ("both", {"secret_key": "x" * 40, "secret_keys": ["y" * 40]}),
]


STARTS: Final[dict[Door, Callable[[dict[str, Any]], object]]] = {
    "asgi": lambda options: asgi.CookieConsentMiddleware(asgi_app(), **options),
    "wsgi": lambda options: wsgi.CookieConsentMiddleware(wsgi_app(), **options),
}


@both_doors
@pytest.mark.parametrize("options", [row[1] for row in SECRETS], ids=[row[0] for row in SECRETS])
@pytest.mark.hostile(83)
def test_weak_secret_refuses_to_start(door: Door, options: dict[str, Any]) -> None:
    """The error names the field and a way to make one, and repeats no secret."""
    with pytest.raises(ConfigError) as caught:
        STARTS[door](options)
    assert caught.value.field in {"secret_key", "secret_keys"}
    assert caught.value.fix
    assert "x" * 31 not in str(caught.value)
    assert "changeme" not in str(caught.value)


@both_doors
@pytest.mark.parametrize("choice", ["accept", "reject"])
@pytest.mark.parametrize("start", ["/", "/page?q=1", "/cookie-consent"])
@pytest.mark.hostile(84)
def test_browser_without_cookies_is_told(door: Door, choice: str, start: str) -> None:
    """One redirect, no loop; the page it leads to says that nothing was kept, and asks again."""
    site = site_of(door)
    page = site.get(start.partition("?")[0], query=start.partition("?")[2].encode())
    form = form_for(page.body, choice)
    answer = site.post([*form.fields, ("choice", choice)], path=form.action)
    assert answer.status == 303
    target = urlsplit(answer.values(b"location")[0].decode())
    assert (target.scheme, target.netloc, target.fragment) == ("", "", "cookieconsent-saved")
    assert target.path + (f"?{target.query}" if target.query else "") == start
    page = site.get(target.path, query=target.query.encode())
    assert page.status == 200
    (line,) = [e for e in elements(page.body) if e.get("id") == target.fragment]
    assert "your browser refuses cookies" in line.text
    assert form_for(page.body, choice).buttons


@both_doors
@pytest.mark.hostile(84)
def test_browser_with_cookies_is_told_otherwise(door: Door) -> None:
    """The same address, so that the line above really depends on what came back."""
    visitor = Visitor(site_of(door))
    visitor.visit("/")
    visitor.choose("reject")
    assert visitor.fragment == "cookieconsent-saved"
    (line,) = [e for e in elements(visitor.page) if e.get("id") == visitor.fragment]
    assert "saved" in line.text
    assert "refuses" not in line.text
