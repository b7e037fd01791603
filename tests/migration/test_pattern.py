"""From regular expressions to globs: never narrower, and wider only where that is said."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookieconsent.core.registry import glob_matches
from cookieconsent.migration.literal import Pattern
from cookieconsent.migration.pattern import Globs, globs, table_names


@pytest.mark.parametrize(
    ("source", "names", "is_wider"),
    [
        ("^_ga", ["_ga*"], False),
        ("^(_ga)", ["_ga*"], False),
        ("_ga$", ["*_ga"], False),
        ("_ga", ["*_ga*"], False),
        ("^_ga$", ["_ga"], False),
        ("^(_ga|_gid)$", ["_ga", "_gid"], False),
        ("^(?:_ga|_gid)", ["_ga*", "_gid*"], False),
        ("^_ga$|^_gid$", ["_ga", "_gid"], False),
        ("^a|b$", ["a*", "*b"], False),
        ("^_pk_.*$", ["_pk_*"], False),
        (r"^_hj\.x$", ["_hj.x"], False),
        ("^_gat?$", ["_gat", "_ga"], False),
        ("^_ga.+$", ["_ga*"], True),
        (r"^_ga_\w+$", ["_ga_*"], True),
        ("^_ga(_[A-Z0-9]+)?$", ["_ga_*", "_ga"], True),
        ("^__utm[abctz]$", ["__utm*"], True),
        ("^_ga*", ["_g*"], True),
        (r"^x\*$", ["x*"], True),
        ("^_x{2,3}y$", ["_*y"], True),
    ],
)
def test_expression_becomes_globs(source: str, names: list[str], is_wider: bool) -> None:
    assert globs(Pattern(source)) == Globs(tuple(names), is_wider)


@pytest.mark.parametrize(
    "pattern",
    [
        Pattern(".*"),
        Pattern(""),
        Pattern("^$"),
        Pattern("^_GA", "i"),
        Pattern("(?!x)_ga"),
        Pattern("(?<!x)_ga"),
        Pattern(r"^\bfoo"),
        Pattern(r"^(a)\1"),
        Pattern(r"^\u{5f}ga", "u"),
        Pattern("^_ga{"),
        Pattern("^(a"),
        Pattern("a)"),
        Pattern("^_ga$x"),
        Pattern("(a|b)(c|d)(e|f)(g|h)(i|j)"),
        Pattern("(" * 50 + "a" + ")" * 50),
        Pattern("a" * 300),
    ],
    ids=str,
)
def test_other_expressions_have_none(pattern: Pattern) -> None:
    assert globs(pattern) is None


PIECES = st.recursive(
    st.sampled_from(["a", "b", "_", r"\.", ".", "[ab]", r"\w", ".*", "a+", "b?", "_{2}"]),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map("".join)
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"({'|'.join(parts)})")
    ),
    max_leaves=6,
)


@given(st.sampled_from(["", "^"]), PIECES, st.sampled_from(["", "$"]), st.text("ab_.", max_size=8))
def test_globs_match_no_less_than_the_expression(
    begin: str, source: str, end: str, name: str
) -> None:
    whole = f"{begin}{source}{end}"
    found = globs(Pattern(whole))
    if found is None:
        return
    by_glob = any(
        glob_matches(glob.encode(), name.encode()) if "*" in glob else glob == name
        for glob in found.names
    )
    by_expression = re.search(whole, name) is not None
    assert by_glob >= by_expression
    assert found.is_wider or by_glob == by_expression


@pytest.mark.parametrize(
    ("text", "names", "is_wider"),
    [
        ("_ga", ["_ga"], False),
        ("_ga_*", ["_ga_*"], False),
        ("_ga, _gid", ["_ga", "_gid"], False),
        ("_ga_<container-id>", ["_ga_*"], True),
        ("_pk_id#", ["_pk_id*"], True),
        ("_gat_UA-XXXX", ["_gat_UA-*"], True),
        ("_hjSession_{site_id}", ["_hjSession_*"], True),
        ("a,,a", ["a"], False),
    ],
)
def test_cell_of_a_table_becomes_names(text: str, names: list[str], is_wider: bool) -> None:
    assert table_names(text) == Globs(tuple(names), is_wider)
