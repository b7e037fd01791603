"""The style: it touches nothing but our markup, and can be read and seen in every scheme."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator

import pytest

from cookieconsent.ui import theme

SHEETS = ("banner", "settings", "embed", "page")
every_sheet = pytest.mark.parametrize("name", SHEETS)


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
    assert theme.minify(sheet) == expected


@every_sheet
def test_minifying_twice_changes_nothing(name: str) -> None:
    assert theme.minify(theme.sheet(name)) == theme.sheet(name)


# --- what a policy needs to know ----------------------------------------------------------------


@every_sheet
def test_sheet_can_stand_in_a_page(name: str) -> None:
    assert theme.sheet(name).isascii()
    assert "<" not in theme.sheet(name)


@every_sheet
def test_sheet_fetches_nothing(name: str) -> None:
    assert not re.search(r"url\(|@import|@font-face|image\(", theme.sheet(name))


@every_sheet
def test_hash_is_that_of_the_sheet(name: str) -> None:
    digest = hashlib.sha256(theme.sheet(name).encode()).digest()
    assert theme.source_hash(name) == f"'sha256-{base64.b64encode(digest).decode()}'"


def test_linked_style_is_all_of_it() -> None:
    assert theme.linked_sheet() == "".join(map(theme.sheet, SHEETS)).encode("ascii")
    assert re.fullmatch(r"style\.[0-9a-f]{12}\.css", theme.linked_name())


def test_linked_name_follows_the_content(monkeypatch: pytest.MonkeyPatch) -> None:
    name = theme.linked_name()
    with monkeypatch.context() as patch:
        patch.setattr(theme, "linked_sheet", lambda: b"p{}")
        theme.linked_name.cache_clear()
        other = theme.linked_name()
    theme.linked_name.cache_clear()
    assert other != name == theme.linked_name()


def test_state_hides_the_banner_of_the_decided() -> None:
    assert b"#cookieconsent-banner{display:none}" in theme.state_sheet(ask=False)
    assert b"{" not in theme.state_sheet(ask=True)


# --- selectors and properties -------------------------------------------------------------------

_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")


def rules(name: str) -> Iterator[tuple[str, str]]:
    """Yield selector list and declarations of every rule, those in media queries included."""
    text = re.sub(r"@media[^{]*\{((?:[^{}]*\{[^{}]*\})*)\}", r"\1", theme.sheet(name))
    assert "@" not in text
    yield from _RULE.findall(text)


def selectors(name: str) -> Iterator[str]:
    for selector, _ in rules(name):
        yield from re.split(r",(?![^(]*\))", selector)


@every_sheet
def test_selector_begins_with_ours(name: str) -> None:
    """So none of them can match an element of the host page."""
    found = list(selectors(name))
    assert found
    for selector in found:
        assert re.match(r"[#.]cookieconsent-[a-z-]+", selector), selector
        assert not re.search(r"^[^\s]+\s*[+~]|:has\(|:root|:host", selector), selector


@pytest.mark.parametrize("name", ["banner", "settings"])
def test_selector_on_host_pages_begins_with_an_id(name: str) -> None:
    """An id outranks whatever a host page says of all its buttons and paragraphs."""
    assert all(selector.startswith("#cookieconsent-") for selector in selectors(name))


@every_sheet
def test_custom_properties_carry_our_prefix(name: str) -> None:
    properties = re.findall(r"--[a-z-]+", theme.sheet(name))
    assert all(found.startswith("--cookieconsent-") for found in properties)


@every_sheet
def test_style_knows_no_left_or_right(name: str) -> None:
    """Start and end instead, so that it fits languages of either direction."""
    assert not re.search(r"\b(?:left|right)\b", theme.sheet(name))


@every_sheet
def test_text_size_is_the_readers(name: str) -> None:
    for _, declarations in rules(name):
        for value in re.findall(r"font(?:-size)?:([^;]*)", declarations):
            assert not re.search(r"\d(?:px|pt|vw)", value)


@every_sheet
def test_nothing_is_important(name: str) -> None:
    assert "!important" not in theme.sheet(name)


@pytest.mark.parametrize("name", ["banner", "settings", "page"])
def test_confirmation_is_hidden_by_us(name: str) -> None:
    assert "#cookieconsent-saved:not(:target){display:none}" in theme.sheet(name)


def test_host_style_is_taken_back() -> None:
    """Before anything of ours is said, and with less weight than what is said then."""
    found = list(rules("banner"))
    assert ("#cookieconsent-banner *", "all:revert") in found
    assert "all:initial" in found[0][1]
    assert all("all:unset" not in declarations for _, declarations in found)
    shrunk = dict(rules("settings"))["#cookieconsent-settings :is(a,form,button)"]
    assert shrunk.startswith("all:unset")
    assert "outline:revert" in shrunk, "the focus stays visible"


def test_banner_is_in_the_flow() -> None:
    for name in ("banner", "settings"):
        assert not re.search(r"position:|z-index|float:|transform", theme.sheet(name))


def test_banner_is_not_printed() -> None:
    assert "@media print{#cookieconsent-banner{display:none}}" in theme.sheet("banner")


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
    light_part, _, dark_part = theme.sheet(name).partition("@media (prefers-color-scheme:dark)")
    pattern = r"--cookieconsent-([a-z]):(?:var\(--cookieconsent-[a-z-]+,)?(#[0-9a-f]{3,6})\b"
    return dict(re.findall(pattern, dark_part if dark else light_part))


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000", "#fff", 21.0), ("#777777", "#fff", 4.48), ("#abc", "#aabbcc", 1.0)],
    ids=["black and white", "grey", "same"],
)
def test_contrast_formula(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)


both_schemes = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])

# sheet, foreground, background, least ratio: 4.5 for text, 3 for what one must see (1.4.3, 1.4.11)
PAIRS = [
    ("banner", "t", "b", 4.5),  # text, and the ring of the focus
    ("banner", "o", "a", 4.5),  # words on a button
    ("banner", "a", "b", 3.0),  # a button
    ("page", "t", "b", 4.5),
    ("page", "t", "s", 4.5),  # text of a note
    ("page", "q", "b", 4.5),  # quiet text
    ("page", "a", "b", 4.5),  # links
    ("page", "o", "a", 4.5),
    ("page", "a", "s", 3.0),  # the mark of a note, and a link in it
    ("page", "w", "s", 3.0),  # the frame of a fault
    ("page", "w", "b", 3.0),
]


@both_schemes
@pytest.mark.parametrize(
    ("sheet", "front", "back", "least"), PAIRS, ids=["-".join(map(str, pair)) for pair in PAIRS]
)
def test_contrast_is_enough(sheet: str, front: str, back: str, least: float, dark: bool) -> None:
    colours = tokens(sheet, dark=dark)
    assert contrast(colours[front], colours[back]) >= least


@pytest.mark.parametrize("name", ["banner", "page"])
def test_both_schemes_name_the_same_colours(name: str) -> None:
    assert tokens(name, dark=True).keys() == tokens(name, dark=False).keys()
    assert {*"tbao"} <= tokens(name, dark=False).keys()


@every_sheet
def test_colours_are_tokens(name: str) -> None:
    """Nothing is coloured past the tokens, so a theme and the dark scheme reach everything."""
    for _, declarations in rules(name):
        for declaration in declarations.split(";"):
            if not declaration.startswith("--"):
                assert not re.search(r"#[0-9a-f]{3,8}\b|rgb|hsl", declaration), declaration


THEMED = ("text", "back", "line", "accent", "on-accent", "font")


@pytest.mark.parametrize("name", THEMED)
def test_site_can_set_its_colours(name: str) -> None:
    """Each in both schemes: what a site says holds for light and dark alike."""
    uses = theme.sheet("banner").count(f"var(--cookieconsent-{name},")
    assert uses == (1 if name == "font" else 2)
