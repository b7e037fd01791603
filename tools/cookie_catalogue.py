"""Write docs/reference/catalogue.md: what the shipped catalogue knows, in numbers.

Run it to write the page; the tests fail where the page is stale.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from cookieconsent import CookieClass
from cookieconsent.core.catalog import DATA
from cookieconsent.core.registry import BUILT_IN_CLASSES, READY_CLASSES
from cookieconsent.core.trackers import tracker_domains
from cookieconsent.core.words import words

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "catalogue.md"
FEWEST_NAMES = 10  # what makes a vendor's row worth its place

HEAD = """# The shipped catalogue

<!-- Written by tools/cookie_catalogue.py; do not edit. -->

{total:,} names and globs of well-known cookies, each in one class. A site's own declarations add to
them and win over them. [How to add one](../how-to/catalogue.md).

```python
from cookieconsent import catalogue

assert catalogue().classify("_ga").cls == "analytics"
assert catalogue().classify("PHPSESSID").cls == "authentication"
```

{generic} names are too generic to be decided by alone. Their lines name the domains that set them, and
`classify(name, domain=...)` decides them where the domain is known. The filter does not ask for it, so
they are unknown and blocked there, unless the site declares them.

Where no line decides, `catalogue()` alone hears three weaker witnesses: {trackers:,} domains of known
trackers, whatever the name; {words} words that name a use by themselves, whoever sets them; and, where
no domain is given, who is known to set a short name. A site's own registry hears none of them, so no
cookie passes for their sake.

```python
assert catalogue().classify("qqqq", domain="ads.criteo.com").cls == "advertising"
assert catalogue().classify("user_lang").cls == "preferences"
assert catalogue().classify("fr").cls == "advertising"
```
"""


def rows() -> list[dict[str, str]]:
    """Return the facts of the catalogue, name by name."""
    with DATA.open(encoding="utf-8", newline="") as file:
        lines = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [{**line, "name": name} for line in lines for name in line["names"].split(" ")]


def _classes(lines: list[dict[str, str]]) -> Iterator[str]:
    yield from (
        "## By class",
        "",
        "| class | names | globs | passes |",
        "| --- | --- | --- | --- |",
    )
    for name in (*BUILT_IN_CLASSES, *READY_CLASSES):
        globs = sum("*" in line["name"] for line in lines if line["cls"] == name)
        number = sum(line["cls"] == name for line in lines)
        yield f"| `{name}` | {number - globs} | {globs} | {_passes(name)} |"
    yield ""


def _passes(name: str) -> str:
    if not CookieClass(name).switchable:
        return "always"
    if name in READY_CLASSES:
        return "after a yes, where the site uses the class"
    return "after a yes"


def _vendors(lines: list[dict[str, str]]) -> Iterator[str]:
    counts = Counter(line["vendor"] for line in lines)
    shown = [(vendor, number) for vendor, number in counts.items() if number >= FEWEST_NAMES]
    yield from ("## By vendor", "")
    yield f"{len(counts)} vendors and frameworks; those with at least {FEWEST_NAMES} names:"
    yield from ("", "| vendor | names |", "| --- | --- |")
    for vendor, number in sorted(shown, key=lambda pair: (-pair[1], pair[0])):
        yield f"| {vendor} | {number} |"


def page() -> str:
    """Return the page."""
    lines = rows()
    generic = sum(bool(line["domain"]) for line in lines)
    head = HEAD.format(
        total=len(lines), generic=generic, trackers=len(tracker_domains()), words=len(words().whole)
    )
    return "\n".join([head, *_classes(lines), *_vendors(lines), ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
