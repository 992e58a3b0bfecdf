"""The permits of a Party with what became of them, one after the other, however many there are."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from datetime import datetime

from gateway.errors import DocumentError, SignatureRefused
from gateway.flows.known_permit import Known, known_of, policy_for, proven
from gateway.flows.ports import Node
from gateway.permits.annual.remarks import About, Remark
from gateway.permits.identity import PermitRef
from gateway.permits.ledger import not_taken_back
from gateway.permits.notices import Endorsement, PermitStatus
from gateway.permits.record import HeldPermit
from gateway.wording import say

PAGE = 500
"""Permits read in one go; with their notices they take about a megabyte."""

Moved = Callable[[int], object]
"""Is told that so many more permits were looked at."""

_UNCLEAR = frozenset(
    {
        PermitStatus.SUSPENDED,
        PermitStatus.LOST,
        PermitStatus.STOLEN,
        PermitStatus.REFUSED_AT_BORDER,
    }
)
"""Somebody has said something that speaks against a use, and not that there was none."""


async def each_known(
    party: str, wanted: Callable[[HeldPermit], bool], node: Node, moved: Moved
) -> AsyncIterator[Known | Remark]:
    """
    Permits that name a Party and are wanted; a remark for one that cannot be proven.

    1. A page of permits with their notices, in a transaction of its own: a report may take minutes, and
       nobody who writes shall wait for it.
    2. Which of them are wanted, by what is kept beside the document: reading that costs a hundredth of
       proving it.
    3. The document of each, its seal proven.
    """
    after: PermitRef | None = None
    while True:
        # 1
        async with node.storage.read() as transaction:
            page = await transaction.notices.held(party, after=after, limit=PAGE)
        if not page:
            return
        for held in page:
            # 2
            if wanted(held):
                # 3
                yield await _known(held, node)
                await asyncio.sleep(0)  # whoever else waits for the event loop has their turn
        moved(len(page))
        after = page[-1].ref


async def each_missing(party: str, node: Node) -> AsyncIterator[tuple[PermitRef, tuple[Endorsement, ...]]]:
    """Permits that are not here, and what customs of a Party wrote off them and did not take back."""
    after: PermitRef | None = None
    while True:
        async with node.storage.read() as transaction:
            page = await transaction.notices.missing(party, after=after, limit=PAGE)
            said = {ref: await transaction.notices.of_permit(ref) for ref in page}
        if not page:
            return
        for ref, records in said.items():
            counted = not_taken_back(record.notice for record in records)
            if mine := tuple(each for each in counted if each.by.party == party):
                yield ref, mine
        after = page[-1]


def missing_remark(ref: PermitRef, endorsements: Iterable[Endorsement]) -> Remark:
    """That customs wrote something off a permit that is not here."""
    days = ", ".join(sorted({each.on.isoformat() for each in endorsements}))
    return Remark(
        About.UNPROVEN,
        ref,
        say(
            "customs wrote something off it on {days}, and the permit is not here; have its issuer send it",
            days=days,
        ),
    )


def counts_as_permitted(known: Known, node: Node, at: datetime) -> bool:
    """
    Whether a permit of which customs wrote nothing at the border of export counts as used.

    So it is where its issuing Party says so, once it has ended and was neither cancelled nor anything else.
    """
    policy = policy_for(known.ref, node)
    return policy.no_entry == "as-permitted" and known.status(at) is PermitStatus.EXPIRED


def remark_on_silence(known: Known, node: Node, at: datetime) -> Remark | None:
    """
    What a reader must know of a permit of which customs wrote nothing at the border of export.

    None where silence means nothing, and for a permit that its issuer took back, or that has not ended.
    """
    last = known.permit.valid_until
    if policy_for(known.ref, node).no_entry != "as-permitted" or last is None:
        return None
    if counts_as_permitted(known, node, at):
        return Remark(
            About.AS_PERMITTED,
            known.ref,
            say(
                "customs wrote nothing, so that what is permitted counts as exported, on the last day, {day}",
                day=last.date(),
            ),
        )
    if known.said in _UNCLEAR:
        return Remark(
            About.NOT_COUNTED,
            known.ref,
            say(
                "customs wrote nothing, and the permit is {status}: it does not count as used; find out what "
                "became of it",
                status=known.said.value,
            ),
        )
    return None


async def _known(held: HeldPermit, node: Node) -> Known | Remark:
    """The permit, proven, with the notices that were read with it; a remark when it cannot be proven."""
    async with node.storage.read() as transaction:
        record = await transaction.permits.find(held.ref)
    if record is None:
        return Remark(About.UNPROVEN, held.ref, say("the permit was removed while the report was made"))
    try:
        return replace(known_of(record, await proven(record, node), []), notices=held.notices)
    except (SignatureRefused, DocumentError) as error:
        return Remark(
            About.UNPROVEN,
            held.ref,
            say("what is stored cannot be proven: {why}", why=error.message),
        )
