"""Quart: an extension that puts the door around `asgi_app` and gives views and templates the state.

`asgi_app` and not the application object, so that `quart run`, `app.test_client()` and every server
take the same way, and the page of an unhandled error takes it too.
May not enter: rules.
"""

from __future__ import annotations

from typing import Any, Final

try:
    from quart import Quart, has_request_context, has_websocket_context, request, websocket
    from werkzeug.local import LocalProxy
except ImportError:
    raise ImportError(
        "cookieconsent.integrations.quart needs Quart: pip install 'cookieconsent[quart]'"
    ) from None

from cookieconsent.engine.extension import (
    EXTENSION,
    NO_REQUEST,
    door_for,
    state_of_request,
)
from cookieconsent.engine.state import ConsentState
from cookieconsent.middleware.asgi import CookieConsentMiddleware
from cookieconsent.templating.jinja import ConsentExtension

_LOGIN: Final = ("SESSION_COOKIE_NAME", "QUART_AUTH_COOKIE_NAME")
"""Settings of Quart and Quart-Auth that name cookies which must pass."""


def _state() -> ConsentState:
    if has_websocket_context():
        return state_of_request(websocket)
    if not has_request_context():
        raise RuntimeError(NO_REQUEST)  # as the framework's own proxies do, so `repr` works
    return state_of_request(request)


current_consent: ConsentState = LocalProxy(_state)  # type: ignore[assignment]
"""The consent state of the current request or websocket; templates have it as `consent`."""


class CookieConsent:
    """Asks before a Quart application tracks.

    The configuration is `app.config`: `COOKIECONSENT_SECRET_KEY` and the other fields of `Config` in
    upper case, `COOKIECONSENT_TOML` for a file (relative to `app.root_path`), or
    `COOKIECONSENT_CONFIG` for a whole `Config`. Quart's own `SECRET_KEY` is not used.

    Args:
        app: The application; or none, and `init_app` is called later, once for each application.

    Raises:
        ConfigError: A setting is unknown or does not fit, the application has the extension, or it
            is no Quart application.
    """

    def __init__(self, app: Quart | None = None) -> None:
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Quart) -> None:
        """Put the door around an application; its `Config` is `app.extensions["cookieconsent"]`.

        Raises:
            ConfigError: A setting is unknown or does not fit, the application has the extension, or
                it is no Quart application.
        """
        door, config = door_for(
            app,
            Quart,
            lambda config: CookieConsentMiddleware(app.asgi_app, config),  # type: ignore[arg-type]
            needed=_LOGIN,
        )
        app.context_processor(_template_context)
        app.jinja_env.add_extension(ConsentExtension)
        app.extensions[EXTENSION] = config
        app.asgi_app = door  # type: ignore[method-assign,assignment]


async def _template_context() -> dict[str, Any]:
    """Return what every template has; asking it, not having it, is what sets `Vary`."""
    return {"consent": current_consent}
