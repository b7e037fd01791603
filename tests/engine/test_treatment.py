"""What is done with a cookie, told beforehand, is what an exchange does."""

from __future__ import annotations

from typing import Any

import pytest

from cookieconsent import Config, Cookie, CookieClass
from cookieconsent.engine.treatment import SAID, lost_cookies, treatments
from doors import SECRET

TOLD: dict[str, Any] = {"purpose": "p", "provider": "p", "lifetime": "1 days"}


@pytest.mark.parametrize(
    ("name", "fates"),
    [
        ("sessionid", ["passes", "passes", "passes"]),
        ("_ga", ["deleted", "passes", "deleted"]),
        ("_fbp", ["deleted", "deleted", "deleted"]),  # no declared cookie is of its class
        ("count", ["passes", "passes", "deleted"]),
        ("mystery", ["removed", "removed", "removed"]),
        ("__Host-cookieconsent", ["passes", "passes", "passes"]),
    ],
)
def test_fates_by_what_was_said(name: str, fates: list[str]) -> None:
    config = Config(
        secret_key=SECRET,
        classes=[CookieClass("statistics", regime="objection")],
        cookies=[Cookie("count", "statistics", **TOLD)],
    )
    told = treatments(config, name.encode())
    assert [fate for _, fate in told] == fates
    assert tuple(said for said, _ in told) == SAID


def test_undeclared_cookies_may_be_let_pass() -> None:
    config = Config(secret_key=SECRET, undeclared="allow")
    assert {fate for _, fate in treatments(config, b"mystery")} == {"passes"}


def test_lost_cookies_are_those_that_some_visitors_lack() -> None:
    config = Config(
        secret_key=SECRET,
        classes=[CookieClass("statistics", regime="objection")],
        cookies=[Cookie("count", "statistics", **TOLD), Cookie("ours", "authentication")],
    )
    names = ["sessionid", "_ga", "count", "ours", "mystery", "\ud800", "caf\u00e9"]
    lost = {name: found.reason for name, found in lost_cookies(config, names).items()}
    assert lost == {
        "_ga": "the catalogue says analytics, which waits for a yes or ends with a no",
        "count": "its declaration says statistics, which waits for a yes or ends with a no",
        "mystery": "nothing declares it",
        "\ud800": "nothing declares it",
        "caf\u00e9": "nothing declares it",
    }


@pytest.mark.parametrize(
    ("options", "lost"), [({"enforce": False}, []), ({"undeclared": "allow"}, ["_ga"])]
)
def test_less_is_lost_where_less_is_taken(options: dict[str, Any], lost: list[str]) -> None:
    config = Config(secret_key=SECRET, **options)
    assert list(lost_cookies(config, ["_ga", "mystery"])) == lost


def test_name_of_the_consent_cookie_is_lost() -> None:
    """It passes on its way in, and what the application sets under it does not on its way out."""
    config = Config(secret_key=SECRET)
    [found] = lost_cookies(config, [config.cookie_name]).values()
    assert found.reason == "it is the name of the consent cookie, which nobody else may set"
    assert not found.can_be_declared
