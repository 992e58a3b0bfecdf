"""People look for permits."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.errors import DocumentError, SignatureRefused
from gateway.flows.known_permit import known_of, proven
from gateway.flows.ports import Node
from gateway.permits.days import end_of_day
from gateway.permits.identity import AuthorityId
from gateway.permits.lifecycle import history, status_after
from gateway.permits.notices import Endorsement, PermitStatus, StatusChange
from gateway.permits.query import PermitQuery
from gateway.permits.record import PermitHead

PAGE = 25
"""Permits on a page."""
LOOKED_AT = 1000
"""Permits whose status is worked out for one page; with few that match, the page ends there."""
_TWO_DAYS = timedelta(days=2)
"""What is kept about the last day is in UTC, and may differ by so much from that of the document."""


@dataclass(frozen=True, slots=True)
class FoundPermit:
    """A line of the list."""

    head: PermitHead
    status: PermitStatus | None
    """Where it stands now; None when its document cannot be proven, so that nobody knows."""


@dataclass(frozen=True, slots=True)
class PermitPage:
    """Some of the permits, the newest first."""

    permits: tuple[FoundPermit, ...]
    next: str
    """Where the next page begins; empty when there is none."""


async def find_permits(
    query: PermitQuery, boundary: Collection[AuthorityId], before: str, node: Node
) -> PermitPage:
    """
    A page of the permits that match and concern the authorities of `boundary` (none: all).

    1. A page by what is kept beside the documents, inside the boundary, and one more to see whether it ends.
    2. The status of each, as it is now; of those that were written off, by the ledger.
    3. Those with another status than the one that is asked for are left out, and the search goes on until
       the page is full or `LOOKED_AT` permits were looked at; it then goes on with the next page.
    """
    at, found, looked_at = node.clock.now(), list[FoundPermit](), 0
    while True:
        # 1
        async with node.storage.read() as transaction:
            heads = await transaction.holdings.search(query, boundary=boundary, before=before, limit=PAGE + 1)
        for head in heads[:PAGE]:
            # 2
            status = await status_now(head, node, at)
            await asyncio.sleep(0)  # whoever else waits for the event loop has their turn
            # 3
            if query.status in (None, status):
                found.append(FoundPermit(head, status))
            before, looked_at = head.id, looked_at + 1
            if len(found) == PAGE:
                more = head is not heads[-1]
                return PermitPage(tuple(found), before if more else "")
        if len(heads) <= PAGE:
            return PermitPage(tuple(found), "")
        if looked_at >= LOOKED_AT:
            return PermitPage(tuple(found), before)


async def status_now(head: PermitHead, node: Node, at: datetime) -> PermitStatus | None:
    """
    Where a permit stands at a moment; None when its document is needed and cannot be proven.

    It is needed when something was written off, and within two days of the end of its validity.
    """
    if any(isinstance(each, Endorsement) for each in head.notices) or _near_the_end(head, at):
        return await _from_document(head, node, at)
    changes = (each for each in head.notices if isinstance(each, StatusChange))
    said = status_after(history(changes, head.ref.issuer, head.importer))
    usable = said in (PermitStatus.ISSUED, PermitStatus.AMENDED)
    if usable and (head.valid_until is None or at >= end_of_day(head.valid_until)):
        return PermitStatus.EXPIRED
    return said


def _near_the_end(head: PermitHead, at: datetime) -> bool:
    """Whether zones decide."""
    return head.valid_until is not None and abs(at - head.valid_until) <= _TWO_DAYS


async def _from_document(head: PermitHead, node: Node, at: datetime) -> PermitStatus | None:
    """The status with all that the document says."""
    async with node.storage.read() as transaction:
        record = await transaction.permits.find(head.ref)
        notices = await transaction.notices.of_permit(head.ref)
    if record is None:
        return None
    try:
        return known_of(record, await proven(record, node), notices).status(at)
    except (SignatureRefused, DocumentError):
        return None
