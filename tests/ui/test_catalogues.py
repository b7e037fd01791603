"""The message catalogues: complete, up to date, and free of the slips that translations have.

What differs between languages stands in `data/languages.toml`: the script, the word for consent in the
sense of the law (its stems), and the texts that are rightly the same as in English.
"""

from __future__ import annotations

import ast
import gettext
import re
import sys
import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

import catalogues
from cookieconsent.ui.banner import banner_text
from ui.markup import (
    ADVERTISING,
    ANALYTICS,
    LOCALES,
    MEDIA,
    banner_tree,
    facts,
    visible_text,
    words,
)

FACTS: Final[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "data" / "languages.toml").read_text(encoding="utf-8")
)
FOREIGN: Final = tuple(locale for locale in LOCALES if locale != "en")
every_locale = pytest.mark.parametrize("locale", LOCALES)
every_foreign_locale = pytest.mark.parametrize("locale", FOREIGN)

# Labels between which a visitor chooses.
LABELS: Final = (
    ("Reject all", "Accept all", "Cookie settings", "Save my choice", "Withdraw consent"),
    (
        "Withdraw everything",
        "Forget my choice",
        "Delete all cookies of this site",
        "Pause everything",
        "End the pause",
    ),
    ("Yes", "No"),
    ("Now on", "Now off", "Always on", "Paused"),
    ("Name", "Purpose", "Provider", "Kept for"),
    ("Name", "Class", "Value", "What happened to it"),
    ("Download my choice", "Print my choice"),
)
# Sentences of the first layer that must name consent, and that it can be taken back (R26).
CONSENT: Final = (
    "With your consent we also use cookies for: %(classes)s.",
    "You can withdraw your consent at any time.",
)
# What a button says that hides what it does (R27).
NO_ANSWER: Final = frozenset(
    [
        "ok",
        "okay",
        "close",
        "continue",
        "next",
        "fine",
        "agree",
        "schließen",
        "weiter",
        "fermer",
        "continuer",
        "cerrar",
        "continuar",
        "fechar",
        "chiudi",
        "continua",
        "sluiten",
        "doorgaan",
        "zamknij",
        "dalej",
        "zavřít",
        "zatvoriť",
        "zapri",
        "zatvori",
        "luk",
        "stäng",
        "lukk",
        "lukke",
        "sulje",
        "sulge",
        "aizvērt",
        "uždaryti",
        "bezár",
        "închide",
        "затвори",
        "закрыть",
        "закрити",
        "kapat",
        "إغلاق",
        "סגור",
        "بستن",
        "閉じる",
        "关闭",
        "關閉",
        "닫기",
        "đóng",
        "tutup",
        "ปิด",
    ]
)
# Scripts that have no spaces between words: there, characters are counted.
UNSPACED: Final = frozenset({"ja", "th", "zh_Hans", "zh_Hant"})
FIRST_LAYER_WORDS, FIRST_LAYER_CHARACTERS, SENTENCE_WORDS = 60, 200, 20

# Names of products and terms that are written in Latin letters everywhere.
PRODUCTS: Final = re.compile(
    r"%\(\w+\)[sd]|Global Privacy Control|Samsung Internet|Safari|iPhone|iPad|Mac|Chrome|Edge|Firefox"
    r"|Opera|https|EU|GPC|[Cc]ookies?|Apps?"
)
# By script, the first words of the Unicode names of its letters.
LETTERS: Final = {
    "CJK": {"CJK"},
    "Hiragana": {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"},
}
ENDS: Final = {".": ".。।۔", "?": "?？؟;", ":": ":："}
QUOTES: Final = re.compile('["„“”«»‚‘‹›「」『』﴾﴿]')
APOSTROPHES: Final = "'"
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z%]|\{\w*\}")
_NO_BREAK_SPACE = "\u00a0"


def translations(locale: str) -> list[tuple[str, str]]:
    """Return each text of the code with what a catalogue makes of it, plural forms singly."""
    pairs = []
    for message in catalogues.messages(catalogues.read(locale)):
        if isinstance(message.id, str):
            pairs.append((message.id, catalogues.texts(message)[0]))
        else:
            pairs += [(message.id[-1], text) for text in catalogues.texts(message)]
    return pairs


def test_catalogues_are_complete() -> None:
    assert [str(fault) for fault in catalogues.faults()] == []


@pytest.mark.parametrize(
    "path", sorted(catalogues.SOURCE.rglob("*.py")), ids=lambda path: path.name
)
def test_no_message_hides_in_an_f_string(path: Path) -> None:
    """The extraction does not look into those."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            assert "gettext" not in ast.unparse(node), ast.unparse(node)


def test_languages_are_those_that_are_shipped() -> None:
    assert catalogues.shipped() == sorted(LOCALES) == sorted(FACTS)
    assert len(LOCALES) == 51


@every_locale
def test_plural_forms_are_those_of_the_header(locale: str) -> None:
    """Each number has a text, and each text a number, whatever a release of Babel counts."""
    catalogue = catalogues.read(locale)
    header = catalogues.path_of(locale).read_text(encoding="utf-8").partition("\n\n")[0]
    told = re.search(r"nplurals=(\d+); plural=(.+?);?\\n", header.replace('"\n"', ""))
    assert told is not None
    number = int(told[1])
    assert catalogue.num_plurals == number
    form_of = gettext.c2py(told[2])
    assert {form_of(count) for count in range(1001)} == set(range(number))
    for message in catalogues.messages(catalogue):
        assert len(catalogues.texts(message)) == (1 if isinstance(message.id, str) else number)


@every_locale
def test_placeholders_are_kept(locale: str) -> None:
    for source, text in translations(locale):
        assert sorted(_PLACEHOLDER.findall(text)) == sorted(_PLACEHOLDER.findall(source)), text


@every_locale
def test_texts_hold_no_markup(locale: str) -> None:
    for _, text in translations(locale):
        assert not re.search(r"[<>&\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]", text), (
            text
        )
        assert text == text.strip()
        assert "  " not in text


@every_locale
def test_endings_are_kept(locale: str) -> None:
    for source, text in translations(locale):
        ends = ENDS.get(source[-1], "")
        if locale == "th":  # which ends a sentence with a space, and a question with a word
            ends += text[-1] if source[-1] in ".?" else ""
        assert (text[-1] in ends) if ends else (text[-1] not in ".?:。।۔？؟："), text


@every_locale
def test_quotation_marks_are_one_pair(locale: str) -> None:
    pairs = {"".join(QUOTES.findall(text)) for _, text in translations(locale)} - {""}
    assert len({pair[:2] for pair in pairs}) == 1, pairs
    assert all(len(pair) % 2 == 0 for pair in pairs), pairs
    assert not any('"' in pair for pair in pairs)


@every_locale
def test_apostrophes_are_typographic(locale: str) -> None:
    assert [text for _, text in translations(locale) if APOSTROPHES in text] == []


@every_foreign_locale
def test_everything_is_translated(locale: str) -> None:
    pairs = [pair for pair in translations(locale) if "(num)" not in pair[0]]
    same = {source for source, text in pairs if text == source}
    assert same == set(FACTS[locale]["same"])


def strangers(text: str, script: str) -> Iterator[str]:
    """Yield the letters of a text that belong to another script."""
    letters = LETTERS.get(script, {script.upper()})
    for letter in PRODUCTS.sub("", text):
        if letter.isalpha() and unicodedata.name(letter).split()[0] not in letters:
            yield letter


@every_locale
def test_letters_are_of_the_script(locale: str) -> None:
    for _, text in translations(locale):
        assert "".join(strangers(text, FACTS[locale]["script"])) == "", text


@every_locale
@pytest.mark.parametrize("labels", LABELS, ids=["-".join(row[:2]) for row in LABELS])
def test_labels_differ(labels: tuple[str, ...], locale: str) -> None:
    assert len({words(locale).gettext(label).lower() for label in labels}) == len(labels)


@every_locale
def test_different_texts_stay_different(locale: str) -> None:
    """Two messages with one translation are one of them too many, or one of them wrong."""
    texts = [text for source, text in translations(locale) if "(num)" not in source]
    assert sorted(text for text in set(texts) if texts.count(text) > 1) == []


@every_locale
def test_accepting_is_called_so(locale: str) -> None:
    label = words(locale).gettext("Accept all")
    assert label.lower().strip(" .!") not in NO_ANSWER
    assert label != words(locale).gettext("Hide")


@every_locale
@pytest.mark.parametrize("sentence", CONSENT)
def test_consent_is_named(sentence: str, locale: str) -> None:
    text = words(locale).gettext(sentence).lower()
    assert any(stem in text for stem in FACTS[locale]["consent"]), text


# --- the first layer ------------------------------------------------------------------------------

SHARING: Final = facts(ANALYTICS, MEDIA, ADVERTISING, providers=3)


def length(text: str, locale: str) -> int:
    return len(text) if locale in UNSPACED else len(text.split())


@every_locale
def test_first_layer_is_short(locale: str) -> None:
    text = visible_text(banner_tree(SHARING, locale))
    limit = FIRST_LAYER_CHARACTERS if locale in UNSPACED else FIRST_LAYER_WORDS
    assert 10 < length(text, locale) <= limit, text


@every_locale
def test_sentences_of_the_first_layer_are_short(locale: str) -> None:
    if locale in UNSPACED:
        assert locale in FACTS
        return
    for sentence in re.split(r"(?<=[.。।])\s", str(banner_text(SHARING, words(locale)))):
        assert len(sentence.split()) <= SENTENCE_WORDS, sentence


@every_locale
def test_first_layer_says_what_it_must(locale: str) -> None:
    """What for, by consent, to whom, and that it can be taken back (R25, R26)."""
    spoken = words(locale)
    text = visible_text(banner_tree(SHARING, locale))
    recipients = spoken.ngettext(
        "%(num)d third party may then receive data, also outside the EU.",
        "%(num)d third parties may then receive data, also outside the EU.",
        3,
    )
    for part in (
        *(spoken.gettext(title) for title in ("Analytics", "Embedded media", "Advertising")),
        spoken.gettext(CONSENT[0]).partition("%")[0].strip(),
        recipients % {"num": 3},
        spoken.gettext(CONSENT[1]),
        *(spoken.gettext(label) for label in ("Reject all", "Accept all", "Cookie settings")),
    ):
        assert part in text, part


# --- manners --------------------------------------------------------------------------------------


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


def test_serbian_is_the_same_in_both_scripts() -> None:
    latin, cyrillic = (dict(translations(locale)) for locale in ("sr_Latn", "sr"))
    assert {source: len(text.split()) for source, text in latin.items()} == {
        source: len(text.split()) for source, text in cyrillic.items()
    }


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
