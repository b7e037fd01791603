"""What the checks of banner and preferences page make of single faults, and what they cannot tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from audit.fixtures.banner import BUTTON, LONG, measured, on_first_layer, on_preferences
from audit.fixtures.shop import (
    DECLARED,
    FBP,
    OWN,
    SID,
    SID_LINE,
    Outside,
    Shop,
    configured,
    convicted,
    look_at,
    verdicts_on,
)
from cookieconsent import CookieClass
from cookieconsent.audit.check import Finding
from cookieconsent.audit.checks import BY_ID, CHECKS, answers, banner
from cookieconsent.audit.evidence import Evidence
from cookieconsent.audit.judging import judge
from cookieconsent.audit.labels import misnamed
from cookieconsent.observation.layout import NARROW, Control, Layout
from cookieconsent.ui.classes import title_of
from cookieconsent.ui.languages import shipped

BANNER_CHECKS = (*banner.CHECKS, *answers.CHECKS)
NO_BUTTON = '<button type="submit" name="choice" value="reject" class="cookieconsent-button">'
YES_BUTTON = NO_BUTTON.replace("reject", "accept")
SHARED = configured(DECLARED, shared_cache=True)


def findings(shop: Shop, check: str) -> list[Finding]:
    verdicts = judge(look_at(shop), shop.site, [BY_ID[check]])
    return [finding for verdict in verdicts for finding in verdict.findings]


def said_of(shop: Shop, check: str) -> set[str]:
    return {finding.said for finding in findings(shop, check)}


def as_link(answer: Outside) -> None:
    on_first_layer(
        f"{NO_BUTTON}Reject all</button>",
        '<a href="/cookie-consent?choice=reject">Reject all</a>',
    )(answer)


def swapped(answer: Outside) -> None:
    """Put the yes before the no."""
    no, yes = f"{NO_BUTTON}Reject all</button>", f"{YES_BUTTON}Accept all</button>"
    on_first_layer(f"{no} {yes}", f"{yes} {no}")(answer)


def refusing(answer: Outside) -> None:
    if answer.method == "POST":
        answer.status = 500


def redirecting(answer: Outside) -> None:
    if not answer.decided and answer.path == "/a":
        answer.status = 303
        answer.headers = [*answer.headers, ("Location", "/cookie-consent")]


def choosing(answer: Outside) -> None:
    """Redirect once, to begin a session."""
    if "sid=" not in answer.cookie and answer.path == "/" and answer.method == "GET":
        answer.status = 302
        answer.headers = [*answer.headers, ("Location", "/")]


def by_link(answer: Outside) -> None:
    """Take a link for an answer."""
    if answer.method == "GET" and "choice=accept" in answer.query:
        answer.headers = [*answer.headers, ("Set-Cookie", f"__Host-cookieconsent=yes{OWN}")]


def by_anybody(answer: Outside) -> None:
    """Take another site's form for an answer."""
    if answer.method == "POST" and answer.status == 403:
        answer.headers = [*answer.headers, ("Set-Cookie", f"__Host-cookieconsent=yes{OWN}")]


def with_banner_again(answer: Outside) -> None:
    if answer.decided and answer.path == "/a":
        answer.body = answer.body.replace(b"cookieconsent-settings", b"cookieconsent-banner")


def hiding(answer: Outside) -> None:
    if answer.path == "/cookie-consent/state.css":
        answer.body = b"#cookieconsent-banner{display:none}"


def showing(answer: Outside) -> None:
    if answer.path == "/cookie-consent/state.css":
        answer.body = b"/* undecided */"


def unlabelled(answer: Outside) -> None:
    on_preferences("<label>", "<b>")(answer)
    on_preferences("</label>", "</b>")(answer)


GUILTY = [
    # check, what is spoilt beyond the middleware, and what is said of it in part
    ("CC302", as_link, "yes is a <button> and no is a <a>"),
    (
        "CC303",
        on_preferences("<fieldset>", '<fieldset id=f><b aria-checked="true">Analytics</b>'),
        "Analytics is selected",
    ),
    *(
        ("CC303", on_preferences("<fieldset>", f"<fieldset>{options}"), "analytics is selected")
        for options in (
            "<select name=class-analytics><option>no<option selected>yes</select>",
            "<select name=class-analytics><option value=yes>Yes<option value=no>No</select>",
            "<select name=class-analytics multiple><option>no<option selected>yes</select>",
        )
    ),
    ("CC305", on_first_layer(NO_BUTTON, NO_BUTTON[:-1] + ' style="opacity:.4">'), "look different"),
    ("CC305", on_first_layer(NO_BUTTON, NO_BUTTON[:-1] + " disabled>"), "switched off"),
    (
        "CC305",
        on_first_layer(YES_BUTTON, f"<button name=other>More</button>{YES_BUTTON}"),
        "side by side",
    ),
    ("CC306", on_first_layer("Reject all</button>", "\u00d7</button>"), "the no is called"),
    (
        "CC306",
        on_first_layer("Reject all</button>", "Continue without accepting</button>"),
        "no is",
    ),
    ("CC306", on_first_layer("Accept all</button>", "Verstanden!</button>"), "the yes is called"),
    ("CC306", on_first_layer("Accept all</button>", "Reject all</button>"), "both called"),
    ("CC306", on_first_layer("Accept all</button>", "Alle ablehnen</button>"), "wrong way round"),
    ("CC309", redirecting, "status 303 until there is a yes"),
    ("CC310", with_banner_again, "there again"),
    ("CC311", on_first_layer("Analytics and Advertising", "your comfort"), "'Advertising'"),
    ("CC311", on_first_layer("You can withdraw your consent at any time.", ""), "withdrawn"),
    ("CC313", on_first_layer('<form method="post"', "<form"), "no method"),
    ("CC313", on_first_layer('type="submit"', 'type="reset"'), "without a script"),
    ("CC313", refusing, "status 500"),
    ("CC314", by_link, "taken from a link"),
    ("CC314", by_anybody, "another site's form"),
    ("CC314", on_first_layer("name=token", "name=nothing"), "no token"),
    ("CC315", on_first_layer('id="cookieconsent-title"', ""), "no labelled region"),
    ("CC315", on_first_layer("Reject all</button>", "</button>"), "has no name"),
    ("CC315", on_first_layer(NO_BUTTON, NO_BUTTON[:-1] + ' tabindex="3">'), "tabindex=3"),
    ("CC315", swapped, "before the no"),
    ("CC315", unlabelled, "class-analytics=yes has no label"),
]


@pytest.mark.parametrize(("check", "spoil", "said"), GUILTY)
def test_spoilt_banner_is_convicted(
    check: str, spoil: Callable[[Outside], object], said: str
) -> None:
    found = said_of(Shop(spoil=spoil, text=LONG), check)
    assert any(said in text for text in found), found


INNOCENT = [
    # a peer convicts each of these
    ("CC301", Shop(spoil=as_link)),  # it is a no, if another element
    ("CC305", Shop(head="<style>.cookieconsent-button { color: red }</style>")),
    ("CC309", Shop(spoil=choosing, text=LONG)),
    ("CC303", Shop(text="<form><input type=checkbox name=terms checked></form>")),
    ("CC303", Shop(text="<select name=class-analytics><option>no<option>yes</select>")),
    ("CC303", Shop(text="<select name=class-analytics><option>yes<option selected>no</select>")),
    (
        "CC303",
        Shop(text='<select name=class-analytics><option value="">Choose<option>yes</select>'),
    ),
    ("CC303", Shop(text="<select name=class-analytics multiple><option>yes</select>")),
    ("CC303", Shop(text="<select name=land><option>yes</select><option>yes")),
    ("CC303", Shop(text='<input type=checkbox name="class-authentication" value=yes checked>')),
]


@pytest.mark.parametrize(("check", "shop"), INNOCENT)
def test_harmless_page_is_acquitted(check: str, shop: Shop) -> None:
    assert said_of(shop, check) == set()


LOUD = [
    ({"width": 60}, "fifth larger"),
    ({"font_size": 14}, "larger letters"),
    ({"font_weight": 700}, "weight"),
    ({"colour": "#8a9ab5"}, "hard to read"),
    ({"colour": "#b0b0b0"}, "much paler"),
    ({"background": "#7a9acb"}, "colour"),
    ({"colour": "#c0c0c0"}, "colour"),
    ({"visible": False}, "out of sight"),
    ({"at_hand": False}, "the no is out of the window or covered"),
]
BOTH = {"accept": BUTTON, "reject": BUTTON}


def laid_out(controls: dict[str, Control], narrow_width: int = NARROW) -> Layout:
    return Layout(controls=controls, phones={}, narrow_width=narrow_width)


def on_a_phone(width: int, controls: dict[str, Control]) -> Layout:
    return Layout(controls=BOTH, phones={width: controls}, narrow_width=NARROW)


@pytest.mark.parametrize(("no", "said"), LOUD)
def test_louder_yes_is_convicted(no: dict[str, object], said: str) -> None:
    found = said_of(Shop(alter=measured(**no)), "CC304")
    assert any(said in text for text in found), found


@pytest.mark.parametrize(
    "no", [{"width": 95}, {"font_weight": 400}, {"background": "#1f4070"}, {"colour": "#f0f0f0"}]
)
def test_small_difference_is_none(no: dict[str, object]) -> None:
    assert said_of(Shop(alter=measured(**no)), "CC304") == set()


@pytest.mark.parametrize(
    ("layout", "said"),
    [
        (
            on_a_phone(390, {"accept": BUTTON}),
            "the no is out of sight, in a window 390 pixels wide",
        ),
        (
            on_a_phone(320, {**BOTH, "reject": replace(BUTTON, at_hand=False)}),
            "the yes is at hand, the no is out of the window or covered, in a window 320 pixels wide",
        ),
        (on_a_phone(320, {"reject": BUTTON}), None),
        (on_a_phone(320, dict.fromkeys(BOTH, replace(BUTTON, at_hand=False))), None),
        (on_a_phone(390, BOTH), None),
    ],
)
def test_no_that_telephones_do_not_show_is_convicted(layout: Layout, said: str | None) -> None:
    def alter(evidence: Evidence) -> None:
        evidence.runs["none"].views[0].layout = layout

    assert said_of(Shop(alter=alter), "CC304") == ({said} if said else set())


@pytest.mark.parametrize(
    ("layout", "said"),
    [
        (laid_out({"reject": replace(BUTTON, height=20)}), "than 24"),
        (laid_out({}, narrow_width=400), "400 pixels wide in a window of 320"),
    ],
)
def test_small_target_is_convicted(layout: Layout, said: str) -> None:
    def alter(evidence: Evidence) -> None:
        evidence.runs["none"].views[0].layout = layout

    assert any(said in text for text in said_of(Shop(alter=alter), "CC315"))


def test_page_that_was_not_measured_is_unverified() -> None:
    def alter(evidence: Evidence) -> None:
        evidence.mode = "browser"

    found = {(v.check, v.state): v for v in verdicts_on(Shop(alter=alter))}
    verdict = found["CC315", "none"]
    assert (verdict.outcome, verdict.reason) == ("unverified", "no banner was measured")


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", shipped().names)
def test_shipped_labels_are_clear(language: str) -> None:
    gettext = shipped().words(language).gettext
    yes, no = gettext("Accept all"), gettext("Reject all")
    assert list(misnamed(yes, no)) == []
    assert "wrong way round" in "".join(misnamed(no, yes))


def test_own_text_is_judged_in_its_language() -> None:
    config = configured(DECLARED, texts={"de": {"Accept all": "Verstanden"}})
    assert said_of(Shop(config=config), "CC306") == {
        "in 'de' the yes is called 'Verstanden', which does not say so"
    }


def test_banner_in_german_is_judged_in_german() -> None:
    config = configured(DECLARED, locale="de")
    assert said_of(Shop(config=config), "CC311") == set()
    title = title_of(CookieClass("analytics"), shipped().words("de"))
    spoil = on_first_layer(title, "Komfort")
    assert repr(title) in "".join(said_of(Shop(config=config, spoil=spoil), "CC311"))


# --- what is not there ----------------------------------------------------------------------------


def foreign(answer: Outside) -> None:
    """Show somebody else's banner in the place of ours."""
    answer.body = answer.body.replace(b"cookieconsent-", b"their-").replace(
        b'name="choice"', b'name="theirs"'
    )


SEEN_IN_WORDS = {"CC312", "CC317"}  # by the declaration alone


def test_foreign_banner_is_never_passed() -> None:
    shop = Shop(spoil=foreign)
    verdicts = judge(look_at(shop), shop.site, BANNER_CHECKS)
    assert {v.check for v in verdicts if v.outcome == "pass"} == SEEN_IN_WORDS
    assert {v.reason for v in verdicts if v.check == "CC301"} == {
        "this package's banner was not found"
    }


def test_site_that_needs_no_banner_is_left_alone() -> None:
    """Peers demand a banner of a site that keeps people signed in and nothing else."""
    shop = Shop(lines=lambda _visit: [SID_LINE], config=configured([SID]), spoil=foreign)
    asked = [check for check in BANNER_CHECKS if "banner" in check.needs]
    verdicts = judge(look_at(shop), shop.site, asked)
    assert {(v.outcome, v.reason) for v in verdicts} == {
        (
            "pass",
            "nothing that needs consent was seen in any state, so no banner is needed",
        )
    }


def test_dead_answer_is_not_passed_over() -> None:
    shop = Shop(spoil=refusing)
    verdicts = judge(look_at(shop), shop.site, [BY_ID["CC307"], BY_ID["CC310"]])
    assert {v.outcome for v in verdicts} == {"unverified"}


def test_answer_in_an_unknown_cookie_is_unverified() -> None:
    evidence = look_at(Shop())
    unknown = replace(Shop().site, config=None)
    verdicts = judge(evidence, unknown, [BY_ID["CC310"], BY_ID["CC314"]])
    assert {v.reason for v in verdicts} == {
        "nobody knows which cookie keeps the answer; add --declaration FILE"
    }


def test_nothing_asked_beside_the_pages_is_unverified() -> None:
    evidence = look_at(Shop())
    for run in evidence.runs.values():
        run.views = [view for view in run.views if view.step != "probe"]
    checks = [BY_ID[name] for name in ("CC314", "CC502", "CC504", "CC505")]
    assert {v.outcome for v in judge(evidence, Shop().site, checks)} == {"unverified"}


def test_form_without_a_token_leaves_open_what_others_can_send() -> None:
    shop = Shop(spoil=on_first_layer("name=token", "name=nothing"))
    evidence = look_at(shop)
    for run in evidence.runs.values():
        run.views = [view for view in run.views if view.step != "probe"]
    verdicts = judge(evidence, shop.site, [BY_ID["CC314"]])
    assert {v.left_open for v in verdicts if v.findings} == {"nothing was asked beside the pages"}


def test_later_class_that_is_shared_is_convicted() -> None:
    classes = [CookieClass("advertising", regime="objection", version=2)]
    config = configured((SID, FBP), classes=classes)
    assert "advertising is used before an answer" in "".join(said_of(Shop(config=config), "CC312"))


# --- pages that are the same for everybody --------------------------------------------------------

FOOT = '<footer><a href="/cookie-consent">Cookies</a></footer>'


def test_shared_pages_are_clean_with_a_link() -> None:
    verdicts = verdicts_on(Shop(config=SHARED, text=FOOT))
    ours = {check: said for check, said in convicted(verdicts).items() if check[2] in "35"}
    assert ours == {}
    assert {v.check for v in verdicts if v.outcome == "unverified" and v.check[2] in "35"} == {
        "CC304"
    }


@pytest.mark.parametrize(
    ("check", "text", "spoil", "said"),
    [
        ("CC307", "", None, "no link leads"),
        ("CC310", FOOT, showing, "there again"),
        ("CC316", FOOT, hiding, "browsing on"),
    ],
)
def test_shared_pages_are_judged_by_their_sheet(
    check: str, text: str, spoil: Callable[[Outside], object] | None, said: str
) -> None:
    found = said_of(Shop(config=SHARED, text=text, spoil=spoil), check)
    assert any(said in one for one in found), found


def test_every_finding_says_a_page() -> None:
    """But for those of the declaration."""
    for check, spoil, _ in GUILTY:
        assert all(finding.path for finding in findings(Shop(spoil=spoil, text=LONG), check))


def test_own_checks_name_a_source_and_a_setting() -> None:
    for check in CHECKS:
        assert check.sources
        assert check.fix.endswith(".")


# --- peers look at one page, and at what is written down alone ------------------------------------

WHOLE_NO = f"{NO_BUTTON}Reject all</button>"


def on_one_page(old: str, new: str) -> Callable[[Outside], object]:
    """Return what replaces a part of the banner on a page that is not the first."""

    def spoil(answer: Outside) -> None:
        if answer.path == "/shop/b":
            answer.body = answer.body.replace(old.encode(), new.encode())

    return spoil


def with_no(attributes: str) -> tuple[str, str]:
    return WHOLE_NO, WHOLE_NO.replace("<button ", f"<button {attributes} ")


PRESET = '<input type="hidden" name="class-analytics" value="yes">'
ALL_OFF = (' class="cookieconsent-button">', ' class="cookieconsent-button" disabled>')
AROUND = "the markup around or in yes and no differs"
AWAY = "yes and no are not sent to the same address in the same way"


@pytest.mark.parametrize(
    ("change", "check", "said"),
    [
        ((WHOLE_NO, ""), "CC301", "the banner offers a yes and no no"),
        ((WHOLE_NO, f"<div hidden>{WHOLE_NO}</div>"), "CC301", "the banner offers a yes and no no"),
        ((WHOLE_NO, f"<template>{WHOLE_NO}</template>"), "CC301", "offers a yes and no no"),
        (with_no('style="display: none"'), "CC301", "the banner offers a yes and no no"),
        (with_no("hidden"), "CC301", "the banner offers a yes and no no"),
        ((WHOLE_NO, f"<div inert>{WHOLE_NO}</div>"), "CC301", "offers a yes and no no"),
        ((WHOLE_NO, f'<b style="opacity:0">{WHOLE_NO}</b>'), "CC305", AROUND),
        ((WHOLE_NO, f"<fieldset disabled>{WHOLE_NO}</fieldset>"), "CC305", AROUND),
        ((WHOLE_NO, f"<details>{WHOLE_NO}</details>"), "CC305", AROUND),
        (("Accept all<", "<strong>Accept all</strong><"), "CC305", AROUND),
        (with_no('aria-hidden="true"'), "CC315", "is not told to those who listen"),
        (with_no('formaction="/accept"'), "CC305", AWAY),
        (with_no('formmethod="get"'), "CC305", AWAY),
        (with_no("disabled"), "CC305", "one of yes and no is switched off"),
        ((">Reject all<", ">Not now<"), "CC306", "the no is called 'Not now'"),
        (ALL_OFF, "CC313", "yes and no are both switched off until a script runs"),
        (("name=token", "name=other"), "CC314", "carries no token"),
        (("<form ", f"<form>{PRESET}"), "CC303", "analytics is selected before anybody"),
    ],
)
def test_fault_of_a_later_page_is_found(change: tuple[str, str], check: str, said: str) -> None:
    assert any(said in text for text in said_of(Shop(spoil=on_one_page(*change)), check))


def test_no_of_another_form_is_none_of_the_banner() -> None:
    elsewhere = '<form><button name="choice" value="reject">Reject all</button></form></main>'
    spoil = on_first_layer(WHOLE_NO, "")

    def both(answer: Outside) -> None:
        spoil(answer)
        on_first_layer("</main>", elsewhere)(answer)

    assert said_of(Shop(spoil=both), "CC301") == {"the banner offers a yes and no no"}


def test_words_on_a_button_count_as_well_as_its_name() -> None:
    named = WHOLE_NO.replace("<button ", '<button aria-label="Reject all" ')
    shop = Shop(spoil=on_first_layer(WHOLE_NO, named.replace(">Reject all<", ">Later<")))
    assert said_of(shop, "CC306") == {"the no is called 'Later', which does not say so"}


def hiding_settings(answer: Outside) -> None:
    """Hide link and form of whoever has answered."""
    if answer.decided:
        old = b'id="cookieconsent-settings"'
        answer.body = answer.body.replace(old, old + b" hidden")


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ("CC307", "no link leads to where the answer can be changed"),
        ("CC308", "a yes took one step here, and taking it back takes more"),
    ],
)
def test_hidden_way_back_is_none(check: str, said: str) -> None:
    assert said_of(Shop(spoil=hiding_settings), check) == {said}


def test_same_fault_of_many_pages_is_told_once() -> None:
    assert len(findings(Shop(spoil=on_first_layer(WHOLE_NO, "")), "CC301")) == 1


@pytest.mark.parametrize("left_open", ["<p hidden>Soon", "<ul><li hidden>Soon"])
def test_hidden_paragraph_ends_without_an_end_tag(left_open: str) -> None:
    def spoil(answer: Outside) -> None:
        answer.body = answer.body.replace(b"<body>", b"<body>" + left_open.encode())

    assert said_of(Shop(spoil=spoil), "CC307") == set()
    assert said_of(Shop(spoil=spoil), "CC308") == set()


def test_yes_and_no_in_like_places_are_alike() -> None:
    """Each may stand in an element of its own."""
    yes = WHOLE_NO.replace("reject", "accept").replace("Reject", "Accept")

    def spoil(answer: Outside) -> None:
        for button in (WHOLE_NO, yes):
            on_first_layer(button, f'<span class="cell"><i></i>{button}</span>')(answer)

    assert AROUND not in str(said_of(Shop(spoil=spoil), "CC305"))


@pytest.mark.parametrize("around", ["<div>{}</div>", "<div aria-hidden=false>{}</div>"])
def test_what_is_not_hidden_is_a_no(around: str) -> None:
    shop = Shop(spoil=on_first_layer(WHOLE_NO, around.format(WHOLE_NO)))
    assert said_of(shop, "CC301") == set()
