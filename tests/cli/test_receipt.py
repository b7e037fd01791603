"""`cookieconsent receipt verify`: what it says of files, where it gets secrets, what it never does."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from cookieconsent.cli import main
from cookieconsent.core.codec import ReceiptSeal
from cookieconsent.core.receipt import MAX_RECEIPT_OCTETS, write_receipt
from doors import SECRET, Door, Site, both_doors
from receipts import FILE, RECEIPT, facts
from test_layout import modules_after

OTHER = "another secret of more than 32 characters"
Verify: TypeAlias = Callable[..., tuple[int, str, str]]


@pytest.fixture
def verify(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Verify:
    """Run the command in a folder of its own; return exit code, output and complaints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COOKIECONSENT_SECRET", SECRET)
    (tmp_path / "receipt.json").write_bytes(FILE)

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["receipt", "verify", *(words or ("receipt.json",))])
        written = capsys.readouterr()
        assert "Traceback" not in written.err
        assert SECRET not in written.out + written.err
        assert OTHER not in written.out + written.err
        return code, written.out, written.err

    return run


def saved(data: bytes, name: str = "changed.json") -> str:
    Path(name).write_bytes(data)
    return name


# --- what it says ---------------------------------------------------------------------------------


def test_valid_receipt_is_told_in_a_few_lines(verify: Verify) -> None:
    code, out, err = verify()
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "Valid: this site has signed it, and nothing was altered.",
        "Website: shop.example (as the request named it; there is no public_origin to compare it with)",
        "Issued: 2026-01-02",
        "Answered: 2026-01-01, counts until 2026-07-02",
        "Yes to: analytics",
        "Global Privacy Control: on",
        "Policy version: 1.5",
    ]


def test_other_answers_are_told(verify: Verify) -> None:
    [cls] = RECEIPT.classes
    plain = dataclasses.replace(
        RECEIPT,
        site=None,
        answered=None,
        valid_until=None,
        paused=True,
        gpc=False,
        policy_version=None,
        classes=(
            dataclasses.replace(cls, answer="none"),
            dataclasses.replace(cls, name="media", answer="no"),
            dataclasses.replace(cls, name="ads", answer="no"),
            dataclasses.replace(cls, name="cart", answer="always on"),
        ),
    )
    _, out, _ = verify(saved(write_receipt(plain, ReceiptSeal([SECRET]))))
    assert out.splitlines()[1:] == [
        "Website: not known",
        "Issued: 2026-01-02",
        "Answered: no",
        "No to: media, ads",
        "Not answered: analytics",
        "Paused: yes",
    ]


@both_doors
def test_download_is_verified(door: Door, verify: Verify) -> None:
    site = Site(door)
    answer = site.get("/cookie-consent/receipt.json", cookie=site.answer_cookie())
    code, out, _ = verify(saved(answer.body))
    assert code == 0
    assert "Yes to: analytics" in out


TEXT = FILE.decode("utf-8")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (TEXT.replace('"yes"', '"no"').encode(), "it was altered, or another site has signed it"),
        (b"", "it is no JSON"),
        (b"%PDF-1.7\n", "it is no JSON"),
        (b"\x89PNG\r\n\x1a\n", "it is no text in UTF-8"),
        (TEXT.replace("true", "NaN").encode(), "it is no JSON"),
        (b"[" * 100_000, "it is nested too deeply"),
        (b" " * 10_000_000, f"it is larger than {MAX_RECEIPT_OCTETS:,} bytes"),
        (b"{}", "it is JSON, but no receipt"),
        (
            json.dumps(facts() | {"schema_version": "\x1b[2J/9"}).encode(),
            "its schema_version is not cookieconsent-receipt/1",
        ),
        (TEXT.replace('"gpc"', '"gpc": 1, "gpc"').encode(), "a name stands in it twice"),
    ],
)
def test_other_files_are_refused_in_clear_words(data: bytes, said: str, verify: Verify) -> None:
    code, out, err = verify(saved(data))
    assert (code, out) == (1, "")
    assert err.startswith(f"Not valid: {said}")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("missing.json", "missing.json: it cannot be read (No such file or directory)."),
        (".", ".: it cannot be read (Is a directory)."),
        ("a\x1b[2Jb", "a\\x1b[2Jb: it cannot be read (No such file or directory)."),
        ("a\x00b", "a\\x00b: it cannot be read (embedded null byte)."),
        ("\u202e\xe4", "\\u202e\\xe4: it cannot be read (No such file or directory)."),
    ],
)
def test_file_that_cannot_be_read_is_named(file: str, said: str, verify: Verify) -> None:
    assert verify(file) == (1, "", said + "\n")


def test_nothing_reaches_the_terminal_raw(verify: Verify) -> None:
    hostile = dataclasses.replace(RECEIPT, policy_version="\x1b[2J\n\u202e\xe4\ud800")
    _, out, _ = verify(saved(write_receipt(hostile, ReceiptSeal([SECRET]))))
    assert "Policy version: \\x1b[2J\\x0a\\u202e\\xe4\\ud800\n" in out


def test_standard_input_is_read(verify: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(FILE)))
    assert verify("-")[0] == 0


def test_json_is_for_programs(verify: Verify) -> None:
    code, out, _ = verify("receipt.json", "--json")
    found: dict[str, Any] = json.loads(out)
    assert found["site_matches"] is None
    assert (code, found["valid"], found["fault"]) == (0, True, None)
    assert found["facts"] | {"signature": facts()["signature"]} == facts()
    code, out, _ = verify(saved(b"{}"), "--json")
    refused = {"valid": False, "fault": "no receipt", "site_matches": None, "facts": {}}
    assert (code, json.loads(out)) == (1, refused)


@pytest.mark.parametrize(
    ("origin", "matches", "lines"),
    [
        ("https://shop.example", True, ["Website: shop.example"]),
        ("https://SHOP.example:443", True, ["Website: shop.example"]),
        (
            "https://other.example",
            False,
            [
                "Website: shop.example",
                "Warning: public_origin is https://other.example, so it was made under another name.",
            ],
        ),
    ],
)
def test_host_is_compared_with_the_public_origin(
    origin: str, matches: bool, lines: list[str], verify: Verify
) -> None:
    """Whoever is asked decides what that means; the signature is valid all the same."""
    saved(f"{TABLE}public_origin = '{origin}'\n".encode(), "cookieconsent.toml")
    code, out, _ = verify()
    assert code == 0
    assert out.splitlines()[1:-5] == lines
    code, out, _ = verify("receipt.json", "--json")
    assert (code, json.loads(out)["site_matches"]) == (0, matches)


# --- the site's secrets ---------------------------------------------------------------------------

TABLE = "[cookieconsent]\n"


def test_secret_of_the_file_comes_first(verify: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(f"{TABLE}secret_key = '{SECRET}'\n".encode(), "cookieconsent.toml")
    monkeypatch.setenv("COOKIECONSENT_SECRET", OTHER)
    assert verify()[0] == 0
    assert verify("receipt.json", "--secret-key-env", "COOKIECONSENT_SECRET")[0] == 1


def test_file_without_a_secret_takes_the_environments(verify: Verify) -> None:
    saved(b"[tool.cookieconsent]\npath = '/c'\n", "pyproject.toml")
    assert verify("receipt.json", "--config", "pyproject.toml")[0] == 0


def test_incomplete_declarations_are_no_matter(verify: Verify) -> None:
    """Warnings are errors here, so one would be seen."""
    text = f"{TABLE}[[cookieconsent.cookies]]\nname = 'a'\ncls = 'analytics'\n"
    saved(text.encode(), "cookieconsent.toml")
    assert verify()[0] == 0


def test_variable_can_have_another_name(verify: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIECONSENT_SECRET", OTHER)
    monkeypatch.setenv("OLD", SECRET)
    monkeypatch.setenv("NEW", OTHER)
    assert verify()[0] == 1
    assert verify("receipt.json", "--secret-key-env", "OLD")[0] == 0
    assert verify("receipt.json", "--secret-key-env", "OLD", "--secret-key-env", "NEW")[0] == 0


def test_secrets_stand_in_a_file(verify: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COOKIECONSENT_SECRET")
    keys = saved(f"\ufeff{SECRET}\n\n  {OTHER}\r\n".encode(), "keys")
    assert verify("receipt.json", "--secret-key-file", keys)[0] == 0


@pytest.mark.parametrize("given", ["--site", "toml"])
def test_site_name_is_part_of_the_signature(given: str, verify: Verify) -> None:
    file = saved(write_receipt(RECEIPT, ReceiptSeal([SECRET], "blog")))
    assert verify(file)[0] == 1
    if given == "toml":
        saved(f"{TABLE}site = 'blog'\n".encode(), "cookieconsent.toml")
        assert verify(file)[0] == 0
        assert verify(file, "--site", "news")[0] == 1
    else:
        assert verify(file, "--site", "blog")[0] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "the following arguments are required: FILE"),
        (["a", "b"], "unrecognized arguments: b"),
        (["a", "--secret-key", "x"], "ambiguous option: --secret-key"),
        (["a", "--secret-key-env", "A", "--secret-key-file", "b"], "not allowed with argument"),
        (["a", "--secret-key-env", "NONE"], "the environment variable NONE is not set"),
        (["a", "--secret-key-file", "none"], "none: it cannot be read (No such file"),
        (["a", "--secret-key-file", "binary"], "binary: it cannot be read ("),
        (["a", "--secret-key-file", "empty"], "there is no secret in 'empty'"),
        (["a", "--secret-key-file", "short"], "it is too weak"),
        (["a", "--config", "none.toml"], "'none.toml' cannot be read"),
        (["a", "--config", "binary"], "'binary' cannot be read"),
        (["a", "--config", "empty"], "'empty' has no table [cookieconsent]"),
        (["a", "--config", "wrong"], "Did you mean 'site'?"),
        (["a", "--site", "NO!"], "'NO!' does not fit"),
    ],
)
def test_asked_wrongly_gives_two(words: list[str], said: str, verify: Verify) -> None:
    saved(b"\xff\xfe", "binary")
    saved(b"\n", "empty")
    saved(b"short", "short")
    saved(f"{TABLE}sit = 'x'\n".encode(), "wrong")
    code = main(["receipt", "verify", *words])
    code, out, err = verify(*words) if words else (code, "", said)
    assert (code, out) == (2, "")
    assert said in err


def test_no_secret_anywhere_gives_two(verify: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COOKIECONSENT_SECRET")
    assert verify()[0] == 2
    saved(f"{TABLE}path = '/c'\n".encode(), "cookieconsent.toml")
    code, _, err = verify()
    assert code == 2
    assert err.startswith("cookieconsent.toml [cookieconsent]: secret_key: there is none")


@pytest.mark.parametrize("secrets", ["path = '/c'", "secret_key = 'short'", "secret_keys = []"])
def test_nobody_is_told_to_make_a_new_secret(
    secrets: str, verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COOKIECONSENT_SECRET")
    saved(f"{TABLE}{secrets}\n".encode(), "cookieconsent.toml")
    code, _, err = verify()
    assert code == 2
    assert "Make one" not in err
    assert "Give the secret that the site signs receipts with" in err


@pytest.mark.parametrize(
    ("secrets", "said"),
    [
        (f"secret_key = '{OTHER}'\nsecret_keys = ['{OTHER}']", "both are given"),
        ("secret_key = 'short'", "it is too weak"),
        ("secret_keys = 'short'", "it is no list"),
        ("secret_key = 5", "it is no text"),
    ],
)
def test_wrong_secret_of_the_file_is_not_passed_over(
    secrets: str, said: str, verify: Verify
) -> None:
    saved(f"{TABLE}{secrets}\n".encode(), "cookieconsent.toml")
    code, _, err = verify()
    assert code == 2
    assert said in err


@pytest.mark.parametrize("words", [["receipt"], ["receipt", "sign"], ["receipt", "--file"]])
def test_action_must_be_named(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert " receipt " in capsys.readouterr().err


# --- the process ----------------------------------------------------------------------------------


def test_verifying_loads_no_words_and_no_server() -> None:
    loaded = modules_after("from cookieconsent.cli import receipt, program")
    assert not {"babel", "markupsafe", "starlette", "uvicorn", "asyncio"} & loaded
    assert not {name for name in loaded if name.startswith("cookieconsent.ui")}


def test_program_runs_in_the_poorest_terminal(tmp_path: Path) -> None:
    hostile = dataclasses.replace(RECEIPT, policy_version="größer")
    environment = {"COOKIECONSENT_SECRET": SECRET, "PYTHONIOENCODING": "ascii", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-m", "cookieconsent", "receipt", "verify", "-"],
        input=write_receipt(hostile, ReceiptSeal([SECRET])),
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env=environment,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.endswith(b"Policy version: gr\\xf6\\xdfer\n")


def shell(line: str, folder: Path) -> tuple[int, bytes, bytes]:
    """Run a line of shell in which `verify` is the command; return code, output and complaints."""
    (folder / "receipt.json").write_bytes(FILE)
    (folder / "altered.json").write_bytes(FILE.replace(b'"yes"', b'"no"'))
    program = f"verify() {{ '{sys.executable}' -m cookieconsent receipt verify \"$@\"; }}\n"
    environment = {"COOKIECONSENT_SECRET": SECRET, "PATH": os.environ["PATH"]}
    done = subprocess.run(
        ["/bin/bash", "-c", program + line],
        capture_output=True,
        check=False,
        cwd=folder,
        env=environment,
    )
    return done.returncode, done.stdout, done.stderr


FULL = b"The answer cannot be written (No space left on device).\n"
# A pipe whose reader has gone.
PIPE = "exec {gone}> >(exec true); wait $!;"


@pytest.mark.parametrize(
    ("line", "code", "complaint"),
    [
        ("verify - <&-", 1, b"-: it cannot be read (standard input is closed).\n"),
        ("verify receipt.json <&-", 0, b""),
        ("verify receipt.json >&-", 0, b""),
        ("verify altered.json >&- 2>&-", 1, b""),
        ("verify receipt.json >/dev/full", 2, FULL),
        ("verify --json receipt.json >/dev/full", 2, FULL),
        ("verify receipt.json >/dev/full 2>&1", 2, b""),
        ("verify altered.json 2>/dev/full", 1, b""),
        ("verify --config none.toml receipt.json 2>/dev/full", 2, b""),
        ("verify --help >/dev/full", 2, FULL),
        (f"{PIPE} verify receipt.json >&$gone", 0, b""),
        (f"{PIPE} verify --json altered.json >&$gone", 1, b""),
        (f"{PIPE} verify altered.json 2>&$gone", 1, b""),
    ],
)
def test_streams_that_fail_leave_no_traceback(
    line: str, code: int, complaint: bytes, tmp_path: Path
) -> None:
    found, _, err = shell(line, tmp_path)
    assert (found, err) == (code, complaint)


def test_closed_standard_error_is_not_the_output(tmp_path: Path) -> None:
    assert shell("verify altered.json 2>&-", tmp_path) == (1, b"", b"")
