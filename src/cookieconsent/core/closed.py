"""What passes when the rules themselves have failed: exactly named exempt cookies, and nothing else.

Written apart from the rules on purpose, with as little as can be: what has failed may be any of them.
May import: nothing but the look for control bytes.
"""

from __future__ import annotations

from cookieconsent.core.cookies import has_control
from cookieconsent.core.headers import HeaderList

_WHITE_SPACE = b" \t"


def _is_named(pair: bytes, names: frozenset[bytes]) -> bool:
    name, equals, _ = pair.partition(b"=")
    return bool(equals) and name.strip(_WHITE_SPACE) in names and not has_control(pair)


def request_left(lines: list[bytes], exempt: frozenset[bytes]) -> bytes | None:
    """Return what is left of a request's `Cookie` lines; `None` for nothing.

    Args:
        lines: The field lines as they came.
        exempt: The names that pass.
    """
    kept = [raw.strip(_WHITE_SPACE) for raw in b";".join(lines).split(b";")]
    return b"; ".join(raw for raw in kept if _is_named(raw, exempt)) or None


def response_left(lines: HeaderList, exempt: frozenset[bytes]) -> HeaderList:
    """Return a response head without the cookies that may not be set.

    Args:
        lines: The field lines.
        exempt: The names that pass.
    """
    return [
        (name, value)
        for name, value in lines
        if name.lower() != b"set-cookie"
        or (_is_named(value.partition(b";")[0], exempt) and not has_control(value))
    ]
