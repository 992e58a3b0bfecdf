"""
What the QR code of a drawn permit says: which permit it is, and which bytes.

It is no address: a permit number never becomes part of one, and whoever reads the code looks the permit up
with the gateway that they trust.
"""

import segno

from gateway.permits.model import Permit

VERSION = "1"
"""Of the layout of the reference."""
DIGEST_LENGTH = 32
"""Hexadecimal digits of the digest: 128 bits, beyond what anybody can make collide on purpose."""
MAX_SYMBOL_BYTES = 200
"""More would make squares that a telephone cannot read when the code is 26 mm wide."""
BORDER = 4
"""Modules of white around the code (ISO/IEC 18004, 6.3.8)."""


def reference(permit: Permit, digest: str) -> str:
    """
    Which permit and which document: `CITES:1:CH:E:9f86d081884c7d659a2feaa0c55ad015:CH-2026-000123`.

    `digest` is the SHA-256 of the document's original bytes in hexadecimal; its first 32 digits are used.
    Issuer and type are empty when the permit does not say them. The number comes last, because it may hold
    anything, a colon too.
    """
    parts = (VERSION, permit.issuer, permit.type_code, digest[:DIGEST_LENGTH], permit.number_text)
    return "CITES:" + ":".join(parts)


def symbol(text: str) -> segno.QRCode | None:
    """The QR code of a reference, which still reads with 15 % of it damaged; None when it is too long."""
    if len(text.encode()) > MAX_SYMBOL_BYTES:
        return None
    return segno.make_qr(text, error="M", encoding="utf-8", boost_error=False)
