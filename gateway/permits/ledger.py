"""What is left of a permit: its endorsements against its lines, exactly."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from gateway.errors import MalformedRequest
from gateway.permits.identity import Role
from gateway.permits.lifecycle import in_order
from gateway.permits.model import Permit
from gateway.permits.notices import Endorsement, Notice, Reversal, Side, WrittenOff
from gateway.permits.quantities import Quantity, convert, total

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Balance:
    """One line of a permit, everything in its own unit."""

    line: str
    authorised: Quantity | None
    """Box 11; None when the line has no quantity."""
    exported: Quantity
    imported: Quantity
    dead: Quantity
    """Dead on arrival."""

    @property
    def left(self) -> Quantity | None:
        """What may still leave; less than nothing when two offices did not know of each other."""
        if self.authorised is None:
            return None
        return Quantity(self.authorised.value - self.exported.value, self.authorised.unit)

    def used(self, side: Side) -> Quantity:
        """What was written off at one border."""
        return self.exported if side is Side.EXPORT else self.imported


def standing(notices: Iterable[Notice], permit: Permit) -> tuple[Endorsement, ...]:
    """
    The endorsements that count, oldest first: made by customs at their own border, and not reversed.

    What customs of another border have written off may be here, because it came before its permit.
    """
    return tuple(each for each in not_taken_back(notices) if at_own_border(each, permit))


def not_taken_back(notices: Iterable[Notice]) -> tuple[Endorsement, ...]:
    """The endorsements that nobody has reversed, oldest first, whoever made them at whichever border."""
    known = in_order(notices)
    taken_back = [each for each in known if isinstance(each, Reversal)]
    return tuple(
        each
        for each in known
        if isinstance(each, Endorsement) and not any(may_reverse(reversal, each) for reversal in taken_back)
    )


def border_of(side: Side, permit: Permit) -> str:
    """The Party whose customs write off there; empty when the permit names none."""
    return permit.exporter_country if side is Side.EXPORT else permit.importer_country


def at_own_border(endorsement: Endorsement, permit: Permit) -> bool:
    """Whether its author are the customs of that border."""
    by = endorsement.by
    return by.role is Role.CUSTOMS and by.party == border_of(endorsement.side, permit)


def may_reverse(reversal: Reversal, endorsement: Endorsement) -> bool:
    """Whether it takes back that endorsement, which only the authority that made it can."""
    return (reversal.by, reversal.permit, reversal.reverses) == (
        endorsement.by,
        endorsement.permit,
        endorsement.id,
    )


def balances(permit: Permit, endorsements: Iterable[Endorsement]) -> tuple[Balance, ...]:
    """
    The balance of each line, in the order of the permit.

    Endorsements of lines that the permit does not have, or in units that do not convert, are left out: they
    are refused where they are made, and reported where they come from elsewhere.
    """
    counted = tuple(endorsements)
    return tuple(_balance(line.letter, line.quantity, counted) for line in permit.lines)


def in_unit_of(written: WrittenOff, authorised: Quantity) -> tuple[Quantity, Decimal]:
    """
    What was written off, and how much of it was dead, in the unit of the line.

    Raises `MalformedRequest` when that is not exact.
    """
    quantity = convert(written.quantity, authorised.unit)
    dead = (
        convert(Quantity(written.dead, written.quantity.unit), authorised.unit).value
        if written.dead
        else ZERO
    )
    return quantity, dead


def _balance(letter: str, authorised: Quantity | None, endorsements: tuple[Endorsement, ...]) -> Balance:
    """One line."""
    unit = authorised.unit if authorised else None
    sums = {Side.EXPORT: ZERO, Side.IMPORT: ZERO}
    dead = ZERO
    for endorsement in endorsements:
        for written in endorsement.lines:
            if written.line != letter:
                continue
            try:
                quantity, lost = in_unit_of(written, authorised or Quantity(ZERO))
            except MalformedRequest:
                continue
            sums[endorsement.side] = _sum(sums[endorsement.side], quantity.value)
            dead = _sum(dead, lost)
    return Balance(
        letter,
        authorised,
        Quantity(sums[Side.EXPORT], unit),
        Quantity(sums[Side.IMPORT], unit),
        Quantity(dead, unit),
    )


def _sum(one: Decimal, other: Decimal) -> Decimal:
    """Exactly, however many digits there are."""
    return total((Quantity(one), Quantity(other))).value


def used_up(balances_: Iterable[Balance]) -> bool:
    """Whether nothing is left of any line, at whichever border it was written off."""
    known = [(each.authorised, max(each.used(side).value for side in Side)) for each in balances_]
    left = [authorised.value - used for authorised, used in known if authorised is not None]
    return bool(left) and all(value <= 0 for value in left)
