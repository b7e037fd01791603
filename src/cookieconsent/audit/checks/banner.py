"""Banner and preferences page: yes and no are equally near, clearly worded, and can be changed.

This package's banner is known by its contract (docs/reference/http.md). A banner of another kind is not
judged by guesses: where ours is not found, that is said.
May not enter: how cookies are classed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from cookieconsent.audit.check import Case, Check, Fault
from cookieconsent.audit.evidence import View
from cookieconsent.audit.page import BANNER, Element, Form, Page
from cookieconsent.audit.probes import FOREIGN
from cookieconsent.audit.visitor import UnverifiedError
from cookieconsent.engine.consent import languages_of

_NEEDS: Final = frozenset({"banner"})
_UNDECIDED: Final = frozenset({"none"})
_TASKFORCE: Final = "EDPB, report of the Cookie Banner Taskforce (17 January 2023)"
_CONSENT: Final = "Regulation (EU) 2016/679 (GDPR), articles 4(11) and 7"
_WITHDRAWAL: Final = "Regulation (EU) 2016/679 (GDPR), article 7(3)"
_GUIDELINES: Final = "EDPB, Guidelines 05/2020 on consent"
_PLANET49: Final = "CJEU, C-673/17 (Planet49)"
_PATTERNS: Final = "EDPB, Guidelines 03/2022 on deceptive design patterns"
_WCAG: Final = "WCAG 2.2"

Found = tuple[View, Page]


def _first(case: Case) -> Found:
    """Return the first page on which our banner, or a form like it, asks."""
    for view in case.run.pages("before"):
        page = view.page
        if page is not None and (page.by_id(BANNER) or page.form_for("accept")):
            return view, page
    raise UnverifiedError("no banner of this package was found on any page")


def _asking(case: Case) -> tuple[View, Form]:
    """Return the form that asks on the first layer."""
    view, page = _first(case)
    form = page.form_for("accept")
    if form is None:
        raise UnverifiedError("the banner has no form; the page's policy may forbid it")
    return view, form


def _both(case: Case) -> tuple[View, Form, Element, Element]:
    view, form = _asking(case)
    accept, reject = form.button("accept"), form.button("reject")
    if accept is None or reject is None:
        raise UnverifiedError("there are no two buttons to compare (see CC301)")
    return view, form, accept, reject


def _label(button: Element) -> str:
    return (
        button.text or button.get("value") if button.tag == "button" else button.get("value")
    ).strip()


# --- the first layer ------------------------------------------------------------------------------


def _no_refusal(case: Case) -> Iterator[Fault]:
    view, page = _first(case)
    form = page.form_for("accept")
    if form is not None and page.form_for("reject") is None:
        yield Fault(said="the banner offers a yes and no no", view=view)


def _other_kind(case: Case) -> Iterator[Fault]:
    view, page = _first(case)
    yes, no = page.form_for("accept"), page.form_for("reject")
    accept = None if yes is None else yes.button("accept")
    reject = None if no is None else no.button("reject")
    if accept is None or reject is None:
        return
    if accept.tag != reject.tag:
        said = f"yes is a <{accept.tag}> and no is a <{reject.tag}>"
        yield Fault(said=said, view=view)


def _unlike(case: Case) -> Iterator[Fault]:
    view, form, accept, reject = _both(case)
    if accept.tag != reject.tag:
        return  # CC302
    if accept.classes != reject.classes:
        yield Fault(said="the classes of yes and no differ, so they look different", view=view)
    buttons = [control for control in form.controls if control.tag == "button"]
    places = [buttons.index(button) for button in (accept, reject) if button in buttons]
    if len(places) == 2 and abs(places[0] - places[1]) != 1:  # noqa: PLR2004 - yes and no
        yield Fault(said="yes and no do not stand side by side", view=view)


def _preselected(case: Case) -> Iterator[Fault]:
    for view in case.run.views:
        if view.method == "POST":
            return
        for element in [] if view.page is None else view.page.elements:
            if element.tag == "input" and element.has("checked") and _is_yes(element):
                name = element.get("name").removeprefix("class-")
                yield Fault(said=f"{name} is selected before anybody has answered", view=view)


def _is_yes(element: Element) -> bool:
    kind, name = element.get("type").lower(), element.get("name")
    return (
        name.startswith("class-")
        and kind in {"radio", "checkbox"}
        and element.get("value").lower() != "no"
    )


# What is neither a yes nor a no, in the languages in which it is usual.
_NO_YES: Final = frozenset(
    b"ok;okay;x;\xc3\x97;close;continue;next;got it;i understand;schlie\xc3\x9fen;weiter;verstanden;"
    b"fermer;continuer;compris;cerrar;continuar;entendido;chiudi;continua;capito;sluiten;doorgaan;"
    b"begrepen;zamknij;dalej;rozumiem".decode().split(";")
)
_NO_NO: Final = frozenset(
    b"x;\xc3\x97;\xe2\x9c\x95;close;later;not now;schlie\xc3\x9fen;fermer;continue without accepting;"
    b"continuer sans accepter;weiter ohne zustimmung".decode().split(";")
)


def _unclear(case: Case) -> Iterator[Fault]:
    view, _, accept, reject = _both(case)
    yes, no = _label(accept), _label(reject)
    if yes.strip(" .!").casefold() in _NO_YES or not yes:
        yield Fault(said=f"the yes is called {yes!r}, which does not say so", view=view)
    if no.strip(" .!").casefold() in _NO_NO or not no:
        yield Fault(said=f"the no is called {no!r}, which does not say so", view=view)
    if yes and yes.casefold() == no.casefold():
        yield Fault(said=f"yes and no are both called {yes!r}", view=view)


def _says_little(case: Case) -> Iterator[Fault]:
    view, page = _first(case)
    links = {urlsplit(link.get("href")).path for link in page.within(BANNER, "a")}
    if not any(path.rstrip("/").endswith(case.site.path) for path in links):
        yield Fault(
            said="the banner has no link to the page with details and withdrawal", view=view
        )
    if len(page.banner_text.split()) < 6 and len(page.banner_text) < 30:  # noqa: PLR2004 - a sentence
        yield Fault(said="the banner does not say what is asked for", view=view)


def _costs(case: Case) -> Iterator[Fault]:
    view, page = _first(case)
    text = page.banner_text.casefold()
    if re.search(r"[€$£]|\bsubscri|\babonn|\babo\b|\bpay\b", text):
        said = "the banner speaks of paying; whether a no that costs is free is for a lawyer"
        yield Fault(said=said, view=view)


# --- afterwards -----------------------------------------------------------------------------------


def _no_way_back(case: Case) -> Iterator[Fault]:
    shared = case.site.config is not None and case.site.config.shared_cache
    for view in case.run.pages("after"):
        if view.status == 200 and view.page is not None:  # noqa: PLR2004 - a page of the site
            links = [
                element
                for element in view.page.elements
                if element.tag == "a" and not (shared and BANNER in element.within)
            ]
            if not any(_leads_to(link, case) for link in links):
                yield Fault(said="no link leads to where the answer can be changed", view=view)


def _leads_to(link: Element, case: Case) -> bool:
    return urlsplit(link.get("href")).path.rstrip("/").endswith(case.site.path)


def _slow_withdrawal(case: Case) -> Iterator[Fault]:
    answered = [view for view in case.run.views if view.step == "answer"]
    if not answered or answered[0].method != "POST":
        raise UnverifiedError("the answer was not given on the first layer")
    for view in case.run.pages("after"):
        page = view.page
        if view.status == 200 and page is not None and page.form_for("withdraw") is None:  # noqa: PLR2004
            said = "a yes took one step here, and taking it back takes more"
            yield Fault(said=said, view=view)


def _wall(case: Case) -> Iterator[Fault]:
    accepted = case.evidence.runs.get("accepted")
    if accepted is None or accepted.unverified is not None:
        raise UnverifiedError("there is no accepted visitor to compare with")
    whole = {view.place: view for view in accepted.pages("after")}
    for view in case.run.pages("before"):
        full = whole.get(view.place)
        if view.page is None or full is None or full.page is None or full.page.words < 12:  # noqa: PLR2004
            continue
        if view.page.words * 2 < full.page.words:
            few, many = view.page.words, full.page.words
            said = f"there are {few} words before an answer and {many} after a yes"
            yield Fault(said=said, view=view)


_SIX_MONTHS: Final = timedelta(days=180)


def _asked_again(case: Case) -> Iterator[Fault]:
    config = case.site.config
    if config is None or not config.shared_cache:
        for view in case.run.pages("after"):
            if view.page is not None and view.page.by_id(BANNER) is not None:
                yield Fault(said="the banner is there again after an answer", view=view)
    name = (case.site.cookie_name or "").encode("ascii")
    for view, sighting in case.run.sightings("answer"):
        lifetime = sighting.line.lifetime
        if sighting.line.name == name and name and (lifetime is None or lifetime < _SIX_MONTHS):
            said = "the answer is kept for less than six months, so the question comes back"
            yield Fault(said=said, view=view, sighting=sighting)


def _silent_yes(case: Case) -> Iterator[Fault]:
    config = case.site.config
    if config is not None and config.shared_cache:
        return
    before = {v.place for v in case.run.pages("before") if v.page and v.page.by_id(BANNER)}
    for view in case.run.pages("after"):
        if view.place in before and view.page is not None and view.page.by_id(BANNER) is None:
            said = (
                "the banner is gone although nobody has answered: browsing on counts as an answer"
            )
            yield Fault(said=said, view=view)


# --- how it works ---------------------------------------------------------------------------------


def _without_scripts(case: Case) -> Iterator[Fault]:
    view, page = _first(case)
    form = page.form_for("accept")
    if form is None:
        return
    if not form.is_post or not form.element.get("action"):
        said = "the banner's form has no method or no address, so nothing is sent without a script"
        yield Fault(said=said, view=view)
    for button in (form.button("accept"), form.button("reject")):
        if button is not None and button.get("type").lower() == "button":
            yield Fault(said=f"{_label(button)!r} does nothing without a script", view=view)


def _easily_forged(case: Case) -> Iterator[Fault]:
    shared = case.site.config is not None and case.site.config.shared_cache
    for view in case.run.pages("before")[:1]:
        form = None if view.page is None else view.page.form_for("accept")
        if (
            form is not None
            and not shared
            and not any(name == "token" for name, _ in form.fields())
        ):
            yield Fault(said="the banner's form carries no token", view=view)
    name = (case.site.cookie_name or "").encode("ascii")
    for view in case.run.probes():
        set_here = [s for s in view.sightings if s.line.name == name and not s.line.deletes]
        if name and set_here and "choice=accept" in view.path:
            said = "an answer is taken from a link"
            yield Fault(said=said, view=view, sighting=set_here[0])
        elif name and set_here and view.method == "POST":
            said = "an answer is taken from another site's form"
            yield Fault(said=said, view=view, sighting=set_here[0])
        if any(place.startswith(FOREIGN.encode()) for place in view.values(b"location")):
            yield Fault(said="a form leads to any address that it is given", view=view)


def _inaccessible(case: Case) -> Iterator[Fault]:
    view, page = _first(case)
    banner = page.by_id(BANNER)
    if banner is not None:
        if not (banner.get("role") and (banner.has("aria-labelledby") or banner.has("aria-label"))):
            yield Fault(said="the banner is no labelled region", view=view)
        if not page.language and not banner.get("lang"):
            yield Fault(said="neither page nor banner says its language", view=view)
    for control in page.within(BANNER, "button"):
        if not (control.text.strip() or control.get("aria-label")):
            yield Fault(said="a button of the banner has no name", view=view)
    yield from _too_small(view)


def _too_small(view: View) -> Iterator[Fault]:
    for name in ("accept", "reject"):
        measured = view.measures.get(name)
        if isinstance(measured, dict) and min(measured["width"], measured["height"]) < 24:  # noqa: PLR2004
            yield Fault(said=f"{name} is smaller than 24 by 24 pixels", view=view)
    width, window = view.measures.get("document_width"), view.measures.get("viewport")
    if isinstance(width, int | float) and isinstance(window, int | float) and width > window:
        yield Fault(said=f"the page is {width:g} pixels wide in a window of {window:g}", view=view)


def _louder(case: Case) -> Iterator[Fault]:
    measured = [view for view in case.run.views if {"accept", "reject"} <= view.measures.keys()]
    if not measured:
        raise UnverifiedError("no banner was measured")
    view = measured[0]
    yes: Any = view.measures["accept"]
    no: Any = view.measures["reject"]
    for said, is_so in (
        ("the yes is more than a fifth larger than the no", yes["area"] > 1.2 * no["area"]),
        ("the yes is set in larger letters", yes["font_size"] > 1.1 * no["font_size"]),
        ("yes and no differ in weight", yes["font_weight"] != no["font_weight"]),
        ("the no is hard to read", no["contrast"] < 4.5),  # noqa: PLR2004 - WCAG 2.2, 1.4.3
        ("the no is much paler than the yes", no["contrast"] * 1.5 < yes["contrast"]),
        ("yes and no differ in colour", yes["background"] != no["background"]),
        ("the no is out of sight", yes["visible"] and not no["visible"]),
    ):
        if is_so:
            yield Fault(said=said, view=view)


def _preset_interest(case: Case) -> Iterator[Fault]:
    for cls in case.site.classes:
        if cls.regime == "objection" and cls.shares_with_third_parties:
            said = f"{cls.name} is used before an answer, and what it reads goes to third parties"
            yield Fault(said=said)


_LABELS: Final = ("Accept all", "Reject all", "Withdraw everything", "Cookie settings")


def _untranslated(case: Case) -> Iterator[Fault]:
    config = case.site.config
    if config is None or not (config.translations or config.texts):
        return
    languages = languages_of(config)
    own = {path.name for folder in config.translations for path in Path(folder).iterdir()}
    for name in sorted({*own, *config.texts} & {*languages.names}):
        gettext = languages.words(name).gettext
        missing = [label for label in _LABELS if gettext(label) == label]
        if missing and not name.startswith("en"):
            listed = ", ".join(map(repr, missing))
            yield Fault(said=f"in {name!r} these are in English: {listed}")


CHECKS: Final = (
    Check(
        id="CC301",
        family="banner",
        severity="critical",
        title="The layer that offers a yes offers a no",
        why="Where no takes longer than yes, the yes is not free.",
        sources=(f"{_TASKFORCE}, type A practice", _CONSENT),
        fix="Let the middleware place its banner (Config.shape), or place consent.banner() whole.",
        judge=_no_refusal,
        states=_UNDECIDED,
        needs=_NEEDS,
    ),
    Check(
        id="CC302",
        family="banner",
        severity="high",
        title="Yes and no are elements of the same kind",
        why="A link beside a button is overlooked.",
        sources=(f"{_TASKFORCE}, on link design", _PATTERNS),
        fix="Use the banner as it is; style both buttons by Config.theme.",
        judge=_other_kind,
        states=_UNDECIDED,
        needs=_NEEDS,
    ),
    Check(
        id="CC303",
        family="banner",
        severity="critical",
        title="Nothing that needs consent is selected beforehand",
        why="A box that is ticked already is no yes.",
        sources=(_PLANET49, "GDPR, recital 32", f"{_TASKFORCE}, on pre-ticked boxes"),
        fix="Leave the radios of the preferences page unselected, as the middleware sends them.",
        judge=_preselected,
        states=frozenset({"none", "partial"}),
        needs=_NEEDS,
    ),
    Check(
        id="CC304",
        family="banner",
        severity="high",
        title="Yes and no are equally prominent",
        why="The louder button is pressed, whatever it says.",
        sources=(f"{_TASKFORCE}, on deceptive colours and contrast", _PATTERNS, f"{_WCAG}, 1.4.3"),
        fix="Colour both buttons alike, by Config.theme.",
        judge=_louder,
        states=_UNDECIDED,
        needs=_NEEDS | {"browser"},
    ),
    Check(
        id="CC305",
        family="banner",
        severity="high",
        title="Yes and no are styled alike and stand side by side",
        why="What looks different is weighed differently.",
        sources=(f"{_TASKFORCE}, on deceptive colours and contrast", _PATTERNS),
        fix="Use the banner as it is; both buttons have the class cookieconsent-button.",
        judge=_unlike,
        states=_UNDECIDED,
        needs=_NEEDS,
    ),
    Check(
        id="CC306",
        family="banner",
        severity="medium",
        title="The labels are a clear yes and a clear no",
        why="Who presses OK has not agreed to anything.",
        sources=(_CONSENT, _PATTERNS),
        fix="Say so on the buttons; Config.texts changes the words.",
        judge=_unclear,
        states=_UNDECIDED,
        needs=_NEEDS,
    ),
    Check(
        id="CC307",
        family="banner",
        severity="high",
        title="Every page leads to where the answer can be changed",
        why="A consent that cannot be found again cannot be withdrawn.",
        sources=(_WITHDRAWAL,),
        fix="Leave Config.settings_link at True, or place consent.settings_link() or a link to "
        "consent.preferences_url in every page.",
        judge=_no_way_back,
        states=frozenset({"rejected", "accepted"}),
        needs=_NEEDS,
    ),
    Check(
        id="CC308",
        family="banner",
        severity="high",
        title="Withdrawing takes no more steps than consenting",
        why="It shall be as easy to withdraw as to give consent.",
        sources=(_WITHDRAWAL,),
        fix="Leave Config.settings_link at True: its button withdraws in one click.",
        judge=_slow_withdrawal,
        states=frozenset({"accepted"}),
        needs=_NEEDS,
    ),
    Check(
        id="CC309",
        family="banner",
        severity="high",
        title="Pages can be read without an answer",
        why="Who must agree to read has no choice.",
        sources=(f"{_GUIDELINES}, on conditionality and cookie walls",),
        fix="Show the same page before an answer; the banner stands above it (Config.shape).",
        judge=_wall,
        states=_UNDECIDED,
        needs=_NEEDS,
    ),
    Check(
        id="CC310",
        family="banner",
        severity="medium",
        title="Nobody is asked again after an answer",
        why="Who is asked until the yes comes, gives in.",
        sources=(
            "Garante per la protezione dei dati personali, guidelines of 10 June 2021 (six months)",
            "CNIL, recommendation of 17 September 2020 (2020-092): six months is good practice",
        ),
        fix="Keep the consent cookie; do not raise CookieClass.version without a reason.",
        judge=_asked_again,
        states=frozenset({"rejected", "accepted"}),
        needs=_NEEDS,
    ),
    Check(
        id="CC311",
        family="banner",
        severity="medium",
        title="The banner says what is asked for, and where more is said",
        why="A yes to something unknown is none.",
        sources=(_PLANET49, "GDPR, article 13"),
        fix="Use the banner as it is; its text comes from Config.classes and Config.cookies.",
        judge=_says_little,
        states=_UNDECIDED,
        needs=_NEEDS,
    ),
    Check(
        id="CC312",
        family="banner",
        severity="high",
        title="Nothing that is shared with third parties waits for an objection only",
        why="Reading what is on a device for third parties needs a yes.",
        sources=("Directive 2002/58/EC (ePrivacy), article 5(3)", _TASKFORCE),
        fix='Give the class regime="opt-in", or shares_with_third_parties=False where that is so.',
        judge=_preset_interest,
        states=_UNDECIDED,
        needs=frozenset({"declaration"}),
    ),
    Check(
        id="CC313",
        family="banner",
        severity="high",
        title="The banner works without scripts",
        why="Who blocks scripts must be able to say no as well.",
        sources=(_CONSENT,),
        fix="Use the banner as it is: a form with method, address and submit buttons.",
        judge=_without_scripts,
        states=frozenset({"none", "nojs"}),
        needs=_NEEDS,
    ),
    Check(
        id="CC314",
        family="banner",
        severity="high",
        title="An answer comes from the visitor alone",
        why="A yes that another site, a link or a picture can give is nobody's.",
        sources=("OWASP Cross-Site Request Forgery Prevention Cheat Sheet", _CONSENT),
        fix="Answer by the middleware's own form; name other origins in Config.trusted_origins.",
        judge=_easily_forged,
        states=_UNDECIDED,
        needs=_NEEDS,
    ),
    Check(
        id="CC315",
        family="banner",
        severity="medium",
        title="The banner can be used by everybody",
        why="A question that cannot be heard or reached is not asked.",
        sources=(f"{_WCAG}, 1.4.10, 2.5.8, 3.1.1 and 4.1.2",),
        fix="Use the banner as it is; set the lang attribute of your pages.",
        judge=_inaccessible,
        states=_UNDECIDED,
        needs=_NEEDS,
    ),
    Check(
        id="CC316",
        family="banner",
        severity="medium",
        title="Browsing on is no answer",
        why="Scrolling and clicking on are no affirmative act.",
        sources=(f"{_GUIDELINES}, on unambiguous indications",),
        fix="Let only the form answer; do not call consent.grant() without having asked.",
        judge=_silent_yes,
        states=frozenset({"ignored"}),
        needs=_NEEDS,
    ),
    Check(
        id="CC317",
        family="banner",
        severity="low",
        title="The answers are there in every language of the site",
        why="A no in a foreign language is harder than a yes.",
        sources=("GDPR, articles 7(2) and 12(1)",),
        fix="Complete the catalogues of Config.translations.",
        judge=_untranslated,
        states=_UNDECIDED,
        needs=frozenset({"declaration"}),
    ),
    Check(
        id="CC318",
        family="banner",
        severity="info",
        title="A no that costs is reported, not judged",
        why="Whether pay or consent is free depends on the case.",
        sources=("EDPB, Opinion 08/2024 on consent or pay",),
        fix="Ask a lawyer; the banner of the middleware offers a no that costs nothing.",
        judge=_costs,
        states=_UNDECIDED,
        needs=_NEEDS,
    ),
)
