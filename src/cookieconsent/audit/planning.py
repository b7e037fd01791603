"""From what somebody names to the plan of an audit: how it is reached, and what is known of it.

May not enter: which pages and states are looked at; whoever plans says so.
"""

from __future__ import annotations

from pathlib import Path

from cookieconsent.audit.declared import site_of
from cookieconsent.audit.plan import Plan
from cookieconsent.observation.reaching import reach, within
from cookieconsent.observation.walk import without_values


def plan_for(
    target: object,
    file: Path | None,
    folder: Path,
    *,
    host: str = "localhost",
    factory: bool = False,
) -> Plan:
    """Return a plan that looks at everything.

    Args:
        target: An application (ASGI or WSGI), its name as `module:attribute`, or an address.
        file: The file with the declarations, where one was named.
        folder: Where modules, and such a file otherwise, are looked for.
        host: What an application in this process is asked for.
        factory: Whether the attribute is a function that returns the application.

    Raises:
        ObservationError: It is no such target.
        ConfigError: The declaration does not hold.
    """
    reached = (
        reach(target, folder=folder.absolute(), host=host, factory=factory)
        if isinstance(target, str)
        else within(target, host)
    )
    return Plan(
        target=without_values(target) if isinstance(target, str) else type(target).__name__,
        mode=reached.mode,
        base=reached.start,
        site=site_of(reached.app, file, folder),
        client=reached.client,
        app=reached.app,
    )
