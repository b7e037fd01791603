"""Django's system checks find every wrong place in `MIDDLEWARE` and every wrong setting."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any, Final

import pytest
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.checks import run_checks
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test.utils import override_settings

from cookieconsent import Config, ConfigError
from cookieconsent.integrations.django.checks import check_middleware
from doors import SECRET
from integrations import django_project
from integrations.django_project import OURS

django_project.set_up()

SECURITY: Final = "django.middleware.security.SecurityMiddleware"
GZIP: Final = "django.middleware.gzip.GZipMiddleware"
UPDATE: Final = "django.middleware.cache.UpdateCacheMiddleware"
SESSION: Final = "django.contrib.sessions.middleware.SessionMiddleware"
LOCALE: Final = "django.middleware.locale.LocaleMiddleware"
COMMON: Final = "django.middleware.common.CommonMiddleware"
CSRF: Final = "django.middleware.csrf.CsrfViewMiddleware"
AUTH: Final = "django.contrib.auth.middleware.AuthenticationMiddleware"
MESSAGES: Final = "django.contrib.messages.middleware.MessageMiddleware"
FRAMES: Final = "django.middleware.clickjacking.XFrameOptionsMiddleware"
FLATPAGES: Final = "django.contrib.flatpages.middleware.FlatpageFallbackMiddleware"
POLICY: Final = "django.middleware.csp.ContentSecurityPolicyMiddleware"
FETCH: Final = "django.middleware.cache.FetchFromCacheMiddleware"

ABOVE: Final = (UPDATE, SECURITY, GZIP)
"""What must be above ours."""
BELOW: Final = (SESSION, LOCALE, CSRF, AUTH, MESSAGES, FLATPAGES, POLICY, FETCH)
"""What must be below ours."""
ORDER: Final = (
    *ABOVE,
    SESSION,
    LOCALE,
    COMMON,
    CSRF,
    AUTH,
    MESSAGES,
    FRAMES,
    FLATPAGES,
    POLICY,
    FETCH,
)
"""All that Django has whose place matters, and two whose place does not, in the order of its docs."""


class OwnSession(SessionMiddleware):
    """A session middleware of the project's own."""


def found(**settings: Any) -> list[tuple[str, str]]:
    """Return id and message of what the checks find."""
    with override_settings(**settings):
        return [(str(f.id), f.msg) for f in run_checks(tags=["cookieconsent"])]


def ids(**settings: Any) -> list[str]:
    return [id_ for id_, _ in found(**settings)]


def wrongly_placed(order: tuple[str, ...]) -> set[tuple[str, str]]:
    """Return what must be found in an order, told by the two lists above alone."""
    at = order.index(OURS)
    return {("cookieconsent.E003", name) for name in order[at:] if name in ABOVE} | {
        ("cookieconsent.E004", name) for name in order[:at] if name in BELOW
    }


def placed(order: tuple[str, ...]) -> set[tuple[str, str]]:
    with override_settings(MIDDLEWARE=list(order)):
        return {(str(f.id), f.msg.partition(" ")[0]) for f in check_middleware()}


# --- the place --------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", range(len(ORDER) + 1))
def test_every_place_in_djangos_order_is_judged(place: int) -> None:
    order = (*ORDER[:place], OURS, *ORDER[place:])
    assert placed(order) == wrongly_placed(order)
    assert (place == len(ABOVE)) == (not placed(order))


def test_every_order_is_judged() -> None:
    """All orders of the middlewares by which a place can be wrong in either way."""
    wrong = 0
    for order in itertools.permutations((OURS, SECURITY, GZIP, UPDATE, SESSION, CSRF, FETCH)):
        assert placed(order) == wrongly_placed(order), order
        wrong += bool(wrongly_placed(order))
    assert wrong == 5040 - 36


@pytest.mark.parametrize("other", [*ABOVE, *BELOW])
@pytest.mark.parametrize("above", [True, False])
def test_each_neighbour_is_judged_alone(other: str, above: bool) -> None:
    order = (other, OURS) if above else (OURS, other)
    assert bool(placed(order)) == (above != (other in ABOVE))


def test_hint_says_where_to_move_it_and_why() -> None:
    with override_settings(MIDDLEWARE=[OURS, GZIP]):
        [error] = run_checks(tags=["cookieconsent"])
    assert error.hint == "Move it above, so that pages are compressed with the banner in them."


def test_middleware_made_from_djangos_is_judged() -> None:
    own = f"{__name__}.OwnSession"
    assert placed((own, OURS)) == {("cookieconsent.E004", own)}


def test_middleware_that_is_missing_is_found() -> None:
    assert ids(MIDDLEWARE=list(ORDER)) == ["cookieconsent.E001"]


def test_middleware_that_stands_twice_is_found() -> None:
    assert ids(MIDDLEWARE=[OURS, SESSION, OURS]) == ["cookieconsent.E002"]


@pytest.mark.parametrize("door", ["asgi", "wsgi"])
@pytest.mark.parametrize("beside", [[], [OURS]])
def test_door_for_whole_applications_is_found(door: str, beside: list[str]) -> None:
    path = f"cookieconsent.middleware.{door}.CookieConsentMiddleware"
    with override_settings(MIDDLEWARE=[*beside, path]):
        [error] = run_checks(tags=["cookieconsent"])
        with pytest.raises(ConfigError, match=f"In MIDDLEWARE write '{OURS}'"):
            WSGIHandler()
    assert error.id == "cookieconsent.E010"
    assert error.msg.startswith(path)
    assert f"Write {OURS!r} in its place" in error.hint


def test_path_that_leads_nowhere_is_djangos_to_refuse() -> None:
    assert ids(MIDDLEWARE=["no.such.Middleware", OURS]) == []


# --- the setting ------------------------------------------------------------------------------------

GOOD: Final = {"secret_key": SECRET}


@pytest.mark.parametrize(
    ("value", "id_", "said"),
    [
        (None, "E005", "COOKIECONSENT: there is no such setting."),
        (SECRET, "E005", "COOKIECONSENT: a str is no configuration."),
        ({}, "E005", "COOKIECONSENT: secret_key: there is none"),
        ({"secret_key": "short"}, "E005", "COOKIECONSENT: secret_key: it is too weak"),
        ({"secret_keys": ["short"]}, "E005", "COOKIECONSENT: secret_keys: it is too weak"),
        ({**GOOD, "pth": "/x"}, "E006", "COOKIECONSENT: pth: there is no such setting."),
        ({**GOOD, "secret_keys": [SECRET]}, "E007", "COOKIECONSENT: secret_key: secret_key and"),
        ({**GOOD, "shape": "round"}, "E008", "COOKIECONSENT: shape: 'round' does not exist."),
        ({**GOOD, "locale": "tlh"}, "E008", "COOKIECONSENT: locale: 'tlh' is not shipped."),
        ({**GOOD, "toml": "none.toml"}, "E008", "COOKIECONSENT: toml: 'none.toml' cannot"),
        ({**GOOD, "toml": 5}, "E008", "COOKIECONSENT: toml: 5 is no path."),
        (
            {**GOOD, "cookies": [{"name": "x", "cls": "analytics"}]},
            "W001",
            "COOKIECONSENT: cookies[0]: 'x' has no purpose, provider, lifetime",
        ),
    ],
)
def test_wrong_setting_is_found(value: Any, id_: str, said: str) -> None:
    [(found_id, message)] = found(COOKIECONSENT=value)
    assert found_id == f"cookieconsent.{id_}"
    assert message.startswith(said)


@pytest.mark.parametrize(("written", "meant"), [("pth", "path"), ("SECRET_KEY", "secret_key")])
def test_hint_of_a_misspelt_field_names_the_right_one(written: str, meant: str) -> None:
    with override_settings(COOKIECONSENT={**GOOD, written: "/x"}):
        [error] = run_checks(tags=["cookieconsent"])
    assert error.hint == f"Did you mean {meant!r}?"


@pytest.mark.parametrize("value", [GOOD, Config(secret_key=SECRET)])
def test_right_setting_passes(value: Any) -> None:
    assert ids(COOKIECONSENT=value) == []


def test_fault_in_the_projects_template_is_found(tmp_path: Path) -> None:
    file = tmp_path / "cookieconsent" / "preferences.html"
    file.parent.mkdir()
    file.write_text("{{ body }}{% endif %}")
    own = [{**django_project.SETTINGS["TEMPLATES"][0], "DIRS": [tmp_path]}]
    [(id_, said)] = found(COOKIECONSENT=GOOD, TEMPLATES=own)
    assert id_ == "cookieconsent.E008"
    assert said.startswith(
        "COOKIECONSENT: layout: the project's template cookieconsent/preferences.html has a fault: "
    )


def test_secret_stays_out_of_messages() -> None:
    assert SECRET not in str(found(COOKIECONSENT=SECRET))


@pytest.mark.parametrize("setting", ["SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME"])
def test_cookie_that_would_be_lost_is_found(setting: str) -> None:
    declared = {**GOOD, "cookies": [{"name": "ours", "cls": "authentication"}]}
    assert ids(**{setting: "ours"}) == ["cookieconsent.E009"]
    assert ids(**{setting: "ours"}, COOKIECONSENT=declared) == []
    assert ids(**{setting: "ours"}, COOKIECONSENT={**GOOD, "enforce": False}) == []
    assert ids(**{setting: "ours"}, MIDDLEWARE=[OURS]) == []


def test_name_of_the_consent_cookie_cannot_be_declared() -> None:
    with override_settings(SESSION_COOKIE_NAME="__Host-cookieconsent"):
        [message] = run_checks(tags=["cookieconsent"])
    assert (message.id, message.hint) == ("cookieconsent.E009", "Give it another name.")


def test_check_command_fails_with_the_id() -> None:
    with (
        override_settings(COOKIECONSENT={}),
        pytest.raises(SystemCheckError, match=r"cookieconsent\.E005"),
    ):
        call_command("check")
