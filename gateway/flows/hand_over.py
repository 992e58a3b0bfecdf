"""A permit is put into the inboxes of the authorities hosted here."""

from collections.abc import Sequence
from datetime import datetime

from gateway.exchange.delivery import DeliveryState
from gateway.exchange.records import DeliveryRecord, InboxItem
from gateway.flows.journal import entry
from gateway.flows.ports import Node, Trail, Transaction
from gateway.messagelog.entry import EntryKind
from gateway.permits.identity import AuthorityId
from gateway.permits.record import PermitRecord


async def hand_over(
    transaction: Transaction,
    permit: PermitRecord,
    recipients: Sequence[AuthorityId],
    *,
    sender: AuthorityId,
    conversation_id: str,
    node: Node,
    trail: Trail,
    at: datetime,
) -> None:
    """
    Hand a permit to each recipient once, inside the caller's transaction.

    1. Into the inbox; an authority that had this permit before does not get it again.
    2. A delivery that is settled already, so that the submission can list it, and an entry in the log.
    """
    deliveries: list[DeliveryRecord] = []
    entries = []
    for recipient in recipients:
        # 1
        new = await transaction.inboxes.put(
            InboxItem(
                id=node.clock.new_id(),
                authority=recipient,
                permit=permit.ref,
                permit_id=permit.id,
                sender=sender,
                digest=permit.digest,
                arrived_at=at,
            )
        )
        # 2
        deliveries.append(
            DeliveryRecord(
                id=node.clock.new_id(),
                conversation_id=conversation_id,
                sender=sender,
                recipient=recipient,
                partner="",
                message_id=trail.message_id,
                permit=permit.ref,
                state=DeliveryState.DELIVERED,
                created_at=at,
                settled_at=at,
            )
        )
        outcome = "delivered" if new else "known"
        entries.append(
            entry(node.clock, EntryKind.HANDED_OVER, trail, outcome=outcome, authority=str(recipient))
        )
    await transaction.deliveries.add(deliveries)
    await transaction.log.append(*entries)
