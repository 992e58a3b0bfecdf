"""
What happens to a permit after it was issued: changes of its status, and what customs wrote off.

A notice never changes and is never taken back; what was wrong is answered by another one. Every gateway that
has the same notices comes to the same conclusions, in whatever order they came.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.quantities import Quantity


class PermitStatus(StrEnum):
    """Where a permit stands."""

    ISSUED = "issued"
    AMENDED = "amended"
    """The Management Authority has changed something about it; it may be used."""
    SUSPENDED = "suspended"
    REPLACED = "replaced"
    """Another permit stands for it."""
    CANCELLED = "cancelled"
    LOST = "lost"
    STOLEN = "stolen"
    RETURNED_UNUSED = "returned-unused"
    REFUSED_AT_BORDER = "refused-at-border"
    EXPIRED = "expired"
    """Its last day is over. Nobody says so: the calendar does."""
    PARTLY_USED = "partly-used"
    """Something was written off, something is left. Nobody says so: the ledger does."""
    USED = "used"
    """Nothing is left. Nobody says so: the ledger does."""


class Side(StrEnum):
    """At which border something was written off."""

    EXPORT = "export"
    """Box 14."""
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Notice:
    """What every notice says."""

    id: str
    """UUIDv7, given by the gateway of the authority that made it."""
    permit: PermitRef
    by: AuthorityId
    """Whose word it is."""
    at: datetime
    """When it was made; aware."""


@dataclass(frozen=True, slots=True)
class StatusChange(Notice):
    """An authority says where a permit stands from now on."""

    status: PermitStatus
    reason: str
    replaced_by: str = ""
    """Number of the permit that stands for a replaced one."""


@dataclass(frozen=True, slots=True)
class WrittenOff:
    """One line of an endorsement."""

    line: str
    """Letter of the line."""
    quantity: Quantity
    dead: Decimal = Decimal(0)
    """Of those, dead on arrival; in the same unit."""


@dataclass(frozen=True, slots=True)
class Endorsement(Notice):
    """One consignment, as a customs office wrote it off."""

    side: Side
    on: date
    """The day on which it crossed."""
    office: str
    """Name or code of the customs office."""
    officer: str = ""
    """The officer's reference, not a name."""
    customs_document: str = ""
    """Number of the customs declaration."""
    customs_document_type: str = ""
    transport_document: str = ""
    """Bill of lading or air waybill (Box 15)."""
    remarks: str = ""
    lines: tuple[WrittenOff, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Reversal(Notice):
    """An endorsement was a mistake: it counts no more, and stays where it was."""

    reverses: str
    """Id of the endorsement."""
    reason: str
