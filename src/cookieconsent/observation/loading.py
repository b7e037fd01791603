"""Finds an application by `module:attribute`, as servers do, and tells which protocol it speaks.

May not enter: calling the application; only a factory is called.
"""

from __future__ import annotations

import importlib
import inspect
import os
import re
import sys
import traceback
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Final

from cookieconsent.core.protocol import ARGUMENTS, Door, takes
from cookieconsent.observation.answer import ObservationError

_OS: Final = frozenset({os.__file__, "<frozen os>"})
"""Where the standard library looks up a variable of the environment."""
_OURS: Final = str(Path(__file__).parent)
"""Where somebody else's code is called; nothing in it is to be mended by them."""
_TARGET: Final = re.compile(r"(?P<module>\w+(?:\.\w+)*):(?P<attribute>\w+(?:\.\w+)*)")


def load(target: str, *, folder: Path, factory: bool = False, what: str = "application") -> object:
    """Return the application that `module:attribute` names.

    Args:
        target: The module and the attribute, which may have dots.
        folder: Where modules are looked for first.
        factory: Whether the attribute is a function that returns the application.
        what: What it is, for messages.

    Raises:
        ObservationError: There is no such thing, or it cannot be imported or built.
    """
    found = _TARGET.fullmatch(target)
    if found is None:
        raise ObservationError(
            f"{target!r} is neither module:attribute nor an address. Write 'shop:app', or an address "
            "that begins with 'http://' or 'https://'."
        )
    if found["attribute"].isdigit():
        raise ObservationError(f"an address begins with its scheme. Write 'http://{target}'.")
    if found["module"].endswith(".py"):
        meant = f"{found['module'].removesuffix('.py')}:{found['attribute']}"
        raise ObservationError(f"a module is named without its ending. Write {meant!r}.")
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    module = _imported(found["module"])
    try:
        attribute = reduce(getattr, found["attribute"].split("."), module)
    except AttributeError:
        raise ObservationError(
            f"module {found['module']!r} has no {found['attribute']!r}. Name the {what} in it."
        ) from None
    except (Exception, SystemExit) as error:
        raise ObservationError(f"{target!r} cannot be read: {raised(error)}.") from error
    return _built(target, attribute) if factory else attribute


def _imported(name: str) -> object:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or name
        if name == missing or name.startswith(f"{missing}."):
            raise ObservationError(
                f"there is no module {missing!r}. Run this in the folder of the application."
            ) from error
        raise ObservationError(
            f"module {name!r} needs {missing!r}. Install it in this environment."
        ) from error
    except (Exception, SystemExit) as error:
        raise ObservationError(f"module {name!r} cannot be imported: {raised(error)}.") from error


def raised(error: BaseException) -> str:
    """Return what somebody else's code raised, and where; its words may hold anything, so not those."""
    return f"it raised {type(error).__name__}{place_of(error)}"


def place_of(error: BaseException) -> str:
    """Return where an error comes from, without what it says: that may be a secret."""
    if isinstance(error, SyntaxError):
        return f" in {Path(error.filename or '').name}, line {error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if f.filename not in _OS and not f.filename.startswith(_OURS)]
    unset = isinstance(error, KeyError) and frames and frames[-1].filename in _OS
    why = f": the environment has no {error.args[0]}" if unset else ""
    return f" in {Path(own[-1].filename).name}, line {own[-1].lineno}{why}" if own else why


def _built(target: str, factory: object) -> object:
    if not callable(factory):
        raise ObservationError(f"{target!r} is no factory. Leave --factory out.")
    try:
        return factory()
    except (Exception, SystemExit) as error:
        raise ObservationError(
            f"the factory {target!r} raised {type(error).__name__}{place_of(error)}. It is called "
            "without arguments."
        ) from error


def protocol_of(app: object) -> Door:
    """Return the protocol of an application, by the number of arguments it is called with.

    Raises:
        ObservationError: It is no application, or a factory, or nobody can tell.
    """
    if not callable(app):
        raise ObservationError(f"{_some(app)} is no application, for it is not callable.")
    try:
        return _protocol(app)
    except RuntimeError as error:  # a proxy, asked outside of its request
        raise ObservationError(f"{_some(app)} is no application.") from error


def _some(app: object) -> str:
    """Return the kind of something, with its article."""
    kind = type(app).__name__
    return f"{'an' if kind[0] in 'aeioAEIO' else 'a'} {kind}"


def _protocol(app: Callable[..., object]) -> Door:
    if takes(app, 0) and not takes(app, 2) and not takes(app, 3):
        raise ObservationError("it takes no arguments, as factories do. Add --factory.")
    fitting = [door for door, count in ARGUMENTS.items() if takes(app, count)]
    if len(fitting) > 1 or not fitting:
        # `*args` fits both; what is awaited speaks ASGI.
        if takes(app, ARGUMENTS["ASGI"]) is not False and _is_awaited(app):
            return "ASGI"
        raise ObservationError(
            "nobody can tell from its arguments whether it speaks ASGI or WSGI. Wrap it in a function "
            "of (scope, receive, send) or of (environ, start_response)."
        )
    return fitting[0]


def _is_awaited(app: Callable[..., object]) -> bool:
    return any(map(inspect.iscoroutinefunction, (app, getattr(app, "__call__", None))))  # noqa: B004
