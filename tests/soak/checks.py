"""What is wrong with a response, told by what its visitor knows: the soak's judge.

Whatever a visitor invents carries its number, so a response that holds anybody else's number holds
somebody else's data, wherever that stands.
May not enter: sockets; what to send.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cookieconsent.demo.cookies import SESSION, VISITOR
from soak.client import Response
from soak.errands import PAGES, Errand
from soak.shoppers import CONSENT, TAG, Ledger, Shopper

_BANNER = re.compile(rb'<div id="?cookieconsent-banner"?[^>]*? lang="?([A-Za-z-]+)')
_SETTINGS = re.compile(rb'<div id="?cookieconsent-settings"?[^>]*? lang="?([A-Za-z-]+)')
_WITHDRAW = re.compile(rb"name=choice value=withdraw\b")
_TOKEN = re.compile(rb'name=token value="([^"]*)"')
_NEXT = re.compile(rb'name=next value="([^"]*)"')
_WHO = re.compile(rb'<span class="who">([^<]*)</span>')
_COUNT = re.compile(rb'<span class="count">([0-9]+)')
_LINE = re.compile(
    rb'name="remove" value="([a-z]+)".*?<span class="number">([0-9]+)</span>', re.DOTALL
)
_SENT_FORM = re.compile(rb"<code>POST ([^<]*)</code>")
_CHECKED = re.compile(rb'name="class-analytics" value="(yes|no)" checked')
_LANGUAGE = re.compile(rb'<html lang="([a-z]+)"')
_VIEWS = re.compile(rb'<a href="([^"]+)">[^<]+</a></th><td>([0-9]+)</td>')
_END = b"</html>\n"
_SEE_OTHER = 303


class SetCookies(NamedTuple):
    """What the `Set-Cookie` lines of a response do, by cookie name."""

    kept: dict[str, str]
    deleted: set[str]


def set_cookies(response: Response) -> SetCookies:
    """Read the `Set-Cookie` lines; the last of a name counts."""
    kept: dict[str, str] = {}
    deleted: set[str] = set()
    for line in response.values(b"set-cookie"):
        pair, _, attributes = line.decode("latin-1").partition(";")
        name, _, value = pair.partition("=")
        if "Max-Age=0" in attributes.split("; "):
            deleted.add(name)
        else:
            kept[name] = value
    return SetCookies(kept, deleted)


def faults(shopper: Shopper, errand: Errand, response: Response, ledger: Ledger) -> list[str]:
    """Return what is wrong with a response, nothing for a right one."""
    found = [
        *_head_faults(errand, response),
        *_cookie_faults(errand, response),
        *_foreign(shopper, response),
        *_ledger_faults(shopper, errand, response, ledger),
    ]
    if response.status == errand.status:  # the body of another answer says nothing more
        found += _body_faults(shopper, errand, response)
    return [f"{errand.name} {errand.request.target}: {fault}" for fault in found]


def _head_faults(errand: Errand, response: Response) -> Iterator[str]:
    if response.status != errand.status:
        yield f"{response.status}, not {errand.status}"
    for name, expected in ((b"location", errand.location), (b"allow", errand.allow)):
        values = [value.decode("latin-1") for value in response.values(name)]
        if values != ([] if expected is None else [expected]):
            yield f"{name.decode()} is {values}, not {expected}"
    html = any(value.startswith(b"text/html") for value in response.values(b"content-type"))
    if html != (errand.shows in {"shop", "fragment", "settings"} or errand.name == "head"):
        yield f"content-type is {response.values(b'content-type')}"
    if html and b"Cookie" not in b", ".join(response.values(b"vary")).split(b", "):
        yield "a page that does not say Vary: Cookie"


def _cookie_faults(errand: Errand, response: Response) -> Iterator[str]:
    kept, deleted = set_cookies(response)
    if kept.keys() != errand.sets.keys():
        yield f"sets {sorted(kept)}, not {sorted(errand.sets)}"
    for name, value in errand.sets.items():
        got = kept.get(name, "")
        same = got.startswith(value or "") if name == SESSION else value in {None, got}
        if not same:
            yield f"sets {name}={got}, not {value}"
    if not errand.deletes <= deleted:
        yield f"does not delete {sorted(errand.deletes - deleted)}"
    if extra := deleted - errand.deletes - errand.may_delete:
        yield f"deletes {sorted(extra)}"


def _foreign(shopper: Shopper, response: Response) -> Iterator[str]:
    """Tell of everything in a response that somebody else has invented."""
    everything = b"\n".join([*(value for _, value in response.headers), response.body])
    others = set(TAG.findall(everything)) - {b"%d" % shopper.number}
    if others:
        yield f"{shopper.number} sees what is {sorted(others)}'s"


def _ledger_faults(
    shopper: Shopper, errand: Errand, response: Response, ledger: Ledger
) -> Iterator[str]:
    kept = set_cookies(response).kept
    notes: list[str | None] = []
    if errand.answer is not None and CONSENT in kept:
        notes.append(ledger.note_answer(errand.answer, kept[CONSENT]))
    if VISITOR in kept:
        notes.append(ledger.note_browser(kept[VISITOR], shopper))
    yield from filter(None, notes)


def _body_faults(shopper: Shopper, errand: Errand, response: Response) -> Iterator[str]:
    body = response.body
    if errand.shows == "nothing":
        if body:
            yield f"a body of {len(body)} bytes"
    elif errand.shows == "file":
        if not body or b"html" in body[:200]:
            yield "no file"
    elif not body.startswith(b"<!DOCTYPE html>") or not body.endswith(_END):
        yield f"a page that ends with {body[-40:]!r}"
    elif body.count(_END) > 1:
        yield "two pages in one"
    elif errand.shows == "settings":
        yield from _settings_faults(shopper, errand, body)
    else:
        yield from _page_faults(shopper, errand, body)


def _said(pattern: re.Pattern[bytes], body: bytes) -> list[str]:
    return [text.decode("utf-8", "replace") for text in pattern.findall(body)]


def _page_faults(shopper: Shopper, errand: Errand, body: bytes) -> Iterator[str]:
    asked = errand.shows == "shop"
    expected = {
        "banner": [shopper.language] if asked and shopper.undecided else [],
        "settings": [shopper.language] if asked and not shopper.undecided else [],
        "withdraw": ["yes"] if asked and shopper.granted else [],
        "next": [errand.request.target] if asked and (shopper.undecided or shopper.granted) else [],
        "who": [] if shopper.name is None else [shopper.name],
        "count": [str(sum(shopper.basket.values()))] if shopper.basket else [],
        "lines": shopper.basket if errand.path == "/basket" else {},
    }
    seen = {
        "banner": _said(_BANNER, body),
        "settings": _said(_SETTINGS, body),
        "withdraw": ["yes" for _ in _WITHDRAW.findall(body)],
        "next": _said(_NEXT, body),
        "who": _said(_WHO, body),
        "count": _said(_COUNT, body),
        "lines": {slug.decode(): int(number) for slug, number in _LINE.findall(body)},
    }
    for fact, value in seen.items():
        if value != expected[fact]:
            yield f"{fact} is {value}, not {expected[fact]}"
    forms = _said(_SENT_FORM, body)
    if forms not in ([], [shopper.form]):
        yield f"tells of the form {forms}, not {shopper.form}"


def _settings_faults(shopper: Shopper, errand: Errand, body: bytes) -> Iterator[str]:
    if (language := _said(_LANGUAGE, body)) != [shopper.language]:
        yield f"speaks {language}, not {shopper.language}"
    stored = ["yes" if shopper.granted else "no"] if shopper.answer else []
    if errand.name == "settings" and _said(_CHECKED, body) != stored:
        yield f"shows the answer {_said(_CHECKED, body)}, not {stored}"


def learn(shopper: Shopper, errand: Errand, response: Response, ledger: Ledger) -> None:
    """Let a visitor keep what a right response has given it."""
    kept, deleted = set_cookies(response)
    for name in deleted:
        shopper.jar.pop(name, None)
    shopper.jar.update(kept)
    token = _TOKEN.search(response.body)
    if token is not None:
        shopper.token = token[1].decode("ascii")
    ledger.done[errand.name] += 1
    ledger.invented += errand.invented
    if errand.status == _SEE_OTHER:
        shopper.form = errand.path
    if errand.shows == "shop":
        shopper.view = errand.request.target
    if errand.shows in {"shop", "fragment"}:
        shopper.form = None
        if shopper.allows and errand.path in PAGES:
            ledger.views[errand.path] += 1
    if errand.then is not None:
        errand.then(shopper)


def views(statistics: Response) -> dict[str, int]:
    """Return what the statistics page says of each page."""
    return {path.decode(): int(count) for path, count in _VIEWS.findall(statistics.body)}
