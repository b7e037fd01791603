"""Cookie consent that works without JavaScript, enforced in front of any ASGI or WSGI application."""

from cookieconsent.core.catalog import catalogue as catalogue
from cookieconsent.core.choice import Choice as Choice
from cookieconsent.core.registry import Classification as Classification
from cookieconsent.core.registry import Cookie as Cookie
from cookieconsent.core.registry import CookieClass as CookieClass
from cookieconsent.core.registry import Registry as Registry
from cookieconsent.engine.config import Config as Config
from cookieconsent.engine.events import ChoiceEvent as ChoiceEvent
from cookieconsent.engine.events import Outcome as Outcome
from cookieconsent.engine.state import ConsentState as ConsentState
from cookieconsent.engine.state import consent_of as consent_of
from cookieconsent.errors import ConfigError as ConfigError
from cookieconsent.errors import ConsentError as ConsentError
from cookieconsent.errors import ContradictionError as ContradictionError
from cookieconsent.errors import DeclarationWarning as DeclarationWarning
from cookieconsent.errors import NotInstalledError as NotInstalledError
from cookieconsent.errors import ResponseStartedError as ResponseStartedError
from cookieconsent.errors import UnknownClassError as UnknownClassError
from cookieconsent.errors import UnknownFieldError as UnknownFieldError
