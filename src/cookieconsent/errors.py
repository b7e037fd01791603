"""The errors of the package: one base, and each carries its evidence as attributes.

Operator mistakes are raised when a `Config` is built. Nothing a visitor sends ends in one of these:
a mangled cookie is "no choice", a mangled form is an answer with a 4xx status.
"""

from __future__ import annotations

__all__ = [
    "ConfigError",
    "ConsentError",
    "ContradictionError",
    "DeclarationWarning",
    "NotInstalledError",
    "ResponseStartedError",
    "UnknownClassError",
    "UnknownFieldError",
]


class ConsentError(Exception):
    """Base of every error this package raises."""


class ConfigError(ConsentError, ValueError):
    """A configuration that cannot work; names the field and the remedy.

    Attributes:
        field: The `Config`, `Cookie` or `CookieClass` field at fault.
        problem: What is wrong with it.
        fix: What to write instead.
        toml_fix: What to write instead in TOML, where it differs; `{table}` is the site's table.
        file: The file and table it stands in, or `None` where it does not stand in one.
    """

    def __init__(self, field: str, problem: str, fix: str, *, toml_fix: str | None = None) -> None:
        super().__init__(field, problem, fix)
        self.field = field
        self.problem = problem
        self.fix = fix
        self.toml_fix = toml_fix
        self.file: str | None = None

    def __str__(self) -> str:
        """Return the place, what is wrong there, and the remedy."""
        place = "" if self.file is None else f"{self.file}: "
        end = "" if self.fix.endswith(("?", ".")) else "."
        return f"{place}{self.field}: {self.problem}. {self.fix}{end}"


class UnknownFieldError(ConfigError):
    """A key that no field has, with the nearest one that exists.

    Attributes:
        suggestion: The field probably meant, or `None`.
    """

    def __init__(self, field: str, suggestion: str | None) -> None:
        kinds = {"cookies[": "Cookie", "classes[": "CookieClass"}
        kind = next((kinds[start] for start in kinds if field.startswith(start)), "Config")
        fix = f"help(cookieconsent.{kind}) lists them all"
        if suggestion is not None:
            fix = f"Did you mean {suggestion!r}?"
        super().__init__(field, "there is no such setting", fix)
        self.suggestion = suggestion


class ContradictionError(ConfigError):
    """Two places of a configuration that cannot both hold.

    Attributes:
        first: The place found first, such as `cookies[0]`.
        second: The place that contradicts it.
    """

    def __init__(
        self,
        field: str,
        first: str,
        second: str,
        problem: str,
        fix: str,
        *,
        toml_fix: str | None = None,
    ) -> None:
        problem = f"{first} and {second} contradict each other: {problem}"
        super().__init__(field, problem, fix, toml_fix=toml_fix)
        self.first = first
        self.second = second


class NotInstalledError(ConsentError, LookupError):
    """The request did not pass through the middleware, so it has no consent state."""


class ResponseStartedError(ConsentError, RuntimeError):
    """A choice was changed after the response head had been sent, when no cookie can follow."""


class UnknownClassError(ConsentError, LookupError):
    """A cookie class that this site does not switch.

    Attributes:
        name: The class asked for.
        known: The switchable classes of the site.
    """

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        listed = ", ".join(known) or "none"
        super().__init__(f"{name!r} is not a switchable cookie class; this site has: {listed}")
        self.name = name
        self.known = known


class DeclarationWarning(UserWarning):
    """A declaration that works but leaves visitors or auditors without a fact they need."""
