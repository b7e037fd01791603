"""Where a site asks: the banner, its form, its two buttons.

This package's banner is known by its contract (docs/reference/http.md). A banner of another kind is not
judged by guesses: where ours is not found, that is said.
May not enter: judgements.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs, urlsplit

from cookieconsent.audit.check import Case
from cookieconsent.audit.evidence import View
from cookieconsent.audit.page import BANNER, Element, Form, Page
from cookieconsent.audit.visitor import UnverifiedError

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


def buttons(case: Case) -> tuple[View, Form, Element, Element]:
    """Return the form of the banner, its yes and its no.

    Raises:
        UnverifiedError: There are no two buttons.
    """
    view, page = asking(case)
    form = page.form_for("accept")
    if form is None:
        raise UnverifiedError("the banner has no form; the page's policy may forbid it")
    accept, reject = form.button("accept"), form.button("reject")
    if accept is None or reject is None:
        raise UnverifiedError("the banner's form has no two buttons to compare (see CC301, CC302)")
    return view, form, accept, reject


def control(page: Page, choice: str) -> Element | None:
    """Return what gives an answer on a page: a button, or a link in the banner."""
    form = page.form_for(choice)
    if form is not None:
        return form.button(choice)
    links = (link for link in page.within(BANNER, "a") if link.get("href"))
    return next((link for link in links if choice in _chosen(link)), None)


def _chosen(link: Element) -> list[str]:
    return parse_qs(_query(link)).get("choice", [])


def _query(link: Element) -> str:
    return link.get("href").partition("#")[0].partition("?")[2]


def label(button: Element) -> str:
    """Return the words on a button."""
    said = button.get("value") if button.tag == "input" else button.text
    return (button.get("aria-label") or said).strip()


def leads_to_preferences(link: Element, case: Case) -> bool:
    """Tell whether a link leads to where an answer can be changed."""
    try:
        path = urlsplit(link.get("href")).path.rstrip("/")
    except ValueError:  # it leads nowhere
        return False
    return link.tag == "a" and path.endswith(case.site.path)


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
