"""What a bundle is made of."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.exchange.message import Envelope
from gateway.exchange.receipts import Receipt

VERSION = 2
"""
With what the log of the keeper shows; 1 had message and receipt alone.

Of what is written around the evidence. Bundles are verified years later by making them again, so whoever
changes a word of guide or manifest raises it, and keeps how the earlier one was made.
"""

MAX_BYTES = 32 * 1024 * 1024
"""An envelope of 5 MiB, its permit once more, a receipt of 1 MiB and the rest have less than half of it."""

ENVELOPE = "envelope.xml"
PERMIT = "permit.xml"
RECEIPT = "receipt.xml"
CHECKPOINT = "log/checkpoint.txt"
ENTRIES = "log/entries.json"
GUIDE = "README.txt"
MANIFEST = "manifest.json"


class Signed(StrEnum):
    """What a certificate of the bundle has signed."""

    RECEIPT = "receipt"
    ENVELOPE = "envelope"
    SEAL = "seal"
    """The permit inside the envelope, by the authority that issued it."""
    LOG = "log"
    """The checkpoint of the message log of whoever exported the evidence."""


CERTIFICATES = {signed: f"certificates/{signed}.pem" for signed in Signed}
"""The name of each certificate in the bundle."""


@dataclass(frozen=True, slots=True)
class BundledCertificate:
    """A certificate, as far as people must know it to recognise it."""

    signed: Signed
    pem: bytes
    subject: str
    """One printable line."""
    sha256: str
    """Of its DER form, in hex."""
    begins: datetime
    ends: datetime

    @property
    def file(self) -> str:
        """Its name in the bundle."""
        return CERTIFICATES[self.signed]


@dataclass(frozen=True, slots=True)
class BundledList:
    """A revocation list with the certificate of who made it."""

    data: bytes
    """DER."""
    issuer_pem: bytes
    issuer: str
    """One printable line."""
    issuer_sha256: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class LoggedEntry:
    """What one entry of the log says, in the words of a leaf."""

    at: str
    kind: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Logged:
    """What the log of whoever exported the evidence shows about the message."""

    checkpoint: bytes
    """Signed, as it is kept."""
    entries_file: bytes
    """The proofs, as they are kept."""
    origin: str
    size: int
    signed_at: datetime
    """By the clock of its signer."""
    rsa: bool
    """How the checkpoint is signed: RSA, or ECDSA."""
    entries: tuple[LoggedEntry, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """A message and its receipt, both read from what was signed, and what the log shows about them."""

    envelope_bytes: bytes
    """Exactly as they were sent."""
    receipt_bytes: bytes
    """Exactly as they came."""
    envelope: Envelope
    receipt: Receipt
    certificates: tuple[BundledCertificate, ...]
    """In the order of `Signed`; the one of the seal may be missing."""
    logged: Logged | None = None
    """None in bundles of version 1."""
    lists: tuple[BundledList, ...] = ()
    """Revocation lists that speak about the certificates."""

    @property
    def version(self) -> int:
        """Of what is written around the evidence."""
        return 1 if self.logged is None else VERSION

    def certificate(self, signed: Signed) -> BundledCertificate | None:
        """The certificate that signed something; None when it is not here."""
        return next((each for each in self.certificates if each.signed is signed), None)


def list_names(number: int) -> tuple[str, str]:
    """The names of a revocation list and of the certificate of who made it; the first one has number 1."""
    return f"revocation/{number}.crl", f"revocation/{number}-issuer.pem"
