"""From an application, a file or a folder to what is known of a site beforehand.

May not enter: what was seen.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cookieconsent.audit.site import Site
from cookieconsent.core.catalog import shipped_rules
from cookieconsent.core.registry import Registry
from cookieconsent.engine import declaration
from cookieconsent.engine.config import Config
from cookieconsent.errors import ConfigError, NotInstalledError
from cookieconsent.testing.sites import consent_behind


def site_of(app: object, file: Path | None, folder: Path, *, config: Config | None = None) -> Site:
    """Return what is known of a site: what was named, what its middleware says, what lies there.

    Args:
        app: The application, where it is in this process.
        file: The file with the declarations, where one was named.
        folder: Where such a file is looked for otherwise.
        config: What its middleware says, where the application was not named.

    Raises:
        ConfigError: There is no such file, or it does not hold.
    """
    if file is not None and not file.is_file():
        refused = ConfigError("file", "there is no such file", "Check the path")
        refused.file = str(file)
        raise refused
    if file is None:
        config = config if app is None else _config_in(app)
        if config is not None:
            return Site(config=config, registry=config.registry, has_secret=True)
    file = file or declaration.find(folder)
    if file is None:
        return Site(config=None, registry=Registry((), shipped_rules()))
    config, has_secret = _declared(file)
    return Site(config=config, registry=config.registry, has_secret=has_secret, file=file)


def _config_in(app: object) -> Config | None:
    try:
        return consent_behind(app).config
    except NotInstalledError:
        return None


def _declared(file: Path) -> tuple[Config, bool]:
    """Return the configuration in a file, and whether it has the site's secret."""
    given = os.environ.get("COOKIECONSENT_SECRET")
    for overrides in ({}, {"secret_key": given} if given else None):
        if overrides is None:
            continue
        try:
            return Config.from_toml(file, **overrides), True
        except ConfigError as error:
            if error.field not in {"secret_key", "secret_keys"}:
                raise
    # Nothing is signed with it that the site would take.
    return Config.from_toml(file, secret_key=secrets.token_urlsafe(32)), False
