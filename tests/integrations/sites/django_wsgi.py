"""The common site as Django has it, behind its WSGI handler."""

from __future__ import annotations

from django.core.handlers.wsgi import WSGIHandler
from django.test.utils import override_settings

from cookieconsent import Config
from integrations import django_project

NAME = "Django (WSGI)"
DOOR = "wsgi"
WEBSOCKET = False

django_project.set_up()


def application(config: Config) -> object:
    with override_settings(COOKIECONSENT=config):
        return WSGIHandler()
