"""The style: it touches nothing but our markup, and can be read and seen in every scheme."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from typing import Any

import pytest

from cookieconsent.core.palette import COLOURS, NAMES, SHIPPED, contrast, read_palette
from cookieconsent.engine.config import SHAPES
from cookieconsent.ui.theme import SHEETS, STICKY, Theme, minify

# Every sheet, and the banner's with what each shape adds.
STYLES = {name: Theme().sheet(name) for name in SHEETS} | {
    shape: Theme(shape).sheet("banner") for shape in sorted(STICKY)
}
every_sheet = pytest.mark.parametrize("name", STYLES)
STICKY_NAMES = sorted(STICKY)


# --- minifying ----------------------------------------------------------------------------------

MINIFIED = [
    ("comment", "/* a { } */p{color:red}", "p{color:red}"),
    ("comment over lines", "p{/* a\n b */color:red}", "p{color:red}"),
    ("white space", "p  {\n  color : red ;\n}\n", "p{color:red}"),
    ("descendant keeps its space", "p  a\n b { x: y }", "p a b{x:y}"),
    ("pseudo-class keeps its space", "p :hover { x: y }", "p :hover{x:y}"),
    ("list", "a,\nb { x: y, z }", "a,b{x:y,z}"),
    ("last semicolon", "a { x: y; }", "a{x:y}"),
    ("arithmetic keeps its space", "a { x: max(1em, 50% - 30em) }", "a{x:max(1em,50% - 30em)}"),
    ("condition", "@media (width: 9em) { a { x: y } }", "@media (width:9em){a{x:y}}"),
    ("empty", "", ""),
]


@pytest.mark.parametrize(
    ("sheet", "expected"), [row[1:] for row in MINIFIED], ids=[row[0] for row in MINIFIED]
)
def test_minify(sheet: str, expected: str) -> None:
    assert minify(sheet) == expected


@every_sheet
def test_minifying_twice_changes_nothing(name: str) -> None:
    assert minify(STYLES[name]) == STYLES[name]


# --- what a policy needs to know ----------------------------------------------------------------


@every_sheet
def test_sheet_can_stand_in_a_page(name: str) -> None:
    assert STYLES[name].isascii()
    assert "<" not in STYLES[name]


@every_sheet
def test_sheet_fetches_nothing(name: str) -> None:
    assert not re.search(r"url\(|@import|@font-face|image\(", STYLES[name])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", SHEETS)
def test_hash_is_that_of_the_sheet(name: str, shape: str) -> None:
    theme = Theme(shape, read_palette({"accent": "#123456"}))
    digest = hashlib.sha256(theme.sheet(name).encode()).digest()
    assert theme.source_hash(name) == f"'sha256-{base64.b64encode(digest).decode()}'"


def test_linked_style_is_all_of_it() -> None:
    theme = Theme("corner", read_palette({"accent": "#123456"}))
    assert theme.linked_sheet == "".join(map(theme.sheet, SHEETS)).encode("ascii")
    assert re.fullmatch(r"style\.[0-9a-f]{12}\.css", theme.linked_name)


def test_linked_name_follows_shape_and_colours() -> None:
    palettes: tuple[dict[str, Any], ...] = (
        {},
        {"accent": "#123456"},
        {"dark": {"accent": "#abcdef"}},
    )
    names = [
        Theme(shape, read_palette(palette)).linked_name
        for shape in ("top", "bottom", "corner")
        for palette in palettes
    ]
    assert len(set(names)) == len(names)
    assert Theme().linked_name == Theme().linked_name == Theme("none").linked_name


@pytest.mark.parametrize("shape", SHAPES)
def test_style_of_other_shapes_is_not_sent(shape: str) -> None:
    linked = Theme(shape).linked_sheet.decode()
    assert ("position:fixed" in linked) == (shape in STICKY)
    assert ("inset-inline-end" in linked) == (shape == "corner")
    assert linked.startswith(STYLES["banner"])


@pytest.mark.parametrize("shape", SHAPES)
def test_state_hides_the_banner_of_the_decided(shape: str) -> None:
    """And gives back the room that it asked of the page."""
    theme = Theme(shape)
    hidden = theme.state_sheet(ask=False)
    assert b"#cookieconsent-banner{display:none}" in hidden
    assert (b"::after{display:none}" in hidden) == (b"::after" in theme.linked_sheet[:4000])
    assert (b"scroll-padding-bottom:auto" in hidden) == theme.sticky
    assert b"{" not in theme.state_sheet(ask=True)


# --- a site's own values ------------------------------------------------------------------------

OWN = {name: f"#0000{index}0" for index, name in enumerate(COLOURS)}
OWN_DARK = {name: f"#ffff{index}0" for index, name in enumerate(COLOURS)}


@pytest.mark.parametrize("name", ["banner", "page"])
def test_values_of_the_site_take_the_place_of_ours(name: str) -> None:
    theme = Theme("top", read_palette({**OWN, "font": "Inter, serif", "dark": OWN_DARK}))
    light, mark, dark = theme.sheet(name).partition("@media (prefers-color-scheme:dark)")
    assert mark
    for values, part in ((OWN, light), (OWN_DARK, dark)):
        for value_name, value in values.items():
            assert f"var(--cookieconsent-{value_name},{value})" in part
    for shipped in (*SHIPPED["light"].values(), *SHIPPED["dark"].values()):
        assert f",{shipped})" not in theme.sheet(name)
    assert "var(--cookieconsent-font,Inter, serif)" in light


@pytest.mark.parametrize("name", ["banner", "page"])
def test_radius_of_the_site_is_used(name: str) -> None:
    sheet = Theme("corner", read_palette({"radius": "1rem"})).sheet(name)
    assert "var(--cookieconsent-radius,1rem)" in sheet
    assert "6px" not in sheet


def test_light_values_leave_the_dark_scheme_alone() -> None:
    themed = Theme("top", read_palette(OWN)).sheet("banner")
    assert (
        themed.partition("@media (prefers")[2] == STYLES["banner"].partition("@media (prefers")[2]
    )


@every_sheet
def test_theme_changes_nothing_but_values(name: str) -> None:
    shape = name if name in STICKY else "top"
    sheet = "banner" if name in STICKY else name
    themed = Theme(shape, read_palette({**OWN, "dark": OWN_DARK})).sheet(sheet)
    plain = re.compile(r"(var\(--cookieconsent-[a-z-]+,)[^()]*")
    assert plain.sub(r"\1", themed) == plain.sub(r"\1", STYLES[name])


def test_shipped_values_are_those_of_the_sheet() -> None:
    """The table that contrast is judged by, and the sheet that visitors get."""
    light, _, dark = STYLES["banner"].partition("@media (prefers-color-scheme:dark)")
    pattern = r"var\(--cookieconsent-([a-z-]+),(#[0-9a-f]+)\)"
    assert dict(re.findall(pattern, light)) == SHIPPED["light"]
    assert dict(re.findall(pattern, dark)) == SHIPPED["dark"]


# --- selectors and properties -------------------------------------------------------------------

_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")


def rules(name: str) -> Iterator[tuple[str, str]]:
    """Yield selector list and declarations of every rule, those in media queries included."""
    text = re.sub(r"@media[^{]*\{((?:[^{}]*\{[^{}]*\})*)\}", r"\1", STYLES[name])
    assert "@" not in text
    yield from _RULE.findall(text)


def selectors(name: str) -> Iterator[str]:
    for selector, _ in rules(name):
        yield from re.split(r",(?![^(]*\))", selector)


@every_sheet
def test_selector_begins_with_ours(name: str) -> None:
    """So none of them can match an element of the host page, but for the room of sticky shapes."""
    found = list(selectors(name))
    assert found
    for selector in found:
        if name in STICKY and selector.removesuffix("::after") == ROOM:
            continue
        assert re.match(r"[#.]cookieconsent-[a-z-]+", selector), selector
        assert not re.search(r"^[^\s]+\s*[+~]|:has\(|:root|:host", selector), selector


ROOM = "html:has(#cookieconsent-banner)"


@pytest.mark.parametrize("name", STICKY_NAMES)
def test_room_of_sticky_shapes_is_all_they_ask(name: str) -> None:
    """It ends with the banner, and on paper and short screens there is none."""
    asked = [pair for pair in rules(name) if pair[0].startswith(ROOM)]
    assert len(asked) == 2
    inside = STYLES[name].partition("@media screen and ")[2]
    assert "(min-height:" in inside.partition("{")[0]
    assert inside.count(ROOM) == STYLES[name].count(ROOM) == 2
    properties = {part.partition(":")[0] for _, block in asked for part in block.split(";")}
    assert properties == {
        "--cookieconsent-h",
        "scroll-padding-bottom",
        "content",
        "display",
        "height",
        "font-size",
    }


@pytest.mark.parametrize("name", ["banner", "settings"])
def test_selector_on_host_pages_begins_with_an_id(name: str) -> None:
    """An id outranks whatever a host page says of all its buttons and paragraphs."""
    assert all(selector.startswith("#cookieconsent-") for selector in selectors(name))


@every_sheet
def test_custom_properties_carry_our_prefix(name: str) -> None:
    properties = re.findall(r"--[a-z-]+", STYLES[name])
    assert all(found.startswith("--cookieconsent-") for found in properties)


@every_sheet
def test_style_knows_no_left_or_right(name: str) -> None:
    """Start and end instead, so that it fits languages of either direction."""
    assert not re.search(r"\b(?:left|right)\b", STYLES[name])


@every_sheet
def test_text_size_is_the_readers(name: str) -> None:
    for _, declarations in rules(name):
        for value in re.findall(r"font(?:-size)?:([^;]*)", declarations):
            assert not re.search(r"\d(?:px|pt|vw)", value)


@every_sheet
def test_nothing_is_important(name: str) -> None:
    assert "!important" not in STYLES[name]


@pytest.mark.parametrize("name", ["banner", "settings", "page"])
def test_confirmation_is_hidden_by_us(name: str) -> None:
    assert "#cookieconsent-saved:not(:target){display:none}" in STYLES[name]


def test_host_style_is_taken_back() -> None:
    """Before anything of ours is said, and with less weight than what is said then."""
    found = list(rules("banner"))
    assert ("#cookieconsent-banner *", "all:revert") in found
    assert "all:initial" in found[0][1]
    assert all("all:unset" not in declarations for _, declarations in found)
    native = dict(rules("settings"))["#cookieconsent-settings button"]
    assert native.startswith("all:revert"), "the browser's own, so the focus stays visible"


def test_banner_is_in_the_flow() -> None:
    for name in ("banner", "settings"):
        assert not re.search(r"position:|z-index|float:|transform", STYLES[name])


@every_sheet
def test_nothing_moves(name: str) -> None:
    """So there is nothing to reduce for those who want less motion."""
    assert not re.search(r"transition|animation|scroll-behavior|@keyframes", STYLES[name])


def test_banner_is_not_printed() -> None:
    assert "@media print{#cookieconsent-banner{display:none}}" in STYLES["banner"]


@pytest.mark.parametrize("name", ["banner", "page"])
def test_focus_is_drawn(name: str) -> None:
    focus = [declarations for selector, declarations in rules(name) if ":focus-visible" in selector]
    assert re.search(r"outline:[23]px solid var\(--cookieconsent-t\)", focus[0])


@pytest.mark.parametrize("name", ["banner", "page"])
def test_buttons_fit_a_finger_and_forced_colours(name: str) -> None:
    """44 px, and a border that shows where a system replaces the colours of backgrounds."""
    (button,) = (d for s, d in rules(name) if re.fullmatch(r"[#.]\S+ button", s))
    assert "min-height:44px" in button
    assert re.search(r"border:2px solid", button)


# --- colours ------------------------------------------------------------------------------------


def tokens(name: str, *, dark: bool) -> dict[str, str]:
    """Return the colours of a sheet by the name of their token."""
    light_part, _, dark_part = STYLES[name].partition("@media (prefers-color-scheme:dark)")
    pattern = r"--cookieconsent-([a-z]):(?:var\(--cookieconsent-[a-z-]+,)?(#[0-9a-f]{3,6})\b"
    return dict(re.findall(pattern, dark_part if dark else light_part))


both_schemes = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])

# sheet, foreground, background, least ratio: 4.5 for text, 3 for what one must see (1.4.3, 1.4.11)
PAIRS = [
    ("banner", "t", "b", 4.5),  # text, and the ring of the focus
    ("banner", "o", "a", 4.5),  # words on a button
    ("banner", "a", "b", 3.0),  # a button
    ("page", "t", "b", 4.5),
    ("page", "t", "s", 4.5),  # text of a note
    ("page", "q", "b", 4.5),  # quiet text
    ("page", "o", "a", 4.5),
    ("page", "a", "b", 3.0),  # a button
    ("page", "a", "s", 3.0),  # the mark of a note
    ("page", "w", "s", 3.0),  # the frame of a fault
    ("page", "w", "b", 3.0),
]


@both_schemes
@pytest.mark.parametrize(
    ("sheet", "front", "back", "least"), PAIRS, ids=["-".join(map(str, pair)) for pair in PAIRS]
)
def test_contrast_is_enough(sheet: str, front: str, back: str, least: float, dark: bool) -> None:
    colours = tokens(sheet, dark=dark)
    assert (contrast(colours[front], colours[back]) or 0) >= least


@pytest.mark.parametrize("name", ["banner", "page"])
def test_both_schemes_name_the_same_colours(name: str) -> None:
    assert tokens(name, dark=True).keys() == tokens(name, dark=False).keys()
    assert {*"tbao"} <= tokens(name, dark=False).keys()


@every_sheet
def test_colours_are_tokens(name: str) -> None:
    """Nothing is coloured past the tokens, so a theme and the dark scheme reach everything."""
    for _, declarations in rules(name):
        for declaration in declarations.split(";"):
            if not declaration.startswith(("--", "box-shadow:")):
                assert not re.search(r"#[0-9a-f]{3,8}\b|rgb|hsl", declaration), declaration


@pytest.mark.parametrize("name", ["banner", "page"])
@pytest.mark.parametrize("value", NAMES)
def test_site_can_set_its_values(value: str, name: str) -> None:
    """Each colour in both schemes: what a site says on `:root` holds for light and dark alike."""
    light, _, dark = STYLES[name].partition("@media (prefers-color-scheme:dark)")
    assert f"var(--cookieconsent-{value}," in light
    assert (f"var(--cookieconsent-{value}," in dark) == (value in COLOURS)


def test_own_colours_cover_every_pair_of_the_page() -> None:
    """A site that sets readable colours has a readable page: no shipped colour stands on them."""
    colours = {
        "text": "#000",
        "back": "#fff",
        "line": "#ccc",
        "accent": "#060",
        "on-accent": "#fff",
    }
    own = Theme("top", read_palette({**colours, "dark": colours})).sheet("page")
    used = set(re.findall(r"#[0-9a-f]{3,6}\b", own))
    assert used == set(colours.values())


@every_sheet
def test_states_change_no_colour(name: str) -> None:
    """Under the pointer and in focus the contrast is what it was; the ring is the text's colour."""
    states = [block for selector, block in rules(name) if re.search(r":hover|:focus", selector)]
    assert all(not re.search(r"(?:^|;)(?:color|background|opacity)", block) for block in states)
