"""What an application's own template takes from us: banner, settings element, embeds, the inner page.

Each call notes what was used, since the response head must say so. A fault of ours leaves a gap in the
page, never an error in the template.
May not enter: what follows for the head (`exchange`), words and markup (`ui`).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from markupsafe import Markup

from cookieconsent.core.target import page_target
from cookieconsent.engine.desk import part_of, preferences_link
from cookieconsent.engine.placement import markup
from cookieconsent.ui.banner import Look
from cookieconsent.ui.embed import Embed, placeholder
from cookieconsent.ui.forms import Fragment, to_ascii

if TYPE_CHECKING:
    from cookieconsent.engine.consent import Kind
    from cookieconsent.engine.exchange import Exchange


class Template:
    """What one page may take.

    Args:
        exchange: The request that the page answers.
    """

    __slots__ = ("_exchange",)

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def banner(self) -> Markup:
        """Return the banner, if one is due."""
        exchange = self._exchange
        exchange.use.banner = exchange.use.words = True
        if self._is_there_already("banner"):
            return Markup()
        if exchange.consent.config.shared_cache:
            # The same for everybody, so the page does not depend on anybody.
            return self._markup("banner") if exchange.consent.switchable else Markup()
        exchange.mark_asked()
        return self._markup("banner") if exchange.ruling.decision.ask else Markup()

    def settings(self) -> Markup:
        """Return the settings element, for those who have decided."""
        exchange = self._exchange
        exchange.use.settings = exchange.use.words = True
        if self._is_there_already("settings element") or exchange.consent.config.shared_cache:
            return Markup()
        exchange.mark_asked()
        if exchange.ruling.decision.ask:
            return Markup()
        return self._markup(exchange.consent.settings_kind(exchange.standing.choice))

    def _is_there_already(self, what: str) -> bool:
        """Tell whether the page has this already: its `id` may stand there once. Note that it has.

        An error page is another page than the one that broke off, which nobody will see.
        """
        failure = sys.exception()
        page = 0 if failure is None else id(failure)
        pages = self._exchange.use.pages
        if pages.get(what) == page:
            self._exchange.consent.reporter.once(
                "placed twice",
                f"a page took the {what} twice; the second place stays empty, since no id may stand "
                "twice in a page",
            )
            return True
        pages[what] = page
        return False

    def _markup(self, kind: Kind) -> Markup:
        exchange, consent = self._exchange, self._exchange.consent
        there = exchange.insertion is not None and exchange.insertion.inserted
        if not consent.enforces or exchange.failed or there:
            return Markup()
        try:
            look = Look(token=not consent.config.shared_cache)
            return _ascii(markup(exchange, kind, look, exchange.action))
        except Exception:  # noqa: BLE001 - the page goes out without markup rather than not at all
            consent.reporter.failure("page")
            return Markup()

    def preferences(self) -> Markup:
        """Return the inner part of the preferences page, or a link to it where it may not stand."""
        exchange, consent = self._exchange, self._exchange.consent
        if not consent.enforces or exchange.failed:
            return Markup()
        exchange.use.words = True
        shared = consent.config.shared_cache
        if shared or exchange.started:
            where = "that is cached for everybody" if shared else "whose head is sent"
            consent.reporter.once(
                "preferences", f"they cannot stand in a page {where}, so a link to their page does"
            )
            return _ascii(to_ascii(preferences_link(exchange)))
        exchange.mark_asked()
        exchange.use.personal = True
        if self._is_there_already("preferences"):
            return Markup()
        try:
            return _ascii(to_ascii(part_of(exchange)))
        except Exception:  # noqa: BLE001 - the page goes out without it rather than not at all
            consent.reporter.failure("own page")
            return Markup()

    def embed(self, content: Markup, cls: str, said: Mapping[str, object]) -> Markup:
        """Return content that needs a yes, or what stands in its place.

        Args:
            content: The content.
            cls: The class that needs a yes.
            said: What the site says of it: `title`, `provider`, `link`, `width`, `height`.
        """
        exchange = self._exchange
        if not hasattr(content, "__html__"):
            message = (
                f"embed() needs markup and got {type(content).__name__}, which would be escaped; "
                "wrap it: markupsafe.Markup(...)"
            )
            raise TypeError(message)
        exchange.use.words = True
        if self._may_show(cls):
            return Markup(content)  # noqa: S704 - the site's own markup
        try:
            return self._placeholder(cls, Embed.of(said), said)
        except Exception:  # noqa: BLE001 - the page goes out without the box rather than not at all
            exchange.consent.reporter.failure("page")
            return Markup()

    def _may_show(self, cls: str) -> bool:
        consent = self._exchange.consent
        if not consent.enforces:
            return True
        if consent.config.shared_cache:
            # A page for everybody holds the content of classes that nobody is asked about.
            return consent.is_exempt(cls)
        return self._exchange.allows(cls)

    def _placeholder(self, cls: str, embed: Embed, said: Mapping[str, object]) -> Markup:
        exchange, consent = self._exchange, self._exchange.consent
        if embed.link is None and said.get("link") is not None:
            consent.reporter.once(
                "embed", f"{said['link']!r} is no address; the placeholder has no link"
            )
        if not embed.is_shown:
            return Markup()
        shared = consent.config.shared_cache
        asked = None if shared else next((c for c in consent.switchable if c.name == cls), None)
        words = consent.languages.words(exchange.locale)
        sheet = None if exchange.use.style else consent.theme.linked_name
        box = placeholder(embed, asked, words, token=not shared, sheet=sheet)
        filled = Fragment(box).fill(exchange.action, consent.token.write(exchange.today))
        target = page_target(exchange.root, exchange.path, exchange.query)
        exchange.use.style = True
        return _ascii(filled.to(target or exchange.action))


def _ascii(text: bytes) -> Markup:
    """Return markup of our own for a page in any charset."""
    return Markup(text.decode("ascii"))  # noqa: S704 - escaped when made
