"""The common site as Django has it, behind its ASGI handler."""

from __future__ import annotations

from django.core.handlers.asgi import ASGIHandler
from django.test.utils import override_settings

from cookieconsent import Config
from integrations import django_project

NAME = "Django (ASGI)"
DOOR = "asgi"
WEBSOCKET = False

django_project.set_up()


def application(config: Config) -> object:
    with override_settings(COOKIECONSENT=config):
        return ASGIHandler()
