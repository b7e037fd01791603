"""Applications of this process on loopback: both protocols, and what cannot be served."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from cookieconsent.observation.answer import ObservationError, Request
from cookieconsent.observation.http import HttpClient
from cookieconsent.observation.serving import served


async def speaks_asgi(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["path"].encode()})


async def does_not_start(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "lifespan.startup.failed", "message": ""})


def speaks_wsgi(environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/plain")])
    return [environ["PATH_INFO"].encode()]


@pytest.mark.parametrize("app", [speaks_asgi, speaks_wsgi], ids=["asgi", "wsgi"])
def test_application_answers_on_localhost(app: Any) -> None:
    with served(app) as base:
        assert base.startswith("http://localhost:")
        answer = HttpClient().send(Request(url=f"{base}shoes"))
    assert (answer.status, answer.body) == (200, b"/shoes")
    with pytest.raises(ObservationError, match="Connection refused"):
        HttpClient().send(Request(url=base))


@pytest.mark.parametrize(
    ("app", "reason"),
    [(does_not_start, "its start-up failed"), ("shop", "a str is no application")],
    ids=["fails to start", "no application"],
)
def test_what_cannot_be_served_is_refused(app: Any, reason: str) -> None:
    with pytest.raises(ObservationError, match=reason), served(app):
        pass
