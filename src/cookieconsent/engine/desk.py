"""The preferences page of one request: what it shows of this visitor, whole or as a part.

May not enter: words and markup (`ui`), what a form leads to (`routes`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from markupsafe import Markup

from cookieconsent.core.choice import Choice
from cookieconsent.core.cookies import value_of
from cookieconsent.core.csrf import read_origin
from cookieconsent.core.headers import HeaderList
from cookieconsent.core.target import page_target, safe_target
from cookieconsent.engine.events import escape_name
from cookieconsent.engine.layout import Template, names_of
from cookieconsent.ui.i18n import Words
from cookieconsent.ui.preferences import (
    PagePart,
    inner_part,
    page_part,
    preferences_page,
)
from cookieconsent.ui.sections.facts import Reason, SentCookie, Visit

if TYPE_CHECKING:
    from cookieconsent.engine.exchange import Exchange
    from cookieconsent.engine.submission import Submission

MAX_SENT = 100
"""How many cookies the page lists; it says how many more there were."""

OWN_POLICY = (
    b"default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    b"frame-ancestors 'none'"
)
# A layout of the site's brings styles, pictures and scripts of its own.
_LAYOUT_POLICY = b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


def page_of(
    exchange: Exchange, *, error: str | None = None, submission: Submission | None = None
) -> tuple[bytes, HeaderList]:
    """Return the page and its response fields.

    Args:
        exchange: The request.
        error: Which fault a form had.
        submission: What was filled in then.
    """
    consent = exchange.consent
    visit = _visit(exchange, error, submission)
    words = consent.languages.words(exchange.locale)
    layout = consent.config.layout
    body = None if layout is None else _laid_out(exchange, layout, visit, words)
    if body is None:
        plain = preferences_page(consent.site_facts, visit, words)
        return plain, page_headers(exchange, words, OWN_POLICY)
    # A layout may load what a page of the site may.
    gate = exchange.ruling.gate
    headers = page_headers(exchange, words, _LAYOUT_POLICY)
    return body, headers if gate is None else [*headers, gate]


def page_headers(exchange: Exchange, words: Words, policy: bytes) -> HeaderList:
    """Return the response fields of a page of ours under a content security policy."""
    return [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", policy),
        (b"x-frame-options", b"DENY"),
        *personal_headers(exchange, words),
    ]


def personal_headers(exchange: Exchange, words: Words) -> HeaderList:
    """Return the response fields of whatever shows one visitor's answer in one language."""
    return [
        (b"content-language", words.tag.encode("ascii")),
        (b"referrer-policy", b"same-origin"),
        (b"vary", b", ".join([*exchange.consent.vary, b"Accept-Language"])),
        *exchange.expiry_headers(),
    ]


def part_of(exchange: Exchange) -> Markup:
    """Return the inner part of the page, for a page of the site's own, to which its forms lead back."""
    consent = exchange.consent
    here = page_target(exchange.root, exchange.path, exchange.query)
    visit = replace(_visit(exchange, None, None), back=here)
    return inner_part(consent.site_facts, visit, consent.languages.words(exchange.locale))


def preferences_link(exchange: Exchange) -> Markup:
    """Return a link to the page, for a page that may not show anything of one visitor."""
    words = exchange.consent.languages.words(exchange.locale)
    label = words.gettext("Cookie settings")
    return Markup('<p><a href="{}">{}</a></p>').format(exchange.action, label)


def _laid_out(
    exchange: Exchange,
    layout: Callable[[PagePart], object] | Template,
    visit: Visit,
    words: Words,
) -> bytes | None:
    """Return the page in the site's own layout; `None` where that failed, which is logged once."""
    consent = exchange.consent
    part = page_part(consent.site_facts, visit, words)
    try:
        text = layout(part) if callable(layout) else layout.render(names_of(part))
    except Exception:  # noqa: BLE001 - the site's own code may fail in any way
        consent.reporter.failure("layout")
        return None
    if not isinstance(text, str) or part.body not in text:
        consent.reporter.once(
            "layout",
            "the layout of the preferences page leaves `body` out; the plain page is served",
        )
        return None
    return text.encode("utf-8", "xmlcharrefreplace")


def _visit(exchange: Exchange, error: str | None, submission: Submission | None) -> Visit:
    consent = exchange.consent
    sent, unshown = sent_cookies(exchange)
    action = exchange.action
    target = back_of(exchange)
    if submission is not None:
        target = None if submission.target is None else safe_target(submission.target)
    return Visit(
        action=action,
        style_url=f"{action}/{consent.theme.linked_name}",
        token=consent.token.write(exchange.today).decode("ascii"),
        home=action.removesuffix(consent.config.path) + "/",
        choice=exchange.standing.choice,
        valid_until=(exchange.standing.choice or Choice(day=exchange.today)).valid_until,
        allowed=exchange.ruling.decision.allowed,
        signal=exchange.signal,
        overruled=exchange.ruling.decision.overruled,
        sent=sent,
        unshown=unshown,
        filled={} if submission is None or submission.action != "save" else submission.answers,
        back=target,
        error=error,
        deletable=exchange.is_secure,
        receipt_url=f"{action}/receipt.json",
        print_url=f"{action}?receipt",
    )


def back_of(exchange: Exchange) -> str | None:
    """Return the page of this site that a visitor came from, if the browser says so.

    It is only ever a path, judged like any other target, and never one of our own pages.
    """
    field = exchange.fields.get(b"referer")
    if field is None:
        return None
    try:
        parts = urlsplit(field.decode("ascii"))
        origin = read_origin(f"{parts.scheme}://{parts.netloc}")
    except ValueError:
        return None
    host = exchange.fields.get(b"host", b"").decode("latin-1")
    own = {read_origin(f"{scheme}://{host}") for scheme in ("http", "https")}
    if origin is None or origin not in own | exchange.consent.config.origins:
        return None
    if parts.path == exchange.action or parts.path.startswith(exchange.action + "/"):
        return None
    return safe_target(parts.path + (f"?{parts.query}" if parts.query else ""))


def sent_cookies(exchange: Exchange) -> tuple[tuple[SentCookie, ...], int]:
    """Return the cookies of the request, what became of each and why, and how many more there were."""
    cookies = exchange.cookies
    if cookies is None:
        return (), 0
    pairs = list(zip(cookies.names, cookies.segments, strict=True))
    shown = tuple(_sent(exchange, name, segment) for name, segment in pairs[:MAX_SENT])
    return shown, max(len(pairs) - MAX_SENT, 0)


def _sent(exchange: Exchange, name: bytes, segment: bytes) -> SentCookie:
    known = exchange.consent.registry.classify(name)
    own = name == exchange.consent.cookie_name
    cls = "consent" if own else known.cls
    return SentCookie(
        name=escape_name(name),
        cls=cls,
        reason=_reason(exchange, name, cls),
        length=len(value_of(segment).decode("utf-8", "replace")),
        known=known if known.source == "catalogue" and not own else None,
    )


def _reason(exchange: Exchange, name: bytes, cls: str | None) -> Reason:
    """Return why the filter passed a cookie on or removed it; the filter itself says which."""
    consent, decision = exchange.consent, exchange.ruling.decision
    choice = exchange.standing.choice
    if exchange.ruling.filter.verdict(name):
        if cls is None:
            return "let pass"
        if cls not in consent.switchable_names:
            return "needed"
        return "yes" if choice is not None and choice.answer(cls) else "not objected"
    if cls not in consent.switchable_names:
        return "unknown"
    if cls in decision.paused:
        return "paused"
    if cls in decision.overruled:
        return "signal"
    return "undecided" if choice is None or choice.answer(cls) is None else "no"
