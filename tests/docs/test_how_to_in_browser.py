"""What the guides say of browsers, in one. Alone here: Playwright holds this thread's event loop."""

from __future__ import annotations

import base64
import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest
import uvicorn

from cookieconsent.audit.diary import MAX_REQUESTS
from cookieconsent.audit.platforms import PLATFORMS
from cookieconsent.observation.answer import PAGE_SECONDS
from cookieconsent.observation.browser_faults import NO_CHROMIUM
from cookieconsent.observation.chromium import NAMES
from cookieconsent.observation.document import MAX_HTML_CHARACTERS
from cookieconsent.observation.layout import NARROW, PHONES, WINDOW
from cookieconsent.observation.rest import MAX_PAGE_OCTETS, REST_SECONDS
from cookieconsent.observation.traffic import MAX_EVENTS
from pages import GUIDES, ReadGuide, blocks

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

AUDIT: Final = GUIDES / "audit-browser.md"


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an application on a free port of loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://localhost:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)


@pytest.mark.parametrize(
    "test", ["test_analytics_waits_for_a_yes", "test_visitor_who_said_no_sees_no_banner"]
)
def test_guide_for_browsers_passes(read: ReadGuide, page_without_js: Page, test: str) -> None:
    names = read("end-to-end-tests")
    with served(names["app"]) as address:
        names[test](page_without_js, address)


def test_console_names_the_hash_that_a_policy_further_out_lacks(
    read: ReadGuide, page_without_js: Page
) -> None:
    inner = read("consent-mode")["app"]

    async def proxy(scope: Any, receive: Any, send: Any) -> None:
        async def add(message: Any) -> None:
            policy = (b"content-security-policy", b"style-src 'none'")
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], policy]}
            await send(message)

        await inner(scope, receive, add)

    said: list[str] = []
    page_without_js.on("console", lambda message: said.append(message.text))
    with served(proxy) as address:
        page_without_js.goto(address)
    sheet = page_without_js.locator("style").first.text_content() or ""
    digest = base64.b64encode(hashlib.sha256(sheet.encode("utf-8")).digest()).decode("ascii")
    assert any(f"sha256-{digest}" in text for text in said), said


def test_google_is_asked_only_after_a_yes(read: ReadGuide, browser: Browser) -> None:
    app = read("consent-mode")["app"]
    context = browser.new_context()
    asked: list[str] = []

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        route.fulfill(body="", content_type="text/javascript")

    context.route("https://www.googletagmanager.com/**", answer)
    page = context.new_page()
    with served(app) as address:
        page.goto(address)
        assert asked == []
        with page.expect_navigation():
            page.click("#cookieconsent-banner button[value=accept]")
        assert len(asked) == 1
        first = page.evaluate("Array.from(dataLayer[0])")
        assert first[:2] == ["consent", "default"]
        assert set(first[2].values()) == {"granted"}
        with page.expect_navigation():
            page.click("#cookieconsent-settings button[value=withdraw]")
        assert len(asked) == 1
    context.close()


def test_guide_audits_in_a_browser(
    read: ReadGuide,
    chromium_path: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CHROMIUM", chromium_path)
    names = read("audit-browser")
    names["show"]("rejected")
    assert capsys.readouterr().out == texts()[1]


def test_guide_says_why_nothing_was_seen(
    read: ReadGuide, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHROMIUM", "/no/such/chromium")
    read("audit-browser")["show"]("rejected")
    assert capsys.readouterr().out.startswith("rejected is not verified: CHROMIUM")


def test_guide_says_what_is_said_without_chromium() -> None:
    assert texts()[0] == f"the browser cannot be started: {NO_CHROMIUM}\n"
    text = AUDIT.read_text(encoding="utf-8")
    assert [text.index(f"`{name}`") for name in NAMES] == sorted(
        text.index(f"`{n}`") for n in NAMES
    )


def texts() -> list[str]:
    return [block.text for block in blocks(AUDIT) if block.language == "text"]


def test_guide_names_every_platform_and_bound() -> None:
    text = AUDIT.read_text(encoding="utf-8")
    assert [platform.name for platform in PLATFORMS if platform.name not in text] == []
    assert f"has {PAGE_SECONDS:g} seconds to answer and {PAGE_SECONDS:g} to load" in text
    assert f"its scripts {REST_SECONDS:g} more" in text
    assert f"; {MAX_PAGE_OCTETS // 2**20} MiB of it are read" in text
    assert f"a window of {NARROW} pixels" in text
    widths = [WINDOW[0], *PHONES]
    assert f"windows of {widths[0]}, {widths[1]} and {widths[2]} pixels" in text
    assert f"more than {MAX_EVENTS} things happen" in text
    assert f"more than {MAX_REQUESTS} addresses" in text
    assert f"longer than {MAX_HTML_CHARACTERS:,} characters" in text
