"""`submission`: what forms may say, read from a capped body to the least permission."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookieconsent.engine.submission import (
    MAX_FIELDS,
    Submission,
    declared_length,
    is_urlencoded,
    read_submission,
)


def read(body: bytes) -> Submission:
    submission = read_submission(body)
    assert submission is not None
    return submission


@pytest.mark.hostile(93)
@pytest.mark.parametrize(
    ("content_type", "taken"),
    [
        (b"application/x-www-form-urlencoded", True),
        (b"application/x-www-form-urlencoded; charset=UTF-8", True),
        (b"application/x-www-form-urlencoded;charset=utf-8", True),
        (b"Application/X-WWW-Form-Urlencoded \t; x=y", True),
        (b"application/x-www-form-urlencodedX", False),
        (b"application/x-www-form-urlencoded, text/plain", False),
        (b"multipart/form-data; boundary=x", False),
        (b"application/json", False),
        (b"text/plain", False),
        (b"text/plain; application/x-www-form-urlencoded", False),
        (b"", False),
        (None, False),
    ],
)
def test_only_plain_forms_are_read(content_type: bytes | None, taken: bool) -> None:
    assert is_urlencoded(content_type) is taken


@pytest.mark.hostile(94)
@pytest.mark.parametrize(
    ("length", "octets"),
    [
        (b"0", 0),
        (b"5", 5),
        (b"0005", 5),
        (b"10000000", 10_000_000),
        (b"-1", None),
        (b"+5", None),
        (b"1_0", None),
        (b" 5", None),
        (b"5 ", None),
        (b"5, 5", None),
        (b"0x10", None),
        (b"1e3", None),
        (b"\xb2", None),  # a digit to `str.isdigit`
        ("٣".encode(), None),
        (b"", None),
        (None, None),
    ],
)
def test_length_is_decimal_or_absent(length: bytes | None, octets: int | None) -> None:
    assert declared_length(length) == octets


@pytest.mark.hostile(94)
@pytest.mark.parametrize("digits", [19, 30, 5000, 100_000])
def test_endless_length_is_still_large(digits: int) -> None:
    length = declared_length(b"9" * digits)
    assert length is not None
    assert length >= 10**17


@pytest.mark.parametrize(
    "action", ["accept", "reject", "withdraw", "save", "grant", "forget", "erase"]
)
def test_each_choice_is_read(action: str) -> None:
    assert read(b"choice=" + action.encode()).action == action


@pytest.mark.hostile(97, 99)
@pytest.mark.parametrize(
    ("body", "action"),
    [
        (b"choice=accept&choice=reject", "reject"),
        (b"choice=reject&choice=accept", "reject"),
        (b"choice=accept&choice=save", "save"),
        (b"choice=withdraw&choice=erase", "withdraw"),
        (b"choice=accept&choice=forget", "forget"),
        (b"choice=accept&choice=grant", "grant"),
        (b"choice=accept&choice=accept", "accept"),
        (b"choice=accept&choice=everything", None),
        (b"choice=resume&choice=pause", "pause"),
        (b"choice=grant&choice=object", "object"),
        (b"choice=pause&choice=reject", "reject"),
        (b"choice=forget&choice=object", "object"),
        (b"choice=object&choice=pause", "pause"),
        (b"choice=save&choice=object", "object"),
        (b"choice=save&choice=forget", "forget"),
        (b"choice=erase&choice=forget", "forget"),
        (b"choice=accept&choice=erase", "erase"),
        (b"choice=save&choice=erase", "erase"),
        (b"choice=everything", None),
        (b"choice=", None),
        (b"choice", None),
        (b"choice=ACCEPT", None),
        (b"choice=accept%00", None),
        (b"choice=accept+", None),
        (b"choice=%61ccept", "accept"),
        (b"accept=accept", None),
        (b"", None),
    ],
)
def test_least_permission_wins_among_choices(body: bytes, action: str | None) -> None:
    assert read(body).action == action


@pytest.mark.hostile(97, 98)
@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b"class-analytics=yes", True),
        (b"class-analytics=no", False),
        (b"class-analytics=on", False),
        (b"class-analytics=1", False),
        (b"class-analytics=true", False),
        (b"class-analytics=YES", False),
        (b"class-analytics=yes%00", False),
        (b"class-analytics=yes+", False),
        (b"class-analytics=0", False),
        (b"class-analytics=false", False),
        (b"class-analytics=", False),
        (b"class-analytics", False),
        (b"class-analytics=yes&class-analytics=no", False),
        (b"class-analytics=no&class-analytics=yes", False),
        (b"class-analytics=yes&class-analytics=yes", True),
        (b"analytics=yes", None),
        (b"", None),
    ],
)
def test_only_the_exact_yes_grants(body: bytes, answer: bool | None) -> None:
    assert read(b"choice=save&" + body).answers.get("analytics") is answer


@pytest.mark.parametrize(
    ("body", "classes"),
    [
        (b"class=media", ("media",)),
        (b"class=media&class=analytics", ("media", "analytics")),
        (b"class=", ("",)),
        (b"", ()),
    ],
)
def test_classes_are_listed(body: bytes, classes: tuple[str, ...]) -> None:
    assert read(body).classes == classes


@pytest.mark.hostile(89)
@pytest.mark.parametrize("field", ["token", "next"])
def test_repeated_field_counts_as_missing(field: str) -> None:
    name = field.encode()
    assert _field(read(name + b"=a"), field) == "a"
    assert _field(read(name + b"="), field) == ""
    assert _field(read(name + b"=a&" + name + b"=a"), field) is None
    assert _field(read(name + b"=a&" + name + b"=b"), field) is None
    assert _field(read(b"x=a"), field) is None


def _field(submission: Submission, name: str) -> str | None:
    return submission.token if name == "token" else submission.target


def test_names_are_all_classes_of_the_form() -> None:
    names = read(b"class-a=yes&class-b=no&class=c&class-=x&klass=d").names()
    assert names == {"a", "b", "c", ""}


@pytest.mark.hostile(97)
def test_broken_escapes_are_text() -> None:
    submission = read(b"a=%FF&b=%&c=%u1234&d;e=1&&&&__class__=1&class-x=%FF&next=%00")
    assert submission.answers == {"x": False}
    assert submission.target == "\x00"


@pytest.mark.hostile(97)
@pytest.mark.parametrize("filler", [b"a=1", b"", b"class-x=yes", b"%", b"\xff"])
def test_number_of_fields_is_limited(filler: bytes) -> None:
    assert read_submission(b"&".join([filler] * MAX_FIELDS)) is not None
    assert read_submission(b"&".join([filler] * (MAX_FIELDS + 1))) is None


@given(
    st.binary(max_size=400) | st.text("choice=&class-yesno+%;\x00é", max_size=200).map(str.encode)
)
def test_no_body_raises(body: bytes) -> None:
    submission = read_submission(body)
    assert submission is None or submission.action is None or submission.action.isalpha()


def test_cost_grows_with_the_body() -> None:
    """A megabyte of separators is turned away at once."""

    def seconds(size: int) -> float:
        started = time.perf_counter()
        assert read_submission(b"&" * size) is None
        return time.perf_counter() - started

    seconds(100)
    assert seconds(1_000_000) < 5
