"""Django: the setting, the request and response objects, tags, languages and caches, sync and async."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from asgiref.sync import iscoroutinefunction
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.template import engines
from django.test import AsyncClient, Client, RequestFactory
from django.test.utils import override_settings
from django.urls import path
from django.utils import translation
from django.views.decorators.cache import cache_page

from cookieconsent import Config, ConsentState, consent_of
from cookieconsent.middleware import asgi, wsgi
from doors import (
    NAVIGATION,
    SECRET,
    Clock,
    Door,
    Site,
    Visitor,
    banners,
    language,
    settings_elements,
)
from integrations import django_project
from integrations.django_project import OURS
from oracles.drivers import Answer, Exchange, run_asgi, run_wsgi

django_project.set_up()

PAGE: Final = "<!DOCTYPE html><html><head><title>t</title></head><body><p>{}</p></body></html>"
HTML: Final = {"accept": "text/html"}
View = Callable[[Any], Any]


class Project(Site):
    """A Django project with some views, behind one of its handlers.

    Args:
        door: Which one.
        views: What answers, by path; one view alone answers `/`.
        consent: The setting `COOKIECONSENT`, without the secret.
        settings: Other settings that differ from those of the test project.
    """

    def __init__(
        self,
        door: Any,
        views: View | dict[str, View],
        consent: dict[str, Any] | None = None,
        **settings: Any,
    ) -> None:
        views = {"": views} if callable(views) else views
        self.urlpatterns = [path(name, view) for name, view in views.items()]
        self.door = door
        self.clock = Clock()
        given = {"secret_key": SECRET, "clock": self.clock, **(consent or {})}
        self.settings = override_settings(COOKIECONSENT=given, ROOT_URLCONF=self, **settings)
        with self.settings:
            self.asgi, self.wsgi = (
                (ASGIHandler(), None) if door == "asgi" else (None, WSGIHandler())
            )

    def __hash__(self) -> int:
        return id(self)

    def send(self, exchange: Exchange, **server: Any) -> Answer:
        with self.settings:
            if self.door == "asgi":
                return run_asgi(self.asgi, exchange, lint=False, **server)
            answer = run_wsgi(self.wsgi, exchange, **server)
        # Django's WSGI handler begins each of its `Set-Cookie` values with a space.
        return replace(answer, headers=[(name, value.lstrip()) for name, value in answer.headers])


both_handlers = pytest.mark.parametrize("door", ["asgi", "wsgi"])


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """No test speaks the language of another, or finds its pages."""
    with translation.override("en"):
        cache.clear()
        yield


def page(request: Any) -> HttpResponse:
    counted = request.cookieconsent.allows("analytics")
    return HttpResponse(PAGE.format("counted" if counted else "not counted"))


# --- what views get -------------------------------------------------------------------------------


@both_handlers
def test_views_see_no_cookie_without_a_yes(door: str) -> None:
    seen: list[Any] = []

    def view(request: Any) -> HttpResponse:
        raw = getattr(request, "environ", request.META)["HTTP_COOKIE"]
        scope = [
            value
            for name, value in getattr(request, "scope", {}).get("headers", ())
            if name == b"cookie"
        ]
        seen.extend([request.COOKIES, request.META["HTTP_COOKIE"], request.headers["cookie"], raw])
        seen.extend(value.decode() for value in scope)
        return HttpResponse("")

    Project(door, view).get(cookie=b"_ga=1; sessionid=2")
    assert seen[0] == {"sessionid": "2"}
    assert set(seen[1:]) == {"sessionid=2"}


ODD: Final = "gr\xf6\xdfe".encode()


@both_handlers
@pytest.mark.parametrize("cls", ["analytics", "cart"])
@pytest.mark.filterwarnings("ignore::cookieconsent.errors.DeclarationWarning")
def test_name_beyond_ascii_is_deleted_or_kept_behind_both_handlers(door: str, cls: str) -> None:
    """Django's ASGI handler takes no cookie but in ASCII, and browsers send others."""

    def view(request: Any) -> HttpResponse:
        return HttpResponse(PAGE, headers={"Set-Cookie": (ODD + b"=2").decode("latin-1")})

    told = {"purpose": "Counts.", "provider": "Shop", "lifetime": "1 days"}
    project = Project(door, view, {"cookies": [{"name": ODD.decode(), "cls": cls, **told}]})
    answer = project.get(cookie=ODD + b"=1")
    lines = [line for line in answer.values(b"set-cookie") if line.startswith(ODD)]
    assert answer.status == 200
    if cls == "cart":
        assert lines == [ODD + b"=2"]
    else:
        assert lines
        assert all(b"Max-Age=0" in line for line in lines)


def test_inner_state_is_found_where_the_outer_one_reports() -> None:
    found: list[Any] = []

    def view(request: Any) -> HttpResponse:
        found.extend([request.cookieconsent, consent_of(request)])
        return HttpResponse("")

    project = Project("asgi", view)
    outer = asgi.CookieConsentMiddleware(project.asgi, Config(secret_key=SECRET, enforce=False))
    with project.settings:
        run_asgi(outer, Exchange(headers=NAVIGATION), lint=False)
    assert found[0] is found[1]


@both_handlers
def test_one_state_is_found_everywhere(door: str) -> None:
    found: list[Any] = []

    def view(request: Any) -> HttpResponse:
        found.extend([request.cookieconsent, consent_of(request), request.META])
        return HttpResponse("")

    Project(door, view).get()
    assert isinstance(found[0], ConsentState)
    assert found[0] is found[1]
    assert found[2]["cookieconsent.state"] is found[0]


@both_handlers
def test_consent_cookie_is_no_cookie_of_the_views(door: str) -> None:
    """Django keeps answers with cookies apart by whether the request came without any."""
    seen: list[Any] = []

    def view(request: Any) -> HttpResponse:
        seen.append(request.COOKIES)
        return page(request)

    visitor = Visitor(Project(door, view))
    visitor.visit()
    visitor.choose("accept")
    assert b"<p>counted" in visitor.page
    assert seen == [{}, {}]


@both_handlers
def test_middleware_runs_as_the_handler_does(door: str) -> None:
    project = Project(door, page)
    chain = (project.asgi or project.wsgi)._middleware_chain
    assert iscoroutinefunction(chain) == (door == "asgi")
    ours = chain
    while "CookieConsent" not in type(ours).__name__:
        ours = getattr(ours, "__wrapped__", None) or ours.get_response
    assert iscoroutinefunction(ours) == (door == "asgi")


def test_django_test_client_sees_it() -> None:
    client = Client(headers=HTML)
    answer = client.get("/")
    assert banners(answer.content) == 1
    assert isinstance(answer.wsgi_request.cookieconsent, ConsentState)
    same = {**HTML, "sec-fetch-site": "same-origin"}
    told = client.post(
        "/cookie-consent",
        {"choice": "accept"},
        content_type="application/x-www-form-urlencoded",
        headers=same,
    )
    assert told.status_code == 400  # no such form
    told = client.post(
        "/cookie-consent",
        "choice=accept",
        content_type="application/x-www-form-urlencoded",
        headers=same,
    )
    assert told.status_code == 303
    assert told.cookies["__Host-cookieconsent"]["httponly"] is True
    answer = client.get("/")
    assert (banners(answer.content), settings_elements(answer.content)) == (0, 1)
    assert b"analytics on" in answer.content


def test_async_test_client_sees_it() -> None:
    answer = asyncio.run(AsyncClient().get("/", headers=HTML))
    assert banners(answer.content) == 1


def test_form_needs_no_token_of_django() -> None:
    client = Client(enforce_csrf_checks=True, headers={"sec-fetch-site": "same-origin"})
    answer = client.post(
        "/cookie-consent", "choice=reject", content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 303
    assert client.post("/").status_code == 403


@both_handlers
def test_form_of_another_site_is_refused(door: str) -> None:
    answer = Project(door, page).post({"choice": "accept"}, [(b"sec-fetch-site", b"cross-site")])
    assert answer.status == 403


@both_handlers
def test_oversized_form_is_refused(door: str) -> None:
    answer = Project(door, page).post(b"choice=" + b"x" * 100_000)
    assert answer.status == 413


@both_handlers
def test_view_may_grant_and_withdraw(door: str) -> None:
    def grant(request: Any) -> HttpResponse:
        request.cookieconsent.grant("analytics")
        return page(request)

    def withdraw(request: Any) -> HttpResponse:
        request.cookieconsent.withdraw()
        return page(request)

    visitor = Visitor(Project(door, {"": page, "grant": grant, "withdraw": withdraw}))
    visitor.visit("/grant")
    visitor.visit("/")
    assert b"<p>counted" in visitor.page
    visitor.visit("/withdraw")
    visitor.visit("/")
    assert b"<p>not counted" in visitor.page


@both_handlers
def test_outer_wrap_asks_alone(door: str) -> None:
    project = Project(door, page)
    if door == "asgi":
        project.asgi = asgi.CookieConsentMiddleware(project.asgi, secret_key=SECRET)
    else:
        project.wsgi = wsgi.CookieConsentMiddleware(project.wsgi, secret_key=SECRET)
    visitor = Visitor(project)
    visitor.visit()
    assert banners(visitor.page) == 1
    visitor.choose("accept")
    assert settings_elements(visitor.page) == 1
    assert b"<p>counted" in visitor.page


def test_session_outside_is_told(caplog: pytest.LogCaptureFixture) -> None:
    session = "django.contrib.sessions.middleware.SessionMiddleware"
    Project("wsgi", page, MIDDLEWARE=[session, OURS]).get()
    assert "a session middleware is wrapped around" in caplog.text


# --- responses ------------------------------------------------------------------------------------


LATER: Final = "Wed, 01 Jan 2031 00:00:00 GMT"


def sets(*lines: str) -> View:
    """Return a view that sets cookies by line, as Django prints them."""

    def view(request: Any) -> HttpResponse:
        response = HttpResponse("", content_type="text/plain")
        for line in lines:
            name, _, value = line.partition("=")
            response.set_cookie(name, value, samesite="Lax", expires=LATER)
        return response

    return view


@both_handlers
def test_cookies_that_pass_keep_their_bytes(door: str) -> None:
    view = sets("sessionid=1", "_ga=2", "csrftoken=a b")
    bare = Project(door, view, MIDDLEWARE=[]).get().values(b"set-cookie")
    kept = Project(door, view, MIDDLEWARE=[OURS]).get().values(b"set-cookie")
    assert [line.partition(b"=")[0] for line in bare] == [b"sessionid", b"_ga", b"csrftoken"]
    assert kept == [bare[0], bare[2]]


@both_handlers
def test_line_without_djangos_cookies_is_filtered(door: str) -> None:
    def view(request: Any) -> HttpResponse:
        response = HttpResponse("", headers={"Set-Cookie": request.GET["line"]})
        response.set_cookie("csrftoken", "1")
        return response

    project = Project(door, view, MIDDLEWARE=[OURS])
    lines = project.get(query=b"line=_ga=1").values(b"set-cookie")
    assert lines == [b"csrftoken=1; Path=/"]
    lines = project.get(query=b"line=sessionid=1").values(b"set-cookie")
    assert lines == [b"sessionid=1", b"csrftoken=1; Path=/"]


@both_handlers
def test_leftovers_are_deleted_in_every_scope(door: Door) -> None:
    bare = Site(door).get(cookie=b"_ga=1").values(b"set-cookie")
    assert len(bare) > 1
    told = Project(door, page, MIDDLEWARE=[OURS]).get(cookie=b"_ga=1").values(b"set-cookie")
    assert told == bare


@both_handlers
def test_two_policies_become_one_field(door: str) -> None:
    def view(request: Any) -> HttpResponse:
        return HttpResponse(PAGE, headers={"Content-Security-Policy": "frame-src a.example"})

    consent = {"csp_gate": "enforce", "csp_hosts": {"always": ["a.example"]}}
    [policy] = Project(door, view, consent).get().values(b"content-security-policy")
    first, second = policy.split(b", ")
    assert first == b"frame-src a.example"
    assert b"a.example" in second


@both_handlers
def test_compressor_outside_compresses_the_banner(door: str) -> None:
    def view(request: Any) -> HttpResponse:
        assert request.headers["accept-encoding"] == "identity"
        return page(request)

    middleware = ["django.middleware.gzip.GZipMiddleware", OURS]
    answer = Project(door, view, MIDDLEWARE=middleware).get(headers=[(b"accept-encoding", b"gzip")])
    assert answer.values(b"content-encoding") == [b"gzip"]
    assert banners(gzip.decompress(answer.body)) == 1


@both_handlers
@pytest.mark.parametrize("parts", [[], [b""], [b"<!DOCTYPE html><html><bo", b"dy><p>x</p>"]])
def test_streams_pass_part_by_part(door: str, parts: list[bytes]) -> None:
    async def waits() -> Any:
        for part in parts:
            yield part

    def view(request: Any) -> StreamingHttpResponse:
        return StreamingHttpResponse(waits() if door == "asgi" else iter(parts))

    answer = Project(door, view).get()
    assert answer.status == 200
    assert banners(answer.body) == (1 if any(parts) else 0)
    assert answer.body.startswith(parts[0] if parts else b"")
    assert answer.values(b"content-length") == []


def test_stream_is_not_read_ahead() -> None:
    taken: list[int] = []

    def parts() -> Iterator[str]:
        for number, part in enumerate([PAGE, "<p>1", "<p>2"]):
            taken.append(number)
            yield part

    project = Project("wsgi", lambda request: StreamingHttpResponse(parts()))
    with project.settings:
        client = Client(headers=HTML)
        body = iter(client.get("/").streaming_content)
        assert taken == [0]
        next(body)
        next(body)
    assert taken == [0, 1]


def test_file_that_is_a_page_gets_the_banner(tmp_path: Path) -> None:
    """A server that has `wsgi.file_wrapper` would send the file itself."""
    file = tmp_path / "page.html"
    file.write_text(PAGE)
    project = Project("wsgi", lambda request: FileResponse(file.open("rb")))
    wrapper = {"wsgi.file_wrapper": lambda file, size: iter([b"by the server"])}
    answer = project.send(Exchange(headers=NAVIGATION), environ=wrapper)
    assert banners(answer.body) == 1


# --- languages ------------------------------------------------------------------------------------

GERMAN: Final = [(b"accept-language", b"de")]
LOCALE: Final = "django.middleware.locale.LocaleMiddleware"


def speaking(tag: str) -> View:
    def view(request: Any) -> HttpResponse:
        translation.activate(tag)
        return page(request)

    return view


@both_handlers
@pytest.mark.parametrize(
    ("view", "settings", "consent", "spoken"),
    [
        pytest.param(page, {}, {}, "de", id="LocaleMiddleware chooses"),
        pytest.param(page, {"LANGUAGES": [("en", "English")]}, {}, "en", id="among LANGUAGES"),
        pytest.param(speaking("fr"), {}, {}, "fr", id="the view's language"),
        pytest.param(speaking("tlh"), {}, {}, "de", id="none of ours: the browser's wish"),
        pytest.param(page, {"MIDDLEWARE": [OURS]}, {}, "en", id="no LocaleMiddleware"),
        pytest.param(page, {"USE_I18N": False, "MIDDLEWARE": [OURS]}, {}, "de", id="no i18n"),
        pytest.param(page, {}, {"locale": "it"}, "it", id="the one language of the site"),
    ],
)
def test_banner_speaks_djangos_language(
    door: str, view: View, settings: dict[str, Any], consent: dict[str, Any], spoken: str
) -> None:
    project = Project(door, view, consent, **settings)
    assert language(project.get(headers=GERMAN).body) == spoken


@both_handlers
@pytest.mark.parametrize(("middleware", "spoken"), [([OURS, LOCALE], b"de"), ([OURS], b"en")])
def test_preferences_page_speaks_djangos_language(
    door: str, middleware: list[str], spoken: bytes
) -> None:
    project = Project(door, page, MIDDLEWARE=middleware)
    answer = project.get("/cookie-consent", headers=GERMAN)
    assert answer.values(b"content-language") == [spoken]


def test_stream_keeps_to_the_language_of_its_view() -> None:
    def parts() -> Iterator[str]:
        yield "<!DOCTYPE html><html><head>"
        translation.activate("fr")  # the thread goes on to another request
        yield "</head><body><p>x</p></body></html>"

    project = Project("wsgi", lambda request: StreamingHttpResponse(parts()))
    assert language(project.get(headers=GERMAN).body) == "de"


def test_language_of_the_application_wins() -> None:
    def view(request: Any) -> HttpResponse:
        request.cookieconsent.locale = "sv"
        return page(request)

    assert language(Project("wsgi", view).get(headers=GERMAN).body) == "sv"


# --- templates ------------------------------------------------------------------------------------


def drawn(text: str) -> View:
    """Return a view that renders a template."""

    def view(request: Any) -> HttpResponse:
        whole = PAGE.format("{% load cookieconsent %}" + text)
        return HttpResponse(
            engines["django"].from_string(whole).render({"c": "analytics"}, request)
        )

    return view


def seen_with(text: str, *choices: str) -> bytes:
    """Return what a visitor sees in place of a template who has made some choices."""
    visitor = Visitor(Project("wsgi", drawn(text)))
    visitor.visit()
    for choice in choices:
        visitor.choose(choice)
    return visitor.page


CONSENT: Final = '{% consent "analytics" %}yes{% else %}no{% endconsent %}'


@pytest.mark.parametrize(
    ("text", "undecided", "accepted"),
    [
        (CONSENT, b"<p>no</p>", b"<p>yes</p>"),
        ("{% consent c %}yes{% endconsent %}", b"<p></p>", b"<p>yes</p>"),
        ('{% consent_allows "analytics" as x %}{{ x }}', b"<p>False</p>", b"<p>True</p>"),
        ("{% consent_preferences_url %}", b"<p>/cookie-consent</p>", b"<p>/cookie-consent</p>"),
        ("{% consent_banner %}", b'<p><div id="cookieconsent-banner"', b"<p></p>"),
        ("{% consent_settings_link %}", b"<p></p>", b'<p><div id="cookieconsent-settings"'),
        ("{% consent_preferences %}", b'id="cookieconsent-preferences"', b'value="withdraw"'),
        (
            '{% consent_embed "analytics" title="Map" %}<b>{{ c }}</b>{% endconsent_embed %}',
            b"Map",
            b"<p><b>analytics</b></p>",
        ),
    ],
)
def test_tags_follow_the_answer(text: str, undecided: bytes, accepted: bytes) -> None:
    assert undecided in seen_with(text)
    assert accepted in seen_with(text, "accept")


def test_embedded_content_waits_for_its_class() -> None:
    text = '{% consent_embed title="Map" %}<iframe></iframe>{% endconsent_embed %}'
    assert b"<iframe" not in seen_with(text)


@pytest.mark.parametrize(
    "text",
    ["{% consent %}{% endconsent %}", "{% consent a b %}{% endconsent %}", '{% consent "a" %}'],
)
def test_tag_that_is_written_wrongly_is_refused(text: str) -> None:
    from django.template import TemplateSyntaxError

    with pytest.raises(TemplateSyntaxError, match=r"consent"):
        engines["django"].from_string("{% load cookieconsent %}" + text)


def test_class_without_quotation_marks_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    assert b"Server Error" in seen_with("{% consent analytics %}yes{% endconsent %}")
    said = "{% consent analytics %} names no class: write it in quotation marks"
    assert said in caplog.text


@pytest.mark.parametrize("request_", [None, RequestFactory().get("/")], ids=["none", "bare"])
def test_tags_allow_nothing_without_a_state(request_: Any) -> None:
    """As in the page of a server error, which Django renders without a request."""
    text = (
        "{% load cookieconsent %}" + CONSENT + "{% consent_banner %}{% consent_settings_link %}"
        "{% consent_preferences_url %}{% consent_preferences %}"
        "{% consent_embed %}<iframe></iframe>{% endconsent_embed %}"
    )
    assert engines["django"].from_string(text).render({}, request_) == "no"


def templates(folder: Path) -> list[dict[str, Any]]:
    return [{**django_project.SETTINGS["TEMPLATES"][0], "DIRS": [folder]}]


OWN: Final = """{% load cookieconsent %}<html lang="{{ lang }}"><title>{{ title }}</title>{{ head }}
<body data-path="{{ request.path }}">{% consent_banner %}{% consent_settings_link %}""" + (
    CONSENT + "{{ body }}</body></html>"
)


@both_handlers
def test_preferences_page_stands_in_the_projects_template(door: str, tmp_path: Path) -> None:
    file = tmp_path / "cookieconsent" / "preferences.html"
    file.parent.mkdir()
    file.write_text(OWN)
    visitor = Visitor(Project(door, page, TEMPLATES=templates(tmp_path)))
    visitor.visit("/cookie-consent", GERMAN)
    assert b'<html lang="de">' in visitor.page
    assert b'data-path="/cookie-consent"' in visitor.page
    assert (banners(visitor.page), b">no<" in visitor.page) == (0, True)
    visitor.choose("accept")
    assert (settings_elements(visitor.page), b">yes<" in visitor.page) == (0, True)


def test_layout_of_the_setting_wins(tmp_path: Path) -> None:
    file = tmp_path / "cookieconsent" / "preferences.html"
    file.parent.mkdir()
    file.write_text(OWN)
    consent = {"layout": lambda part: "mine " + part.body}
    project = Project("wsgi", page, consent, TEMPLATES=templates(tmp_path))
    assert project.get("/cookie-consent").body.startswith(b"mine ")


def test_template_serves_a_config_object_too(tmp_path: Path) -> None:
    file = tmp_path / "cookieconsent" / "preferences.html"
    file.parent.mkdir()
    file.write_text(OWN)
    with override_settings(COOKIECONSENT=Config(secret_key=SECRET), TEMPLATES=templates(tmp_path)):
        answer = Client(headers=HTML).get("/cookie-consent")
    assert b"data-path" in answer.content


# --- caches ---------------------------------------------------------------------------------------

UPDATE: Final = "django.middleware.cache.UpdateCacheMiddleware"
FETCH: Final = "django.middleware.cache.FetchFromCacheMiddleware"
LOCAL_CACHE: Final = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
ANSWERS: Final = (None, "accept", "reject")


class Numbered:
    """A view that sets a cookie which is different each time, and counts how often it runs."""

    def __init__(self, *, asks: bool) -> None:
        self.asks = asks
        self.ran = 0

    def __call__(self, request: Any) -> HttpResponse:
        self.ran += 1
        response = page(request) if self.asks else HttpResponse(PAGE)
        if "sets" in request.GET:
            response.set_cookie("_ga", str(self.ran))
        return response


def looks(visitor: Visitor) -> tuple[object, ...]:
    """Return what a visitor sees of ours, and of the page."""
    return (
        banners(visitor.page),
        settings_elements(visitor.page),
        b"withdraw" in visitor.page,
        b"<p>counted" in visitor.page,
    )


def visitors(project: Project) -> list[Visitor]:
    """Return one visitor for each answer, undecided ones first, and one with the signal."""
    found = []
    for answer in ANSWERS:
        visitor = Visitor(project)
        visitor.visit("/other")
        if answer is not None:
            visitor.choose(answer)
        found.append(visitor)
    signalling = Visitor(project, headers={**dict(NAVIGATION), b"sec-gpc": b"1"})
    signalling.jar = found[1].jar
    return [*found, signalling]


def cached(view: View, kind: str) -> dict[str, Any]:
    """Return the views and settings by which a project caches its page in some way."""
    if kind == "cache_page":
        return {"views": {"": cache_page(60)(view), "other": page}}
    views = {"": view, "other": page}
    if kind == "nowhere":
        return {"views": views}
    return {"views": views, "MIDDLEWARE": [UPDATE, *django_project.MIDDLEWARE, FETCH]}


@both_handlers
@pytest.mark.parametrize("asks", [True, False])
@pytest.mark.parametrize("kind", ["middleware", "cache_page"])
@pytest.mark.parametrize("private", [True, False])
def test_nobody_gets_the_page_of_another(door: str, asks: bool, kind: str, private: bool) -> None:
    """In whatever order visitors come, each sees what they would see without a cache."""
    consent = {"private_pages": private}
    plain = Project(door, consent=consent, **cached(Numbered(asks=asks), "nowhere"))
    due = []
    for visitor in visitors(plain):
        visitor.visit("/")
        due.append(looks(visitor))
    assert len(set(due)) >= 3
    view = cached(Numbered(asks=asks), kind)
    people = visitors(Project(door, consent=consent, CACHES=LOCAL_CACHE, **view))
    for first, second in itertools.permutations(range(len(due)), 2):
        cache.clear()
        for number in (first, second, first):
            people[number].visit("/")
            assert looks(people[number]) == due[number], (first, second)


@both_handlers
@pytest.mark.parametrize(("asks", "kind"), [(True, "middleware"), (False, "cache_page")])
def test_caches_still_keep_pages(door: str, asks: bool, kind: str) -> None:
    view = Numbered(asks=asks)
    project = Project(door, **cached(view, kind), CACHES=LOCAL_CACHE)
    people = [visitors(project)[1] for _ in range(3)]
    for visitor in people:
        visitor.visit("/")
        assert settings_elements(visitor.page) == 1
    assert view.ran == 1


@both_handlers
def test_nobody_gets_the_cookie_of_another(door: str) -> None:
    """Two who gave the same answer on the same day send the same `Cookie` header."""
    project = Project(door, **cached(Numbered(asks=True), "middleware"), CACHES=LOCAL_CACHE)
    people = [visitors(project)[1] for _ in range(2)]
    lines = [visitor.visit("/?sets").values(b"set-cookie") for visitor in people]
    assert [line for (line,) in lines] == [b"_ga=1; Path=/", b"_ga=2; Path=/"]


@both_handlers
def test_choice_made_in_a_view_is_kept_by_no_cache(door: str) -> None:
    def grant(request: Any) -> HttpResponse:
        request.cookieconsent.grant("analytics")
        return page(request)

    project = Project(door, **cached(grant, "middleware"), CACHES=LOCAL_CACHE)
    for _ in range(2):
        visitor = Visitor(project)
        assert len(visitor.visit("/").values(b"set-cookie")) == 1


def test_cache_that_overlooks_no_store_is_told() -> None:
    """Not every version of Django looks at it."""

    def grant(request: Any) -> HttpResponse:
        request.cookieconsent.grant("analytics")
        return page(request)

    project = Project("wsgi", **cached(grant, "middleware"), CACHES=LOCAL_CACHE)
    with project.settings:
        answer = Client(headers=HTML).get("/")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.wsgi_request._cache_update_cache is False


@both_handlers
def test_preferences_page_is_kept_by_no_cache(door: str) -> None:
    project = Project(door, **cached(page, "middleware"), CACHES=LOCAL_CACHE)
    for back in (b"/one", b"/two"):
        referer = [(b"referer", b"http://shop.example" + back)]
        assert b'href="%s"' % back in project.get("/cookie-consent", headers=referer).body


def test_fragment_is_kept_apart_by_the_answer() -> None:
    text = (
        '{% load cache %}{% consent_allows "analytics" as counted %}'
        "{% cache 60 numbers counted %}" + CONSENT + "{% endcache %}"
    )
    with override_settings(CACHES=LOCAL_CACHE):
        for choice, said in (("accept", b"<p>yes"), ("reject", b"<p>no"), ("accept", b"<p>yes")):
            assert said in seen_with(text, choice)


# --- installing -----------------------------------------------------------------------------------


def test_missing_django_names_the_extra() -> None:
    code = "import sys; sys.modules['django'] = None; import cookieconsent.integrations.django"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    assert done.stderr.splitlines()[-1] == (
        "ImportError: cookieconsent.integrations.django needs Django: "
        "pip install 'cookieconsent[django]'"
    )
    assert "During handling" not in done.stderr


def test_declarations_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "cookieconsent.toml"
    file.write_text('[cookieconsent]\npath = "/biscuits"\n')
    with override_settings(COOKIECONSENT={"toml": file, "secret_key": SECRET}):
        assert Client(headers=HTML).get("/biscuits").status_code == 200


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "COOKIECONSENT: there is no such setting"),
        ({"secret_key": "short"}, "secret_key: it is too weak"),
        (
            {"secret_key": SECRET, "pth": "/x"},
            "pth: there is no such setting. Did you mean 'path'?",
        ),
    ],
)
@pytest.mark.parametrize("handler", [WSGIHandler, ASGIHandler])
def test_wrong_setting_stops_the_start(value: Any, said: str, handler: Any) -> None:
    """A server runs no system checks."""
    with (
        override_settings(COOKIECONSENT=value),
        pytest.raises(ImproperlyConfigured, match=r"^COOKIECONSENT: ") as refused,
    ):
        handler()
    assert said in str(refused.value)
    assert str(refused.value).count("COOKIECONSENT:") == 1


def test_middleware_without_its_application_stops_the_start() -> None:
    """Without it there are no checks, which would say so."""
    apps = [
        name for name in django_project.SETTINGS["INSTALLED_APPS"] if "cookieconsent" not in name
    ]
    with (
        override_settings(INSTALLED_APPS=apps),
        pytest.raises(ImproperlyConfigured, match="is not in INSTALLED_APPS: add it"),
    ):
        WSGIHandler()


# --- what others do around us ---------------------------------------------------------------------


def test_stream_that_cannot_begin_is_answered_by_nobody_unfiltered() -> None:
    """The head goes out filtered and the stream fails, as it does without us."""

    def broken(request: Any) -> StreamingHttpResponse:
        def parts() -> Iterator[bytes]:
            for number in range(1):
                raise RuntimeError(f"no first part, {number}")
            yield b""

        response = StreamingHttpResponse(parts())
        response.set_cookie("_ga", "1")
        return response

    project = Project("wsgi", broken)
    with pytest.raises(RuntimeError, match="no first part"):
        project.get()


class Asking:
    """A project's own middleware, further out than a view's cache, that asks."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        request.counted = request.cookieconsent.allows("analytics")
        return self.get_response(request)


def test_page_asked_for_outside_of_its_cache_is_not_kept() -> None:
    @cache_page(600)  # type: ignore[untyped-decorator] # Django has no types
    def counting(request: Any) -> HttpResponse:
        return HttpResponse(PAGE.format("counted" if request.counted else "not counted"))

    project = Project("wsgi", counting, MIDDLEWARE=[OURS, f"{__name__}.Asking"])
    counted, refusing = Visitor(project), Visitor(project)
    for visitor, choice in ((counted, "accept"), (refusing, "reject")):
        visitor.visit("/cookie-consent")
        visitor.choose(choice)
    assert b"<p>counted" in counted.visit("/").body
    assert b"<p>not counted" in refusing.visit("/").body


@pytest.mark.parametrize("forced", [None, "/shop"])
@both_handlers
def test_forms_lead_below_the_mount(door: str, forced: str | None) -> None:
    project = Project(door, page, FORCE_SCRIPT_NAME=forced)
    assert f'action="{forced or ""}/cookie-consent"'.encode() in project.get().body


def test_language_of_the_visitor_before_is_not_taken_over() -> None:
    locale = "django.middleware.locale.LocaleMiddleware"
    sessions = "django.contrib.sessions.middleware.SessionMiddleware"
    project = Project("wsgi", page, MIDDLEWARE=[OURS, f"{__name__}.Closing", sessions, locale])
    with translation.override("fr"):
        answer = project.get("/", [(b"accept-language", b"de")])
        assert language(answer.body) == "de"
    plain = Project("wsgi", page, MIDDLEWARE=[OURS], LANGUAGE_CODE="en")
    with translation.override("fr"):
        assert b'<html lang="en"' in plain.get("/cookie-consent").body


class Closing:
    """A middleware that answers by itself, before the language is chosen."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        del get_response

    def __call__(self, request: Any) -> HttpResponse:
        return HttpResponse(PAGE.format("closed"))
