"""A secret that somebody else and we share, in a file of its own."""

from pathlib import Path

from gateway.errors import KeyMaterialError

MIN_SECRET = 32
"""Characters; 16 random bytes in hex, which nobody guesses."""

_ADVICE = "make one with: openssl rand -hex 32"


def read_secret(file: Path, whose: str) -> bytes:
    """
    The secret in a file, without the line end after it; `whose` says in an error what it is for.

    Raises `KeyMaterialError` when it is missing or too short.
    """
    try:
        secret = file.read_bytes().strip()
    except OSError as error:
        raise KeyMaterialError(
            f"the secret {file} of {whose} cannot be read: {error.strerror}", advice=_ADVICE
        ) from None
    if len(secret) < MIN_SECRET:
        raise KeyMaterialError(
            f"the secret {file} of {whose} has fewer than {MIN_SECRET} characters", advice=_ADVICE
        )
    return secret
