"""A permit is put into the inboxes of the authorities hosted here."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.exchange.records import InboxItem
from gateway.flows.announce import announce_arrivals
from gateway.flows.journal import entry
from gateway.flows.ports import Node, Trail, Transaction
from gateway.messagelog.entry import Entry, EntryKind
from gateway.permits.identity import AuthorityId
from gateway.permits.record import PermitRecord


async def hand_over(
    transaction: Transaction,
    permit: PermitRecord,
    recipients: Sequence[AuthorityId],
    *,
    sender: AuthorityId,
    node: Node,
    trail: Trail,
    at: datetime,
) -> list[Entry]:
    """
    Hand a permit to each recipient once, inside the caller's transaction.

    An authority that had this permit before does not get it again. Returns the entries for the log.
    """
    items = [
        InboxItem(
            id=node.clock.new_id(),
            authority=recipient,
            permit=permit.ref,
            permit_id=permit.id,
            sender=sender,
            digest=permit.digest,
            arrived_at=at,
        )
        for recipient in recipients
    ]
    new = await transaction.inboxes.put(items)
    await announce_arrivals((item for item in items if item.id in new), transaction, node)
    trail = replace(trail, digest=permit.digest)
    return [
        entry(
            node.clock,
            EntryKind.HANDED_OVER,
            trail,
            outcome="delivered" if item.id in new else "known",
            authority=str(item.authority),
        )
        for item in items
    ]
