"""FastAPI: the consent state as a dependency.

The middleware comes by `app.add_middleware`, or by `install` of `cookieconsent.integrations.starlette`:
a FastAPI application is a Starlette application.
May not enter: rules.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

try:
    from fastapi import Depends
    from fastapi.requests import HTTPConnection
except ImportError:
    raise ImportError(
        "cookieconsent.integrations.fastapi needs FastAPI: pip install 'cookieconsent[fastapi]'"
    ) from None

from cookieconsent.engine.state import ConsentState, consent_of


async def consent_state(connection: HTTPConnection) -> ConsentState:
    """Return the consent state of a request or websocket; a dependency.

    Raises:
        NotInstalledError: The request did not pass through the middleware.
    """
    return consent_of(connection)


Consent: TypeAlias = Annotated[ConsentState, Depends(consent_state)]
"""The type of a parameter that FastAPI fills with the consent state: `consent: Consent`."""
