"""The cookies for the auditing tool of the EDPB."""

from __future__ import annotations

import json

from audit.samples import cookie, report
from cookieconsent.audit.reports.edpb import write

# As the file that the Open Cookie Database publishes for that tool has them.
BASE = ["name", "author", "category", "knowledges", "created_at"]
ENTRY = [
    "updated_at",
    "created_at",
    "kind",
    "domain",
    "name",
    "category",
    "source",
    "controller",
    "date",
    "policy",
    "reference",
    "comment",
]


def test_file_has_the_fields_that_are_known_to_be_read() -> None:
    [base] = json.loads(write(report()))
    assert list(base) == BASE
    assert all(list(entry) == ENTRY for entry in base["knowledges"])
    assert all(isinstance(value, str) for entry in base["knowledges"] for value in entry.values())


def test_cookies_are_entries_and_other_storages_are_not() -> None:
    [base] = json.loads(write(report()))
    assert [(each["name"], each["category"], each["domain"]) for each in base["knowledges"]] == [
        ("_ga", "analytics", "shop.example"),
        ("sid", "functional", "shop.example"),
    ]
    assert base["knowledges"][0]["comment"] == (
        "Lasts: 730 days. It needs consent and is not declared. Seen: none, accepted."
    )


def test_own_cookie_is_not_called_undeclared() -> None:
    """It needs no declaration; and it lasts a day longer than its answer counts."""
    own = cookie(
        "__Host-cookieconsent",
        cls="consent",
        vendor="cookieconsent",
        needs_consent=False,
        lifetime=15_811_200,
        states={"accepted": "/"},
    )
    [base] = json.loads(write(report(cookies=(own,))))
    assert base["knowledges"][0]["comment"] == (
        "Lasts: 183 days (its answer counts for 182). It needs no consent and is the cookie that "
        "keeps the answer. Seen: accepted."
    )
