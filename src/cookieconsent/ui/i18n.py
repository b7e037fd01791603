"""Languages: the shipped catalogues, choosing one for a visitor, and words with numbers and dates.

Catalogues are read as `.po` and compiled in memory, once per language on first use: there is no
compiled file that could be stale, and a checkout, a wheel and an editable install read the same files.
May not enter: markup, and any text of our own.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache, cached_property, lru_cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from babel.units import format_unit

DOMAIN = "cookieconsent"
SOURCE_LOCALE = "en"
_MAX_HEADER_OCTETS = 1024
_MAX_WISHES = 20

# Tags that visitors send for a language we ship under another name (CLDR likely subtags).
_ALIASES = {"no": "nb", "zh_cn": "zh_hans", "zh_sg": "zh_hans", "zh_tw": "zh_hant"} | {
    "zh_hk": "zh_hant",
    "zh_mo": "zh_hant",
    "iw": "he",
    "in": "id",
}


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


@cache
def available_locales() -> tuple[str, ...]:
    """Return the identifiers of the shipped languages, such as `de` or `pt_BR`, sorted."""
    folder = catalogue_folder()
    return tuple(sorted(path.parents[1].name for path in folder.glob(f"*/LC_MESSAGES/{DOMAIN}.po")))


def find_locale(tag: str) -> str | None:
    """Return the shipped language for a BCP 47 tag: the tag itself, else shorter and shorter.

    RFC 4647, section 3.4 (lookup).
    """
    known = {name.lower(): name for name in available_locales()}
    parts = tag.strip().lower().replace("-", "_").split("_")
    while parts:
        candidate = "_".join(parts)
        found = known.get(candidate) or known.get(_ALIASES.get(candidate, ""))
        if found is not None:
            return found
        parts.pop()
    return None


def negotiate(accept_language: bytes | None) -> str:
    """Return the shipped language that suits an `Accept-Language` value best, English if none does.

    Total: any bytes are taken, only the first 1,024 are read, and only shipped languages come out.
    """
    if accept_language is None:
        return SOURCE_LOCALE
    if len(accept_language) > _MAX_HEADER_OCTETS:
        # What is kept must be bounded too; a wish that was cut in two is none.
        accept_language = accept_language[:_MAX_HEADER_OCTETS].rpartition(b",")[0]
    return _best(accept_language)


@lru_cache(maxsize=1024)
def _best(accept_language: bytes) -> str:
    wishes: list[tuple[float, int, str]] = []
    text = accept_language.decode("latin-1")
    for index, member in enumerate(text.split(",")[:_MAX_WISHES]):
        tag, _, parameter = member.partition(";")
        quality = _quality(parameter)
        if quality > 0:
            wishes.append((-quality, index, tag))
    for _, _, tag in sorted(wishes):
        found = find_locale(tag)
        if found is not None:
            return found
    return SOURCE_LOCALE


def _quality(parameter: str) -> float:
    """Read `q=0.8` (RFC 9110, section 12.4.2); anything else that is written there counts nothing."""
    name, _, value = parameter.strip().lower().partition("=")
    if not name:
        return 1.0
    digits = value.replace(".", "", 1)
    if name != "q" or not (digits.isascii() and digits.isdigit()):
        return 0.0
    return min(float(value[:8]), 1.0)


class Words:
    """The words of one language: messages, and dates and lengths of time as CLDR writes them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.locale: Locale = Locale.parse(name)
        path = catalogue_folder() / name / "LC_MESSAGES" / f"{DOMAIN}.po"
        with path.open("rb") as file:
            catalogue = read_po(file, locale=name)
        compiled = io.BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        messages = Translations(compiled, domain=DOMAIN)
        self.gettext: Callable[[str], str] = messages.gettext
        self.ngettext: Callable[[str, str, int], str] = messages.ngettext

    @cached_property
    def tag(self) -> str:
        """The BCP 47 tag for `lang` attributes."""
        return self.name.replace("_", "-")

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`, for `dir` attributes."""
        return self.locale.text_direction

    def date(self, day: date) -> str:
        """Return a date in full words."""
        return str(format_date(day, "long", locale=self.locale))

    def listing(self, items: Sequence[str]) -> str:
        """Return an enumeration, such as `A, B and C`."""
        return str(format_list(items, "standard", locale=self.locale))

    def duration(self, lifetime: timedelta) -> str:
        """Return a length of time in words, in its largest whole unit."""
        number, unit = _largest_unit(lifetime)
        return str(format_unit(number, f"duration-{unit}", "long", locale=self.locale))


_MONTH_DAYS = {int(months * 30.4375): months for months in range(1, 37)}
_SECONDS = {"year": 31_536_000, "day": 86_400, "hour": 3600, "minute": 60}


def _largest_unit(lifetime: timedelta) -> tuple[int, str]:
    """Return the largest unit that fits exactly, else the largest that is there twice, rounded."""
    seconds = int(lifetime.total_seconds())
    days, rest = divmod(seconds, _SECONDS["day"])
    if not rest and days % 365 and days in _MONTH_DAYS:
        return _MONTH_DAYS[days], "month"
    for unit, size in _SECONDS.items():
        if seconds >= size and seconds % size == 0:
            return seconds // size, unit
    for unit, size in _SECONDS.items():
        if seconds >= 2 * size:
            return round(seconds / size), unit
    return max(round(seconds / _SECONDS["minute"]), 1), "minute"


@cache
def words(name: str) -> Words:
    """Return the words of a shipped language, loaded on first use and kept."""
    return Words(name)
