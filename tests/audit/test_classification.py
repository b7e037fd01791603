"""What may be said of a cookie where the registry is silent."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from cookieconsent.audit.classification import (
    Attributes,
    guesses,
)
from cookieconsent.audit.declared import site_of
from cookieconsent.core.catalog import catalogue

SESSION = Attributes(http_only=True, secure=True, max_age=None)
THIRTEEN_MONTHS = Attributes(http_only=False, secure=True, max_age=timedelta(days=395))
ONE_DAY = Attributes(http_only=False, secure=False, max_age=timedelta(days=1))


@pytest.mark.parametrize(
    ("domain", "attributes", "by_domain", "by_attributes"),
    [
        ("ads.criteo.com", SESSION, "advertising", "authentication"),
        (".FaceBook.com", None, "advertising", None),
        (None, SESSION, None, "authentication"),
        ("shop.example", THIRTEEN_MONTHS, None, "analytics"),
        ("shop.example", ONE_DAY, None, None),
        ("notcriteo.com", None, None, None),
        ("com", None, None, None),
        (".", None, None, None),
        (None, None, None, None),
    ],
)
def test_two_witnesses_guess(
    domain: str | None,
    attributes: Attributes | None,
    by_domain: str | None,
    by_attributes: str | None,
) -> None:
    asked = [(step.witness, step.cls) for step in guesses(domain, attributes)]
    assert asked == [("tracker domain", by_domain), ("attributes", by_attributes)]


def test_detail_names_what_spoke() -> None:
    domain, attributes = guesses("x.criteo.com", SESSION)
    assert (domain.detail, attributes.detail) == (
        "criteo.com",
        "HttpOnly, Secure, until the browser is closed",
    )


def test_site_without_declarations_is_judged_by_lines_alone(tmp_path: Path) -> None:
    """A guess would stand in a finding without a reason."""
    site = site_of(None, None, tmp_path)
    assert catalogue().classify("shop_language").cls == "preferences"
    assert site.classify(b"shop_language").cls is None
    assert site.classify(b"_ga").cls == "analytics"
