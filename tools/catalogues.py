"""Keep the message catalogues under locales/ in step with the messages in the code (`make catalogues`).

Reads what src/cookieconsent/ui marks with `gettext`, `ngettext` and `_mark`, and puts it into every
locales/<language>/LC_MESSAGES/cookieconsent.po: new messages come without a translation, gone ones
leave, nothing is guessed. English is filled by itself. All are compiled, as they are when a visitor
asks for a language. Run without arguments to write the catalogues and hear what is missing, with
`--check` to fail where a message is missing, fuzzy or stale.

A new language: make its folder with an empty catalogue, run this, translate.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from cookieconsent.ui.languages import compiled

if TYPE_CHECKING:
    from babel.messages.catalog import Message

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "cookieconsent" / "ui"
LOCALES = ROOT / "locales"
SOURCE_LOCALE = "en"
KEYWORDS: dict[str, tuple[int, ...] | None] = {"gettext": None, "ngettext": (1, 2), "_mark": None}
TRANSLATOR_COMMENT = "Translators:"

# What a header says of dates, people and tools changes with every run and helps nobody.
_IDLE_HEADER = re.compile(
    r'^"(?:Project-Id-Version|Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date'
    r"|Last-Translator|Language-Team|MIME-Version|Content-Transfer-Encoding|Generated-By): .*\n",
    re.MULTILINE,
)


class Fault(NamedTuple):
    """What is wrong with a message of a catalogue."""

    locale: str
    kind: str
    message: str

    def __str__(self) -> str:
        """Return a line for people."""
        return f"{self.locale}: {self.kind}: {self.message}"


def extracted() -> Catalog:
    """Return the messages of the code, in alphabetical order of file and line."""
    template = Catalog()
    for filename, line, message, comments, context in extract_from_dir(
        SOURCE,
        method_map=[("**.py", "python")],
        keywords=KEYWORDS,
        comment_tags=[TRANSLATOR_COMMENT],
        strip_comment_tags=True,
    ):
        place = (SOURCE / filename).relative_to(ROOT).as_posix()
        template.add(message, None, [(place, line)], auto_comments=comments, context=context)
    return template


def path_of(locale: str) -> Path:
    """Return where the catalogue of a language stands."""
    return LOCALES / locale / "LC_MESSAGES" / "cookieconsent.po"


def shipped() -> list[str]:
    """Return the languages there are."""
    return sorted(path.parents[1].name for path in LOCALES.glob("*/LC_MESSAGES/cookieconsent.po"))


def read(locale: str) -> Catalog:
    """Return a catalogue as it stands."""
    with path_of(locale).open("rb") as file:
        return read_po(file, locale=locale)


def updated(locale: str) -> Catalog:
    """Return a catalogue with the messages of the code, translated where it was."""
    catalogue = read(locale)
    catalogue.update(extracted(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    if locale == SOURCE_LOCALE:
        for message in messages(catalogue):
            message.string = message.id
    return catalogue


def messages(catalogue: Catalog) -> Iterator[Message]:
    """Yield the messages of a catalogue without its header."""
    return (message for message in catalogue if message.id)


def texts(message: Message) -> tuple[str, ...]:
    """Return the translations of a message, one for each plural form."""
    string = message.string or ""
    return (string,) if isinstance(string, str) else tuple(string)


def written(catalogue: Catalog) -> str:
    """Return the text of a catalogue."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=100, include_lineno=False, ignore_obsolete=True)
    text = buffer.getvalue().decode("utf-8")
    return _IDLE_HEADER.sub("", text[text.index('msgid ""') :])


def _name(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def faults() -> list[Fault]:
    """Return everything that keeps the catalogues from being complete and up to date."""
    found: list[Fault] = []
    known = {_name(message) for message in messages(extracted())}
    for locale in shipped():
        catalogue = read(locale)
        present = {_name(message): message for message in messages(catalogue)}
        found += [
            Fault(locale, "not in the catalogue", name) for name in sorted(known - {*present})
        ]
        found += [Fault(locale, "not in the code", name) for name in sorted({*present} - known)]
        found += [Fault(locale, "obsolete", str(gone)) for gone in sorted(catalogue.obsolete)]
        for name, message in present.items():
            if message.fuzzy:
                found.append(Fault(locale, "fuzzy", name))
            if not all(texts(message)):
                found.append(Fault(locale, "not translated", name))
        if not _compiles(catalogue):
            found.append(Fault(locale, "not compiled", "look at its plural forms"))
        if path_of(locale).read_text(encoding="utf-8") != written(updated(locale)):
            found.append(Fault(locale, "stale", "run tools/catalogues.py"))
    return found


def _compiles(catalogue: Catalog) -> bool:
    """Tell whether a catalogue can be looked up once it is compiled, plural forms and all."""
    ready = compiled(catalogue)
    try:
        return all(isinstance(ready.ngettext("a", "b", number), str) for number in range(200))
    except (ValueError, IndexError):
        return False


def main() -> int:
    """Write or check the catalogues."""
    if "--check" not in sys.argv[1:]:
        for locale in shipped():
            path_of(locale).write_text(written(updated(locale)), encoding="utf-8")
    remaining = faults()
    for fault in remaining:
        print(fault, file=sys.stderr)
    return int(bool(remaining))


if __name__ == "__main__":
    sys.exit(main())
