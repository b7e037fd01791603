"""The truth table of consent, against one written out anew from the rules in words.

* An exempt class always passes and is never asked for.
* An opt-in class passes after a yes, an objection class until a no.
* Only an opt-in class without an answer is asked for.
* A paused class does not pass and is not asked for, whatever was answered.
* Global Privacy Control concerns classes that share with third parties: no answer counts as a no, and
  a yes falls unless it was given while the signal was on.
"""

from __future__ import annotations

from itertools import product

import pytest

from cookieconsent.core.choice import Choice
from cookieconsent.core.decision import TABLE, Decision, Reason, answer_of, decide
from cookieconsent.core.registry import CookieClass, Regime

Row = tuple[Regime, str, bool, bool, bool, bool]

# regime, answer, shares, signal -> allowed, ask; written by hand, all 60 rows.
ROWS: list[Row] = [
    ("exempt", "none", False, False, True, False),
    ("exempt", "none", False, True, True, False),
    ("exempt", "none", True, False, True, False),
    ("exempt", "none", True, True, True, False),
    ("exempt", "no", False, False, True, False),
    ("exempt", "no", False, True, True, False),
    ("exempt", "no", True, False, True, False),
    ("exempt", "no", True, True, True, False),
    ("exempt", "yes", False, False, True, False),
    ("exempt", "yes", False, True, True, False),
    ("exempt", "yes", True, False, True, False),
    ("exempt", "yes", True, True, True, False),
    ("exempt", "yes under signal", False, False, True, False),
    ("exempt", "yes under signal", False, True, True, False),
    ("exempt", "yes under signal", True, False, True, False),
    ("exempt", "yes under signal", True, True, True, False),
    ("exempt", "paused", False, False, True, False),
    ("exempt", "paused", False, True, True, False),
    ("exempt", "paused", True, False, True, False),
    ("exempt", "paused", True, True, True, False),
    ("opt-in", "none", False, False, False, True),
    ("opt-in", "none", False, True, False, True),
    ("opt-in", "none", True, False, False, True),
    ("opt-in", "none", True, True, False, False),
    ("opt-in", "no", False, False, False, False),
    ("opt-in", "no", False, True, False, False),
    ("opt-in", "no", True, False, False, False),
    ("opt-in", "no", True, True, False, False),
    ("opt-in", "yes", False, False, True, False),
    ("opt-in", "yes", False, True, True, False),
    ("opt-in", "yes", True, False, True, False),
    ("opt-in", "yes", True, True, False, False),
    ("opt-in", "yes under signal", False, False, True, False),
    ("opt-in", "yes under signal", False, True, True, False),
    ("opt-in", "yes under signal", True, False, True, False),
    ("opt-in", "yes under signal", True, True, True, False),
    ("opt-in", "paused", False, False, False, False),
    ("opt-in", "paused", False, True, False, False),
    ("opt-in", "paused", True, False, False, False),
    ("opt-in", "paused", True, True, False, False),
    ("objection", "none", False, False, True, False),
    ("objection", "none", False, True, True, False),
    ("objection", "none", True, False, True, False),
    ("objection", "none", True, True, False, False),
    ("objection", "no", False, False, False, False),
    ("objection", "no", False, True, False, False),
    ("objection", "no", True, False, False, False),
    ("objection", "no", True, True, False, False),
    ("objection", "yes", False, False, True, False),
    ("objection", "yes", False, True, True, False),
    ("objection", "yes", True, False, True, False),
    ("objection", "yes", True, True, False, False),
    ("objection", "yes under signal", False, False, True, False),
    ("objection", "yes under signal", False, True, True, False),
    ("objection", "yes under signal", True, False, True, False),
    ("objection", "yes under signal", True, True, True, False),
    ("objection", "paused", False, False, False, False),
    ("objection", "paused", False, True, False, False),
    ("objection", "paused", True, False, False, False),
    ("objection", "paused", True, True, False, False),
]

ANSWERS = ("none", "no", "yes", "yes under signal", "paused")
REGIMES_OF: dict[str, Regime] = {"a": "opt-in", "b": "objection", "c": "exempt"}


def choice_with(answer: str, name: str = "x") -> Choice:
    names = frozenset({name})
    return {
        "none": Choice(day=1, refused=frozenset({"another"})),
        "no": Choice(day=1, refused=names),
        "yes": Choice(day=1, granted=names),
        "yes under signal": Choice(day=1, granted=names, under_signal=names),
        "paused": Choice(day=1, granted=names, under_signal=names, paused=names),
    }[answer]


def test_every_row_is_written_out() -> None:
    regimes: tuple[Regime, ...] = ("exempt", "opt-in", "objection")
    expected = set(product(regimes, ANSWERS, (False, True), (False, True)))
    assert {row[:4] for row in ROWS} == expected
    assert len(ROWS) == len(expected) == 60
    assert len(TABLE) == 30


@pytest.mark.parametrize(
    ("regime", "answer", "shares", "signal", "allowed", "ask"),
    ROWS,
    ids=["-".join(map(str, row[:4])) for row in ROWS],
)
def test_truth_table(
    regime: Regime, answer: str, shares: bool, signal: bool, allowed: bool, ask: bool
) -> None:
    cls = CookieClass("x", regime=regime, shares_with_third_parties=shares)
    decision = decide([cls], choice_with(answer), signal=signal)
    assert ("x" in decision.allowed, decision.ask) == (allowed, ask)


@pytest.mark.parametrize("signal", [False, True])
def test_no_choice_is_no_answer(signal: bool) -> None:
    classes = [CookieClass(name, regime=regime) for name, regime in REGIMES_OF.items()]
    assert decide(classes, None, signal=signal) == decide(classes, Choice(day=1), signal=signal)


def test_paused_classes_are_named() -> None:
    choice = Choice(day=1, granted=frozenset("ab"), paused=frozenset("abc"))
    classes = [CookieClass(name, regime=regime) for name, regime in REGIMES_OF.items()]
    assert decide(classes, choice, signal=False).paused == {"a", "b"}


def test_more_permission_only_by_a_yes() -> None:
    """A signal, or a no in the place of anything, never lets more pass."""
    for regime, shares in product(REGIMES_OF.values(), (False, True)):
        cls = CookieClass("x", regime=regime, shares_with_third_parties=shares)

        def allowed(answer: str, signal: bool, cls: CookieClass = cls) -> frozenset[str]:
            return decide([cls], choice_with(answer), signal=signal).allowed

        for answer, signal in product(ANSWERS, (False, True)):
            assert allowed(answer, True) <= allowed(answer, False)
            assert allowed("no", signal) <= allowed(answer, signal)
            assert allowed(answer, signal) <= allowed("yes under signal", signal)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, "none"),
        (Choice(day=1), "none"),
        (Choice(day=1, refused=frozenset("x")), "no"),
        (Choice(day=1, granted=frozenset("x")), "yes"),
        (Choice(day=1, granted=frozenset("xy"), under_signal=frozenset("y")), "yes"),
        (Choice(day=1, granted=frozenset("x"), under_signal=frozenset("x")), "yes under signal"),
    ],
)
def test_answer_column(choice: Choice | None, expected: str) -> None:
    assert answer_of("x", choice) == expected


OPT_IN = CookieClass("statistics")
SHARED = CookieClass("analytics")
OBJECTION = CookieClass("audience", regime="objection", shares_with_third_parties=True)
EXEMPT = CookieClass("cart", shares_with_third_parties=True)


def said(granted: str = "", refused: str = "", under_signal: str = "") -> Choice:
    yes, no, under = (frozenset(names.split()) for names in (granted, refused, under_signal))
    return Choice(day=1, granted=yes, refused=no, under_signal=under)


REASONS: list[tuple[str, list[CookieClass], Choice | None, bool, Reason]] = [
    ("no class at all", [], None, True, "nothing to ask"),
    ("only exempt", [EXEMPT], None, True, "nothing to ask"),
    ("only objection", [OBJECTION], None, False, "nothing to ask"),
    ("objected", [OBJECTION], said(refused="audience"), False, "decided"),
    ("undecided", [OPT_IN, EXEMPT], None, False, "undecided"),
    ("answered", [OPT_IN, SHARED], said("statistics", "analytics"), False, "decided"),
    ("one of two answered", [OPT_IN, SHARED], said("statistics"), False, "undecided"),
    ("answered for another class", [OPT_IN], said("analytics"), False, "undecided"),
    ("signal answers all", [SHARED, EXEMPT], None, True, "signal"),
    ("signal answers one of two", [SHARED, OPT_IN], None, True, "undecided"),
    ("signal and the other answered", [SHARED, OPT_IN], said("statistics"), True, "decided"),
    ("signal over a yes", [SHARED], said("analytics"), True, "decided"),
]


@pytest.mark.parametrize(
    ("classes", "choice", "signal", "reason"),
    [row[1:] for row in REASONS],
    ids=[row[0] for row in REASONS],
)
def test_reason(
    classes: list[CookieClass], choice: Choice | None, signal: bool, reason: Reason
) -> None:
    decision = decide(classes, choice, signal=signal)
    assert decision.reason == reason
    assert decision.ask is (reason == "undecided")


OVERRULED: list[tuple[str, CookieClass, Choice | None, bool, str]] = [
    ("not answered", SHARED, None, True, "analytics"),
    ("plain yes", SHARED, said("analytics"), True, "analytics"),
    ("yes under the signal", SHARED, said("analytics", "", "analytics"), True, ""),
    ("a no anyway", SHARED, said("", "analytics"), True, ""),
    ("objection, not answered", OBJECTION, None, True, "audience"),
    ("objection, a no anyway", OBJECTION, said("", "audience"), True, ""),
    ("no signal", SHARED, said("analytics"), False, ""),
    ("not shared", OPT_IN, said("statistics"), True, ""),
    ("exempt", EXEMPT, None, True, ""),
]


@pytest.mark.parametrize(
    ("cls", "choice", "signal", "names"),
    [row[1:] for row in OVERRULED],
    ids=[row[0] for row in OVERRULED],
)
def test_overruled(cls: CookieClass, choice: Choice | None, signal: bool, names: str) -> None:
    assert decide([cls], choice, signal=signal).overruled == frozenset(names.split())


def test_classes_decide_alone() -> None:
    """What is said of one class changes nothing for the others."""
    classes = [OPT_IN, SHARED, OBJECTION, EXEMPT]
    decision = decide(classes, said("analytics", "audience"), signal=False)
    assert decision == Decision(frozenset({"analytics", "cart"}), True, "undecided", frozenset())
    signalled = decide(classes, said("analytics statistics"), signal=True)
    assert signalled == Decision(
        frozenset({"statistics", "cart"}), False, "decided", frozenset({"analytics", "audience"})
    )
