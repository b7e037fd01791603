"""Embedded content of the application's that needs a yes: what stands in its place until then.

May not enter: whether it needs to wait (`exchange`), words and markup (`ui`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from markupsafe import Markup

from cookieconsent.core.target import page_target
from cookieconsent.ui.embed import Embed, is_link, pixels, placeholder
from cookieconsent.ui.forms import Fragment

if TYPE_CHECKING:
    from cookieconsent.engine.exchange import Exchange


def placeholder_of(
    exchange: Exchange,
    cls: str,
    about: Mapping[str, str | None],
    size: tuple[object, object],
    *,
    styled: bool,
) -> Markup:
    """Return what stands in the place of content that needs a yes; nothing, on a fault of ours.

    Args:
        exchange: The request.
        cls: The class that was not allowed.
        about: What the site says of the content: `title`, `provider`, `link`.
        size: Width and height, in CSS pixels.
        styled: Whether the page has our style sheet already.
    """
    consent = exchange.consent
    link = about["link"]
    if link is not None and not is_link(link):
        consent.reporter.once("embed", f"{link!r} is no address; the placeholder has no link")
        link = None
    try:
        width, height = map(pixels, size)
        embed = Embed(**{**about, "link": link}, width=width, height=height)
        if not embed.is_shown:
            return Markup()
        shared = consent.config.shared_cache
        asked = None if shared else next((c for c in consent.switchable if c.name == cls), None)
        sheet = None if styled else consent.theme.linked_name
        words = consent.languages.words(exchange.locale)
        box = placeholder(embed, asked, words, token=not shared, sheet=sheet)
        filled = Fragment(box).fill(exchange.action, consent.token.write(exchange.today))
        target = page_target(exchange.root, exchange.path, exchange.query)
        return Markup(filled.to(target or exchange.action).decode("ascii"))  # noqa: S704 - ours
    except Exception:  # noqa: BLE001 - the page goes out without the box rather than not at all
        consent.reporter.failure("page")
        return Markup()
