"""What is signed: a choice as a cookie value, the form token, receipts. None is an identifier.

Value: base64url of the payload, a dot, base64url of its HMAC-SHA-256 (for the form token, which stands
in every page, of its first 80 bits: RFC 2104, section 5). Payload: format version (1 byte), day (2
bytes), a count (1 byte) for each group of classes but the last, then three bytes per class, group by
group. Format 1 has the groups yes, yes under the signal, no; format 2, written only while something is
paused, puts three before them: paused without an answer, paused with a yes, paused with a yes under
the signal (with a no, a pause adds nothing), and a class that it does not name is paused. Those three
bytes are the fingerprint of what the site declared for the class, so a change there takes the answer
from the class and nothing else, and a class the site no longer has is ignored. Equal choices on one
day have equal bytes.

Each purpose has its own salt; several keys may verify, the newest signs. Only the one canonical
spelling of a signature is taken (base64 has four for the last character), so a value *is* its payload.
May import itsdangerous. May not enter: the cookie's name or attributes, the clock.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, chain, pairwise

from itsdangerous import BadSignature, Signer
from itsdangerous.signer import HMACAlgorithm

from cookieconsent.core.choice import Choice
from cookieconsent.core.registry import Cookie, CookieClass
from cookieconsent.errors import ConfigError

FORMAT = 1
FORMAT_PAUSED = 2
FINGERPRINT_OCTETS = 3
MAX_VALUE_OCTETS = 235  # `__Host-cookieconsent=` and the value stay within 256 bytes
_HEAD_OCTETS = 3
_GROUPS = {FORMAT: 3, FORMAT_PAUSED: 6}
_DIGEST_OCTETS = 32
_TOKEN_OCTETS = 10  # 80 bits: it stands in every page, and is guessed over the network for a day
_LAST_DAY = 0xFFFF
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def fingerprint(cls: CookieClass, cookies: Iterable[Cookie]) -> bytes:
    """Return the 24-bit fingerprint of what a site declared for a class.

    In it: the class's name, version, purposes and third-party flag, its cookies' names and
    providers. Not in it: free text, lifetimes, order, the shipped catalogue.
    """
    own = [cookie for cookie in cookies if cookie.cls == cls.name]
    facts = [
        [cls.name, str(cls.version), str(cls.shares_with_third_parties)],
        sorted(set(cls.purposes)),
        sorted({cookie.name for cookie in own}),
        sorted({cookie.provider or "" for cookie in own}),
    ]
    # Unit and record separators cannot stand in a name, so no two declarations read alike.
    text = "\x1e".join("\x1f".join(group) for group in facts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:FINGERPRINT_OCTETS]


def _encode(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _decode(data: bytes) -> bytes:
    return base64.urlsafe_b64decode(data + b"=" * (-len(data) % 4))


class _CutHMAC(HMACAlgorithm):
    """HMAC-SHA-256, cut to its first octets."""

    def __init__(self, octets: int) -> None:
        super().__init__(hashlib.sha256)
        self._octets = octets

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        """Return the signature of a value."""
        return super().get_signature(key, value)[: self._octets]


class _Seal:
    """Signs and opens short payloads for one purpose."""

    __slots__ = ("_shape", "_signer")

    def __init__(self, keys: Sequence[str], purpose: str, octets: int = _DIGEST_OCTETS) -> None:
        length = len(_encode(bytes(octets)))
        # The last character has bits to spare, which the canonical spelling leaves at zero.
        last = re.escape(_ALPHABET[:: 1 << (6 * length - 8 * octets)])
        self._shape = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{%d}[%b]" % (length - 1, last))
        salt = f"cookieconsent.{purpose}"
        deriver = Signer("", salt, key_derivation="hmac", digest_method=hashlib.sha256)
        # Derived once: doing so for every signature is a third of its cost.
        self._signer = Signer(
            [deriver.derive_key(key) for key in keys],
            key_derivation="none",
            algorithm=_CutHMAC(octets),
        )

    def close(self, payload: bytes) -> bytes:
        return self._signer.sign(_encode(payload))

    def open(self, value: bytes) -> bytes | None:
        """Return the payload, or `None` where the value is not exactly what `close` writes."""
        if not self._shape.fullmatch(value):
            return None
        try:
            encoded = self._signer.unsign(value)
            payload = _decode(encoded)
            if _encode(payload) != encoded:
                return None
        except (BadSignature, binascii.Error):
            return None
        return payload


class ChoiceCodec:
    """Writes a choice as a cookie value and reads it back.

    Args:
        keys: Secrets, oldest first; the last one signs.
        classes: The switchable classes of the site.
        cookies: The site's declarations.
        site: A short name that keeps sites on one host apart; part of the salt.

    Raises:
        ConfigError: Two classes happen to have one fingerprint.
    """

    __slots__ = ("_class_of", "_fingerprint_of", "_seal")

    def __init__(
        self,
        keys: Sequence[str],
        classes: Sequence[CookieClass],
        cookies: Sequence[Cookie],
        site: str = "",
    ) -> None:
        self._seal = _Seal(keys, f"choice.{site}")
        self._fingerprint_of: Mapping[str, bytes] = {
            cls.name: fingerprint(cls, cookies) for cls in classes
        }
        self._class_of = {mark: name for name, mark in self._fingerprint_of.items()}
        if len(self._class_of) != len(self._fingerprint_of):
            raise ConfigError(
                "classes.version",
                "two classes have the same fingerprint by chance",
                "Raise the version of one of them",
            )

    def write(self, choice: Choice) -> bytes:
        """Return the cookie value of a choice: base64url and one dot."""
        return self._seal.close(self.payload(choice))

    def payload(self, choice: Choice) -> bytes:
        """Return what is signed of a choice: equal for equal choices on one day."""
        rests, signal = choice.paused - choice.refused, choice.granted & choice.under_signal
        plain = choice.granted - signal
        sets = [plain - rests, signal - rests, choice.refused]
        if rests:
            sets = [rests - choice.granted, rests & plain, rests & signal, *sets]
        groups = [self._marks(names) for names in sets]
        form = FORMAT_PAUSED if rests else FORMAT
        day = min(max(choice.day, 0), _LAST_DAY)
        head = bytes([form]) + day.to_bytes(2) + bytes(map(len, groups[:-1]))
        return head + b"".join(chain.from_iterable(groups))

    def read(self, value: bytes) -> Choice | None:
        """Return the choice in a cookie value; `None` for anything not written by `write`."""
        if len(value) > MAX_VALUE_OCTETS:
            return None
        payload = self._seal.open(value)
        groups = None if payload is None else self._groups(payload)
        if payload is None or groups is None:
            return None
        *paused, plain, signal, refused = groups
        resting_plain, resting_signal = paused[1:] or [frozenset[str]()] * 2
        # Who paused everything is not asked again because a declaration has changed since.
        others = frozenset(self._fingerprint_of) - plain - signal - refused
        return Choice(
            day=int.from_bytes(payload[1:_HEAD_OCTETS]),
            granted=plain | signal | resting_plain | resting_signal,
            refused=refused,
            under_signal=signal | resting_signal,
            paused=others if paused else frozenset(),
        )

    def _groups(self, payload: bytes) -> list[frozenset[str]] | None:
        """Return the classes of each group of a payload; `None` where it is none of ours."""
        count = _GROUPS.get(payload[0], 0) - 1 if payload else -1
        sizes, body = payload[_HEAD_OCTETS:][:count], payload[_HEAD_OCTETS + count :]
        size = FINGERPRINT_OCTETS
        marks = [body[at : at + size] for at in range(0, len(body), size)]
        if count < 0 or len(sizes) < count or len(body) % size or sum(sizes) > len(marks):
            return None
        ends = [0, *accumulate(sizes), len(marks)]
        return [self._names(marks[start:end]) for start, end in pairwise(ends)]

    def _marks(self, names: Iterable[str]) -> list[bytes]:
        known = self._fingerprint_of
        return sorted(known[name] for name in names if name in known)

    def _names(self, marks: Iterable[bytes]) -> frozenset[str]:
        known = self._class_of
        return frozenset(known[mark] for mark in marks if mark in known)


class FormToken:
    """The token of our forms: the signed day, the same for every visitor."""

    __slots__ = ("_seal",)

    def __init__(self, keys: Sequence[str], site: str = "") -> None:
        self._seal = _Seal(keys, f"form.{site}", _TOKEN_OCTETS)

    def write(self, day: int) -> bytes:
        """Return the token of a day (days since 1970-01-01 UTC)."""
        return self._seal.close(min(max(day, 0), _LAST_DAY).to_bytes(2))

    def is_valid(self, value: bytes, today: int) -> bool:
        """Tell whether a token is of today or yesterday."""
        if len(value) > MAX_VALUE_OCTETS:
            return False
        payload = self._seal.open(value)
        return payload is not None and 0 <= today - int.from_bytes(payload) <= 1


class ReceiptSeal:
    """Signs receipts; the signature stands apart from what it signs.

    Args:
        keys: Secrets, oldest first; all verify, the last one signs.
        site: As for `ChoiceCodec`.
    """

    __slots__ = ("_seal",)

    def __init__(self, keys: Sequence[str], site: str = "") -> None:
        self._seal = _Seal(keys, f"receipt.{site}")

    def sign(self, text: bytes) -> str:
        """Return the signature of a text: base64url of its HMAC-SHA-256."""
        return self._seal.close(text).rpartition(b".")[2].decode("ascii")

    def is_valid(self, text: bytes, signature: str) -> bool:
        """Tell whether a signature is that of a text, by any of the keys."""
        value = _encode(text) + b"." + signature.encode("ascii", "replace")
        return self._seal.open(value) is not None
