"""What is left of a permit: its endorsements against its lines, exactly."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from gateway.errors import MalformedRequest
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


def standing(notices: Iterable[Notice]) -> tuple[Endorsement, ...]:
    """The endorsements that count: those that nobody of the same Party has reversed."""
    known = in_order(notices)
    endorsements = {each.id: each for each in known if isinstance(each, Endorsement)}
    for each in known:
        endorsement = endorsements.get(each.reverses) if isinstance(each, Reversal) else None
        if isinstance(each, Reversal) and endorsement is not None and may_reverse(each, endorsement):
            del endorsements[each.reverses]
    return tuple(endorsements.values())


def may_reverse(reversal: Reversal, endorsement: Endorsement) -> bool:
    """Only the authority that wrote something off takes it back."""
    return reversal.by == endorsement.by and reversal.permit == endorsement.permit


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
    """Whether nothing is left of any line."""
    left = [balance.left for balance in balances_ if balance.left is not None]
    return bool(left) and all(quantity.value <= 0 for quantity in left)
