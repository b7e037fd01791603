"""The page on reports of the audit says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from audit.samples import report
from cookieconsent.audit import exports, known
from cookieconsent.audit.difference import diff
from cookieconsent.audit.names import DIFFERENCE_FORMS
from cookieconsent.audit.reports import FORMATS
from cookieconsent.audit.reports.html import _SIGNS
from cookieconsent.audit.reports.html import write as html
from cookieconsent.audit.reports.json import VERSION, document
from cookieconsent.audit.reports.markdown import MAX_CHARACTERS
from cookieconsent.audit.reports.sarif import _LEVELS, FINGERPRINT
from cookieconsent.audit.snapshot import Cookie, snapshot
from cookieconsent.core.choice import VALID_DAYS
from cookieconsent.engine.consent import COOKIE_DAYS
from pages import ROOT, blocks

PAGE = ROOT / "docs" / "reference" / "audit-reports.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_every_form_has_its_row() -> None:
    named = re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)
    assert named == [*FORMATS, *exports.FORMATS]
    assert len(FORMATS) == 8


@pytest.mark.parametrize(
    "words",
    [
        f"`schema_version` is `{VERSION}`",
        f"`partialFingerprints` has `{FINGERPRINT}`",
        f"At most {MAX_CHARACTERS:,} characters",
        "as {}, {} or {}:".format(*(f"`{name}`" for name in DIFFERENCE_FORMS)),
    ],
)
def test_page_says_what_the_code_has(words: str) -> None:
    assert words in TEXT


def test_levels_are_those_of_the_page() -> None:
    assert "Critical and high are `error`, medium is `warning`, low and info are `note`." in TEXT
    assert list(_LEVELS.values()) == ["error", "error", "warning", "note", "note"]


def test_policy_of_the_page_is_sent_along() -> None:
    assert "(`default-src 'none'`)" in TEXT
    assert 'http-equiv="Content-Security-Policy" content="default-src \'none\';' in html(report())


def test_signs_of_the_page_are_those_of_the_report() -> None:
    assert ", ".join(f"{sign} {came}" for came, sign in _SIGNS.items()) in TEXT


def test_days_of_the_consent_cookie_are_the_ones_that_hold() -> None:
    assert COOKIE_DAYS == VALID_DAYS + 1
    assert f"lasts {COOKIE_DAYS} days, one more than its answer counts ({VALID_DAYS})" in TEXT


def test_facts_that_are_compared_are_named() -> None:
    whole = snapshot(document(report()))
    cookie: Cookie = next(iter(whole.cookies.values()))
    assert list(cookie.facts) == ["class", "vendor", "set by", "lifetime", "attributes"]
    assert "cookies whose class, vendor, setter, lifetime, attributes or states are other" in TEXT
    assert diff(whole, whole).is_empty


def test_known_findings_of_the_page_are_read(tmp_path: Path) -> None:
    [block] = [block for block in blocks(PAGE) if block.language == "toml"]
    file = tmp_path / "known.toml"
    file.write_text(block.text, encoding="utf-8")
    rules = known.read(file)
    assert [(rule.check, rule.fingerprint) for rule in rules] == [
        ("CC101", None),
        (None, "0123456789abcdef"),
    ]
