"""Listens to what the test clients of this process ask: WebTest, httpx, Starlette, Werkzeug, Django.

The method with which a client calls its application is replaced while somebody listens. No client is
imported for that: those that are there are changed, the others as soon as somebody imports them.
May not enter: what is made of what was heard.
"""

from __future__ import annotations

import copy
import functools
import importlib.util
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final, TypeAlias

from cookieconsent.core.headers import HeaderList
from cookieconsent.observation.answer import MAX_BODY_OCTETS, Answer, Request
from cookieconsent.observation.tap import (
    AsgiTap,
    Heard,
    Listener,
    Loser,
    WsgiTap,
    asgi_request,
    settle,
    wsgi_request,
)

_Call: TypeAlias = Callable[..., Any]
_listeners: list[tuple[Listener, Loser]] = []
_replaced: list[tuple[object, str, object]] = []
_ABSENT: Final = object()
_unknown: list[str] = []
"""Why some client is not heard, a sentence each."""


@contextmanager
def listening(hear: Listener, lose: Loser = lambda _why: None) -> Iterator[None]:
    """Hear every exchange of every known client; several may listen at once.

    Args:
        hear: Called with each exchange, in the thread in which it ends; it may not raise.
        lose: Called instead, with the name of an error, where one cannot be written down; once with a
            sentence for a client of a release that is not known, which nobody hears.
    """
    pair = hear, lose
    _listeners.append(pair)
    if len(_listeners) == 1:
        _begin()
    else:
        for why in _unknown:
            lose(why)
    try:
        yield
    finally:
        settle()
        _listeners.remove(pair)
        if not _listeners:
            _end()


def _announce(heard: Heard) -> None:
    for hear, _ in tuple(_listeners):
        hear(heard)


def _lose(why: str) -> None:
    for _, lose in tuple(_listeners):
        lose(why)


# --- the clients ----------------------------------------------------------------------------------


def _argument(original: _Call) -> _Call:
    """Replace a method whose first argument is a WSGI application."""

    @functools.wraps(original)
    def call(self: object, app: Any, *args: object, **fields: object) -> object:  # noqa: ANN401 - a foreign one
        return original(self, WsgiTap(app, _announce, _lose), *args, **fields)

    return call


def _showing(original: _Call) -> _Call:
    """Replace what wraps an application, so that the wrapper shows what is in it."""

    @functools.wraps(original)
    def call(app: object, *args: object, **fields: object) -> object:
        wrapper = original(app, *args, **fields)
        wrapper.app = app
        return wrapper

    return call


def _attribute(tap: type[AsgiTap | WsgiTap], name: str = "app") -> Callable[[_Call], _Call]:
    """Replace a method that calls the application in an attribute.

    It gets a copy of its object, for several calls may run at a time.
    """

    def replacement(original: _Call) -> _Call:
        @functools.wraps(original)
        def call(self: Any, *args: object, **fields: object) -> object:  # noqa: ANN401 - as above
            with_tap = copy.copy(self)
            setattr(with_tap, name, tap(getattr(self, name), _announce, _lose))
            return original(with_tap, *args, **fields)

        return call

    return replacement


def _django(original: _Call) -> _Call:
    """Replace the call of the handler behind Django's client, which gives the response as it is."""

    @functools.wraps(original)
    def call(self: object, environ: dict[str, Any]) -> object:
        asked = dict(environ)
        response = original(self, environ)
        _hear_django(self, response, lambda: wsgi_request(asked))
        return response

    return call


def _django_async(original: _Call) -> _Call:
    """Replace the same of the asynchronous client."""

    @functools.wraps(original)
    async def call(self: object, scope: dict[str, Any]) -> object:
        asked = dict(scope)
        response = await _awaited(original(self, scope))
        _hear_django(self, response, lambda: asgi_request(asked))
        return response

    return call


def _hear_django(handler: object, response: object, request: Callable[[], Request]) -> None:
    """Write down what the handler was asked and has answered; the test goes on whatever happens."""
    try:
        heard = Heard(request=request(), answer=_django_answer(response), app=handler)
    except Exception as error:  # noqa: BLE001 - it is not the test's
        _lose(type(error).__name__)
    else:
        _announce(heard)


async def _awaited(pending: Awaitable[object]) -> object:
    return await pending


def _django_answer(response: Any) -> Answer:  # noqa: ANN401 - Django has no types
    headers: HeaderList = [
        (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
        for name, value in response.items()
    ]
    lines = (morsel.OutputString() for morsel in response.cookies.values())
    headers += [(b"set-cookie", line.encode("latin-1", "replace")) for line in lines]
    body = b"" if response.streaming else response.content
    is_page = "html" in response.headers.get("content-type", "").lower()
    return Answer(
        status=response.status_code,
        headers=headers,
        body=body[:MAX_BODY_OCTETS],
        whole=not is_page or (not response.streaming and len(body) <= MAX_BODY_OCTETS),
    )


_TRANSPORTS: Final = [
    ("ASGITransport.handle_async_request", _attribute(AsgiTap)),
    ("WSGITransport.handle_request", _attribute(WsgiTap)),
]
_CLIENTS: Final[dict[str, Sequence[tuple[str, Callable[[_Call], _Call]]]]] = {
    "webtest.app": [("TestRequest.call_application", _argument)],
    "webtest.lint": [("middleware", _showing)],
    "werkzeug.test": [("Client.run_wsgi_app", _attribute(WsgiTap, "application"))],
    "starlette.testclient": [("_TestClientTransport.handle_request", _attribute(AsgiTap))],
    "httpx": _TRANSPORTS,
    "httpx2": _TRANSPORTS,
    "django.test.client": [
        ("ClientHandler.__call__", _django),
        ("AsyncClientHandler.__call__", _django_async),
    ],
}
"""By module: what is replaced, and by what."""


# --- replacing ------------------------------------------------------------------------------------


def _begin() -> None:
    for name in _CLIENTS:
        module = sys.modules.get(name)
        if module is not None:
            _replace(module)
    sys.meta_path.insert(0, _FINDER)


def _end() -> None:
    sys.meta_path.remove(_FINDER)
    _unknown.clear()
    while _replaced:
        owner, name, original = _replaced.pop()
        if original is _ABSENT:  # it was inherited
            delattr(owner, name)
        else:
            setattr(owner, name, original)


def _replace(module: ModuleType) -> None:
    """Replace what a client calls its application with; a release without it is not heard."""
    for path, replacement in _CLIENTS[module.__name__]:
        *owners, name = path.split(".")
        owner: object = module
        for part in owners:
            owner = getattr(owner, part, None)
        original = getattr(owner, name, None)
        if owner is None or original is None:
            _unknown.append(f"this release of {module.__name__} is not known: no {path}")
            _lose(_unknown[-1])
            continue
        _replaced.append((owner, name, vars(owner).get(name, _ABSENT)))
        setattr(owner, name, replacement(original))


class _Finder(MetaPathFinder):
    """Finds a client where all others find it, and sees to it that it is changed when it is loaded."""

    def __init__(self) -> None:
        self._searching = threading.local()

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - the others ask for it themselves
        target: ModuleType | None = None,  # noqa: ARG002 - as above
    ) -> ModuleSpec | None:
        """Return how a client is loaded; `None` for any other module."""
        if fullname not in _CLIENTS or getattr(self._searching, "now", False):
            return None
        self._searching.now = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._searching.now = False
        if spec is not None and spec.loader is not None:
            spec.loader = _ClientLoader(spec.loader)
        return spec


class _ClientLoader(Loader):
    """Loads a client as it would have been, and changes it then."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Do as the client's own loader."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Do as the client's own loader, which stands in the module again from now on."""
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        if _listeners:
            _replace(module)


_FINDER: Final = _Finder()
