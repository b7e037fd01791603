"""Clients are changed while somebody listens, and are as they were afterwards."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from cookieconsent.observation.listening import listening
from cookieconsent.observation.tap import Heard


def app(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"Hello"]


def test_clients_are_as_they_were_afterwards() -> None:
    import httpx2
    import starlette.testclient
    import webtest.app
    import werkzeug.test
    from django.test.client import ClientHandler

    def calls() -> list[object]:
        return [
            "call_application" in vars(webtest.app.TestRequest),
            webtest.lint.middleware,
            werkzeug.test.Client.run_wsgi_app,
            starlette.testclient._TestClientTransport.handle_request,
            httpx2.ASGITransport.handle_async_request,
            httpx2.WSGITransport.handle_request,
            ClientHandler.__call__,
        ]

    before, finders = calls(), list(sys.meta_path)
    with listening(lambda _: None):
        assert [one == other for one, other in zip(before, calls(), strict=True)] == [False] * 7
    assert calls() == before
    assert sys.meta_path == finders


def test_several_listen_until_each_has_heard_enough() -> None:
    import webtest

    outer: list[Heard] = []
    inner: list[Heard] = []
    client = webtest.TestApp(app)
    with listening(outer.append):
        with listening(inner.append):
            client.get("/a")
        client.get("/b")
    client.get("/c")
    assert [one.request.url for one in outer] == ["http://localhost/a", "http://localhost/b"]
    assert [one.request.url for one in inner] == ["http://localhost/a"]


def test_calls_of_one_transport_at_a_time_do_not_mix() -> None:
    import asyncio

    import httpx2

    waiting = asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/slow":
            await waiting.wait()
        waiting.set()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def both() -> None:
        transport = httpx2.ASGITransport(app=slow)
        async with httpx2.AsyncClient(transport=transport, base_url="http://shop") as client:
            await asyncio.gather(client.get("/slow"), client.get("/fast"))
        assert transport.app is slow

    heard: list[Heard] = []
    with listening(heard.append):
        asyncio.run(both())
    assert sorted(one.request.url for one in heard) == ["http://shop/fast", "http://shop/slow"]


def test_answers_that_an_application_makes_inside_are_not_heard() -> None:
    """Werkzeug calls an error as an application to make a response of it."""
    import flask

    heard: list[Heard] = []
    with listening(heard.append):
        assert flask.Flask("empty").test_client().get("/").status_code == 404
    assert len(heard) == 1


def test_the_client_of_fastapi_is_that_of_starlette() -> None:
    import fastapi.testclient
    import starlette.testclient

    assert fastapi.testclient.TestClient is starlette.testclient.TestClient


@pytest.mark.parametrize("name", ["webtest", "werkzeug.test", "starlette.testclient", "httpx"])
def test_no_client_is_imported_and_a_later_one_is_heard(name: str) -> None:
    code = f"""
import sys
from cookieconsent.observation import listening
assert {name.partition(".")[0]!r} not in sys.modules
with listening.listening(print):
    assert {name!r} not in sys.modules
    import {name}
    assert listening._replaced
    module = sys.modules[{(name + ".app" if name == "webtest" else name)!r}]
    assert type(module.__loader__).__module__ != listening.__name__
    assert module.__spec__.loader is module.__loader__
assert not listening._replaced
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_what_django_answers_and_nobody_can_write_down_is_lost() -> None:
    from cookieconsent.observation import listening as module

    answer, heard, lost = object(), list[Heard](), list[str]()
    with listening(heard.append, lost.append):
        assert module._django(lambda _self, _environ: answer)(object(), {}) is answer
    assert (heard, lost) == ([], ["KeyError"])


def test_client_of_an_unknown_release_is_not_taken_for_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import werkzeug.test

    monkeypatch.delattr(werkzeug.test.Client, "run_wsgi_app")
    first, second = list[str](), list[str]()
    said = "this release of werkzeug.test is not known: no Client.run_wsgi_app"
    with listening(lambda _: None, first.append), listening(lambda _: None, second.append):
        assert (first, second) == ([said], [said])
    again = list[str]()
    with listening(lambda _: None, again.append):
        assert again == [said]
