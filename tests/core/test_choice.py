"""What a visitor said: valid days, answers, merging and the least permission of two."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookieconsent.core.choice import VALID_DAYS, Choice, date_of

DAY = 20_000
A, B, C = "analytics", "media", "preferences"


def chosen(
    granted: str = "", refused: str = "", signal: str = "", day: int = DAY, paused: str = ""
) -> Choice:
    """Make a choice from class names parted by spaces."""
    yes, no, under, rest = (frozenset(n.split()) for n in (granted, refused, signal, paused))
    return Choice(day=day, granted=yes, refused=no, under_signal=under, paused=rest)


@pytest.mark.parametrize(
    ("age", "current"),
    [
        (-2, False),
        (-1, True),
        (0, True),
        (1, True),
        (181, True),
        (182, True),
        (183, False),
        (400, False),
    ],
)
def test_signed_day_decides(age: int, current: bool) -> None:
    """A day up to one ahead counts, day 182 counts, day 183 does not."""
    assert Choice(day=DAY).is_current(DAY + age) is current


def test_half_a_year() -> None:
    assert VALID_DAYS == 182
    choice = Choice(day=0)
    assert choice.date == dt.date(1970, 1, 1)
    assert choice.valid_until == dt.date(1970, 7, 2)
    assert choice.is_current((choice.valid_until - choice.date).days)
    assert date_of(20_000) == dt.date(2024, 10, 4)


def test_answers() -> None:
    choice = chosen(granted=A, refused=B)
    assert [choice.answer(name) for name in (A, B, C)] == [True, False, None]


def test_choice_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        chosen().day = 1  # type: ignore[misc]


MERGES: list[tuple[str, Choice, str, bool, Choice]] = [
    ("first answer", chosen(), A, False, chosen(granted=A)),
    ("over a no", chosen(refused=f"{A} {B}"), A, False, chosen(granted=A, refused=B)),
    ("others stand", chosen(granted=B), A, False, chosen(granted=f"{A} {B}")),
    ("under the signal", chosen(granted=B), A, True, chosen(granted=f"{A} {B}", signal=A)),
    (
        "plain yes after one under the signal",
        chosen(granted=A, signal=A),
        A,
        False,
        chosen(granted=A),
    ),
    (
        "yes under the signal after a plain one",
        chosen(granted=A),
        A,
        True,
        chosen(granted=A, signal=A),
    ),
    (
        "another's signal bit stands",
        chosen(granted=B, signal=B),
        A,
        False,
        chosen(f"{A} {B}", "", B),
    ),
    ("nothing", chosen(granted=A, refused=B), "", True, chosen(granted=A, refused=B)),
    (
        "ends its own pause only",
        chosen(granted=f"{A} {B}", paused=f"{A} {B}"),
        A,
        False,
        chosen(granted=f"{A} {B}", paused=B),
    ),
]


@pytest.mark.parametrize(
    ("before", "names", "signal", "after"),
    [row[1:] for row in MERGES],
    ids=[row[0] for row in MERGES],
)
def test_merge(before: Choice, names: str, signal: bool, after: Choice) -> None:
    assert before.merge(names.split(), day=DAY, signal=signal) == after


def test_later_answer_prolongs_no_earlier_one() -> None:
    for before in (chosen(granted=A, day=DAY), chosen(refused=A, day=DAY)):
        assert before.merge([B], day=DAY + 5, signal=False).day == DAY
        assert before.refuse([B], day=DAY + 5).day == DAY


def test_first_answer_in_a_pause_has_its_own_day() -> None:
    paused = chosen(day=DAY, paused=f"{A} {B}")
    assert not paused.answers
    assert paused.merge([B], day=DAY + 5, signal=False).day == DAY + 5
    assert paused.refuse([B], day=DAY + 5).day == DAY + 5


RESTING: list[tuple[str, Choice, bool]] = [
    ("no pause", chosen(granted=A, refused=B), False),
    ("refused alone", chosen(refused=f"{A} {B}"), False),
    ("both", chosen(paused=f"{A} {B}"), True),
    ("one, the other refused", chosen(refused=B, paused=A), True),
    ("one, the other on", chosen(granted=f"{A} {B}", paused=A), False),
    ("one, the other unanswered", chosen(paused=A), False),
]


@pytest.mark.parametrize(
    ("choice", "rests"), [row[1:] for row in RESTING], ids=[row[0] for row in RESTING]
)
def test_rests(choice: Choice, rests: bool) -> None:
    assert choice.rests([A, B]) is rests


REFUSALS: list[tuple[str, Choice, str, Choice]] = [
    ("first answer", chosen(), A, chosen(refused=A)),
    ("over a yes", chosen(granted=f"{A} {B}"), A, chosen(granted=B, refused=A)),
    ("over a yes under the signal", chosen(granted=A, signal=A), A, chosen(refused=A)),
    ("over a pause", chosen(granted=A, paused=f"{A} {B}"), A, chosen(refused=A, paused=B)),
    ("twice", chosen(refused=A), A, chosen(refused=A)),
]


@pytest.mark.parametrize(
    ("before", "names", "after"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS]
)
def test_refuse(before: Choice, names: str, after: Choice) -> None:
    assert before.refuse(names.split(), day=DAY) == after


def test_pause_keeps_every_answer() -> None:
    before = chosen(granted=A, refused=B, signal=A)
    during = before.pause([A, B, C])
    assert during == chosen(granted=A, refused=B, signal=A, paused=f"{A} {C}")
    assert during.pause([]) == before


INTERSECTIONS: list[tuple[str, Choice, Choice, Choice]] = [
    (
        "same",
        chosen(granted=A, refused=B),
        chosen(granted=A, refused=B),
        chosen(granted=A, refused=B),
    ),
    ("yes and no", chosen(granted=A), chosen(refused=A), chosen(refused=A)),
    ("yes and nothing", chosen(granted=A), chosen(), chosen()),
    ("no and nothing", chosen(refused=A), chosen(), chosen(refused=A)),
    ("two yeses apart", chosen(granted=A), chosen(granted=B), chosen()),
    ("older day", chosen(day=5), chosen(day=3), chosen(day=3)),
    ("one paused", chosen(granted=A), chosen(A, paused=A), chosen(A, paused=A)),
    ("paused and no", chosen(paused=A), chosen(refused=A), chosen(refused=A)),
    (
        "plain yes and yes under the signal",
        chosen(granted=A, signal=A),
        chosen(granted=A),
        chosen(granted=A),
    ),
]


@pytest.mark.parametrize(
    ("one", "other", "least"),
    [row[1:] for row in INTERSECTIONS],
    ids=[row[0] for row in INTERSECTIONS],
)
def test_intersection(one: Choice, other: Choice, least: Choice) -> None:
    assert one.intersection(other) == least
    assert other.intersection(one) == least


@st.composite
def choices(draw: st.DrawFn) -> Choice:
    """Any choice that can be made: no class is answered twice."""
    answers = draw(
        st.dictionaries(st.sampled_from([A, B, C]), st.sampled_from(["yes", "signal", "no"]))
    )
    granted = frozenset(name for name, answer in answers.items() if answer != "no")
    return Choice(
        day=draw(st.integers(0, 65535)),
        granted=granted,
        refused=frozenset(answers) - granted,
        under_signal=frozenset(name for name, answer in answers.items() if answer == "signal"),
    )


@given(choices(), choices())
def test_intersection_permits_no_more_than_either(one: Choice, other: Choice) -> None:
    least = one.intersection(other)
    for name in (A, B, C):
        answers = (one.answer(name), other.answer(name))
        assert least.answer(name) is (False if False in answers else all(answers) or None)
    assert least.under_signal <= least.granted
    assert not least.granted & least.refused


@given(choices(), st.lists(st.sampled_from([A, B, C])), st.booleans())
def test_merge_keeps_sets_apart(choice: Choice, names: list[str], signal: bool) -> None:
    merged = choice.merge(names, day=DAY, signal=signal)
    assert not merged.granted & merged.refused
    assert merged.under_signal <= merged.granted
    assert all(merged.answer(name) is True for name in names)
