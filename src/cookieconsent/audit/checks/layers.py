"""Where a site asks: the banner, its form, its two buttons.

This package's banner is known by its contract (docs/reference/http.md). A banner of another kind is not
judged by guesses: where ours is not found, that is said.
May not enter: judgements.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qs, urlsplit

from cookieconsent.audit.check import Case, Fault, Judge, Remark
from cookieconsent.audit.evidence import View
from cookieconsent.audit.page import BANNER, Element, Form, Page
from cookieconsent.audit.unverified import UnverifiedError

FOUND: Final = 200
"""The status of a page that is there (RFC 9110, section 15.3.1)."""


def asking(case: Case) -> tuple[View, Page]:
    """Return the first page on which our banner, or a form like it, asks.

    Raises:
        UnverifiedError: There is none.
    """
    for view in case.run.pages("before"):
        page = view.page
        if page is not None and (page.by_id(BANNER) or page.form_for("accept")):
            return view, page
    raise UnverifiedError("this package's banner was not found")


def askings(case: Case) -> Iterator[tuple[View, Page]]:
    """Yield every page on which our banner asks; where it is nowhere, the first with a form like it.

    Raises:
        UnverifiedError: There is neither.
    """
    first = asking(case)
    yield first
    for view in case.run.pages("before"):
        page = view.page
        if view is not first[0] and page is not None and page.by_id(BANNER) is not None:
            yield view, page


def told_once(judge: Judge) -> Judge:
    """Return a judge who tells the same fault of several pages once, of the first."""

    def all_told(case: Case) -> Iterator[Fault | Remark]:
        told: set[str] = set()
        for fault in judge(case):
            if fault.said not in told:
                told.add(fault.said)
                yield fault

    return all_told


def first_layer(page: Page) -> list[Form]:
    """Return the forms of the banner; where there is none, all of the page."""
    if page.by_id(BANNER) is None:
        return page.forms
    return [form for form in page.forms if BANNER in (*form.element.within, form.element.get("id"))]


def form_of(page: Page) -> Form | None:
    """Return the form of the first layer that sends a yes."""
    return next((form for form in first_layer(page) if form.button("accept") is not None), None)


def buttons(page: Page) -> tuple[Form, Element, Element]:
    """Return the form of the banner, its yes and its no.

    Raises:
        UnverifiedError: There are no two buttons.
    """
    form = form_of(page)
    if form is None:
        raise UnverifiedError("the banner has no form; the page's policy may forbid it")
    accept, reject = form.button("accept"), form.button("reject")
    if accept is None or reject is None:
        raise UnverifiedError("the banner's form has no two buttons to compare (see CC301, CC302)")
    return form, accept, reject


def control(page: Page, choice: str) -> Element | None:
    """Return what gives an answer on the first layer: a button, or a link in the banner."""
    for form in first_layer(page):
        button = form.button(choice)
        if button is not None:
            return button
    links = (link for link in page.within(BANNER, "a") if link.get("href"))
    return next((link for link in links if choice in _chosen(link)), None)


def _chosen(link: Element) -> list[str]:
    return parse_qs(_query(link)).get("choice", [])


def _query(link: Element) -> str:
    return link.get("href").partition("#")[0].partition("?")[2]


def label(button: Element) -> str:
    """Return what a button is called: its name for those who listen, or the words on it."""
    return (button.get("aria-label") or _words(button)).strip()


def labels(accept: Element, reject: Element) -> Iterator[tuple[str, str]]:
    """Yield what yes and no are called for those who listen, and for those who look."""
    yield label(accept), label(reject)
    looked = _words(accept).strip(), _words(reject).strip()
    if all(looked):  # pictures have no words
        yield looked


def _words(button: Element) -> str:
    return button.get("value") if button.tag == "input" else button.text


def leads_to_preferences(link: Element, case: Case) -> bool:
    """Tell whether a link that can be seen leads to where an answer can be changed."""
    try:
        path = urlsplit(link.get("href")).path.rstrip("/")
    except ValueError:  # it leads nowhere
        return False
    return link.tag == "a" and path.endswith(case.site.path) and not link.is_hidden


def is_shared(case: Case) -> bool:
    """Tell whether the pages are the same for everybody, so that a sheet hides the banner."""
    return case.site.config is not None and case.site.config.shared_cache


def consent_cookie(case: Case) -> bytes:
    """Return the name of the cookie that keeps the answer.

    Raises:
        UnverifiedError: Nobody knows it.
    """
    if case.site.cookie_name is None:
        raise UnverifiedError("nobody knows which cookie keeps the answer; add --declaration FILE")
    return case.site.cookie_name.encode("ascii")
