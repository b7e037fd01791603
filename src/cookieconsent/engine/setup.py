"""From what a site hands to a middleware to the object the middleware works with.

May not enter: defaults; those stand in `Config`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cookieconsent.engine.config import Config
from cookieconsent.engine.consent import Consent
from cookieconsent.errors import ConfigError, ContradictionError


def consent_from(config: Config | None, options: Mapping[str, Any]) -> Consent:
    """Return the rules of a site.

    Args:
        config: A configuration, or `None` where `options` are its fields.
        options: `Config` fields by name.

    Raises:
        ContradictionError: Both are given.
        ConfigError: A field is unknown or does not fit.
    """
    if config is not None and options:
        listed = ", ".join(sorted(options))
        raise ContradictionError(
            "config", "config", listed, "a setting would stand in two places", "Keep one of them"
        )
    if config is None:
        config = Config.from_mapping(options)
    if not isinstance(config, Config):
        # Not its value: it may be the secret, given without its name.
        raise ConfigError(
            "config",
            f"a {type(config).__name__} is no Config",
            "Build one with Config(...), or give the fields by name: secret_key=...",
        )
    return Consent(config)
