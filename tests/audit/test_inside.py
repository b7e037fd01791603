"""The spy sees what reaches the application, behind the middleware, and leaves nothing behind."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from audit.fixtures.shop import DOORS, OPEN, Door, Shop, also, asgi, look_at, wsgi
from cookieconsent.audit.evidence import View
from cookieconsent.audit.inside import MAX_LINES, Spy, watching
from cookieconsent.observation.answer import Request
from cookieconsent.observation.asgi import AsgiClient
from cookieconsent.testing.sites import door_in


@pytest.mark.parametrize("door", DOORS)
def test_application_receives_what_the_middleware_lets_through(door: Door) -> None:
    run = look_at(Shop(), door).runs["seeded"]
    first = run.views[0]
    assert set(first.sent) >= {"_ga", "_gid"}
    assert first.received == ()
    received = {name for view in run.views for name in view.received or ()}
    assert received == {"sid", "__Host-cookieconsent"}


@pytest.mark.parametrize("door", DOORS)
def test_spy_is_taken_out_again(door: Door) -> None:
    app = wsgi(Shop()) if door == "wsgi" else asgi(Shop())
    layer = door_in(app)
    assert layer is not None
    before = layer.app
    with watching(app) as spy:
        assert spy is not None
        assert layer.app is not before
    assert layer.app is before


def test_spy_is_taken_out_after_an_error() -> None:
    app = wsgi(Shop())
    layer = door_in(app)
    assert layer is not None
    before = layer.app
    with pytest.raises(KeyError), watching(app):
        raise KeyError
    assert layer.app is before


def test_nothing_is_watched_without_middleware() -> None:
    with watching(lambda _environ, _start: []) as spy:
        assert spy is None


CASES = [
    (b"a=1; b=2", ("a", "b")),
    (b"a=1;a=2", ("a",)),
    (b" a = 1 ;; ", ("a",)),
    (b"alone", ("",)),
    (b"\xff=1", ("\\xff",)),
    (b"", ()),
]


@pytest.mark.parametrize(("header", "names"), CASES)
def test_spy_notes_names_and_no_values(header: bytes, names: tuple[str, ...]) -> None:
    spy = Spy()
    spy.note(header)
    assert spy.take() == names
    assert spy.take() == ()


@pytest.mark.parametrize("door", DOORS)
def test_application_sets_what_the_middleware_keeps_back(door: Door) -> None:
    shop = Shop(lines=also(f"mystery=hush{OPEN}", "gone=; Max-Age=0"))
    evidence = look_at(shop, door, states=["none", "accepted"])
    kept = {
        state: [found.line.text for found in run.pages()[-1].kept_back]
        for state, run in evidence.runs.items()
    }
    mystery = f"mystery=<4 octets>{OPEN}"
    assert [text.partition("=")[0] for text in kept["none"]] == ["_ga", "_fbp", "mystery"]
    assert kept["none"][-1] == mystery
    assert kept["accepted"] == [mystery]


def view(status: int | None = 200) -> View:
    return View(step="before", method="GET", path="/", url="https://shop.example/", status=status)


def told_of(spy: Spy, status: int | None = 200) -> list[bytes]:
    """Return the names of what was kept back, of which nothing came out."""
    seen = view(status)
    spy.tell(seen)
    return [found.line.name for found in seen.kept_back]


def test_spy_tells_lines_once_and_no_more_than_some() -> None:
    spy = Spy()
    for number in range(MAX_LINES + 9):
        spy.note_set(b"a%d=1" % number)
    assert len(told_of(spy)) == MAX_LINES
    assert told_of(spy) == []


def test_lost_answer_does_not_tell_what_was_kept_back() -> None:
    spy = Spy()
    spy.note_set(b"a=1")
    assert told_of(spy, None) == []
    assert told_of(spy) == []


STRANGE: list[object] = [
    {"type": "http.response.start", "status": 200, "headers": [(b"set-cookie",), 7]},
    {"type": "http.response.start", "status": 200, "headers": 7},
    {"status": 200},
    None,
]


@pytest.mark.parametrize("message", STRANGE)
def test_spy_raises_nothing_of_its_own(message: object) -> None:
    sent: list[object] = []

    async def send(given: object) -> None:
        sent.append(given)

    async def app(_scope: object, _receive: object, send: Any) -> None:
        await send(message)

    layer = door_in(asgi(Shop()))
    assert layer is not None
    layer.app = app
    with watching(layer) as spy:
        assert spy is not None
        asyncio.run(layer.app({"path": "/"}, None, send))
    assert sent == [message]


def test_fields_that_can_be_read_once_reach_the_middleware() -> None:
    async def app(_scope: object, _receive: object, send: Any) -> None:
        fields = ((name, b"x=1") for name in [b"set-cookie"])
        await send({"type": "http.response.start", "status": 200, "headers": fields})
        await send({"type": "http.response.body", "body": b""})

    layer: Any = door_in(asgi(Shop()))
    layer.app = app
    with watching(layer) as spy, AsgiClient(layer) as client:
        assert spy is not None
        assert client.send(Request(url="https://shop.example/")).status == 200
        assert told_of(spy) == [b"x"]
