"""
The token of a permit: a word on the paper that whoever asks about the permit must know.

It is kept as a salted hash that costs something to compute, because an authority may choose a short one.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from enum import StrEnum

from gateway.errors import MalformedRequest

SHORTEST, LONGEST = 8, 64
"""Characters of a token."""
SALT_BYTES = 16

_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""Without those that are read as others."""
_GROUPS, _GROUP = 4, 4
"""16 of 30 letters: 78 bits."""
_COST, _BLOCK, _LANES, _SIZE = 2**12, 8, 1, 32
"""scrypt (RFC 7914): 4 MiB and some ten milliseconds."""


class TokenPolicy(StrEnum):
    """Whether an authority gives its permits tokens."""

    NONE = "none"
    """Never; one that comes is refused."""
    OPTIONAL = "optional"
    """As each permit is submitted."""
    REQUIRED = "required"
    """Always; the gateway makes one for a permit that comes without."""


@dataclass(frozen=True, slots=True)
class TokenHash:
    """What is kept of a token."""

    salt: bytes
    digest: bytes


NOBODYS = TokenHash(b"\0" * SALT_BYTES, b"\0" * _SIZE)
"""Fits no token: compared with where there is none, so that the answer takes as long."""


def new_token() -> str:
    """A token that can be read aloud, for example `K7QM-2XVB-9HTD-RW4E`."""
    letters = [secrets.choice(_LETTERS) for _ in range(_GROUPS * _GROUP)]
    return "-".join("".join(letters[start : start + _GROUP]) for start in range(0, len(letters), _GROUP))


def checked(token: str) -> str:
    """The token as it came; raises `MalformedRequest`, which does not repeat it."""
    if not SHORTEST <= len(token) <= LONGEST or not all("!" <= letter <= "~" for letter in token):
        raise MalformedRequest(
            f"a token of a permit has {SHORTEST} to {LONGEST} characters of ASCII, without white space",
            advice="send the token as it stands on the permit",
        )
    return token


def hashed(token: str, salt: bytes = b"") -> TokenHash:
    """What is kept of a token; without a salt, with a new one."""
    salt = salt or secrets.token_bytes(SALT_BYTES)
    digest = hashlib.scrypt(token.encode(), salt=salt, n=_COST, r=_BLOCK, p=_LANES, dklen=_SIZE)
    return TokenHash(salt, digest)


def fits(token: str, kept: TokenHash) -> bool:
    """Whether a token is the one that is kept; compared in constant time."""
    return hmac.compare_digest(hashed(token, kept.salt).digest, kept.digest)
