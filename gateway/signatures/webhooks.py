"""Signatures of webhooks: HMAC-SHA256 as the Standard Webhooks specification 1.0 says it."""

import base64
import contextlib
import hashlib
import hmac
import secrets
from collections.abc import Iterable

from gateway.errors import KeyMaterialError

PREFIX = "whsec_"
"""Before the base64 of a symmetric secret (Standard Webhooks, Signature scheme)."""
LEAST_BYTES = 24
MOST_BYTES = 64
"""Of a secret (Standard Webhooks, Signature scheme: between 24 and 64 bytes)."""
NEW_BYTES = 32


def new_secret() -> str:
    """A secret that nobody guesses, as both sides write it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(NEW_BYTES)).decode("ascii")


def read_secret(text: str, where: str) -> bytes:
    """
    The bytes of a secret; `where` says in an error what was read.

    Raises `KeyMaterialError` when it is not `whsec_` and the base64 of 24 to 64 bytes.
    """
    secret = b""
    if text.startswith(PREFIX):
        with contextlib.suppress(ValueError):
            secret = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    if not LEAST_BYTES <= len(secret) <= MOST_BYTES:
        raise KeyMaterialError(
            f"{where} holds no secret of a webhook",
            advice=f"it is one line: {PREFIX} and the base64 of {LEAST_BYTES} to {MOST_BYTES} bytes; "
            "make one with: ecites webhook new",
        )
    return secret


def signature(known: Iterable[bytes], webhook_id: str, timestamp: int, body: bytes) -> str:
    """
    The header `webhook-signature`: one signature with each secret, with a space between two.

    While a secret is replaced there are two, and the receiver may have either.
    """
    signed = b".".join((webhook_id.encode(), str(timestamp).encode(), body))
    return " ".join(
        "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode("ascii")
        for secret in known
    )
