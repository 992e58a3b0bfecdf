"""Whether the permits of a Party and their use agree."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from gateway.flows.known_permit import Known
from gateway.flows.ports import Node
from gateway.flows.usage import (
    Moved,
    counts_as_permitted,
    each_known,
    each_missing,
    missing_remark,
    remark_on_silence,
)
from gateway.permits.annual import reconciliation
from gateway.permits.annual.entries import Entry, as_permitted, entries_of, permit_use
from gateway.permits.annual.essence import essence_of
from gateway.permits.annual.reconciliation import Reconciliation
from gateway.permits.annual.remarks import About, Remark, complete, in_order
from gateway.permits.annual.tolerance import DEFAULT, Tolerance
from gateway.permits.annual.used import PermitUse, Side
from gateway.permits.findings import Severity
from gateway.permits.ledger import not_taken_back
from gateway.permits.record import HeldPermit


@dataclass(frozen=True, slots=True)
class ReconciliationMade:
    """The reconciliation, and what a reader must know beside."""

    reconciliation: Reconciliation
    remarks: tuple[Remark, ...]

    @property
    def good(self) -> bool:
        """Whether no permit has an error, and nothing is missing."""
        permits = self.reconciliation.permits
        return complete(self.remarks) and all(each.severity is not Severity.ERROR for each in permits)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose permits, and of which period."""

    party: str
    first: date
    last: date
    on: date

    def has(self, day: date) -> bool:
        """
        Whether a day may belong to the period.

        The day of a permit is in its own zone and may differ by one from that in UTC, so that this is a day
        wider; the reconciliation itself decides exactly.
        """
        ordinal = day.toordinal()
        return self.first.toordinal() - 1 <= ordinal <= self.last.toordinal() + 1


async def reconcile(
    party: str, first: date, last: date, node: Node, moved: Moved, tolerance: Tolerance = DEFAULT
) -> ReconciliationMade:
    """
    The permits of a Party (alpha-2) in the period from `first` to `last`, both counted.

    1. Permits that it issued, and those of others that its customs wrote off; those of the period alone.
    2. Each is proven; one that cannot be is told, and is not in the reconciliation.
    3. What was written off at both borders, and stands, against what is permitted. Where customs write
       nothing and the issuing Party says that this means use, what is permitted counts, and that is told.
    4. What customs of the Party wrote off permits that are not here is told.
    5. They are compared.

    Raises `MalformedRequest` when the period ends before it begins.
    """
    at = node.clock.now()
    asked = _Asked(party, first, last, at.date())
    uses: list[PermitUse] = []
    remarks: list[Remark] = []
    # 1
    async for known in each_known(party, lambda held: _wanted(held, asked), node, moved):
        # 2
        if isinstance(known, Remark):
            remarks.append(known)
            continue
        # 3
        use, told = _use(known, node, at)
        if _belongs(use, asked):
            uses.append(use)
            remarks += told
    # 4
    async for ref, endorsements in each_missing(party, node):
        if any(first <= each.on <= last for each in endorsements):
            remarks.append(missing_remark(ref, endorsements))
    # 5
    compare = partial(reconciliation.reconcile, first=first, last=last, on=asked.on, tolerance=tolerance)
    compared = await asyncio.to_thread(compare, uses)  # beside the event loop: there may be many
    return ReconciliationMade(compared, in_order(remarks))


def _wanted(held: HeldPermit, asked: _Asked) -> bool:
    """Whether a permit may belong there, by what is kept beside its document; rather once too often."""
    counted = not_taken_back(held.notices)
    if held.ref.issuer != asked.party and not any(each.by.party == asked.party for each in counted):
        return False
    ends = held.valid_until.date() if held.valid_until else asked.on
    return asked.has(ends) or any(asked.has(each.on) for each in counted)


def _belongs(use: PermitUse, asked: _Asked) -> bool:
    """Whether the reconciliation will count a permit: what is remarked on another is not told."""
    return asked.first <= (use.last_used or use.last_day or asked.on) <= asked.last


def _use(known: Known, node: Node, at: datetime) -> tuple[PermitUse, list[Remark]]:
    """What was written off one permit, and what is to be told about it (step 3)."""
    permit = essence_of(known.permit)
    found = entries_of(permit, not_taken_back(known.notices))
    counted: tuple[Entry, ...] = found.counted
    remarks = [Remark(About.NOT_COUNTED, known.ref, why) for why in found.uncounted]
    if all(each.side is Side.IMPORT for each in counted):
        remark, end = remark_on_silence(known, node, at), permit.valid_until
        if remark is not None and end is not None:
            remarks.append(remark)
            if counts_as_permitted(known, node, at):
                counted = (*counted, *as_permitted(permit, end.date()))
    use, apart = permit_use(known.ref, permit, counted)
    return use, remarks + [Remark(About.NOT_COUNTED, known.ref, why) for why in apart]
