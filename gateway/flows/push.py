"""An event goes to a webhook."""

import random
from dataclasses import dataclass

from gateway.errors import (
    GatewayError,
    KeyMaterialError,
    NotFound,
    PartnerAnsweredWrongly,
    PartnerUnreachable,
)
from gateway.exchange.delivery import DeliveryState, Step, after_failure
from gateway.exchange.records import Attempt, DeliveryRecord
from gateway.exchange.webhooks import Format, Parcel, Webhook, in_json, in_xml
from gateway.flows.event_content import data_of, document_of
from gateway.flows.journal import entry
from gateway.flows.partner_health import note_health
from gateway.flows.ports import Node, Pusher, Trail
from gateway.messagelog.entry import EntryKind


@dataclass(frozen=True, slots=True)
class _Result:
    """What one attempt brought."""

    step: Step
    failure: GatewayError | None = None


async def push(delivery: DeliveryRecord, worker: str, node: Node, pusher: Pusher | None) -> Step:
    """
    Make one attempt to push the event of a delivery that `worker` has claimed.

    1. Fetch the event, and say it in the format of the webhook; what is left of the permit is that of now.
       What cannot be said, because it is not kept here, is given up.
    2. Push it, signed.
    3. Anything but success: decide when to try again, or give up.
    4. One transaction: the new state, the attempt, the log, and how the webhook answers. If the lease was
       lost, another worker decides about the state.
    """
    webhook, started = node.webhooks.get(delivery.partner), node.clock.now()
    result = await _attempt(delivery, webhook, node, pusher)
    failure = result.failure
    code, said = (failure.code, failure.message) if failure else ("", "")
    # 4
    attempt = Attempt(
        delivery_id=delivery.id,
        started_at=started,
        seconds=(node.clock.now() - started).total_seconds(),
        address=webhook.url if webhook else "",
        outcome=code or result.step.state.value,
        error=said,
    )
    trail = Trail(
        actor="worker",
        partner=delivery.partner,
        authority=str(delivery.recipient),
        message_id=delivery.message_id,
        permit=delivery.permit,
    )
    async with node.storage.write() as transaction:
        if webhook is not None and not isinstance(failure, NotFound):
            await note_health(webhook.id, failure, transaction, node)
        mine = await transaction.deliveries.settle(
            delivery, result.step, attempt, worker=worker, code=code, error=said
        )
        kind = EntryKind.FAILED if failure else EntryKind.SENT
        outcome = attempt.outcome if mine else "lease-lost"
        await transaction.log.append(entry(node.clock, kind, trail, outcome=outcome, detail=said))
    node.metrics.carried(delivery.partner, attempt.seconds)
    _count(delivery.partner, result, node, mine=mine)
    return result.step


async def _attempt(
    delivery: DeliveryRecord, webhook: Webhook | None, node: Node, pusher: Pusher | None
) -> _Result:
    """Steps 1 to 3."""
    try:
        await _pushed(delivery, webhook, node, pusher)
    except NotFound as error:
        return _Result(Step(DeliveryState.DEAD), error)
    except (PartnerUnreachable, PartnerAnsweredWrongly, KeyMaterialError) as error:
        # 3
        step = after_failure(
            error,
            attempts=delivery.attempts + 1,
            created_at=delivery.deadline_from,
            at=node.clock.now(),
            policy=node.retry,
            jitter=random.random(),  # noqa: S311 - spreads retries, protects nothing
        )
        return _Result(step, error)
    return _Result(Step(DeliveryState.DELIVERED))


async def _pushed(
    delivery: DeliveryRecord, webhook: Webhook | None, node: Node, pusher: Pusher | None
) -> None:
    """Steps 1 and 2; raises `NotFound` and what a `Pusher` raises."""
    if webhook is None or pusher is None:
        raise PartnerUnreachable(
            f"{delivery.partner} is not among the webhooks of this gateway",
            advice="add it again as [[webhook]] and start the gateway, or drop the delivery",
        )
    # 1
    parcel = await _parcel(delivery.message_id, webhook, node)
    # 2
    await pusher.push(webhook, parcel, node.clock.now())


async def _parcel(event_id: str, webhook: Webhook, node: Node) -> Parcel:
    """The event in the format of the webhook (step 1); raises `NotFound`."""
    async with node.storage.read() as transaction:
        event = await transaction.events.get(event_id)
    if event is None:
        raise NotFound(f"event {event_id} is not kept here", advice="drop the delivery")
    if webhook.format is Format.XML:
        return in_xml(event, await document_of(event, node))
    return in_json(event, await data_of(event, node))


def _count(partner: str, result: _Result, node: Node, *, mine: bool) -> None:
    """What the attempt brought, for the metrics."""
    if result.failure is None:
        node.metrics.sent(partner, result.step.state.value)
        return
    node.metrics.failed(partner, result.failure.code)
    if mine and result.step.state.settled:
        node.metrics.given_up(partner, result.step.state.value)
