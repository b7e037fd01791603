"""A framework's flat settings: their names, and refusals that call them by these names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cookieconsent import Config, ConfigError, ContradictionError, Cookie, UnknownFieldError
from cookieconsent.engine.consent import Consent
from cookieconsent.engine.settings import config_from_settings, naming_settings
from doors import SECRET

SET: dict[str, Any] = {"COOKIECONSENT_SECRET_KEY": SECRET}
GA = {"name": "_ga", "cls": "analytics", "purpose": "P.", "provider": "G.", "lifetime": "1 year"}


def refused(**settings: Any) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        config_from_settings(settings, "")
    return caught.value


def test_fields_are_read_in_upper_case() -> None:
    site = config_from_settings(
        SET | {"COOKIECONSENT_PATH": "/cookies", "COOKIECONSENT_SETTINGS_LINK": False}, ""
    )
    assert (site.path, site.settings_link, site.keys) == ("/cookies", False, (SECRET,))


@pytest.mark.parametrize("cookie", [GA, Cookie(**GA)], ids=["table", "object"])  # type: ignore[arg-type]
def test_declarations_are_tables_or_objects(cookie: object) -> None:
    site = config_from_settings(SET | {"COOKIECONSENT_COOKIES": [cookie]}, "")
    assert site.registry.classify("_ga").source == "declared"


def test_prefix_gives_the_case() -> None:
    settings = {"shop.secret_key": SECRET, "shop.path": "/cookies", "COOKIECONSENT_PATH": "/no"}
    assert config_from_settings(settings, "", prefix="shop.").path == "/cookies"
    with pytest.raises(UnknownFieldError, match=r"shop\.paht: .*Did you mean 'shop\.path'\?"):
        config_from_settings({"shop.paht": "/cookies"}, "", prefix="shop.")


def test_other_settings_are_left_alone() -> None:
    others = {"SECRET_KEY": "dev", "PATH": 1, "cookieconsent_path": 2, "X_COOKIECONSENT_PATH": 3}
    assert config_from_settings(SET | others, "").path == "/cookie-consent"


def test_whole_config_is_taken_as_it_is() -> None:
    config = Config(secret_key=SECRET)
    settings = {"COOKIECONSENT_CONFIG": config, "COOKIECONSENT_TOML": None}
    assert config_from_settings(settings, "") is config


def test_file_is_relative_to_the_folder_and_others_win(tmp_path: Path) -> None:
    text = '[cookieconsent]\npath = "/cookies"\ncontact = "a@shop.example"\n'
    (tmp_path / "site.toml").write_text(text, encoding="utf-8")
    named = {"COOKIECONSENT_TOML": "site.toml", "COOKIECONSENT_PATH": "/choice"}
    site = config_from_settings(SET | named, tmp_path)
    assert (site.path, site.contact) == ("/choice", "a@shop.example")


@pytest.mark.parametrize(
    ("settings", "field", "fix"),
    [
        ({}, "COOKIECONSENT_SECRET_KEY", "secrets.token_urlsafe"),
        ({"SECRET_KEY": SECRET}, "COOKIECONSENT_SECRET_KEY", "secrets.token_urlsafe"),
        (
            {"COOKIECONSENT_SECRET": SECRET},
            "COOKIECONSENT_SECRET",
            "Did you mean 'COOKIECONSENT_SECRET_KEY'?",
        ),
        (
            SET | {"COOKIECONSENT_COOKEIS": []},
            "COOKIECONSENT_COOKEIS",
            "Did you mean 'COOKIECONSENT_COOKIES'?",
        ),
        (SET | {"COOKIECONSENT_XYZZY": 1}, "COOKIECONSENT_XYZZY", "help(cookieconsent.Config)"),
        (SET | {"COOKIECONSENT_PATH": "cookies"}, "COOKIECONSENT_PATH", ""),
        (SET | {"COOKIECONSENT_ENFORCE": "no"}, "COOKIECONSENT_ENFORCE", ""),
        (
            SET | {"COOKIECONSENT_CSP_HOSTS": {"analitics": ["a.example"]}},
            "COOKIECONSENT_CSP_HOSTS.analitics",
            "Did you mean 'analytics'?",
        ),
        (
            SET | {"COOKIECONSENT_COOKIES": [{"nmae": "_ga", "cls": "analytics"}]},
            "COOKIECONSENT_COOKIES[0].nmae",
            "Did you mean 'name'?",
        ),
        (SET | {"COOKIECONSENT_TOML": "none.toml"}, "COOKIECONSENT_TOML", "Check the path"),
        (
            {"COOKIECONSENT_CONFIG": {"secret_key": SECRET}},
            "COOKIECONSENT_CONFIG",
            "Build one with Config(...)",
        ),
    ],
)
def test_refusal_names_setting_and_fix(settings: dict[str, Any], field: str, fix: str) -> None:
    error = refused(**settings)
    assert error.field == field
    assert fix in error.fix
    assert SECRET not in str(error)


def test_suggestion_is_a_setting() -> None:
    error = refused(COOKIECONSENT_COOKEIS=[])
    assert isinstance(error, UnknownFieldError)
    assert error.suggestion == "COOKIECONSENT_COOKIES"


@pytest.mark.parametrize("name", ["COOKIECONSENT_PATH", "COOKIECONSENT_TOML"])
def test_whole_config_stands_alone(name: str) -> None:
    error = refused(COOKIECONSENT_CONFIG=Config(secret_key=SECRET), **{name: "/x"})
    assert isinstance(error, ContradictionError)
    assert name in str(error)


def test_mistake_in_the_file_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text("[cookieconsent]\npth = 1\n", encoding="utf-8")
    with pytest.raises(UnknownFieldError) as caught:
        config_from_settings(SET | {"COOKIECONSENT_TOML": "site.toml"}, tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / 'site.toml'} [cookieconsent]: pth:")


def test_mistake_beside_the_file_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text("[cookieconsent]\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        config_from_settings({"COOKIECONSENT_TOML": "site.toml", "COOKIECONSENT_PTH": 1}, tmp_path)
    assert caught.value.field == "COOKIECONSENT_PTH"


def test_fix_is_written_as_settings_are() -> None:
    http = {"COOKIECONSENT_PUBLIC_ORIGIN": "http://shop.example"}
    error = refused(**SET, **http)
    assert error.fix == "Write https, or set COOKIECONSENT_SECURE = False for development"
    assert refused(**SET, COOKIECONSENT_COOKIES=GA).fix == (
        "Write COOKIECONSENT_COOKIES = [Cookie('_ga', 'analytics')]"
    )


def test_contradiction_names_both_settings() -> None:
    error = refused(**SET, COOKIECONSENT_COOKIES=[GA, GA | {"cls": "cart"}])
    assert isinstance(error, ContradictionError)
    assert (error.first, error.second) == ("COOKIECONSENT_COOKIES[0]", "COOKIECONSENT_COOKIES[1]")
    assert error.problem.startswith(f"{error.first} and {error.second} contradict each other: ")


def test_what_is_no_setting_keeps_its_name() -> None:
    answer = {"name": "__Host-cookieconsent", "cls": "analytics"}
    error = refused(**SET, COOKIECONSENT_COOKIES=[answer])
    assert isinstance(error, ContradictionError)
    assert error.second == "cookie_name"


@pytest.mark.parametrize(
    ("settings", "start"),
    [
        (SET | {"COOKIECONSENT_LOCALE": "xx"}, "COOKIECONSENT_LOCALE: 'xx' is not shipped"),
        ({"COOKIECONSENT_CONFIG": Config(secret_key=SECRET, locale="xx")}, "locale: 'xx' is not"),
        (SET | {"COOKIECONSENT_TOML": "site.toml"}, "site.toml: locale: 'xx' is not shipped"),
        (
            SET | {"COOKIECONSENT_TOML": "site.toml", "COOKIECONSENT_LOCALE": "yy"},
            "COOKIECONSENT_LOCALE: 'yy' is not shipped",
        ),
    ],
    ids=["setting", "whole", "file", "setting beside the file"],
)
def test_what_only_the_rules_find_names_its_place(
    tmp_path: Path, settings: dict[str, Any], start: str
) -> None:
    (tmp_path / "site.toml").write_text('[cookieconsent]\nlocale = "xx"\n', encoding="utf-8")
    with pytest.raises(ConfigError) as caught, naming_settings(settings):
        Consent(config_from_settings(settings, tmp_path))
    assert str(caught.value).startswith(start)


def test_other_refusals_keep_their_names() -> None:
    with pytest.raises(ConfigError) as caught, naming_settings(SET):
        raise ConfigError("app", "it is none", "Give one")
    assert caught.value.field == "app"
