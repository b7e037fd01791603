"""The preferences page of one visitor: laid out by the site, as a part of a page, and what it tells."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import jinja2
import pytest

from cookieconsent import Config, Cookie, CookieClass
from cookieconsent.errors import ConfigError
from doors import HTML, SECRET, Asked, Door, Page, Site, Visitor, both_doors, elements, forms
from ui.markup import parse, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from cookieconsent.ui.preferences import PagePart
    from oracles.drivers import Answer

PATH: Final = "/cookie-consent"
CSP: Final = b"content-security-policy"
TEMPLATE: Final = (
    '<!DOCTYPE html><html lang="{{ lang }}" dir="{{ dir }}"><head><title>{{ title }} - Shop</title>'
    "{{ head }}</head><body><nav>Our shop</nav><main>{{ body }}</main></body></html>"
)


def by_function(part: PagePart) -> str:
    return (
        f'<!DOCTYPE html><html lang="{part.lang}" dir="{part.dir}"><head>'
        f"<title>{part.title} - Shop</title>{part.head}</head>"
        f"<body><nav>Our shop</nav><main>{part.body}</main></body></html>"
    )


def by_jinja(*, autoescape: bool) -> jinja2.Template:
    environment = jinja2.Environment(autoescape=autoescape)
    return environment.from_string(TEMPLATE)


def by_django() -> object:
    """Return a template as `django.template.loader.get_template` does, without a whole site."""
    from django.template import Engine
    from django.template.backends.django import Template

    engine = Engine(debug=False)
    return Template(engine.from_string(TEMPLATE), SimpleNamespace(engine=engine))


LAYOUTS: Final[dict[str, Callable[[], Any]]] = {
    "a function": lambda: by_function,
    "Jinja2, escaping": lambda: by_jinja(autoescape=True),
    "Jinja2, not escaping": lambda: by_jinja(autoescape=False),
    "Django": by_django,
}


def is_plain(answer: Answer) -> bool:
    """Tell whether the page is our own document."""
    return b'<body class="cookieconsent-page">' in answer.body


# --- the site's own layout ------------------------------------------------------------------------


@both_doors
@pytest.mark.parametrize("make", LAYOUTS.values(), ids=LAYOUTS)
def test_page_stands_in_the_layout(door: Door, make: Callable[[], Any]) -> None:
    site = Site(door, layout=make())
    plain = Site(door).get(PATH, [(b"accept-language", b"ar")])
    answer = site.get(PATH, [(b"accept-language", b"ar")])
    assert (answer.status, is_plain(answer)) == (200, False)
    tree, errors = parse(answer.body)
    assert errors == []
    assert (tree.get("lang"), tree.get("dir")) == ("ar", "rtl")
    assert [text_of(nav) for nav in tree.iter("nav")] == ["Our shop"]
    titles = [text_of(next(page.iter("title"))) for page in (tree, parse(plain.body)[0])]
    assert titles[0] == f"{titles[1]} - Shop"
    [style] = [link.get("href") for link in next(tree.iter("head")).iter("link")]
    assert site.get(style or "").values(b"content-type") == [b"text/css; charset=utf-8"]
    inside, whole = ([form.fields for form in forms(page.body)] for page in (answer, plain))
    assert inside == whole


@both_doors
def test_layout_is_told_of_a_fault(door: Door) -> None:
    answer = Site(door, layout=by_function).post({"choice": "nonsense"})
    assert (answer.status, is_plain(answer)) == (400, False)
    assert b"<title>Not saved - Cookie settings - Shop</title>" in answer.body


@both_doors
def test_layout_brings_its_own_pictures_and_scripts(door: Door) -> None:
    """Ours may load nothing but its style; either stays out of frames and posts to itself."""
    for layout, strict in ((by_function, False), (None, True)):
        [policy] = Site(door, layout=layout).get(PATH).values(CSP)
        assert (b"default-src" in policy) == strict
        for directive in (
            b"form-action 'self'",
            b"base-uri 'none'",
            b"frame-ancestors 'none'",
        ):
            assert directive in policy


def fail(part: PagePart) -> str:
    raise RuntimeError


def forget_the_body(part: PagePart) -> str:
    return f"<title>{part.title}</title>"


def escape_the_body(part: PagePart) -> str:
    return str(jinja2.Template("{{ body|e }}").render(body=str(part.body)))


def return_bytes(part: PagePart) -> Any:
    return by_function(part).encode()


@both_doors
@pytest.mark.parametrize(
    ("layout", "event"),
    [
        (fail, "failure"),
        (forget_the_body, "layout"),
        (escape_the_body, "layout"),
        (return_bytes, "layout"),
        (lambda part: None, "layout"),
    ],
    ids=["raises", "leaves the body out", "escapes the body", "returns bytes", "returns nothing"],
)
def test_plain_page_stands_in_for_a_bad_layout(
    door: Door, layout: Any, event: str, caplog: pytest.LogCaptureFixture
) -> None:
    site = Site(door, layout=layout)
    for _ in range(2):
        answer = site.get(PATH)
        assert (answer.status, is_plain(answer)) == (200, True)
        assert b"default-src 'none'" in answer.values(CSP)[0]
    logged = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [vars(record)["event"] for record in logged] == [event]
    assert "layout" in logged[0].getMessage()


async def later(part: PagePart) -> str:
    return by_function(part)


class Later:
    async def __call__(self, part: PagePart) -> str:
        return by_function(part)


class RendersLater:
    async def render(self, fields: dict[str, str]) -> str:
        return fields["body"]


@pytest.mark.parametrize(
    "layout",
    [
        later,
        Later(),
        RendersLater(),
        jinja2.Environment(enable_async=True, autoescape=True).from_string(TEMPLATE),
        "layout.html",
        42,
    ],
    ids=["async function", "async call", "async render", "async Jinja2", "name", "number"],
)
def test_what_lays_nothing_out_is_refused(layout: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        Config(secret_key=SECRET, layout=layout)
    assert caught.value.field == "layout"


# --- a part of a page of the site's own -----------------------------------------------------------


def privacy_page(request: Asked) -> Page:
    part = str(request.state.preferences()).encode()
    return Page(
        headers=[*HTML, (b"cache-control", b"public, max-age=60")], chunks=[b"<body>", part]
    )


@both_doors
def test_forms_of_the_part_lead_back_to_its_page(door: Door) -> None:
    visitor = Visitor(Site(door, privacy_page))
    visitor.visit("/privacy?a=1")
    part = [form for form in forms(visitor.page) if ("next", "/privacy?a=1") in form.fields]
    assert {form.action for form in part} == {PATH}
    visitor.choose("save", **{"class-analytics": "yes"})
    assert (visitor.url, visitor.fragment) == ("/privacy?a=1", "cookieconsent-saved")
    choice = visitor.site.asked[-1].state.choice
    assert choice is not None
    assert choice.granted == {"analytics"}


@both_doors
def test_page_with_the_part_is_kept_nowhere(door: Door) -> None:
    answer = Site(door, privacy_page).get("/privacy")
    assert b"no-store" in b", ".join(answer.values(b"cache-control"))
    assert b"public" not in b", ".join(answer.values(b"cache-control"))
    assert b"Cookie" in b", ".join(answer.values(b"vary"))


@both_doors
@pytest.mark.parametrize("decided", [False, True], ids=["banner", "settings element"])
def test_no_id_comes_twice_beside_the_part(door: Door, decided: bool) -> None:
    site = Site(door, privacy_page)
    cookie = site.answer_cookie() if decided else None
    answer = site.get("/privacy", cookie=cookie)
    ids = [name for element in elements(answer.body) if (name := element.get("id"))]
    ours = "cookieconsent-settings" if decided else "cookieconsent-banner"
    assert {ours, "cookieconsent-optional", "cookieconsent-saved"} <= set(ids)
    assert len(ids) == len(set(ids))


@both_doors
def test_shared_page_gets_a_link_and_one_warning(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    site = Site(door, privacy_page, shared_cache=True)
    for _ in range(2):
        answer = site.get("/privacy")
        assert f'<p><a href="{PATH}">Cookie settings</a></p>'.encode() in answer.body
        assert b"cookieconsent-optional" not in answer.body
        assert b"no-store" not in b", ".join(answer.values(b"cache-control"))
    logged = [record for record in caplog.records if "preferences" in record.getMessage()]
    assert [vars(record)["event"] for record in logged] == ["preferences"]


@both_doors
def test_part_is_empty_where_nothing_is_enforced(door: Door) -> None:
    answer = Site(door, privacy_page, enforce=False).get("/privacy")
    assert answer.body == b"<body>"
    assert answer.values(b"cache-control") == [b"public, max-age=60"]


# --- the link back --------------------------------------------------------------------------------

BACK: Final = [
    ("a page", b"https://shop.example/p", "/p"),
    ("a query", b"https://shop.example/p?a=1&b=2", "/p?a=1&b=2"),
    ("the port said", b"https://shop.example:443/p", "/p"),
    ("another host", b"https://evil.example/p", None),
    ("our host as a prefix", b"https://shop.example.evil.example/p", None),
    ("another port", b"https://shop.example:8443/p", None),
    ("our own page", b"https://shop.example/cookie-consent", None),
    ("our receipt", b"https://shop.example/cookie-consent?receipt", None),
    ("below our page", b"https://shop.example/cookie-consent/receipt.json", None),
    ("a page named alike", b"https://shop.example/cookie-consent-2", "/cookie-consent-2"),
    ("two slashes", b"https://shop.example//evil.example", None),
    ("a backslash", b"https://shop.example/\\evil.example", None),
    ("user information", b"https://shop.example@evil.example/p", None),
    ("user information of ours", b"https://ada:pw@shop.example/p", None),
    ("no address", b"javascript:alert(1)", None),
    ("broken", b"https://[::1/p", None),
    ("bytes", b"https://shop.example/\xff", None),
    ("oversized", b"https://shop.example/" + b"a" * 2048, None),
]


def ways_back(answer: Answer) -> tuple[str | None, set[str | None]]:
    """Return where the link leads, and what the forms carry."""
    tree, _ = parse(answer.body)
    [link] = [a.get("href") for a in tree.iter("a") if text_of(a) == "Back to the site"]
    return link, {dict(form.fields).get("next") for form in forms(answer.body)}


@both_doors
@pytest.mark.parametrize(
    ("referer", "expected"), [row[1:] for row in BACK], ids=[row[0] for row in BACK]
)
def test_link_leads_back_within_the_site(door: Door, referer: bytes, expected: str | None) -> None:
    answer = Site(door).get(PATH, [(b"referer", referer)])
    assert ways_back(answer) == (expected or "/", {expected})


@both_doors
def test_origin_of_the_site_may_be_named(door: Door) -> None:
    """Behind a proxy the host of the request is not the one that visitors see."""
    site = Site(door, public_origin="https://www.shop.example")
    answer = site.get(PATH, [(b"referer", b"https://www.shop.example/p")])
    assert ways_back(answer) == ("/p", {"/p"})


@both_doors
@pytest.mark.parametrize(
    ("target", "expected"), [("/p", "/p"), ("//evil.example", None)], ids=["safe", "unsafe"]
)
def test_submitted_target_wins_after_a_fault(door: Door, target: str, expected: str | None) -> None:
    headers = [(b"sec-fetch-site", b"same-origin"), (b"referer", b"https://shop.example/other")]
    answer = Site(door).post({"choice": "nonsense", "next": target}, headers)
    assert answer.status == 400
    assert ways_back(answer) == (expected or "/", {expected})


# --- your cookies now -----------------------------------------------------------------------------

PASSED, REMOVED = "Passed on, because ", "Removed, because "
SIGNAL: Final = ((b"sec-gpc", b"1"),)
LISTENING: Final = {"classes": [CookieClass("analytics", regime="objection")]}
VALUE: Final = "sesame"
FATES: Final[list[tuple[str, str, str | None, dict[str, Any], Any]]] = [
    ("sid", PASSED + "the site needs it", None, {}, ()),
    ("_ga", PASSED + "you said yes", "accept", {}, ()),
    ("_ga", PASSED + "you have not objected", None, LISTENING, ()),
    ("zz", PASSED + "this site lets unknown cookies pass", None, {"undeclared": "allow"}, ()),
    ("_ga", REMOVED + "you have not answered yet", None, {}, ()),
    ("_ga", REMOVED + "you said no", "reject", {}, ()),
    ("_ga", REMOVED + "your browser sends Global Privacy Control", "accept", {}, SIGNAL),
    ("_ga", REMOVED + "everything is paused", "pause", {}, ()),
    ("zz", REMOVED + "this site does not know it", "accept", {}, ()),
]


def told(answer: Answer) -> dict[str, list[str]]:
    """Return what the page says of each cookie that it lists as sent."""
    tree, _ = parse(answer.body)
    [table] = [
        t for t in tree.iter("table") if text_of(next(t.iter("caption"))) == "Your cookies now"
    ]
    return {
        text_of(next(row.iter("th"))): [text_of(cell) for cell in row.iter("td")]
        for row in next(table.iter("tbody")).iter("tr")
    }


@both_doors
@pytest.mark.parametrize(
    ("name", "reason", "action", "options", "headers"), FATES, ids=[row[1] for row in FATES]
)
def test_every_reason_is_told(
    door: Door, name: str, reason: str, action: str | None, options: dict[str, Any], headers: Any
) -> None:
    """And it is true: the application gets the cookie exactly where the page says so."""
    cookies = [
        Cookie("sid", "authentication", purpose="P.", provider="Shop", lifetime="session"),
        Cookie("_ga", "analytics", purpose="P.", provider="Google", lifetime="1 days"),
    ]
    site = Site(door, cookies=cookies, **options)
    line = f"{name}={VALUE}".encode()
    if action is not None:
        line += b"; " + site.answer_cookie(action)
    answer = site.get(PATH, headers, cookie=line)
    cells = told(answer)[name]
    assert cells[1:] == [reason, "•••• (6 characters)"]
    assert VALUE.encode() not in answer.body
    site.get("/", headers, cookie=line)
    assert (name.encode() in (site.asked[-1].cookie or b"")) == reason.startswith(PASSED)


@both_doors
def test_own_cookie_is_told_without_its_value(door: Door) -> None:
    site = Site(door)
    pair = site.answer_cookie()
    answer = site.get(PATH, cookie=pair)
    assert told(answer)["__Host-cookieconsent"][0] == "Cookie consent"
    assert pair.partition(b"=")[2] not in answer.body


@both_doors
@pytest.mark.parametrize(
    ("sent", "more"),
    [
        (100, None),
        (101, "1 more cookie is not shown."),
        (130, "30 more cookies are not shown."),
    ],
)
def test_a_hundred_cookies_are_listed(door: Door, sent: int, more: str | None) -> None:
    cookie = "; ".join(f"c{number}=1" for number in range(sent)).encode()
    answer = Site(door).get(PATH, cookie=cookie)
    assert list(told(answer)) == [f"c{number}" for number in range(100)]
    assert ("not shown" in text_of(parse(answer.body)[0])) == (more is not None)
    assert more is None or more in text_of(parse(answer.body)[0])
