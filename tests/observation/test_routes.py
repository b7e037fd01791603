"""Pages that an application knows of are told without one request."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from flask import Flask
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from cookieconsent.observation.routes import known_pages


async def view(request: Any) -> None:
    """Answer nothing."""


INNER = [Route("/", view), Route("/old/{year}", view), Route("/send", view, methods=["POST"])]


def test_starlette_knows_its_pages() -> None:
    app = Starlette(
        routes=[Route("/", view), Mount("/blog", routes=INNER), Mount("/{x}", routes=INNER)]
    )
    assert known_pages([app]) == ["/", "/blog/"]


def test_fastapi_knows_its_pages() -> None:
    app = FastAPI(openapi_url=None)
    app.get("/tea")(view)
    app.post("/order")(view)
    app.get("/tea/{name}")(view)
    assert known_pages([object(), app]) == ["/tea"]


def test_flask_knows_its_pages() -> None:
    app = Flask("shop")
    app.route("/tea")(dict)
    app.route("/tea/<name>")(dict)
    app.route("/order", methods=["POST"])(dict)
    assert known_pages([app]) == ["/tea"]


class Odd:
    """Has attributes of these names for another purpose."""

    def __init__(self, **attributes: object) -> None:
        self.__dict__.update(attributes)


@pytest.mark.parametrize(
    "odd",
    [
        Odd(routes=5),
        Odd(routes=[Odd(path=7)]),
        Odd(routes=list),
        Odd(url_map={}),
        Odd(routes=[Odd(path="x", methods=["GET"])]),
        object(),
    ],
)
def test_other_attributes_of_these_names_are_nothing(odd: object) -> None:
    assert known_pages([odd]) == []
