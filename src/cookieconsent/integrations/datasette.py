"""datasette: a plugin that does nothing until `plugins: cookieconsent:` stands in the metadata.

datasette loads this module wherever the package is installed, so what the door needs is imported
only once it is configured.
May not enter: rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

try:
    from datasette import hookimpl
    from datasette.utils import StartupError
except ImportError:
    raise ImportError(
        "cookieconsent.integrations.datasette needs datasette: "
        "pip install 'cookieconsent[datasette]'"
    ) from None

from cookieconsent.engine.config import Config
from cookieconsent.engine.state import consent_of
from cookieconsent.engine.treatment import lost_cookies
from cookieconsent.errors import ConfigError, NotInstalledError

if TYPE_CHECKING:
    from datasette.app import Datasette
    from jinja2 import Environment

    from cookieconsent.middleware.asgi import ASGIApp, Receive, Scope, Send

PLUGIN = "cookieconsent"
_FIXES = {
    "cookies": "Write a list, each cookie with name: and cls:",
    "classes": "Write a list, each class with name:",
}
"""What to write in YAML or JSON, where the fix of a `Config` is Python."""


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Datasette) -> Callable[[ASGIApp], ASGIApp]:
    """Put the door around datasette, if it is configured.

    Raises:
        StartupError: The configuration does not hold; `datasette serve` says so in one line.
    """
    settings = _settings(datasette)
    if settings is None:
        return lambda app: app
    from cookieconsent.middleware.asgi import CookieConsentMiddleware  # noqa: PLC0415

    def wrap(app: ASGIApp) -> ASGIApp:
        try:
            config = Config.from_mapping(_table(settings))
            _check_needed(config)
            door = CookieConsentMiddleware(app, config)
        except ConfigError as error:
            error.fix = _FIXES.get(error.field, error.fix)
            error.file = "plugins" if error.field == PLUGIN else f"plugins: {PLUGIN}"
            raise StartupError(str(error)) from error
        return _as_visitors_see_it(door, datasette)

    return wrap


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Give templates the block and the functions, if the plugin is configured."""
    if _settings(datasette) is not None:
        from cookieconsent.templating.jinja import ConsentExtension  # noqa: PLC0415

        env.add_extension(ConsentExtension)


@hookimpl  # type: ignore[untyped-decorator]
def extra_template_vars(request: Any) -> dict[str, Any]:  # noqa: ANN401 - datasette has no types
    """Give templates `consent`, if the page is made for a request that passed through the door."""
    try:
        return {"consent": consent_of(request)}
    except NotInstalledError:
        return {}


def _check_needed(config: Config) -> None:
    """Refuse a configuration that takes away what datasette cannot do without."""
    for name, lost in lost_cookies(config, ("ds_actor", "ds_csrftoken")).items():
        raise ConfigError(
            f"cookies.{name}",
            f"it would be removed, and nobody could log in or send a form: {lost.reason}",
            "Leave it out",
        )


def _table(settings: object) -> Mapping[str, Any]:
    if not isinstance(settings, Mapping):
        # Not its value: it may be the secret.
        raise ConfigError(
            PLUGIN,
            f"a {type(settings).__name__} is no configuration",
            "Write settings by name below it, such as secret_key, or {} for the defaults",
        )
    return settings


def _settings(datasette: Datasette) -> Any:  # noqa: ANN401 - whatever stands in the file
    """Return the fields of a `Config`, or `None` where nobody configured the plugin.

    Without a secret of its own, one is derived from datasette's.
    """
    given = datasette.plugin_config(PLUGIN)
    if not isinstance(given, Mapping) or {"secret_key", "secret_keys"} & given.keys():
        return given
    return {"secret_key": datasette.sign("secret_key", PLUGIN), **given}


def _as_visitors_see_it(door: ASGIApp, datasette: Datasette) -> ASGIApp:
    """Tell the door of datasette's settings for proxies, under which its own addresses are made."""
    changes: dict[str, str] = {}
    base_url = datasette.setting("base_url").rstrip("/")
    if base_url:
        changes["root_path"] = base_url
    if datasette.setting("force_https_urls"):
        changes["scheme"] = "https"
    return _Told(door, changes) if changes else door


class _Told:
    """The door, with scopes as visitors see the site."""

    def __init__(self, door: ASGIApp, changes: Mapping[str, str]) -> None:
        self.app = door
        self._changes = changes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, **self._changes}
        await self.app(scope, receive, send)
