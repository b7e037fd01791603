"""Flask: an extension that puts the door around `wsgi_app` and gives views and templates the state.

`wsgi_app` and not the application object, so that `flask run`, `app.test_client()` and every server
take the same way, and the page of an unhandled error takes it too.
May not enter: rules.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, Final

try:
    from flask import Flask, current_app, has_request_context, request
    from werkzeug.local import LocalProxy
except ImportError:
    raise ImportError(
        "cookieconsent.integrations.flask needs Flask: pip install 'cookieconsent[flask]'"
    ) from None

from cookieconsent.engine.extension import (
    EXTENSION,
    NO_REQUEST,
    door_for,
    state_of_request,
)
from cookieconsent.engine.state import ConsentState, state_of
from cookieconsent.errors import ConfigError
from cookieconsent.middleware.wsgi import CookieConsentMiddleware
from cookieconsent.templating.jinja import ConsentExtension

if TYPE_CHECKING:
    from flask import Response

_LOGIN: Final = ("SESSION_COOKIE_NAME", "REMEMBER_COOKIE_NAME")
"""Settings of Flask and Flask-Login that name cookies which must pass."""
_LOG: Final = logging.getLogger("cookieconsent")


def _state() -> ConsentState:
    if not has_request_context():
        raise RuntimeError(NO_REQUEST)  # as the framework's own proxies do, so `repr` works
    return state_of_request(request)


current_consent: ConsentState = LocalProxy(_state)  # type: ignore[assignment]
"""The consent state of the current request; templates have it as `consent`."""


class CookieConsent:
    """Asks before a Flask application tracks.

    The configuration is `app.config`: `COOKIECONSENT_SECRET_KEY` and the other fields of `Config` in
    upper case, `COOKIECONSENT_TOML` for a file (relative to `app.root_path`), or
    `COOKIECONSENT_CONFIG` for a whole `Config`. Flask's own `SECRET_KEY` is not used.

    Args:
        app: The application; or none, and `init_app` is called later, once for each application.

    Raises:
        ConfigError: A setting is unknown or does not fit, the application has the extension or has
            answered a request, or it is no Flask application.
    """

    def __init__(self, app: Flask | None = None) -> None:
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Put the door around an application; its `Config` is `app.extensions["cookieconsent"]`.

        Raises:
            ConfigError: A setting is unknown or does not fit, the application has the extension or has
                answered a request, or it is no Flask application.
        """
        door, config = door_for(
            app,
            Flask,
            lambda config: CookieConsentMiddleware(app.wsgi_app, config),
            needed=_LOGIN,
        )
        _add_hooks(app)
        app.jinja_env.add_extension(ConsentExtension)
        app.extensions[EXTENSION] = config
        app.wsgi_app = door  # type: ignore[method-assign]


def _add_hooks(app: Flask) -> None:
    try:
        app.context_processor(_template_context)
        app.after_request(_speak_as_the_page)
    except AssertionError as error:  # Flask's own refusal of late changes
        raise ConfigError(
            "init_app",
            f"{app.name} has answered a request already, without asking",
            "Call it where the application is made, before the first request",
        ) from error


def _template_context() -> dict[str, Any]:
    """Return what every template has; asking it, not having it, is what sets `Vary`."""
    if has_request_context():
        _tell_language()
    return {"consent": current_consent}


def _speak_as_the_page(response: Response) -> Response:
    """Tell the language of pages that no template has made."""
    if response.mimetype == "text/html":
        _tell_language()
    return response


def _tell_language() -> None:
    """Tell the engine the language that Flask-Babel has chosen, if the application uses it.

    Not before the page is made: a locale selector may need what the application's own
    `before_request` functions have found out.
    """
    babel = sys.modules.get("flask_babel")
    state = state_of(request.environ)
    if babel is None or "babel" not in current_app.extensions or state is None:
        return
    try:
        locale = babel.get_locale()
    except Exception:  # noqa: BLE001 - the site's own function; a page without it goes on without it
        _LOG.warning("no language from Flask-Babel; the browser's is used", exc_info=True)
        return
    state.locale = str(locale)
