"""A `Set-Cookie` line among Django's cookies: its bytes, and what other middleware does to it."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any, Final

import pytest
from django.http import HttpResponse

from cookieconsent.integrations.django.cookies import CookieLine
from integrations import django_project
from integrations.django_project import OURS
from integrations.test_django import Project, both_handlers, page

django_project.set_up()

LINE: Final = "x=1; Path=/; Partitioned; Secure; Priority=High"


def secure(cookie: CookieLine) -> None:
    cookie["secure"] = False


def elsewhere(cookie: CookieLine) -> None:
    cookie.update({"path": "/shop", "domain": "shop.example"})


def without_path(cookie: CookieLine) -> None:
    del cookie["path"]


def other_value(cookie: CookieLine) -> None:
    cookie.set("x", "a b", '"a b"')


def same_site(cookie: CookieLine) -> None:
    cookie["samesite"] = "None"
    cookie["max-age"] = 0


@pytest.mark.parametrize(
    ("change", "printed"),
    [
        (lambda cookie: None, LINE),
        (secure, "x=1; Path=/; Partitioned; Priority=High"),
        (
            elsewhere,
            "x=1; Partitioned; Secure; Priority=High; Domain=shop.example; Path=/shop",
        ),
        (without_path, "x=1; Partitioned; Secure; Priority=High"),
        (other_value, 'x="a b"; Path=/; Partitioned; Secure; Priority=High'),
        (same_site, LINE + "; Max-Age=0; SameSite=None"),
    ],
)
def test_change_leaves_the_rest_of_the_line(
    change: Callable[[CookieLine], None], printed: str
) -> None:
    cookie = CookieLine(LINE)
    change(cookie)
    assert cookie.OutputString() == printed


def test_attributes_may_be_chosen() -> None:
    assert CookieLine(LINE).OutputString(["path"]) == "x=1; Path=/"


@pytest.mark.parametrize(
    "copied",
    [CookieLine.copy, copy.copy, copy.deepcopy, lambda cookie: pickle.loads(pickle.dumps(cookie))],
    ids=["its own", "shallow", "deep", "pickled"],
)
def test_copy_prints_the_changed_line(copied: Callable[[CookieLine], CookieLine]) -> None:
    cookie = CookieLine(LINE)
    cookie["samesite"] = "Lax"
    other = copied(cookie)
    cookie["samesite"] = "Strict"
    assert other.OutputString() == LINE + "; SameSite=Lax"
    assert (other.key, other.value, other["path"], other["secure"]) == ("x", "1", "/", True)


class Stricter:
    """A middleware further out that changes every cookie, as some for `SameSite` do."""

    sync_capable, async_capable = True, False

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        response: HttpResponse = self.get_response(request)
        for cookie in response.cookies.values():
            cookie["samesite"] = "Strict"
        return response


@both_handlers
def test_middleware_further_out_changes_our_cookies(door: str) -> None:
    project = Project(door, page, MIDDLEWARE=[f"{__name__}.Stricter", OURS])
    [answer] = project.post({"choice": "accept"}).values(b"set-cookie")
    assert answer.startswith(b"__Host-cookieconsent=")
    assert b"SameSite=Lax" not in answer
    assert answer.endswith(b"; SameSite=Strict")
    deletions = project.get(cookie=b"_ga=1").values(b"set-cookie")
    assert len(deletions) > 1
    assert all(line.endswith(b"; SameSite=Strict") for line in deletions)
    assert any(b"; Partitioned" in line for line in deletions)
