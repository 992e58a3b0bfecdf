"""What has waited too long for a receipt is given up, also when nothing goes to its partner."""

from collections.abc import Sequence

from gateway.exchange.delivery import DeliveryState
from gateway.exchange.records import DeliveryRecord
from gateway.exchange.retry import RetryPolicy
from gateway.flows.journal import entry
from gateway.flows.ports import Node, Trail, Transaction
from gateway.messagelog.entry import Entry, EntryKind

BATCH = 200
"""Given up in one transaction, so that others wait little."""


async def expire(node: Node) -> int:
    """
    Give up deliveries whose deadline is over; returns how many, at most a batch for each policy.

    1. By the policy of each partner that has its own, then by that of the gateway for all others.
    2. Each gets an entry in the message log, in the same transaction.

    Raises `StorageError`.
    """
    own = {partner.id: partner.retry for partner in node.directory.partners.values() if partner.retry}
    async with node.storage.write() as transaction:
        # 1
        given_up: list[DeliveryRecord] = []
        for partner, policy in own.items():
            given_up += await _overdue(transaction, node, policy, partner, ())
        given_up += await _overdue(transaction, node, node.retry, "", tuple(own))
        # 2
        for record in given_up:
            await transaction.log.append(_entry(record, node))
    for record in given_up:
        node.metrics.given_up(record.partner, DeliveryState.NO_RECEIPT.value)
    return len(given_up)


async def _overdue(
    transaction: Transaction, node: Node, policy: RetryPolicy, only: str, beside: Sequence[str]
) -> list[DeliveryRecord]:
    """What is over by one policy (step 1)."""
    at = await transaction.deliveries.moment(node.clock.now())
    return await transaction.deliveries.expire(
        created_before=at - policy.deadline, at=at, only=only, beside=beside, limit=BATCH
    )


def _entry(record: DeliveryRecord, node: Node) -> Entry:
    """That nothing was heard (step 2)."""
    trail = Trail(
        actor="worker",
        partner=record.partner,
        authority=str(record.recipient),
        message_id=record.message_id,
        permit=record.permit,
    )
    last = record.error or "none was made"
    detail = f"no receipt within the deadline, {record.attempts} attempt(s); the last one: {last}"
    return entry(node.clock, EntryKind.FAILED, trail, outcome="no-receipt", detail=detail)
