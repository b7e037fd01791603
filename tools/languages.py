"""Write docs/reference/languages.md from the shipped catalogues and CLDR's names.

Run it to write the page; the tests fail where the page is stale.
"""

from __future__ import annotations

from pathlib import Path

from babel import Locale

from cookieconsent.ui.languages import shipped

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "languages.md"
EU = frozenset(
    [
        *("bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "it", "lt"),
        *("lv", "mt", "nl", "pl", "pt", "ro", "sk", "sl", "sv"),
    ]
)


def page() -> str:
    """Return the page."""
    rows = [_row(Locale.parse(name), name) for name in shipped().names]
    return "\n".join(
        [
            "# Languages",
            "",
            "<!-- Written by tools/languages.py; do not edit. -->",
            "",
            (
                f"{len(rows)} languages are shipped, among them the 24 official ones of the European "
                "Union. A visitor gets the one that `Accept-Language` asks for, by RFC 4647 and CLDR's "
                "knowledge of scripts and parents: `zh-TW` is traditional Chinese, `no` is Bokmål, "
                "`sr-ME` is Serbian in Latin letters, `es-MX` is Spanish. Nothing that fits is English. "
                "[Change words, add a language](../how-to/translate.md)."
            ),
            "",
            "| identifier | language | its own name | EU | direction |",
            "| --- | --- | --- | --- | --- |",
            *rows,
            "",
        ]
    )


def _row(locale: Locale, name: str) -> str:
    direction = "right to left" if locale.text_direction == "rtl" else "left to right"
    official = "yes" if name in EU else ""
    own = locale.get_display_name() or name
    cells = (f"`{name}`", locale.english_name or name, own, official, direction)
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
