"""The authorities: every country of the list, and what a site may write."""

from __future__ import annotations

import re

import pytest

from cookieconsent import Config
from cookieconsent.core.authorities import authorities, authorities_of, is_code
from cookieconsent.errors import ConfigError

EU = [
    "AT",
    "BE",
    "BG",
    "CY",
    "CZ",
    "DE",
    "DK",
    "EE",
    "ES",
    "FI",
    "FR",
    "GR",
    "HR",
    "HU",
    "IE",
    "IT",
    "LT",
    "LU",
    "LV",
    "MT",
    "NL",
    "PL",
    "PT",
    "RO",
    "SE",
    "SI",
    "SK",
]
EEA = {*EU, "IS", "LI", "NO"}
SECRET = "s" * 40


def test_every_country_is_there() -> None:
    assert set(authorities()) == EEA | {"GB", "CH"}
    assert len(EU) == 27


@pytest.mark.parametrize("code", sorted(EEA | {"GB", "CH"}))
def test_authority_has_a_name_and_an_address(code: str) -> None:
    one = authorities()[code]
    assert one.country == code
    assert len(one.name) > 8
    assert re.fullmatch(r"https://[a-z.-]+\.[a-z]{2,3}", one.url)


def test_addresses_are_all_different() -> None:
    assert len({one.url for one in authorities().values()}) == len(authorities())


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (["FR"], ["FR"]),
        (["DE", "AT", "DE"], ["DE", "AT"]),
        (["EL", "UK"], ["GR", "GB"]),
        (["EEA"], sorted(EEA)),
        (["CH", "EEA"], ["CH", *sorted(EEA)]),
    ],
    ids=["one", "each once", "codes of the EU", "all", "all and one more"],
)
def test_codes_lead_to_authorities(codes: list[str], expected: list[str]) -> None:
    assert [one.country for one in authorities_of("authority", codes)] == expected


@pytest.mark.parametrize(
    ("value", "yes"),
    [("FR", True), ("EEA", True), ("fr", True), ("CNIL", False), ("ÄÖ", False)],
)
def test_words_are_told_from_codes(value: str, yes: bool) -> None:
    assert is_code(value) is yes


@pytest.mark.parametrize(
    ("value", "named", "countries"),
    [
        (None, None, []),
        ("CNIL, Paris", "CNIL, Paris", []),
        ("https://www.cnil.fr", "https://www.cnil.fr", []),
        ("FR", None, ["FR"]),
        (["FR", "GB"], None, ["FR", "GB"]),
    ],
    ids=["none", "words", "link", "code", "codes"],
)
def test_site_names_them_as_it_likes(
    value: object, named: str | None, countries: list[str]
) -> None:
    config = Config.from_mapping({"secret_key": SECRET, "authority": value})
    assert config.named_authority == named
    assert [one.country for one in config.authorities] == countries


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("XX", "'XX' is no country of the list"),
        ("de", "Did you mean 'DE'"),
        (["FR", "de"], "Did you mean 'DE'"),
        (["FR", "US"], "'US' is no country of the list"),
        (["CNIL"], "'CNIL' is no country of the list"),
        (3, "authority"),
        ([3], "authority"),
        ("", "authority"),
    ],
)
def test_other_countries_are_refused(value: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Config.from_mapping({"secret_key": SECRET, "authority": value})
