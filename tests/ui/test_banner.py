"""The banner and the settings element: what is in them, in every language, on every kind of page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from cookieconsent.core.registry import CookieClass
from cookieconsent.ui.banner import (
    Look,
    Style,
    banner,
    banner_text,
    confirmation_text,
    settings_element,
)
from cookieconsent.ui.theme import SHIPPED
from ui.markup import (
    ACTION,
    ADVERTISING,
    ANALYTICS,
    HOSTILE,
    LOCALES,
    MEDIA,
    PREFERENCES,
    STATISTICS,
    active_parts,
    banner_tree,
    button,
    by_id,
    choices,
    facts,
    filled,
    has_id,
    in_page,
    settings_tree,
    tag_of,
    text_of,
    visible_text,
    words,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LOOKS = {
    "inline": Look(),
    "linked": Look(style="linked"),
    "no style": Look(style="none"),
    "no form": Look(form=False),
    "no token": Look(token=False),
    "no fragments": Look(fragments=False),
    "nothing": Look(style="none", form=False, fragments=False),
}
every_locale = pytest.mark.parametrize("locale", LOCALES)
every_look = pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)


def inputs(tree: Element) -> dict[str | None, str | None]:
    return {field.get("name"): field.get("value") for field in tree.iter("input")}


# --- the contract -------------------------------------------------------------------------------


@every_locale
def test_banner_is_one_labelled_region(locale: str) -> None:
    region = banner_tree(words_=locale)
    assert region.get("role") == "region"
    label = by_id(region, region.get("aria-labelledby") or "")
    assert label.tag == "h2"
    assert text_of(label)
    assert (region.get("lang"), region.get("dir")) == tag_of(locale)


@every_locale
def test_banner_has_one_form_and_a_link(locale: str) -> None:
    region = banner_tree(words_=locale)
    (form,) = region.iter("form")
    assert (form.get("method"), form.get("action")) == ("post", ACTION)
    assert inputs(form) == {"token": "TiA.token", "next": "/"}
    assert all(field.get("type") == "hidden" for field in form.iter("input"))
    assert choices(form) == ["reject", "accept"]
    assert [link.get("href") for link in form.iter("a")] == [ACTION]


@every_locale
def test_buttons_differ_in_their_words_only(locale: str) -> None:
    region = banner_tree(words_=locale)
    no, yes = button(region, "reject"), button(region, "accept")
    assert {**no.attrib, "value": ""} == {**yes.attrib, "value": ""}
    assert no.get("type") == "submit"
    assert no.get("class") == "cookieconsent-button"
    assert text_of(no) != text_of(yes)


def test_no_rule_knows_one_button_from_the_other() -> None:
    """Nothing in the style can tell them apart: no position, no value, no order."""
    rules = SHIPPED.sheet("banner") + SHIPPED.sheet("page")
    assert not re.search(r"button[^{,]*(?:\[|:nth|:first|:last|:only|\+|~)", rules)
    assert not re.search(r"cookieconsent-button[^{,]*(?:\[|:nth|:first|:last|:only|\+|~)", rules)


@every_locale
@pytest.mark.parametrize("granted", [False, True], ids=["refused", "granted"])
def test_settings_element_is_a_link(locale: str, granted: bool) -> None:
    element = settings_tree(locale, granted=granted)
    assert (element.get("lang"), element.get("dir") or "ltr") == tag_of(locale)
    links = [link.get("href") for link in element.iter("a")]
    assert links == ["#", ACTION]
    assert choices(element) == (["withdraw"] if granted else [])


def test_withdrawal_takes_one_click() -> None:
    (form,) = settings_tree(granted=True).iter("form")
    assert (form.get("method"), form.get("action")) == ("post", ACTION)
    assert inputs(form) == {"token": "TiA.token", "next": "/"}
    assert button(form, "withdraw").get("type", "submit") == "submit"


@pytest.mark.parametrize("kind", ["banner", "settings"])
@every_look
@every_locale
def test_markup_runs_nothing(kind: str, look: Look, locale: str) -> None:
    """No script, no event, no `style` attribute, no grab for the focus; ASCII, and well-formed."""
    spoken = words(locale)
    markup = filled(
        banner(facts(ANALYTICS, MEDIA), spoken, look)
        if kind == "banner"
        else settings_element(spoken, look, granted=True)
    )
    assert markup.isascii()
    assert active_parts(in_page(markup)) == []
    assert b"\x02" not in markup


@pytest.mark.parametrize("kind", ["banner", "settings"])
def test_markup_ends_where_it_began(kind: str) -> None:
    """The host page goes on right behind it, in the body."""
    spoken = words("en")
    markup = (
        banner(facts(), spoken, Look())
        if kind == "banner"
        else settings_element(spoken, Look(), granted=True)
    )
    body = in_page(filled(markup), "<main>host</main>").find("body")
    assert body is not None
    assert [child.tag for child in body] == ["div", "main"]


# --- what the host page allows ------------------------------------------------------------------


def styles(tree: Element) -> list[str]:
    return [element.tag for element in tree.iter() if element.tag in {"style", "link"}]


def page_with(sheet: str, style: Style) -> Element:
    """Return a host page with the markup that has a sheet."""
    look = Look(style=style)
    spoken = words("en")
    markup = (
        banner(facts(), spoken, look)
        if sheet == "banner"
        else settings_element(spoken, look, granted=True)
    )
    return in_page(filled(markup))


both_sheets = pytest.mark.parametrize("sheet", ["banner", "settings"])


@both_sheets
def test_style_comes_as_the_page_allows(sheet: str) -> None:
    assert styles(page_with(sheet, "inline")) == ["style"]
    linked = page_with(sheet, "linked")
    assert styles(linked) == ["link"]
    (link,) = linked.iter("link")
    assert link.get("href") == f"{ACTION}/{SHIPPED.linked_name}"
    assert link.get("rel") == "stylesheet"
    assert styles(page_with(sheet, "none")) == []


@both_sheets
def test_inline_style_is_what_was_hashed(sheet: str) -> None:
    """The policy of a page may name the hash of the sheet, so not a byte may differ."""
    (style,) = page_with(sheet, "inline").iter("style")
    assert style.text == SHIPPED.sheet(sheet)


def test_page_without_forms_gets_a_link_only() -> None:
    region = banner_tree(look=Look(form=False))
    assert list(region.iter("form")) == []
    assert list(region.iter("button")) == []
    assert ACTION in [link.get("href") for link in region.iter("a")]
    element = settings_tree(look=Look(form=False), granted=True)
    assert list(element.iter("form")) == []


def test_shared_page_carries_no_token_and_asks_for_the_state() -> None:
    region = banner_tree(look=Look(token=False))
    assert inputs(region) == {"next": "/"}
    assert [link.get("href") for link in region.iter("link")] == [f"{ACTION}/state.css"]


@pytest.mark.parametrize("make", [banner_tree, settings_tree], ids=["banner", "settings"])
def test_confirmation_is_there_and_can_be_hidden(make: type) -> None:
    line = by_id(make(), "cookieconsent-saved")
    assert [link.get("href") for link in line.iter("a")] == ["#"]
    assert text_of(line).endswith(" Hide")


@pytest.mark.parametrize("make", [banner_tree, settings_tree], ids=["banner", "settings"])
def test_hide_is_left_out_where_it_leads_away(make: type) -> None:
    line = by_id(make(look=Look(fragments=False)), "cookieconsent-saved")
    assert list(line.iter("a")) == []


@pytest.mark.parametrize("make", [banner_tree, settings_tree], ids=["banner", "settings"])
def test_confirmation_needs_style(make: type) -> None:
    """Without any it could neither be shown nor hidden."""
    assert not has_id(make(look=Look(style="none")), "cookieconsent-saved")


# --- the words ----------------------------------------------------------------------------------

# The same for all languages, by tables: see `test_catalogues`.
judged_locale = pytest.mark.parametrize("locale", ["de", "en", "fr"])
CONSENT = {"de": "Einwilligung", "en": "consent", "fr": "consentement"}
WITHDRAW = {"de": "jederzeit widerrufen", "en": "withdraw", "fr": "retirer"}
ABROAD = {"de": "außerhalb der EU", "en": "outside the EU", "fr": "y compris hors de l"}
# Words that make an answer sound like anything but a yes.
MISLEADING = re.compile(
    r"\b(?:ok|okay|close|continue|got it|understood|agree and|proceed|"
    r"schließen|weiter|verstanden|fortfahren|einverstanden und|"
    r"fermer|continuer|compris|accord et)\b",
    re.IGNORECASE,
)
ALL = (ANALYTICS, MEDIA, ADVERTISING)


@judged_locale
def test_text_says_what_the_law_asks(locale: str) -> None:
    text = str(banner_text(facts(*ALL, providers=3), words(locale)))
    for required in (CONSENT, WITHDRAW, ABROAD):
        assert required[locale] in text
    assert re.search(r"\b3\b", text), "the number of third parties"
    for cls in ALL:
        assert words(locale).gettext(TITLES[cls.name]) in text, "what for"


TITLES = {"analytics": "Analytics", "media": "Embedded media", "advertising": "Advertising"}


@judged_locale
@pytest.mark.parametrize("classes", [(ANALYTICS,), ALL, (*ALL, PREFERENCES)], ids=["1", "3", "4"])
def test_text_is_short_and_plain(classes: tuple[CookieClass, ...], locale: str) -> None:
    """The first layer has at most 60 words, and no sentence more than 20."""
    text = visible_text(banner_tree(facts(*classes, providers=3), locale))
    assert len(text.split()) <= 60
    for sentence in re.split(r"(?<=[.!?])\s", str(banner_text(facts(*classes), words(locale)))):
        assert len(sentence.split()) <= 20, sentence


@judged_locale
def test_labels_are_honest(locale: str) -> None:
    region = banner_tree(words_=locale)
    for choice in ("reject", "accept"):
        label = text_of(button(region, choice))
        assert not MISLEADING.search(label)
        assert 1 < len(label.split()) <= 3
    assert not MISLEADING.search(text_of(button(settings_tree(locale, granted=True), "withdraw")))


@judged_locale
def test_withdrawal_is_called_by_its_name(locale: str) -> None:
    assert CONSENT[locale] in text_of(button(settings_tree(locale, granted=True), "withdraw"))


RECIPIENTS = [
    ("unknown number", (ANALYTICS,), 0, "Third parties may"),
    ("one", (ANALYTICS,), 1, "1 third party may"),
    ("several", ALL, 12, "12 third parties may"),
]


@pytest.mark.parametrize(
    ("classes", "number", "expected"),
    [row[1:] for row in RECIPIENTS],
    ids=[r[0] for r in RECIPIENTS],
)
def test_recipients_are_told(classes: tuple[CookieClass, ...], number: int, expected: str) -> None:
    assert expected in banner_text(facts(*classes, providers=number), words("en"))


def test_nothing_is_said_of_recipients_where_none_are() -> None:
    assert "third part" not in banner_text(facts(PREFERENCES), words("en")).lower()


REGIMES = [
    ("consent", (PREFERENCES,), "With your consent we also use cookies for: Preferences."),
    ("objection", (STATISTICS,), "Unless you object we use cookies for: Counting."),
]


@pytest.mark.parametrize(
    ("classes", "expected"), [row[1:] for row in REGIMES], ids=[row[0] for row in REGIMES]
)
def test_text_follows_the_regime(classes: tuple[CookieClass, ...], expected: str) -> None:
    text = str(banner_text(facts(*classes), words("en")))
    assert expected in text
    others = {row[2] for row in REGIMES} - {expected}
    assert not any(other.partition(":")[0] in text for other in others)


def test_regimes_are_kept_apart() -> None:
    text = str(banner_text(facts(ANALYTICS, STATISTICS, MEDIA), words("en")))
    assert "cookies for: Analytics and Embedded media." in text
    assert "cookies for: Counting." in text


NOT_KEPT = {
    "en": ("No choice is stored", "refuses cookies"),
    "de": ("keine Auswahl gespeichert", "lehnt Ihr Browser Cookies ab"),
    "fr": ("Aucun choix", "refuse les cookies"),
}


@judged_locale
def test_line_for_the_undecided_holds_in_every_case(locale: str) -> None:
    """It is true when the browser refused the cookie, after "forget", and on a first visit."""
    text = text_of(by_id(banner_tree(words_=locale), "cookieconsent-saved"))
    for part in NOT_KEPT[locale]:
        assert part in text
    assert text.startswith(confirmation_text(words(locale), kept=False))


@judged_locale
def test_line_for_the_decided_confirms(locale: str) -> None:
    text = text_of(by_id(settings_tree(locale), "cookieconsent-saved"))
    assert text.startswith(confirmation_text(words(locale), kept=True))
    assert confirmation_text(words(locale), kept=True) != confirmation_text(
        words(locale), kept=False
    )


# --- what a site writes -------------------------------------------------------------------------


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("regime", ["opt-in", "objection"])
def test_title_of_a_class_stays_text(title: str, regime: str) -> None:
    cls = CookieClass("own", title=title, regime=regime)  # type: ignore[arg-type] # one of two
    region = banner_tree(facts(cls))
    assert active_parts(region) == []
    assert " ".join(title.split()) in text_of(region)
    assert choices(region) == ["reject", "accept"]


# --- right to left ------------------------------------------------------------------------------


def test_other_direction_is_said() -> None:
    assert banner_tree(words_="ar").get("dir") == "rtl"
    assert banner_tree(words_="ar").get("lang") == "ar"
    assert settings_tree("ar").get("dir") == "rtl"
    assert settings_tree("ar").get("lang") == "ar"
