"""An entry with all that shows that it is in a log, as JSON that has one spelling."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.errors import ProofRefused
from gateway.messagelog.checkpoint import Checkpoint
from gateway.messagelog.leaf import Leaf, read_leaf
from gateway.messagelog.proof import Proof, check_inclusion
from gateway.messagelog.tree import leaf_hash

FORMAT = "ecites-log-proof"
VERSION = 1
MAX_ENTRIES = 10_000
"""About one message there are a dozen."""


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """A leaf with its place and its proof; `check` shows whether it holds."""

    place: int
    """From 0."""
    leaf: bytes
    content: bytes | None
    """The words of the entry as they were hashed (`leaf.content_of`); None when they are gone."""
    path: Proof

    @property
    def said(self) -> Leaf:
        """What the leaf says; raises `ProofRefused` when it cannot be read."""
        return read_leaf(self.leaf)

    @property
    def words(self) -> dict[str, Any]:
        """What the content says; empty when it is not there."""
        return json.loads(self.content) if self.content is not None else {}

    def check(self, checkpoint: Checkpoint) -> None:
        """Raises `ProofRefused` unless it is in the log of that checkpoint with these words."""
        leaf = self.said
        if self.content is not None and hashlib.sha256(self.content).hexdigest() != leaf.content:
            raise ProofRefused(
                f"the words of entry {leaf.id} are not those that were logged",
                advice="ask for the proof again",
            )
        check_inclusion(leaf_hash(self.leaf), self.place, checkpoint.size, self.path, checkpoint.root)


def write_proofs(origin: str, size: int, entries: Sequence[ProvenEntry]) -> bytes:
    """The proofs of entries in the log of that name when it had so many entries."""
    told = {
        "format": FORMAT,
        "version": VERSION,
        "origin": origin,
        "size": size,
        "entries": [
            {
                "place": each.place,
                "leaf": each.leaf.decode(),
                "content": None if each.content is None else each.content.decode(),
                "path": [base64.b64encode(step).decode("ascii") for step in each.path],
            }
            for each in entries
        ],
    }
    return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()


def read_proofs(data: bytes) -> tuple[str, int, tuple[ProvenEntry, ...]]:
    """
    Name and size of the log, and the entries, none of which is proven.

    Raises `ProofRefused` for anything but what `write_proofs` writes, to the last byte.
    """
    try:
        told = json.loads(data)
        entries = tuple(
            ProvenEntry(
                int(each["place"]),
                each["leaf"].encode(),
                None if each["content"] is None else each["content"].encode(),
                tuple(base64.b64decode(step, validate=True) for step in each["path"]),
            )
            for each in told["entries"]
        )
        origin, size = str(told["origin"]), int(told["size"])
        sound = len(entries) <= MAX_ENTRIES and write_proofs(origin, size, entries) == data
        for entry in entries:
            sound = sound and isinstance(entry.words, dict)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        sound = False
    if not sound:
        raise ProofRefused(
            "these are no proofs of entries of a log as this program writes them",
            advice="ask for them again; a newer program may be needed",
        )
    return origin, size, entries
