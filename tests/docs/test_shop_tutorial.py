"""What the ten-minute shop does after each step, seen by a visitor with one browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from doors import FORM, SECRET, Visitor, form_for
from pages import ROOT, Names, Written, blocks, run

PAGE = ROOT / "docs" / "tutorial" / "shop.md"
FILM = b"<iframe src="


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the reader works."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COOKIECONSENT_SECRET", SECRET)
    return tmp_path


def shop_after(step: int, folder: Path) -> Names:
    """Return what the shop is when it is started anew after a step of the page, from 2."""
    text = PAGE.read_text(encoding="utf-8")
    read = text[: text.index(f"\n## {step + 1}. ")]
    page = folder / f"step-{step}.md"
    page.write_text(read, encoding="utf-8")
    code = [block.text for block in blocks(page) if block.language == "python"]
    run(page, folder)  # which leaves the files as the reader has them
    names: Names = {"__name__": "shop"}
    exec("\n".join(code), names)
    return names


def visitor_after(step: int, folder: Path) -> Visitor:
    visitor = Visitor(
        Written(shop_after(step, folder)["app"].wsgi_app, "wsgi"), "http://localhost:5000"
    )
    visitor.visit()
    return visitor


def send(visitor: Visitor, action: str, **fields: str) -> None:
    """Send a form of the shop, and look at the shop again."""
    body = urlencode(fields).encode("ascii")
    visitor.visit(action, [(b"content-type", FORM)], method="POST", body=body)
    visitor.visit()


def test_shop_without_consent_tracks_from_the_first_page(folder: Path) -> None:
    visitor = visitor_after(2, folder)
    send(visitor, "/sign-in", name="Ada")
    send(visitor, "/basket", thing="mug")
    send(visitor, "/basket", thing="teapot")
    assert b"Hello Ada, this is visit 4." in visitor.page
    assert b"mug, teapot" in visitor.page
    assert FILM in visitor.page


@pytest.mark.parametrize("answer", [None, "reject", "accept"])
def test_undeclared_cookies_stay_away_whatever_the_answer(folder: Path, answer: str | None) -> None:
    visitor = visitor_after(3, folder)
    assert visitor.sees == "banner"
    if answer is not None:
        visitor.choose(answer)
    send(visitor, "/sign-in", name="Ada")
    send(visitor, "/basket", thing="mug")
    assert b"Hello Ada, this is visit 1." in visitor.page
    assert b"nothing yet" in visitor.page
    assert FILM in visitor.page


def test_declared_basket_fills_and_counter_waits(folder: Path) -> None:
    visitor = visitor_after(4, folder)
    send(visitor, "/basket", thing="mug")
    assert b"In your basket: mug" in visitor.page
    assert b"this is visit 1." in visitor.page
    visitor.choose("accept")
    for number in (2, 3):
        visitor.visit()
        assert b"this is visit %d." % number in visitor.page
    visitor.choose("withdraw")
    assert b"visits" not in (visitor.jar.send(visitor.origin, now=visitor.site.clock.now) or b"")
    visitor.visit("/cookie-consent")
    assert b"Counts how often you were here." in visitor.page
    assert b"This shop (third party)" not in visitor.page


def test_film_waits_for_its_button(folder: Path) -> None:
    visitor = visitor_after(5, folder)
    assert FILM not in visitor.page
    assert b"How tea is made" in visitor.page
    assert b"YouTube" in visitor.page
    assert form_for(visitor.page, "grant").buttons
    visitor.choose("grant")
    assert FILM in visitor.page
    assert b"this is visit 1." in visitor.page, "one yes is no other"


def test_guard_of_the_shop_passes_and_can_fail(folder: Path) -> None:
    names = run(PAGE, folder)
    names["test_nothing_is_set_without_a_yes"]()
    inner = names["app"].wsgi_app

    def careless(environ: Any, start_response: Any) -> Any:
        """Set a cookie further out than the middleware, as a load balancer might."""
        return inner(
            environ,
            lambda status, headers, *rest: start_response(
                status, [*headers, ("Set-Cookie", "visits=1")], *rest
            ),
        )

    names["app"].wsgi_app = careless
    with pytest.raises(AssertionError, match="visits"):
        names["test_nothing_is_set_without_a_yes"]()
