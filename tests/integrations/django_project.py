"""One Django project for all tests: set up once per process, with other settings where a test asks.

`settings.configure` and `django.setup` work once, whoever comes first; so the settings of this project
lie over whatever is there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import django
from django.conf import settings
from django.test.utils import override_settings

from doors import SECRET

OURS: Final = "cookieconsent.integrations.django.middleware.CookieConsentMiddleware"
MIDDLEWARE: Final = (
    "django.middleware.security.SecurityMiddleware",
    OURS,
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
)
"""As `startproject` makes it, with ours and with languages."""
FOLDER: Final = Path(__file__).parent

SETTINGS: Final[dict[str, Any]] = {
    "SECRET_KEY": SECRET,
    "ALLOWED_HOSTS": ["*"],
    "COOKIECONSENT": {"secret_key": SECRET},
    "INSTALLED_APPS": [
        "cookieconsent.integrations.django",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
    ],
    "LANGUAGE_CODE": "en",
    "LANGUAGES": [("en", "English"), ("de", "German"), ("fr", "French")],
    "LOGGING_CONFIG": None,
    "MIDDLEWARE": list(MIDDLEWARE),
    "ROOT_URLCONF": "integrations.django_urls",
    "SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies",
    "STATIC_URL": "/static/",
    "STATICFILES_DIRS": [FOLDER / "sites" / "files"],
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    "USE_I18N": True,
}


def set_up() -> None:
    """Let Django be set up, with the settings of this project from here on."""
    if not settings.configured:
        settings.configure()
    if hasattr(settings, "COOKIECONSENT"):
        return
    with override_settings(LOGGING_CONFIG=None):
        django.setup(set_prefix=False)
    override_settings(**SETTINGS).enable()
