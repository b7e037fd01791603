"""The application in `INSTALLED_APPS`: it brings the system checks and the template tags."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import register

from cookieconsent.integrations.django.checks import check_middleware, check_setting


class _CookieConsentAppConfig(AppConfig):
    """Cookie consent as a Django application."""

    name = "cookieconsent.integrations.django"
    label = "cookieconsent"
    verbose_name = "Cookie consent"

    def ready(self) -> None:
        """Register the checks."""
        register(check_setting, "cookieconsent")
        register(check_middleware, "cookieconsent")
