"""The audit's report in a browser: fit for every window and for paper; it asks for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from axe_playwright_python.sync_playwright import Axe

from audit.samples import HOSTILE, audited, empty, hostile, report
from cookieconsent.audit.report import StateRow
from cookieconsent.audit.reports.html import write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

AXE_MILLISECONDS: Final = 30_000
RULES: Final = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
}
PAGES: Final = {
    "whole": write(report()),
    "empty": write(empty()),
    "real": write(audited()),
    "hostile": write(hostile(HOSTILE["script"] * 5)),
}
EVERY = pytest.mark.parametrize("text", PAGES.values(), ids=PAGES)


@pytest.fixture(scope="module", params=["light", "dark"])
def context(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    """A browser that prefers one scheme."""
    context = browser.new_context(color_scheme=request.param)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page of it."""
    page = context.new_page()
    page.set_default_timeout(AXE_MILLISECONDS)
    yield page
    page.close()


@pytest.mark.timeout(60)
@EVERY
def test_axe_finds_nothing(page: Page, text: str) -> None:
    page.set_content(text)
    found = Axe().run(page, options=RULES).response["violations"]
    assert [f"{each['id']}: {node['html'][:120]}" for each in found for node in each["nodes"]] == []


@pytest.mark.parametrize("width", [320, 390, 1280])
@EVERY
def test_only_tables_scroll_sideways(page: Page, text: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.set_content(text)
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_paper_is_white_and_shows_the_evidence(page: Page) -> None:
    page.set_content(PAGES["whole"])
    page.emulate_media(media="print")
    back = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert back == "rgb(255, 255, 255)"
    assert page.get_by_text("catalogue name: _ga is analytics (decides)").is_visible()


def test_many_states_fit_on_paper(page: Page) -> None:
    """Whoever holds paper cannot scroll."""
    states = tuple(StateRow(name=f"partial:class-{n}", pages=1, unverified=None) for n in range(30))
    page.set_viewport_size({"width": 680, "height": 800})
    page.emulate_media(media="print")
    page.set_content(write(report(states=states)))
    assert page.evaluate("document.documentElement.scrollWidth") == 680


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_file_runs_no_script_and_loads_nothing(page: Page, tmp_path: Path, text: str) -> None:
    file = tmp_path / "audit.html"
    file.write_text(write(hostile(text)), encoding="utf-8")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    page.goto(file.as_uri())
    assert [url for url in asked if not url.startswith("data:image/png")] == [file.as_uri()]


def test_picture_is_shown(page: Page) -> None:
    page.set_content(PAGES["whole"])
    assert page.evaluate("document.querySelector('img').naturalWidth") == 1
