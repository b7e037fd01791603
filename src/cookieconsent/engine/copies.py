"""Copies of answers that browsers keep: which of them still hold, and how an answer is marked as one.

Everything that a copy may depend on is one state, from the request on; whatever was inserted, asked,
placed or gated marks its validators with it.
May not enter: the bytes of validators (`core.validators`), what shared caches are told (`exchange`).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from cookieconsent.core.headers import Head
from cookieconsent.core.signals import may_hold_markup
from cookieconsent.core.validators import (
    forget_validators,
    is_marked,
    mark_etag,
    mark_validators,
    own_etags,
)
from cookieconsent.engine.page import is_document, is_html

if TYPE_CHECKING:
    from cookieconsent.engine.exchange import Exchange


def state_of(exchange: Exchange) -> bytes:
    """Return what tells two copies of an answer apart: everything of ours that it may depend on."""
    ruling = exchange.ruling
    kind = "banner" if exchange.due else ruling.kind
    facts: list[object] = [kind, exchange.navigates, exchange.locale, ruling.gate]
    if not exchange.consent.config.shared_cache:
        choice = exchange.standing.choice
        facts += [exchange.today, sorted(ruling.decision.allowed), ruling.decision.ask]
        facts.append(None if choice is None else exchange.consent.codec.payload(choice))
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:8].encode()


def ask_of_own(exchange: Exchange) -> bytes | None:
    """Ask the application only of copies that still hold, by the validators it gave them.

    Returns:
        Its own validators of marked copies, which a 304 must mark again.
    """
    fields, changes = exchange.fields, exchange.request_changes
    gated = exchange.ruling.gate is not None and may_hold_markup(fields)
    if gated and b"if-modified-since" in fields:
        changes[b"if-modified-since"] = None
    if b"if-match" in fields and is_marked(fields[b"if-match"]):
        changes[b"if-match"] = own_etags(fields[b"if-match"], None, unmarked=True)
    # Where a banner is due, a copy without it is no answer; nor is one that no gate is on.
    unmarked = not (exchange.due or gated)
    sent = fields.get(b"if-none-match")
    if sent is None or (unmarked and not (is_marked(sent) and may_hold_markup(fields))):
        return None
    state = state_of(exchange)
    changes[b"if-none-match"] = own_etags(sent, state, unmarked=unmarked)
    return own_etags(sent, state, unmarked=False)


def mark_copy(exchange: Exchange, head: Head, *, altered: bool) -> None:
    """Mark an answer that depends on the visitor.

    Args:
        exchange: The request.
        head: The head to change.
        altered: Whether markup goes into it, or may.
    """
    used = exchange.used
    if exchange.consent.config.shared_cache and used.answer:
        forget_validators(head)  # what everybody gets must not say whose it was
    elif altered or used.anything or _is_gated(exchange, head) or _is_bare(exchange, head):
        mark_validators(head, lambda: state_of(exchange))


def _is_gated(exchange: Exchange, head: Head) -> bool:
    gate = exchange.ruling.gate
    return gate is not None and is_document(head.fields.get(b"content-type"))


def _is_bare(exchange: Exchange, head: Head) -> bool:
    """Tell whether it is a page without our markup only because a script has fetched it."""
    kind = head.fields.get(b"content-type")
    return (
        exchange.ruling.kind is not None
        and not exchange.navigates
        and kind is not None
        and is_html(kind)
    )


def confirm_copy(exchange: Exchange, head: Head, restored: bytes | None) -> bool:
    """Give a 304 the validator that the 200 would have; tell whether it confirms a marked copy."""
    etag = head.first(b"etag")
    if restored is None or etag is None or etag.strip() not in restored:
        return restored is not None
    head.set(b"etag", mark_etag(etag, state_of(exchange)))
    return True
