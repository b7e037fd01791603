"""The consent state of one request, as applications see it, and finding it again in any framework.

May not enter: rules; each method asks the exchange it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cookieconsent.errors import NotInstalledError

if TYPE_CHECKING:
    from markupsafe import Markup

    from cookieconsent.core.choice import Choice
    from cookieconsent.engine.consent import Consent
    from cookieconsent.engine.exchange import Exchange

SCOPE_KEY = "cookieconsent"
ENVIRON_KEY = "cookieconsent.state"
ENVIRON_SCOPE_KEY = "asgi.scope"
"""Where a bridge such as a2wsgi leaves the scope of which it made an environ."""
SCOPE_ENVIRON_KEY = "wsgi_environ"
"""Where it leaves the environ of which it made a scope."""
SCOPE_SESSION_KEY = "session"
"""Where Starlette's and Litestar's session middleware put the session."""
ENVIRON_SESSION_KEY = "beaker.session"
"""Where Beaker's session middleware puts the session."""


def state_of(carrier: Mapping[str, Any]) -> ConsentState | None:
    """Return the state in a scope or environ, or in that of the other protocol it was made of.

    The nearest one, where there are two: a copy of the middleware that leaves a state where another
    one has left its own filters, and that one only reports. What clients send stands under none of
    these keys.
    """
    for key in (SCOPE_KEY, ENVIRON_KEY):
        state = carrier.get(key)  # servers may copy variables of any name into an environ
        if isinstance(state, ConsentState):
            return state
    outer = carrier.get(ENVIRON_SCOPE_KEY) or carrier.get(SCOPE_ENVIRON_KEY)
    return state_of(outer) if isinstance(outer, Mapping) else None


def is_covered(state: object, consent: Consent) -> bool:
    """Tell whether an outer copy of the middleware filters and asks already, for both.

    The outermost one that enforces decides, since no page can ask twice. That an inner one was meant
    to keep an answer of its own is worth a word to the operator.

    Args:
        state: What the request carries of an outer copy.
        consent: The rules of the inner copy.
    """
    if not isinstance(state, ConsentState):
        return False
    outer = state._exchange.consent  # noqa: SLF001 - applications have no use for it
    if not outer.config.enforce:
        return False
    if outer.cookie_name != consent.cookie_name:
        consent.reporter.once(
            "middleware outside",
            "a CookieConsentMiddleware with another consent cookie is wrapped around this one, and "
            "decides in its place; put them side by side, or keep one",
        )
    return True


class ConsentState:
    """What a visitor allowed, for the length of one request."""

    # It refers to its exchange and never the other way round: without a cycle, memory is free as soon
    # as the request ends.

    __slots__ = ("_exchange",)

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def __repr__(self) -> str:
        """Return what is allowed; never a cookie's value."""
        allowed = ", ".join(sorted(self._exchange.ruling.decision.allowed))
        return f"<ConsentState decided={self._exchange.is_decided} allowed: {allowed}>"

    def allows(self, cls: str) -> bool:
        """Tell whether a class may be used now; an unknown class may not, which is logged once.

        The response then says `Vary: Cookie`, since it may depend on the answer.
        """
        return self._exchange.allows(cls)

    @property
    def decided(self) -> bool:
        """Whether every opt-in class is answered, by the visitor or by the browser's signal."""
        self._exchange.mark_asked()
        return self._exchange.is_decided

    @property
    def choice(self) -> Choice | None:
        """What the visitor said, or `None`."""
        self._exchange.mark_asked()
        return self._exchange.standing.choice

    def grant(self, *classes: str) -> None:
        """Record a yes to some classes; the others stand. Ask the visitor first.

        Raises:
            UnknownClassError: A class is not one that visitors decide about.
            ResponseStartedError: The response head has been sent already.
        """
        self._exchange.grant(classes)

    def withdraw(self) -> None:
        """Record a no to everything, where there is anything to withdraw.

        A visitor who has allowed nothing stays undecided: nobody was asked, so nothing is stored.

        Raises:
            ResponseStartedError: The response head has been sent already.
        """
        self._exchange.withdraw()

    @property
    def locale(self) -> str:
        """The language of banner and pages: a shipped identifier, such as `de` or `pt_BR`."""
        self._exchange.use.words = True
        return self._exchange.locale

    @locale.setter
    def locale(self, tag: str | None) -> None:
        self._exchange.set_locale(tag)

    @property
    def preferences_url(self) -> str:
        """The address of the preferences page."""
        return self._exchange.action

    def banner(self) -> Markup:
        """Return the banner, if one is due, for the place where the template calls this.

        Nothing is inserted into the page then.
        """
        return self._exchange.template.banner()

    def embed(
        self,
        markup: Markup,
        cls: str = "media",
        *,
        title: str | None = None,
        provider: str | None = None,
        link: str | None = None,
        width: int | str | None = None,
        height: int | str | None = None,
    ) -> Markup:
        """Return embedded content once its class is allowed; before that, a box that says what it is.

        The box is as large as the content and has a button that allows the class from now on. Without
        `title`, `provider`, `link` and size there is no box, as befits a script or a pixel.

        Args:
            markup: The content, as `markupsafe.Markup` (which Jinja's `{% set %}` blocks are).
            cls: The class that needs a yes.
            title: What it is.
            provider: Who delivers it, and receives data.
            link: Where the same content is at the provider: `https:`, `http:` or a path.
            width: In CSS pixels.
            height: In CSS pixels.

        Raises:
            TypeError: `markup` is plain text, which would have to be escaped.
        """
        said = {
            "title": title,
            "provider": provider,
            "link": link,
            "width": width,
            "height": height,
        }
        return self._exchange.template.embed(markup, cls, said)

    def preferences(self) -> Markup:
        """Return the inner part of the preferences page, to stand in a page of the site's own.

        Its forms lead back to that page, which nobody may store. Where the response head has been
        sent already, so that this can no longer be said, a link to the preferences page stands in
        its place.
        """
        return self._exchange.template.preferences()

    def settings_link(self) -> Markup:
        """Return the settings element for decided visitors, for the template to place."""
        return self._exchange.template.settings()


def consent_of(request: object) -> ConsentState:
    """Return the consent state of a request.

    Args:
        request: An ASGI scope, a WSGI environ, or a request object of any framework that carries
            one of them (`scope`, `environ`, `META` or `env`).

    Raises:
        NotInstalledError: The request did not pass through the middleware.
    """
    for holder in (request, *_holders(request)):
        if isinstance(holder, Mapping):
            state = state_of(holder)
            if state is not None:
                return state
    message = (
        f"{type(request).__name__} carries no consent state: wrap the application in "
        "CookieConsentMiddleware, outside of whatever handles this request"
    )
    raise NotInstalledError(message)


def _holders(request: object) -> tuple[object, ...]:
    """Return what frameworks hang their scope or environ on."""
    inner = getattr(request, "_request", None)  # Django REST framework wraps Django's request
    names = ("scope", "environ", "META", "env")
    return tuple(getattr(thing, name, None) for thing in (request, inner) for name in names)
