"""What is kept of the tree beside the entries: records as flows and storage pass them."""

from dataclasses import dataclass
from datetime import datetime

from gateway.messagelog.entry import Entry


@dataclass(frozen=True, slots=True)
class Head:
    """What a log knows about itself."""

    origin: str
    """Its name in checkpoints, never that of another log."""
    permit_key: bytes
    """With which the leaves of one permit are marked (`leaf.permit_mark`)."""
    size: int = 0
    """Entries that have their place."""
    checkpoints: int = 0
    """How many were made: the number of the next one."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry that has its place."""

    seq: int
    """From 0."""
    entry_id: str
    leaf: bytes


@dataclass(frozen=True, slots=True)
class KeptCheckpoint:
    """A checkpoint as it is kept; what stands beside the note is there to find it."""

    number: int
    size: int
    root: bytes
    note: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Unplaced:
    """What waits for its place."""

    count: int = 0
    since: datetime | None = None
    """The time of the oldest one; None when nothing waits."""


@dataclass(frozen=True, slots=True)
class LeafRow:
    """A leaf with its entry, as both stand in the database."""

    placed: Placed
    entry: Entry | None
    """None when there is none with that id, or one that cannot be read."""
    content: bool = True
    """False when the words of the entry are not there any more; those of `entry` are empty then."""


@dataclass(frozen=True, slots=True)
class Strays:
    """A page of entries, and those of them that nobody will give a place."""

    last: str
    """The id of the last entry of the page; empty when the page is."""
    looked_at: int
    ids: tuple[str, ...]
