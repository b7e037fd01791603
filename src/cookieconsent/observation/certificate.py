"""A certificate for a site that is served on loopback under its own name while it is looked at.

Nobody trusts it but who is told of it: the browser and the client of one audit.
May not enter: who serves, who asks.
"""

from __future__ import annotations

import hashlib
import ssl
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field

from cookieconsent.observation.answer import ObservationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate, and who needs what of it."""

    pem: bytes = field(repr=False)
    """Its key and itself, for the server."""
    trust: ssl.SSLContext
    """What a client of the standard library believes it by."""
    key_digest: str
    """What Chromium believes it by: the SHA-256 of its public key, in base 64."""


def certificate(hosts: Sequence[str]) -> Certificate:
    """Return a new certificate for these hosts.

    Raises:
        ObservationError: What makes it is not installed.
    """
    try:
        import trustme  # noqa: PLC0415 - an extra
    except ImportError:
        raise ObservationError(
            "an application is served to a browser with trustme. Install cookieconsent[browser]."
        ) from None
    authority = trustme.CA()
    leaf = authority.issue_cert(*hosts)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    return Certificate(
        pem=leaf.private_key_and_cert_chain_pem.bytes(),
        trust=trust,
        key_digest=_key_digest(leaf.cert_chain_pems[0].bytes()),
    )


def _key_digest(certificate_pem: bytes) -> str:
    # trustme brings it.
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - an extra
        Encoding,
        PublicFormat,
    )
    from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415 - an extra

    key = load_pem_x509_certificate(certificate_pem).public_key()
    octets = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(hashlib.sha256(octets).digest()).decode("ascii")
