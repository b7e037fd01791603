"""Where in the file of declarations a cookie stands, so that a report can point at the line.

The standard library reads TOML without telling lines, so they are looked for: each table of a cookie
begins with its header, and `name` is in it.
May not enter: what is declared; the registry knows that.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator

from cookieconsent.audit.site import Site
from cookieconsent.observation.lines import octets

_HEADER = re.compile(r"\s*\[\[\s*(?:tool\s*\.\s*)?cookieconsent\s*\.\s*cookies\s*\]\]\s*(?:#.*)?")
_ANY_HEADER = re.compile(r"\s*\[")
_NAME = re.compile(r"""\s*(?:name|"name"|'name')\s*=""")


def declared_lines(site: Site, cookies: Iterable[str]) -> dict[str, int]:
    """Return the line of each cookie's declaration, for those that have one in the site's file.

    Args:
        site: What is known of the site.
        cookies: Their names as `shown` gives them.
    """
    if site.file is None:
        return {}
    try:
        lines = dict(_names(site.file.read_text(encoding="utf-8-sig")))
    except (OSError, ValueError):  # it was read before, and somebody took it away
        return {}
    found = {}
    for cookie in cookies:
        known = site.classify(octets(cookie))
        if known.source == "declared" and known.rule in lines:
            found[cookie] = lines[known.rule]
    return found


def _names(text: str) -> Iterator[tuple[str, int]]:
    """Yield the name that each table of a cookie declares, and the line of that name."""
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        if _ANY_HEADER.match(line):
            inside = _HEADER.fullmatch(line) is not None
        elif inside and _NAME.match(line):
            name = _value(line)
            if isinstance(name, str):
                yield name, number


def _value(line: str) -> object:
    try:
        return tomllib.loads(line).get("name")
    except ValueError:  # it goes on in the next line
        return None
