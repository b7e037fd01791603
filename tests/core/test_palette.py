"""A site's theme: what it may say, and whether what it says can be read."""

from __future__ import annotations

import pytest

from cookieconsent.core.palette import (
    COLOURS,
    LEAST_CONTRAST,
    NAMES,
    SCHEMES,
    SHIPPED,
    contrast,
    read_palette,
    weak_contrasts,
)
from cookieconsent.errors import ConfigError, UnknownFieldError

GOOD = [
    ("accent", "#0a5c36"),
    ("accent", "#0A5"),
    ("accent", "#0a5c36cc"),
    ("text", "black"),
    ("text", "CanvasText"),
    ("back", "rgb(255 255 255 / 90%)"),
    ("line", "hsl(120, 50%, 20%)"),
    ("on-accent", "oklch(0.98 0.01 120)"),
    ("font", "Inter, system-ui, sans-serif"),
    ("font", "'Source Sans 3', \"Noto Sans\", serif"),
    ("radius", "0"),
    ("radius", "0.5rem"),
    ("radius", "12px"),
]


@pytest.mark.parametrize(("name", "value"), GOOD)
def test_value_is_taken_as_it_is(name: str, value: str) -> None:
    assert read_palette({name: value}).light == {name: value}


BAD = [
    ("end of the declaration", "accent", "red;color:blue"),
    ("end of the rule", "accent", "red}*{display:none"),
    ("end of the element", "accent", "</style><script>alert(1)</script>"),
    ("fetches", "back", "url(https://tracker.example/)"),
    ("fetches by a string", "back", 'image-set("/x")'),
    ("another property", "accent", "var(--brand)"),
    ("open bracket", "accent", "rgb(1,2"),
    ("open comment", "accent", "red/*"),
    ("escape", "accent", "\\72 ed"),
    ("line end", "accent", "red\n"),
    ("not ASCII", "text", "röt"),
    ("no text", "text", 255),
    ("empty", "text", ""),
    ("Kelvin sign", "text", "blac\u212a"),
    ("long s in a function", "text", "h\u017fl(0 0% 0%)"),
    ("Kelvin sign", "font", "\u212aelvin"),
    ("unknown name", "accent", "banana"),
    ("colour of something else", "back", "currentcolor"),
    ("word of every property", "back", "inherit"),
    ("function with two parts", "text", "rgb(1 2)"),
    ("function with words", "text", "rgb(banana)"),
    ("unknown function", "text", "mix(1 2 3)"),
    ("transparent", "back", "Transparent"),
    ("no alpha in four digits", "text", "#0000"),
    ("no alpha in eight digits", "accent", "#2c445900"),
    ("hardly any alpha", "accent", "#2c445902"),
    ("no alpha with commas", "text", "rgba(0, 0, 0, 0)"),
    ("no alpha behind a slash", "on-accent", "rgb(0 0 0 / 0%)"),
    ("no alpha with a point", "line", "hsl(0 0% 0% / .0)"),
    ("negative alpha", "text", "hsla(0, 0%, 0%, -1)"),
    ("alpha of none", "text", "oklch(0.5 0.1 120 / none)"),
    ("no alpha in another space", "text", "color(display-p3 1 0 0 / 0)"),
    ("five digits", "text", "#12345"),
    ("open quote", "font", "'Inter, serif"),
    ("end of the declaration", "font", "Inter;color:red"),
    ("very long", "font", "a" * 201),
    ("percent", "radius", "50%"),
    ("no unit", "radius", "6"),
    ("negative", "radius", "-6px"),
]


@pytest.mark.parametrize(
    ("name", "value"), [row[1:] for row in BAD], ids=[f"{row[1]} {row[0]}" for row in BAD]
)
def test_value_that_does_more_is_refused(name: str, value: object) -> None:
    for theme in ({name: value}, {"dark": {name: value}}):
        with pytest.raises(ConfigError) as caught:
            read_palette(theme)
        assert name in caught.value.field


UNKNOWN = [
    ({"acent": "red"}, "theme.acent", "Did you mean 'accent'?"),
    ({"Text": "red"}, "theme.Text", "Did you mean 'text'?"),
    ({"drak": {}}, "theme.drak", "Did you mean 'dark'?"),
    ({"dark": {"bakc": "red"}}, "theme.dark.bakc", "Did you mean 'back'?"),
    ({"zzz": "red"}, "theme.zzz", "Use one of text, back, "),
    ({"dark": {"font": "Inter"}}, "theme.dark.font", "Use one of text, back, "),
    ("red", "theme", "Write names and values"),
    ({"dark": "#000"}, "theme.dark", "Write names and values"),
]


@pytest.mark.parametrize(("theme", "field", "fix"), UNKNOWN, ids=[row[1] for row in UNKNOWN])
def test_unknown_name_is_refused_with_the_nearest(theme: object, field: str, fix: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_palette(theme)
    assert caught.value.field == field
    assert caught.value.fix.startswith(fix)
    assert isinstance(caught.value, UnknownFieldError) == fix.startswith("Did")


def test_names_are_the_same_in_both_schemes() -> None:
    assert all(tuple(SHIPPED[scheme]) == COLOURS for scheme in SCHEMES)
    assert set(COLOURS) < set(NAMES)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000", "#fff", 21.0), ("#777777", "#fff", 4.48), ("#abc", "#aabbcc", 1.0)],
    ids=["black and white", "grey", "same"],
)
def test_contrast_formula(one: str, other: str, ratio: float) -> None:
    """The numbers of other people's calculators."""
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("front", "back", "least"), LEAST_CONTRAST)
def test_shipped_colours_have_contrast(scheme: str, front: str, back: str, least: float) -> None:
    colours = SHIPPED[scheme]  # type: ignore[index]  # one of the two
    assert (contrast(colours[front], colours[back]) or 0) >= least


WEAK = [
    ("nothing set", {}, []),
    ("good", {"text": "#000", "back": "#fff"}, []),
    ("grey text", {"text": "#888", "back": "#fff"}, ["theme.text"]),
    ("yellow under the shipped white", {"accent": "#fc0"}, ["theme.accent", "theme.accent"]),
    ("yellow with black", {"accent": "#fc0", "on-accent": "#000", "back": "#222"}, ["theme.back"]),
    ("dark", {"dark": {"text": "#666"}}, ["theme.dark.text"]),
    ("name", {"text": "grey"}, ["theme.text"]),
    ("name that is white", {"text": "Snow", "back": "white"}, ["theme.text"]),
    ("good names", {"text": "black", "back": "white"}, []),
    ("function", {"text": "rgb(136 136 136)", "back": "#fff"}, ["theme.text"]),
    ("angle", {"text": "hsl(60, 100%, 50%)", "back": "#fff"}, ["theme.text"]),
    ("shines through", {"text": "#0008"}, ["theme.text"]),
    ("shines through a little", {"text": "#000e"}, []),
    ("ground shines through", {"back": "#0003", "text": "#fff"}, ["theme.text"]),
    ("ground shines through in the dark", {"dark": {"back": "#ffffff20"}}, []),
    ("another space is not judged", {"text": "oklch(0.98 0.01 120)"}, []),
    ("colour of the system is not judged", {"text": "Canvas"}, []),
]


@pytest.mark.parametrize(
    ("theme", "fields"), [row[1:] for row in WEAK], ids=[row[0] for row in WEAK]
)
def test_weak_contrast_is_found(theme: dict[str, str], fields: list[str]) -> None:
    assert [field for field, _ in weak_contrasts(read_palette(theme))] == fields


def test_weak_contrast_says_what_is_needed() -> None:
    [(_, problem)] = weak_contrasts(read_palette({"text": "#888", "back": "#fff"}))
    assert problem == (
        "text #888 on back #fff has a contrast of 3.54:1; many people need at least 4.5:1"
    )
