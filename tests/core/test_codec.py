"""A choice as a signed value: what it holds, what is refused, and when a class asks again.

The format is built here a second time, from `hmac` and `base64` alone.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import Signer, TimestampSigner, URLSafeSerializer, URLSafeTimedSerializer

from cookieconsent.core import codec as codec_module
from cookieconsent.core.choice import Choice
from cookieconsent.core.codec import MAX_VALUE_OCTETS, ChoiceCodec, FormToken, fingerprint
from cookieconsent.core.registry import Cookie, CookieClass
from cookieconsent.errors import ConfigError
from oracles.parsers import PARSERS, parse

OLD, KEY, NEW = ("old-secret-" * 4, "one-secret-" * 4, "new-secret-" * 4)
CLASSES = [CookieClass("analytics"), CookieClass("media"), CookieClass("preferences")]
COOKIES = [Cookie("_ga", "analytics", provider="Google")]
DAY = 20_513
A, M, P = "analytics", "media", "preferences"


def codec_of(
    keys: Sequence[str] = (KEY,),
    classes: Sequence[CookieClass] = CLASSES,
    cookies: Sequence[Cookie] = COOKIES,
    site: str = "",
) -> ChoiceCodec:
    return ChoiceCodec(keys, classes, cookies, site)


CODEC = codec_of()


def chosen(granted: str = "", refused: str = "", signal: str = "", day: int = DAY) -> Choice:
    yes, no, under = (frozenset(names.split()) for names in (granted, refused, signal))
    return Choice(day=day, granted=yes, refused=no, under_signal=under)


def sealed(
    payload: bytes, *, key: str = KEY, salt: str = "cookieconsent.choice.", octets: int = 32
) -> bytes:
    """Sign any payload as the codec does, without its code."""
    derived = hmac.new(key.encode(), salt.encode(), hashlib.sha256).digest()
    text = base64.urlsafe_b64encode(payload).rstrip(b"=")
    signature = hmac.new(derived, text, hashlib.sha256).digest()[:octets]
    return text + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")


def mark(name: str) -> bytes:
    return fingerprint(next(cls for cls in CLASSES if cls.name == name), COOKIES)


# --- what is written ----------------------------------------------------------------------------

FORMATS: list[tuple[str, Choice, bytes]] = [
    ("empty", chosen(), bytes([1, 0x50, 0x21, 0, 0])),
    ("one yes", chosen(A), bytes([1, 0x50, 0x21, 1, 0]) + mark(A)),
    ("one no", chosen("", A), bytes([1, 0x50, 0x21, 0, 0]) + mark(A)),
    ("yes under the signal", chosen(A, "", A), bytes([1, 0x50, 0x21, 0, 1]) + mark(A)),
    (
        "one of each",
        chosen(f"{A} {M}", P, M),
        bytes([1, 0x50, 0x21, 1, 1]) + mark(A) + mark(M) + mark(P),
    ),
    ("day zero", chosen(day=0), bytes([1, 0, 0, 0, 0])),
    ("day before the epoch", chosen(day=-5), bytes([1, 0, 0, 0, 0])),
    ("last day", chosen(day=65_535), bytes([1, 0xFF, 0xFF, 0, 0])),
    ("a day past the last", chosen(day=65_536), bytes([1, 0xFF, 0xFF, 0, 0])),
    ("unknown classes", chosen("x", "y"), bytes([1, 0x50, 0x21, 0, 0])),
]


@pytest.mark.parametrize(
    ("choice", "payload"), [row[1:] for row in FORMATS], ids=[row[0] for row in FORMATS]
)
def test_format(choice: Choice, payload: bytes) -> None:
    assert CODEC.write(choice) == sealed(payload)


def test_equal_choices_have_equal_bytes() -> None:
    """Whatever the order of classes and declarations, and of the answers."""
    reordered = codec_of(classes=CLASSES[::-1], cookies=[Cookie("x", "media"), *COOKIES][::-1])
    plain = codec_of(cookies=[*COOKIES, Cookie("x", "media")])
    choice = chosen(f"{M} {A}", P)
    assert plain.write(choice) == reordered.write(chosen(f"{A} {M}", P))


@st.composite
def choices(draw: st.DrawFn) -> Choice:
    answers = draw(st.dictionaries(st.sampled_from([A, M, P]), st.sampled_from("ysn")))
    return Choice(
        day=draw(st.integers(0, 65_535)),
        granted=frozenset(name for name, answer in answers.items() if answer != "n"),
        refused=frozenset(name for name, answer in answers.items() if answer == "n"),
        under_signal=frozenset(name for name, answer in answers.items() if answer == "s"),
    )


@given(choices())
def test_reads_what_it_writes(choice: Choice) -> None:
    value = CODEC.write(choice)
    assert CODEC.read(value) == choice
    assert re.fullmatch(rb"[A-Za-z0-9_.-]+", value)


@given(choices())
def test_every_parser_reads_the_same_value(choice: Choice) -> None:
    value = CODEC.write(choice)
    for name in PARSERS:
        assert parse(name, b"a=1; __Host-c=" + value + b"; b=2")[b"__Host-c"] == [value]


def test_most_classes_fit() -> None:
    """24 classes of a site, the ready-made ones and analytics; name and value within 256 bytes."""
    classes = [*CLASSES, CookieClass("advertising")]
    classes += [CookieClass(f"own-{number}") for number in range(24)]
    codec = codec_of(classes=classes)
    choice = Choice(day=DAY, granted=frozenset(cls.name for cls in classes))
    value = codec.write(choice)
    assert codec.read(value) == choice
    assert len(b"__Host-cookieconsent=" + value) <= 256
    assert len(b"__Secure-cookieconsent-sixteencharacter=" + value) <= 256


# --- what is refused ----------------------------------------------------------------------------

TOKEN = CODEC.write(chosen(A, M))

GARBAGE: list[tuple[str, bytes]] = [
    ("nothing", b""),
    ("a letter", b"x"),
    ("dots", b"a.b.c"),
    ("one dot", b"."),
    ("a megabyte", b"A" * 1_000_000),
    ("a hundred thousand dots", b"." * 100_000),
    ("high bytes", b"\xff.\xfe.x"),
    ("compressed JSON", b".eJx.AAAA.zzz"),
    ("quoted", b'"' + TOKEN + b'"'),
    ("space behind", TOKEN + b" "),
    ("space before", b" " + TOKEN),
    ("line end behind", TOKEN + b"\n"),
    ("upper case", TOKEN.upper()),
    ("lower case", TOKEN.lower()),
    ("padding", TOKEN + b"="),
    ("cut", TOKEN[:-1]),
    ("signature alone", TOKEN.partition(b".")[2]),
    ("payload alone", TOKEN.partition(b".")[0]),
    ("no payload", b"." + TOKEN.partition(b".")[2]),
    ("payload twice", TOKEN.partition(b".")[0] + b"." + TOKEN),
    ("bytes in the signature", TOKEN[:-5] + b"!!" + TOKEN[-5:]),
    ("longer signature", TOKEN + b"A"),
]


@pytest.mark.parametrize("value", [row[1] for row in GARBAGE], ids=[row[0] for row in GARBAGE])
def test_garbage_is_no_choice(value: bytes) -> None:
    assert CODEC.read(value) is None
    assert not FormToken([KEY]).is_valid(value, DAY)


@given(st.binary(max_size=300))
def test_any_bytes_are_no_choice(value: bytes) -> None:
    assert CODEC.read(value) is None


@given(st.integers(0, len(TOKEN) * 8 - 1))
def test_flipped_bit_is_no_choice(bit: int) -> None:
    flipped = bytearray(TOKEN)
    flipped[bit // 8] ^= 1 << bit % 8
    assert CODEC.read(bytes(flipped)) is None


def test_only_one_spelling_of_a_signature() -> None:
    """The last character of 43 carries two bits that mean nothing; all four spellings verify."""
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    signature = base64.urlsafe_b64decode(TOKEN[-43:] + b"=")
    spellings = [
        TOKEN[:-1] + bytes([letter])
        for letter in alphabet
        if base64.urlsafe_b64decode(TOKEN[-43:-1] + bytes([letter]) + b"=") == signature
    ]
    assert len(spellings) == 4
    signer = Signer(
        KEY, "cookieconsent.choice.", key_derivation="hmac", digest_method=hashlib.sha256
    )
    assert all(signer.validate(value) for value in spellings)
    assert [value for value in spellings if CODEC.read(value) is not None] == [TOKEN]


def test_only_one_spelling_of_a_payload() -> None:
    """Signed with the right key, but not as `write` spells it."""
    payload = bytes([1, 0x50, 0x21, 0, 0])
    text = base64.urlsafe_b64encode(payload).rstrip(b"=")
    other = text[:-1] + bytes([text[-1] + 1])
    assert base64.urlsafe_b64decode(other + b"=") == payload
    signer = Signer(
        KEY, "cookieconsent.choice.", key_derivation="hmac", digest_method=hashlib.sha256
    )
    assert CODEC.read(signer.sign(text)) == chosen()
    assert CODEC.read(signer.sign(other)) is None


def test_undecodable_payload() -> None:
    """One character more than a multiple of four is no base64, even signed."""
    signer = Signer(
        KEY, "cookieconsent.choice.", key_derivation="hmac", digest_method=hashlib.sha256
    )
    assert CODEC.read(signer.sign(b"A")) is None


SHAPES: list[tuple[str, bytes]] = [
    ("empty", b""),
    ("too short", bytes([1, 0, 0, 0])),
    ("another version", bytes([2, 0x50, 0x21, 0, 0])),
    ("half a mark", bytes([1, 0x50, 0x21, 0, 0]) + b"xx"),
    ("more yes than marks", bytes([1, 0x50, 0x21, 2, 0]) + mark(A)),
    ("more signal than marks", bytes([1, 0x50, 0x21, 0, 2]) + mark(A)),
    ("together more than marks", bytes([1, 0x50, 0x21, 1, 1]) + mark(A)),
    ("JSON list", b'["analytics"]'),
    ("JSON number", b"12345"),
    ("too long", bytes([1, 0x50, 0x21, 0, 0]) + b"abc" * 60),
    ("ten thousand classes", bytes([1, 0x50, 0x21, 0, 0]) + b"abc" * 10_000),
]


@pytest.mark.parametrize("payload", [row[1] for row in SHAPES], ids=[row[0] for row in SHAPES])
def test_wrong_shape_though_signed(payload: bytes) -> None:
    assert CODEC.read(sealed(payload)) is None


def test_longest_value() -> None:
    """The bound lies on the value, before anything is decoded."""
    longest = sealed(bytes([1, 0x50, 0x21, 0, 0]) + b"abc" * 46)
    assert len(longest) <= MAX_VALUE_OCTETS < len(longest) + 4
    assert CODEC.read(longest) == chosen()
    assert CODEC.read(sealed(bytes([1, 0x50, 0x21, 0, 0]) + b"abc" * 48)) is None


def test_unknown_class_is_ignored() -> None:
    payload = bytes([1, 0x50, 0x21, 2, 0]) + mark(A) + b"xyz" + b"uvw" + mark(M)
    assert CODEC.read(sealed(payload)) == chosen(A, M)


# --- keys, salts, sites -------------------------------------------------------------------------


def test_newest_key_signs() -> None:
    assert codec_of([OLD, KEY]).write(chosen(A)) == codec_of([KEY]).write(chosen(A))


@pytest.mark.parametrize(
    ("keys", "read"),
    [([KEY], True), ([KEY, NEW], True), ([OLD, KEY, NEW], True), ([NEW], False), ([OLD], False)],
)
def test_key_rotation(keys: list[str], read: bool) -> None:
    assert (codec_of(keys).read(TOKEN) is not None) is read


def test_sites_on_one_host_are_kept_apart() -> None:
    one, other = codec_of(site="one"), codec_of(site="two")
    assert one.read(one.write(chosen(A))) == chosen(A)
    assert other.read(one.write(chosen(A))) is None
    assert CODEC.read(one.write(chosen(A))) is None
    token = FormToken([KEY], "one").write(DAY)
    assert [FormToken([KEY], site).is_valid(token, DAY) for site in ("one", "two", "")] == [
        True,
        False,
        False,
    ]


FOREIGN: list[tuple[str, Any]] = [
    ("plain signer", Signer(KEY)),
    ("signer of SHA-256", Signer(KEY, digest_method=hashlib.sha256)),
    ("timestamp signer", TimestampSigner(KEY)),
    ("our salt, the default digest", Signer(KEY, "cookieconsent.choice.")),
]


@pytest.mark.parametrize("signer", [row[1] for row in FOREIGN], ids=[row[0] for row in FOREIGN])
def test_foreign_signature_with_the_same_secret(signer: Signer) -> None:
    assert CODEC.read(signer.sign(TOKEN.partition(b".")[0])) is None


@pytest.mark.parametrize("serializer", [URLSafeSerializer(KEY), URLSafeTimedSerializer(KEY)])
def test_foreign_serializer_with_the_same_secret(serializer: URLSafeSerializer) -> None:
    text = serializer.dumps({"granted": [A], "day": DAY})
    assert CODEC.read(str(text).encode()) is None


def test_purposes_are_kept_apart() -> None:
    form = FormToken([KEY])
    assert CODEC.read(form.write(DAY)) is None
    assert not form.is_valid(TOKEN, DAY)
    assert not form.is_valid(sealed(DAY.to_bytes(2)), DAY)


def test_signature_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every value of the right shape reaches `compare_digest`, however much of it is right."""
    compared: list[tuple[bytes, bytes]] = []
    real = hmac.compare_digest

    def spy(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return real(one, other)

    monkeypatch.setattr("itsdangerous.signer.hmac.compare_digest", spy)
    for right in range(0, 43, 6):
        start = len(TOKEN) - 43 + right
        wrong = bytes([ord("A") if TOKEN[start] != ord("A") else ord("B")])
        assert CODEC.read(TOKEN[:start] + wrong + TOKEN[start + 1 :]) is None
    assert len(compared) == len(range(0, 43, 6))
    assert CODEC.read(TOKEN) is not None


# --- fingerprints: what asks again --------------------------------------------------------------

GA = Cookie("_ga", A, purpose="Counts.", provider="Google", lifetime="13 months")
GA_ID = Cookie("_ga_*", A, provider="Google")
ANALYTICS = CookieClass(A)

SAME: list[tuple[str, CookieClass, list[Cookie]]] = [
    ("purpose", ANALYTICS, [Cookie("_ga", A, purpose="Counts visits.", provider="Google"), GA_ID]),
    ("lifetime", ANALYTICS, [Cookie("_ga", A, provider="Google", lifetime="1 day"), GA_ID]),
    ("order", ANALYTICS, [GA_ID, GA]),
    ("scope", ANALYTICS, [GA, Cookie("_ga", A, provider="Google", path="/x"), GA_ID]),
    ("title", CookieClass(A, title="Statistics", description="How many."), [GA, GA_ID]),
    ("regime", CookieClass(A, regime="objection"), [GA, GA_ID]),
    ("another class's cookie", ANALYTICS, [GA, GA_ID, Cookie("yt", M, provider="YouTube")]),
]
CHANGED: list[tuple[str, CookieClass, list[Cookie]]] = [
    ("cookie added", ANALYTICS, [GA, GA_ID, Cookie("_gid", A, provider="Google")]),
    ("cookie removed", ANALYTICS, [GA]),
    ("cookie renamed", ANALYTICS, [GA, Cookie("_gb_*", A, provider="Google")]),
    ("provider changed", ANALYTICS, [GA, Cookie("_ga_*", A, provider="Matomo")]),
    ("provider removed", ANALYTICS, [GA, Cookie("_ga_*", A)]),
    ("third parties", CookieClass(A, shares_with_third_parties=False), [GA, GA_ID]),
    ("version", CookieClass(A, version=2), [GA, GA_ID]),
    ("purpose identifier", CookieClass(A, purposes=["measure"]), [GA, GA_ID]),
    ("cookie moved away", ANALYTICS, [GA, Cookie("_ga_*", M, provider="Google")]),
]


@pytest.mark.parametrize(
    ("cls", "cookies"), [row[1:] for row in SAME], ids=[row[0] for row in SAME]
)
def test_fingerprint_stays(cls: CookieClass, cookies: list[Cookie]) -> None:
    assert fingerprint(cls, cookies) == fingerprint(ANALYTICS, [GA, GA_ID])


@pytest.mark.parametrize(
    ("cls", "cookies"), [row[1:] for row in CHANGED], ids=[row[0] for row in CHANGED]
)
def test_fingerprint_changes(cls: CookieClass, cookies: list[Cookie]) -> None:
    assert fingerprint(cls, cookies) != fingerprint(ANALYTICS, [GA, GA_ID])


def test_fingerprint_of_purposes_without_order() -> None:
    one, other = (CookieClass(A, purposes=purposes) for purposes in (["x", "y"], ["y", "x", "y"]))
    assert fingerprint(one, []) == fingerprint(other, [])


def test_fingerprint_groups_do_not_run_together() -> None:
    """A purpose is not taken for a cookie's name, nor two names for one."""
    assert fingerprint(CookieClass(A, purposes=["x"]), []) != fingerprint(
        ANALYTICS, [Cookie("x", A)]
    )
    one = fingerprint(ANALYTICS, [Cookie("ab", A), Cookie("c", A)])
    assert one != fingerprint(ANALYTICS, [Cookie("a", A), Cookie("bc", A)])


def test_fingerprint_is_24_bits() -> None:
    assert len(fingerprint(ANALYTICS, [GA])) == 3
    assert fingerprint(CookieClass("analytics"), []) != fingerprint(CookieClass("media"), [])


def test_changed_class_is_undecided_alone() -> None:
    """The others stand, and a class the site no longer has is forgotten."""
    before = codec_of(cookies=[*COOKIES, Cookie("yt", M)])
    value = before.write(chosen(f"{A} {M}", P))
    assert codec_of(cookies=COOKIES).read(value) == chosen(A, P)
    without = codec_of(classes=CLASSES[1:], cookies=[*COOKIES, Cookie("yt", M)])
    assert without.read(value) == chosen(M, P)


def test_equal_fingerprints_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec_module, "fingerprint", lambda cls, cookies: b"xyz")
    with pytest.raises(ConfigError, match="Raise the version") as caught:
        codec_of()
    assert caught.value.field == "classes.version"


# --- form token ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "valid"), [(-2, False), (-1, False), (0, True), (1, True), (2, False), (182, False)]
)
def test_form_token_of_today_and_yesterday(age: int, valid: bool) -> None:
    form = FormToken([KEY])
    assert form.is_valid(form.write(DAY), DAY + age) is valid


def test_form_token_of_any_day_is_valid() -> None:
    """Whatever its last character is."""
    form = FormToken([KEY])
    assert [day for day in range(DAY, DAY + 400) if not form.is_valid(form.write(day), day)] == []


def test_form_token_is_the_same_for_all() -> None:
    assert FormToken([OLD, KEY]).write(DAY) == FormToken([KEY]).write(DAY)
    expected = sealed(DAY.to_bytes(2), salt="cookieconsent.form.", octets=10)
    assert FormToken([KEY]).write(DAY) == expected


@pytest.mark.parametrize("day", [-1, 70_000])
def test_form_token_of_an_impossible_day(day: int) -> None:
    assert FormToken([KEY]).write(day)


def test_form_token_bounds_its_input() -> None:
    form = FormToken([KEY])
    value = sealed(DAY.to_bytes(300), salt="cookieconsent.form.")
    assert not form.is_valid(value, DAY)
    assert not form.is_valid(sealed(b"", salt="cookieconsent.form."), DAY)
