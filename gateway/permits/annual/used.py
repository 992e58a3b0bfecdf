"""What crossed a border on a permit, as the ledger of endorsements tells it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from gateway.permits.identity import PermitRef
from gateway.permits.model import Line, Permit
from gateway.permits.quantities import Quantity


class Side(StrEnum):
    """At which border: that of the country of export or that of the country of import."""

    EXPORT = "E"
    """The letter that the trade database knows a report of exports by."""
    IMPORT = "I"


@dataclass(frozen=True, slots=True)
class UsedLine:
    """One line of one consignment that crossed a border."""

    permit: Permit
    """The document that it was written off."""
    ref: PermitRef
    line: Line
    side: Side
    quantity: Quantity
    """What crossed, the dead with it; not what was permitted."""
    on: date
    """The day at the border."""
    dead: Decimal | None = None
    """How much of `quantity` was dead on arrival, in the same unit; None when nobody said."""


@dataclass(frozen=True, slots=True)
class LineUse:
    """One line of a permit and all that was written off it; None means that nobody said."""

    letter: str
    authorised: Quantity | None = None
    """Box 11."""
    exported: Quantity | None = None
    imported: Quantity | None = None
    dead: Quantity | None = None
    """Dead on arrival, a part of `imported`."""
    left: Quantity | None = None
    """What may still cross; negative when too much did."""


@dataclass(frozen=True, slots=True)
class PermitUse:
    """A permit and all that was written off it."""

    ref: PermitRef
    permit: Permit
    lines: tuple[LineUse, ...] = ()
    first_used: date | None = None
    last_used: date | None = None
    """None, as `first_used`, for a permit that was never used."""
    exports: int = 0
    """Consignments at the border of export."""
    imports: int = 0
    """Consignments at the border of import."""

    @property
    def used(self) -> bool:
        """Whether anything was written off."""
        return self.last_used is not None or bool(self.exports or self.imports)

    @property
    def last_day(self) -> date | None:
        """The last day of the permit (Box 2); None when it names none."""
        end = self.permit.valid_until
        return end.date() if end else None
