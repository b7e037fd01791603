"""`cookieconsent demo` as a process: how it opens, what it says when it cannot, how it ends."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator

import pytest

from cookieconsent.cli import demo, main
from demo.processes import PATIENCE, both_doors, opened
from test_layout import ROOT, modules_after


def visit(url: str) -> str:
    request = urllib.request.Request(url, headers={"Accept": "text/html"})
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        assert answer.status == 200
        page: bytes = answer.read()
        return page.decode()


@both_doors
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_shop_opens_and_ends_quietly(door: list[str], number: signal.Signals) -> None:
    with opened(*door) as (process, url):
        page = visit(url)
        process.send_signal(number)
        assert process.communicate(timeout=PATIENCE) == ("", "")
        assert process.returncode == 0
    assert "cookieconsent-banner" in page
    assert "Cookies on this page" in page


@both_doors
def test_ctrl_c_does_not_wait_for_idle_browsers(door: list[str]) -> None:
    with opened(*door) as (process, url):
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as silent:
            visit(url)  # the other connection has been taken by now, and says nothing
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=PATIENCE) == ("", "")
            assert silent.recv(1) == b""
        assert process.returncode == 0


@both_doors
def test_verbose_notes_requests_and_decisions(door: list[str]) -> None:
    with opened("--verbose", *door) as (process, url):
        visit(url + "/goods/mug")
        process.send_signal(signal.SIGINT)
        _, log = process.communicate(timeout=PATIENCE)
    assert "GET /goods/mug 200\n" in log
    assert "cookie blocked: _ga\n" in log
    assert "Traceback" not in log


@pytest.fixture
def taken() -> Iterator[int]:
    """A port of loopback that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@both_doors
def test_taken_port_offers_another(
    door: list[str], taken: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["/somewhere/bin/cookieconsent"])
    monkeypatch.delenv("COOKIECONSENT_MAKE", raising=False)
    assert main(["demo", "--port", str(taken), *door]) == 1
    written = capsys.readouterr()
    found = re.fullmatch(
        r"Port (\d+) is taken\. Free: (\d+)\. "
        r"Run: /somewhere/bin/cookieconsent demo( --wsgi)? --port (\d+)\n",
        written.err,
    )
    assert found is not None, written.err
    assert (found[1], bool(found[3])) == (str(taken), bool(door))
    assert found[2] == found[4] != found[1]
    with socket.create_server(("127.0.0.1", int(found[2]))):
        pass  # it is free indeed
    assert written.out == ""


@both_doors
def test_taken_port_under_make_names_make(
    door: list[str], taken: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COOKIECONSENT_MAKE", "make demo")
    assert main(["demo", "--port", str(taken), *door]) == 1
    options = "--wsgi --port" if door else "--port"
    assert re.search(rf" Run: make demo DEMO_ARGS='{options} \d+'\n$", capsys.readouterr().err)


def test_make_says_that_it_runs_the_shop() -> None:
    """Whatever is typed behind `DEMO_ARGS=` reaches the program word by word."""
    done = subprocess.run(
        ["make", "--dry-run", "demo", "DEMO_ARGS=--wsgi --port 8001"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    line = done.stdout.splitlines()[-1]
    assert re.fullmatch(
        r"COOKIECONSENT_MAKE='make demo' \S+ -m cookieconsent demo --wsgi --port 8001", line
    )


def test_other_host_is_offered_again(taken: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--port", str(taken), "--host", "localhost"]) == 1
    assert " --host localhost --port " in capsys.readouterr().err


def test_unknown_host_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--port", "0", "--host", "shop.invalid"]) == 1
    assert capsys.readouterr().err.startswith("'shop.invalid' is no address of this machine.")


def test_address_of_another_machine_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--port", "0", "--host", "192.0.2.1"]) == 1
    assert capsys.readouterr().err.startswith("192.0.2.1 port 0 cannot be listened on: ")


def test_forbidden_port_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = demo._listen

    def refusing(host: str, port: int) -> socket.socket:
        if port == 80:
            raise PermissionError
        return real(host, port)

    monkeypatch.setattr(demo, "_listen", refusing)
    assert main(["demo", "--port", "80"]) == 1
    assert capsys.readouterr().err.startswith("Port 80 is not allowed to ordinary programs. Free: ")


@pytest.mark.parametrize("package", ["starlette", "uvicorn"])
def test_missing_packages_are_named(
    package: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    assert main(["demo", "--port", "0"]) == 2
    written = capsys.readouterr()
    assert "pip install 'cookieconsent[demo]'" in written.err
    assert written.err.count("\n") == 1
    assert written.out == ""


def test_open_host_is_warned_of(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "_serve", lambda arguments, listener: None)
    assert main(["demo", "--port", "0", "--host", "0.0.0.0"]) == 0
    assert capsys.readouterr().err.startswith("0.0.0.0 can be reached from elsewhere")
    assert main(["demo", "--port", "0"]) == 0
    assert capsys.readouterr().err == ""


def test_command_line_loads_no_server() -> None:
    loaded = modules_after("import cookieconsent.cli")
    assert not {"starlette", "uvicorn", "asyncio", "babel", "cookieconsent.demo"} & loaded


def test_wsgi_door_needs_the_standard_library_alone() -> None:
    loaded = modules_after("import cookieconsent.cli.serving, cookieconsent.demo.wsgi")
    assert not {"starlette", "uvicorn"} & loaded


@pytest.mark.parametrize("host", ["a..b", "a" * 64 + ".example", "\udcff"])
def test_host_that_is_no_name_is_refused(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--wsgi", "--port", "0", "--host", host]) == 1
    assert "is no address of this machine" in capsys.readouterr().err


def test_shop_stays_open_when_nobody_reads() -> None:
    """`cookieconsent demo | true`: what is said goes nowhere, and nothing is complained of."""
    command = [sys.executable, "-m", "cookieconsent", "demo", "--wsgi", "--port", "0"]
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123 - a device
        process = subprocess.Popen(command, stdout=full, stderr=subprocess.PIPE, text=True)
    with process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(2)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=PATIENCE)[1] == ""
    assert process.returncode == 0
