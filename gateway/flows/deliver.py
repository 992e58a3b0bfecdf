"""A queued message goes to its partner, and its receipt comes back."""

import random
from dataclasses import dataclass

from gateway.errors import GatewayError, PartnerUnreachable
from gateway.exchange.delivery import Step, after_failure, after_receipt
from gateway.exchange.directory import Partner
from gateway.exchange.records import Attempt, DeliveryRecord, Direction, MessageRecord
from gateway.flows.answer import proven_receipt, refusal_of
from gateway.flows.journal import entry, headers_of
from gateway.flows.partner_health import note_health
from gateway.flows.ports import Courier, Node, Trail
from gateway.flows.uncollected import leave_in_mailbox
from gateway.messagelog.entry import EntryKind


@dataclass(frozen=True, slots=True)
class _Result:
    """What one attempt brought."""

    step: Step
    receipt: bytes | None = None
    code: str = ""
    message: str = ""
    failure: GatewayError | None = None
    """Why there is no receipt."""


async def deliver(delivery: DeliveryRecord, worker: str, node: Node, courier: Courier) -> Step:
    """
    Make one attempt at a delivery that `worker` has claimed; what its partner collects is left to it.

    1. Fetch the envelope: the same signed bytes at every attempt.
    2. Carry it to the partner.
    3. Verify the answer: a receipt, signed by that partner, for these bytes.
    4. No receipt: decide when to try again, or give up.
    5. One transaction: the new state, the attempt, the receipt, the log, and how the partner answers. If the
       lease was lost, another worker decides about the state; attempt and receipt are true all the same and
       are kept. When a partner answers that was away, what waits for it goes at once.
    """
    partner = node.directory.partners.get(delivery.partner)
    if partner is not None and partner.mailbox:
        return await leave_in_mailbox(delivery, worker, node)
    started = node.clock.now()
    trail = Trail(
        actor="worker",
        partner=delivery.partner,
        authority=str(delivery.recipient),
        message_id=delivery.message_id,
        permit=delivery.permit,
    )
    # 1
    async with node.storage.read() as transaction:
        message = await transaction.messages.find(Direction.OUT, delivery.sender, delivery.message_id)
    result = await _attempt(delivery, message, partner, node, courier)
    trail.digest = message.envelope_digest if message else ""
    trail.headers = headers_of(message) if message else {}
    # 5
    attempt = Attempt(
        delivery_id=delivery.id,
        started_at=started,
        seconds=(node.clock.now() - started).total_seconds(),
        address=partner.url if partner else "",
        outcome=result.code or result.step.state.value,
        error=result.message,
    )
    async with node.storage.write() as transaction:
        if partner is not None:
            await note_health(partner.id, result.failure, transaction, node)
        mine = await transaction.deliveries.settle(
            delivery, result.step, attempt, worker=worker, code=result.code, error=result.message
        )
        if result.receipt is not None and message is not None:
            await transaction.messages.keep_receipt(message, result.receipt)
        kind = EntryKind.SENT if result.receipt is not None else EntryKind.FAILED
        outcome = result.step.state.value if result.receipt is not None else result.code
        await transaction.log.append(
            entry(node.clock, kind, trail, outcome=outcome if mine else "lease-lost", detail=result.message)
        )
    node.metrics.carried(delivery.partner, attempt.seconds)
    _count(delivery.partner, result, node, mine=mine)
    return result.step


def _count(partner: str, result: _Result, node: Node, *, mine: bool) -> None:
    """What the attempt brought, for the metrics; the state of a delivery is told by who decided it."""
    if result.receipt is not None:
        node.metrics.sent(partner, result.step.state.value)
    else:
        node.metrics.failed(partner, result.code)
        if mine and result.step.state.settled:
            node.metrics.given_up(partner, result.step.state.value)


async def _attempt(
    delivery: DeliveryRecord,
    message: MessageRecord | None,
    partner: Partner | None,
    node: Node,
    courier: Courier,
) -> _Result:
    """Steps 2 to 4."""
    try:
        if message is None or partner is None:
            raise PartnerUnreachable(
                f"partner {delivery.partner} is no longer registered here",
                advice="register it again, or drop the delivery",
            )
        # 2
        answer = await courier.carry(partner, message.envelope)
        # 3
        receipt = await node.desk.run(answer, proven_receipt, answer, message, node, node.clock.now())
    except GatewayError as error:
        # 4
        step = after_failure(
            error,
            attempts=delivery.attempts + 1,
            created_at=delivery.deadline_from,
            at=node.clock.now(),
            policy=partner.retry or node.retry if partner else node.retry,
            jitter=random.random(),  # noqa: S311 - spreads retries, protects nothing
        )
        return _Result(step, None, error.code, error.message, error)
    return _Result(after_receipt(receipt.outcome), answer, *refusal_of(receipt))
