"""What can be declared of a cookie, whoever has heard of it."""

from __future__ import annotations

import pytest

from cookieconsent.core.cookies import Scope
from cookieconsent.drafting.cookie import declarable, problem, problem_of_octets, table, unsaid

HOST = Scope(None, "/")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (b"a", None),
        (b"gr\xc3\xb6\xc3\x9fe", None),
        (b"gr\xf6\xdfe", "it is no text in UTF-8"),
        (b"a*", "a '*' in a declaration stands for any characters, so more would be declared"),
        (b"a=b", "'a=b' can be no cookie's name"),
        (b"", "'' is no cookie name"),
    ],
)
def test_seen_names_are_judged_by_their_octets(name: bytes, said: str | None) -> None:
    assert problem_of_octets(name) == said


def test_glob_that_somebody_wrote_is_a_name() -> None:
    assert problem("a*") is None
    assert problem("*") == "'*' would match every cookie"


@pytest.mark.parametrize(
    ("scope", "declared", "field"),
    [
        (HOST, HOST, None),
        (Scope(".Shop.example", "/a", True), Scope("shop.example", "/a", True), None),
        (Scope("localhost", "/a"), Scope(None, "/a"), "domain"),
        (Scope(None, "a;b"), HOST, "path"),
        (Scope("localhost", "a;b", True), Scope(None, "/", True), "domain"),
    ],
)
def test_scope_that_cannot_be_declared_is_left_out(
    scope: Scope, declared: Scope, field: str | None
) -> None:
    found, note = declarable("a", scope)
    assert found == declared
    assert (note or "DECIDE: None").startswith(f"DECIDE: {field}")


def test_table_without_a_class_is_a_comment() -> None:
    facts = {"lifetime": "session", "purpose": "x"}
    for cls in ("cart", None):
        found = table("a", cls, Scope("b.example", "/c", True), facts=facts, notes=[], unset={})
        assert found.is_comment is (cls is None)
        assert list(found.fields.items()) == [
            ("name", "a"),
            ("cls", cls or "DECIDE"),
            ("purpose", "x"),
            ("lifetime", "session"),
            ("domain", "b.example"),
            ("path", "/c"),
            ("partitioned", True),
        ]


def test_likely_facts_are_suggested() -> None:
    found = unsaid(("provider", "lifetime"), provider="", lifetime="90 days")
    assert found == {"provider": "DECIDE: who sets it or receives its data", "lifetime": "90 days"}
