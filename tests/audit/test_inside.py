"""The spy sees what reaches the application, behind the middleware, and leaves nothing behind."""

from __future__ import annotations

import pytest

from audit.fixtures.shop import DOORS, Door, Shop, asgi, look_at, wsgi
from cookieconsent.audit.inside import Spy, watching
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
    spy.note("/", header)
    assert spy.take() == names
    assert spy.take() == ()


def test_spy_leaves_out_the_icon_that_browsers_ask_for_whenever_they_like() -> None:
    spy = Spy()
    spy.note("/favicon.ico", b"a=1")
    assert spy.take() == ()
