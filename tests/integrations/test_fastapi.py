"""FastAPI's dependency, and what must not change: schema, overrides, clients."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI, Request, WebSocket
from fastapi.testclient import TestClient

from cookieconsent import ConsentState, NotInstalledError, consent_of
from cookieconsent.integrations.fastapi import Consent, consent_state
from cookieconsent.integrations.starlette import install
from cookieconsent.middleware.asgi import CookieConsentMiddleware
from doors import SECRET


def site() -> FastAPI:
    app = FastAPI()

    @app.get("/items/{number}")
    async def item(number: int, consent: Consent, q: str = "") -> dict[str, Any]:
        return {
            "number": number,
            "counted": consent.allows("analytics"),
            "kind": str(type(consent)),
        }

    @app.get("/plain")
    def plain(consent: Consent) -> bool:
        return consent.decided

    @app.websocket("/ws")
    async def talk(websocket: WebSocket, consent: Consent) -> None:
        await websocket.accept()
        await websocket.send_json(consent.allows("analytics"))
        await websocket.close()

    return app


def plain_site() -> FastAPI:
    """The same without anything of ours."""
    app = FastAPI()

    @app.get("/items/{number}")
    async def item(number: int, q: str = "") -> dict[str, Any]:
        return {}

    @app.get("/plain")
    def plain() -> bool:
        return False

    return app


def installed() -> FastAPI:
    app = site()
    install(app, secret_key=SECRET)
    return app


def test_endpoint_gets_the_typed_state() -> None:
    with TestClient(installed()) as client:
        answer = client.get("/items/7").json()
        assert answer == {"number": 7, "counted": False, "kind": str(ConsentState)}
        assert client.get("/plain").json() is False


def test_websocket_gets_the_state() -> None:
    with TestClient(installed()).websocket_connect("/ws") as socket:
        assert socket.receive_json() is False


def test_state_is_the_one_of_the_request() -> None:
    app = FastAPI()

    @app.get("/")
    async def same(websocket_or_request: Consent, again: Consent) -> bool:
        return websocket_or_request is again

    install(app, secret_key=SECRET)
    assert TestClient(app).get("/").json() is True


def test_schema_is_equal_with_and_without() -> None:
    added = site()
    added.add_middleware(CookieConsentMiddleware, secret_key=SECRET)
    schemas = [app.openapi() for app in (plain_site(), site(), installed(), added)]
    assert all(schema == schemas[0] for schema in schemas)
    served = TestClient(installed()).get("/openapi.json")
    assert served.content == TestClient(plain_site()).get("/openapi.json").content
    assert "set-cookie" not in served.headers


def test_dependency_can_be_overridden() -> None:
    class Granted:
        decided = True

    app = installed()
    app.dependency_overrides[consent_state] = Granted
    assert TestClient(app).get("/plain").json() is True


def test_endpoint_outside_of_the_door_says_so() -> None:
    with pytest.raises(NotInstalledError, match="wrap the application"):
        TestClient(site()).get("/plain")


def test_mounted_application_gets_the_state_of_the_outer_one() -> None:
    outer = FastAPI()
    outer.mount("/sub", site())
    install(outer, secret_key=SECRET)
    assert TestClient(outer).get("/sub/plain").json() is False


def test_state_of_fastapis_request() -> None:
    app = FastAPI()

    @app.get("/")
    async def ask(request: Request) -> bool:
        return consent_of(request).allows("authentication")

    install(app, secret_key=SECRET)
    assert TestClient(app).get("/").json() is True
