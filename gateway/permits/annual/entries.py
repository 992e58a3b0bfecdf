"""
From endorsements to what crossed: which of them count, of which line, in which unit.

What does not count is told with the reason: in a report nothing is silently left out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from gateway.errors import MalformedRequest
from gateway.permits import notices
from gateway.permits.annual.used import LineUse, PermitUse, Side, UsedLine
from gateway.permits.codes import SPECIMENS
from gateway.permits.identity import PermitRef
from gateway.permits.ledger import in_unit_of
from gateway.permits.model import Line, Permit
from gateway.permits.notices import Endorsement, WrittenOff
from gateway.permits.quantities import Quantity, total
from gateway.permits.writing_off import whose_border
from gateway.wording import Words, say

_SIDES = {notices.Side.EXPORT: Side.EXPORT, notices.Side.IMPORT: Side.IMPORT}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of one consignment."""

    consignment: str
    """Id of the endorsement; empty when nobody wrote it down."""
    line: Line
    side: Side
    on: date
    quantity: Quantity
    """In the unit of the line when there is an exact amount in it, else as customs wrote it."""
    dead: Decimal | None = None
    """Dead on arrival, in the same unit; None when nobody said."""


@dataclass(frozen=True, slots=True)
class Entries:
    """What counts, and why the rest does not."""

    counted: tuple[Entry, ...]
    uncounted: tuple[str, ...] = ()
    """Sentences, usually `Words`."""


def entries_of(permit: Permit, endorsements: Iterable[Endorsement]) -> Entries:
    """
    What the endorsements that stand say about the lines of a permit.

    Not counted: what was written off by others than the customs of the Party whose border it is, which can
    come before the permit does, and lines that the permit does not have.
    """
    lines = {line.letter: line for line in permit.lines}
    counted: list[Entry] = []
    uncounted: list[str] = []
    for endorsement in endorsements:
        if foreign := [finding.message for finding in whose_border(endorsement, permit)]:
            uncounted += foreign
            continue
        for written in endorsement.lines:
            if written.line in lines:
                counted.append(_entry(endorsement, written, lines[written.line]))
            else:
                uncounted.append(
                    say(
                        "{who} wrote off {quantity} of line {line} on {day}, and the permit has no such "
                        "line; ask the office {office}",
                        who=str(endorsement.by),
                        quantity=written.quantity,
                        line=written.line,
                        day=endorsement.on,
                        office=endorsement.office,
                    )
                )
    return Entries(tuple(counted), tuple(uncounted))


def as_permitted(permit: Permit, on: date) -> tuple[Entry, ...]:
    """What counts as exported on the day `on` where customs write nothing: Box 11 of every line."""
    return tuple(
        Entry("", line, Side.EXPORT, on, line.quantity) for line in permit.lines if line.quantity is not None
    )


def used_lines(ref: PermitRef, permit: Permit, counted: Iterable[Entry]) -> Iterator[UsedLine]:
    """The entries for the annual report."""
    for each in counted:
        yield UsedLine(permit, ref, each.line, each.side, each.quantity, each.on, each.dead)


def permit_use(
    ref: PermitRef, permit: Permit, counted: Iterable[Entry]
) -> tuple[PermitUse, tuple[Words, ...]]:
    """
    The permit and all that was written off it, and which amounts do not add up.

    When something was written off at a border, a line that was not named had nothing of it there.
    """
    entries = tuple(counted)
    days = [each.on for each in entries]
    uses, apart = [], list[Words]()
    for line in permit.lines:
        use, words = _line_use(line, entries)
        uses.append(use)
        apart += words
    whole = PermitUse(
        ref,
        permit,
        tuple(uses),
        first_used=min(days, default=None),
        last_used=max(days, default=None),
        exports=_consignments(entries, Side.EXPORT),
        imports=_consignments(entries, Side.IMPORT),
    )
    return whole, tuple(apart)


def _entry(endorsement: Endorsement, written: WrittenOff, line: Line) -> Entry:
    """One line of an endorsement in the unit of the permit; as written when that is not exact."""
    quantity, dead = written.quantity, written.dead
    if line.quantity is not None:
        try:
            quantity, dead = in_unit_of(written, line.quantity)
        except MalformedRequest:
            quantity, dead = written.quantity, written.dead
    return Entry(endorsement.id, line, _SIDES[endorsement.side], endorsement.on, quantity, dead or None)


def _consignments(entries: Iterable[Entry], side: Side) -> int:
    """How many passed one border."""
    return len({each.consignment for each in entries if each.side is side})


def _line_use(line: Line, entries: tuple[Entry, ...]) -> tuple[LineUse, list[Words]]:
    """One line: its amounts at both borders, and what does not add up."""
    authorised, apart = line.quantity, list[Words]()
    unit = authorised.unit if authorised else None

    def added(quantities: list[Quantity]) -> Quantity | None:
        """The sum; None when their units do not measure the same, which is told."""
        if not quantities:
            return Quantity(Decimal(0), unit)
        first = quantities[0].unit
        try:
            whole = total(quantities)
        except MalformedRequest as error:
            apart.append(
                say(
                    "the amounts of line {letter} are not added up, because {reason}; add them up by hand",
                    letter=line.letter,
                    reason=error.message,
                )
            )
            return None
        return Quantity(whole.value, first) if whole.unit == (first or SPECIMENS) else whole

    def at(side: Side) -> Quantity | None:
        """What passed one border; None when nothing at all was written off there."""
        there = [each for each in entries if each.side is side]
        return added([each.quantity for each in there if _same(each, line)]) if there else None

    exported, imported = at(Side.EXPORT), at(Side.IMPORT)
    dead = [
        Quantity(each.dead, each.quantity.unit)
        for each in entries
        if _same(each, line) and each.dead is not None
    ]
    left = authorised
    if authorised is not None and exported is not None:
        left = added([authorised, Quantity(exported.value.copy_negate(), exported.unit)])
    use = LineUse(line.letter, authorised, exported, imported, added(dead) if dead else None, left)
    return use, apart


def _same(entry: Entry, line: Line) -> bool:
    """Whether an entry is about a line."""
    return entry.line.letter == line.letter
