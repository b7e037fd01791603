"""Applications of this process on loopback: both protocols, and what cannot be served."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from cookieconsent.observation.answer import ObservationError, Request
from cookieconsent.observation.certificate import certificate
from cookieconsent.observation.http import HttpClient
from cookieconsent.observation.serving import listening, served


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


async def tells_scheme_by_asgi(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        host = dict(scope["headers"])[b"host"]
        await send({"type": "http.response.body", "body": scope["scheme"].encode() + b" " + host})


def tells_scheme_by_wsgi(environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['wsgi.url_scheme']} {environ['HTTP_HOST']}".encode()]


@pytest.mark.parametrize("app", [tells_scheme_by_asgi, tells_scheme_by_wsgi], ids=["asgi", "wsgi"])
def test_application_is_served_by_https_under_its_name(app: Any) -> None:
    own, listener = certificate(["shop.example"]), listening()
    with served(app, listener, pem=own.pem) as base:
        assert base.startswith("https://localhost:")
        place: tuple[str, int] = listener.getsockname()
        asked = Request(url="https://shop.example/")
        answer = HttpClient(place=place, trust=own.trust).send(asked)
        assert answer.body == b"https shop.example"
        with pytest.raises(ObservationError, match="certificate is not valid"):
            HttpClient(place=place).send(asked)
        with pytest.raises(ObservationError, match="certificate is not valid"):
            HttpClient(place=place, trust=own.trust).send(Request(url="https://other.example/"))


def test_certificate_is_asked_for_by_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(ObservationError, match=r"Install cookieconsent\[browser\]"):
        certificate(["localhost"])


@pytest.mark.parametrize(
    ("app", "reason"),
    [(does_not_start, "its start-up failed"), ("shop", "a str is no application")],
    ids=["fails to start", "no application"],
)
def test_what_cannot_be_served_is_refused(app: Any, reason: str) -> None:
    with pytest.raises(ObservationError, match=reason), served(app):
        pass
