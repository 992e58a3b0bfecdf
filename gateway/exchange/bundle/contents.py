"""What a bundle is made of."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.exchange.message import Envelope
from gateway.exchange.receipts import Receipt

VERSION = 1
"""
Of what is written around the evidence. Bundles are verified years later by making them again, so whoever
changes a word of guide or manifest raises it, and keeps how the earlier one was made.
"""

MAX_BYTES = 32 * 1024 * 1024
"""An envelope of 5 MiB, its permit once more, a receipt of 1 MiB and the rest have less than half of it."""

ENVELOPE = "envelope.xml"
PERMIT = "permit.xml"
RECEIPT = "receipt.xml"
GUIDE = "README.txt"
MANIFEST = "manifest.json"


class Signed(StrEnum):
    """What a certificate of the bundle has signed."""

    RECEIPT = "receipt"
    ENVELOPE = "envelope"
    SEAL = "seal"
    """The permit inside the envelope, by the authority that issued it."""


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
class Bundle:
    """A message and its receipt, both read from what was signed."""

    envelope_bytes: bytes
    """Exactly as they were sent."""
    receipt_bytes: bytes
    """Exactly as they came."""
    envelope: Envelope
    receipt: Receipt
    certificates: tuple[BundledCertificate, ...]
    """In the order of `Signed`; the one of the seal may be missing."""
