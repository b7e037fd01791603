"""The views of the common site, as Django has them, sync and async."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.views import serve
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template import engines
from django.urls import path

from cookieconsent import consent_of

HOME = """{% load cookieconsent %}<!DOCTYPE html>
<html lang="en"><head><title>Shop</title></head>
<body><p>{% consent "analytics" %}analytics on{% else %}analytics off{% endconsent %}</p></body>
</html>"""
PARTS = (
    "<!DOCTYPE html><html><head>",
    "<title>Stream</title></head><body>",
    "<p>streamed</p></body></html>",
)


def home(request: Any) -> HttpResponse:
    response = HttpResponse(engines["django"].from_string(HOME).render({}, request))
    for name in ("sid", "basket", "_ga"):
        response.set_cookie(name, "1")
    if request.method == "HEAD":  # Django leaves the body to the server to drop
        response.content = b""
    return response


def away(request: Any) -> HttpResponse:
    response = HttpResponseRedirect("/")
    response.set_cookie("_ga", "1")
    return response


def error(request: Any) -> HttpResponse:
    raise RuntimeError("the site's own mistake")


def parts() -> Iterator[str]:
    yield from PARTS


async def async_parts() -> AsyncIterator[str]:
    for part in PARTS:
        await asyncio.sleep(0)
        yield part


def stream(request: Any) -> StreamingHttpResponse:
    return StreamingHttpResponse(async_parts() if hasattr(request, "scope") else parts())


def file(request: Any) -> Any:
    if hasattr(request, "scope"):  # where Django warns of every file that it streams
        return HttpResponse(Path(finders.find("file.txt")).read_bytes(), content_type="text/plain")
    return serve(request, "file.txt", insecure=True)


def asks(request: Any) -> HttpResponse:
    answer = "on" if consent_of(request).allows("analytics") else "off"
    return HttpResponse(answer, content_type="text/plain")


async def async_home(request: Any) -> HttpResponse:
    return home(request)


async def async_asks(request: Any) -> HttpResponse:
    return asks(request)


urlpatterns = [
    path("", home),
    path("redirect", away),
    path("error", error),
    path("stream", stream),
    path("file.txt", file),
    path("asks", asks),
    path("async", async_home),
    path("async-asks", async_asks),
]
