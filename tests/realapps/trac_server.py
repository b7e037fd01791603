"""A Trac behind the WSGI door, served on loopback until it is stopped.

Runs in Trac's own interpreter, which has nothing of the tests: the plan comes as JSON in the first
argument, the port goes out as the first line. Outside of everything stands a counter at `/-tap`,
which tells what the application received and answered in the exchange before.
"""

from __future__ import annotations

import base64
import json
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeAlias
from wsgiref.simple_server import WSGIServer, make_server
from wsgiref.validate import validator

from trac.attachment import Attachment  # type: ignore[import-not-found] # in Trac's environment
from trac.env import Environment  # type: ignore[import-not-found]
from trac.perm import PermissionSystem  # type: ignore[import-not-found]
from trac.ticket.model import Ticket  # type: ignore[import-not-found]
from trac.web.auth import BasicAuthentication  # type: ignore[import-not-found]
from trac.web.main import dispatch_request  # type: ignore[import-not-found]
from trac.web.standalone import (  # type: ignore[import-not-found]
    AuthenticationMiddleware,
    BasePathMiddleware,
    TracEnvironMiddleware,
    TracHTTP11RequestHandler,
    TracHTTPServer,
)

from cookieconsent.engine.events import Outcome
from cookieconsent.middleware.wsgi import CookieConsentMiddleware

Environ: TypeAlias = dict[str, Any]
Application: TypeAlias = Callable[[Environ, Any], Iterable[bytes]]

TAP = "/-tap"
PASSWORDS = "alice:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n"  # "password", for all to see


class Server(Protocol):
    """What both kinds of server can do."""

    server_port: int

    def serve_forever(self) -> None:
        """Serve until the process is stopped."""


class Tap:
    """Adds analytics cookies to what a WSGI application answers, and notes both directions."""

    def __init__(self, app: Application, set_cookies: list[str]) -> None:
        self.app = app
        self.set_cookies = set_cookies
        self.last: dict[str, Any] | None = None

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        chunks: list[bytes] = []
        noted: dict[str, Any]
        self.last = noted = {
            "received": {k: v for k, v in environ.items() if k.startswith("HTTP_")},
            "chunks": chunks,
            "written": 0,
            "file": False,
        }

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            headers = [*headers, *(("Set-Cookie", line) for line in self.set_cookies)]
            noted.update(status=int(status[:3]), headers=headers)
            write = start_response(status, headers, *exc_info)

            def note_and_write(data: bytes) -> None:
                chunks.append(data)
                noted["written"] += 1
                write(data)

            return note_and_write

        body: Any = self.app(environ, start)
        if isinstance(body, environ["wsgi.file_wrapper"]):
            # It goes to the server as it is, which may have a faster way for files.
            file = getattr(body, "fileobj", None) or body.filelike
            noted["file"] = True
            chunks.append(Path(file.name).read_bytes())
            return body  # type: ignore[no-any-return] # whatever the server's wrapper is
        return _noted(body, chunks) if body else []

    def tell(self, start_response: Any) -> Iterable[bytes]:
        """Tell what was noted last, and forget it."""
        last, self.last = self.last, None
        if last is not None:
            last["chunks"] = [base64.b64encode(chunk).decode() for chunk in last["chunks"]]
        text = json.dumps(last).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(text)))]
        start_response("200 OK", headers)
        return [text]


def _noted(body: Iterable[bytes], chunks: list[bytes]) -> Iterator[bytes]:
    try:
        for chunk in body:
            chunks.append(chunk)
            yield chunk
    finally:
        close = getattr(body, "close", None)
        if close is not None:
            close()


def make_trac(folder: Path, *, inline_files: bool) -> Path:
    """Make a project with a ticket and two files attached to it."""
    path = folder / "project"
    options = [
        ("project", "name", "Shop"),
        ("logging", "log_type", "none"),
        ("attachment", "render_unsafe_content", "enabled" if inline_files else "disabled"),
    ]
    environment = Environment(str(path), create=True, options=options)
    permissions = PermissionSystem(environment)
    permissions.grant_permission("alice", "TRAC_ADMIN")
    for action in ("TICKET_CREATE", "WIKI_CREATE", "WIKI_MODIFY"):
        permissions.grant_permission("anonymous", action)
    ticket = Ticket(environment)
    ticket.populate({"summary": "A <body> in the title", "reporter": "bob", "status": "new"})
    ticket.insert()
    for name, content in (
        ("page.html", b"<body>a page as an attachment"),
        ("a.bin", bytes(range(256))),
    ):
        source = folder / name
        source.write_bytes(content)
        with source.open("rb") as file:
            Attachment(environment, "ticket", ticket.id).insert(name, file, len(content))
    environment.shutdown()
    return path


def fail_loudly(outcome: Outcome) -> None:
    """Say when the middleware's own code has failed; the tests read the log."""
    if outcome.reason == "failure":
        sys.stderr.write("the middleware failed\n")


def make_site(plan: dict[str, Any], project: Path) -> Application:
    """Build the stack: Trac, tap, consent, then what the server does for it."""
    trac = TracEnvironMiddleware(dispatch_request, None, [str(project)], single_env=True)
    tap = Tap(trac, plan["set_cookies"])
    app: Application = CookieConsentMiddleware(
        validator(tap) if plan["validate"] else tap,
        secret_key=plan["secret_key"],
        secure=plan["secure"],
        on_outcome=fail_loudly,
    )
    if plan["validate"]:
        app = validator(app)
    passwords = project.parent / "passwords"
    passwords.write_text(PASSWORDS, encoding="ascii")
    basic = BasicAuthentication(str(passwords), "Shop")
    app = AuthenticationMiddleware(app, {"*": basic}, "project")
    if plan["root"]:
        app = BasePathMiddleware(app, plan["root"])

    def site(environ: Environ, start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"].endswith(TAP):
            return tap.tell(start_response)
        return app(environ, start_response)

    return site


def main() -> None:
    """Serve until the process is stopped."""
    plan = json.loads(sys.argv[1])
    logging.basicConfig(level=logging.WARNING)
    site = make_site(plan, make_trac(Path(plan["folder"]), inline_files=plan["inline_files"]))
    server: Server
    if plan["server"] == "tracd":
        TracHTTP11RequestHandler.disable_nagle_algorithm = True  # 40 ms less for each answer
        server = TracHTTPServer(("127.0.0.1", 0), site, None, [plan["folder"]], use_http_11=True)
    else:
        server = make_server("127.0.0.1", 0, site, server_class=WSGIServer)
    print(server.server_port, flush=True)  # noqa: T201 - the tests wait for it
    server.serve_forever()


if __name__ == "__main__":
    main()
