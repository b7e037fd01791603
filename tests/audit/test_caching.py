"""What shared caches may keep, by the fields of an answer."""

from __future__ import annotations

import pytest

from cookieconsent.audit.caching import dated, keeps_cookies, kept_by_shared_caches
from cookieconsent.audit.evidence import View

MODIFIED = ("last-modified", "Mon, 02 Nov 2026 10:00:00 GMT")
SOON = ("expires", "Mon, 02 Nov 2026 11:00:00 GMT")
NOW = ("date", "Mon, 02 Nov 2026 10:00:00 GMT")


def control(value: str) -> tuple[str, str]:
    return "cache-control", value


def seen(*fields: tuple[str, str], status: int = 200, method: str = "GET") -> View:
    headers = [(name.encode(), value.encode()) for name, value in fields]
    return View(
        step="before", method=method, path="/", url="https://x/", status=status, headers=headers
    )


CASES = [
    # name, fields, what caches do
    ("nothing said", [], None),
    ("an age", [control("max-age=60")], "told"),
    ("an age in quotes", [control('max-age="60"')], "told"),
    ("no age", [control("max-age=0")], None),
    ("nonsense for an age", [control("max-age=soon")], None),
    ("none for shared caches", [control("s-maxage=0, max-age=60")], None),
    ("an age for shared caches", [control("max-age=0, s-maxage=60")], "told"),
    ("in capitals", [control("Public, MAX-AGE=60")], "told"),
    ("public without an age", [control("public")], "told"),
    ("private", [control("private, max-age=60")], None),
    ("private in a second field", [control("max-age=60"), control("private")], None),
    ("private in one field of the answer", [control('private="x-a", max-age=60')], "told"),
    ("to be asked about", [control("no-cache, max-age=60")], None),
    ("not to be stored", [control("no-store, public, max-age=60")], None),
    ("until a date", [NOW, SOON], "told"),
    ("until a date that is past", [SOON, ("date", "Mon, 02 Nov 2026 12:00:00 GMT")], None),
    ("until no date", [NOW, ("expires", "0")], None),
    ("an age before a date", [control("max-age=0"), NOW, SOON], None),
    ("modified long ago", [MODIFIED], "guessed"),
    ("modified, and private", [MODIFIED, control("private")], None),
    ("varied by everything", [control("max-age=60"), ("vary", "Accept, *")], None),
]


@pytest.mark.parametrize(
    ("fields", "kept"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_answer_is_kept_as_it_says(fields: list[tuple[str, str]], kept: str | None) -> None:
    assert kept_by_shared_caches(seen(*fields)) == kept


LONG_AGO = ("expires", "Fri, 01 Jan 1999 00:00:00 GMT")


@pytest.mark.parametrize(("expires", "kept"), [(LONG_AGO, None), (SOON, "told")])
def test_answer_of_an_application_gets_a_date(expires: tuple[str, str], kept: str | None) -> None:
    """Trac says so, and leaves the date to the server, which in process is not there."""
    view = seen(expires)
    view.headers = dated(view.headers, 1_793_613_600.0)  # NOW
    assert view.headers[1:] == [(NOW[0].encode(), NOW[1].encode())]
    assert kept_by_shared_caches(view) == kept


def test_date_of_the_server_is_left_alone() -> None:
    assert dated([(b"date", b"yesterday")], 0.0) == [(b"date", b"yesterday")]


@pytest.mark.parametrize(("status", "method"), [(302, "GET"), (500, "GET"), (200, "POST")])
def test_some_answers_are_not_kept(status: int, method: str) -> None:
    assert kept_by_shared_caches(seen(control("max-age=60"), status=status, method=method)) is None


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("max-age=60", True),
        ('max-age=60, private="set-cookie"', False),
        ('max-age=60, no-cache="Set-Cookie, X-A"', False),
        ("max-age=60, no-cache=set-cookie", False),
        ('max-age=60, no-cache="x-a"', True),
    ],
)
def test_cookies_may_be_left_out(value: str, kept: bool) -> None:
    assert keeps_cookies(seen(control(value))) is kept
