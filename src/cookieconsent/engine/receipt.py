"""The visitor's receipt: what of an exchange goes into it, as a signed file and as a page to print.

May not enter: how it is signed or read (`core`), markup (`ui`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cookieconsent.core.choice import date_of
from cookieconsent.core.csrf import read_origin
from cookieconsent.core.headers import HeaderList
from cookieconsent.core.receipt import Receipt, signature_of, write_receipt
from cookieconsent.ui.i18n import Words
from cookieconsent.ui.receipt import answered_classes, receipt_page
from cookieconsent.ui.sections.facts import SiteFacts

if TYPE_CHECKING:
    from cookieconsent.engine.exchange import Exchange

ROUTE: Final = "/receipt.json"
QUERY: Final = b"receipt"
"""The whole query of the preferences page's address that leads to the page to print."""
FILE_HEADERS: Final[HeaderList] = [
    (b"content-type", b"application/json"),
    (b"content-disposition", b'attachment; filename="cookie-choice.json"'),
]
_MAX_HOST = 255  # RFC 1123, section 2.1


def signed_file(exchange: Exchange, words: Words) -> bytes:
    """Return the receipt as a signed JSON file."""
    return write_receipt(receipt_of(exchange, words), exchange.consent.receipt_seal)


def printable_page(exchange: Exchange, words: Words, style_url: str) -> bytes:
    """Return the receipt as a page to print.

    Args:
        exchange: The request.
        words: The visitor's language.
        style_url: The address of the style sheet.
    """
    receipt = receipt_of(exchange, words)
    signature = signature_of(receipt, exchange.consent.receipt_seal)
    return receipt_page(receipt, signature, words, style_url)


def receipt_of(exchange: Exchange, words: Words) -> Receipt:
    """Return what a visitor's receipt says now; undecided visitors get one that says so."""
    site, choice = exchange.consent.site_facts, exchange.standing.choice
    return Receipt(
        site=_site(exchange),
        language=words.tag,
        issued=date_of(exchange.today),
        # A choice may be a pause alone, which answers nothing.
        answered=choice.date if choice and choice.granted | choice.refused else None,
        valid_until=None if choice is None else choice.valid_until,
        paused=choice is not None and bool(choice.paused),
        gpc=exchange.signal,
        policy_version=site.policy_version,
        policy_last_updated=site.last_updated,
        privacy_policy_url=site.privacy_policy_url,
        contact=site.contact,
        authority=_authority(site),
        withdraw_at=exchange.action,
        classes=answered_classes(site, choice, words),
    )


def _authority(site: SiteFacts) -> str | None:
    """Return whom a visitor may complain to; the page lists them where there are many."""
    if site.authority is not None or len(site.authorities) != 1:
        return site.authority
    return f"{site.authorities[0].name}, {site.authorities[0].url}"


def _site(exchange: Exchange) -> str | None:
    """Return the host that visitors see: the site's word, else the request's where it can be one."""
    public = exchange.consent.config.public_origin
    if public is None:
        host = exchange.fields.get(b"host", b"").decode("latin-1")
        public = f"{exchange.scheme}://{host}" if len(host) <= _MAX_HOST else ""
    origin = read_origin(public)
    return None if origin is None else origin.host
