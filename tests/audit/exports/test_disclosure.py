"""What is kept on devices, in the form of the IAB's disclosures."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from audit.samples import audited, cookie, empty, report, site
from cookieconsent.audit.exports import policy
from cookieconsent.audit.exports.disclosure import write
from cookieconsent.audit.report import Report
from cookieconsent.audit.reports import edpb

# The members, as "Vendor Device Storage & Operational Disclosures" (v1.1, January 2026) has them.
PURPOSES: dict[str, Any] = {"type": "array", "items": {"type": "integer", "minimum": 1}}
DOMAIN = {"type": "string", "pattern": r"^(\*\.)?[^/:*]+$"}
FORM = Draft202012Validator(
    {
        "type": "object",
        "required": ["disclosures", "domains"],
        "properties": {
            "disclosures": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["identifier", "type", "maxAgeSeconds", "domains", "purposes"],
                    "properties": {
                        "identifier": {"type": "string", "minLength": 1, "not": {"const": "*"}},
                        "type": {"enum": ["cookie", "web", "app"]},
                        "maxAgeSeconds": {"type": ["integer", "null"], "minimum": 0},
                        "cookieRefresh": {"type": "boolean"},
                        "domains": {"type": "array", "items": DOMAIN, "minItems": 1},
                        "purposes": PURPOSES,
                    },
                    "if": {"properties": {"type": {"const": "cookie"}}},
                    "then": {
                        "required": ["cookieRefresh"],
                        "properties": {"maxAgeSeconds": {"type": "integer"}},
                    },
                    "else": {"properties": {"maxAgeSeconds": {"type": "null"}}},
                    "additionalProperties": False,
                },
            },
            "domains": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["domain", "purposes"],
                    "properties": {"domain": DOMAIN, "purposes": PURPOSES},
                    "additionalProperties": False,
                },
            },
        },
        "additionalProperties": False,
    }
)


@pytest.mark.parametrize("given", [report(), audited(), empty()], ids=["whole", "real", "empty"])
def test_every_disclosure_keeps_to_the_form(given: Report) -> None:
    assert [error.message for error in FORM.iter_errors(json.loads(write(given)))] == []


def test_cookies_and_storages_are_disclosed() -> None:
    ga, sid, theme = json.loads(write(report()))["disclosures"]
    assert ga == {
        "identifier": "_ga",
        "type": "cookie",
        "maxAgeSeconds": 63_072_000,
        "cookieRefresh": False,
        "domains": ["*.shop.example"],
        "purposes": [1],
    }
    assert (sid["maxAgeSeconds"], sid["purposes"]) == (0, [])
    assert (theme["type"], theme["maxAgeSeconds"]) == ("web", None)


def test_host_alone_is_no_wildcard() -> None:
    [row] = json.loads(write(report(cookies=(cookie(attributes={}, refreshed=True),))))[
        "disclosures"
    ]
    assert (row["domains"], row["cookieRefresh"]) == (["shop.example"], True)


def test_further_purposes_come_from_the_caller() -> None:
    told = json.loads(write(report(), {"analytics": [8, 7]}))
    assert told["disclosures"][0]["purposes"] == [1, 7, 8]
    assert told["domains"] == [{"domain": "shop.example", "purposes": [1, 7, 8]}]


def test_nothing_tells_visitors_of_what_they_never_get() -> None:
    odd = cookie("odd", host="odd.example", setter="application, kept back")
    given = report(cookies=(odd,))
    told = [write(given), policy.html(given, site()), edpb.write(given)]
    assert [text for text in told if "odd" in text] == []
