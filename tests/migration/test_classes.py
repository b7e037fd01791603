"""Which class a group becomes: closed by default, and never exempt on a file's word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookieconsent import CookieClass
from cookieconsent.core.registry import EXEMPT_CLASSES
from cookieconsent.migration.classes import ESSENTIAL, decide, known, own_class
from cookieconsent.migration.findings import Group


@pytest.mark.parametrize(
    ("name", "group", "cookies", "cls", "is_own"),
    [
        ("analytics", Group(), [], "analytics", False),
        ("stats", Group(), [], "analytics", False),
        ("performanceCookies", Group(), [], "analytics", False),
        ("marketing", Group(), [], "advertising", False),
        ("ads", Group(), [], "advertising", False),
        ("socialMedia", Group(), [], "media", False),
        ("functionality_cookies", Group(), [], "preferences", False),
        ("necessary", Group(), [], ESSENTIAL, False),
        ("analytics", Group(required=True), [], ESSENTIAL, False),
        ("group-7", Group(title="Marketing"), [], "advertising", False),
        ("c1", Group(), ["_ga", "mystery"], "analytics", False),
        ("c1", Group(), ["_ga", "_fbp"], "c1", True),
        ("c1", Group(), ["sessionid"], "c1", True),
        ("Chat & Help", Group(), [], "chat-help", True),
        ("cart", Group(), [], "group-cart", True),
        ("uploads", Group(), [], "uploads", True),
    ],
)
def test_group_becomes_a_class(
    name: str, group: Group, cookies: list[str], cls: str, is_own: bool
) -> None:
    decision = decide(name, group, cookies)
    assert (decision.cls, decision.is_own) == (cls, is_own)
    assert decision.reason


@given(st.text())
def test_own_class_is_a_class_that_asks(name: str) -> None:
    cls = own_class(name)
    assert CookieClass(cls).switchable
    assert cls not in EXEMPT_CLASSES


@pytest.mark.parametrize(
    ("name", "classes", "is_exempt"),
    [
        ("sessionid", ("authentication",), True),
        ("_ga", ("analytics",), False),
        ("_ga_*", ("analytics",), False),
        ("sessioni*", ("authentication",), False),
        ("mystery", (), False),
        ("mystery*", (), False),
    ],
)
def test_catalogue_is_asked_for_names_and_globs(
    name: str, classes: tuple[str, ...], is_exempt: bool
) -> None:
    found = known(name)
    assert (found.classes, found.is_exempt) == (classes, is_exempt)


def test_glob_of_the_catalogue_itself_is_exempt() -> None:
    from cookieconsent.core.catalog import shipped_rules

    globs = [rule.pattern.decode() for rule in shipped_rules() if b"*" in rule.pattern]
    assert any(known(glob).is_exempt for glob in globs)
