"""
The bundle: a message, its receipt and what is logged about them, for somebody who has nothing of ours.

Everything in it, the archive included, follows from the envelope, the receipt, the proofs of the log, the
revocation lists and the certificates that signed them. Who verifies it makes it once more and compares, so
that no byte of it can be changed unnoticed.
"""

from gateway.exchange.bundle.archive import pack, unpack
from gateway.exchange.bundle.claims import claims_of, in_words, limits_of
from gateway.exchange.bundle.contents import (
    CERTIFICATES,
    CHECKPOINT,
    ENTRIES,
    ENVELOPE,
    MANIFEST,
    MAX_BYTES,
    PERMIT,
    RECEIPT,
    VERSION,
    Bundle,
    BundledCertificate,
    BundledList,
    Logged,
    LoggedEntry,
    Signed,
    list_names,
)
from gateway.exchange.bundle.files import files_of

__all__ = [
    "CERTIFICATES",
    "CHECKPOINT",
    "ENTRIES",
    "ENVELOPE",
    "MANIFEST",
    "MAX_BYTES",
    "PERMIT",
    "RECEIPT",
    "VERSION",
    "Bundle",
    "BundledCertificate",
    "BundledList",
    "Logged",
    "LoggedEntry",
    "Signed",
    "claims_of",
    "files_of",
    "in_words",
    "limits_of",
    "list_names",
    "pack",
    "unpack",
]
