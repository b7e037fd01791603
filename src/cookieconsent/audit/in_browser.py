"""An audit through a browser by one call.

May not enter: the visitor who has the browser (`browser`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from cookieconsent.audit.names import USUAL_MINUTES, USUAL_PAGES, USUAL_RATE
from cookieconsent.audit.planning import Wishes, plan_for
from cookieconsent.audit.report import Report
from cookieconsent.audit.run import audit
from cookieconsent.audit.visitor import Visitor


def audit_in_browser(  # noqa: PLR0913 - each is one thing that an audit may be told
    target: object,
    *,
    states: Sequence[str] = (),
    pages: Sequence[str] = (),
    limit: int = USUAL_PAGES,
    seconds: float = 60.0 * USUAL_MINUTES,
    declaration: str | Path | None = None,
    host: str = "localhost",
    prepare: Callable[[Visitor], object] | None = None,
    aliases: Mapping[str, str] | None = None,
    language: str = "en",
    earlier: str | Path | None = None,
    rate: float = USUAL_RATE,
) -> Report:
    """Audit a site through a browser and return the report.

    Args:
        target: An application (ASGI or WSGI), its name as `module:attribute`, or an address.
        states: Names of states; none for all.
        pages: Paths that are looked at before any link.
        limit: How many pages at the most.
        seconds: How long it may take; states that are not reached by then are unverified.
        declaration: The TOML file with the declarations; `None` for what the middleware says.
        host: What an application in this process is asked for.
        prepare: Gets the visitor of each state, to sign in or fill a basket.
        aliases: Canonical names (CNAME) of hosts that pages load from, where somebody has looked them
            up; an empty one says that there is none.
        language: What visitors read (BCP 47).
        earlier: An earlier report in JSON, to tell which cookies are new.
        rate: How many requests a second are sent to an address on the network, beside the browser's.

    Raises:
        ObservationError: It is no such target, or the extra `browser` is not installed.
        ConfigError: A declaration, named or in this folder, or the earlier report does not hold.
    """
    wishes = Wishes(
        pages=pages,
        limit=limit,
        seconds=seconds,
        states=states,
        language=language,
        aliases=aliases or {},
        earlier=None if earlier is None else Path(earlier),
        prepare=prepare,
        rate=rate,
        browser=True,
    )
    file = None if declaration is None else Path(declaration)
    return audit(plan_for(target, wishes, file=file, folder=Path(), host=host))
