"""`cookieconsent audit` on servers that misbehave: one line, nothing called clean, a report."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cookieconsent.cli import main

PAGE = b'<!DOCTYPE html><html lang=en><title>t</title><body><h1>Shop</h1><a href="/fine">a</a>'
LINES = (
    b"HttpOnly",
    b"=nameless; Path=/",
    b"",
    b"a b=c\x01d; Path=/",
    b"x=\xff\xfe; Max-Age=abc; Expires=never; SameSite=Foo; SameSite=Lax",
    b"n" * 5000 + b"=1",
    b"\x1b[31mred=1; Path=/",
)
"""What no framework would send."""


class Unruly(BaseHTTPRequestHandler):
    """Does what its paths say."""

    def do_GET(self) -> None:
        if self.path.startswith("/loop"):
            self.send_response(302)
            self.send_header("Location", "/loop")
            self.end_headers()
            return
        if self.path == "/reset":
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        if self.path == "/lines":
            self.flush_headers()
            for line in LINES:
                self.wfile.write(b"Set-Cookie: " + line + b"\r\n")
        self.end_headers()
        self.wfile.write(PAGE)
        if self.path == "/long":
            self.pour()

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.end_headers()

    def pour(self) -> None:
        """Write 100 MB, as far as somebody reads them."""
        try:
            for _ in range(100):
                self.wfile.write(b"y" * 1_000_000)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing."""


class Quiet(ThreadingHTTPServer):
    """Says nothing of clients that hang up."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing."""


CERTIFICATE = Path(__file__).with_name("untrusted.pem")
"""For localhost, with its key; nobody has signed it."""


@pytest.fixture(scope="module")
def unruly() -> Iterator[str]:
    with Quiet(("127.0.0.1", 0), Unruly) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def untrusted() -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with Quiet(("127.0.0.1", 0), Unruly) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://127.0.0.1:{server.server_port}"
        server.shutdown()


def audited(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Audit one state; return the exit code and the report in JSON."""
    file = folder / "audit.json"
    code = main(["audit", *arguments, "--state", "none", "-f", "json", "-o", str(file)])
    return code, json.loads(file.read_text(encoding="utf-8"))


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def assert_nothing_is_clean(report: dict[str, Any]) -> None:
    assert {verdict["outcome"] for verdict in report["verdicts"]} == {"unverified"}


def test_unreachable_host_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"http://127.0.0.1:{closed_port()}/"
    code, report = audited(tmp_path, url)
    assert code == 3
    assert_nothing_is_clean(report)
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{url}: nothing could be looked at: / could not be read: Connection")


def test_untrusted_certificate_is_one_line(
    untrusted: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = audited(tmp_path, f"{untrusted}/")
    assert code == 3
    assert_nothing_is_clean(report)
    [line] = capsys.readouterr().err.splitlines()
    assert "its certificate is not valid" in line


@pytest.mark.parametrize(
    ("path", "why"), [("/loop", "more than 10 redirects"), ("/reset", "no HTTP answer")]
)
def test_start_that_leads_nowhere_is_no_clean_site(
    unruly: str, path: str, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = audited(tmp_path, unruly + path)
    assert code == 3
    assert_nothing_is_clean(report)
    [line] = capsys.readouterr().err.splitlines()
    assert f"{path} could not be read: {why}" in line


@pytest.mark.parametrize("path", ["/loop", "/reset", "/long"])
def test_one_page_that_fails_leaves_its_state_open(unruly: str, path: str, tmp_path: Path) -> None:
    """The rest goes on, and nothing is passed that the page may have broken."""
    code, report = audited(tmp_path, f"{unruly}/", "--page", path, "--strict")
    assert code in {1, 2, 3}  # whether anything was found beside that
    [state] = report["states"]
    assert state["unverified"]
    assert "/fine" in report["pages"]
    assert not [v["check"] for v in report["verdicts"] if v["outcome"] == "pass"]


def test_malformed_lines_are_recorded_not_dropped(unruly: str, tmp_path: Path) -> None:
    _, report = audited(tmp_path, f"{unruly}/", "--page", "/lines")
    [state] = report["states"]
    assert state["unverified"] is None
    found = [f for v in report["verdicts"] if v["check"] == "CC411" for f in v["findings"]]
    assert len(found) >= 3
    names = {row["name"] for row in report["cookies"]}
    assert {"", "a b", "x", "n" * 5000, "\\x1b[31mred"} == names


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_declaration_that_lies_there_is_named(
    form: str, unruly: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has said that this file is about that address."""
    monkeypatch.chdir(tmp_path)
    Path("cookieconsent.toml").write_text("[cookieconsent]\n", encoding="utf-8")
    main(["audit", f"{unruly}/fine", "--state", "none", "-f", form, "-o", "audit"])
    head = " ".join(Path("audit").read_text(encoding="utf-8").split()).partition("CC1")[0]
    assert "An address does not tell its declarations; they are from the file cookieconsent" in head


def test_endless_name_is_cut_on_a_terminal(unruly: str, tmp_path: Path) -> None:
    file = tmp_path / "audit.txt"
    main(["audit", f"{unruly}/lines", "--state", "none", "-o", str(file)])
    text = file.read_text(encoding="ascii")
    assert "n" * 100 + "[...]" in text
    assert "n" * 101 not in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["x:y", "--limit", "0"], "is no number of pages"),
        (["x:y", "--minutes", "0"], "'0' is no number of minutes; use one from 1 to 1,440"),
        (["x:y", "--minutes", "1e3"], "is no number of minutes"),
        (["x:y", "--language", "en, de"], "'en, de' is no tag of a language"),
        (["x:y", "--language", "d\u00e9"], "is no tag of a language"),
        (["x:y", "--alias", "m.shop.example"], "write HOST=NAME, or HOST= where it has none"),
        (["x:y", "--alias", "=t.example"], "'=t.example' is no host with its canonical name"),
        (["x:y", "--alias", "m.shop.example=https://t.example"], "is no host with its canonical"),
        (["x:y", "--state", "asleep"], "invalid choice"),
        (["x:y", "--host", ".."], "'..' is no host; use a name such as 'shop.example'"),
        (["x:y", "-f", "json", "-o", "a", "-f", "text", "-o", "a"], "Two reports would go to a"),
        (["x:y", "-f", "json", "-o", "./a", "-f", "text", "-o", "a"], "Two reports would go to a"),
        (["x:y", "-f", "json", "-o", "a", "-o", "b"], "more files than forms at -o b"),
    ],
)
def test_asked_wrongly_is_code_3(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Code 2 means that something is unverified, under --strict."""
    assert main(["audit", *arguments]) == 3
    assert said in capsys.readouterr().err
