"""What a walk has left out is told, each with its reason."""

from __future__ import annotations

import pytest

from cookieconsent.drafting.from_walk import draft, not_seen
from cookieconsent.observation.jar import MAX_COOKIES
from cookieconsent.observation.walk import MOST_SKIPPED, Walk

FILE = "its name is that of a file"


@pytest.mark.parametrize(
    ("walk", "said"),
    [
        (Walk(acts={"/logout"}), "(name one by --page to have it looked at): /logout."),
        (
            Walk(left={"/b", "/a"}),
            "Pages beyond the limit of pages or time (raise --limit): /a, /b.",
        ),
        (Walk(failed={"/slow": "no answer"}), "Pages that gave no answer: /slow (no answer)."),
        (Walk(pages={"/": 200, "/gone": 404}), "answered with an error: /gone (404)."),
        (Walk(skipped={"/b.pdf": FILE, "/a.pdf": FILE}), f"Passed over: /a.pdf, /b.pdf ({FILE})."),
        (
            Walk(skipped={"/out": "leads to another site", "/a.pdf": FILE}),
            "Passed over: /out (leads to another site).",
        ),
        (
            Walk(skipped={f"/{number}.pdf": FILE for number in range(MOST_SKIPPED)}),
            "only the first 200 are known",
        ),
    ],
)
def test_what_was_left_out_is_told(walk: Walk, said: str) -> None:
    assert said in "\n".join(not_seen(walk))
    words = draft(walk, "shop:app").replace("\n#   ", " ")
    assert said in words


def test_cookies_beyond_the_bound_are_told() -> None:
    walk = Walk()
    lines = [b"c%d=1; Path=/" % number for number in range(MAX_COOKIES + 1)]
    walk.jar.take(lines, "https://shop.example/", 0)
    assert "Further cookies: only the first 200 are told." in list(not_seen(walk))
