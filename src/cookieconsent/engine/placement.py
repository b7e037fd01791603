"""Our markup in a page of the application's: whether it may go in, and in which form.

What a page's head, its policies and its `<base>` allow decides between an inline style, a linked sheet
and none, and between a form and a link. The policy of the page is never loosened.
May not enter: who gets which markup (`core.decision`), the bytes of the page (`page`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cookieconsent.core.csrf import read_origin
from cookieconsent.core.headers import Head
from cookieconsent.core.inject import BodyFinder
from cookieconsent.core.policy import PagePolicy
from cookieconsent.core.target import page_target
from cookieconsent.engine.page import is_alterable, is_encoded
from cookieconsent.ui.banner import Look

if TYPE_CHECKING:
    from cookieconsent.engine.consent import Kind
    from cookieconsent.engine.exchange import Exchange

_NO_POLICY = PagePolicy((), frozenset())
_FREE = {utf8: Look(utf8=utf8) for utf8 in (False, True)}


def policy_for_markup(exchange: Exchange, head: Head) -> PagePolicy | None:
    """Return the policy under which markup may go into a page, as far as its head tells.

    `None` where it may not: the page is compressed, empty, signed, or forbids forms altogether.
    """
    if is_encoded(head):
        _warn_encoded(exchange)
        return None
    policy = _NO_POLICY
    if b"content-security-policy" in head.fields:
        texts = (line.decode("latin-1") for line in head.values(b"content-security-policy"))
        policy = PagePolicy.of(texts, _own_hosts(exchange))
        if policy.is_sandboxed():
            return None
    return policy if is_alterable(head) else None


def markup_at(
    exchange: Exchange, policy: PagePolicy, finder: BodyFinder, *, utf8: bool
) -> bytes | None:
    """Return the markup for the place that was found; `None` where it must not go in.

    Args:
        exchange: The request.
        policy: What `policy_for_markup` returned.
        finder: Has found the place, and on its way what the page says of links and policies.
        utf8: Whether the head of the page says that it is UTF-8.
    """
    kind = exchange.ruling.kind
    if kind is None or exchange.is_placed(kind):  # by a template rendered while the page goes out
        return None
    action = exchange.action
    if finder.metas:
        policy = policy.with_meta(_meta_policies(finder), _own_hosts(exchange))
    if finder.base_href is not None and _leaves_site(exchange, finder.base_href):
        public = exchange.consent.config.public_origin
        if public is None:
            exchange.consent.reporter.once(
                "base",
                "a page's <base> leads to another site, so the form would be sent there; set "
                "public_origin",
            )
            return None
        action = public.rstrip("/") + action
    return markup(exchange, kind, _look(exchange, kind, policy, finder, utf8=utf8), action)


def markup(exchange: Exchange, kind: Kind, look: Look, action: str) -> bytes:
    """Return markup for the page of a request.

    Args:
        exchange: The request.
        kind: What it is.
        look: What the page allows.
        action: The address of our pages, seen from there.
    """
    choice, shared = exchange.standing.choice, exchange.consent.config.shared_cache
    if kind == "banner" and choice is not None and not shared:
        look = look._replace(kept=True)
    filled = exchange.consent.fragment(kind, exchange.locale, look, action, exchange.today)
    target = page_target(exchange.root, exchange.path, exchange.query)
    return filled.to(target or exchange.action)


def warn_homeless(exchange: Exchange) -> None:
    """Tell the operator of a page that turned out to have no place for markup."""
    exchange.consent.reporter.once(
        "no place",
        "a page has no body for the banner: it is a frameset, or a comment, script or title in "
        "its head has no end; its cookies are filtered all the same",
    )


def _warn_encoded(exchange: Exchange) -> None:
    if exchange.due:
        exchange.consent.reporter.once(
            "banner missing",
            "the application compressed a page although identity encoding was asked for; put "
            "the compressor outside of CookieConsentMiddleware",
        )
    else:
        exchange.consent.reporter.once(
            "settings link missing",
            "a compressed page passed as it is; place consent.settings_link() in its template, "
            "or put the compressor outside of CookieConsentMiddleware",
        )


def _own_hosts(exchange: Exchange) -> tuple[str | None, str | None]:
    """Return how a policy may call the page's own origin: by the host here, or at a proxy."""
    public = exchange.consent.config.public_origin
    origin = None if public is None else read_origin(public)
    host = exchange.fields.get(b"host", b"").decode("latin-1")
    return host, None if origin is None else origin.host


def _meta_policies(finder: BodyFinder) -> list[str]:
    return [
        meta.get("content", "")
        for meta in finder.metas
        if meta["http-equiv"].strip().lower() == "content-security-policy"
    ]


def _look(
    exchange: Exchange, kind: Kind, policy: PagePolicy, finder: BodyFinder, *, utf8: bool
) -> Look:
    token = not exchange.consent.config.shared_cache
    fragments = finder.base_href is None
    if not policy.policies and token and fragments:
        return _FREE[utf8]
    look = Look(token=token, fragments=fragments, utf8=utf8)
    if not policy.policies:
        return look
    sheet = "banner" if kind == "banner" else "settings"
    form = policy.allows_own_form()
    if not form:
        exchange.consent.reporter.once(
            "form-action", "the site's policy forbids our form; a link is shown instead"
        )
    if not token and not policy.allows_own_style():
        exchange.consent.reporter.once(
            "state sheet",
            "a page that is cached for everybody forbids style sheets of its own origin, so its banner "
            "cannot be hidden from those who have answered",
        )
    if policy.allows_inline_style(exchange.consent.theme.source_hash(sheet)):
        return look._replace(form=form)
    return look._replace(style="linked" if policy.allows_own_style() else "none", form=form)


def _leaves_site(exchange: Exchange, href: str) -> bool:
    """Tell whether a `<base href>` leads relative addresses away from this origin."""
    text = "".join(char for char in href.strip() if char not in "\t\n\r").replace("\\", "/")
    try:
        parts = urlsplit(text)
    except ValueError:
        return True
    if not parts.scheme and not parts.netloc:
        return False
    host = exchange.fields.get(b"host", b"").decode("latin-1")
    origin = read_origin(f"{parts.scheme or exchange.scheme}://{parts.netloc}")
    if origin is None:
        return True
    own = read_origin(f"{exchange.scheme}://{host}")
    return origin != own and origin not in exchange.consent.config.origins
