"""Our own pages: preferences, style, and the answers to forms. The application never runs for these.

May not enter: words and markup (`ui`), cookie bytes (`core`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cookieconsent.core.choice import Choice
from cookieconsent.core.csrf import Sender, is_own_form
from cookieconsent.core.headers import HeaderList
from cookieconsent.core.target import safe_target
from cookieconsent.engine import receipt
from cookieconsent.engine.desk import OWN_POLICY, page_headers, page_of, personal_headers
from cookieconsent.engine.events import ChoiceEvent
from cookieconsent.engine.submission import (
    MAX_BODY_OCTETS,
    Submission,
    declared_length,
    is_urlencoded,
    read_submission,
)

if TYPE_CHECKING:
    from cookieconsent.engine.exchange import Exchange

GPC_PATH = "/.well-known/gpc.json"
SAVED = "#cookieconsent-saved"
_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1"})
_METHODS = frozenset({"GET", "HEAD", "POST"})
_IMMUTABLE = b"public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of ours, whole."""

    status: int
    headers: HeaderList = field(default_factory=list)
    body: bytes = b""

    def for_method(self, method: str) -> Reply:
        """Return the answer to HEAD: the head of GET, with the length it would have."""
        return Reply(self.status, self.headers) if method == "HEAD" else self


def route_of(exchange: Exchange) -> str | None:
    """Return which of our pages a request is for, `None` for the application's own.

    The result is what follows our path: empty for the page itself. Servers and frameworks differ in
    whether `path` contains the mount prefix, so both forms are ours.
    """
    config = exchange.consent.config
    if not config.enforce:
        return None
    base, path, root = config.path, exchange.path, exchange.root
    if config.gpc and path == GPC_PATH:
        return GPC_PATH
    if base not in path:
        return None
    for start in (base, root.rstrip("/") + base):
        if path.startswith(start):
            rest = path[len(start) :]
            if not rest or rest.startswith("/"):
                return rest
    return None


def wants_body(exchange: Exchange) -> bool:
    """Tell whether the request body must be read before the answer is known."""
    length = declared_length(exchange.fields.get(b"content-length"))
    return (
        exchange.method == "POST"
        and exchange.route == ""
        and is_urlencoded(exchange.fields.get(b"content-type"))
        and (length is None or length <= MAX_BODY_OCTETS)
    )


def reply(exchange: Exchange, body: bytes | None, *, timed_out: bool = False) -> Reply:
    """Answer a request for one of our pages.

    Args:
        exchange: The request.
        body: What was read of the body; `None` where it was larger than allowed.
        timed_out: Whether the body did not arrive in time.
    """
    try:
        return _reply(exchange, body, timed_out=timed_out)
    except Exception:  # noqa: BLE001 - our pages fail alone, and say so
        exchange.consent.reporter.failure("own page")
        return _finish(500, [], b"")


def _reply(exchange: Exchange, body: bytes | None, *, timed_out: bool) -> Reply:
    if exchange.method not in _METHODS or (exchange.route and exchange.method == "POST"):
        allow = b"GET, HEAD, POST" if exchange.route == "" else b"GET, HEAD"
        return _finish(405, [(b"allow", allow)], b"")
    if exchange.route:
        return _file(exchange).for_method(exchange.method)
    if exchange.method == "POST":
        return _form(exchange, body, timed_out=timed_out)
    if exchange.query == receipt.QUERY:
        return _receipt_page(exchange).for_method(exchange.method)
    return _page(exchange, 200).for_method(exchange.method)


def _finish(status: int, headers: HeaderList, body: bytes, *, cache: bytes = b"no-store") -> Reply:
    """Return a reply with the headers that all of ours have."""
    if not body:
        headers = [*headers, (b"content-type", b"text/plain; charset=utf-8")]
    common = [
        (b"cache-control", cache),
        (b"x-content-type-options", b"nosniff"),
        (b"content-length", b"%d" % len(body)),
    ]
    return Reply(status, [*headers, *common], body)


def _file(exchange: Exchange) -> Reply:
    """Answer for what lies below our path; anything unknown there is our 404."""
    consent = exchange.consent
    if exchange.route == "/" + consent.theme.linked_name:
        content_type = [(b"content-type", b"text/css; charset=utf-8")]
        return _finish(200, content_type, consent.theme.linked_sheet, cache=_IMMUTABLE)
    if exchange.route == "/state.css" and consent.config.shared_cache:
        headers = [(b"content-type", b"text/css; charset=utf-8"), *exchange.expiry_headers()]
        ask = exchange.ruling.decision.ask
        return _finish(200, headers, consent.theme.state_sheet(ask=ask))
    if exchange.route == receipt.ROUTE:
        return _receipt_file(exchange)
    if exchange.route == GPC_PATH:
        return _finish(
            200,
            [(b"content-type", b"application/json")],
            _gpc_resource(exchange),
            cache=b"max-age=86400",
        )
    return _finish(404, [], b"")


def _gpc_resource(exchange: Exchange) -> bytes:
    """Return the GPC support resource (GPC specification, section 4)."""
    resource: dict[str, object] = {"gpc": True}
    updated = exchange.consent.config.last_updated
    if updated is not None:
        resource["lastUpdate"] = str(updated)
    return json.dumps(resource).encode("ascii")


def _page(
    exchange: Exchange,
    status: int,
    *,
    error: str | None = None,
    submission: Submission | None = None,
) -> Reply:
    """Return the preferences page; after a fault with what was filled in."""
    body, headers = page_of(exchange, error=error, submission=submission)
    return _finish(status, headers, body)


def _receipt_page(exchange: Exchange) -> Reply:
    words = exchange.consent.languages.words(exchange.locale)
    style_url = f"{exchange.action}/{exchange.consent.theme.linked_name}"
    page = receipt.printable_page(exchange, words, style_url)
    return _finish(200, page_headers(exchange, words, OWN_POLICY), page)


def _receipt_file(exchange: Exchange) -> Reply:
    words = exchange.consent.languages.words(exchange.locale)
    headers = [*receipt.FILE_HEADERS, *personal_headers(exchange, words)]
    return _finish(200, headers, receipt.signed_file(exchange, words))


def _target(submission: Submission) -> str | None:
    return None if submission.target is None else safe_target(submission.target)


def _form(exchange: Exchange, body: bytes | None, *, timed_out: bool) -> Reply:
    """Answer a form: the choice is kept and the visitor sent back, or the page says what is wrong."""
    if not is_urlencoded(exchange.fields.get(b"content-type")):
        return _page(exchange, 415, error="type")
    if timed_out:
        return _page(exchange, 408, error="slow")
    if body is None or not wants_body(exchange):
        return _page(exchange, 413, error="size")
    submission = read_submission(body)
    if submission is None:
        return _page(exchange, 400, error="unknown")
    if not _is_own(exchange, submission):
        return _page(exchange, 403, error="stale", submission=submission)
    if submission.action is None or not _names_known(exchange, submission):
        return _page(exchange, 400, error="unknown", submission=submission)
    if submission.action == "erase" and not exchange.is_secure:
        return _page(exchange, 400, error="insecure", submission=submission)
    return _take(exchange, submission, submission.action)


def _is_own(exchange: Exchange, submission: Submission) -> bool:
    consent = exchange.consent
    token = submission.token
    valid = token is not None and consent.token.is_valid(
        token.encode("ascii", "replace"), exchange.today
    )
    sender = Sender(
        _text(exchange.fields.get(b"sec-fetch-site")),
        _text(exchange.fields.get(b"origin")),
        _text(exchange.fields.get(b"host")),
        exchange.scheme,
    )
    tokenless = consent.config.shared_cache and token is None
    return is_own_form(sender, consent.config.origins, token_valid=valid, tokenless=tokenless)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")


def _names_known(exchange: Exchange, submission: Submission) -> bool:
    """Tell whether the form names only classes of this site; an exempt one is no fault."""
    known = {cls.name for cls in exchange.consent.config.active_classes}
    if not submission.names() <= known:
        return False
    if submission.action not in {"grant", "object"}:
        return True
    return not exchange.consent.switchable_names.isdisjoint(submission.classes)


def _take(exchange: Exchange, submission: Submission, action: str) -> Reply:
    consent = exchange.consent
    _warn_plain(exchange)
    choice = _choice_after(exchange, submission, action)
    exchange.stand_on(choice)
    headers = exchange.expiry_headers()
    if choice is None:
        headers.append((b"set-cookie", consent.forgetting_cookie()))
    else:
        headers.append((b"set-cookie", consent.choice_cookie(choice)))
    if action == "erase":
        headers.append((b"clear-site-data", b'"cookies", "storage"'))
    announce(exchange, action, choice)
    location = (_target(submission) or exchange.action) + SAVED
    headers.append((b"location", location.encode("ascii")))
    return _finish(303, headers, b"")


def _warn_plain(exchange: Exchange) -> None:
    """Tell the operator why browsers may forget: they keep a Secure cookie from https only."""
    host = (_text(exchange.fields.get(b"host")) or "").partition(":")[0]
    if not exchange.consent.config.secure or exchange.is_secure or host in _LOCAL_HOSTS:
        return
    exchange.consent.reporter.once(
        "plain http",
        "a choice came over plain http, where browsers keep no Secure cookie; set secure=False for "
        "development, or public_origin if TLS ends at a proxy",
    )


def _choice_after(exchange: Exchange, submission: Submission, action: str) -> Choice | None:
    names = exchange.consent.switchable_names
    day, signal = exchange.today, exchange.signal
    if action in {"forget", "erase"}:
        return None
    if action in {"pause", "resume", "object", "grant"}:
        return _changed_choice(exchange, submission, action)
    granted = frozenset[str]()
    if action == "accept":
        granted = names
    elif action == "save":
        granted = names & {name for name, yes in submission.answers.items() if yes}
    under_signal = granted if signal else frozenset[str]()
    return Choice(day=day, granted=granted, refused=names - granted, under_signal=under_signal)


def _changed_choice(exchange: Exchange, submission: Submission, action: str) -> Choice | None:
    """Return the standing choice with one thing changed; its day stays, so nothing is prolonged."""
    choice = exchange.standing.choice or Choice(day=exchange.today)
    day = exchange.today
    names = exchange.consent.switchable_names
    if action == "grant":
        return exchange.choice_with(submission.classes)
    if action == "object":
        return choice.refuse(names & frozenset(submission.classes), day=day)
    if action == "pause":
        return choice.pause(names)
    resumed = choice.pause(())
    return resumed if resumed.answers else None


def announce(exchange: Exchange, action: str, choice: Choice | None) -> None:
    """Tell the site what a visitor did, and what stands now."""
    exchange.consent.announce(
        ChoiceEvent(
            action=action,
            granted=choice.granted if choice is not None else frozenset(),
            refused=choice.refused if choice is not None else frozenset(),
            paused=choice.paused if choice is not None else frozenset(),
            day=exchange.today,
            signal=exchange.signal,
            locale=exchange.locale,
            policy_version=exchange.consent.config.policy_version,
        )
    )
