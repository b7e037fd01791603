"""The guide's browser tests, in a browser. Alone here: Playwright holds this thread's event loop."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

from pages import ReadGuide

if TYPE_CHECKING:
    from playwright.sync_api import Page


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
