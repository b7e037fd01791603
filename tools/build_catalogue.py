"""Build src/cookieconsent/core/catalogue.tsv from what people reviewed and what a database knows.

    python tools/build_catalogue.py                            write the catalogue
    python tools/build_catalogue.py open-cookie-database.csv   take new facts first, then write it

`tools/catalogue/reviewed.tsv` is the layer that people edit, and it always wins. Below it stand the
facts of the Open Cookie Database (`database.tsv`: names, domains, lifetimes, no sentences). None of
them ever makes a cookie exempt: what is called functional there needs a yes until it is reviewed.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
CATALOGUE: Final = ROOT / "src" / "cookieconsent" / "core" / "catalogue.tsv"
SOURCES: Final = ROOT / "tools" / "catalogue"
REVIEWED: Final = SOURCES / "reviewed.tsv"
DATABASE: Final = SOURCES / "database.tsv"
PLATFORMS: Final = SOURCES / "platforms.tsv"
GENERIC: Final = frozenset((SOURCES / "generic.txt").read_text(encoding="utf-8").split())

SHIPPED: Final = ("cls", "lifetime", "reason", "domain", "common", "vendor", "names")
"""In this order they compress best."""
FACTS: Final = ("name", "prefix", "platform", "category", "domain", "lifetime")
EXEMPT: Final = frozenset({"authentication", "cart", "consent"})
STRICTEST_FIRST: Final = ("advertising", "analytics", "media", "preferences")
OF_CATEGORY: Final = {"Marketing": "advertising", "Analytics": "analytics"}

SHORT: Final = 5  # letters and digits; shorter names need the domain that sets them
LITERAL_START: Final = 4  # characters before the star of a glob
_NAME: Final = re.compile(r"[!#$&'+.^_`|~:A-Za-z0-9-]+")  # neither white space nor a path of a URL
_FILE: Final = re.compile(r"\.(gif|png|js|php|html?)$")  # a pixel or a script, no cookie
_DOMAIN: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
_LIFETIME: Final = re.compile(r"(\d{1,4}) ?(minute|min|hour|day|month|year)s?\b")
_WORD: Final = re.compile(r"[a-z]+|[A-Z]+")  # one run of one case: somebody else may take it too


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the catalogue."""

    name: str
    cls: str
    vendor: str
    lifetime: str
    domain: str
    reason: str

    @property
    def cells(self) -> tuple[str, ...]:
        """All but the name, in the order of the shipped columns; what is exempt needs its reason."""
        reason = self.reason if self.cls in EXEMPT else ""
        common = "yes" if self.domain and is_common(self.name) else ""
        return (self.cls, self.lifetime, reason, self.domain, common, self.vendor)

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains without which the name decides nothing."""
        return tuple(filter(None, self.domain.split(",")))

    @property
    def sample(self) -> str:
        """A name that the line covers and hardly any other does."""
        return self.name.replace("*", "Zq9")

    @property
    def literal(self) -> int:
        """How many characters are not a star; the longer one wins among globs."""
        return len(self.name) - self.name.count("*")

    def covers(self, name: str, domains: tuple[str, ...]) -> bool:
        """Tell whether the line decides for a name that one of `domains` sets."""
        head, star, rest = self.name.partition("*")
        if not (name.startswith(head) if star else name == head):  # most of them, so first
            return False
        if self.domains and not set(self.domains) & set(domains):
            return False
        *middles, tail = rest.split("*")
        return name.endswith(tail) and all(middle in name[len(head) :] for middle in middles)


def bare(name: str) -> str:
    """Return the letters and digits of a name in lower case, which is what makes it generic."""
    return re.sub(r"[^a-z0-9]", "", re.sub(r"^__(host|secure)-", "", name.lower()))


def is_common(name: str) -> bool:
    """Tell whether anybody might choose the name, so that it does not tell who set it."""
    return bare(name) in GENERIC


def needs_domain(name: str) -> bool:
    """Tell whether a name is too short or too common to be decided without its setter."""
    short = len(bare(name)) < SHORT + 1
    return short or is_common(name) or _WORD.fullmatch(name.replace("*", "")) is not None


def read(path: Path) -> list[dict[str, str]]:
    """Return the lines of a tab-separated file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def write(path: Path, columns: Iterable[str], lines: Iterable[Iterable[str]]) -> None:
    """Write a tab-separated file."""
    text = "".join("\t".join(cells) + "\n" for cells in (columns, *lines))
    path.write_text(text, encoding="utf-8", newline="\n")


# ------------------------------------------------------------------ facts of the database


def facts(path: Path) -> list[tuple[str, ...]]:
    """Return the usable facts of an Open Cookie Database CSV, sorted and without sentences."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = [_fact(line) for line in csv.DictReader(file)]
    return sorted(
        {line for line in lines if _NAME.fullmatch(line[0]) and not _FILE.search(line[0])}
    )


def _fact(line: dict[str, str]) -> tuple[str, ...]:
    name = line["Cookie / Data Key name"].strip()
    prefix = "1" if line["Wildcard match"].strip() == "1" or name.endswith("*") else ""
    found = _DOMAIN.search(line["Domain"].lower())
    domain = found[0].removeprefix("www.") if found else ""
    lifetime = _lifetime(line["Retention period"].lower())
    category = line["Category"].strip()
    return (name.rstrip("*"), prefix, line["Platform"].strip(), category, domain, lifetime)


def _lifetime(text: str) -> str:
    if "session" in text:
        return "session"
    found = _LIFETIME.search(text)
    if found is None or not int(found[1]):
        return ""
    unit = {"min": "minute"}.get(found[2], found[2])
    return f"{int(found[1])} {unit}s"


# ------------------------------------------------------------------ the catalogue


def build(reviewed: list[Row], database: Iterable[Row]) -> list[Row]:
    """Return the catalogue: what was reviewed, and what the database adds to it."""
    kept = list(reviewed)
    for row in database:
        if not _is_known(row, reviewed) and not _says_nothing_new(row, kept):
            kept.append(row)
    chosen = frozenset(reviewed)
    kept = [row for row in kept if row in chosen or not _repeats_a_glob(row, kept)]
    return sorted(kept, key=lambda row: row.name.encode())


def _is_known(row: Row, reviewed: list[Row]) -> bool:
    """Whether the reviewed layer decides for the name, or leaves it out on purpose."""
    return any(
        known.name == row.name or known.covers(row.sample, row.domains) for known in reviewed
    )


def _says_nothing_new(row: Row, kept: list[Row]) -> bool:
    """Whether a glob could take away from others: an exempt name, or a tie with another glob."""
    if "*" not in row.name:
        return False
    return any(
        row.covers(other.sample, row.domains or other.domains)
        and (other.cls in EXEMPT or other.literal == row.literal)
        for other in kept
    )


def _repeats_a_glob(row: Row, kept: list[Row]) -> bool:
    fits = [other for other in kept if other is not row and other.covers(row.sample, row.domains)]
    best = max(fits, key=lambda other: ("*" not in other.name, other.literal), default=None)
    if best is None:
        return False
    return bool(row.domains) or (best.cls, best.vendor) == (row.cls, row.vendor)


def from_database() -> list[Row]:
    """Return the lines that the facts of the database make, one a name, prefixes last."""
    platforms = {line["platform"]: line for line in read(PLATFORMS)}
    found: dict[str, Row] = {}
    for line in read(DATABASE):
        row = _row(line, platforms.get(line["platform"], {}))
        if row is not None:
            found[row.name] = _merged(found.get(row.name), row)
    return sorted(found.values(), key=lambda row: ("*" in row.name, row.name.encode()))


def _row(line: dict[str, str], platform: dict[str, str]) -> Row | None:
    name = line["name"] + ("*" if line["prefix"] else "")
    domain = line["domain"]
    if platform.get("cls") == "-" or (needs_domain(name) and not domain):
        return None
    if "*" in name and len(line["name"]) < LITERAL_START:
        return None
    own = platform.get("cls") or "preferences"
    unreviewed = line["category"] not in OF_CATEGORY
    cls = own if unreviewed else OF_CATEGORY[line["category"]]
    if not needs_domain(name) and not (unreviewed and own == "preferences"):
        domain = ""
    return Row(name, cls, platform.get("vendor") or line["platform"], line["lifetime"], domain, "")


def _merged(one: Row | None, other: Row) -> Row:
    """Two facts of one name: the stricter class, and the domains of both."""
    if one is None or one == other:
        return other
    strict = min(one, other, key=lambda row: STRICTEST_FIRST.index(row.cls))
    both = sorted({*one.domains, *other.domains}) if one.domains and other.domains else []
    return replace(strict, domain=",".join(both))


def reviewed_rows() -> list[Row]:
    """Return the reviewed layer."""
    return [Row(**line) for line in read(REVIEWED)]


def catalogue() -> Iterator[tuple[str, ...]]:
    """Yield the lines of the catalogue; a class of `-` leaves a name out on purpose.

    Names of which all else is the same share a line: the file is a sixth smaller for it, compressed.
    """
    families: dict[tuple[str, ...], list[str]] = {}
    for row in build(reviewed_rows(), from_database()):
        if row.cls != "-":
            families.setdefault(row.cells, []).append(row.name)
    for cells, names in sorted(families.items()):
        yield (*cells, " ".join(names))


def _main(arguments: list[str]) -> None:
    if arguments:
        write(DATABASE, FACTS, facts(Path(arguments[0])))
    write(CATALOGUE, SHIPPED, catalogue())


if __name__ == "__main__":
    _main(sys.argv[1:])
