"""The preferences page: every class, every cookie, the answer that stands, and the way to another."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cookieconsent.core.authorities import authorities_of
from cookieconsent.core.choice import Choice
from cookieconsent.core.registry import Classification, Cookie, CookieClass
from cookieconsent.ui.preferences import ERRORS, page_part, preferences_page
from cookieconsent.ui.sections.facts import Reason, SentCookie, SiteFacts
from cookieconsent.ui.sections.parts import linked, printable
from ui.markup import (
    ACTION,
    ADVERTISING,
    ANALYTICS,
    HOSTILE,
    LOCALES,
    MEDIA,
    OWN_COOKIE,
    STATISTICS,
    active_parts,
    button,
    by_id,
    choices,
    has_id,
    page_tree,
    parse,
    site,
    tag_of,
    text_of,
    visit,
    words,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

DAY = 20_454  # 1 January 2026
YES = Choice(day=DAY, granted=frozenset({"analytics", "media"}))
NO = Choice(day=DAY, refused=frozenset({"analytics", "media"}))
MIXED = Choice(day=DAY, granted=frozenset({"analytics"}), refused=frozenset({"media"}))
PARTIAL = Choice(day=DAY, granted=frozenset({"analytics"}))

every_locale = pytest.mark.parametrize("locale", LOCALES)


def note(tree: Element, name: str) -> str:
    return text_of(by_id(tree, f"cookieconsent-{name}"))


def section(tree: Element, cls: str) -> Element:
    return by_id(tree, f"cookieconsent-class-{cls}")


def checked(tree: Element) -> dict[str, str]:
    """Return the radio that is on, by class."""
    return {
        (radio.get("name") or "").removeprefix("class-"): radio.get("value") or ""
        for radio in tree.iter("input")
        if radio.get("type") == "radio" and radio.get("checked") is not None
    }


def rows(tree: Element) -> list[list[str]]:
    """Return the cells of the cookie table of a section."""
    return [[text_of(cell) for cell in row] for body in tree.iter("tbody") for row in body]


# --- the document -------------------------------------------------------------------------------

VISITS: dict[str, dict[str, Any]] = {
    "first": {},
    "yes": {"choice": YES, "allowed": frozenset({"analytics", "media"})},
    "no": {"choice": NO},
    "mixed": {"choice": MIXED, "allowed": frozenset({"analytics"}), "deletable": True},
    "signal": {"signal": True, "overruled": frozenset({"analytics", "media"})},
    "conflict": {"choice": YES, "signal": True, "overruled": frozenset({"analytics"})},
    "error": {"error": "stale", "back": "/p?a=1&b=2", "filled": {"analytics": True}},
    "no token": {"token": None},
    "sent": {
        "sent": (
            SentCookie(
                name="_gid",
                cls="analytics",
                reason="undecided",
                length=9,
                known=Classification("analytics", "catalogue", "_gid", "Google", None),
            ),
        ),
        "unshown": 3,
    },
}
every_visit = pytest.mark.parametrize("facts", VISITS.values(), ids=VISITS)


@every_visit
@every_locale
def test_page_is_well_formed(facts: dict[str, Any], locale: str) -> None:
    """No complaint of the parser, nothing that runs, no id twice, every reference resolves."""
    tree = page_tree(site(ANALYTICS, MEDIA, STATISTICS), visit(**facts), locale)
    assert active_parts(tree) == []
    ids = Counter(element.get("id") for element in tree.iter() if element.get("id"))
    assert set(ids.values()) == {1}
    for element in tree.iter():
        described = element.get("aria-describedby")
        assert described is None or described in ids
        href = element.get("href") or ""
        assert not href.startswith("#") or href == "#" or href[1:] in ids


@every_visit
@every_locale
def test_headings_descend_by_one(facts: dict[str, Any], locale: str) -> None:
    tree = page_tree(site(ANALYTICS, MEDIA), visit(**facts), locale)
    levels = [int(e.tag[1]) for e in tree.iter() if re.fullmatch("h[1-6]", str(e.tag))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(level <= before + 1 for before, level in itertools.pairwise(levels))


@every_locale
def test_document_says_its_language(locale: str) -> None:
    tree = page_tree(words_=locale)
    assert (tree.get("lang"), tree.get("dir")) == tag_of(locale)


def test_document_says_its_direction() -> None:
    tree = page_tree(words_="ar")
    assert (tree.get("lang"), tree.get("dir")) == ("ar", "rtl")


def test_document_has_a_standard_head() -> None:
    tree = page_tree()
    assert text_of(next(tree.iter("title"))) == "Cookie settings"
    metas = [meta.attrib for meta in tree.iter("meta")]
    assert metas[0] == {"charset": "utf-8"}
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in metas
    (link,) = tree.iter("link")
    assert link.attrib == {"rel": "stylesheet", "href": f"{ACTION}/style.0.css"}
    assert list(tree.iter("style")) == []


def test_page_is_utf8() -> None:
    page = preferences_page(site(CookieClass("own", title="Zähler ✓")), visit(), words("fr"))
    assert "Zähler ✓".encode() in page


# --- the form -----------------------------------------------------------------------------------


def test_form_is_as_promised() -> None:
    form = by_id(page_tree(visit_=visit(choice=MIXED, deletable=True)), "cookieconsent-preferences")
    assert form.tag == "form"
    assert (form.get("method"), form.get("action")) == ("post", ACTION)
    assert choices(form) == ["save", "reject", "accept", "withdraw", "forget", "erase"]
    assert all(b.get("type") == "submit" for b in form.iter("button"))
    hidden = {
        i.get("name"): i.get("value") for i in form.iter("input") if i.get("type") == "hidden"
    }
    assert hidden == {"token": "TiA.token"}


def test_enter_saves() -> None:
    """The Enter key presses the first button of a form."""
    form = by_id(page_tree(), "cookieconsent-preferences")
    assert choices(form)[0] == "save"


@every_locale
def test_answers_look_alike(locale: str) -> None:
    tree = page_tree(words_=locale)
    kinds = {
        frozenset({**button(tree, choice).attrib, "value": ""}.items())
        for choice in ("save", "reject", "accept")
    }
    assert len(kinds) == 1


ACTS = [
    ("undecided", {}, []),
    ("undecided, https", {"deletable": True}, ["erase"]),
    ("decided", {"choice": NO}, ["withdraw", "forget"]),
    ("decided, https", {"choice": YES, "deletable": True}, ["withdraw", "forget", "erase"]),
    (
        "something is on",
        {"choice": YES, "allowed": frozenset({"media"})},
        ["withdraw", "pause", "forget"],
    ),
    ("on without an answer", {"allowed": frozenset({"media"})}, ["pause"]),
    ("paused", {"choice": YES.pause(["media"])}, ["withdraw", "resume", "forget"]),
    (
        "partly paused",
        {"choice": YES.pause(["media"]), "allowed": frozenset({"analytics"})},
        ["withdraw", "resume", "pause", "forget"],
    ),
]


@pytest.mark.parametrize(
    ("facts", "expected"), [row[1:] for row in ACTS], ids=[row[0] for row in ACTS]
)
def test_acts_suit_the_state(facts: dict[str, Any], expected: list[str]) -> None:
    tree = page_tree(visit_=visit(**facts))
    assert choices(tree) == ["save", "reject", "accept", *expected]
    for choice in expected:
        described = button(tree, choice).get("aria-describedby")
        assert described is not None
        assert len(text_of(by_id(tree, described)).split()) > 4


def test_only_necessary_cookies_leave_nothing_to_decide() -> None:
    own = site(CookieClass("own", regime="exempt"), cookies=())
    tree = page_tree(own)
    assert list(tree.iter("form")) == []
    assert "nothing to decide" in text_of(tree)
    assert not has_id(tree, "cookieconsent-state")


def test_old_answer_can_be_forgotten_where_nothing_is_left_to_decide() -> None:
    own = site(CookieClass("own", regime="exempt"), cookies=())
    assert choices(page_tree(own, visit(choice=YES))) == ["withdraw", "forget"]


def test_page_to_return_to_is_kept() -> None:
    tree = page_tree(visit_=visit(back="/p?a=1&b=2", error="stale"))
    hidden = {
        i.get("name"): i.get("value") for i in tree.iter("input") if i.get("type") == "hidden"
    }
    assert hidden == {"token": "TiA.token", "next": "/p?a=1&b=2"}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [({}, "/"), ({"home": "/shop/"}, "/shop/"), ({"home": "/shop/", "back": "/p"}, "/p")],
    ids=["first page", "mounted", "where one came from"],
)
def test_page_leads_back(facts: dict[str, Any], expected: str) -> None:
    links = [a.get("href") for a in page_tree(visit_=visit(**facts)).iter("a")]
    assert expected in links


# --- the answer ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, {}),
        ({"choice": YES}, {"analytics": "yes", "media": "yes"}),
        ({"choice": NO}, {"analytics": "no", "media": "no"}),
        ({"choice": MIXED}, {"analytics": "yes", "media": "no"}),
        ({"choice": PARTIAL}, {"analytics": "yes"}),
        ({"filled": {"analytics": False}}, {"analytics": "no"}),
        ({"choice": YES, "filled": {"media": False}}, {"analytics": "yes", "media": "no"}),
        ({"signal": True, "overruled": frozenset({"analytics"})}, {}),
    ],
    ids=["none", "yes", "no", "mixed", "one asked again", "filled", "filled wins", "signal"],
)
def test_radios_show_the_answer(facts: dict[str, Any], expected: dict[str, str]) -> None:
    """And nothing is on that nobody has answered."""
    assert checked(page_tree(visit_=visit(**facts))) == expected


@every_locale
def test_every_optional_class_is_a_question(locale: str) -> None:
    tree = page_tree(site(ANALYTICS, MEDIA, STATISTICS), words_=locale)
    for cls in ("analytics", "media", "statistics"):
        (fieldset,) = section(tree, cls).iter("fieldset")
        legend = fieldset[0]
        assert legend.tag == "legend"
        assert text_of(legend)[-1] in "?\uff1f\u061f;" or locale == "th"
        radios = list(fieldset.iter("input"))
        assert [(r.get("type"), r.get("name"), r.get("value")) for r in radios] == [
            ("radio", f"class-{cls}", "yes"),
            ("radio", f"class-{cls}", "no"),
        ]
        labels = [
            text_of(label) for label in fieldset.iter("label") if label.find("input") is not None
        ]
        assert len(set(labels) - {""}) == 2


def test_exempt_class_cannot_be_switched() -> None:
    tree = page_tree()
    for cls in ("authentication", "cart", "consent"):
        assert list(section(tree, cls).iter("input")) == []
        assert "Always on" in text_of(section(tree, cls))
    assert "cannot switch these off, because" in text_of(tree)


@pytest.mark.parametrize(
    ("allowed", "expected"), [(frozenset({"analytics"}), "Now on"), (frozenset(), "Now off")],
    ids=["on", "off"],
)  # fmt: skip
def test_class_says_what_holds(allowed: frozenset[str], expected: str) -> None:
    tree = page_tree(visit_=visit(choice=YES, allowed=allowed))
    assert expected in text_of(section(tree, "analytics"))


STATES = [
    ("none", None, ["not answered yet", "stay off"]),
    ("mixed", MIXED, ["yes to: Analytics.", "no to: Embedded media."]),
    ("day and end", NO, ["on January 1, 2026.", "until July 2, 2026."]),
    ("yes", YES, ["yes to: Analytics and Embedded media."]),
    ("asked again", PARTIAL, ["yes to: Analytics.", "not answered yet for: Embedded media."]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("choice", "expected"), [row[1:] for row in STATES], ids=[row[0] for row in STATES]
)
def test_state_is_told(choice: Choice | None, expected: list[str]) -> None:
    text = note(page_tree(visit_=visit(choice=choice)), "state")
    for part in expected:
        assert part in text


@pytest.mark.parametrize(
    ("locale", "begin", "end"),
    [("de", "1. Januar 2026", "2. Juli 2026"), ("fr", "1 janvier 2026", "2 juillet 2026")],
)
def test_days_are_written_out(locale: str, begin: str, end: str) -> None:
    text = note(page_tree(visit_=visit(choice=NO), words_=locale), "state")
    assert begin in text
    assert end in text


def test_class_of_the_past_is_not_told() -> None:
    choice = Choice(day=DAY, granted=frozenset({"gone", "analytics"}))
    assert "gone" not in text_of(page_tree(visit_=visit(choice=choice)))


# --- signal, objection, faults ------------------------------------------------------------------

SIGNALS = [
    ("quiet", {}, None),
    ("heard", {"signal": True}, ["honours it."]),
    (
        "refuses",
        {"signal": True, "overruled": frozenset({"media"})},
        ["your no to: Embedded media."],
    ),
    (
        "overrules a yes",
        {"signal": True, "choice": YES, "overruled": frozenset({"media"})},
        ["your no to: Embedded media.", "You had said yes before.", "save it again"],
    ),
]


@pytest.mark.parametrize(
    ("facts", "expected"), [row[1:] for row in SIGNALS], ids=[row[0] for row in SIGNALS]
)
def test_signal_is_shown(facts: dict[str, Any], expected: list[str] | None) -> None:
    tree = page_tree(visit_=visit(**facts))
    assert has_id(tree, "cookieconsent-signal") == (expected is not None)
    for part in expected or ():
        assert part in note(tree, "signal")


def test_signal_without_conflict_asks_for_nothing() -> None:
    """A yes that was given under the signal is not overruled."""
    text = note(page_tree(visit_=visit(signal=True, choice=YES)), "signal")
    assert "before" not in text


def test_objection_is_explained() -> None:
    tree = page_tree(site(STATISTICS), visit(allowed=frozenset({"statistics"})))
    text = text_of(section(tree, "statistics"))
    assert "used until you say no" in text
    assert "consent to" not in text
    assert "Now on" in text


def test_recipients_are_told_where_there_are_any() -> None:
    tree = page_tree(site(ANALYTICS, CookieClass("own")))
    assert "outside the EU" in text_of(section(tree, "analytics"))
    assert "outside the EU" not in text_of(section(tree, "own"))


@pytest.mark.parametrize("error", ERRORS)
@every_locale
def test_fault_is_named(error: str, locale: str) -> None:
    tree = page_tree(visit_=visit(error=error), words_=locale)
    alerts = [text_of(e) for e in tree.iter() if e.get("role") == "alert"]
    assert alerts == [words(locale).gettext(ERRORS[error])]
    assert text_of(next(tree.iter("title"))).startswith(words(locale).gettext("Not saved"))
    assert not has_id(tree, "cookieconsent-saved")


@pytest.mark.parametrize(
    ("choice", "expected"), [(None, "No choice is stored"), (NO, "Your choice is saved.")],
    ids=["undecided", "decided"],
)  # fmt: skip
def test_confirmation_waits_for_the_fragment(choice: Choice | None, expected: str) -> None:
    line = by_id(page_tree(visit_=visit(choice=choice)), "cookieconsent-saved")
    assert (line.get("role"), line.get("tabindex")) == ("status", "-1")
    assert text_of(line).startswith(expected)
    assert [a.get("href") for a in line.iter("a")] == ["#"]


# --- the cookies --------------------------------------------------------------------------------


def test_cookies_are_listed_with_all_facts() -> None:
    tree = page_tree()
    assert rows(section(tree, "analytics")) == [
        ["_ga", "Counts visits.", "Google (third party)", "13 months"],
        ["_ga_*", "Keeps a visit.", "Google (third party)", "2 years"],
    ]
    assert rows(section(tree, "media")) == [
        ["YSC", "Counts views.", "YouTube (third party)", "Until you close the browser"]
    ]
    assert rows(section(tree, "authentication")) == [
        ["sid", "As described above", "Not stated", "Not stated"]
    ]


@every_locale
def test_own_cookie_is_listed(locale: str) -> None:
    (row,) = rows(section(page_tree(words_=locale), "consent"))
    assert row[0] == OWN_COOKIE
    assert row[1]
    assert row[3] == words(locale).duration(timedelta(days=182))


def test_own_cookie_is_listed_once() -> None:
    declared = Cookie(OWN_COOKIE, "consent", purpose="Ours.", provider="Us", lifetime="6 months")
    (row,) = rows(section(page_tree(site(cookies=(declared,))), "consent"))
    assert row == [OWN_COOKIE, "Ours.", "Us", "6 months"]


def test_own_cookie_has_the_name_of_the_site() -> None:
    (row,) = rows(section(page_tree(site(consent_cookie="cookieconsent-two")), "consent"))
    assert row[0] == "cookieconsent-two"


def test_cookie_of_several_scopes_is_listed_once() -> None:
    twice = tuple(
        Cookie("_ga", "analytics", purpose="P.", provider="G", lifetime="1 days", domain=domain)
        for domain in (None, "shop.example")
    )
    assert len(rows(section(page_tree(site(cookies=twice)), "analytics"))) == 1


def known(cls: str, vendor: str | None, days: int | None) -> Classification:
    lifetime = None if days is None else timedelta(days=days)
    return Classification(cls, "catalogue", "x", vendor, lifetime)


def sent(
    name: str,
    cls: str | None = None,
    reason: Reason = "unknown",
    length: int = 7,
    known: Classification | None = None,
) -> SentCookie:
    return SentCookie(name=name, cls=cls, reason=reason, length=length, known=known)


SEEN = [
    (
        "shared",
        "analytics",
        known("analytics", "Google", 395),
        "Google (third party)",
        "13 months",
    ),
    ("own software", "cart", known("cart", "Magento", 14), "This site (Magento)", "14 days"),
    ("little known", "cart", known("cart", None, None), "Not stated", "Not stated"),
]


@pytest.mark.parametrize(
    ("cls", "facts", "provider", "lifetime"), [row[1:] for row in SEEN], ids=[r[0] for r in SEEN]
)
def test_cookie_that_was_seen_is_listed(
    cls: str, facts: Classification, provider: str, lifetime: str
) -> None:
    tree = page_tree(site(cookies=()), visit(sent=(sent("seen", cls, known=facts),)))
    assert rows(section(tree, cls)) == [["seen", "As described above", provider, lifetime]]


def test_class_without_cookies_says_so() -> None:
    tree = page_tree(site(cookies=()))
    assert "names no cookie of this class" in text_of(section(tree, "analytics"))
    assert list(section(tree, "analytics").iter("table")) == []


@every_locale
def test_table_can_be_read_aloud(locale: str) -> None:
    """Each cell has a heading above it and one at the beginning of its line."""
    tree = page_tree(words_=locale)
    tables = list(tree.iter("table"))
    assert tables
    for table in tables:
        assert text_of(table.find("caption") or table[0])
        heads = [th for th in table.iter("th") if th.get("scope") == "col"]
        assert len({text_of(th) for th in heads}) == 4
        for row in next(table.iter("tbody")):
            assert (row[0].tag, row[0].get("scope")) == ("th", "row")
            labels = [cell.get("data-label") for cell in row[1:]]
            assert labels == [text_of(th) for th in heads[1:]]


def test_what_is_asked_for_is_open_to_view() -> None:
    """The cookies one is to consent to are not behind another click."""
    tree = page_tree()
    (asked,) = section(tree, "analytics").iter("details")
    (exempt,) = section(tree, "consent").iter("details")
    assert asked.get("open") is not None
    assert exempt.get("open") is None


def test_star_is_explained_where_one_is_shown() -> None:
    assert "A * in a name" in text_of(page_tree())
    assert "A * in a name" not in text_of(page_tree(site(cookies=())))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("_ga", "_ga"),
        ("wp[user]", "wp[user]"),
        ("été", "été"),
        ("a\u202eb", "a\\x202eb"),
        ("a\x1b[2J", "a\\x1b[2J"),
        ("a\u00a0b", "a\\xa0b"),
        ("a\x00\r\n", "a\\x00\\x0d\\x0a"),
    ],
    ids=["plain", "brackets", "accents", "reordering", "terminal", "no-break space", "controls"],
)
def test_name_hides_nothing(name: str, expected: str) -> None:
    assert printable(name) == expected


# --- the visitor's cookies now --------------------------------------------------------------------

REASONS: list[tuple[str | None, Reason, str, str]] = [
    ("cart", "needed", "Shopping cart", "Passed on, because the site needs it"),
    ("media", "yes", "Embedded media", "Passed on, because you said yes"),
    ("analytics", "not objected", "Analytics", "Passed on, because you have not objected"),
    (None, "let pass", "Unknown", "Passed on, because this site lets unknown cookies pass"),
    ("media", "undecided", "Embedded media", "Removed, because you have not answered yet"),
    ("media", "no", "Embedded media", "Removed, because you said no"),
    (
        "analytics",
        "signal",
        "Analytics",
        "Removed, because your browser sends Global Privacy Control",
    ),
    ("media", "paused", "Embedded media", "Removed, because everything is paused"),
    (None, "unknown", "Unknown", "Removed, because this site does not know it"),
    ("advertising", "unknown", "Unknown", "Removed, because this site does not know it"),
]


def sent_rows(tree: Element) -> list[list[str]]:
    """Return the rows of the table of cookies that were sent."""
    found = [t for t in tree.iter("table") if text_of(t).startswith("Your cookies now")]
    return [[text_of(c) for c in row if c.tag in {"th", "td"}] for t in found for row in rows_of(t)]


def rows_of(table: Element) -> list[Element]:
    return [row for row in table.iter("tr") if [c for c in row if c.get("scope") == "row"]]


@pytest.mark.parametrize(("cls", "reason", "title", "why"), REASONS, ids=[r[1] for r in REASONS])
def test_every_cookie_has_a_fate_and_a_reason(
    cls: str | None, reason: Reason, title: str, why: str
) -> None:
    choice = YES.pause(["analytics", "media"]) if reason == "paused" else None
    tree = page_tree(visit_=visit(choice=choice, sent=(sent("x", cls, reason, 1),)))
    assert sent_rows(tree) == [["x", title, why, "•••• (1 character)"]]


def test_page_says_how_many_cookies_it_left_out() -> None:
    tree = page_tree(visit_=visit(sent=(sent("x"),), unshown=12))
    assert "12 more cookies are not shown." in text_of(tree)
    assert "not shown" not in text_of(page_tree(visit_=visit(sent=(sent("x"),))))


def test_browser_without_cookies_is_told_so() -> None:
    assert "Your browser sent no cookies." in text_of(page_tree())


# --- objecting, pausing, taking away --------------------------------------------------------------


def object_forms(tree: Element) -> list[dict[str | None, str | None]]:
    return [
        {i.get("name"): i.get("value") for i in (*form.iter("input"), *form.iter("button"))}
        for form in tree.iter("form")
        if form.get("id") is None
    ]


def test_class_that_may_be_objected_to_has_a_button() -> None:
    on = visit(allowed=frozenset({"statistics"}), back="/tea")
    tree = page_tree(site(ANALYTICS, STATISTICS), on)
    assert object_forms(tree) == [
        {"token": "TiA.token", "next": "/tea", "class": "statistics", "choice": "object"}
    ]
    assert text_of(button(tree, "object")) == "Object to “Counting”"
    assert object_forms(page_tree(site(ANALYTICS, STATISTICS))) == []


def test_pause_is_told() -> None:
    tree = page_tree(visit_=visit(choice=YES.pause(["analytics", "media"])))
    assert note(tree, "state").startswith("Everything is paused.")
    assert "Paused" in text_of(section(tree, "analytics"))
    assert checked(tree) == {"analytics": "yes", "media": "yes"}


def test_pause_of_some_is_not_called_one_of_everything() -> None:
    on = frozenset({"analytics"})
    facts = {"allowed": on, "sent": (sent("x", "media", "paused", 1),)}
    tree = page_tree(visit_=visit(choice=YES.pause(["media"]), **facts))
    assert "verything is paused" not in text_of(tree)
    assert sent_rows(tree)[0][2] == "Paused"
    assert "Paused" in text_of(section(tree, "media"))


def test_pause_without_an_answer_has_no_day_of_one() -> None:
    tree = page_tree(visit_=visit(choice=Choice(day=DAY, paused=frozenset({"analytics", "media"}))))
    assert "You answered on" not in note(tree, "state")
    assert "You have not answered yet for" in note(tree, "state")


def test_pause_says_how_long_it_lasts() -> None:
    facts = {"valid_until": date(2026, 7, 2), "allowed": frozenset({"media"})}
    tree = page_tree(visit_=visit(choice=YES, **facts))
    (about,) = [p for p in tree.iter("p") if p.get("id") == "cookieconsent-about-pause"]
    assert text_of(about).endswith("until you change it here. (Counts until: July 2, 2026)")


def test_what_cannot_be_deleted_is_said() -> None:
    assert "Cookies that other websites have set cannot be deleted" in text_of(page_tree())


def test_answer_can_be_taken_away() -> None:
    tree = page_tree(visit_=visit(receipt_url="/c/receipt.json", print_url="/c?receipt"))
    links = {a.get("href"): text_of(a) for a in tree.iter("a")}
    assert links["/c/receipt.json"] == "Download my choice"
    assert links["/c?receipt"] == "Print my choice"


# --- what else is said --------------------------------------------------------------------------


@pytest.mark.parametrize("facts", [{}, {"deletable": True}, {"receipt_url": "/r", "choice": YES}])
@pytest.mark.parametrize("classes", [(ANALYTICS,), (CookieClass("own", regime="exempt"),)])
def test_rights_lead_to_what_is_there(
    facts: dict[str, Any], classes: tuple[CookieClass, ...]
) -> None:
    tree = page_tree(site(*classes), visit(**facts))
    ways = [a.get("href", "") for a in tree.iter("a") if "#cookieconsent-" in a.get("href", "")]
    assert len(ways) >= 2
    for way in ways:
        assert has_id(tree, way.removeprefix("#")), way


def test_common_browsers_are_explained() -> None:
    text = text_of(page_tree())
    for browser in ("Chrome", "Edge", "Firefox", "Opera", "Safari on a Mac", "iPhone", "Samsung"):
        assert browser in text


def authorities(codes: list[str], locale: str = "en") -> list[tuple[str, str]]:
    """Return the countries that the page lists, and where their authorities are."""
    tree = page_tree(site(authorities=authorities_of("authority", codes)), words_=locale)
    return [
        (text_of(item).partition(":")[0], link.get("href", ""))
        for item in tree.iter("li")
        for link in item.iter("a")
        if link.get("href", "").startswith("https://")
    ]


def test_authorities_are_named_by_country() -> None:
    assert authorities(["FR", "DE"]) == [
        ("France", "https://www.cnil.fr"),
        ("Germany", "https://www.bfdi.bund.de"),
    ]
    assert [country for country, _ in authorities(["FR", "DE"], "de")] == [
        "Deutschland",
        "Frankreich",
    ]


def test_many_authorities_are_folded_up() -> None:
    assert len(authorities(["EEA"])) == 30
    folded = page_tree(site(authorities=authorities_of("authority", ["EEA"])))
    assert "Authorities by country" in text_of(folded)
    assert "Authorities by country" not in text_of(
        page_tree(site(authorities=authorities_of("authority", ["FR", "DE", "AT"])))
    )


def test_part_is_the_page_without_a_document() -> None:
    part = page_part(site(), visit(), words("en"))
    page = preferences_page(site(), visit(), words("en")).decode()
    assert part.title in page
    assert part.head in page
    assert part.body.startswith('<div class="cookieconsent-page" lang="en" dir="ltr">')
    inner = part.body.partition(">")[2].rpartition("</div>")[0]
    assert inner.strip() in page
    assert "<html" not in part.body


def test_rights_are_complete() -> None:
    text = text_of(page_tree())
    for right in (
        "Access",
        "Rectification",
        "Erasure",
        "Restriction",
        "Objection",
        "Portability",
        "Withdrawal",
        "Complaint",
    ):
        assert f"{right}: " in text


@pytest.mark.parametrize(
    "required",
    ["Session cookies", "Persistent cookies", "settings of your browser", "refuses all cookies"],
)
def test_cookies_are_explained(required: str) -> None:
    assert required in text_of(page_tree())


def test_site_says_who_it_is() -> None:
    tree = page_tree(
        site(
            contact="mailto:privacy@shop.example",
            privacy_policy_url="/privacy",
            authority="https://www.dpa.example/",
            policy_version="2.1",
            last_updated=date(2026, 3, 1),
        )
    )
    links = {a.get("href"): text_of(a) for a in tree.iter("a")}
    assert links["mailto:privacy@shop.example"] == "privacy@shop.example"
    assert links["/privacy"] == "Privacy policy"
    assert links["https://www.dpa.example/"] == "www.dpa.example"
    footer = text_of(next(tree.iter("footer")))
    assert "March 1, 2026" in footer
    assert "2.1" in footer


def test_nothing_is_said_that_is_not_known() -> None:
    tree = page_tree()
    text = text_of(tree)
    for unknown in ("Contact", "Privacy policy", "Authorities by country", "None", "Version"):
        assert unknown not in text
    assert list(tree.iter("footer")) == []
    assert list(tree.iter("dl")) == []


LINKS = [
    ("https", "https://a.example/p?x=1&y=2", "https://a.example/p?x=1&y=2"),
    ("http", "http://a.example", "http://a.example"),
    ("mail", "mailto:a@b.example", "mailto:a@b.example"),
    ("own path", "/privacy", "/privacy"),
    ("words", "Ask at the counter", None),
    ("address", "a@b.example", None),
    ("script", "javascript:alert(1)", None),
    ("script in capitals", "JavaScript:alert(1)", None),
    ("data", "data:text/html,<script>alert(1)</script>", None),
    ("other host", "//evil.example", None),
    ("other host by backslash", "/\\evil.example", None),
    ("other host by tab", "/\t/evil.example", None),
    ("line break", "https://a.example/\njavascript:alert(1)", None),
    ("space before", " javascript:alert(1)", None),
    ("empty", "", None),
]


@pytest.mark.parametrize(("value", "href"), [row[1:] for row in LINKS], ids=[r[0] for r in LINKS])
@pytest.mark.parametrize("label", [None, "Label"], ids=["bare", "labelled"])
def test_links_are_for_web_and_mail_only(value: str, href: str | None, label: str | None) -> None:
    tree, _ = parse("<!DOCTYPE html><title>t</title><p>" + linked(value, label))
    assert [a.get("href") for a in tree.iter("a")] == ([] if href is None else [href])
    assert active_parts(tree) == []


# --- what a site or a visitor writes ------------------------------------------------------------


def hostile_site(value: str) -> SiteFacts:
    name = "x" + value.replace(";", "").replace("=", "")
    return site(
        CookieClass("own", title=value, description=value),
        cookies=(Cookie(name, "own", purpose=value, provider=value, lifetime="1 days"),),
        contact=value,
        privacy_policy_url=value,
        authority=value,
        policy_version=value,
        consent_cookie=value,
    )


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_operators_words_stay_text(value: str) -> None:
    given = visit(choice=Choice(day=DAY, granted=frozenset({"own"})), allowed=frozenset({"own"}))
    tree = page_tree(hostile_site(value), given)
    assert active_parts(tree) == []
    assert text_of(tree).count(value) >= 5
    assert choices(tree) == ["save", "reject", "accept", "withdraw", "pause", "forget"]


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_visitors_words_stay_text(value: str) -> None:
    tree = page_tree(
        visit_=visit(
            back="/" + value,
            error="unknown",
            filled={value: True},
            sent=(sent(value, "analytics", known=known("analytics", "Google", 1)),),
        )
    )
    assert active_parts(tree) == []
    assert choices(tree) == ["save", "reject", "accept"]
    assert printable(value) in text_of(section(tree, "analytics"))


@every_locale
def test_third_class_changes_nothing_else(locale: str) -> None:
    two, three = (
        page_tree(site(*c), words_=locale)
        for c in ((ANALYTICS, MEDIA), (ANALYTICS, MEDIA, ADVERTISING))
    )
    assert text_of(section(two, "media")) == text_of(section(three, "media"))
