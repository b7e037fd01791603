"""What people write in tables of cookies: headings of columns, and how long a cookie is kept.

In the languages that such files are often written in; what is not known here stays for a human.
May not enter: names of cookies; decisions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from cookieconsent.core import lifetime as lifetimes

# Beginnings of words, the more telling columns first: "cookie provider" is no cookie's name.
_HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "lifetime": (
        "expir",
        "durat",
        "lifetime",
        "retention",
        "max-age",
        "maxage",
        "validity",
        "dauer",
        "ablauf",
        "laufzeit",
        "speicherdauer",
        "gültig",
        "durée",
        "caduc",
        "scaden",
        "looptijd",
        "bewaar",
        "vervalt",
        "okres",
        "validade",
    ),
    "purpose": (
        "desc",
        "purpose",
        "usage",
        "zweck",
        "beschreib",
        "finalit",
        "finalid",
        "doel",
        "omschr",
        "beschrijv",
        "opis",
    ),
    "provider": (
        "provider",
        "vendor",
        "service",
        "company",
        "owner",
        "anbieter",
        "dienst",
        "fournisseur",
        "proveedor",
        "fornitor",
        "fornecedor",
        "aanbieder",
        "dostawca",
    ),
    "domain": ("domain", "dominio", "domein", "domena", "domínio", "host"),
    "path": ("path", "pfad", "chemin"),
    "name": ("cookie", "name", "nom", "nazwa", "naam", "navn", "namn"),
}


def column(heading: str) -> str | None:
    """Return which fact a column tells, by its heading, or `None`."""
    words = re.findall(r"[\w-]+", heading.casefold())
    for fact, stems in _HEADINGS.items():
        if any(word.startswith(stem) for word in words for stem in stems):
            return fact
    return None


_UNITS: Final[Mapping[str, str]] = {
    "min": "minutes",
    "h": "hours",
    "hour": "hours",
    "hr": "hours",
    "std": "hours",
    "stunde": "hours",
    "heure": "hours",
    "hora": "hours",
    "or": "hours",
    "uur": "hours",
    "d": "days",
    "day": "days",
    "tag": "days",
    "jour": "days",
    "día": "days",
    "dia": "days",
    "giorn": "days",
    "dag": "days",
    "month": "months",
    "mo": "months",
    "monat": "months",
    "mois": "months",
    "mes": "months",
    "maand": "months",
    "y": "years",
    "year": "years",
    "yr": "years",
    "jahr": "years",
    "an": "years",
    "année": "years",
    "año": "years",
    "ann": "years",
    "ano": "years",
    "jaar": "years",
}
_WEEKS: Final = ("week", "wk", "woche", "semaine", "semana", "settiman", "weken")
_ENDINGS: Final = (
    "",
    "s",
    "e",
    "n",
    "en",
    "es",
    "i",
    "o",
    "a",
    "ute",
    "utes",
    "uten",
    "uut",
    "uten",
)
_SPAN = re.compile(r"([0-9]{1,4})\s*+([^\W\d_]+)\.?")
_SESSION = re.compile(r"(?:browser\W*)?(?:session|sitzung|sesión|sessione|sessie|sessão|sesja)\b.*")


def lifetime(text: str) -> str | None:
    """Return a lifetime as a declaration writes it, or `None` where the text is not understood."""
    folded = text.casefold().strip()
    if _SESSION.fullmatch(folded):
        return lifetimes.SESSION
    found = _SPAN.fullmatch(folded)
    if found is None or not int(found[1]):
        return None
    number, unit = int(found[1]), found[2]
    if any(unit.startswith(week) for week in _WEEKS):
        return span(timedelta(weeks=number))
    for stem, name in _UNITS.items():
        if unit.startswith(stem) and unit[len(stem) :] in _ENDINGS:
            return f"{number} {name if number > 1 else name[:-1]}"
    return None


def span(lasting: timedelta) -> str | None:
    """Return a lifetime as a declaration writes it: in years of 365 days, days, hours or minutes."""
    minutes = round(lasting.total_seconds() / 60)
    for name, size in (("year", 525_600), ("day", 1440), ("hour", 60), ("minute", 1)):
        if minutes >= size and minutes % size == 0:
            number = minutes // size
            return f"{number} {name}{'s' if number > 1 else ''}" if number < 10**5 else None
    return None
