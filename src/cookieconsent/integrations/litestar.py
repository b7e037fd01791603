"""Litestar: a plugin that puts the door around the application and gives handlers the state.

Litestar calls `middleware=[...]` only for paths that it has a route for. So the plugin goes around
the routing as well, as soon as the application starts: our path and all error pages are covered, and
the cookies of `before_send` hooks.
May not enter: rules.
"""

from __future__ import annotations

from copy import copy
from typing import Any, TypeAlias

try:
    from litestar import HttpMethod, Litestar, route
    from litestar.config.app import AppConfig
    from litestar.di import NamedDependency, Provide
    from litestar.exceptions import NotFoundException
    from litestar.handlers import HTTPRouteHandler
    from litestar.plugins import InitPlugin
    from litestar.types import Message, Receive, Scope, Send
except ImportError:
    raise ImportError(
        "cookieconsent.integrations.litestar needs Litestar: pip install 'cookieconsent[litestar]'"
    ) from None

from cookieconsent.engine.config import Config
from cookieconsent.engine.consent import Consent as SiteConsent
from cookieconsent.engine.state import ConsentState, consent_of
from cookieconsent.errors import ConfigError
from cookieconsent.middleware.asgi import CookieConsentMiddleware

Consent: TypeAlias = NamedDependency[ConsentState]
"""The type of a parameter that Litestar fills with the consent state: `consent: Consent`."""


async def consent_state(scope: Scope) -> ConsentState:
    """Return the consent state of a request or websocket; the dependency `consent`.

    Raises:
        NotInstalledError: The request did not pass through the middleware.
    """
    return consent_of(scope)


class CookieConsentPlugin(InitPlugin):
    """Asks before a Litestar application tracks.

    Handlers get the state by a parameter `consent: Consent`, Jinja2 templates by the functions
    and the block of `cookieconsent.templating.jinja`.

    Args:
        config: The configuration; or its fields by name, not both.
        options: `Config` fields.

    Raises:
        ConfigError: The configuration does not hold.
    """

    def __init__(self, config: Config | None = None, **options: object) -> None:
        self._door = CookieConsentMiddleware(_nothing, config, **options)

    @property
    def consent(self) -> SiteConsent:
        """The rules of the site; for tests, which look for them in an application."""
        return self._door.consent

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Add door, dependency and template functions; Litestar calls this.

        Raises:
            ConfigError: The application has the plugin already.
        """
        _refuse_twice(app_config)
        # The application is not made yet, and some servers never tell it that it starts. Then only
        # routes are covered, and ours is one.
        app_config.route_handlers.append(self._route())
        app_config.middleware.insert(0, self._around_route)
        app_config.on_startup.insert(0, self._go_outside)
        app_config.dependencies.setdefault("consent", Provide(consent_state))
        app_config.signature_namespace.setdefault("Consent", Consent)
        if app_config.template_config is not None:
            _extend(app_config.template_config.engine_instance)
        return app_config

    def _route(self) -> HTTPRouteHandler:
        """Return a route for our path, so that the door is called, which answers instead."""
        path = self._door.consent.path
        methods = [HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST]
        made = route([path, f"{path}/{{rest:path}}"], http_method=methods, include_in_schema=False)
        return made(_nowhere)

    def _go_outside(self, app: Litestar) -> None:
        # An application may start more than once, as tests make it.
        if not _is_covered(app):
            hooks, app.before_send = app.before_send, []
            app.asgi_handler = self._around(_hooked(app.asgi_handler, hooks))

    def _around(self, app: Any) -> Any:  # noqa: ANN401 - Litestar's scopes are types of its own
        """Return the door around one more application: one set of rules for every route."""
        door = copy(self._door)
        door.app = app
        return door

    def _around_route(self, app: Any) -> Any:  # noqa: ANN401 - as above
        """Return the door around one route, which steps aside once it stands around everything."""
        door = self._around(app)

        async def routed(scope: Scope, receive: Receive, send: Send) -> None:
            covered = _is_covered(Litestar.from_scope(scope))
            await (app if covered else door)(scope, receive, send)

        return routed


def _refuse_twice(app_config: AppConfig) -> None:
    if sum(isinstance(plugin, CookieConsentPlugin) for plugin in app_config.plugins) > 1:
        raise ConfigError(
            "plugins",
            "CookieConsentPlugin is among them twice",
            "Keep one: it takes every declaration of the site",
        )


def _hooked(app: Any, hooks: list[Any]) -> Any:  # noqa: ANN401 - Litestar's own types
    """Return an application whose `before_send` hooks run inside, where their cookies are seen.

    Litestar itself would call them behind everything, the door included.
    """
    if not hooks:
        return app

    async def with_hooks(scope: Scope, receive: Receive, send: Send) -> None:
        async def hooked_send(message: Message) -> None:
            for hook in hooks:
                await hook(message, scope)
            await send(message)

        await app(scope, receive, hooked_send)

    return with_hooks


def _is_covered(app: Litestar) -> bool:
    return isinstance(app.asgi_handler, CookieConsentMiddleware)


async def _nowhere() -> str:
    """Say what Litestar says where nothing is."""
    raise NotFoundException


async def _nothing(scope: object, receive: object, send: object) -> None:
    """Stand for the application, which is made later."""


def _extend(engine: object) -> None:
    """Give templates the block and the functions, where they are Jinja2's."""
    add = getattr(getattr(engine, "engine", None), "add_extension", None)
    if add is not None:
        # Whoever has such templates has Jinja2; the others need none.
        from cookieconsent.templating.jinja import ConsentExtension  # noqa: PLC0415

        add(ConsentExtension)
