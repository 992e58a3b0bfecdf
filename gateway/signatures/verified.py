"""The type that remembers what was proven."""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from lxml import etree

from gateway.signatures.revocation import RevocationState

_PROOF = object()
"""Held by `signatures/verify.py` alone; without it no `VerifiedDocument` can be made."""


@dataclass(frozen=True, slots=True)
class VerifiedDocument:
    """
    A document whose signature held, against a certificate that we trust.

    Only `verify()` makes one. Everything downstream reads `root`, which is parsed from the bytes that were
    signed, never the bytes that came (promise 3).
    """

    original: bytes
    """The bytes exactly as they came, with the signature; kept for ever (promise 8)."""
    signed_bytes: bytes
    """The canonical bytes that the signature covers."""
    root: etree._Element
    """The document element parsed from `signed_bytes`; it has no signature inside."""
    certificate: x509.Certificate
    """The registered certificate against which the signature held."""
    proof: object
    signing_time: datetime | None = None
    """When the signer claims to have signed (XAdES SigningTime), which proves nothing; None without claim."""
    revocation: RevocationState | None = None
    """What the revocation lists say about the certificate; None when nobody supplied a list."""

    def __post_init__(self) -> None:
        """Refuse to exist unless `verify()` made it."""
        if self.proof is not _PROOF:
            raise TypeError("only gateway.signatures.verify makes a VerifiedDocument")
