"""Real caching proxies before a real site, configured as the guide says, in both cache modes.

The oracle is the site itself: whatever a visitor gets through the cache must be what the site would
have answered to that very request. Every page says `public, max-age=600`, so a cache keeps what it may.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Final

import pytest

from conftest import NO_PROXY, missing
from cookieconsent import Config
from pages import PROXY_GUIDE, Block, blocks
from proxies.servers import nginx, program, serve, varnish

if TYPE_CHECKING:
    from pathlib import Path

HOST: Final = "shop.test"
SECRET: Final = "a secret of the tests, long enough to sign"
PROGRAMS: Final = {"nginx": ("nginx", nginx), "vcl": ("varnishd", varnish)}
BLOCKS: Final = [block for block in blocks(PROXY_GUIDE) if block.language in PROGRAMS]
PATHS: Final = ("/", "/tea", "/personal", "/count", "/dot.gif")
NAVIGATION: Final = {
    "Host": HOST,
    "Accept": "text/html,*/*;q=0.8",
    "Accept-Encoding": "gzip, br",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "none",
}
FORM: Final = {
    "Host": HOST,
    "Content-Type": "application/x-www-form-urlencoded",
    "Sec-Fetch-Site": "same-origin",
}
VIEWS: Final = 240


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    set_cookies: tuple[str, ...]

    @property
    def shown(self) -> tuple[int, bytes, tuple[str, ...], str | None]:
        """What must not be another visitor's."""
        return self.status, self.body, self.set_cookies, self.headers.get("location")

    @property
    def is_hit(self) -> bool:
        return self.headers.get("x-cache") == "HIT"


def ask(
    port: int, path: str, headers: dict[str, str], method: str = "GET", body: str | None = None
) -> Answer:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    pairs = [(name.lower(), value) for name, value in response.getheaders()]
    answer = Answer(
        response.status,
        dict(pairs),
        response.read(),
        tuple(value for name, value in pairs if name == "set-cookie"),
    )
    connection.close()
    return answer


@dataclass(frozen=True, slots=True)
class Stage:
    """A site, and the cache before it."""

    origin: int
    cache: int
    shared: bool


def is_shared(block: Block) -> bool:
    """Tell for which of the two modes a block of the guide is."""
    text = block.page.read_text(encoding="utf-8")
    before = "\n".join(text.splitlines()[: block.line])
    return "## Pages that are the same for everybody" in before


@pytest.fixture(
    params=BLOCKS, ids=lambda b: f"{b.language}-{'shared' if is_shared(b) else 'private'}"
)
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    block: Block = request.param
    name, start = PROGRAMS[block.language]
    if program(name) is None:
        missing(NO_PROXY)
    config = Config(secret_key=SECRET, secure=False, shared_cache=is_shared(block))
    with ExitStack() as stack:
        origin = stack.enter_context(serve(config))
        cache = stack.enter_context(start(block.text, origin, tmp_path))
        yield Stage(origin, cache, config.shared_cache)


def answered(stage: Stage, choice: str) -> str:
    """Answer through the cache, and return the cookie for it."""
    answer = ask(stage.cache, "/cookie-consent", FORM, "POST", f"choice={choice}&next=/")
    assert answer.status == 303
    (line,) = answer.set_cookies
    return line.partition(";")[0]


def visitors(stage: Stage) -> dict[str, dict[str, str]]:
    """Return what each kind of visitor sends beside the usual."""
    yes, no = answered(stage, "accept"), answered(stage, "reject")
    return {
        "new": {},
        "new, German": {"Accept-Language": "de-AT,de;q=0.9"},
        "new, with leftovers": {"Cookie": "_ga=GA1.1.1"},
        "new, with signal": {"Sec-GPC": "1"},
        "yes": {"Cookie": yes},
        "yes, with a session": {"Cookie": f"sessionid=alice; {yes}; _ga=GA1.1.2"},
        "yes, French": {"Cookie": yes, "Accept-Language": "fr"},
        "yes, with signal": {"Cookie": yes, "Sec-GPC": "1"},
        "no": {"Cookie": no},
        "no, with leftovers": {"Cookie": f"_ga=GA1.1.3; {no}"},
        "forged": {"Cookie": "cookieconsent=forged.value"},
    }


def without_deletions(answer: Answer) -> tuple[object, ...]:
    """Varnish was told not to show leftovers to the site, so that nothing deletes them there."""
    status, body, lines, location = answer.shown
    return status, body, tuple(line for line in lines if "Max-Age=0" not in line), location


def permitted(stage: Stage, path: str, headers: dict[str, str]) -> list[tuple[object, ...]]:
    """Return what may come through the cache: what the site itself answers.

    Where pages are the same for everybody, it may also be what a newcomer gets, who has allowed
    nothing: the site was told that it cannot depend on answers there.
    """
    asked = [headers]
    if stage.shared:
        asked.append({name: value for name, value in headers.items() if name != "Cookie"})
    return [without_deletions(ask(stage.origin, path, given)) for given in asked]


def test_nobody_gets_what_is_another_visitors(stage: Stage) -> None:
    people, chance = visitors(stage), random.Random(4)
    hits = 0
    for _ in range(VIEWS):
        path, (kind, own) = chance.choice(PATHS), chance.choice(list(people.items()))
        headers = NAVIGATION | own
        got = ask(stage.cache, path, headers)
        assert without_deletions(got) in permitted(stage, path, headers), (path, kind)
        assert not (got.is_hit and got.set_cookies), (path, kind)
        hits += got.is_hit
    assert hits > VIEWS // (2 if stage.shared else 10), "a cache that keeps nothing proves nothing"


def test_decided_visitors_share_public_pages(stage: Stage) -> None:
    yes = answered(stage, "accept")
    views = [ask(stage.cache, "/tea", NAVIGATION | {"Cookie": yes}) for _ in range(2)]
    assert [view.is_hit for view in views] == [False, True]
    assert views[0].body == views[1].body


def test_newcomers_are_asked_whoever_came_before(stage: Stage) -> None:
    for choice in ("accept", "reject"):
        ask(stage.cache, "/", NAVIGATION | {"Cookie": answered(stage, choice)})
        assert b'id="cookieconsent-banner"' in ask(stage.cache, "/", NAVIGATION).body


def test_own_pages_are_never_kept(stage: Stage) -> None:
    yes = answered(stage, "accept")
    for path in ("/cookie-consent", "/cookie-consent/state.css"):
        for own in ({}, {"Cookie": yes}, {}):
            headers = NAVIGATION | own
            got = ask(stage.cache, path, headers)
            assert got.shown == ask(stage.origin, path, headers).shown
            assert not got.is_hit


def private_only(test: Callable[[Stage], None]) -> Callable[[Stage], None]:
    """Run a test for the configurations of one mode."""
    picked = [block for block in BLOCKS if not is_shared(block)]
    return pytest.mark.parametrize("stage", picked, indirect=True, ids=lambda b: b.language)(test)


def shared_only(test: Callable[[Stage], None]) -> Callable[[Stage], None]:
    """Run a test for the configurations of the other mode."""
    picked = [block for block in BLOCKS if is_shared(block)]
    return pytest.mark.parametrize("stage", picked, indirect=True, ids=lambda b: b.language)(test)


@private_only
def test_decided_visitors_have_no_banner(stage: Stage) -> None:
    ask(stage.cache, "/", NAVIGATION)
    for choice in ("accept", "reject"):
        page = ask(stage.cache, "/", NAVIGATION | {"Cookie": answered(stage, choice)}).body
        assert b"cookieconsent-banner" not in page
        assert b'id="cookieconsent-settings"' in page


@shared_only
def test_page_is_the_same_for_all_and_its_sheet_is_not(stage: Stage) -> None:
    people = {kind: own for kind, own in visitors(stage).items() if "Accept-Language" not in own}
    pages = {ask(stage.cache, "/tea", NAVIGATION | own).body for own in people.values()}
    assert len(pages) == 1
    sheets = {
        kind: ask(stage.cache, "/cookie-consent/state.css", {"Host": HOST} | own).body
        for kind, own in people.items()
    }
    hiding = {kind for kind, sheet in sheets.items() if b"display:none" in sheet}
    assert hiding == {kind for kind in people if kind.startswith(("yes", "no"))} | {
        "new, with signal"
    }


@shared_only
def test_leftovers_go_with_the_style_sheet(stage: Stage) -> None:
    headers = {"Host": HOST, "Cookie": "_ga=GA1.1.1"}
    lines = ask(stage.cache, "/cookie-consent/state.css", headers).set_cookies
    assert any(line.startswith("_ga=;") for line in lines)


def test_guide_has_both_programs_in_both_modes() -> None:
    assert {(block.language, is_shared(block)) for block in BLOCKS} == {
        (language, shared) for language in PROGRAMS for shared in (False, True)
    }
