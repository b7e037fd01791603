"""`state`: what applications ask of the consent state, and finding it in any framework's request."""

from __future__ import annotations

from collections.abc import Callable
from operator import methodcaller
from types import SimpleNamespace
from typing import Any

import pytest
from markupsafe import Markup

from cookieconsent import (
    Choice,
    ConsentState,
    Cookie,
    CookieClass,
    NotInstalledError,
    ResponseStartedError,
    UnknownClassError,
    consent_of,
)
from cookieconsent.engine.state import ENVIRON_KEY, SCOPE_KEY, state_of
from doors import (
    DAY,
    HTML,
    PAGE,
    Asked,
    Door,
    Page,
    Site,
    banners,
    both_doors,
    buttons,
    consent_lines,
    elements,
    language,
    settings_elements,
)

MAPS = CookieClass("maps", regime="opt-in")
FACTS: dict[str, Any] = {"purpose": "p", "provider": "p", "lifetime": "session"}


def ask(site: Site, question: Callable[[ConsentState], object], **request: Any) -> Any:
    """Ask a question while the application answers one navigation."""
    answers: list[object] = []

    def application(asked: Asked) -> Page:
        answers.append(question(asked.state))
        return Page()

    site._application = application
    site.get(**request)
    return answers[-1]


# --- finding it ----------------------------------------------------------------------------------


def with_django(request: Any) -> Any:
    from django.conf import settings

    if not settings.configured:
        settings.configure()
    return request


async def nothing() -> Any:
    return {"type": "http.request"}


def starlette_request(scope: Any) -> Any:
    from starlette.requests import Request

    return Request(scope)


def django_asgi_request(scope: Any) -> Any:
    import io

    from django.core.handlers.asgi import ASGIRequest

    return with_django(ASGIRequest)(dict(scope), io.BytesIO())


def werkzeug_request(environ: Any) -> Any:
    from werkzeug.wrappers import Request

    return Request(environ)


def webob_request(environ: Any) -> Any:
    from webob import Request

    return Request(environ)


def django_wsgi_request(environ: Any) -> Any:
    from django.core.handlers.wsgi import WSGIRequest

    return with_django(WSGIRequest)(environ)


def drf_request(environ: Any) -> Any:
    """Stand for Django REST framework's request, which keeps Django's as `_request`."""
    return SimpleNamespace(_request=django_wsgi_request(environ))


def pyramid_request(environ: Any) -> Any:
    from pyramid.request import Request

    return Request(environ)


def bottle_request(environ: Any) -> Any:
    from bottle import BaseRequest

    return BaseRequest(environ)


def falcon_request(environ: Any) -> Any:
    from falcon import Request

    return Request(environ)


def falcon_asgi_request(scope: Any) -> Any:
    from falcon.asgi import Request

    async def receive() -> Any: ...

    return Request(scope, receive)


@pytest.mark.parametrize(
    ("door", "request_of"),
    [
        pytest.param("asgi", lambda scope: scope, id="scope"),
        pytest.param("asgi", starlette_request, id="starlette"),
        pytest.param("asgi", lambda scope: SimpleNamespace(scope=scope), id="any with a scope"),
        pytest.param("asgi", django_asgi_request, id="django asgi"),
        pytest.param("asgi", falcon_asgi_request, id="falcon asgi"),
        pytest.param("wsgi", lambda environ: environ, id="environ"),
        pytest.param("wsgi", werkzeug_request, id="werkzeug"),
        pytest.param("wsgi", webob_request, id="webob"),
        pytest.param("wsgi", pyramid_request, id="pyramid"),
        pytest.param("wsgi", bottle_request, id="bottle"),
        pytest.param("wsgi", falcon_request, id="falcon"),
        pytest.param("wsgi", django_wsgi_request, id="django wsgi"),
        pytest.param("wsgi", drf_request, id="django rest framework"),
        pytest.param("wsgi", lambda e: SimpleNamespace(environ=e), id="any with an environ"),
    ],
)
def test_state_is_found(door: Door, request_of: Callable[[Any], Any]) -> None:
    site = Site(door)
    site.get()
    asked = site.asked[0]
    assert asked.scope[SCOPE_KEY if door == "asgi" else ENVIRON_KEY] is asked.state
    assert consent_of(request_of(asked.scope)) is asked.state


@pytest.mark.parametrize(
    "request_",
    [
        None,
        object(),
        {},
        [],
        "cookieconsent",
        {"type": "http", "headers": []},
        {SCOPE_KEY: None},
        {SCOPE_KEY: "something else"},
        {ENVIRON_KEY: True},
        SimpleNamespace(scope={}, environ=None, META=5),
        SimpleNamespace(_request=SimpleNamespace()),
    ],
    ids=lambda request_: type(request_).__name__,
)
def test_request_without_middleware_is_an_error(request_: object) -> None:
    with pytest.raises(NotInstalledError, match="CookieConsentMiddleware"):
        consent_of(request_)
    with pytest.raises(LookupError):
        consent_of(request_)


@pytest.mark.parametrize("key", [SCOPE_KEY, ENVIRON_KEY])
def test_variable_of_the_same_name_hides_no_state(key: str) -> None:
    """Servers may copy the variables of their process into an environ."""
    site = Site("wsgi")
    site.get()
    state = site.asked[0].state
    assert state_of({SCOPE_KEY: "1", ENVIRON_KEY: "1", key: state}) is state


# --- asking --------------------------------------------------------------------------------------


@both_doors
def test_nothing_is_allowed_by_default(door: Door) -> None:
    site = Site(door, classes=[MAPS])
    for name in (
        "analytics",
        "maps",
        "media",
        "advertising",
        "preferences",
        "zzz",
        "",
        "ANALYTICS",
    ):
        assert ask(site, lambda state, name=name: state.allows(name)) is False  # type: ignore[misc]
    for name in ("authentication", "cart", "consent"):
        assert ask(site, lambda state, name=name: state.allows(name)) is True  # type: ignore[misc]


@both_doors
@pytest.mark.parametrize(
    ("action", "fields", "allowed", "decided"),
    [
        (None, {}, set(), False),
        ("accept", {}, {"analytics", "maps"}, True),
        ("reject", {}, set(), True),
        ("withdraw", {}, set(), True),
        ("save", {"class-maps": "yes"}, {"maps"}, True),
        ("save", {"class-maps": "yes", "class-analytics": "no"}, {"maps"}, True),
        ("grant", {"class": "maps"}, {"maps"}, False),
    ],
)
def test_state_tells_the_answer(
    door: Door, action: str | None, fields: dict[str, str], allowed: set[str], decided: bool
) -> None:
    site = Site(door, classes=[MAPS])
    cookie = None if action is None else site.answer_cookie(action, **fields)
    names = ("analytics", "maps")
    assert {
        name
        for name in names
        if ask(site, lambda s, name=name: s.allows(name), cookie=cookie)  # type: ignore[misc]
    } == allowed
    assert ask(site, lambda state: state.decided, cookie=cookie) is decided
    choice = ask(site, lambda state: state.choice, cookie=cookie)
    if action is None:
        assert choice is None
    else:
        assert isinstance(choice, Choice)
        assert (set(choice.granted), choice.day) == (allowed, DAY)


@both_doors
@pytest.mark.parametrize(
    ("question", "vary"),
    [
        (lambda state: state.allows("analytics"), b"Cookie, Sec-GPC"),
        (lambda state: state.decided, b"Cookie, Sec-GPC"),
        (lambda state: state.choice, b"Cookie, Sec-GPC"),
        (lambda state: state.grant("analytics"), b"Cookie, Sec-GPC"),
        (lambda state: state.withdraw(), b"Cookie, Sec-GPC"),
        (lambda state: state.banner(), b"Cookie, Sec-GPC, Accept-Language"),
        (lambda state: state.settings_link(), b"Cookie, Sec-GPC, Accept-Language"),
        (lambda state: state.embed(Markup("x"), title="y"), b"Cookie, Sec-GPC, Accept-Language"),
        (lambda state: state.preferences(), b"Cookie, Sec-GPC, Accept-Language"),
        (lambda state: state.preferences_url, None),
        (repr, None),
    ],
    ids=[
        "allows",
        "decided",
        "choice",
        "grant",
        "withdraw",
        "banner",
        "settings",
        "embed",
        "preferences",
        "url",
        "repr",
    ],
)
def test_asking_makes_the_response_vary(
    door: Door, question: Callable[[ConsentState], object], vary: bytes | None
) -> None:
    """Not only pages: a JSON answer that asked `allows()` may not be cached for everybody."""

    def application(asked: Asked) -> Page:
        question(asked.state)
        return Page(headers=[(b"content-type", b"application/json")], chunks=[b"{}"])

    answer = Site(door, application).get()
    assert answer.values(b"vary") == ([] if vary is None else [vary])


@both_doors
@pytest.mark.parametrize("answer", [None, "accept", "reject"])
def test_unknown_class_is_denied_and_logged_once(
    door: Door, answer: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    site = Site(door)
    cookie = None if answer is None else site.answer_cookie(answer)
    caplog.clear()
    for _ in range(3):
        assert ask(site, lambda s: s.allows("analitycs"), cookie=cookie) is False
    assert [record.getMessage() for record in caplog.records] == [
        "unknown class: allows('analitycs') is always False; did you mean 'analytics'?"
    ]


@both_doors
def test_denied_class_is_no_unknown_one(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    site = Site(door, classes=[MAPS])
    for cls in (*site.consent.class_names, "maps", "analytics"):
        ask(site, methodcaller("allows", cls))
    assert caplog.records == []


@both_doors
def test_repr_holds_no_cookie_value(door: Door) -> None:
    site = Site(door)
    cookie = site.answer_cookie("accept")
    text = ask(site, repr, cookie=cookie + b"; sid=SECRET-VALUE")
    assert text == ("<ConsentState decided=True allowed: analytics, authentication, cart, consent>")


# --- granting and withdrawing --------------------------------------------------------------------


def acting(*acts: Callable[[ConsentState], object], cookies: tuple[bytes, ...] = ()) -> Any:
    """Return an application that acts and then answers with cookies of its own."""

    def application(asked: Asked) -> Page:
        for act in acts:
            act(asked.state)
        lines = [(b"set-cookie", cookie) for cookie in cookies]
        return Page(headers=[*HTML, *lines])

    return application


def grant(*names: str) -> Callable[[ConsentState], object]:
    return lambda state: state.grant(*names)


def withdraw(state: ConsentState) -> None:
    state.withdraw()


@both_doors
def test_grant_holds_at_once(door: Door) -> None:
    seen: list[object] = []

    def application(asked: Asked) -> Page:
        asked.state.grant("analytics")
        seen.extend((asked.state.allows("analytics"), asked.state.decided, asked.state.choice))
        return Page(headers=[*HTML, (b"set-cookie", b"_ga=1; Path=/")])

    site = Site(door, application)
    answer = site.get()
    assert seen[:2] == [True, True]
    assert seen[2] == Choice(day=DAY, granted=frozenset({"analytics"}))
    assert b"_ga=1; Path=/" in answer.values(b"set-cookie")
    assert answer.values(b"cache-control") == [b"no-store"]
    assert banners(answer.body) == 0
    assert settings_elements(answer.body) == 1
    [line] = consent_lines(answer)
    assert ask(site, lambda s: s.allows("analytics"), cookie=line.partition(b";")[0]) is True


@both_doors
def test_grant_equals_the_form(door: Door) -> None:
    """One answer on one day has one form, whichever way it was given."""
    site = Site(door, acting(grant("analytics")))
    assert consent_lines(site.get()) == consent_lines(site.post({"choice": "accept"}))


@both_doors
def test_grant_leaves_other_classes_as_they_stood(door: Door) -> None:
    site = Site(door, acting(grant("maps")), classes=[MAPS])
    for action, granted, refused in (
        ("accept", {"analytics", "maps"}, set()),
        ("reject", {"maps"}, {"analytics"}),
    ):
        cookie = site.answer_cookie(action)
        answer = site.get(cookie=cookie)
        lines = consent_lines(answer)
        if action == "accept":
            assert lines == []
            continue
        choice = ask(site, lambda s: s.choice, cookie=lines[0].partition(b";")[0])
        assert (choice.granted, choice.refused) == (granted, refused)
        site._application = acting(grant("maps"))


@both_doors
def test_grant_does_not_prolong_the_others(door: Door) -> None:
    site = Site(door, classes=[MAPS])
    cookie = site.answer_cookie("save", **{"class-analytics": "yes"})
    site.clock.advance(days=100)
    site._application = acting(grant("maps"))
    [line] = consent_lines(site.get(cookie=cookie))
    choice = ask(site, lambda state: state.choice, cookie=line.partition(b";")[0])
    assert choice.day == DAY


@both_doors
@pytest.mark.parametrize("names", [("analytics",), ("analytics", "analytics"), ()])
def test_repeated_grant_writes_nothing(door: Door, names: tuple[str, ...]) -> None:
    site = Site(door, acting(grant(*names)))
    answer = site.get(cookie=site.answer_cookie("accept"))
    assert answer.values(b"set-cookie") == []
    assert answer.values(b"cache-control") == []
    assert [event.action for event in site.choices] == ["accept"]


@both_doors
def test_grant_of_nothing_is_no_choice(door: Door) -> None:
    site = Site(door, acting(grant()))
    answer = site.get()
    assert answer.values(b"set-cookie") == []
    assert banners(answer.body) == 1


@both_doors
@pytest.mark.parametrize("names", [("zzz",), ("analytics", "zzz"), ("authentication",), ("media",)])
def test_unknown_class_cannot_be_granted(door: Door, names: tuple[str, ...]) -> None:
    errors: list[UnknownClassError] = []

    def application(asked: Asked) -> Page:
        with pytest.raises(UnknownClassError) as caught:
            asked.state.grant(*names)
        errors.append(caught.value)
        assert not asked.state.allows("analytics")
        return Page()

    answer = Site(door, application).get()
    assert answer.values(b"set-cookie") == []
    assert errors[0].name == names[-1]
    assert errors[0].known == ("analytics",)
    assert "analytics" in str(errors[0])


@both_doors
def test_withdrawal_removes_what_was_set_before(door: Door) -> None:
    """The filter runs when the head is sent, not when the application calls."""
    cookies = (b"_ga=1; Path=/", b"sessionid=2; Path=/", b"_gid=3")
    site = Site(door, acting(withdraw, cookies=cookies))
    answer = site.get(cookie=site.answer_cookie("accept"))
    assert answer.values(b"set-cookie")[0] == b"sessionid=2; Path=/"
    assert len(answer.values(b"set-cookie")) == 2
    [line] = consent_lines(answer)
    choice = ask(site, lambda state: state.choice, cookie=line.partition(b";")[0])
    assert choice == Choice(day=DAY, refused=frozenset({"analytics"}))
    assert answer.values(b"cache-control") == [b"no-store"]
    assert "withdraw" not in buttons(answer.body)


@both_doors
def test_withdrawal_deletes_what_the_browser_has(door: Door) -> None:
    site = Site(door, acting(withdraw))
    answer = site.get(cookie=site.answer_cookie("accept") + b"; _ga=1")
    assert site.asked[-1].cookie is not None
    assert b"_ga=1" in site.asked[-1].cookie
    deleted = [line for line in answer.values(b"set-cookie") if line.startswith(b"_ga=;")]
    assert deleted


@both_doors
@pytest.mark.parametrize("action", [None, "reject"])
def test_withdrawal_of_nothing_writes_nothing(door: Door, action: str | None) -> None:
    site = Site(door, acting(withdraw))
    cookie = None if action is None else site.answer_cookie(action)
    answer = site.get(cookie=cookie)
    assert consent_lines(answer) == []
    assert banners(answer.body) == (action is None)


@both_doors
def test_withdrawal_counts_under_the_signal(door: Door) -> None:
    """The signal outranks the yes today; once it is off, the withdrawn yes must be gone."""
    site = Site(door, acting(withdraw))
    cookie = site.answer_cookie("accept")
    [line] = consent_lines(site.get(headers=[(b"sec-gpc", b"1")], cookie=cookie))
    allows = ask(site, lambda s: s.allows("analytics"), cookie=line.partition(b";")[0])
    assert allows is False


@both_doors
def test_withdrawal_objects_where_nothing_was_said(door: Door) -> None:
    stats = CookieClass("analytics", regime="objection", shares_with_third_parties=False)
    site = Site(door, acting(withdraw, cookies=(b"_ga=1",)), classes=[stats])
    answer = site.get()
    assert len(consent_lines(answer)) == len(answer.values(b"set-cookie")) == 1


@both_doors
def test_last_act_of_a_request_counts(door: Door) -> None:
    site = Site(door, acting(grant("analytics"), withdraw, cookies=(b"_ga=1",)))
    answer = site.get()
    assert len(answer.values(b"set-cookie")) == 1
    choice = ask(site, lambda s: s.choice, cookie=consent_lines(answer)[0].partition(b";")[0])
    assert choice.refused == {"analytics"}


@both_doors
@pytest.mark.parametrize("act", [grant("analytics"), withdraw], ids=["grant", "withdraw"])
def test_late_act_is_an_error_and_changes_nothing(
    door: Door, act: Callable[[ConsentState], object]
) -> None:
    def application(asked: Asked) -> Page:
        before = asked.state.choice

        def late() -> None:
            with pytest.raises(ResponseStartedError, match="head"):
                act(asked.state)
            assert asked.state.choice == before

        return Page(after_head=late)

    site = Site(door, application)
    plain = site.get(cookie=None)
    assert plain.values(b"set-cookie") == []
    assert banners(plain.body) == 1
    kept = site.answer_cookie("accept")
    assert site.get(cookie=kept).values(b"set-cookie") == []
    assert [event.action for event in site.choices] == ["accept"]


@both_doors
@pytest.mark.parametrize(
    ("act", "action", "granted", "refused"),
    [
        (grant("analytics"), "grant", {"analytics"}, set()),
        (withdraw, "withdraw", set(), {"analytics"}),
    ],
    ids=["grant", "withdraw"],
)
def test_act_of_the_application_is_told_to_the_site(
    door: Door,
    act: Callable[[ConsentState], object],
    action: str,
    granted: set[str],
    refused: set[str],
) -> None:
    """`on_choice` gets every choice a visitor makes, whichever way."""
    site = Site(door, acting(act), policy_version="7")
    cookie = site.answer_cookie("accept" if action == "withdraw" else "reject")
    site.choices.clear()
    site.get(cookie=cookie)
    [event] = site.choices
    assert event.action == action
    assert (set(event.granted), set(event.refused)) == (granted, refused)
    assert (event.day, event.signal, event.locale, event.policy_version) == (DAY, False, "en", "7")


@both_doors
def test_report_only_mode_writes_nothing(door: Door) -> None:
    site = Site(door, acting(grant("analytics"), cookies=(b"_ga=1",)), enforce=False)
    answer = site.get(cookie=b"_gid=1")
    assert answer.values(b"set-cookie") == [b"_ga=1"]
    assert answer.body == PAGE
    assert site.choices == []


# --- language, addresses, markup -----------------------------------------------------------------


@both_doors
def test_preferences_url_carries_the_mount(door: Door) -> None:
    site = Site(door, path="/privacy")
    assert ask(site, lambda state: state.preferences_url) == "/privacy"
    assert ask(site, lambda state: state.preferences_url, root="/shop") == "/shop/privacy"


@both_doors
def test_banner_helper_places_it_once(door: Door) -> None:
    def application(asked: Asked) -> Page:
        banner = asked.state.banner()
        assert isinstance(banner, Markup)
        return Page(chunks=[b"<body><header></header>", banner.encode(), b"</body>"])

    site = Site(door, application)
    body = site.get("/shop", query=b"a=1").body
    assert body.startswith(b"<body><header></header><div id=")
    assert banners(body) == 1
    fields = {e.get("name"): e.get("value") for e in elements(body) if e.tag == "input"}
    assert fields["next"] == "/shop?a=1"
    decided = site.get(cookie=site.answer_cookie("reject")).body
    assert banners(decided) == 0


@both_doors
def test_settings_helper_places_it_once(door: Door) -> None:
    """And an undecided visitor of the same template still gets the banner."""

    def application(asked: Asked) -> Page:
        link = asked.state.settings_link()
        assert isinstance(link, Markup)
        return Page(chunks=[b"<body><p>x</p><footer>", link.encode(), b"</footer></body>"])

    site = Site(door, application)
    undecided = site.get().body
    assert banners(undecided) == 1
    assert settings_elements(undecided) == 0
    for action in ("accept", "reject"):
        body = site.get(cookie=site.answer_cookie(action)).body
        assert body.startswith(b"<body><p>x</p><footer><div id=")
        assert settings_elements(body) == 1
        assert ("withdraw" in buttons(body)) is (action == "accept")


@both_doors
@pytest.mark.parametrize("split", [True, False], ids=["before the body", "behind the body"])
def test_helper_of_a_streamed_template_places_it_once(door: Door, split: bool) -> None:
    """A template may be rendered while the page goes out: what was inserted is not placed again."""

    class Streaming(list[bytes]):
        state: ConsentState

        def __iter__(self) -> Any:
            yield b"<!DOCTYPE html><title>x</title>" if split else b"<title>x</title><body><p>x</p>"
            yield (
                b"<body>" + self.state.banner().encode() if split else self.state.banner().encode()
            )
            yield b"<p>y</p></body>"

    def application(asked: Asked) -> Page:
        chunks = Streaming()
        chunks.state = asked.state
        return Page(chunks=chunks)

    body = Site(door, application).get().body
    assert banners(body) == 1


@both_doors
@pytest.mark.parametrize("shared_cache", [False, True], ids=["private", "shared"])
def test_helpers_called_twice_place_it_once(door: Door, shared_cache: bool) -> None:
    def application(asked: Asked) -> Page:
        state = asked.state
        takes = [state.banner, state.settings_link, state.preferences]
        parts = [take().encode() for take in (*takes, *takes)]
        return Page(chunks=[b"<body>", b"<hr>".join(parts), b"</body>"])

    site = Site(door, application, shared_cache=shared_cache)
    for cookie in (None, site.answer_cookie("accept")):
        body = site.get(cookie=cookie).body
        ids = [name for element in elements(body) if (name := element.get("id"))]
        assert len(ids) == len(set(ids)) > 0


@both_doors
def test_taking_twice_is_logged_once(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    def application(asked: Asked) -> Page:
        return Page(chunks=[b"<body>", (asked.state.banner() + asked.state.banner()).encode()])

    site = Site(door, application)
    for _ in range(2):
        assert banners(site.get().body) == 1
    [message] = caplog.messages
    assert message.startswith("placed twice: a page took the banner twice")


@both_doors
def test_page_of_an_error_places_it_anew(door: Door) -> None:
    """The page that failed half-way had the banner already, and nobody sees it."""

    def application(asked: Asked) -> Page:
        try:
            assert asked.state.banner()
            raise RuntimeError  # noqa: TRY301 - as a template would
        except RuntimeError:
            markup = asked.state.banner() + asked.state.banner()
            return Page(status=500, chunks=[b"<body>", markup.encode(), b"</body>"])

    assert banners(Site(door, application).get().body) == 1


@both_doors
def test_helpers_of_a_page_for_everybody_do_not_vary(door: Door) -> None:
    def application(asked: Asked) -> Page:
        markup = asked.state.banner() + asked.state.settings_link()
        return Page(chunks=[b"<body>", markup.encode(), b"</body>"])

    site = Site(door, application, shared_cache=True, shape="none")
    answers = [site.get(), site.get(cookie=site.answer_cookie("accept"))]
    assert answers[0] == answers[1]
    assert banners(answers[0].body) == 1
    assert answers[0].values(b"vary") == [b"Accept-Language"]
    assert not any(e.get("name") == "token" for e in elements(answers[0].body))


@both_doors
def test_placed_banner_varies_with_its_language(door: Door) -> None:
    def application(asked: Asked) -> Page:
        return Page(chunks=[b"<body>", asked.state.banner().encode(), b"</body>"])

    negotiated = Site(door, application).get()
    assert negotiated.values(b"vary") == [b"Cookie, Sec-GPC, Accept-Language"]
    fixed = Site(door, application, locale="en").get()
    assert fixed.values(b"vary") == [b"Cookie, Sec-GPC"]


@both_doors
def test_nothing_to_ask_places_nothing(door: Door) -> None:
    exempt = CookieClass("analytics", regime="exempt")
    for options in ({"classes": [exempt]}, {"enforce": False}):
        site = Site(door, **options)
        assert ask(site, lambda state: state.banner()) == ""


@both_doors
def test_application_sets_the_language(door: Door) -> None:
    def application(asked: Asked) -> Page:
        asked.state.locale = "fr"
        asked.state.locale = None
        asked.state.locale = asked.headers.get(b"x-language", b"").decode()
        assert (
            asked.state.locale == {"de-AT": "de", "zz": "en"}[asked.headers[b"x-language"].decode()]
        )
        return Page()

    site = Site(door, application)
    german = site.get(headers=[(b"x-language", b"de-AT")])
    assert language(german.body) == "de"
    assert german.values(b"vary") == [b"Cookie, Sec-GPC"], "the page no longer negotiates"
    unknown = site.get(headers=[(b"x-language", b"zz")])
    assert language(unknown.body) == "en"


@both_doors
def test_declared_ready_made_class_can_be_granted(door: Door) -> None:
    site = Site(door, acting(grant("media")), cookies=[Cookie("video", "media", **FACTS)])
    [line] = consent_lines(site.get())
    choice = ask(site, lambda s: s.choice, cookie=line.partition(b";")[0])
    assert choice.granted == {"media"}
