"""Embedded content of the application's that needs a yes: what stands in its place until then.

May not enter: whether it needs to wait (`exchange`), words and markup (`ui`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from markupsafe import Markup

from cookieconsent.core.target import page_target
from cookieconsent.ui.embed import Embed, placeholder
from cookieconsent.ui.forms import Fragment

if TYPE_CHECKING:
    from cookieconsent.engine.exchange import Exchange


def placeholder_of(exchange: Exchange, cls: str, said: Mapping[str, object]) -> Markup:
    """Return what stands in the place of content that needs a yes; nothing, on a fault of ours.

    Args:
        exchange: The request.
        cls: The class that was not allowed.
        said: What the site says of the content: `title`, `provider`, `link`, `width`, `height`.
    """
    consent = exchange.consent
    try:
        embed = Embed.of(said)
        if embed.link is None and said.get("link") is not None:
            consent.reporter.once(
                "embed", f"{said['link']!r} is no address; the placeholder has no link"
            )
        return _box(exchange, cls, embed) if embed.is_shown else Markup()
    except Exception:  # noqa: BLE001 - the page goes out without the box rather than not at all
        consent.reporter.failure("page")
        return Markup()


def _box(exchange: Exchange, cls: str, embed: Embed) -> Markup:
    consent, use = exchange.consent, exchange.use
    shared = consent.config.shared_cache
    asked = None if shared else next((c for c in consent.switchable if c.name == cls), None)
    words = consent.languages.words(exchange.locale)
    sheet = None if use.style else consent.theme.linked_name
    box = placeholder(embed, asked, words, token=not shared, sheet=sheet)
    filled = Fragment(box).fill(exchange.action, consent.token.write(exchange.today))
    target = page_target(exchange.root, exchange.path, exchange.query)
    use.style = True
    return Markup(filled.to(target or exchange.action).decode("ascii"))  # noqa: S704 - ours
