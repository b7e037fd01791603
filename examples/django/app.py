r"""A tea shop that asks, with Django.

It is started from the top of the repository, by one command:
pip install '.[django]' && \
  COOKIECONSENT_SECRET=$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))') \
  python examples/django/app.py runserver
"""

import os
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["localhost", "127.0.0.1"],
    COOKIECONSENT={
        "secret_key": os.environ["COOKIECONSENT_SECRET"],
        "toml": Path(__file__).with_name("cookieconsent.toml"),
    },
    INSTALLED_APPS=["cookieconsent.integrations.django"],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "cookieconsent.integrations.django.middleware.CookieConsentMiddleware",
        "django.middleware.common.CommonMiddleware",
    ],
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.environ["COOKIECONSENT_SECRET"],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [Path(__file__).with_name("templates")],
        }
    ],
)


def shop(request: HttpRequest) -> HttpResponse:
    """Show the shop, and count the visit; the cookie gets through only after a yes."""
    page = render(request, "shop.html")
    page.set_cookie("visits", "1", max_age=30 * 86_400)
    return page


urlpatterns = [path("", shop)]
application = get_wsgi_application()

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
