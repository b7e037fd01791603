"""`events`: names are escaped, once each and bounded; values never appear."""

from __future__ import annotations

import logging
import tracemalloc
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookieconsent.core.filter import DENIED, UNKNOWN
from cookieconsent.engine.events import Reporter, escape_name
from doors import Door, Site, both_doors


@pytest.mark.hostile(180)
@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        (b"_ga", "_ga"),
        (b"a b", "a b"),
        (b"", ""),
        (b"\x1b[2J", r"\x1b[2J"),
        (b"a\r\nINFO forged", r"a\x0d\x0aINFO forged"),
        (b"a\x00b\x7f", r"a\x00b\x7f"),
        (b"\\x41", r"\x5cx41"),
        ("s\u0456d".encode(), r"s\xd1\x96d"),
        ("\u202egpj".encode(), r"\xe2\x80\xaegpj"),
        (b"\x85\xa0", r"\x85\xa0"),
        (b"\xff" * 16, r"\xff" * 16),
    ],
)
def test_name_is_printable_ascii(name: bytes, escaped: str) -> None:
    assert escape_name(name) == escaped


@pytest.mark.hostile(31)
def test_look_alike_cannot_pass_for_the_name() -> None:
    assert "sid" not in escape_name("s\u0456d".encode())


@given(st.binary(max_size=300))
def test_escaped_name_is_short_and_plain(name: bytes) -> None:
    escaped = escape_name(name)
    assert len(escaped) <= 64
    assert escaped.isascii()
    assert not any(unicodedata.category(char).startswith("C") for char in escaped)
    if len(name) <= 64 and all(0x20 <= byte < 0x7F for byte in name) and b"\\" not in name:
        assert escaped == name.decode()


@pytest.mark.parametrize("name", [b"a" * 64, b"a" * 65, b"\xff" * 20, b"a" * 100_000])
def test_long_name_is_cut(name: bytes) -> None:
    assert (escape_name(name) == name.decode("latin-1")) is (name == b"a" * 64)
    assert len(escape_name(name)) <= 64


def test_each_name_is_reported_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "cookieconsent")
    reporter = Reporter()
    for _ in range(3):
        reporter.stripped(b"_ga", DENIED)
        reporter.stripped(b"_ga", UNKNOWN)
        reporter.names("cookie blocked", [b"_ga", b"_gid", b"_ga"])
    assert [(r.__dict__["event"], r.__dict__["cookie"]) for r in caplog.records] == [
        ("cookie denied", "_ga"),
        ("cookie undeclared", "_ga"),
        ("cookie blocked", "_ga"),
        ("cookie blocked", "_gid"),
    ]


def test_warnings_and_failures_come_once(caplog: pytest.LogCaptureFixture) -> None:
    reporter = Reporter()
    for _ in range(3):
        reporter.once("base", "set public_origin")
        try:
            int("x")
        except ValueError:
            reporter.failure("page")
    assert [record.levelname for record in caplog.records] == ["WARNING", "ERROR"]
    assert caplog.records[0].getMessage() == "base: set public_origin"
    assert caplog.records[1].exc_info is not None
    assert caplog.records[1].__dict__["where"] == "page"


KNOWN = ("authentication", "cart", "consent", "analytics")


@pytest.mark.parametrize(
    ("name", "event", "said"),
    [
        ("analitycs", "unknown class", "did you mean 'analytics'?"),
        ("Analytics", "unknown class", "did you mean 'analytics'?"),
        ("advertisment", "unknown class", "did you mean 'advertising'?"),
        ("zzz", "unknown class", "this site has: analytics, authentication, cart, consent"),
        ("", "unknown class", "this site has: analytics, authentication, cart, consent"),
        ("advertising", "class not in use", "declare a cookie of it, or name it in classes"),
        ("media", "class not in use", "declare a cookie of it, or name it in classes"),
        ("preferences", "class not in use", "declare a cookie of it, or name it in classes"),
    ],
)
def test_class_asked_for_in_vain_is_warned_of(
    name: str, event: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    reporter = Reporter()
    for _ in range(3):
        reporter.unknown_class(name, KNOWN)
    [record] = caplog.records
    assert record.levelname == "WARNING"
    assert record.getMessage() == f"{event}: allows('{name}') is always False; {said}"
    assert (record.__dict__["event"], record.__dict__["cls"]) == (event, name)


@pytest.mark.parametrize("name", [None, b"analytics", 5, "a\r\nforged", "\ud800", "x" * 10**6])
def test_odd_name_of_a_class_harms_no_log(name: Any, caplog: pytest.LogCaptureFixture) -> None:
    Reporter().unknown_class(name, KNOWN)
    [record] = caplog.records
    assert record.getMessage().isprintable()
    assert record.getMessage().isascii()
    assert len(record.getMessage()) < 200


def test_unknown_classes_are_bounded_apart(caplog: pytest.LogCaptureFixture) -> None:
    """Neither do visitors' names use up their room, nor is it without an end."""
    caplog.set_level(logging.WARNING, "cookieconsent")
    reporter = Reporter()
    reporter.names("cookie blocked", [b"%d" % number for number in range(2000)])
    for number in range(500):
        reporter.unknown_class(f"class-{number}", KNOWN)
    assert len(caplog.records) == len(reporter._classes) == 64
    caplog.set_level(logging.INFO, "cookieconsent")
    reporter.names("cookie blocked", [b"another"])
    assert len(caplog.records) == 64


def test_reported_names_are_bounded(caplog: pytest.LogCaptureFixture) -> None:
    """60,000 invented names of 4 kB leave neither memory nor log lines behind them."""
    caplog.set_level(logging.INFO, "cookieconsent")
    reporter = Reporter()
    tracemalloc.start()
    try:
        for number in range(60_000):
            reporter.stripped(b"%d" % number + b"a" * 4000, UNKNOWN)
            if number % 500 == 0:
                caplog.clear()
        grown = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert grown < 4_000_000
    caplog.clear()
    reporter.stripped(b"another one", UNKNOWN)
    assert not caplog.records
    reporter.once("base", "what the operator must know is still said")
    assert len(caplog.records) == 1


@pytest.mark.hostile(180)
@both_doors
def test_values_never_reach_the_log(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    """Nor do escape codes or line breaks of names, in whatever state the visitor is."""
    caplog.set_level(logging.DEBUG, "cookieconsent")
    value = b"VALUE-OF-A-SESSION"
    site = Site(door)
    names = [b"_ga", b"zzz", b"sessionid", b"\x1b[2J", b"\xc2\x9b31m", b'<b onload="x">']
    names.append(site.consent.cookie_name)
    request = b"; ".join(name + b"=" + value for name in names)
    site.get(cookie=request)
    site.get(cookie=request + b"; " + site.answer_cookie("accept"))
    site.post(b"choice=accept&token=" + value, headers=(), cookie=request)
    site.post(b"choice=grant&class=" + value, cookie=request)
    text = "\n".join(
        f"{record.getMessage()} {record.args} {sorted(record.__dict__.items(), key=str)}"
        for record in caplog.records
    )
    assert "cookie undeclared" in text
    assert value.decode() not in text
    assert "\x1b" not in text
    assert not any(ord(char) > 0x7E for record in caplog.records for char in record.getMessage())
    assert not any("\n" in record.getMessage() for record in caplog.records)
