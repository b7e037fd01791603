"""What the tutorial promises after each step, seen by a visitor with one browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from doors import SECRET, Visitor
from pages import ROOT, Names, Written, read_along

PAGE = ROOT / "docs" / "tutorial" / "first-site.md"
CONSENT = b"__Host-cookieconsent"


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Names]:
    """What `shop.py` defines after each of its four versions."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COOKIECONSENT_SECRET", SECRET)
    return [
        dict(names) for block, names in read_along(PAGE, tmp_path) if block.language == "python"
    ]


def kept(visitor: Visitor) -> set[bytes]:
    """Return the names of the cookies in a visitor's browser."""
    header = visitor.jar.send(visitor.origin, now=visitor.site.clock.now) or b""
    return {pair.partition(b"=")[0] for pair in header.split(b"; ")} - {b""}


def test_page_asks_and_stores_nothing(steps: list[Names]) -> None:
    visitor = Visitor(Written(steps[0]["app"], "asgi"))
    visitor.visit()
    assert visitor.sees == "banner"
    assert kept(visitor) == set()


def test_answer_is_one_cookie_and_can_be_forgotten(steps: list[Names]) -> None:
    visitor = Visitor(Written(steps[0]["app"], "asgi"))
    visitor.visit()
    visitor.choose("reject")
    assert (visitor.url, visitor.sees) == ("/", "settings")
    assert visitor.fragment == "cookieconsent-saved"
    assert b"Your choice is saved." in visitor.page
    assert kept(visitor) == {CONSENT}

    came_from = (b"referer", f"{visitor.origin}/".encode())  # as a browser that follows the link
    visitor.visit("/cookie-consent", [came_from])
    visitor.choose("forget")
    assert (visitor.url, visitor.sees) == ("/", "banner")
    assert b"No choice is stored" in visitor.page
    assert kept(visitor) == set()


def test_answer_is_the_same_for_everybody(steps: list[Names]) -> None:
    headers = []
    for _ in range(2):
        visitor = Visitor(Written(steps[0]["app"], "asgi"))
        visitor.visit()
        visitor.choose("reject")
        headers.append(visitor.jar.send(visitor.origin, now=visitor.site.clock.now))
    assert headers[0] == headers[1]


def test_rest_of_the_tutorial(steps: list[Names]) -> None:
    visitor = Visitor(Written(steps[0]["app"], "asgi"))
    visitor.visit()
    visitor.choose("reject")

    # 4: a new declaration is a new question, and the cookie waits
    visitor.site = Written(steps[1]["app"], "asgi")
    for _ in range(3):
        visitor.visit()
        assert visitor.sees == "banner"
        assert b"Visit 1." in visitor.page
    visitor.choose("accept")
    assert b"Visit 1." in visitor.page
    for text in (b"Visit 2.", b"Visit 3."):
        visitor.visit()
        assert text in visitor.page
    assert kept(visitor) == {CONSENT, b"visits"}
    visitor.visit("/cookie-consent")
    assert b"Counts how often you were here." in visitor.page
    assert b"hird part" not in visitor.page, "nobody but the site gets the numbers"

    # 5: code that asks
    visitor.site = Written(steps[2]["app"], "asgi")
    for number in (1, 2):
        visitor.visit()
        assert b"%d visits noted." % number in visitor.page
    stranger = Visitor(visitor.site)
    for _ in range(2):
        stranger.visit()
        assert stranger.sees == "banner"
        assert b"2 visits noted." in stranger.page

    # 6: one click from the page
    visitor.choose("withdraw")
    visitor.visit()
    assert b"2 visits noted." in visitor.page
    assert kept(visitor) == {CONSENT}


def test_flask_asks_as_well(steps: list[Names]) -> None:
    visitor = Visitor(Written(steps[3]["app"].wsgi_app, "wsgi"))
    visitor.visit()
    assert visitor.sees == "banner"
    assert b"no, or none yet" in visitor.page
    visitor.choose("accept")
    assert b"Analytics: yes." in visitor.page
    assert kept(visitor) == {CONSENT}
