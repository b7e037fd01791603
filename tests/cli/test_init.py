"""`cookieconsent init`: what it writes of an application or a site, and what it never does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from cookieconsent import Config
from cookieconsent.cli import main
from cookieconsent.errors import DeclarationWarning
from doors import SECRET

Init: TypeAlias = Callable[..., tuple[int, str, str]]

COOKIES = """
COOKIES = [
    "sessionid=TELLTALE; Path=/; HttpOnly; Max-Age=1209600",
    "_ga=TELLTALE; Path=/; Domain=.shop.example; Max-Age=34128000",
    "_ga_TELL=TELLTALE; Path=/; Max-Age=34128000",
    "_ga_MORE=TELLTALE; Path=/; Max-Age=60",
    "mystery=TELLTALE; Path=/deep; Secure; Partitioned",
    "local=TELLTALE; Domain=localhost",
    "wp[user]=TELLTALE",
    "_gid=; Path=/; Max-Age=0",
    "a*b**c=TELLTALE",
    "__Host-cookieconsent=TELLTALE; Path=/; Secure",
]
PAGE = b'<a href="/next">next</a><form></form><script>TELLTALE</script>'
"""
WSGI = (
    COOKIES
    + """
def app(environ, start_response):
    print("noise")
    start_response("200 OK", [("Content-Type", "text/html"), *(("Set-Cookie", c) for c in COOKIES)])
    return [PAGE]

def make():
    return app
"""
)
ASGI = (
    COOKIES
    + """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        print("noise")
        await send({"type": "lifespan.startup.complete"})
        await receive()
        with open("ended", "w"):
            pass
        return await send({"type": "lifespan.shutdown.complete"})
    headers = [(b"content-type", b"text/html"), *((b"set-cookie", c.encode()) for c in COOKIES)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": PAGE})
"""
)
DEMO = """
from cookieconsent.demo.{door} import application
from cookieconsent.demo.shop import Shop

app = application(Shop())
"""
UNSTARTED = """
async def app(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed"})
"""


@pytest.fixture
def init(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Init:
    """Run the command in a folder with a few applications; no output ever has a value."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for name, text in (
        ("init_wsgi", WSGI),
        ("init_asgi", ASGI),
        ("init_demo_wsgi", DEMO.format(door="wsgi")),
        ("init_demo_asgi", DEMO.format(door="asgi")),
        ("init_broken", "def app(environ, start_response):\n    raise ValueError('TELLTALE')\n"),
        ("init_unstarted", UNSTARTED),
    ):
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["init", *words])
        written = capsys.readouterr()
        file = Path("cookieconsent.toml")
        texts = [written.out, written.err, file.read_text("utf-8") if file.exists() else ""]
        assert "TELLTALE" not in "".join(texts)
        assert "Traceback" not in written.err
        return code, written.out, written.err

    return run


def loaded(path: str | Path) -> Config:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeclarationWarning)
        return Config.from_toml(path, secret_key=SECRET)


EXPECTED = """\
# The cookies that init_wsgi:app set on 2 pages.
# DECIDE marks what only you know. When all is decided, run: cookieconsent check

[cookieconsent]

# Set on /. The catalogue knows it: Django (login session of the site). It passes without a yes.
[[cookieconsent.cookies]]
name = "sessionid"
cls = "authentication"
lifetime = "14 days"
# purpose = "DECIDE: what it is for, in a plain sentence for visitors"
# provider = "DECIDE: who sets it or receives its data"

# Set on /. The catalogue knows it: Google. It waits for a yes.
[[cookieconsent.cookies]]
name = "_ga"
cls = "analytics"
lifetime = "395 days"
domain = "shop.example"
# purpose = "DECIDE: what it is for, in a plain sentence for visitors"
# provider = "DECIDE: Google, if it is the one that receives its data"

# Set on / as _ga_TELL, _ga_MORE. The catalogue knows it: Google. It waits for a yes.
[[cookieconsent.cookies]]
name = "_ga_*"
cls = "analytics"
lifetime = "395 days"
# purpose = "DECIDE: what it is for, in a plain sentence for visitors"
# provider = "DECIDE: Google, if it is the one that receives its data"

# Set on /. DECIDE: neither the catalogue nor anybody else knows this name, so it is removed
#   whatever visitors say. Choose its class and take the comment signs away, or leave it.
# [[cookieconsent.cookies]]
# name = "mystery"
# cls = "DECIDE"
# lifetime = "session"
# path = "/deep"
# partitioned = true
# purpose = "DECIDE: what it is for, in a plain sentence for visitors"
# provider = "DECIDE: who sets it or receives its data"
"""


@pytest.mark.parametrize("door", ["wsgi", "asgi"])
def test_draft_says_what_was_seen(door: str, init: Init) -> None:
    code, out, err = init(f"init_{door}:app")
    text = Path("cookieconsent.toml").read_text("utf-8")
    assert (code, out) == (0, "")
    assert text.startswith(EXPECTED.replace("init_wsgi", f"init_{door}"))
    assert "2 pages looked at, 9 cookies seen. Written: cookieconsent.toml" in err


def test_draft_loads(init: Init) -> None:
    init("init_wsgi:app")
    config = loaded("cookieconsent.toml")
    assert [cookie.name for cookie in config.cookies] == ["sessionid", "_ga", "_ga_*"]
    assert main(["check"]) == 1  # there is something to decide


def test_every_comment_can_be_taken_away(init: Init) -> None:
    """What is commented out becomes valid when a class is chosen."""
    init("init_wsgi:app")
    text = Path("cookieconsent.toml").read_text("utf-8").replace('cls = "DECIDE"', 'cls = "cart"')
    block = text.partition('# name = "mystery"')[2].partition("\n\n")[0]
    lines = [line.removeprefix("# ") for line in block.splitlines() if line]
    more = '[[cookieconsent.cookies]]\nname = "mystery"\n' + "\n".join(lines) + "\n"
    Path("decided.toml").write_text("[cookieconsent]\n" + more, encoding="utf-8")
    [cookie] = loaded("decided.toml").cookies
    assert (cookie.name, cookie.path, cookie.partitioned) == ("mystery", "/deep", True)


def test_what_cannot_be_declared_is_said(init: Init) -> None:
    _, out, _ = init("init_wsgi:app", "-o", "-")
    assert "DECIDE: domain: 'localhost' can own no cookies. It was left out." in out
    said = " ".join(line.strip("# ") for line in out.splitlines())
    assert "DECIDE: 'a*b**c' cannot be declared, so it is removed whatever visitors say." in said
    assert '# name = "wp[user]"' in out
    assert "_gid" not in out
    assert "__Host-cookieconsent" not in out


NAMES = """
NAMES = [
    b"gr\\xc3\\xb6\\xdfe", b"gr\\xc3\\xb6\\xc3\\x9fe", b"a*", b"*", b"_ga_*", b"_ga_\\xff", b"a b",
    b"my_lang",
]

def app(environ, start_response):
    headers = [("Set-Cookie", name.decode("latin-1") + "=TELLTALE") for name in NAMES]
    start_response("200 OK", [("Content-Type", "text/plain"), *headers])
    return [b""]
"""


def test_no_more_is_declared_than_was_seen(init: Init) -> None:
    """A star in a name is no glob, and octets that are no text are not another name."""
    Path("init_names.py").write_text(NAMES, encoding="utf-8")
    _, out, _ = init("init_names:app", "-o", "-")
    said = " ".join(line.strip("# ") for line in out.splitlines())
    assert "It is no text in UTF-8." in said
    for name in ("gr\xf6\\xdfe", "a*", "*"):
        assert f"DECIDE: '{name}' cannot be declared" in said
    uncommented = "\n".join(line.removeprefix("# ") for line in out.splitlines())
    names = re.findall(r'^name = "(.*)"$', uncommented, re.MULTILINE)
    assert sorted(names) == ["", "", "", "_ga_*", "a b", "gr\xf6\xdfe", "my_lang"]
    assert '# name = "my_lang"' in out  # the catalogue guesses at it, and a guess decides nothing


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("{} >/dev/full", 2, "standard output: it cannot be written (No space left on device)."),
        ("{} >&-", 2, "standard output: it cannot be written (standard output is closed)."),
        ("{} | true; exit ${{PIPESTATUS[0]}}", 0, "1 page looked at"),
        ("{} >out.toml && grep -q gr\xf6\xdfe out.toml", 0, "1 page looked at"),
        ("{} 2>/dev/full >out.toml", 0, ""),
        ("{} 2>&- >out.toml", 0, ""),
    ],
)
def test_streams_that_fail_leave_no_traceback(
    line: str, code: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / "init_names.py").write_text(NAMES, encoding="utf-8")
    command = f"'{sys.executable}' -m cookieconsent init init_names:app -o -"
    done = subprocess.run(
        ["/bin/bash", "-c", line.format(command)],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env={"PYTHONIOENCODING": "ascii", "PATH": os.environ["PATH"]},
    )
    complaint = done.stderr.decode()
    assert done.returncode == code
    assert complaint.startswith(said)
    assert "Traceback" not in complaint


def test_lifespan_is_ended(init: Init) -> None:
    init("init_asgi:app")
    assert Path("ended").exists()


def test_output_is_the_draft_alone(init: Init) -> None:
    for target in ("init_wsgi:app", "init_asgi:app"):
        code, out, err = init(target, "-o", "-")
        assert code == 0
        assert out.startswith("# The cookies that ")
        assert "noise" not in out
        assert "noise" in err
    assert not Path("cookieconsent.toml").exists()


def test_what_was_not_looked_at_is_said(init: Init) -> None:
    _, out, err = init("init_wsgi:app", "-o", "-", "--limit", "1")
    for said in (
        "Pages behind a login or a form",
        "Cookies that scripts set: 1 script on these pages",
        "What 1 form would do.",
        "Pages beyond the limit of pages or time (raise --limit): /next.",
    ):
        assert said in err
        assert said in out.partition("# What was not looked at:")[2]


def test_files_are_not_overwritten(init: Init) -> None:
    Path("cookieconsent.toml").write_text("mine", encoding="utf-8")
    code, _, err = init("init_wsgi:app")
    assert (code, Path("cookieconsent.toml").read_text("utf-8")) == (2, "mine")
    assert (
        err == "cookieconsent.toml exists. Add --force to overwrite it, or name another with -o.\n"
    )
    assert init("init_wsgi:app", "--force")[0] == 0
    assert loaded("cookieconsent.toml").cookies


@pytest.mark.parametrize("door", ["wsgi", "asgi"])
def test_demo_shop_is_looked_at(door: str, init: Init) -> None:
    code, _, err = init(f"init_demo_{door}:app", "--limit", "50")
    assert code == 0
    assert "A consent banner answered: cookies that wait for a yes were not set." in err
    assert loaded("cookieconsent.toml").cookies == ()


def test_site_is_looked_at_over_http(init: Init) -> None:
    names: dict[str, Any] = {}
    exec(WSGI, names)

    class Quiet(WSGIRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            """Say nothing."""

    with make_server("127.0.0.1", 0, names["app"], handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            address = f"http://127.0.0.1:{server.server_port}/"
            code, _, err = init(f"{address}?token=TELLTALE")
        finally:
            server.shutdown()
            thread.join()
    assert (code, "2 pages looked at" in err) == (0, True)
    text = Path("cookieconsent.toml").read_text("utf-8")
    assert text.startswith(EXPECTED.replace("init_wsgi:app", address).partition("\n\n")[0])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["init_wsgi"], 2, "init_wsgi: 'init_wsgi' is neither module:attribute nor an address"),
        (["init_wsgi:make"], 2, "init_wsgi:make: it takes no arguments, as factories do."),
        (["init_none:app"], 2, "init_none:app: there is no module 'init_none'."),
        (["http://"], 2, "http://: it is no address."),
        (["http://name:pass@127.0.0.1/"], 2, "it has a name or a password in it."),
        (["http://127.0.0.1:x/"], 2, "its port is no number from 1 to 65535."),
        (["init_wsgi:app", "--page", "next"], 2, "--page: 'next' is no path of the site."),
        (["init_wsgi:app", "--page", "//x.example"], 2, "--page: '//x.example' is no path"),
        (["init_wsgi:app", "--limit", "0"], 2, "'0' is no number of pages"),
        (["init_wsgi:app", "--host", "a b"], 2, "'a b' is no host"),
        (["init_wsgi:app", "-o", "none/x.toml"], 2, "none/x.toml: it cannot be written"),
        (["init_broken:app"], 1, "init_broken:app: /: it raised ValueError in init_broken.py, "),
        (["init_unstarted:app"], 1, "init_unstarted:app: its start-up failed"),
    ],
)
def test_what_cannot_be_done_is_told(words: list[str], code: int, said: str, init: Init) -> None:
    done, _, err = init(*words)
    assert done == code
    assert said in err
    assert not Path("cookieconsent.toml").exists()


def test_factories_and_pages_are_taken(init: Init) -> None:
    code, out, _ = init("init_wsgi:make", "--factory", "-o", "-", "--page", "/z")
    assert code == 0
    assert out.startswith("# The cookies that init_wsgi:make set on 3 pages.")
