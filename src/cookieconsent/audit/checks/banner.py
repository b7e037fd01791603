"""Banner and preferences page: yes and no are equally near, clearly worded, and work for everybody.

May not enter: what becomes of an answer (`answers`), how cookies are classed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from cookieconsent.audit.check import Case, Check, Fault, Need
from cookieconsent.audit.checks.layers import (
    asking,
    askings,
    buttons,
    consent_cookie,
    control,
    form_of,
    is_shared,
    label,
    labels,
    leads_to_preferences,
    told_once,
)
from cookieconsent.audit.checks.sightings import probed
from cookieconsent.audit.evidence import View
from cookieconsent.audit.labels import ANSWERS, misnamed, own_languages
from cookieconsent.audit.page import BANNER, PREFERENCES, Element, Form, Page
from cookieconsent.audit.probes import leads_abroad
from cookieconsent.audit.unverified import UnverifiedError
from cookieconsent.audit.visitor import is_fault
from cookieconsent.core.palette import contrast
from cookieconsent.engine.consent import languages_of
from cookieconsent.observation.layout import NARROW, Control
from cookieconsent.ui.classes import title_of
from cookieconsent.ui.languages import Languages, shipped

_NEEDS: Final[frozenset[Need]] = frozenset({"banner"})
_UNDECIDED: Final = frozenset({"none"})
_TASKFORCE: Final = "EDPB, report of the Cookie Banner Taskforce (17 January 2023)"
_CONSENT: Final = "Regulation (EU) 2016/679 (GDPR), articles 4(11) and 7"
_PLANET49: Final = "Court of Justice of the European Union, C-673/17 (Planet49)"
_PATTERNS: Final = "EDPB, Guidelines 03/2022 on deceptive design patterns"
_WCAG: Final = "WCAG 2.2"


# --- yes and no -----------------------------------------------------------------------------------


def _no_refusal(case: Case) -> Iterator[Fault]:
    for view, page in askings(case):
        accept, reject = control(page, "accept"), control(page, "reject")
        if accept is not None and (reject is None or _is_hidden(accept, reject)):
            yield Fault(said="the banner offers a yes and no no", view=view)


def _is_hidden(accept: Element, reject: Element) -> bool:
    return reject.is_hidden and not accept.is_hidden


def _other_kind(case: Case) -> Iterator[Fault]:
    for view, page in askings(case):
        accept, reject = control(page, "accept"), control(page, "reject")
        if accept is not None and reject is not None and accept.tag != reject.tag:
            said = f"yes is a <{accept.tag}> and no is a <{reject.tag}>"
            yield Fault(said=said, view=view)


def _unlike(case: Case) -> Iterator[Fault]:
    for view, page in askings(case):
        for said in _differences(*buttons(page)):
            yield Fault(said=said, view=view, aspect=said)


def _differences(form: Form, accept: Element, reject: Element) -> Iterator[str]:
    if accept.tag != reject.tag or _is_hidden(accept, reject):
        return  # CC302, CC301
    if accept.classes != reject.classes or accept.get("style") != reject.get("style"):
        yield "class or style of yes and no differ, so they look different"
    if accept.around != reject.around or accept.inside != reject.inside:
        yield "the markup around or in yes and no differs, so they may look different"
    if accept.has("disabled") != reject.has("disabled"):
        yield "one of yes and no is switched off"
    if any(accept.get(name) != reject.get(name) for name in _ADDRESSES):
        yield "yes and no are not sent to the same address in the same way"
    seen = [element for element in form.controls if element.get("type") != "hidden"]
    if abs(seen.index(accept) - seen.index(reject)) != 1:
        yield "yes and no do not stand side by side"


_ADDRESSES: Final = ("formaction", "formmethod", "formtarget", "form")


def _preselected(case: Case) -> Iterator[Fault]:
    if case.run.name == "none":
        asking(case)
    asked = False
    for view in case.run.views:
        if view.method == "POST" and view.step == "answer":
            break
        elements = [] if view.page is None else view.page.elements
        asked = asked or any(element.get("name").startswith("class-") for element in elements)
        for element in elements:
            if _is_chosen(element) and not _is_exempt(element, case):
                name = element.get("name").removeprefix("class-") or element.text or "a box"
                said = f"{name} is selected before anybody has answered"
                yield Fault(said=said, view=view, aspect=name)
    if not asked and case.run.name != "none":
        raise UnverifiedError("no page was seen that asks about single classes")


def _is_chosen(element: Element) -> bool:
    """Tell whether it is a yes, in our forms, that stands there already."""
    is_ours = element.get("name").startswith("class-")
    is_yes = is_ours and element.get("value").lower() != "no"
    if element.get("type").lower() == "hidden":  # it is sent with every answer, and nobody sees it
        return is_yes and element.tag == "input"
    if element.tag == "option":
        said = element.get("value") if element.has("value") else element.text
        return element.is_set and is_ours and said.strip().lower() not in {"", "no"}
    if element.get("aria-checked") == "true":
        return not {BANNER, PREFERENCES}.isdisjoint(element.within)
    is_box = element.get("type").lower() in {"radio", "checkbox"}
    return element.tag == "input" and element.has("checked") and is_box and is_yes


def _is_exempt(element: Element, case: Case) -> bool:
    name = element.get("name").removeprefix("class-")
    return bool(name) and case.site.regime(name) == "exempt"


# --- words ----------------------------------------------------------------------------------------


def _unclear(case: Case) -> Iterator[Fault]:
    for view, page in askings(case):
        _, accept, reject = buttons(page)
        for names in labels(accept, reject):
            for said in misnamed(*names):
                yield Fault(said=said, view=view, aspect=said)
    view, _ = asking(case)
    languages = _languages(case)
    for name in languages.names:
        yes, no = map(languages.words(name).gettext, ANSWERS.values())
        for wrong in misnamed(yes, no):
            said = f"in {name!r} {wrong}"
            yield Fault(said=said, view=view, aspect=said)


def _languages(case: Case) -> Languages:
    return shipped() if case.site.config is None else languages_of(case.site.config)


def _says_little(case: Case) -> Iterator[Fault]:
    for view, page in askings(case):
        if not any(leads_to_preferences(link, case) for link in page.within(BANNER, "a")):
            said = "the banner has no link to the page with details and withdrawal"
            yield Fault(said=said, view=view)
        missing = list(_untold(case, page))
        if missing:
            said = f"the banner does not say {', nor '.join(missing)}"
            yield Fault(said=said, view=view, aspect=said)


def _untold(case: Case, page: Page) -> Iterator[str]:
    """Yield what the banner leaves out, by the declaration and the banner's own language."""
    text = " ".join(page.banner_text.split())
    banner, languages = page.by_id(BANNER), _languages(case)
    language = languages.find(page.language if banner is None else banner.get("lang"))
    if not text:
        yield "anything"
    if case.site.config is None or language is None or not text:
        return
    words = languages.words(language)
    for cls in case.site.classes:
        title = title_of(cls, words)
        if cls.switchable and title not in text:
            yield f"that it asks for {title!r}"
    if words.gettext("You can withdraw your consent at any time.") not in text:
        yield "that a consent can be withdrawn"


def _costs(case: Case) -> Iterator[Fault]:
    for view, page in askings(case):
        text = page.banner_text.casefold()
        if re.search(r"[€$£]|\bsubscri|\babonn|\babo\b|\bpay\b", text):
            said = "the banner speaks of paying; whether a no that costs is free is for a lawyer"
            yield Fault(said=said, view=view)


_LABELS: Final = ("Accept all", "Reject all", "Withdraw consent", "Cookie settings")


def _untranslated(case: Case) -> Iterator[Fault]:
    config = case.site.config
    if config is None or not (config.translations or config.texts):
        return
    languages = languages_of(config)
    for name in own_languages(config, languages):
        gettext = languages.words(name).gettext
        missing = [text for text in _LABELS if gettext(text) == text]
        if missing and not name.startswith("en"):
            listed = ", ".join(map(repr, missing))
            yield Fault(said=f"in {name!r} these are in English: {listed}", aspect=name)


# --- how it works ---------------------------------------------------------------------------------


def _without_scripts(case: Case) -> Iterator[Fault]:
    for view, page in askings(case):
        form = form_of(page)
        for said in () if form is None else _dead(form):
            yield Fault(said=said, view=view, aspect=said)
    for answer in case.run.views:
        if answer.step == "answer" and answer.method == "POST" and is_fault(answer):
            said = f"the answer was met with {answer.fault or f'status {answer.status}'}"
            yield Fault(said=said, view=answer)


def _dead(form: Form) -> Iterator[str]:
    """Yield what of a form does nothing by itself."""
    action = form.element.get("action")
    if not form.is_post or not action or action.strip().lower().startswith("javascript:"):
        yield "the banner's form has no method or no address, so nothing is sent by itself"
    both = [form.button("accept"), form.button("reject")]
    for button in both:
        if button is not None and button.get("type").lower() in {"button", "reset"}:
            yield f"{label(button)!r} does nothing without a script"
    if all(button is not None and button.has("disabled") for button in both):
        yield "yes and no are both switched off until a script runs"


def _easily_forged(case: Case) -> Iterator[Fault]:
    yield from _without_token(case)
    yield from _planted(case)
    consent_cookie(case)
    probed(case, case.site.path)


def _without_token(case: Case) -> Iterator[Fault]:
    if case.run.name != "none" or is_shared(case):
        return
    for view, page in askings(case):
        form = form_of(page)
        if form is not None and not any(name == "token" for name, _ in form.fields()):
            yield Fault(said="the banner's form carries no token", view=view)


def _planted(case: Case) -> Iterator[Fault]:
    name = (case.site.cookie_name or "").encode("ascii")
    for view in case.run.probes():
        lines = [s for s in view.sightings if s.line.name == name and not s.line.deletes]
        if lines and name and case.run.name == "none":
            kind = "another site's form" if view.method == "POST" else "a link"
            said = f"an answer is taken from {kind}"
            yield Fault(said=said, view=view, sighting=lines[0], aspect=kind)
        if any(map(leads_abroad, view.values(b"location"))):
            said = "a form leads to any address that it is given"
            yield Fault(said=said, view=view, aspect="next")


# --- for everybody --------------------------------------------------------------------------------


def _inaccessible(case: Case) -> Iterator[Fault]:
    asked = list(askings(case)) if case.run.name == "none" else []
    for view, page in asked:
        said = [*_unheard(page), *_unreached(page), *_too_small(view)]
        yield from (Fault(said=text, view=view, aspect=text) for text in said)
        yield from _too_wide(view)
    for view in case.run.pages("answer"):
        for box in [] if view.page is None else view.page.within(PREFERENCES, "input"):
            if box.get("type") in {"radio", "checkbox"} and not _has_label(box, view.page):
                named = f"{box.get('name')}={box.get('value')}"
                yield Fault(said=f"{named} has no label", view=view, aspect=named)
    if case.evidence.runs_scripts and asked and not any(view.layout for view, _ in asked):
        raise UnverifiedError("no banner was measured")


def _has_label(box: Element, page: Page | None) -> bool:
    named = box.has("aria-label") or box.has("aria-labelledby") or box.is_labelled
    labels = [] if page is None else page.elements
    return named or any(
        element.tag == "label" and element.get("for") == box.get("id") != "" for element in labels
    )


def _unheard(page: Page) -> Iterator[str]:
    """Yield what those miss who listen to the banner (WCAG 2.2, 1.3.1, 3.1.1 and 4.1.2)."""
    banner = page.by_id(BANNER)
    if banner is not None:
        title = page.by_id(banner.get("aria-labelledby") or "-")
        if not banner.get("role") or (title is None and not banner.get("aria-label")):
            yield "the banner is no labelled region"
        if not page.language and not banner.get("lang"):
            yield "neither page nor banner says its language"
    for button in page.within(BANNER, "button"):
        if not label(button):
            yield "a button of the banner has no name"
        if button.get("aria-hidden").lower() == "true":
            yield "a button of the banner is not told to those who listen"


def _unreached(page: Page) -> Iterator[str]:
    """Yield what those miss who go through the banner by keyboard (WCAG 2.2, 2.1.1 and 2.4.3)."""
    controls = [e for e in page.elements if BANNER in e.within and e.tag in _CONTROLS]
    for element in controls:
        place = element.get("tabindex")
        if place not in {"", "0"}:
            yield f"a control of the banner is out of order (tabindex={place})"
    accept, reject = control(page, "accept"), control(page, "reject")
    order = [element for element in controls if element is accept or element is reject]
    if len(order) > 1 and order[0] is accept:
        yield "the yes is reached before the no"


_CONTROLS: Final = frozenset({"a", "button", "input"})


def _too_small(view: View) -> Iterator[str]:
    for name, button in view.layout.controls.items() if view.layout else ():
        if min(button.width, button.height) < 24:  # noqa: PLR2004 - WCAG 2.2, 2.5.8
            yield f"{name} is smaller than 24 by 24 pixels"


def _too_wide(view: View) -> Iterator[Fault]:
    if view.layout is not None and view.layout.narrow_width > NARROW:
        said = f"the page is {view.layout.narrow_width} pixels wide in a window of {NARROW}"
        yield Fault(said=said, view=view, aspect="width")


# --- in a browser ---------------------------------------------------------------------------------


def _louder(case: Case) -> Iterator[Fault]:
    measured = [(view, view.layout) for view in case.run.views if view.layout is not None]
    both = [(view, layout) for view, layout in measured if {*ANSWERS} <= layout.controls.keys()]
    if not both:
        raise UnverifiedError("no banner was measured")
    for view, layout in both:
        said = [*_compared(layout.controls["accept"], layout.controls["reject"])]
        for width, controls in layout.phones.items():
            said += [f"{one}, in a window {width} pixels wide" for one in _out_of_sight(controls)]
        yield from (Fault(said=one, view=view, aspect=one) for one in said)


def _out_of_sight(controls: Mapping[str, Control]) -> Iterator[str]:
    """Yield how a no cannot be seen where the yes can."""
    yes, no = (controls.get(choice) for choice in ("accept", "reject"))
    if yes is None or not yes.visible:
        return
    if no is None or not no.visible:
        yield "the no is out of sight"
    elif yes.at_hand and not no.at_hand:
        yield "the yes is at hand, the no is out of the window or covered"


def _compared(yes: Control, no: Control) -> Iterable[str]:
    """Return how the yes is more prominent than the no."""
    clear, pale = (contrast(one.colour, one.background) or 1.0 for one in (yes, no))
    compared = {
        "the yes is more than a fifth larger than the no": yes.area > 1.2 * no.area,
        "the yes is set in larger letters": yes.font_size > 1.1 * no.font_size,
        "yes and no differ in weight": yes.font_weight != no.font_weight,
        "the no is hard to read": pale < 4.5,  # noqa: PLR2004 - WCAG 2.2, 1.4.3
        "the no is much paler than the yes": pale * 1.5 < clear,
        "yes and no differ in colour": (
            _differ(yes.background, no.background) or _differ(yes.colour, no.colour)
        ),
    }
    told = [said for said, is_so in compared.items() if is_so]
    return [*told, *_out_of_sight({"accept": yes, "reject": no})]


_NEAR: Final = 24  # of 255, in each of red, green and blue: nobody sees that between two buttons


def _differ(one: str, other: str) -> bool:
    """Tell whether two colours (`#rrggbb`) can be told apart."""
    pairs = zip(*(bytes.fromhex(colour.removeprefix("#")) for colour in (one, other)), strict=True)
    return any(abs(a - b) > _NEAR for a, b in pairs)


def _preset_interest(case: Case) -> Iterator[Fault]:
    for cls in case.site.classes:
        if cls.regime == "objection" and cls.shares_with_third_parties:
            said = f"{cls.name} is used before an answer, and what it reads goes to third parties"
            yield Fault(said=said, aspect=cls.name)


CHECKS: Final = (
    Check(
        id="CC301",
        family="banner",
        severity="critical",
        title="The layer that offers a yes offers a no",
        why="Where no takes longer than yes, the yes is not free. Most authorities hold such a "
        "yes to be invalid; a few find no rule against it.",
        sources=(f"{_TASKFORCE}, type A practice, paragraphs 6 to 8", _CONSENT),
        fix="Let the middleware place its banner (Config.shape), or place consent.banner() whole.",
        judge=told_once(_no_refusal),
        states=_UNDECIDED,
        needs=_NEEDS,
    ),
    Check(
        id="CC302",
        family="banner",
        severity="high",
        title="Yes and no are elements of the same kind",
        why="A link beside a button is easily overlooked. Authorities reject it where it hides in "
        "a sentence or stands outside the banner; that both are the same element is our stricter "
        "rule.",
        sources=(
            f"{_TASKFORCE}, type C practice, paragraphs 11 to 14",
            f"{_PATTERNS}: hidden in plain sight",
        ),
        fix="Use the banner as it is; style both buttons by Config.theme.",
        judge=told_once(_other_kind),
        states=_UNDECIDED,
        needs=_NEEDS,
    ),
    Check(
        id="CC303",
        family="banner",
        severity="critical",
        title="Nothing that needs consent is selected beforehand",
        why="A box that is ticked already is no yes.",
        sources=(
            f"{_PLANET49}, paragraphs 52 to 65",
            "Regulation (EU) 2016/679 (GDPR), recital 32",
            f"{_TASKFORCE}, type B practice, paragraphs 9 and 10",
        ),
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
        why="The louder button is pressed, whatever it says. Authorities set no figures: beside a "
        "no that nobody can read, they judge each banner by itself. The limits here are ours.",
        sources=(
            f"{_TASKFORCE}, type D and E practices, paragraphs 15 to 19",
            f"{_PATTERNS}: hidden in plain sight",
            f"{_WCAG}, 1.4.3",
        ),
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
        why="What looks different is weighed differently. Authorities judge each banner by "
        "itself; that class and style are the same is our stricter rule.",
        sources=(
            f"{_TASKFORCE}, type D and E practices, paragraphs 15 to 19",
            f"{_PATTERNS}: hidden in plain sight",
        ),
        fix="Use the banner as it is; both buttons have the class cookieconsent-button.",
        judge=told_once(_unlike),
        states=_UNDECIDED,
        needs=_NEEDS,
    ),
    Check(
        id="CC306",
        family="banner",
        severity="medium",
        title="The labels are a clear yes and a clear no",
        why="A yes must be unmistakable; OK or a cross may only mean that somebody has read it.",
        sources=(_CONSENT, f"{_PATTERNS}: ambiguous wording or information"),
        fix="Write Accept and Reject, or as clear words, on the buttons: Config.texts changes them.",
        judge=told_once(_unclear),
        states=_UNDECIDED,
        needs=_NEEDS,
    ),
    Check(
        id="CC311",
        family="banner",
        severity="medium",
        title="The banner says what is asked for, and where more is said",
        why="A yes to something unknown is none.",
        sources=(
            f"{_PLANET49}, paragraphs 73 to 75",
            "Regulation (EU) 2016/679 (GDPR), articles 7(3) and 13",
            f"{_TASKFORCE}, paragraph 12",
        ),
        fix="Use the banner as it is; its text comes from Config.classes and Config.cookies.",
        judge=told_once(_says_little),
        states=_UNDECIDED,
        needs=_NEEDS,
    ),
    Check(
        id="CC312",
        family="banner",
        severity="high",
        title="Nothing that is shared with third parties waits for an objection only",
        why="What is stored or read for third parties needs a yes. A legitimate interest, which "
        "visitors can only object to, is no ground for it.",
        sources=(
            "Directive 2002/58/EC (ePrivacy), article 5(3)",
            f"{_TASKFORCE}, type H practice, paragraph 24",
        ),
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
        why="Who blocks scripts must be able to say no as well. The law does not speak of "
        "scripts; it asks for a free choice.",
        sources=(_CONSENT,),
        fix="Use the banner as it is: a form with method, address and submit buttons.",
        judge=told_once(_without_scripts),
        states=frozenset({"none", "nojs"}),
        needs=_NEEDS,
    ),
    Check(
        id="CC314",
        family="banner",
        severity="high",
        title="An answer comes from the visitor alone",
        why="A yes that another site, a link or a picture can give is nobody's.",
        sources=(
            "OWASP Cross-Site Request Forgery Prevention Cheat Sheet: tokens, and checks of the origin",
            _CONSENT,
        ),
        fix="Answer by the middleware's own form; name other origins in Config.trusted_origins.",
        judge=told_once(_easily_forged),
        states=frozenset({"none", "rejected"}),
        needs=_NEEDS | {"walk"},
    ),
    Check(
        id="CC315",
        family="banner",
        severity="medium",
        title="The banner can be used by everybody",
        why="A question that cannot be heard or reached is not asked. Two of our rules are "
        "stricter than WCAG: the no is reached before the yes, and the 24 pixels of 2.5.8 count "
        "without its exceptions.",
        sources=(f"{_WCAG}, 1.3.1, 1.4.10, 2.1.1, 2.4.3, 2.5.8, 3.1.1, 3.3.2 and 4.1.2",),
        fix="Use the banner as it is; set the lang attribute of your pages.",
        judge=told_once(_inaccessible),
        states=frozenset({"none", "partial"}),
        needs=_NEEDS,
    ),
    Check(
        id="CC317",
        family="banner",
        severity="low",
        title="The answers are there in every language of the site",
        why="A no in a foreign language is harder than a yes.",
        sources=("Regulation (EU) 2016/679 (GDPR), articles 7(2) and 12(1)",),
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
        why="Whether pay or consent is free depends on the case. Of large online platforms the "
        "EDPB says that a choice between these two alone will mostly not do.",
        sources=("EDPB, Opinion 08/2024 on consent or pay, executive summary",),
        fix="Ask a lawyer; the banner of the middleware offers a no that costs nothing.",
        judge=told_once(_costs),
        states=_UNDECIDED,
        needs=_NEEDS,
    ),
)
