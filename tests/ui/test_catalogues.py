"""The message catalogues: complete, up to date, and free of the slips that translations have."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

import pytest

import catalogues
from cookieconsent.ui.i18n import words
from ui.markup import LOCALES

FOREIGN: Final = tuple(locale for locale in LOCALES if locale != "en")
every_locale = pytest.mark.parametrize("locale", LOCALES)
every_foreign_locale = pytest.mark.parametrize("locale", FOREIGN)

# Words that happen to be the same in both languages.
SAME: Final = {
    "de": {"Name"},
    "fr": {"Contact", "%(num)d cookie", "%(num)d cookies"},
}
# Labels between which a visitor chooses.
LABELS: Final = (
    ("Reject all", "Accept all", "Cookie settings"),
    ("Save my choice", "Reject all", "Accept all"),
    ("Withdraw everything", "Forget my choice", "Delete all cookies of this site"),
    ("Yes", "No"),
    ("Now on", "Now off", "Always on"),
    ("Name", "Purpose", "Provider", "Kept for"),
    ("Cookie settings", "Withdraw consent"),
)
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z%]|\{\w*\}")
_NO_BREAK_SPACE = "\u00a0"


def translations(locale: str) -> list[tuple[str, str]]:
    """Return each text of the code with what a catalogue makes of it, plural forms singly."""
    pairs = []
    for message in catalogues.messages(catalogues.read(locale)):
        sources = (message.id,) if isinstance(message.id, str) else tuple(message.id)
        pairs += list(zip(sources, catalogues.texts(message), strict=True))
    return pairs


def test_catalogues_are_complete() -> None:
    assert [str(fault) for fault in catalogues.faults()] == []


def test_languages_are_those_that_are_shipped() -> None:
    assert set(catalogues.shipped()) == set(LOCALES)


@every_locale
def test_placeholders_are_kept(locale: str) -> None:
    for source, text in translations(locale):
        assert sorted(_PLACEHOLDER.findall(text)) == sorted(_PLACEHOLDER.findall(source)), text


@every_locale
def test_texts_hold_no_markup(locale: str) -> None:
    for _, text in translations(locale):
        assert not re.search(r"[<>&\x00-\x1f\x7f\u202a-\u202e]", text), text
        assert text == text.strip()
        assert "  " not in text


@every_locale
def test_endings_are_kept(locale: str) -> None:
    for source, text in translations(locale):
        assert (source[-1] in ".?:") == (text[-1] in ".?:"), text
        if source[-1] in "?:":
            assert text[-1] == source[-1], text


@every_foreign_locale
def test_everything_is_translated(locale: str) -> None:
    same = {source for source, text in translations(locale) if text == source}
    assert same == SAME[locale]


@every_locale
@pytest.mark.parametrize("labels", LABELS, ids=["-".join(row) for row in LABELS])
def test_labels_differ(labels: tuple[str, ...], locale: str) -> None:
    assert len({words(locale).gettext(label) for label in labels}) == len(labels)


@every_locale
def test_different_texts_stay_different(locale: str) -> None:
    """Two messages with one translation are one of them too many, or one of them wrong."""
    texts = [text for source, text in translations(locale) if "(num)" not in source]
    assert len(set(texts)) == len(texts)


def test_german_speaks_politely() -> None:
    for _, text in translations("de"):
        assert not re.search(r"\b(?:du|dich|dir|dein\w*|euch|eure\w*)\b", text, re.IGNORECASE), text


def test_french_speaks_politely() -> None:
    for _, text in translations("fr"):
        assert not re.search(r"\b(?:tu|te|toi|ton|ta|tes)\b", text, re.IGNORECASE), text


def test_french_keeps_its_spaces_together() -> None:
    """A line never begins with a colon, a question mark or the end of a quotation."""
    for _, text in translations("fr"):
        for found in re.finditer(r"(.)[:;?!»]", text):
            assert found[1] == _NO_BREAK_SPACE or found[1].isalpha() is False, text
        assert " " not in re.findall(r"«(.)", text), text
        assert "'" not in text


@every_locale
def test_quotation_marks_are_those_of_the_language(locale: str) -> None:
    pairs = {"de": "„“", "en": "“”", "fr": "«»"}
    for _, text in translations(locale):
        marks = "".join(re.findall('[„“”«»"]', text))
        assert marks in {"", pairs[locale]}, text


# --- the tool -----------------------------------------------------------------------------------

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Catalogues of our own, for a code of two messages."""
    source = tmp_path / "src"
    source.mkdir()
    (source / "code.py").write_text(
        'gettext("Hello %(name)s")\nngettext("%(num)d day", "%(num)d days", n)\nprint("not this")\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    monkeypatch.setattr(catalogues, "SOURCE", source)
    monkeypatch.setattr(catalogues, "LOCALES", tmp_path / "locales")
    monkeypatch.setattr(sys, "argv", ["catalogues.py"])
    for locale in ("de", "en"):
        path = catalogues.path_of(locale)
        path.parent.mkdir(parents=True)
        path.write_text(HEADER, encoding="utf-8")
    return tmp_path


def kinds() -> set[tuple[str, str]]:
    return {(fault.locale, fault.kind) for fault in catalogues.faults()}


def translate(text: str) -> None:
    path = catalogues.path_of("de")
    path.write_text(text, encoding="utf-8")


COMPLETE = """
#: src/code.py
#, python-format
msgid "Hello %(name)s"
msgstr "Hallo %(name)s"

#: src/code.py
#, python-format
msgid "%(num)d day"
msgid_plural "%(num)d days"
msgstr[0] "%(num)d Tag"
msgstr[1] "%(num)d Tage"
"""


@pytest.mark.usefixtures("folder")
def test_tool_adds_what_is_new_and_fills_english(capsys: pytest.CaptureFixture[str]) -> None:
    assert ("en", "not in the catalogue") in kinds()
    assert catalogues.main() == 1
    assert kinds() == {("de", "not translated")}
    assert "de: not translated: Hello %(name)s" in capsys.readouterr().err
    english = {
        text
        for message in catalogues.messages(catalogues.read("en"))
        for text in catalogues.texts(message)
    }
    assert english == {"Hello %(name)s", "%(num)d day", "%(num)d days"}


@pytest.mark.usefixtures("folder")
def test_tool_keeps_translations_and_drops_what_is_gone() -> None:
    translate(
        HEADER + COMPLETE + '\nmsgid "Gone"\nmsgstr "Weg"\n\n#~ msgid "Old"\n#~ msgstr "Alt"\n'
    )
    assert {("de", "not in the code"), ("de", "obsolete"), ("de", "stale")} <= kinds()
    assert catalogues.main() == 0
    assert kinds() == set()
    text = catalogues.path_of("de").read_text(encoding="utf-8")
    assert "Hallo %(name)s" in text
    assert "Weg" not in text
    assert "Alt" not in text


@pytest.mark.usefixtures("folder")
def test_tool_guesses_nothing() -> None:
    """A message that changed is a new message, not the old one marked as doubtful."""
    translate(HEADER + COMPLETE.replace("Hello %(name)s", "Hello, %(name)s"))
    catalogues.main()
    assert kinds() == {("de", "not translated")}


SLIPS = [
    ("missing", COMPLETE.replace('"Hallo %(name)s"', '""'), "not translated"),
    ("missing plural", COMPLETE.replace('"%(num)d Tage"', '""'), "not translated"),
    ("fuzzy", COMPLETE.replace("#, python-format", "#, fuzzy, python-format", 1), "fuzzy"),
    ("absent", COMPLETE.partition("\n\n")[0] + "\n", "not in the catalogue"),
    ("rewritten", COMPLETE.replace("#: src/code.py", "#: src/other.py"), "stale"),
]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("text", "kind"), [row[1:] for row in SLIPS], ids=[r[0] for r in SLIPS])
def test_check_finds_slips(text: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogues.main()
    translate(HEADER + text)
    before = catalogues.path_of("de").read_bytes()
    monkeypatch.setattr(sys, "argv", ["catalogues.py", "--check"])
    assert catalogues.main() == 1
    assert ("de", kind) in kinds()
    assert catalogues.path_of("de").read_bytes() == before, "a check writes nothing"


@pytest.mark.usefixtures("folder")
def test_tool_settles_at_once() -> None:
    translate(HEADER + COMPLETE)
    catalogues.main()
    before = catalogues.path_of("de").read_bytes()
    catalogues.main()
    assert catalogues.path_of("de").read_bytes() == before
    assert b"POT-Creation-Date" not in before
