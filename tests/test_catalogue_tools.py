"""The scripts that build and measure the catalogue: nothing is exempt without review."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

import build_catalogue
import build_trackers
import measure_catalogue
from build_catalogue import Row
from build_trackers import ENTITIES
from build_trackers import REVIEWED as REVIEWED_TRACKERS
from cookieconsent.core.trackers import TRACKERS
from cookieconsent.core.words import WORDS

MAX_COMPRESSED = 60_000  # bytes of all facts about cookies
CSV_HEAD = (
    "ID,Platform,Category,Cookie / Data Key name,Domain,Description,Retention period,"
    "Data Controller,User Privacy & GDPR Rights Portals,Wildcard match\n"
)


def test_catalogue_is_what_the_sources_build() -> None:
    lines = ["\t".join(cells) for cells in (build_catalogue.SHIPPED, *build_catalogue.catalogue())]
    assert build_catalogue.CATALOGUE.read_text(encoding="utf-8").splitlines() == lines


def test_facts_stay_small() -> None:
    sizes = [
        len(gzip.compress(path.read_bytes(), mtime=0))
        for path in (build_catalogue.CATALOGUE, TRACKERS, WORDS)
    ]
    assert sum(sizes) < MAX_COMPRESSED


def test_reviewed_layer_is_sorted_and_unique() -> None:
    names = [row.name.encode() for row in build_catalogue.reviewed_rows()]
    assert sorted(set(names)) == names


def test_database_makes_nothing_exempt() -> None:
    rows = build_catalogue.from_database()
    assert len(rows) > 1000
    assert not {row.cls for row in rows} & build_catalogue.EXEMPT


def test_facts_are_taken_without_sentences(tmp_path: Path) -> None:
    path = tmp_path / "database.csv"
    path.write_text(
        CSV_HEAD
        + "1,Acme,Marketing,acme_visitor*,www.acme.example (3rd party),A sentence,13 months,A,u,0\n"
        + "2,Acme,Functional,acme_chat,,A sentence,session,A,u,1\n"
        + "3,Acme,Functional,pixel.gif,,A sentence,session,A,u,0\n"
        + "4,Acme,Functional,two words,,A sentence,30 seconds,A,u,0\n",
        encoding="utf-8",
    )
    assert build_catalogue.facts(path) == [
        ("acme_chat", "1", "Acme", "Functional", "", "session"),
        ("acme_visitor", "1", "Acme", "Marketing", "acme.example", "13 months"),
    ]


REVIEWED = [
    Row("acme_session", "authentication", "Acme", "session", "", "keeps the visitor signed in"),
    Row("acme_*", "analytics", "Acme", "", "", ""),
    Row("left_out", "-", "", "", "", ""),
]


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        (Row("acme_session", "advertising", "Acme", "", "", ""), False),
        (Row("acme_other", "advertising", "Acme", "", "", ""), False),
        (Row("acme_se*", "advertising", "Acme", "", "", ""), False),
        (Row("left_out", "advertising", "Acme", "", "", ""), False),
        (Row("other_visitor", "advertising", "Other", "", "", ""), True),
    ],
)
def test_reviewed_layer_wins(row: Row, *, kept: bool) -> None:
    assert (row in build_catalogue.build(REVIEWED, [row])) is kept


@pytest.mark.parametrize(
    ("name", "needs"),
    [
        ("uid", True),
        ("lang", True),
        ("visitor_id", True),
        ("wishlist", True),
        ("_acmeVisitor", False),
        ("acme_visitor_*", False),
    ],
)
def test_generic_names_need_a_domain(name: str, *, needs: bool) -> None:
    assert build_catalogue.needs_domain(name) is needs


def test_list_of_trackers_gives_facts_alone() -> None:
    entities = [
        {"name": "A", "category": "ad", "domains": ["*.a.example", "b.a.example"]},
        {"name": "B", "category": "analytics", "domains": ["c.a.example", "x.amazonaws.com"]},
        {"name": "C", "category": "hosting", "domains": ["h.example"]},
    ]
    assert build_trackers.facts(entities) == {
        "a.example": ("advertising", "A"),
        "b.a.example": ("advertising", "A"),
        "c.a.example": ("analytics", "B"),
    }


def test_trackers_keep_the_parent_alone() -> None:
    listed = {"a.example": ("media", "A"), "b.a.example": ("advertising", "A")}
    reviewed = {"a.example": ("advertising", "A"), "c.a.example": ("analytics", "B")}
    assert build_trackers.trackers(reviewed, listed) == reviewed


def test_trackers_are_what_the_sources_build() -> None:
    sources = (build_trackers.read(path) for path in (REVIEWED_TRACKERS, ENTITIES))
    built = build_trackers.text(build_trackers.trackers(*sources))
    assert TRACKERS.read_text(encoding="utf-8") == built


def test_reviewed_trackers_are_sorted_and_unique() -> None:
    lines = REVIEWED_TRACKERS.read_text(encoding="utf-8").splitlines()[1:]
    domains = [line.split("\t")[0] for line in lines]
    assert sorted(set(domains)) == domains


# ------------------------------------------------------------------ how well it does


def test_measured_figures_are_the_documented_ones() -> None:
    page = build_catalogue.ROOT / "docs" / "how-to" / "catalogue.md"
    lines = measure_catalogue.table(measure_catalogue.read(measure_catalogue.HELD_OUT))
    assert "\n".join(lines) in page.read_text(encoding="utf-8")


def test_score_counts_unknown_as_needing_consent() -> None:
    labelled = [("_ga", "analytics"), ("PHPSESSID", "necessary"), ("_fbp", "necessary")]
    labelled += [("qqqq", "functional"), ("qqqr", "necessary"), ("sessionid", "advertising")]
    lines = [{"name": name, "domain": "", "label": label} for name, label in labelled]
    assert measure_catalogue.score(lines) == measure_catalogue.Score(6, 4, 2, 1, 3)


def test_unknown_label_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.tsv"
    path.write_text("source\tname\tdomain\tlabel\nme\t_ga\t\tstatistics\n", encoding="utf-8")
    with pytest.raises(ValueError, match="'statistics' of '_ga'"):
        measure_catalogue.read(path)
