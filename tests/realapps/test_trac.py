"""Trac behind the WSGI door, in a process of its own, on two servers.

Trac answers its pages through `write()` only, hands over files through the server's wrapper, and
calls `start_response` again with `exc_info` when a page fails.
"""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from oracles.drivers import Answer, Exchange
from oracles.jar import Jar
from realapps.visits import (
    ANALYTICS,
    HOST,
    STATES,
    Kind,
    Meeting,
    State,
    Visitor,
    assert_page,
    assert_untouched,
    names_set,
    visitor_in,
    walk_through_every_choice,
)

pytestmark = [pytest.mark.realapp, pytest.mark.xdist_group("trac")]

SECRET = "a secret of the tests, long enough to sign"
SCRIPT = Path(__file__).with_name("trac_server.py")
PATIENCE = 60.0
"""Seconds that a server may take for anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One way in which Trac is served."""

    server: str
    scheme: str
    root: str
    inline_files: bool
    """Whether attached pages are shown, not downloaded."""
    validate: bool
    """Whether `wsgiref.validate` watches on both sides of the middleware."""


SETTINGS = [
    pytest.param(
        Setting(server="tracd", scheme="https", root="", inline_files=False, validate=False),
        id="tracd",  # Trac's own: HTTP/1.1, chunked, sends files by itself
    ),
    pytest.param(
        Setting(server="wsgiref", scheme="http", root="/tracker", inline_files=True, validate=True),
        id="wsgiref",  # HTTP/1.0, mounted, plain http: no Secure, no Sec-Fetch-*
    ),
]


class TracSite:
    """A Trac that runs, and a connection to it."""

    def __init__(self, setting: Setting, port: int) -> None:
        self.setting = setting
        self.origin = f"{setting.scheme}://{HOST}"
        self.root = setting.root
        self.jars: dict[State, Jar] = {}
        self._connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    @property
    def consent_cookie(self) -> bytes:
        """The name of the consent cookie."""
        return b"__Host-cookieconsent" if self.setting.scheme == "https" else b"cookieconsent"

    def meet(self, exchange: Exchange, url: str) -> Meeting:
        """Take one request, then ask what the application saw of it."""
        headers = exchange.wire()
        if exchange.scheme == "https":
            headers.append((b"x-forwarded-proto", b"https"))  # as a proxy in front of tracd does
        query = b"?" + exchange.query if exchange.query else b""
        target = exchange.root + exchange.path + query.decode("ascii")
        answer = self._ask(exchange.method, target, headers, exchange.body)
        told = json.loads(self._ask("GET", f"{self.root}/-tap", [(b"host", HOST.encode())]).body)
        return Meeting(
            url=url,
            sent=exchange,
            answer=answer,
            received=None if told is None else _received(told),
            inner=None if told is None else _inner(told),
            written=0 if told is None else told["written"],
        )

    def _ask(
        self, method: str, target: str, headers: list[tuple[bytes, bytes]], body: bytes = b""
    ) -> Answer:
        connection = self._connection
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name.decode("ascii"), value)
        connection.endheaders(body or None)
        response = connection.getresponse()
        content = response.read()
        if method == "HEAD":
            connection.close()  # tracd ends even this answer with an empty chunk
        return Answer(
            status=response.status,
            headers=[
                (_latin(name).lower(), _latin(value)) for name, value in response.getheaders()
            ],
            body=content,
            chunks=[content],
        )


def _latin(text: str) -> bytes:
    return text.encode("latin-1")


def _received(told: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    environ = told["received"]
    return [
        (_latin(key.removeprefix("HTTP_").replace("_", "-").lower()), _latin(value))
        for key, value in environ.items()
    ]


def _inner(told: dict[str, Any]) -> Answer:
    chunks = [base64.b64decode(chunk) for chunk in told["chunks"]]
    return Answer(
        status=told["status"],
        headers=[(_latin(name).lower(), _latin(value)) for name, value in told["headers"]],
        body=b"".join(chunks),
        chunks=chunks,
    )


@pytest.fixture(scope="module", params=SETTINGS)
def site(
    request: pytest.FixtureRequest, trac_python: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TracSite]:
    setting: Setting = request.param
    folder = tmp_path_factory.mktemp("trac")
    plan = {
        "server": setting.server,
        "folder": str(folder),
        "root": setting.root,
        "secure": setting.scheme == "https",
        "inline_files": setting.inline_files,
        "validate": setting.validate,
        "secret_key": SECRET,
        "set_cookies": [line.decode("ascii") for line in ANALYTICS],
    }
    log = folder / "log"
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            [trac_python, str(SCRIPT), json.dumps(plan)], stdout=subprocess.PIPE, stderr=errors
        ) as process,
    ):
        assert process.stdout is not None
        try:
            first_line = process.stdout.readline()
            assert first_line, f"no server:\n{log.read_text()}"
            site = TracSite(setting, int(first_line))
            yield site
            site.close()
        finally:
            process.terminate()
            process.wait(PATIENCE)
    complaints = log.read_text(errors="replace")
    assert "Traceback" not in complaints, complaints
    assert "the middleware failed" not in complaints, complaints


# --- tables -------------------------------------------------------------------------------------

PAGES = [
    pytest.param("/wiki", 200, id="start page"),
    pytest.param("/wiki/TracGuide", 200, id="long page"),
    pytest.param("/ticket/1", 200, id="ticket"),
    pytest.param("/newticket", 200, id="form"),
    pytest.param("/prefs", 200, id="preferences"),
    pytest.param("/query", 200, id="query"),
    pytest.param("/timeline", 200, id="timeline"),
    pytest.param("/search?q=ticket&noquickjump=1", 200, id="search"),
    pytest.param("/report/1", 200, id="report"),
    pytest.param("/attachment/ticket/1/page.html", 200, id="page with a validator"),
    pytest.param("/admin", 404, id="not for everybody"),
    pytest.param("/nowhere", 404, id="not found"),
    pytest.param("/changeset", 500, id="page that fails"),
]

FILES = [
    pytest.param("/timeline?format=rss", 200, b"application/rss+xml", id="RSS"),
    pytest.param("/query?format=csv", 200, b"text/csv", id="CSV"),
    pytest.param("/query?format=tab", 200, b"text/tab-separated-values", id="TSV"),
    pytest.param("/roadmap?format=ics", 200, b"text/calendar", id="calendar"),
    pytest.param("/wiki/WikiStart?format=txt", 200, b"text/plain", id="text"),
    pytest.param(
        "/zip-attachment/ticket/1/", 200, b"application/zip", id="archive made on the way"
    ),
    pytest.param(
        "/raw-attachment/ticket/1/a.bin", 200, b"application/octet-stream", id="attachment"
    ),
    pytest.param("/chrome/common/css/trac.css", 200, b"text/css", id="style sheet"),
    pytest.param("/chrome/common/js/jquery.js", 200, None, id="script"),
    pytest.param("/chrome/common/trac_logo_mini.png", 200, b"image/png", id="image"),
    pytest.param("/wiki/", 301, b"text/plain", id="permanent redirect"),
    pytest.param("/logout", 302, b"text/plain", id="redirect"),
]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("path", "status"), PAGES)
def test_page_carries_the_right_element(
    site: TracSite, state: State, path: str, status: int
) -> None:
    visitor = visitor_in(site, state)
    page = visitor.open(path)
    assert page.answer.status == status
    assert page.written > 0, "Trac no longer answers through write()"
    assert_page(page, STATES[state][1], consented=state == "accepted")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("path", "status", "content_type"), FILES)
def test_file_passes_byte_for_byte(
    site: TracSite, state: State, path: str, status: int, content_type: bytes | None
) -> None:
    """Opened like a page."""
    visitor = visitor_in(site, state)
    file = visitor.open(path)
    assert file.answer.status == status
    if content_type is not None:
        assert file.answer.values(b"content-type")[0].partition(b";")[0] == content_type
    assert_untouched(file, consented=state == "accepted")
    assert file.answer.body or status != 200


# --- dialogues ----------------------------------------------------------------------------------


def test_analytics_follow_the_choice(site: TracSite) -> None:
    walk_through_every_choice(site, "/wiki", "/ticket/1", site.consent_cookie)


def sign_in(visitor: Visitor) -> Meeting:
    """Sign in as alice with the password that the server asks for."""
    pair = base64.b64encode(b"alice:password")
    return visitor.open("/login", (b"authorization", b"Basic " + pair))


@pytest.mark.parametrize("state", STATES)
def test_login_lasts_through_every_choice(site: TracSite, state: State) -> None:
    """Signed in, settings saved, signed out: with the same bytes as without us."""
    visitor = visitor_in(site, state)
    consented, kind = state == "accepted", STATES[state][1]
    login = sign_in(visitor)
    assert login.answer.status == 302
    assert_untouched(login, consented=consented)
    assert b"trac_auth" in names_set(login)

    page = visitor.open("/prefs")
    assert b"logged in as" in page.answer.body
    assert_page(page, kind, consented=consented)

    posted = visitor.fill(page, "name", name="Alice; <body>", action="save")
    assert_untouched(posted, consented=consented)
    page = visitor.follow(posted)
    assert b"Alice; &lt;body&gt;" in page.answer.body
    assert_page(page, kind, consented=consented)

    posted = visitor.post(
        site.root + "/logout",
        b"__FORM_TOKEN=" + _form_token(visitor).encode("ascii"),
        b"application/x-www-form-urlencoded",
    )
    assert_untouched(posted, consented=consented)
    assert b"trac_auth" in names_set(posted), "the cookie is not taken away"
    assert b"logged in as" not in visitor.open("/wiki").answer.body


def _form_token(visitor: Visitor) -> str:
    [cookie] = visitor.jar.find(b"trac_form_token")
    return cookie.value.decode("ascii")


def test_choosing_keeps_the_visitor_signed_in(site: TracSite) -> None:
    visitor = Visitor(site)
    sign_in(visitor)
    visitor.open("/wiki")
    before = {(cookie.name, cookie.value) for cookie in visitor.jar}
    assert {name for name, _ in before} == {b"trac_auth", b"trac_form_token"}
    for choice in ("reject", "accept", "withdraw", "forget"):
        visitor.choose(visitor.open("/cookie-consent"), choice)
        assert b"logged in as" in visitor.open("/wiki").answer.body
    assert {(cookie.name, cookie.value) for cookie in visitor.jar} == before


@pytest.mark.parametrize("state", STATES)
def test_anonymous_visitor_keeps_the_session(site: TracSite, state: State) -> None:
    visitor = visitor_in(site, state)
    visitor.open("/wiki")
    [session] = visitor.jar.find(b"trac_session")
    page = visitor.follow(visitor.fill(visitor.open("/prefs"), "name", name="Bob", action="save"))
    assert_page(page, STATES[state][1], consented=state == "accepted")
    assert b'value="Bob"' in page.answer.body
    assert [cookie.value for cookie in visitor.jar.find(b"trac_session")] == [session.value]


def test_new_ticket_is_filed(site: TracSite) -> None:
    visitor = Visitor(site)
    page = visitor.open("/newticket")
    posted = visitor.press(page, "submit", "Create ticket", field_summary="Umlaut ü </body>")
    assert posted.answer.status == 303
    assert_untouched(posted)
    page = visitor.follow(posted)
    assert "Umlaut ü &lt;/body&gt;".encode() in page.answer.body
    assert_page(page, "banner")


def test_form_without_its_token_is_refused_as_ever(site: TracSite) -> None:
    """The error page answers a navigation, so it asks too."""
    visitor = Visitor(site)
    visitor.open("/newticket")
    url = site.root + "/newticket"
    refused = visitor.post(url, b"field_summary=x", b"application/x-www-form-urlencoded")
    assert refused.answer.status == 400
    assert b"form token" in refused.answer.body
    assert_page(refused, "banner")


def test_file_goes_up_and_comes_down(site: TracSite) -> None:
    """A multipart body is the application's own, whatever bytes are in it."""
    visitor = Visitor(site)
    sign_in(visitor)
    visitor.open("/wiki")
    content = bytes(range(256)) * 40
    fields = {
        "__FORM_TOKEN": _form_token(visitor),
        "action": "new",
        "realm": "wiki",
        "id": "WikiStart",
    }
    body = b"".join(
        b'--=frontier\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
        % (name.encode(), value.encode())
        for name, value in fields.items()
    )
    body += (
        b'--=frontier\r\nContent-Disposition: form-data; name="attachment"; filename="up.bin"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n%s\r\n--=frontier--\r\n" % content
    )
    url = site.root + "/attachment/wiki/WikiStart/?action=new"
    posted = visitor.post(url, body, b'multipart/form-data; boundary="=frontier"')
    assert posted.answer.status == 303, posted.answer.body
    assert_untouched(posted)
    assert_page(visitor.follow(posted), "banner")
    assert visitor.open("/raw-attachment/wiki/WikiStart/up.bin").answer.body == content


def test_attached_page_is_shown_or_downloaded(site: TracSite) -> None:
    """HTML in the server's file wrapper: shown inline it asks, as an attachment it does not."""
    visitor = Visitor(site)
    page = visitor.open("/raw-attachment/ticket/1/page.html")
    assert page.answer.values(b"content-type") == [b"text/html; charset=utf-8"]
    if site.setting.inline_files:
        assert_page(page, "banner")
        assert page.answer.body.endswith(b"</div>a page as an attachment")
    else:
        assert page.answer.values(b"content-disposition") == [b"attachment"]
        assert_untouched(page)
        assert page.answer.body == b"<body>a page as an attachment"


@pytest.mark.parametrize(
    "path", ["/chrome/common/css/trac.css", "/chrome/common/trac_logo_mini.png"]
)
def test_unmodified_file_stays_unmodified(site: TracSite, path: str) -> None:
    for state in STATES:
        visitor = visitor_in(site, state)
        [date] = visitor.load(path).answer.values(b"last-modified")
        again = visitor.load(path, (b"if-modified-since", date))
        assert again.answer.status == 304
        assert again.answer.body == b""
        assert_untouched(again, consented=state == "accepted")


def test_page_is_fresh_only_in_the_same_state(site: TracSite) -> None:
    """What a browser has kept is good until the visitor chooses; then the other page must come."""
    visitor = Visitor(site)
    path = "/attachment/ticket/1/page.html"
    page = visitor.open(path)
    assert_page(page, "banner")
    seen = [page.answer.values(b"etag")[0]]
    again = visitor.open(path, (b"if-none-match", seen[0]))
    assert again.answer.status == 304
    assert b"Cookie" in b",".join(again.answer.values(b"vary"))
    for choice, kind in _KINDS_AFTER.items():
        visitor.choose(visitor.open("/cookie-consent"), choice)
        for etag in seen:
            page = visitor.open(path, (b"if-none-match", etag))
            assert_page(page, kind, consented=choice == "accept")
        [etag] = page.answer.values(b"etag")
        assert etag not in seen
        seen.append(etag)
        assert visitor.open(path, (b"if-none-match", etag)).answer.status == 304


_KINDS_AFTER: Mapping[str, Kind] = {"reject": "settings", "accept": "withdrawal"}


def test_head_says_what_get_says(site: TracSite) -> None:
    visitor = Visitor(site)
    visitor.open("/wiki")
    head, get = visitor.open("/wiki", method="HEAD"), visitor.open("/wiki")
    assert head.answer.status == get.answer.status == 200
    assert head.answer.body == b""
    said = head.answer.values(b"content-length")
    own = [b"0"] if site.setting.server == "wsgiref" else []  # what wsgiref says of an empty list
    assert said in (own, [b"%d" % len(get.answer.body)])


def test_page_fetched_by_a_script_has_no_banner(site: TracSite) -> None:
    assert_page(Visitor(site).load("/wiki"), None)
