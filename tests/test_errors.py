"""The errors: one base, and each carries its evidence."""

from __future__ import annotations

import inspect
import pydoc

import pytest

import cookieconsent
from cookieconsent import errors
from cookieconsent.errors import (
    ConfigError,
    ConsentError,
    ContradictionError,
    DeclarationWarning,
    NotInstalledError,
    ResponseStartedError,
    UnknownClassError,
    UnknownFieldError,
)


def test_every_error_has_the_base() -> None:
    found = [cls for _, cls in inspect.getmembers(errors, inspect.isclass)]
    assert {cls.__name__ for cls in found} == set(errors.__all__)
    assert [cls for cls in found if not issubclass(cls, ConsentError)] == [DeclarationWarning]
    assert issubclass(DeclarationWarning, UserWarning)
    assert all(getattr(cookieconsent, name) is getattr(errors, name) for name in errors.__all__)


@pytest.mark.parametrize(
    ("cls", "builtin"),
    [
        (ConfigError, ValueError),
        (ContradictionError, ConfigError),
        (UnknownFieldError, ConfigError),
        (NotInstalledError, LookupError),
        (ResponseStartedError, RuntimeError),
        (UnknownClassError, LookupError),
    ],
)
def test_error_is_also_the_usual_one(cls: type[Exception], builtin: type[Exception]) -> None:
    assert issubclass(cls, builtin)


def test_config_error_names_field_and_fix() -> None:
    error = ConfigError("path", "'x' is no path", "Begin with '/'")
    assert (error.field, error.problem, error.fix) == ("path", "'x' is no path", "Begin with '/'")
    assert str(error) == "path: 'x' is no path. Begin with '/'."


def test_unknown_field_suggests_the_nearest() -> None:
    error = UnknownFieldError("secrt_key", "secret_key")
    assert error.suggestion == "secret_key"
    assert str(error) == "secrt_key: there is no such setting. Did you mean 'secret_key'?"


@pytest.mark.parametrize(
    ("field", "kind", "listed"),
    [
        ("zzz", "Config", ["secret_key", "cookies", "shared_cache"]),
        ("cookies[3].zzz", "Cookie", ["cls", "lifetime", "partitioned"]),
        ("classes[0].zzz", "CookieClass", ["regime", "purposes", "version"]),
    ],
)
def test_unknown_field_without_a_near_one(field: str, kind: str, listed: list[str]) -> None:
    """Where to look is something that every installation has."""
    error = UnknownFieldError(field, None)
    assert error.suggestion is None
    assert error.fix == f"help(cookieconsent.{kind}) lists them all"
    shown = pydoc.plain(pydoc.render_doc(getattr(cookieconsent, kind)))
    assert [name for name in listed if f"{name}:" not in shown] == []


def test_file_comes_before_the_field() -> None:
    error = ConfigError("path", "'x' is no path", "Begin with '/'")
    error.file = "shop.toml [cookieconsent]"
    assert str(error) == "shop.toml [cookieconsent]: path: 'x' is no path. Begin with '/'."


def test_contradiction_names_both_places() -> None:
    error = ContradictionError("cookies", "cookies[0]", "cookies[2]", "one is x", "Keep one")
    assert (error.first, error.second, error.field) == ("cookies[0]", "cookies[2]", "cookies")
    assert str(error) == (
        "cookies: cookies[0] and cookies[2] contradict each other: one is x. Keep one."
    )


@pytest.mark.parametrize(
    ("known", "listed"), [(("analytics", "media"), "analytics, media"), ((), "none")]
)
def test_unknown_class_lists_the_known(known: tuple[str, ...], listed: str) -> None:
    error = UnknownClassError("x", known)
    assert (error.name, error.known) == ("x", known)
    assert str(error) == (f"'x' is not a switchable cookie class; this site has: {listed}")


def test_plain_errors_keep_their_message() -> None:
    for cls in (NotInstalledError, ResponseStartedError):
        assert str(cls("what happened")) == "what happened"
