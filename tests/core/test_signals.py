"""Facts of a request head: Global Privacy Control, navigations, fragments."""

from __future__ import annotations

import pytest

from cookieconsent.core.headers import Fields, index
from cookieconsent.core.signals import (
    FRAGMENT_FIELDS,
    REQUEST_FIELDS,
    is_boosted,
    is_navigation,
    privacy_control,
    wants_fragment,
)


def fields_of(*lines: str) -> Fields:
    """Read header lines as servers hand them over."""
    pairs = (line.partition(": ") for line in lines)
    return index([(name.lower().encode(), value.encode()) for name, _, value in pairs])[1]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], False),
        (["Sec-GPC: 1"], True),
        (["Sec-GPC: 0"], False),
        (["Sec-GPC: 01"], False),
        (["Sec-GPC: 1.0"], False),
        (["Sec-GPC: true"], False),
        (["Sec-GPC: ?1"], False),
        (["Sec-GPC: \u0661"], False),
        (["Sec-GPC: "], False),
        (["Sec-GPC: 1", "Sec-GPC: 1"], True),
        (["Sec-GPC: 0", "Sec-GPC: 1"], True),
        (["DNT: 1"], False),
    ],
)
def test_privacy_control(lines: list[str], expected: bool) -> None:
    assert privacy_control(fields_of(*lines)) is expected


HTML = "Accept: text/html,application/xhtml+xml,*/*;q=0.8"

NAVIGATIONS: list[tuple[str, list[str], bool]] = [
    ("browser over https", ["Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"], True),
    ("fetch() of a page", ["Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty", HTML], False),
    ("frame", ["Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe", HTML], False),
    ("image", ["Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image"], False),
    ("only the mode", ["Sec-Fetch-Mode: navigate"], True),
    ("only another mode", ["Sec-Fetch-Mode: same-origin", HTML], False),
    ("only the destination", ["Sec-Fetch-Dest: document"], True),
    ("only another destination", ["Sec-Fetch-Dest: script", HTML], False),
    ("behind a service worker", ["Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: empty"], False),
    ("browser over http", [HTML], True),
    ("page library over http", [HTML, "X-Requested-With: XMLHttpRequest"], False),
    ("upper case", ["Accept: TEXT/HTML"], True),
    ("XHTML alone", ["Accept: application/xhtml+xml"], True),
    ("with parameters", ["Accept: application/json, text/html ; q=0.1"], True),
    ("refused", ["Accept: text/html;q=0, application/json"], False),
    ("refused with zeros", ["Accept: text/html; q=0.000"], False),
    ("refused with more parameters", ["Accept: text/html;level=1;Q=0 ;x=y"], False),
    ("one of two refused", ["Accept: text/html;q=0, application/xhtml+xml"], True),
    ("hardly wanted", ["Accept: text/html;q=0.001"], True),
    ("anything", ["Accept: */*"], False),
    ("any text", ["Accept: text/*"], False),
    ("nothing said", [], False),
    ("JSON", ["Accept: application/json"], False),
    ("similar name", ["Accept: text/htmlx"], False),
    ("two lines", ["Accept: application/json", "Accept: text/html"], True),
    ("Android's WebView", [HTML, "X-Requested-With: com.example.app"], True),
    ("htmx", ["HX-Request: true", HTML], False),
    ("htmx boosted", ["HX-Request: true", "HX-Boosted: true", "Sec-Fetch-Mode: cors"], True),
    ("htmx boosted, oddly written", ["HX-Request: true", "HX-Boosted:  TRUE "], True),
    ("htmx not boosted", ["HX-Request: true", "HX-Boosted: false", HTML], False),
    ("boosted without htmx", ["HX-Boosted: true", "Accept: */*"], False),
    *(
        (
            f"{field.decode()} on a navigation",
            [f"{field.decode()}: x", "Sec-Fetch-Mode: navigate"],
            False,
        )
        for field in sorted(FRAGMENT_FIELDS)
    ),
]


@pytest.mark.parametrize(
    ("lines", "expected"), [row[1:] for row in NAVIGATIONS], ids=[row[0] for row in NAVIGATIONS]
)
def test_navigation(lines: list[str], expected: bool) -> None:
    assert is_navigation(fields_of(*lines)) is expected


@pytest.mark.parametrize(
    ("lines", "fragment", "boosted"),
    [
        ([], False, False),
        (["HX-Request: true"], True, False),
        (["HX-Request: true", "HX-Boosted: true"], False, True),
        (["HX-Boosted: true", "Turbo-Frame: x"], True, True),
        (["Turbo-Frame: "], True, False),
        (["X-PJAX: true"], True, False),
    ],
)
def test_fragment(lines: list[str], fragment: bool, boosted: bool) -> None:
    fields = fields_of(*lines)
    assert (wants_fragment(fields), is_boosted(fields)) == (fragment, boosted)


def test_every_field_read_is_listed() -> None:
    """WSGI hands over only the listed ones, so one that is missing would be read as absent."""
    used = {
        b"accept",
        b"hx-boosted",
        b"hx-request",
        b"sec-fetch-dest",
        b"sec-fetch-mode",
        b"sec-gpc",
    }
    assert used | FRAGMENT_FIELDS <= set(REQUEST_FIELDS)
    assert b"cookie" not in REQUEST_FIELDS
    assert len(set(REQUEST_FIELDS)) == len(REQUEST_FIELDS)
