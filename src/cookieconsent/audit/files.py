"""A site's own files that its pages load: scripts, style sheets, pictures, icons; what is asked for.

May not enter: how files are found in a page (`page`), what their answers mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final
from urllib.parse import urljoin, urlsplit

from cookieconsent.audit.evidence import Evidence, View
from cookieconsent.audit.page import FILE_KINDS, PageFile
from cookieconsent.audit.report import Gap
from cookieconsent.audit.wording import counted, some
from cookieconsent.observation.walk import may_act, target_of

MOST_ASKED: Final = 5
"""Of each kind."""
ICON: Final = "/favicon.ico"
"""What browsers ask for where a page names no icon (HTML, link type `icon`)."""
_LONGEST: Final = 100
"""Characters of a path that a report shows."""


def to_ask(views: Iterable[View], base: str) -> list[PageFile]:
    """Return the first files of each kind that these pages load from the site, and its icon."""
    own = dict.fromkeys(file for file in _own(views) if not may_act(target_of(file.url)))
    first = [
        file
        for kind in FILE_KINDS
        for file in islice((file for file in own if file.kind == kind), MOST_ASKED)
    ]
    return list(dict.fromkeys([*first, PageFile("icon", urljoin(base, ICON))]))


def unasked(evidence: Evidence) -> Iterator[Gap]:
    """Yield what was not asked for, which a browser would have asked for."""
    if evidence.runs_scripts or not evidence.walks:
        return
    runs = evidence.runs.values()
    asked = {view.url for run in runs for view in run.views if view.status is not None}
    own = _own(view for run in runs for view in run.pages())
    left = {urlsplit(file.url).path[:_LONGEST] for file in own if file.url not in asked}
    if left:
        named = f"{counted(len(left), 'file')} of the site's own: {some(sorted(left))}"
        why = f"at most {MOST_ASKED} of each kind are asked for, before a yes; add --browser"
        yield Gap(what="file", names=(named,), why=why)


def _own(views: Iterable[View]) -> Iterator[PageFile]:
    """Yield the files that these pages load from their own host, each page once."""
    pages = {id(view.page): view.page for view in views if view.page is not None}
    for page in pages.values():
        here = urlsplit(page.url)[:2]
        yield from (file for file in page.files if urlsplit(file.url)[:2] == here)
