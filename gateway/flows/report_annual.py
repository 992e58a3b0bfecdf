"""The annual report of a Party, from what was used."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.flows.known_permit import Known, policy_for
from gateway.flows.ports import Node
from gateway.flows.usage import (
    Moved,
    counts_as_permitted,
    each_known,
    each_missing,
    missing_remark,
    remark_on_silence,
)
from gateway.permits import notices
from gateway.permits.annual.entries import as_permitted, entries_of, used_lines
from gateway.permits.annual.essence import essence_of
from gateway.permits.annual.remarks import About, Remark, complete, in_order
from gateway.permits.annual.rows import AnnualReport, annual_report
from gateway.permits.annual.rules import Examined, examine
from gateway.permits.annual.used import Side, UsedLine
from gateway.permits.ledger import not_taken_back
from gateway.permits.notices import Endorsement, Notice
from gateway.permits.record import HeldPermit
from gateway.permits.species import SpeciesList

_BORDERS = {Side.EXPORT: notices.Side.EXPORT, Side.IMPORT: notices.Side.IMPORT}
_A_DAY = timedelta(days=1)
"""By so much the day of a permit, in its own zone, may differ from that in UTC."""


@dataclass(frozen=True, slots=True)
class ReportMade:
    """The report, what the rules say about it, and what a reader must know beside."""

    report: AnnualReport
    examined: Examined
    remarks: tuple[Remark, ...]

    @property
    def good(self) -> bool:
        """Whether it can be submitted: no primary error, and nothing that is missing."""
        return self.examined.acceptable and complete(self.remarks)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which report."""

    party: str
    year: int
    side: Side

    def at_border(self, said: tuple[Notice, ...]) -> list[Endorsement]:
        """What stands of it at the border that the report is about, of any year."""
        return [each for each in not_taken_back(said) if each.side is _BORDERS[self.side]]


async def report_annual(party: str, year: int, side: Side, node: Node, moved: Moved) -> ReportMade:
    """
    The report of one Party (alpha-2), year and side; `moved` is told how many permits were looked at.

    1. Permits of the Party, those alone of which something crossed its border that year, or may have.
    2. Each is proven; one that cannot be is told, and is not in the report.
    3. What was written off and stands becomes lines. Where customs write nothing and the issuing Party says
       that this means use, what is permitted counts on the last day, and that is told.
    4. What customs of the Party wrote off permits that are not here is told.
    5. Lines become rows, and the rules of the trade database are applied to them.
    """
    asked, at = _Asked(party, year, side), node.clock.now()
    used: list[UsedLine] = []
    remarks: list[Remark] = []
    # 1
    async for known in each_known(party, lambda held: _wanted(held, asked, node, at), node, moved):
        # 2
        if isinstance(known, Remark):
            remarks.append(known)
            continue
        # 3
        lines, told = _lines(known, asked, node, at)
        used += lines
        remarks += told
    # 4
    async for ref, endorsements in each_missing(party, node):
        if days := [each for each in asked.at_border(endorsements) if each.on.year == year]:
            remarks.append(missing_remark(ref, days))
    # 5
    species = node.standards.evidence.species
    report, examined = await asyncio.to_thread(_examined, used, asked, species)
    return ReportMade(report, examined, in_order(remarks))


def _examined(
    used: Sequence[UsedLine], asked: _Asked, species: SpeciesList | None
) -> tuple[AnnualReport, Examined]:
    """The rows and what the rules say of them (step 5), beside the event loop: there may be many."""
    report = annual_report(used, party=asked.party, year=asked.year, side=asked.side)
    return report, examine(report.rows, party=asked.party, side=asked.side, species=species)


def _wanted(held: HeldPermit, asked: _Asked, node: Node, at: datetime) -> bool:
    """Whether a permit may be in the report, by what is kept beside its document; rather once too often."""
    country = held.exporter if asked.side is Side.EXPORT else held.importer
    if (country or held.ref.issuer) != asked.party:
        return False
    there = asked.at_border(held.notices)
    if any(each.on.year == asked.year for each in there):
        return True
    end, silent = held.valid_until, not any(each.by.party == asked.party for each in there)
    return (
        silent
        and asked.side is Side.EXPORT
        and policy_for(held.ref, node).no_entry == "as-permitted"
        and end is not None
        and end <= at + _A_DAY
        and abs(end.year - asked.year) <= 1
    )


def _lines(known: Known, asked: _Asked, node: Node, at: datetime) -> tuple[list[UsedLine], list[Remark]]:
    """What crossed on one permit that year, and what is to be told about it (step 3)."""
    there = asked.at_border(known.notices)
    permit = essence_of(known.permit)
    found = entries_of(permit, [each for each in there if each.on.year == asked.year])
    remarks = [Remark(About.NOT_COUNTED, known.ref, why) for why in found.uncounted]
    counted = found.counted
    if asked.side is Side.EXPORT and not entries_of(permit, there).counted:
        remark, end = remark_on_silence(known, node, at), known.permit.valid_until
        if remark is not None and end is not None and end.date().year == asked.year:
            remarks.append(remark)
            if counts_as_permitted(known, node, at):
                counted = as_permitted(permit, end.date())
    return list(used_lines(known.ref, permit, counted)), remarks
