"""What the comparison says of this project holds, and what it says of others is dated."""

from __future__ import annotations

import re

import pytest

from doors import DOORS, Door, Site, Visitor
from pages import ROOT

PAGE = ROOT / "docs" / "explanation" / "comparison.md"
TEXT = PAGE.read_text(encoding="utf-8")
LEFTOVERS = [
    "_ga=1",
    "_ga_dom=1; Domain=shop.example",
    "_ga_http=1; HttpOnly",
    "_ga_path=1; Path=/page",
]


@pytest.mark.parametrize("door", DOORS)
def test_none_of_the_four_cookies_is_left(door: Door) -> None:
    visitor = Visitor(Site(door), "https://www.shop.example")
    visitor.visit("/page")
    visitor.choose("accept")
    for line in LEFTOVERS:
        visitor.jar.receive("https://www.shop.example/page", line)
    visitor.visit("/page")
    assert {cookie.name for cookie in visitor.jar if cookie.name.startswith(b"_ga")} == {
        line.partition("=")[0].encode("ascii") for line in LEFTOVERS
    }
    visitor.choose("withdraw")
    visitor.visit("/page")
    assert [cookie.name for cookie in visitor.jar if cookie.name.startswith(b"_ga")] == []


def test_weight_is_that_of_the_weighed_banner() -> None:
    looks = (ROOT / "docs" / "how-to" / "looks.md").read_text(encoding="utf-8")
    weighed = re.search(r'shape="top"` \| [^|]+ \| ([\d,]+) \|', looks)
    said = re.search(r"\[about ([\d,]+)\]", TEXT)
    assert weighed is not None
    assert said is not None
    heaviest, rounded = (int(found[1].replace(",", "")) for found in (weighed, said))
    assert abs(heaviest - rounded) <= 50


def test_comparison_says_when_and_what_it_saw() -> None:
    assert re.search(r"^Looked at in \w+ 20\d\d,", TEXT, re.MULTILINE)


def test_each_tool_is_better_in_something() -> None:
    compared = re.findall(r"^\| (?!tool|---|cookieconsent \(this)([^|]+?) \|", TEXT, re.MULTILINE)
    praised = re.findall(r"^- \*\*([^*]+)\*\*: \w", TEXT, re.MULTILINE)
    assert len(compared) == 10
    assert len(praised) == 10
    for tool, name in zip(compared, praised, strict=True):
        assert tool.startswith(name)
