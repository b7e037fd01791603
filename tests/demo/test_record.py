"""Which form led to which page, told by the cookies alone."""

from __future__ import annotations

import pytest

from cookieconsent.demo.record import MAX_REMEMBERED, MAX_SECONDS, Record, Trail

GONE = b"; Max-Age=0; Path=/"


def form(sent: bytes, *got: bytes) -> Record:
    return Record(
        method="POST", path="/basket", visitor=("::1", "UA"), browser_sent=sent, browser_got=[*got]
    )


def page(sent: bytes) -> Record:
    return Record(method="GET", path="/", visitor=("::1", "UA"), browser_sent=sent)


# what the form carried, what its answer set, what the next request carries, whether it led there
LEADS: list[tuple[str, bytes, list[bytes], bytes, bool]] = [
    ("set and kept", b"", [b"cart=1; Path=/"], b"cart=1", True),
    ("set beside another", b"sid=9", [b"cart=1"], b"sid=9; cart=1", True),
    ("in another order", b"sid=9", [b"cart=1"], b"cart=1; sid=9", True),
    ("replaced", b"cart=1", [b"cart=2"], b"cart=2", True),
    ("nothing changed", b"sid=9", [], b"sid=9", True),
    ("deleted", b"sid=9; _ga=1", [b"_ga=" + GONE], b"sid=9", True),
    ("deleted in vain", b"sid=9; _ga=1", [b"_ga=" + GONE], b"sid=9; _ga=1", True),
    ("deleted and set", b"cart=1", [b"cart=" + GONE, b"cart=2"], b"cart=2", True),
    ("another basket", b"", [b"cart=1"], b"cart=2", False),
    ("old basket", b"cart=1", [b"cart=2"], b"cart=1", False),
    ("no cookies at all", b"", [b"cart=1"], b"", False),
    ("a cookie more", b"", [b"cart=1"], b"cart=1; sid=9", False),
    ("a cookie less", b"sid=9", [b"cart=1"], b"cart=1", False),
    ("nobody's form", b"", [], b"", False),
    ("unreadable", b"", [b"=x", b"cart=1\x00"], b"", False),
]


@pytest.mark.parametrize(
    ("sent", "got", "then", "leads"), [row[1:] for row in LEADS], ids=[row[0] for row in LEADS]
)
def test_form_leads_to_the_browser_that_got_its_answer(
    sent: bytes, got: list[bytes], then: bytes, leads: bool
) -> None:
    assert form(sent, *got).leads_to(page(then)) is leads


@pytest.mark.parametrize(("age", "shown"), [(0.0, True), (MAX_SECONDS, True), (31.0, False)])
def test_form_is_forgotten_with_time(age: float, shown: bool) -> None:
    times = iter([100.0, 100.0 + age])
    trail = Trail(lambda: next(times))
    trail.put(form(b"", b"cart=1"))
    assert (trail.take(page(b"cart=1")) is not None) is shown


@pytest.mark.parametrize("first", [b"cart=1", b"cart=2", b""])
def test_form_is_for_the_next_page_alone(first: bytes) -> None:
    """Whoever asks for it: with a later page it would no longer be just before."""
    trail = Trail()
    trail.put(form(b"", b"cart=1"))
    assert (trail.take(page(first)) is not None) is (first == b"cart=1")
    assert trail.take(page(b"cart=1")) is None


def test_trail_is_bounded() -> None:
    trail = Trail()
    for number in range(2 * MAX_REMEMBERED):
        record = form(b"", b"cart=1")
        record.visitor = ("::1", str(number))
        trail.put(record)
    assert len(trail._last) == MAX_REMEMBERED
