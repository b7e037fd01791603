"""`cookieconsent receipt verify`: tells whether a file is a receipt that this site has signed.

Needs the site's secrets and nothing of its application. Secrets come from files and the environment,
never from the command line, where other users of the machine and shell histories would have them.
May not enter: how a receipt is read and judged (`core/receipt.py`).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from cookieconsent.cli.output import answer, complain, reason, refuse
from cookieconsent.core.codec import ReceiptSeal
from cookieconsent.core.csrf import read_origin
from cookieconsent.core.receipt import MAX_RECEIPT_OCTETS, SCHEMA, Fault, Reading, read_receipt
from cookieconsent.engine.config import Config, site_table
from cookieconsent.errors import ConfigError, DeclarationWarning

NAME: Final = "receipt"
HELP: Final = "check the receipt of a visitor's choice"
MORE: Final = "Visitors download it from the preferences page."
DEFAULT_CONFIG: Final = "cookieconsent.toml"
DEFAULT_VARIABLE: Final = "COOKIECONSENT_SECRET"
_STDIN: Final = "-"
_RIGHT_SECRET: Final = (
    "Give the secret that the site signs receipts with: in that file, with --secret-key-env or "
    f"--secret-key-file, or as {DEFAULT_VARIABLE}"
)

_FAULTS: Final[Mapping[Fault, str]] = {
    "too large": f"it is larger than {MAX_RECEIPT_OCTETS:,} bytes, so it is no receipt",
    "not utf-8": "it is no text in UTF-8, so it is no receipt",
    "not json": "it is no JSON, so it is no receipt, or was cut off",
    "repeated name": "a name stands in it twice, so nobody can tell which value is meant",
    "too deep": "it is nested too deeply to be a receipt",
    "no receipt": "it is JSON, but no receipt: schema_version and signature are missing",
    "unknown format": f"its schema_version is not {SCHEMA}, the only one that is known here",
    "altered": "it was altered, or another site has signed it, or a secret that is not given here",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    about = "Tell whether a receipt is this site's and unaltered, and what it says."
    verify = actions.add_parser(
        "verify",
        help="tell whether a receipt is this site's and unaltered",
        description=f"{about} Exit code 0: it is; 1: it is not; 2: asked wrongly, or the answer "
        "cannot be written.",
    )
    verify.add_argument("file", metavar="FILE", help="the receipt; - reads it from standard input")
    verify.add_argument(
        "--config",
        metavar="FILE",
        help="the TOML file with the site's table, which may hold its secret (default: "
        f"{DEFAULT_CONFIG}, if there is one)",
    )
    secret = verify.add_mutually_exclusive_group()
    secret.add_argument(
        "--secret-key-env",
        metavar="NAME",
        action="append",
        help="an environment variable with a secret of the site; may be repeated (default: the "
        f"secret of the TOML file, else {DEFAULT_VARIABLE})",
    )
    secret.add_argument(
        "--secret-key-file", metavar="FILE", help="a file with the site's secrets, one a line"
    )
    verify.add_argument(
        "--site", metavar="NAME", help="the site's short name, where it has one outside of TOML"
    )
    verify.add_argument("--json", action="store_true", help="answer in JSON")
    verify.set_defaults(parser=verify)


def run(arguments: argparse.Namespace) -> int:
    """Check a receipt and say what came out."""
    try:
        config = _site(arguments)
    except ConfigError as error:
        if error.fix.startswith("Make one"):  # what a site is told, which would fit no receipt
            error.fix = _RIGHT_SECRET
        return refuse(str(error))
    except (OSError, UnicodeError) as error:
        return refuse(f"{arguments.secret_key_file}: it cannot be read ({reason(error)}).")
    try:
        data = _read(arguments.file)
    except (OSError, ValueError) as error:  # a null byte in a name is a ValueError
        complain(f"{arguments.file}: it cannot be read ({reason(error)}).")
        return 1
    reading = read_receipt(data, ReceiptSeal(config.keys, config.site))
    code = 0 if reading.fault is None else 1
    if arguments.json:
        return answer(code, [json.dumps(_for_programs(reading, config))])
    if reading.fault is not None:
        complain(f"Not valid: {_FAULTS[reading.fault]}.")
        return code
    return answer(code, _told(reading.facts, config))


def _read(file: str) -> bytes:
    """Return the beginning of a file, as much as shows that it is too large."""
    if file != _STDIN:
        with Path(file).open("rb") as opened:
            return opened.read(MAX_RECEIPT_OCTETS + 1)
    if sys.stdin is None:
        raise ValueError("standard input is closed")
    return sys.stdin.buffer.read(MAX_RECEIPT_OCTETS + 1)


# --- the site's secrets ---------------------------------------------------------------------------


def _site(arguments: argparse.Namespace) -> Config:
    """Return a configuration with the site's secrets and name.

    Raises:
        ConfigError: There are none, or the TOML file does not fit.
        OSError: The file of the secrets cannot be read.
        UnicodeError: It is no text.
    """
    named = _named_secrets(arguments)
    fields = {} if arguments.site is None else {"site": arguments.site}
    path = arguments.config
    if path is None and Path(DEFAULT_CONFIG).is_file():
        path = DEFAULT_CONFIG
    if path is None:
        return Config(secret_keys=named or _secrets_of([DEFAULT_VARIABLE]), **fields)
    _, table = site_table(path)
    own = table.get("secret_key") or table.get("secret_keys")
    if not (named or own) and DEFAULT_VARIABLE in os.environ:
        named = _secrets_of([DEFAULT_VARIABLE])
    return _config(path, named, fields)


def _config(path: str, secrets: Sequence[str], fields: Mapping[str, Any]) -> Config:
    secret_fields = {"secret_key": None, "secret_keys": secrets} if secrets else {}
    with warnings.catch_warnings():
        # What a declaration lacks is told to whoever starts the site.
        warnings.simplefilter("ignore", DeclarationWarning)
        return Config.from_toml(path, **fields, **secret_fields)


def _named_secrets(arguments: argparse.Namespace) -> Sequence[str]:
    if arguments.secret_key_file is not None:
        text = Path(arguments.secret_key_file).read_text(encoding="utf-8-sig")
        secrets = [line.strip() for line in text.splitlines() if line.strip()]
        if not secrets:
            problem = f"there is no secret in {arguments.secret_key_file!r}"
            raise ConfigError("--secret-key-file", problem, "Write one a line")
        return secrets
    return _secrets_of(arguments.secret_key_env or ())


def _secrets_of(variables: Sequence[str]) -> Sequence[str]:
    for name in variables:
        if not os.environ.get(name):
            raise ConfigError(
                "secret_key",
                f"the environment variable {name} is not set",
                "Set it, or name another one with --secret-key-env, or a file with "
                "--secret-key-file",
            )
    return [os.environ[name] for name in variables]


# --- words ----------------------------------------------------------------------------------------


def _for_programs(reading: Reading, config: Config) -> dict[str, Any]:
    return {
        "valid": reading.fault is None,
        "fault": reading.fault,
        "site_matches": None if reading.fault is not None else _matches(reading.facts, config),
        "facts": reading.facts,
    }


def _matches(facts: Mapping[str, Any], config: Config) -> bool | None:
    """Tell whether a receipt names the site's host; `None` where there is no `public_origin`."""
    origin = read_origin(config.public_origin or "")
    return None if origin is None else bool(facts["site"] == origin.host)


def _told(facts: Mapping[str, Any], config: Config) -> Iterator[str]:
    yield "Valid: this site has signed it, and nothing was altered."
    site, matches = facts["site"] or "not known", _matches(facts, config)
    if matches is None and facts["site"]:
        site += " (as the request named it; there is no public_origin to compare it with)"
    yield f"Website: {site}"
    if matches is False:
        yield f"Warning: public_origin is {config.public_origin}, so it was made under another name."
    for label, value in _summary(facts):
        yield f"{label}: {value}"


def _summary(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the facts that an operator asks for first."""
    answered = facts["answered"]
    lines = [
        ("Issued", facts["issued"]),
        (
            "Answered",
            "no" if answered is None else f"{answered}, counts until {facts['valid_until']}",
        ),
    ]
    for label, said in (("Yes to", "yes"), ("No to", "no"), ("Not answered", "none")):
        names = [cls["name"] for cls in facts["classes"] if cls["answer"] == said]
        if names:
            lines.append((label, ", ".join(names)))
    if facts["paused"]:
        lines.append(("Paused", "yes"))
    if facts["gpc"]:
        lines.append(("Global Privacy Control", "on"))
    if facts["policy_version"] is not None:
        lines.append(("Policy version", facts["policy_version"]))
    return lines
