"""A table of cookies for a site's privacy policy: what was declared, and what was met besides.

The HTML is a fragment to be put into a page of the site's own, the Markdown the same for a policy kept
as text. Words are English.
May not enter: looks; findings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from cookieconsent.audit.exports.declaration import undeclared
from cookieconsent.audit.report import CookieRow, Report
from cookieconsent.audit.reports.escape import code, markup, prose
from cookieconsent.audit.site import Site
from cookieconsent.audit.wording import lasting_of
from cookieconsent.core.lifetime import write as lifetime_text
from cookieconsent.core.registry import Cookie

_HEAD: Final = ("Cookie", "Class", "What for", "Who", "How long", "Needs your yes")
_OPEN: Final = "not declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    name: str
    cls: str
    purpose: str
    provider: str
    lifetime: str
    needs_yes: bool

    def cells(self) -> tuple[str, ...]:
        """Return what stands behind the name."""
        asked = "yes" if self.needs_yes else "no"
        return self.cls, self.purpose, self.provider, self.lifetime, asked


def html(report: Report, site: Site) -> str:
    """Return the table as a fragment of HTML, without style or script."""
    head = "".join(f'<th scope="col">{cell}</th>' for cell in _HEAD)
    rows = "".join(_html_row(row) for row in _rows(report, site))
    return (
        '<table class="cookie-policy">\n<caption>Cookies of this site, as of '
        f"{markup(report.day)}</caption>\n<thead>\n<tr>{head}</tr>\n</thead>\n"
        f"<tbody>\n{rows}</tbody>\n</table>\n"
    )


def _html_row(row: _Row) -> str:
    cells = "".join(f"<td>{markup(cell)}</td>" for cell in row.cells())
    return f'<tr><th scope="row"><code>{markup(row.name)}</code></th>{cells}</tr>\n'


def markdown(report: Report, site: Site) -> str:
    """Return the table in Markdown (GFM)."""
    lines = [_line(_HEAD), _line(["---"] * len(_HEAD))]
    lines += [_line([code(row.name), *map(prose, row.cells())]) for row in _rows(report, site)]
    return "\n".join(lines) + f"\n\nAs of {prose(report.day)}.\n"


def _line(cells: tuple[str, ...] | list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rows(report: Report, site: Site) -> Iterator[_Row]:
    """Yield the declared cookies in the order of their classes, ours, and what was met undeclared."""
    declared = () if site.config is None else site.config.cookies
    order = [cls.name for cls in site.classes]
    for cookie in sorted(declared, key=lambda cookie: (order.index(cookie.cls), cookie.name)):
        yield _declared(cookie, site)
    own = [row for row in report.cookies if row.is_own and row.source != "declared"]
    yield from map(_own, own)
    yield from (_met(row) for row in undeclared(report) if not row.is_kept_back)


def _declared(cookie: Cookie, site: Site) -> _Row:
    return _Row(
        name=cookie.name,
        cls=cookie.cls,
        purpose=cookie.purpose or _OPEN,
        provider=cookie.provider or _OPEN,
        lifetime=_OPEN if cookie.lifetime is None else lifetime_text(cookie.max_age),
        needs_yes=site.regime(cookie.cls) == "opt-in",
    )


def _own(row: CookieRow) -> _Row:
    """Return the row of the consent cookie, in the words of the preferences page."""
    return replace(_met(row), purpose="Keeps your answer about cookies.", provider="This site")


def _met(row: CookieRow) -> _Row:
    return _Row(
        name=row.name or "(no name)",
        cls=row.cls or "unknown",
        purpose=_OPEN,
        provider=row.vendor or _OPEN,
        lifetime=lasting_of(row),
        needs_yes=row.needs_consent,
    )
