"""What is kept about a permit, beside its original bytes."""

from dataclasses import dataclass
from datetime import datetime

from gateway.permits.identity import PermitRef
from gateway.permits.notices import Notice


@dataclass(frozen=True, slots=True)
class PermitRecord:
    """A stored permit."""

    id: str
    """UUIDv7."""
    ref: PermitRef
    version: str
    type_code: str
    exporter: str
    importer: str
    valid_until: datetime | None
    digest: str
    """SHA-256 in hex of `original`."""
    original: bytes
    """The sealed document exactly as it came or was issued."""
    received_at: datetime
    """When it was stored: proves that the seal existed then."""


@dataclass(frozen=True, slots=True)
class HeldPermit:
    """What can be said of a stored permit before its document is read; nothing of it is proven."""

    ref: PermitRef
    exporter: str
    importer: str
    valid_until: datetime | None
    notices: tuple[Notice, ...] = ()
    """Every notice about it, by id."""


@dataclass(frozen=True, slots=True)
class PermitHead:
    """A stored permit as a line of a list: nothing of its document is read, and nothing is proven."""

    id: str
    ref: PermitRef
    type_code: str
    exporter: str
    importer: str
    valid_from: datetime | None
    """None also for what was stored before this was kept."""
    valid_until: datetime | None
    received_at: datetime
    notices: tuple[Notice, ...] = ()
    """Every notice about it, by id."""
