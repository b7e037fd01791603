"""`cookieconsent explain NAME`: why a cookie has its class, and what the middleware does with it.

May not enter: how a class is found (`core/reasons.py`), what follows from it (`engine/treatment.py`).
"""

from __future__ import annotations

import argparse
import json
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from cookieconsent.cli.output import answer, refuse
from cookieconsent.core.lifetime import write
from cookieconsent.core.reasons import Kind, Result, Step, steps
from cookieconsent.core.registry import Classification, CookieClass, Regime, Rule, clean_domain
from cookieconsent.engine import declaration
from cookieconsent.engine.config import Config
from cookieconsent.engine.review import review
from cookieconsent.engine.treatment import Fate, Said, treatments
from cookieconsent.errors import ConfigError

NAME: Final = "explain"
HELP: Final = "tell why a cookie has its class, and what is done with it"
MORE: Final = (
    "A declared name wins over the catalogue, an exact name over a glob; what is found nowhere is "
    "unknown. Exit code 0: it is told; 2: asked wrongly."
)

_SAID: Final[Mapping[Said, str]] = {
    "undecided": "before an answer",
    "accepted": "after a yes to all",
    "rejected": "after a no to all",
}
_FATES: Final[Mapping[Fate, str]] = {
    "passes": "passes in requests and responses",
    "deleted": "is removed from requests and responses, and deleted from the browser",
    "removed": "is removed from requests and responses; not deleted, for it may be somebody else's",
}
_KINDS: Final[Mapping[Kind, str]] = {"exact": "exact name", "glob": "globs"}
_REGIMES: Final[Mapping[Regime, str]] = {
    "exempt": "exempt: it passes always, and nobody is asked",
    "opt-in": "asked: it waits for a yes",
    "objection": "it passes until the visitor objects",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("name", metavar="NAME", help="the cookie's name, byte for byte")
    parser.add_argument(
        "--domain",
        metavar="DOMAIN",
        help="the domain that sets it: some names mean something on one domain only",
    )
    parser.add_argument(
        "--config",
        metavar="FILE",
        help="the TOML file with the site's declarations (default: cookieconsent.toml, else "
        "pyproject.toml with [tool.cookieconsent], else the shipped catalogue alone)",
    )
    parser.add_argument("--json", action="store_true", help="answer in JSON")


def run(arguments: argparse.Namespace) -> int:
    """Explain the class of one name."""
    file = Path(arguments.config) if arguments.config is not None else declaration.find()
    try:
        domain = arguments.domain and clean_domain("--domain", arguments.domain)
    except ConfigError as error:
        return refuse(str(error))
    if not arguments.name or any(char in arguments.name for char in "=; \t"):
        return refuse(f"{arguments.name!r} can be no cookie's name. Leave out '=', ';' and spaces.")
    config = Config(secret_key=secrets.token_urlsafe(32))  # signs nothing
    if file is not None:
        reviewed = review(file)
        if reviewed.config is None:
            return refuse(f"{file}: {reviewed.findings[0]}")
        config = reviewed.config
    explanation = _Explanation(config, arguments.name, domain, file)
    if arguments.json:
        return answer(0, [json.dumps(explanation.facts())])
    return answer(0, explanation.lines())


class _Explanation:
    """What there is to say of a name.

    Args:
        config: The site.
        name: The cookie name.
        domain: The domain that sets it, where that was said.
        file: The file with the declarations, or `None` for the shipped catalogue alone.
    """

    def __init__(self, config: Config, name: str, domain: str | None, file: Path | None) -> None:
        key = name.encode("utf-8", "surrogateescape")
        self._name = name
        self._domain = domain
        self._file = file
        self._enforce = config.enforce
        self._found = config.registry.classify(key, domain=domain)
        self._steps = steps(config.registry, key, domain)
        self._treatments = treatments(config, key)
        # The middleware sees names, never the domain that set them.
        self._elsewhere = config.registry.classify(key).cls != self._found.cls
        active = {cls.name: cls for cls in config.active_classes}
        self._cls = active.get(self._found.cls or "")
        self._own = name == config.cookie_name

    def facts(self) -> dict[str, Any]:
        """Return all of it for programs."""
        found = self._found
        return {
            "name": self._name,
            "domain": self._domain,
            "file": None if self._file is None else str(self._file),
            "class": found.cls,
            "source": found.source,
            "rule": found.rule,
            "vendor": found.vendor,
            "lifetime": _lifetime(found),
            "reason": found.reason,
            "regime": _regime(found, self._cls),
            "used": self._cls is not None,
            "enforced": self._enforce,
            "steps": [
                {
                    "source": step.source,
                    "kind": step.kind,
                    "result": step.result,
                    "rules": [_facts_of(rule) for rule in step.rules],
                }
                for step in self._steps
            ],
            "treatment": {treatment.said: treatment.fate for treatment in self._treatments},
        }

    def lines(self) -> Iterator[str]:
        """Yield it line by line for people."""
        yield f"{self._name}: {self._found.cls or 'unknown'}"
        yield from self._about()
        yield ""
        yield "How the class was found:"
        for number, step in enumerate(self._steps, 1):
            yield f"  {number}. {step.source}, {_KINDS[step.kind]}: {_told(step)}"
        if self._found.cls is None:
            yield "  5. so it is unknown, and an unknown cookie is never exempt"
        yield ""
        yield f"What the middleware {'does' if self._enforce else 'would do (enforce = false)'}:"
        for said, fate in self._treatments:
            yield f"  {_SAID[said]}: it {_FATES[fate]}"
        yield from (f"  {line}" for line in self._notes())

    def _about(self) -> Iterator[str]:
        found = self._found
        if found.vendor is not None:
            yield f"  {'vendor' if found.source == 'catalogue' else 'provider'}: {found.vendor}"
        if found.cls is not None:
            yield f"  usual lifetime: {_lifetime(found) or 'the session, or not known'}"
            yield f"  {_REGIMES[_regime(found, self._cls) or 'opt-in']}"
        if found.reason is not None:
            yield f"  why: {found.reason}"

    def _notes(self) -> Iterator[str]:
        if self._own:
            yield "This site keeps the visitor's answer in it; applications cannot set it."
        if self._found.cls is None:
            yield 'Declare it to change that, or set undeclared = "allow".'
        elif self._cls is None:
            yield (
                f"No declared cookie is of class {self._found.cls!r}, so nobody is asked about it. "
                "Declare this one if the site uses it."
            )
        if self._elsewhere:
            yield "The middleware does not learn which domain set a cookie: it judges the name alone."


def _regime(found: Classification, cls: CookieClass | None) -> Regime | None:
    if found.cls is None:
        return None
    return (cls or CookieClass(found.cls)).regime


def _lifetime(found: Classification) -> str | None:
    return None if found.lifetime is None else write(found.lifetime)


def _facts_of(rule: Rule) -> dict[str, Any]:
    known = rule.classification
    return {
        "rule": known.rule,
        "class": known.cls,
        "vendor": known.vendor,
        "domains": list(rule.domains),
    }


def _told(step: Step) -> str:
    if step.result == "nothing":
        return "none fits"
    said = "; ".join(_named(rule) for rule in step.rules)
    endings: Mapping[Result, str] = {
        "decides": "; the first of them decides" if len(step.rules) > 1 else "; this decides",
        "domain": "; not known to be set there",
        "outranked": "; but an earlier step has decided",
    }
    return said + endings[step.result]


def _named(rule: Rule) -> str:
    known = rule.classification
    vendor = "" if known.vendor is None else f", {known.vendor}"
    where = f", only when set by {' or '.join(rule.domains)}" if rule.domains else ""
    return f"{known.rule} ({known.cls}{vendor}{where})"
