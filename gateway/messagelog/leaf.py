"""
A leaf: the bytes that stand for an entry in the tree, the same whoever makes them.

It is JSON in the one way that leaves nothing open: the members sorted by name, no white space, UTF-8, moments
in UTC to the microsecond (RFC 3339). It says what happened, and of what may be personal only a digest. So the
words of an entry can be archived, or erased when the law asks for it, and the tree still verifies.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from gateway.errors import ProofRefused
from gateway.messagelog.entry import Entry, EntryKind

VERSION = 1
"""Of what a leaf holds; leaves are never made again, so each says how it was made."""

SALT_BYTES = 16
"""As many as a key of AES has: nobody guesses the words of an entry by trying some."""

KEY_BYTES = 32
"""Of the key of a log, as long as the digest that is made with it."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """What of an entry is never erased."""

    id: str
    at: str
    kind: str
    digest: str
    outcome: str
    message_id: str
    partner: str
    authority: str
    permit: str
    """HMAC-SHA-256 in hex of issuer and number under the key of the log; empty without a permit."""
    content: str
    """SHA-256 in hex of the content (`content_of`)."""
    v: int = VERSION

    def canonical(self) -> bytes:
        """The bytes that are hashed into the tree."""
        return canonical_json({name: getattr(self, name) for name in _MEMBERS})


_MEMBERS = tuple(each.name for each in fields(Leaf))
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
"""Made once: a million leaves are written with it when a log is verified."""


def canonical_json(value: Any) -> bytes:
    """JSON in the one way: sorted, without white space, in UTF-8."""
    return _ENCODER.encode(value).encode()


def leaf_of(entry: Entry, key: bytes) -> Leaf:
    """The leaf of an entry in the log with that key."""
    return Leaf(
        id=entry.id,
        at=written(entry.at),
        kind=entry.kind.value,
        digest=entry.digest,
        outcome=entry.outcome,
        message_id=entry.message_id,
        partner=entry.partner,
        authority=entry.authority,
        permit=permit_mark(entry.issuer, entry.number, key),
        content=hashlib.sha256(content_of(entry)).hexdigest(),
    )


def content_of(entry: Entry) -> bytes:
    """The words of an entry with its salt: what can be erased while its digest stays in the leaf."""
    return canonical_json(
        {
            "actor": entry.actor,
            "correlation_id": entry.correlation_id,
            "detail": entry.detail,
            "headers": dict(entry.headers),
            "issuer": entry.issuer,
            "number": entry.number,
            "salt": entry.salt.hex(),
        }
    )


def permit_mark(issuer: str, number: str, key: bytes) -> str:
    """By which the leaves of one permit are found by who has the key of the log, and by nobody else."""
    if not issuer and not number:
        return ""
    return hmac.new(key, f"{issuer}\n{number}".encode(), hashlib.sha256).hexdigest()


def written(at: datetime) -> str:
    """A moment as a leaf holds it: RFC 3339, UTC, six digits behind the second."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def read_leaf(data: bytes) -> Leaf:
    """
    What the bytes of a leaf say.

    Raises `ProofRefused` for anything but what `canonical` writes, to the last byte.
    """
    try:
        told = json.loads(data)
        leaf = Leaf(**told)
        EntryKind(leaf.kind)
        sound = leaf.v == VERSION and leaf.canonical() == data
    except (ValueError, TypeError, RecursionError):
        sound = False
    if not sound:
        raise ProofRefused(
            "the bytes of a leaf are not those that a message log writes",
            advice="fetch them again from whoever keeps the log",
        )
    return leaf
