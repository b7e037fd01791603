"""What a site may say in the place of our words: labels that can be seen and told apart."""

from __future__ import annotations

import pytest

from cookieconsent.errors import ConfigError
from cookieconsent.ui.languages import shipped
from cookieconsent.ui.wording import check_labels, check_text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n\t",
        "\x00",
        "\u200b\u200d\ufeff",
        "\xad",
        "\u2060",
        "\u202e",
        "\ue000",
        "\u3164",
        "\uffa0",
        "\u115f\u1160",
        "\u2800",
        "\u034f",
        "\ufe0f",
        "\U000e0101",
        "\U000e0041",
    ],
    ids=ascii,
)
def test_text_without_anything_to_see_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="is given no text"):
        check_text("texts.en", "Hide", text)


@pytest.mark.parametrize("text", ["a", "…", "हाँ", "نعم", "はい", "x\u200b", "✓"])
def test_text_with_something_to_see_is_taken(text: str) -> None:
    check_text("texts.en", "Hide", text)


@pytest.mark.parametrize(
    ("accept", "reject"),
    [
        ("Go", "Go"),
        ("Go", "go."),
        ("Go on", "go-on!"),
        ("Straße", "STRASSE"),
        ("Go", "G\u200bo\ufe0f"),
        ("\uff27\uff4f", "Go"),
        ("Go", "«Go»"),
    ],
)
def test_labels_that_look_alike_are_refused(accept: str, reject: str) -> None:
    with pytest.raises(ConfigError, match="both buttons say"):
        check_labels(accept, reject)


def test_labels_of_every_language_are_told_apart() -> None:
    for name in shipped().names:
        words = shipped().words(name)
        check_labels(words.gettext("Accept all"), words.gettext("Reject all"))
