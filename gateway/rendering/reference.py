"""
What the QR code of a drawn permit says: which permit it is, and which bytes, or a signed statement of both.

It is no address: a permit number never becomes part of one, and whoever reads the code looks the permit up
with the gateway that they trust.
"""

import segno

from gateway.errors import MalformedRequest
from gateway.permits.model import Permit

VERSION = "1"
"""Of the layout of the reference."""
DIGEST_LENGTH = 32
"""Hexadecimal digits of the digest: 128 bits, beyond what anybody can make collide on purpose."""
MAX_SYMBOL_BYTES = 200
"""More would make squares that a telephone cannot read when the code is 26 mm wide."""
STRONG_STATEMENT_BYTES = 700
"""Up to so many a statement reads with 15 % of its code damaged, beyond with 7 %: its squares get small."""
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


def statement_symbol(text: str) -> segno.QRCode:
    """
    The QR code of a signed statement.

    Raises `MalformedRequest` when it is too long for any.
    """
    try:
        return segno.make_qr(
            text, error="M" if len(text) <= STRONG_STATEMENT_BYTES else "L", boost_error=False
        )
    except segno.DataOverflowError:
        raise MalformedRequest(
            "the statement is too long for a QR code",
            advice="sign it with an ECDSA key, which needs less room",
        ) from None


def symbol_of(reference: str, statement: str) -> segno.QRCode | None:
    """The QR code of a form: its statement when there is one, else its reference."""
    return statement_symbol(statement) if statement else symbol(reference)
