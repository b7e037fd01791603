"""The jars of test clients: putting a visitor's cookies in, and looking at what is held.

A client is known by what it can do, so that none of their packages is imported. Python's own cookie
jar, which WebTest and httpx use, keeps `Secure` cookies back on plain http: such a client is told to
speak https from now on.
May not enter: consent.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Iterator
from email.message import Message
from http.cookiejar import CookieJar
from http.cookies import BaseCookie
from typing import Any, Protocol, cast
from urllib.parse import urlsplit
from urllib.request import Request

from cookieconsent.core.cookies import read_set_cookie
from cookieconsent.testing.states import KeptCookie, VisitorState

CLIENTS = (
    "WebTest's TestApp, Starlette's TestClient or another httpx client, the test clients of Django "
    "and Flask, or a BrowserContext of Playwright"
)
ASYNC_CONTEXT = (
    "this context of Playwright is asynchronous: write "
    "`await context.add_cookies(state.browser_cookies(url))`, and give "
    "`await context.cookies()` to the assertion"
)


class Jar(Protocol):
    """The cookies of a client, whatever its kind."""

    def speak_https(self) -> None:
        """Make the client send `Secure` cookies."""

    def drop(self, name: str) -> None:
        """Forget the cookies of a name."""

    def put(self, cookie: KeptCookie) -> None:
        """Keep a cookie."""

    def held(self) -> list[tuple[str, str]]:
        """Return names and values."""


def put_into(client: object, state: VisitorState, *, url: str | None = None) -> None:
    """Make a test client the browser of a visitor; its other cookies stay.

    A client that would keep `Secure` cookies back on plain http speaks https from now on.

    Args:
        client: WebTest's `TestApp`, Starlette's `TestClient` or another httpx client, the test
            clients of Django and Flask, or a `BrowserContext` of Playwright.
        state: The visitor.
        url: An address of the site; needed for a browser, and where a client has no address of its
            own.

    Raises:
        TypeError: The client is none of these, or the state is none.
        ValueError: The address is missing, or the client does not take a cookie for it.
    """
    if not isinstance(state, VisitorState):
        raise TypeError(
            f"state: a {type(state).__name__} is no visitor. Take one of the site's: "
            'ConsentStates(app).accepted, or by name, ConsentStates(app)["accepted"]'
        )
    jar = jar_of(client, url)
    if jar is None:
        raise TypeError(
            f"client: a {type(client).__name__} is no test client that is known here. Use "
            f"{CLIENTS}; or send `state.cookie_header` as the Cookie header"
        )
    if state.secure:
        jar.speak_https()
    jar.drop(state.cookie_name)
    for cookie in state.kept:
        jar.put(cookie)
    refused = {cookie.name for cookie in state.kept} - {name for name, _ in jar.held()}
    if refused:
        raise ValueError(
            f"client: it does not take {', '.join(sorted(refused))} for its address. Give it one "
            f"below {state.domain!r}, the cookie_domain of the site"
        )


def jar_of(client: object, url: str | None = None) -> Jar | None:
    """Return the jar of a test client, or `None` for anything else."""
    if isinstance(getattr(client, "cookiejar", None), CookieJar):
        return _WebTestJar(client, url)
    cookies = getattr(client, "cookies", None)
    if hasattr(client, "base_url") and isinstance(getattr(cookies, "jar", None), CookieJar):
        return _HttpxJar(client, url)
    if isinstance(cookies, BaseCookie) and not hasattr(client, "status_code"):
        return _DjangoJar(client)
    if hasattr(client, "add_cookies"):
        return _BrowserJar(client, url)
    if hasattr(client, "set_cookie") and hasattr(client, "get_cookie"):
        return _WerkzeugJar(client, url)
    return None


class _Heard:
    """A response that says one `Set-Cookie`, as far as Python's cookie jar looks at it."""

    def __init__(self, line: str) -> None:
        self._head = Message()
        self._head["Set-Cookie"] = line

    def info(self) -> Message:
        return self._head


class _StandardJar:
    """Python's own cookie jar."""

    def __init__(self, jar: CookieJar) -> None:
        self._jar = jar

    def drop(self, name: str) -> None:
        for cookie in [cookie for cookie in self._jar if cookie.name == name]:
            self._jar.clear(cookie.domain, cookie.path, cookie.name)

    def held(self) -> list[tuple[str, str]]:
        return [(cookie.name, cookie.value or "") for cookie in self._jar]

    def keep(self, cookie: KeptCookie, url: str) -> None:
        """Let the jar hear of a cookie as it would from the site, so that the site can delete it."""
        line = f"{cookie.name}={cookie.value}; Path=/"
        line += "; Secure" if cookie.secure else ""
        line += "" if cookie.domain is None else f"; Domain={cookie.domain}"
        heard: Any = _Heard(line)
        self._jar.extract_cookies(heard, Request(url))  # noqa: S310 - nothing is opened


class _WebTestJar(_StandardJar):
    def __init__(self, client: object, url: str | None) -> None:
        self._client = cast("Any", client)
        self._url = url
        super().__init__(self._client.cookiejar)

    def speak_https(self) -> None:
        self._client.extra_environ["wsgi.url_scheme"] = "https"

    def put(self, cookie: KeptCookie) -> None:
        host = self._client.extra_environ.get("HTTP_HOST", "localhost")
        self.keep(cookie, self._url or f"https://{host}/")


class _HttpxJar(_StandardJar):
    def __init__(self, client: object, url: str | None) -> None:
        self._client = cast("Any", client)
        self._url = url
        super().__init__(self._client.cookies.jar)

    def speak_https(self) -> None:
        if self._client.base_url.scheme == "http":
            self._client.base_url = self._client.base_url.copy_with(scheme="https")

    def put(self, cookie: KeptCookie) -> None:
        self.keep(cookie, _needed(self._url or str(self._client.base_url).rstrip("/")))


class _DjangoJar:
    """A `SimpleCookie`, of which Django's client sends everything, deleted cookies included."""

    def __init__(self, client: object) -> None:
        holder: Any = client
        self._jar: BaseCookie[str] = holder.cookies

    def speak_https(self) -> None:
        """Do nothing: Django's client sends every cookie over http as well."""

    def drop(self, name: str) -> None:
        self._jar.pop(name, None)

    def put(self, cookie: KeptCookie) -> None:
        self._jar[cookie.name] = cookie.value
        self._jar[cookie.name]["path"] = "/"

    def held(self) -> list[tuple[str, str]]:
        return [(morsel.key, morsel.value) for morsel in self._jar.values() if not _is_dead(morsel)]


def _is_dead(morsel: Any) -> bool:  # noqa: ANN401 - `Morsel`, of whatever its values are
    line = read_set_cookie(morsel.OutputString().encode("utf-8"))
    return line is not None and line.is_deletion(time.time())


class _WerkzeugJar:
    def __init__(self, client: object, url: str | None) -> None:
        self._client = cast("Any", client)
        settings = getattr(getattr(client, "application", None), "config", {})
        name = urlsplit(url or "").hostname or settings.get("SERVER_NAME") or "localhost"
        self._host: str = name.partition(":")[0]

    def speak_https(self) -> None:
        """Do nothing: Werkzeug's client sends `Secure` cookies over http as well."""

    def drop(self, name: str) -> None:
        for cookie in [cookie for cookie in self._all() if cookie.key == name]:
            self._client.delete_cookie(name, domain=cookie.domain, path=cookie.path)

    def put(self, cookie: KeptCookie) -> None:
        self._client.set_cookie(
            cookie.name,
            cookie.value,
            domain=cookie.domain or self._host,
            origin_only=cookie.domain is None,
            path="/",
            secure=cookie.secure,
        )

    def held(self) -> list[tuple[str, str]]:
        return [(cookie.key, cookie.value) for cookie in self._all()]

    def _all(self) -> Iterator[Any]:
        # There is no public way to list them; `get_cookie` wants a name.
        yield from (self._client._cookies or {}).values()  # noqa: SLF001


class _BrowserJar:
    def __init__(self, client: object, url: str | None) -> None:
        self._context = cast("Any", client)
        self._url = url
        if inspect.iscoroutinefunction(self._context.cookies):
            raise TypeError(f"client: {ASYNC_CONTEXT}")

    def speak_https(self) -> None:
        """Do nothing: browsers send `Secure` cookies to http://localhost as well."""

    def drop(self, name: str) -> None:
        self._context.clear_cookies(name=name)

    def put(self, cookie: KeptCookie) -> None:
        self._context.add_cookies([cookie.for_browser(_needed(self._url))])

    def held(self) -> list[tuple[str, str]]:
        return [(cookie["name"], cookie["value"]) for cookie in self._context.cookies()]


def _needed(url: str | None) -> str:
    if not url:
        raise ValueError("url: the client does not say where the site is. Add url='https://...'")
    return url
