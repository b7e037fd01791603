"""What the page for testers says a browser holds and curl shows, tried on the demo shop."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import NO_CURL, missing
from demo.processes import opened
from demo.visits import OpenShop, press, visitor_of
from doors import DOORS, Door, Visitor, banners
from pages import GUIDES, blocks

GUIDE = GUIDES / "check-by-hand.md"


def rows() -> list[tuple[str, set[str]]]:
    """Return the steps of the page's first table, and what a browser holds after each."""
    table = GUIDE.read_text(encoding="utf-8").split("\n## ")[1]
    found = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", table, re.MULTILINE)
    return [(step, set(re.findall(r"`([^`]+)`", held))) for step, held in found[2:]]


def held_by(visitor: Visitor) -> set[str]:
    header = visitor.jar.send(visitor.origin, now=visitor.site.clock.now) or b""
    return {pair.partition("=")[0] for pair in header.decode("ascii").split("; ")} - {""}


def take(visitor: Visitor, number: int) -> None:
    """Take one step of the table."""
    if number == 0:
        visitor.visit()
    elif number == 1:
        visitor.choose("reject")
    elif number == 2:
        visitor.visit("/sign-in")
        press(visitor, "/sign-in", name="Ada")
        visitor.visit("/goods/mug")
        press(visitor, "/basket", add="mug")
    elif number == 3:
        visitor.visit("/cookie-consent")
        visitor.choose("accept")
        visitor.visit()
    elif number == 4:
        visitor.choose("withdraw")
    else:
        visitor.visit("/cookie-consent")
        visitor.choose("forget")


@pytest.mark.parametrize("door", DOORS)
def test_browser_holds_what_the_table_says(door: Door) -> None:
    visitor = visitor_of(OpenShop(door))
    steps = rows()
    assert len(steps) == 6
    for number, (step, held) in enumerate(steps):
        take(visitor, number)
        assert held_by(visitor) == held, step


def test_curl_shows_what_the_page_says(tmp_path: Path) -> None:
    curl = shutil.which("curl") or missing(NO_CURL)
    lines = [line for b in blocks(GUIDE) for line in b.text.splitlines() if line[:4] == "curl"]
    with opened() as (_, address):
        first, answer, page = (
            subprocess.run(
                [curl, *shlex.split(line.replace("http://127.0.0.1:8000", address))[1:]],
                cwd=tmp_path,
                check=True,
                capture_output=True,
                timeout=60,
            ).stdout
            for line in lines
        )
    head, _, body = first.partition(b"\r\n\r\n")
    assert b"set-cookie" not in head.lower()
    assert banners(body) == 1
    assert (answer, page) == (b"", b"")
    assert banners((tmp_path / "page.html").read_bytes()) == 0
    jar = (tmp_path / "jar").read_text(encoding="utf-8")
    for name in ("__Host-cookieconsent", "_ga", "_ga_K3TTL3CRMB"):
        assert f"\t{name}\t" in jar


@pytest.mark.parametrize("site", [None, b"cross-site"])
def test_answer_from_elsewhere_is_refused(site: bytes | None) -> None:
    headers = [] if site is None else [(b"sec-fetch-site", site)]
    assert OpenShop("asgi").post({"choice": "accept"}, headers).status == 403
