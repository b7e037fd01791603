"""The signed choice and every `Set-Cookie` we write: properties 14 and 10."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookieconsent import CookieClass
from cookieconsent.core.catalog import catalogue
from cookieconsent.core.choice import VALID_DAYS, Choice
from cookieconsent.core.codec import ChoiceCodec, FormToken
from cookieconsent.core.cookies import MAX_COOKIE_OCTETS, Scope, expire, http_date
from cookieconsent.core.expiry import BUDGET_OCTETS, deletions, parents_of
from cookieconsent.engine.consent import COOKIE_DAYS, Consent
from doors import DAY, NAVIGATION, NOON, SECRET, request_to
from oracles import set_cookie
from oracles.jar import Jar, Rejected
from oracles.parsers import PARSERS, parse
from properties.strategies import COOKIES, config, declared, examples

NAMES = [f"class{number}" for number in range(24)]
CLASSES = [CookieClass(name) for name in NAMES]
CODEC = ChoiceCodec([SECRET], CLASSES, COOKIES)
TOKEN = FormToken([SECRET])
ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


ANY_DAY = st.integers(0, 65_535)


@st.composite
def choices(draw: st.DrawFn, days: st.SearchStrategy[int] = ANY_DAY) -> Choice:
    """Draw what a visitor may have said of up to 24 classes; a capital is a pause.

    While something is paused, whatever has no answer is.
    """
    answers = draw(
        st.lists(
            st.sampled_from("ynsuYSU" if draw(st.booleans()) else "ynsu"), min_size=24, max_size=24
        )
    )
    if any(answer.isupper() for answer in answers):
        answers = ["U" if answer == "u" else answer for answer in answers]
    said = dict(zip(NAMES, answers, strict=True))
    return Choice(
        day=draw(days),
        granted=frozenset(name for name, answer in said.items() if answer in "ysYS"),
        refused=frozenset(name for name, answer in said.items() if answer == "n"),
        under_signal=frozenset(name for name, answer in said.items() if answer in "sS"),
        paused=frozenset(name for name, answer in said.items() if answer.isupper()),
    )


# --- reading back ---------------------------------------------------------------------------------


@pytest.mark.hostile(79, 81)
@examples(300)
@given(choice=choices())
def test_choices_survive_the_round_trip(choice: Choice) -> None:
    value = CODEC.write(choice)
    assert CODEC.read(value) == choice
    assert len(b"__Host-cookieconsent=" + value) <= 256
    assert set(value) <= set(ALPHABET + b".")


@examples(200)
@given(one=choices(), other=choices())
def test_equal_bytes_mean_equal_choices(one: Choice, other: Choice) -> None:
    assert (CODEC.write(one) == CODEC.write(other)) == (one == other)


@pytest.mark.hostile(68, 77, 78)
@examples(500)
@given(choice=choices(), data=st.data())
def test_no_change_makes_another_choice(choice: Choice, data: st.DataObject) -> None:
    """Flip, swap, cut, repeat: what was signed is read, or nothing."""
    value = CODEC.write(choice)
    change = data.draw(st.sampled_from(["flip", "put", "swap", "cut", "repeat", "insert"]))
    at = data.draw(st.integers(0, len(value) - 1))
    to = data.draw(st.integers(0, len(value) - 1))
    octet = bytes([data.draw(st.integers(0, 255))])
    changed = {
        "flip": value[:at] + bytes([value[at] ^ 1 << to % 8]) + value[at + 1 :],
        "put": value[:at] + octet + value[at + 1 :],
        "swap": value[to:] + value[:to],
        "cut": value[: min(at, to)] + value[max(at, to) :],
        "repeat": value[:at] + value[min(at, to) : max(at, to)] + value[at:],
        "insert": value[:at] + octet + value[at:],
    }[change]
    assert CODEC.read(changed) == (choice if changed == value else None)


@pytest.mark.hostile(77)
def test_no_last_character_but_the_own() -> None:
    """Base64 has four spellings of a signature's end; only one of them is ours."""
    value = CODEC.write(Choice(day=DAY, granted=frozenset(NAMES[:3])))
    readable = [end for end in ALPHABET if CODEC.read(value[:-1] + bytes([end])) is not None]
    assert readable == [value[-1]]
    payload, _, signature = value.partition(b".")
    for at in range(len(payload)):
        others = [
            payload[:at] + bytes([char]) + payload[at + 1 :] + b"." + signature
            for char in ALPHABET
            if char != payload[at]
        ]
        assert not any(map(CODEC.read, others))


@pytest.mark.hostile(68, 77)
def test_every_flipped_bit_is_noticed() -> None:
    for seal, read in (
        (CODEC.write(Choice(day=DAY, refused=frozenset(NAMES))), CODEC.read),
        (TOKEN.write(DAY), lambda value: TOKEN.is_valid(value, DAY) or None),
    ):
        assert read(seal) is not None
        for bit in range(len(seal) * 8):
            changed = bytearray(seal)
            changed[bit // 8] ^= 1 << bit % 8
            assert read(bytes(changed)) is None


@pytest.mark.hostile(68)
@examples(400)
@given(
    value=st.one_of(
        st.binary(max_size=300),
        st.lists(
            st.sampled_from([b".", b"A", b"-_", b"eJx", b"=", b"!!", b"\xff", b'"', b" "])
        ).map(b"".join),
    )
)
def test_garbage_is_no_choice(value: bytes) -> None:
    assert CODEC.read(value) is None
    assert not TOKEN.is_valid(value, DAY)


@pytest.mark.hostile(69, 70, 71, 169)
@examples(200)
@given(choice=choices())
def test_other_purpose_key_or_site_reads_nothing(choice: Choice) -> None:
    other_key = ChoiceCodec(["x" * 40], CLASSES, COOKIES)
    other_site = ChoiceCodec([SECRET], CLASSES, COOKIES, "blog")
    rotated = ChoiceCodec([SECRET, "new secret " * 4], CLASSES, COOKIES)
    value = CODEC.write(choice)
    assert other_key.read(value) is other_site.read(value) is None
    assert rotated.read(value) == choice
    assert CODEC.read(rotated.write(choice)) is None
    assert not TOKEN.is_valid(value, choice.day)
    assert CODEC.read(TOKEN.write(choice.day)) is None


@pytest.mark.hostile(70, 89)
@examples(200)
@given(day=st.integers(0, 65_535), today=st.integers(0, 65_535))
def test_form_token_is_good_for_two_days(day: int, today: int) -> None:
    assert TOKEN.is_valid(TOKEN.write(day), today) == (today - day in {0, 1})
    assert TOKEN.is_valid(TOKEN.write(day), day + 1)


@pytest.mark.hostile(72, 73)
@examples(200)
@given(
    day=st.integers(200, 60_000),
    shift=st.one_of(st.sampled_from([-2, -1, 0, 182, 183]), st.integers(-400, 400)),
)
def test_signed_day_decides(day: int, shift: int) -> None:
    """The same choice within the validity, none outside, whichever way the clock was moved."""
    consent = Consent(config())
    choice = Choice(day=day, granted=frozenset({"analytics"}))
    standing = consent.read([consent.codec.write(choice)], day + shift)
    within = -1 <= shift <= VALID_DAYS
    assert standing.choice == (choice if within else None)
    # And what the reader remembers from today does not count tomorrow.
    assert consent.read([consent.codec.write(choice)], day).choice == choice
    assert consent.read([consent.codec.write(choice)], day + VALID_DAYS + 1).choice is None


@pytest.mark.hostile(75)
@examples(200)
@given(
    said=st.lists(choices(st.integers(DAY - 182, DAY + 1)), min_size=1, max_size=4), data=st.data()
)
def test_several_choices_permit_the_least(said: list[Choice], data: st.DataObject) -> None:
    consent = Consent(config(classes=CLASSES))
    values = [consent.codec.write(choice) for choice in said]
    forged = data.draw(st.lists(st.binary(max_size=10), max_size=2))
    standing = consent.read(data.draw(st.permutations(values + forged))[:], DAY)
    # At most four signatures are checked, so forged ones may leave nothing to read.
    if not forged:
        assert standing.choice is not None
        assert standing.choice.granted == frozenset.intersection(*(c.granted for c in said))
        assert standing.choice.refused == frozenset.union(*(c.refused for c in said))
    elif standing.choice is not None:
        assert standing.choice.granted <= frozenset.union(*(c.granted for c in said))


# --- what is written ------------------------------------------------------------------------------


@pytest.mark.hostile(59, 60, 61, 81)
@pytest.mark.parametrize(
    "options",
    [{}, {"secure": False}, {"cookie_domain": "shop.example"}, {"site": "blog"}],
    ids=["plain", "insecure", "domain", "site"],
)
@examples(60)
@given(choice=choices(st.integers(0, 47_000)))
def test_choice_cookie_is_strict(options: dict[str, Any], choice: Choice) -> None:
    consent = Consent(config(classes=CLASSES, **options))
    line = consent.choice_cookie(choice)
    set_cookie.assert_strict(line)
    pair = line.partition(b";")[0]
    name, _, value = pair.partition(b"=")
    assert name == consent.cookie_name
    assert len(pair) <= 256
    # Whoever reads it reads the same, alone or beside others.
    for parser in PARSERS:
        assert parse(parser, b"a=1; " + pair + b"; b=2")[name] == [value]
    jar = Jar(now=choice.day * 86_400)
    kept = jar.receive("https://www.shop.example/a/b", line)
    assert not isinstance(kept, Rejected)
    assert jar.send("https://www.shop.example/other") == pair
    assert kept.expiry_time == (choice.day + COOKIE_DAYS) * 86_400
    set_cookie.assert_strict(consent.forgetting_cookie())
    jar.receive("https://www.shop.example/", consent.forgetting_cookie())
    assert not len(jar)


@pytest.mark.hostile(173)
@examples(200)
@given(seconds=st.integers(-2_000_000_000, 200_000_000_000))
def test_dates_are_the_same_everywhere(seconds: int) -> None:
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)
    assert http_date(seconds) == moment.strftime("%a, %d %b %Y %H:%M:%S GMT").encode()
    assert set_cookie.parse_date(http_date(seconds)) == seconds


TOKENS = st.text("abcXYZ019!#$%&'*+-.^_`|~", min_size=1, max_size=30)
PREFIXES = st.sampled_from(["", "__Host-", "__Secure-", "__Http-", "__Host-Http-", "__hOsT-"])
LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
SCOPES = st.builds(
    Scope,
    domain=st.one_of(st.none(), st.sampled_from(["shop.example", "www.shop.example"])),
    path=st.sampled_from(["/", "/a", "/a/b", "/a%20b"]),
    partitioned=st.booleans(),
)


@pytest.mark.hostile(56, 57, 58, 170)
@examples(400)
@given(prefix=PREFIXES, name=TOKENS, scope=SCOPES, secure=st.booleans())
def test_deletions_are_strict_and_delete(
    prefix: str, name: str, scope: Scope, secure: bool
) -> None:
    """A deletion obeys the rules of its name, and removes the cookie of its scope from a jar."""
    whole = (prefix + name).encode()
    line = expire(whole, scope, secure=secure)
    host_bound = whole.lower().startswith(b"__host-")
    assert (line is None) == (host_bound and (scope.domain is not None or scope.path != "/"))
    if line is None:
        return
    set_cookie.assert_strict(line)
    assert set_cookie.is_deletion(line, NOON)
    jar = Jar(now=NOON)
    url = (
        "https://www.shop.example/a/b"
        if "%" not in scope.path
        else "https://www.shop.example/a%20b"
    )
    attributes = f"; Path={scope.path}; Secure; HttpOnly"
    attributes += f"; Domain={scope.domain}" if scope.domain else ""
    attributes += "; Partitioned" if scope.partitioned else ""
    kept = jar.receive(url, whole + b"=1" + attributes.encode())
    assert not isinstance(kept, Rejected)
    jar.receive(url, line)
    assert not len(jar)


@pytest.mark.hostile(56, 57, 58)
@examples(200)
@given(
    names=st.lists(st.one_of(TOKENS.map(str.encode), st.binary(max_size=30)), max_size=80),
    host=st.one_of(st.lists(LABELS, min_size=1, max_size=6).map(".".join), st.text(max_size=20)),
    path=st.text(st.characters(codec="utf-8"), max_size=60).map(lambda text: "/" + text),
    secure=st.booleans(),
    seed=st.integers(0, 99),
)
def test_deletions_keep_to_the_budget(
    names: list[bytes], host: str, path: str, secure: bool, seed: int
) -> None:
    rule = catalogue().rule_for(b"_ga")
    assert rule is not None
    lines = deletions(
        [(name, rule) for name in names],
        domains=parents_of(host),
        path=path,
        secure=secure,
        pick=random.Random(seed).randrange,
    )
    assert sum(len(b"set-cookie: " + line + b"\r\n") for line in lines) <= BUDGET_OCTETS
    assert len(set(lines)) == len(lines)
    for line in lines:
        set_cookie.assert_strict(line)
        assert set_cookie.is_deletion(line, NOON)
        assert set_cookie.name_of(line) in names


@pytest.mark.hostile(57)
@examples(200)
@given(names=st.lists(st.binary(min_size=1, max_size=12), max_size=8), host=st.binary(max_size=30))
def test_nothing_hostile_is_written_back(names: list[bytes], host: bytes) -> None:
    """Whatever names and host a visitor sends, all that we add is strict."""
    consent = Consent(
        config(
            [*COOKIES, declared("*a*", "analytics"), declared("\xe4*", "ads2")],
            classes=[CookieClass("ads2")],
        )
    )
    cookie = b"; ".join(name + b"=1" for name in [*names, b"_ga", b"a" + b"".join(names)])
    fields = [(b"host", host)]
    exchange = request_to(consent, headers=fields, cookies=[cookie], base=NAVIGATION)
    for name, value in exchange.start(200, [(b"content-type", b"text/plain")]):
        if name == b"set-cookie":
            set_cookie.assert_strict(value)
            assert len(value) <= MAX_COOKIE_OCTETS
