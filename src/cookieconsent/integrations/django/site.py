"""From the setting `COOKIECONSENT` to the configuration of the site.

May not enter: defaults; those stand in `Config`.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from django.conf import settings

from cookieconsent.engine.config import Config
from cookieconsent.engine.setup import config_from_fields
from cookieconsent.errors import ConfigError, DeclarationWarning
from cookieconsent.integrations.django.layout import project_layout

SETTING: Final = "COOKIECONSENT"
_EXAMPLE: Final = f'Write {SETTING} = {{"secret_key": os.environ["COOKIECONSENT_SECRET"]}}'


def site_config() -> Config:
    """Return the site's configuration, with the project's template around the preferences page.

    Raises:
        ConfigError: The setting is missing, or a field of it is unknown or does not fit.
    """
    value = getattr(settings, SETTING, None)
    if isinstance(value, Config):
        return _with_layout(value)
    if value is None:
        raise ConfigError(SETTING, "there is no such setting", _EXAMPLE)
    if not isinstance(value, Mapping):
        # Not the value: it may be the secret.
        raise ConfigError(SETTING, f"a {type(value).__name__} is no configuration", _EXAMPLE)
    return config_from_fields({"layout": project_layout(), **value})


def said_of(error: ConfigError) -> str:
    """Return what is wrong, named as the project has written it."""
    place = "" if error.file is None else f"{error.file}: "
    field = "" if error.field == SETTING else f"{error.field}: "
    return f"{SETTING}: {place}{field}{error.problem}."


def _with_layout(config: Config) -> Config:
    layout = project_layout() if config.layout is None else None
    if layout is None:
        return config
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeclarationWarning)  # said when the original was built
        return replace(config, layout=layout)
