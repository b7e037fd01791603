"""How the audit comes to a class where the registry alone is silent, and the chain of reasons."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from cookieconsent import Cookie
from cookieconsent.audit.classification import (
    WITNESSES,
    Attributes,
    Certainty,
    Witness,
    explain,
)
from cookieconsent.audit.declared import site_of
from cookieconsent.core.catalog import catalogue, shipped_rules
from cookieconsent.core.registry import Registry

SITE = Registry([Cookie("_ga", "exempted"), Cookie("shop_*", "cart")], shipped_rules())

SESSION = Attributes(http_only=True, secure=True, max_age=None)
THIRTEEN_MONTHS = Attributes(http_only=False, secure=True, max_age=timedelta(days=395))
ONE_DAY = Attributes(http_only=False, secure=False, max_age=timedelta(days=1))


@pytest.mark.parametrize(
    ("name", "domain", "attributes", "witness", "cls", "certainty"),
    [
        ("_ga", "doubleclick.net", SESSION, "declared", "exempted", "certain"),
        ("shop_1", None, None, "declared", "cart", "certain"),
        ("fr", ".facebook.com", None, "exact name and domain", "advertising", "certain"),
        ("fr", "WWW.Facebook.com", None, "exact name and domain", "advertising", "certain"),
        ("PHPSESSID", "doubleclick.net", None, "exact name", "authentication", "certain"),
        ("_ga_1AB", None, THIRTEEN_MONTHS, "glob", "analytics", "certain"),
        ("qqqq", "ads.criteo.com", SESSION, "tracker domain", "advertising", "likely"),
        ("qqqq", None, SESSION, "attributes", "authentication", "hint"),
        ("qqqq", "shop.example", THIRTEEN_MONTHS, "attributes", "analytics", "hint"),
    ],
)
def test_strongest_witness_decides(
    name: str,
    domain: str | None,
    attributes: Attributes | None,
    witness: Witness,
    cls: str,
    certainty: Certainty,
) -> None:
    known = explain(name, domain, attributes, registry=SITE)
    assert (known.cls, known.certainty) == (cls, certainty)
    assert (known.chain[-1].witness, known.chain[-1].cls) == (witness, cls)
    assert [step.witness for step in known.chain] == list(WITNESSES[: WITNESSES.index(witness) + 1])
    assert {step.cls for step in known.chain[:-1]} <= {None}


@pytest.mark.parametrize(
    ("domain", "attributes"),
    [(None, None), ("shop.example", ONE_DAY), ("notcriteo.com", None), ("com", None), (".", None)],
)
def test_unknown_stays_unknown(domain: str | None, attributes: Attributes | None) -> None:
    known = explain("qqqq", domain, attributes, registry=SITE)
    assert (known.cls, known.certainty, known.exempt) == (None, "unknown", False)
    assert [step.witness for step in known.chain] == list(WITNESSES)


def test_guess_never_makes_exempt() -> None:
    guess = explain(b"qqqq", None, SESSION, registry=SITE)
    assert (guess.cls, guess.exempt) == ("authentication", False)
    assert explain(b"PHPSESSID", registry=SITE).exempt


def test_detail_names_what_matched() -> None:
    assert explain("_ga_1AB", registry=SITE).chain[-1].detail == "_ga_*"
    assert explain("q", "x.criteo.com", registry=SITE).chain[-1].detail == "criteo.com"


def test_explanation_agrees_with_the_registry() -> None:
    shipped = catalogue()
    for name in ("_fbp", "OptanonConsent", "sessionid", "YSC", "wp-settings-1"):
        assert explain(name, registry=shipped).cls == shipped.classify(name).cls


def test_site_without_declarations_is_judged_by_lines_alone(tmp_path: Path) -> None:
    """A guess would stand in a finding without a reason."""
    site = site_of(None, None, tmp_path)
    assert catalogue().classify("shop_language").cls == "preferences"
    assert site.classify(b"shop_language").cls is None
    assert site.classify(b"_ga").cls == "analytics"
