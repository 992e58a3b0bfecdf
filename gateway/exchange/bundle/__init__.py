"""
The bundle: a message and its receipt in one archive, for somebody who has nothing of ours.

Everything in it, the archive included, follows from the envelope, the receipt and the certificates that
signed them. Who verifies it makes it once more and compares, so that no byte of it can be changed unnoticed.
"""

from gateway.exchange.bundle.archive import pack, unpack
from gateway.exchange.bundle.claims import LIMITS, claims_of, in_words
from gateway.exchange.bundle.contents import (
    CERTIFICATES,
    ENVELOPE,
    MANIFEST,
    MAX_BYTES,
    PERMIT,
    RECEIPT,
    VERSION,
    Bundle,
    BundledCertificate,
    Signed,
)
from gateway.exchange.bundle.files import files_of

__all__ = [
    "CERTIFICATES",
    "ENVELOPE",
    "LIMITS",
    "MANIFEST",
    "MAX_BYTES",
    "PERMIT",
    "RECEIPT",
    "VERSION",
    "Bundle",
    "BundledCertificate",
    "Signed",
    "claims_of",
    "files_of",
    "in_words",
    "pack",
    "unpack",
]
