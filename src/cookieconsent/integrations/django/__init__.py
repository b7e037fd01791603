"""Django 5.2 and later, sync and async: the application to put into `INSTALLED_APPS`.

A request passes `middleware`, which asks the engine by an `exchange`; `request`, `response` and
`cookies` hand Django's objects to it and take them back. `language` says what Django speaks, `caches`
what its caches may keep. `site` reads the setting `COOKIECONSENT`, `checks` tells what is wrong with it
and with the `order` of `MIDDLEWARE`, `layout` puts the preferences page into a template of the
project's, `templatetags` has the tags.
May not enter: rules; those are the engine's.
"""

from __future__ import annotations

from importlib.util import find_spec

if find_spec("django") is None:
    message = "cookieconsent.integrations.django needs Django: pip install 'cookieconsent[django]'"
    raise ImportError(message)
