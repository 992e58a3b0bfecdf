"""What waits in a mailbox: nobody sends it, and nobody waits for ever."""

from gateway.errors import NotCollected
from gateway.exchange.delivery import DeliveryState, Step
from gateway.exchange.mailbox import ADDRESS, step_without_collection
from gateway.exchange.records import Attempt, DeliveryRecord
from gateway.flows.journal import entry
from gateway.flows.ports import Node, Trail
from gateway.messagelog.entry import EntryKind


async def leave_in_mailbox(delivery: DeliveryRecord, worker: str, node: Node) -> Step:
    """
    A worker has claimed a delivery whose partner collects by itself: nothing is sent.

    1. It waits for its partner; or its time is over, and it is given up, which operators see.
    2. One transaction: the new state, the attempt, the log. If a receipt came in between, that stands.
    """
    # 1
    at = node.clock.now()
    partner = node.directory.partners.get(delivery.partner)
    policy = (partner.retry if partner else None) or node.retry
    step = step_without_collection(delivery, at, policy)
    code = said = ""
    if step.state is DeliveryState.DEAD:
        error = NotCollected(
            f"partner {delivery.partner} has not collected it from its mailbox since "
            f"{delivery.created_at:%Y-%m-%d %H:%M} UTC: ask its operator whether its gateway runs and calls; "
            "it stays in the mailbox"
        )
        code, said = error.code, error.message
    # 2
    attempt = Attempt(delivery.id, at, 0.0, ADDRESS, code or step.state.value, said)
    trail = Trail(
        actor="worker",
        partner=delivery.partner,
        authority=str(delivery.recipient),
        message_id=delivery.message_id,
        permit=delivery.permit,
    )
    async with node.storage.write() as transaction:
        mine = await transaction.deliveries.settle(
            delivery, step, attempt, worker=worker, code=code, error=said
        )
        if code:
            outcome = code if mine else "lease-lost"
            await transaction.log.append(
                entry(node.clock, EntryKind.FAILED, trail, outcome=outcome, detail=said)
            )
    if code and mine:
        node.metrics.given_up(delivery.partner, step.state.value)
    node.mailboxes.ring(delivery.partner)
    return step


async def release(node: Node) -> int:
    """What waits for partners that have no mailbox any more is sent to them from now on; how many."""
    keepers = [partner.id for partner in node.directory.partners.values() if partner.mailbox]
    async with node.storage.write() as transaction:
        released = await transaction.mailboxes.release(keepers, node.clock.now())
    if released:
        node.wake()
    return released
