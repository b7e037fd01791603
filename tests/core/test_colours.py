"""Colours as style sheets write them: which are some, and how they look."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookieconsent.core.colours import Colour, named, read_colour

LOOKS = [
    ("#f00", (255, 0, 0), 1),
    ("#F00F", (255, 0, 0), 1),
    ("#ff000080", (255, 0, 0), 0.502),
    ("#0a5c36", (10, 92, 54), 1),
    ("RebeccaPurple", (102, 51, 153), 1),
    ("grey", (128, 128, 128), 1),
    ("transparent", (0, 0, 0), 0),
    ("rgb(10 92 54)", (10, 92, 54), 1),
    ("rgb(10, 92, 54)", (10, 92, 54), 1),
    ("rgba(10,92,54,.5)", (10, 92, 54), 0.5),
    ("rgb(100% 50% 0% / 25%)", (255, 127.5, 0), 0.25),
    ("rgb(300 -5 none)", (255, 0, 0), 1),
    ("hsl(120deg 100% 25%)", (0, 127.5, 0), 1),
    ("hsl(120, 100%, 25%)", (0, 127.5, 0), 1),
    ("hsla(0.5turn 100% 50% / 1)", (0, 255, 255), 1),
    ("hsl(-240 100 50)", (0, 255, 0), 1),
    ("hwb(240 0% 0%)", (0, 0, 255), 1),
    ("hwb(0 20% 40%)", (153, 51, 51), 1),
    ("hwb(90 60% 90%)", (102, 102, 102), 1),
]


@pytest.mark.parametrize(("text", "rgb", "alpha"), LOOKS, ids=[row[0] for row in LOOKS])
def test_look_is_the_one_of_browsers(text: str, rgb: tuple[float, ...], alpha: float) -> None:
    colour = read_colour(text)
    assert colour is not None
    assert colour.rgb is not None
    assert [part * 255 for part in colour.rgb] == pytest.approx(rgb, abs=0.01)
    assert colour.alpha == pytest.approx(alpha, abs=0.001)


@pytest.mark.parametrize(
    "text",
    [
        "CanvasText",
        "lab(50% 40 59.5)",
        "lch(52% 72 50deg / 0.5)",
        "oklch(0.98 0.01 120)",
        "color(display-p3 1 0.5 0)",
        "color(srgb 100% none 0 / 50%)",
    ],
)
def test_look_is_left_to_the_browser(text: str) -> None:
    colour = read_colour(text)
    assert colour is not None
    assert colour.rgb is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#",
        "#12",
        "#12345",
        "#1234567",
        "#ggg",
        "banana",
        "currentcolor",
        "inherit",
        "none",
        "rgb()",
        "rgb(1 2)",
        "rgb(1 2 3 4)",
        "rgb(1, 2, 3, 4, 5)",
        "rgb(1 2 3 / )",
        "rgb(1px 2 3)",
        "rgb(1, 50%, 3)",
        "rgb(none, 1, 2)",
        "hsl(1, 2, 3)",
        "hsl(1% 2% 3%)",
        "hsl(1foo 2% 3%)",
        "lab(1, 2, 3)",
        "lab(a b c)",
        "color(1 2 3)",
        "color(banana 1 2 3)",
        "srgb(1 2 3)",
        "blac\u212a",
        "rgb(\u0661 2 3)",
        "red ",
        "rgb(1 2 3) ",
        "rgb(1 2 3",
        "rgb(1 2 3 / 4deg)",
    ],
)
def test_what_browsers_do_not_know_is_none(text: str) -> None:
    assert read_colour(text) is None


def test_all_names_are_known() -> None:
    """148 of them (CSS Color Module Level 4, section 6.1), seven of which have two spellings."""
    assert len(named()) == 148
    assert all(name.isalpha() and name.islower() for name in named())
    assert all(read_colour(digits) == read_colour(name) for name, digits in named().items())
    greys = [name for name in named() if "grey" in name]
    assert len(greys) == 7
    assert all(named()[name] == named()[name.replace("grey", "gray")] for name in greys)


def test_colour_before_another_is_mixed_with_it() -> None:
    assert Colour((1, 0, 0), 0.5).over((0, 0, 1)) == (0.5, 0, 0.5)
    assert Colour((1, 0, 0)).over((0, 0, 1)) == (1, 0, 0)
    assert Colour(None, 0.5).over((0, 0, 1)) is None


@given(st.text("rgbhslawcoltxyz#()0123456789.,%/+-e none", max_size=30) | st.text(max_size=20))
def test_reading_a_colour_is_total(text: str) -> None:
    colour = read_colour(text)
    assert colour is None or 0 <= colour.alpha <= 1
    assert colour is None or colour.rgb is None or all(-1e-9 < p < 1 + 1e-9 for p in colour.rgb)
