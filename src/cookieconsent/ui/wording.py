"""What a site may say in the place of our words: placeholders, per cent signs, plural forms, labels.

Messages with placeholders are filled in by `%`, so there a per cent sign is written twice; all others
are shown as they are.
May not enter: where the words come from (`languages`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, TypeAlias

from cookieconsent.errors import ConfigError

Id: TypeAlias = str | Sequence[str]
"""A message as it reads in English; singular and plural where it depends on a number."""

# What pretends to be something else than a yes (EDPB taskforce, VG Hannover 10 A 5385/22).
_NO_CONSENT: Final = frozenset({"ok", "okay", "close", "continue", "gotit", "next", "x"})
_PER_CENT = re.compile(r"%(?:%|\(\w+\)[a-z])?", re.ASCII)
# Characters that leave nothing on the screen although their category is that of letters, marks and
# symbols: fillers, joiners and variation selectors (UAX 44, Default_Ignorable_Code_Point), and the
# empty Braille cell.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def singular_of(message: Id) -> str:
    """Return the text that a message goes by."""
    return message if isinstance(message, str) else message[0]


def check_text(field: str, source: str, text: object) -> None:
    """Refuse a text that cannot stand for a message.

    Args:
        field: Where it stands, for the error.
        source: The message in English, or what the site itself says.
        text: What is to be said instead.

    Raises:
        ConfigError: It is none, shows nothing, or would break where something is put in.
    """
    written = _written(field, source, text)
    _check_placeholders(field, source, written)
    if _placeholders(source):
        _check_per_cent_signs(field, written)


def check_forms(field: str, source: Sequence[str], forms: Sequence[object], wanted: int) -> None:
    """Refuse plural forms that cannot stand for a message.

    Args:
        field: Where they stand, for the error.
        source: The message in English, singular and plural.
        forms: What is to be said instead.
        wanted: How many plural forms the language has.

    Raises:
        ConfigError: One of them does not fit, or they are too many or too few.
    """
    for form in forms:
        written = _written(field, source[0], form)
        if _placeholders(written):  # one of them may spell its number out: "a cookie"
            _check_placeholders(field, source[1], written)
        _check_per_cent_signs(field, written)
    if len(forms) != wanted:
        raise ConfigError(
            field,
            f"{source[0]!r} has {len(forms)} plural forms",
            f"Write all {wanted} of that language",
        )


def check_labels(accept: str, reject: str) -> None:
    """Refuse labels that are no clear yes and no.

    Raises:
        ConfigError: One says nothing, the yes hides what it is, or nobody could tell them apart.
    """
    yes, no = _skeleton(accept), _skeleton(reject)
    if not (yes and no):
        blank = reject if yes else accept
        raise ConfigError("texts", f"a button says {blank!r}, which is no word", "Write one on it")
    if yes in _NO_CONSENT:
        raise ConfigError(
            "texts", f"{accept!r} does not say that everything is accepted", "Say so on the button"
        )
    if yes == no:
        said = repr(accept) if accept == reject else f"{accept!r} and {reject!r}, which is the same"
        raise ConfigError(
            "texts", f"both buttons say {said}", "Name the yes and the no differently"
        )


def _written(field: str, source: str, text: object) -> str:
    """Return a text in which there is something to see."""
    if not isinstance(text, str) or not any(map(_is_seen, text)):
        raise ConfigError(field, f"{source!r} is given no text", "Write one, or leave it out")
    return text


def _is_seen(character: str) -> bool:
    return unicodedata.category(character)[0] not in "CZ" and not _BLANK.match(character)


def _skeleton(label: str) -> str:
    """Return what tells a label from others: no case, space, punctuation, or what is not seen."""
    folded = unicodedata.normalize("NFKC", label).casefold()
    return "".join(c for c in folded if _is_seen(c) and unicodedata.category(c)[0] != "P")


def _placeholders(text: str) -> list[str]:
    return sorted(found for found in _PER_CENT.findall(text) if found not in {"%", "%%"})


def _check_placeholders(field: str, source: str, text: str) -> None:
    if _placeholders(source) != _placeholders(text):
        kept = ", ".join(_placeholders(source)) or "none"
        raise ConfigError(
            field, f"{text!r} has other placeholders than {source!r}", f"Keep these: {kept}"
        )


def _check_per_cent_signs(field: str, text: str) -> None:
    if "%" in _PER_CENT.findall(text):
        raise ConfigError(field, f"{text!r} has a lone per cent sign", "Write %% for it, or a word")
