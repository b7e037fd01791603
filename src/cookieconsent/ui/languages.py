"""Which languages a site speaks, and which of them a visitor gets.

The shipped catalogues, a site's own over them, and single texts over both. A language is chosen by what
the browser asks for (RFC 4647, section 3.4, with CLDR's knowledge of scripts and parents), never by
address.
May not enter: markup, and any text of our own.
"""

from __future__ import annotations

import difflib
import io
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import NullTranslations, Translations

from cookieconsent.errors import ConfigError, DeclarationWarning
from cookieconsent.ui.i18n import Words
from cookieconsent.ui.wording import Id, check_forms, check_labels, check_text, singular_of

if TYPE_CHECKING:
    from babel.messages.catalog import Message

DOMAIN: Final = "cookieconsent"
SOURCE_LOCALE: Final = "en"
_ACCEPT, _REJECT = "Accept all", "Reject all"
_MAX_HEADER_OCTETS = 1024
_MAX_WISHES = 20
_MAX_SUBTAGS = 8
_TRIED_NUMBERS = range(120)
_MACROLANGUAGES = {"no": "nb"}
Texts: TypeAlias = Mapping[str, Mapping[str, str | Sequence[str]]]


def catalogue_folder() -> Path:
    """Return the folder of the catalogues: inside the installed package, or beside a checkout's src.

    Raises:
        FileNotFoundError: Neither is there; the installation is incomplete.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "locales", package.parents[1] / "locales"):
        if (folder / SOURCE_LOCALE).is_dir():
            return folder
    message = f"no message catalogues beside {package}"
    raise FileNotFoundError(message)


# --- choosing -----------------------------------------------------------------------------------


def _subtags(tag: str) -> tuple[str, str, str] | None:
    """Return language, script and territory of a BCP 47 tag, empty where unsaid; `None` for no tag."""
    parts = tag.strip().replace("-", "_").lower().split("_", _MAX_SUBTAGS)
    if not all(part.isascii() and (part.isalnum() or not part) for part in parts[:_MAX_SUBTAGS]):
        return None
    language = parts[0]
    if not (language.isalpha() and len(language) in {2, 3}):
        return None
    script = territory = ""
    for part in parts[1:_MAX_SUBTAGS]:
        if len(part) == 1:  # what follows a singleton is an extension
            break
        if len(part) == 4 and part.isalpha() and not script:  # noqa: PLR2004 - RFC 5646, 2.2.3
            script = part.title()
        elif not territory and re.fullmatch(r"[a-z]{2}|[0-9]{3}", part):
            territory = part.upper()
    alias, *said = get_global("language_aliases").get(language, language).split("_")
    for part in said:  # `sh` is Serbian in Latin letters, `cnr` that of Montenegro
        if part.istitle():
            script = script or part
        else:
            territory = territory or part
    return _MACROLANGUAGES.get(alias, alias), script, territory


def _likely_script(*parts: str) -> str:
    likely = get_global("likely_subtags").get("_".join(filter(None, parts)), "")
    return likely.split("_")[1] if likely.count("_") > 1 else ""


def fallbacks(tag: str) -> Iterator[str]:
    """Yield the names under which a tag's language may be shipped, the nearest first.

    The script is part of the language: one written otherwise is none of them, so `zh-TW` is
    `zh_Hant` and never `zh_Hans`, and `sr-Latn` is never Cyrillic.
    """
    subtags = _subtags(tag)
    if subtags is None:
        return
    language, script, territory = subtags
    usual = _likely_script(language)
    script = script or _likely_script(language, territory) or usual
    parts = [(language, script, territory), (language, script)]
    if script == usual:
        parts = [parts[0], (language, territory), parts[1], (language,)]
    elif script == _likely_script(language, territory):
        parts.insert(1, (language, territory))
    parents = get_global("parent_exceptions")
    for name in dict.fromkeys("_".join(filter(None, part)) for part in parts):
        parent: str | None = name
        while parent and parent != "root":
            yield parent
            # Only a parent that CLDR names is shortened: what the visitor wrote has its script.
            parent = parents.get(parent) or (parent != name and parent.rpartition("_")[0]) or None


def _quality(parameter: str) -> float:
    """Read `q=0.8` (RFC 9110, section 12.4.2); anything else that is written there counts nothing."""
    name, _, value = parameter.strip().lower().partition("=")
    if not name:
        return 1.0
    digits = value.replace(".", "", 1)
    if name != "q" or not (digits.isascii() and digits.isdigit()):
        return 0.0
    return min(float(value[:8]), 1.0)


class Languages:
    """The languages of a site.

    Args:
        folders: The site's own catalogues, `<language>/LC_MESSAGES/cookieconsent.po` each: they add
            languages, and their messages win over ours. The last folder wins.
        texts: Single texts by language, then by the English text they replace, which is the singular
            where there are several; they win over all.
        own: What the site itself says to visitors, which catalogues and texts may translate.

    Raises:
        ConfigError: A catalogue or a text cannot be used; the message names it and the remedy.
    """

    def __init__(
        self,
        folders: Sequence[Path] = (),
        texts: Texts | None = None,
        own: frozenset[str] = frozenset(),
    ) -> None:
        self._shipped = catalogue_folder()
        shipped = {
            path.parents[1].name for path in self._shipped.glob(f"*/LC_MESSAGES/{DOMAIN}.po")
        }
        self._own: dict[str, list[Catalog]] = {}
        for folder in folders:
            for path in _site_files(folder):
                name = _language_of(path)
                catalogue = _site_catalogue(path, name, self._ids)
                self._own.setdefault(name, []).append(catalogue)
        self.names: tuple[str, ...] = tuple(sorted(shipped | self._own.keys()))
        """The identifiers of the languages, such as `de` or `pt_BR`, sorted."""
        self._by_lower = {name.lower(): name for name in self.names}
        self._words: dict[str, Words] = {}
        self._best = lru_cache(maxsize=1024)(self._choose)
        if texts:
            self._add_texts(texts, own)
        for name in self._own:
            gettext = self.words(name).gettext
            check_labels(gettext(_ACCEPT), gettext(_REJECT))
            if name not in shipped:
                self._count_missing(name)

    def find(self, tag: str) -> str | None:
        """Return the language for a BCP 47 tag, `None` if there is none."""
        found = (self._by_lower.get(name.lower()) for name in fallbacks(tag))
        return next(filter(None, found), None)

    def negotiate(self, accept_language: bytes | None) -> str:
        """Return the language that suits an `Accept-Language` value best, English if none does.

        Total: any bytes are taken, only the first 1,024 are read, and only languages of the site come
        out.
        """
        if accept_language is None:
            return SOURCE_LOCALE
        if len(accept_language) > _MAX_HEADER_OCTETS:
            # What is kept must be bounded too; a wish that was cut in two is none.
            accept_language = accept_language[:_MAX_HEADER_OCTETS].rpartition(b",")[0]
        return self._best(accept_language)

    def _choose(self, accept_language: bytes) -> str:
        wishes: list[tuple[float, int, str]] = []
        text = accept_language.decode("latin-1")
        for index, member in enumerate(text.split(",")[:_MAX_WISHES]):
            tag, _, parameter = member.partition(";")
            quality = _quality(parameter)
            if quality > 0:
                wishes.append((-quality, index, tag))
        found = (self.find(tag) for _, _, tag in sorted(wishes))
        return next(filter(None, found), SOURCE_LOCALE)

    def words(self, name: str) -> Words:
        """Return the words of a language of the site, read on first use and kept."""
        found = self._words.get(name)
        if found is None:
            found = self._words[name] = Words(name, self._messages(name), self._said(name))
        return found

    # --- catalogues -----------------------------------------------------------------------------

    def _messages(self, name: str) -> NullTranslations:
        """Return the messages of a language: the site's own, then ours, then English."""
        catalogues = list(reversed(self._own.get(name, [])))
        path = self._shipped / name / "LC_MESSAGES" / f"{DOMAIN}.po"
        if path.exists():
            with path.open("rb") as file:
                catalogues.append(read_po(file, locale=name))
        return _layered(catalogues)

    def _said(self, name: str) -> NullTranslations:
        """Return what the site has translated into a language."""
        return _layered(list(reversed(self._own.get(name, []))))

    @cached_property
    def _ids(self) -> dict[str, Id]:
        """Our messages by their English text."""
        return {singular_of(message.id): message.id for message in self._ours if message.id}

    @cached_property
    def _ours(self) -> Catalog:
        with (self._shipped / SOURCE_LOCALE / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
            return read_po(file, locale=SOURCE_LOCALE)

    def _add_texts(self, texts: Texts, own: frozenset[str]) -> None:
        known: dict[str, Id] = {**{text: text for text in own}, **self._ids}
        for name, replaced in texts.items():
            if name not in self.names:
                near = difflib.get_close_matches(name, self.names, 1)
                fix = (
                    f"Did you mean {near[0]!r}?" if near else "Use one of " + ", ".join(self.names)
                )
                raise ConfigError(f"texts.{name}", "there is no such language", fix)
            catalogue = Catalog(locale=name)
            catalogue.mime_headers = [("Plural-Forms", self._plural_forms(name))]
            for source, text in replaced.items():
                if source not in known:
                    near = difflib.get_close_matches(source, known, 1)
                    meant = (
                        f"Did you mean {near[0]!r}?" if near else "Write it as it reads in English"
                    )
                    raise ConfigError(f"texts.{name}", f"there is no text {source!r}", meant)
                _add_text(f"texts.{name}", catalogue, known[source], text)
            self._own.setdefault(name, []).append(catalogue)

    def _plural_forms(self, name: str) -> str:
        """Return how a language counts: as the site's own catalogue says, else as is usual."""
        own = self._own.get(name)
        return own[-1].plural_forms if own else Catalog(locale=name).plural_forms

    def _count_missing(self, name: str) -> None:
        present = {message.id for catalogue in self._own[name] for message in catalogue}
        missing = sum(message.id not in present for message in self._ours if message.id)
        if missing:
            warnings.warn(
                f"translations: {missing} messages of {name!r} are missing and stay in English.",
                DeclarationWarning,
                stacklevel=5,
            )


def compiled(catalogue: Catalog) -> Translations:
    """Return a catalogue ready to look messages up, compiled in memory."""
    file = io.BytesIO()
    write_mo(file, catalogue)
    file.seek(0)
    return Translations(file, domain=DOMAIN)


def _layered(catalogues: Sequence[Catalog]) -> NullTranslations:
    """Return catalogues as one, the first on top, and English below."""
    layers: list[NullTranslations] = [compiled(catalogue) for catalogue in catalogues]
    layers = layers or [NullTranslations()]
    for layer, below in pairwise(layers):
        layer.add_fallback(below)
    return layers[0]


def _site_files(folder: Path) -> list[Path]:
    files = sorted(folder.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))
    if not files:
        raise ConfigError(
            "translations",
            f"{str(folder)!r} holds no catalogue",
            f"Name a folder with files such as de/LC_MESSAGES/{DOMAIN}.po",
        )
    return files


def _language_of(path: Path) -> str:
    """Return the language of a site's catalogue as CLDR writes it; its folder may say `DE`."""
    name = path.parents[1].name
    try:
        usual = str(Locale.parse(name))
    except (ValueError, UnknownLocaleError) as error:
        raise ConfigError(
            "translations", f"{name!r} is no language that CLDR knows", "Rename its folder"
        ) from error
    return usual if usual.lower() == name.lower() else name


def _site_catalogue(path: Path, name: str, ours: Mapping[str, Id]) -> Catalog:
    """Read and check a catalogue of a site's own."""
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, locale=name, abort_invalid=True)
        counting = compiled(catalogue)
        for number in _TRIED_NUMBERS:  # a plural expression that means nothing fails here
            counting.ngettext(name, name, number)
    except (OSError, PoFileError, ArithmeticError, ValueError, LookupError) as error:
        raise ConfigError(
            "translations", f"{str(path)!r} cannot be read ({error})", "Correct that file, in UTF-8"
        ) from error
    for message in catalogue:
        if message.id and not message.fuzzy:
            known = ours.get(singular_of(message.id))
            _check_message(f"translations ({path})", message, known, catalogue.num_plurals)
    return catalogue


def _check_message(field: str, message: Message, ours: Id | None, plurals: int) -> None:
    """Refuse a message that would break a sentence; `ours` is the one of ours that it stands for."""
    if ours not in {None, message.id}:
        raise ConfigError(
            field,
            f"{singular_of(message.id)!r} has other plural forms in English",
            "Leave msgid_plural out"
            if isinstance(ours, str)
            else f"Write msgid_plural {ours[1]!r}",
        )
    if isinstance(message.id, str):
        if message.string:
            check_text(field, message.id, message.string)
        return
    forms = [text for text in message.string or () if text]
    if forms:
        check_forms(field, message.id, forms, plurals)


def _add_text(field: str, catalogue: Catalog, source: Id, text: str | Sequence[str]) -> None:
    """Put a text, or a text for each plural form, in the place of a message."""
    if isinstance(source, str):
        if not isinstance(text, str):
            raise ConfigError(field, f"{source!r} is one text, no list", "Write it as a text")
        check_text(field, source, text)
        catalogue.add(source, text)
        return
    forms = catalogue.num_plurals
    if isinstance(text, str):
        raise ConfigError(
            field,
            f"{source[0]!r} depends on a number",
            f"Write a list of {forms} texts, one for each plural form of that language",
        )
    check_forms(field, source, text, forms)
    catalogue.add(tuple(source), tuple(text))


@cache
def shipped() -> Languages:
    """Return the languages of a site that adds none."""
    return Languages()
