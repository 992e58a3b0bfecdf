"""A queued message goes to its partner, and its receipt comes back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import etree
from support.exchange import CH_MA, FR_MA
from support.gateways import DirectCourier, SetClock, gateway_key, log_of
from support.keys import NOW, seal
from support.permits import permit_bytes

from gateway.errors import GatewayError, PartnerAnsweredWrongly, PartnerUnreachable
from gateway.exchange import receipts
from gateway.exchange.breaker import BreakerState, PartnerHealth
from gateway.exchange.delivery import DeliveryState, Room, Step
from gateway.exchange.receipts import Outcome, Receipt
from gateway.exchange.records import DeliveryRecord, Direction
from gateway.exchange.retry import RetryPolicy
from gateway.flows.deliver import deliver
from gateway.flows.follow import follow, receipt_of
from gateway.flows.inboxes import list_waiting
from gateway.flows.issue import issue
from gateway.flows.ports import Node, Trail
from gateway.signatures.sign import sign

WORKER = "worker-1"


async def claim(node: Node, worker: str = WORKER) -> DeliveryRecord:
    """Take the one delivery that is due."""
    at = node.clock.now()
    async with node.storage.write() as transaction:
        (delivery,) = await transaction.deliveries.claim(
            at=at, lease_until=at + timedelta(seconds=90), worker=worker, limit=10, room=Room(4)
        )
    return delivery


async def queued(node: Node) -> str:
    """Submit a permit; returns the id of the submission."""
    return (await issue(permit_bytes(), CH_MA, "", node, Trail())).submission.id


async def state_of(node: Node, submission: str) -> DeliveryRecord:
    """The delivery to France."""
    _, followed = await follow(CH_MA, submission, node)
    return next(each.delivery for each in followed if each.delivery.partner)


async def test_delivered_with_a_receipt_that_the_sender_can_show(ch: Node, fr: Node) -> None:
    """The state is delivered, and the receipt is kept exactly as the partner signed it."""
    submission = await queued(ch)
    await deliver(await claim(ch), WORKER, ch, DirectCourier(fr))
    delivery = await state_of(ch, submission)
    assert delivery.state is DeliveryState.DELIVERED
    async with fr.storage.read() as transaction:
        there = await transaction.messages.find(Direction.IN, CH_MA, delivery.message_id)
    assert there is not None
    assert await receipt_of(CH_MA, delivery.id, ch) == there.receipt
    assert [entry.outcome for entry in await log_of(ch, kind="sent")] == ["delivered"]


async def test_a_lost_answer_is_repeated_and_nothing_happens_twice(
    ch: Node, fr: Node, clock: SetClock
) -> None:
    """When the answer is lost, the same bytes go again, the same receipt comes, France has it once."""
    submission = await queued(ch)
    courier = DirectCourier(fr, lose_answers=1)
    await deliver(await claim(ch), WORKER, ch, courier)
    assert (await state_of(ch, submission)).state is DeliveryState.QUEUED
    clock.forward(minutes=1)
    await deliver(await claim(ch), WORKER, ch, courier)
    assert (await state_of(ch, submission)).state is DeliveryState.DELIVERED
    assert courier.carried[0] == courier.carried[1]
    assert len(await list_waiting(FR_MA, after="", limit=10, node=fr)) == 1


async def test_silence_is_tried_again_with_growing_pauses_until_the_deadline(
    ch: Node, fr: Node, clock: SetClock
) -> None:
    """Every attempt is kept with its error; after the deadline the delivery is given up."""
    submission = await queued(ch)
    courier = DirectCourier(fr, failures=[PartnerUnreachable("no route") for _ in range(500)])
    attempts = 0
    while not (delivery := await state_of(ch, submission)).state.settled:
        assert delivery.next_attempt_at is not None
        clock.at = max(clock.at, delivery.next_attempt_at)
        await deliver(await claim(ch), WORKER, ch, courier)
        attempts += 1
    assert delivery.state is DeliveryState.NO_RECEIPT
    assert delivery.error_code == "partner_unreachable"
    assert delivery.attempts == attempts > 10
    assert clock.at <= NOW + ch.retry.deadline
    assert len(await log_of(ch, kind="failed", limit=1000)) == attempts


async def test_a_refusal_that_will_not_heal_ends_at_once(ch: Node, fr: Node) -> None:
    """HTTP 400 and the like are not tried again."""
    submission = await queued(ch)
    courier = DirectCourier(fr, failures=[PartnerAnsweredWrongly("HTTP 400", status=400, final=True)])
    await deliver(await claim(ch), WORKER, ch, courier)
    assert (await state_of(ch, submission)).state is DeliveryState.DEAD


class Answering:
    """A partner that answers with what the test says."""

    def __init__(self, answer: bytes) -> None:
        """`answer` is the body."""
        self.answer = answer

    async def carry(self, *_: object) -> bytes:
        """The answer, whatever was sent."""
        return self.answer


async def receipt_for(node: Node, delivery: DeliveryRecord, **changes: object) -> Receipt:
    """A receipt that fits a delivery, but for the changes."""
    async with node.storage.read() as transaction:
        message = await transaction.messages.find(Direction.OUT, CH_MA, delivery.message_id)
    assert message is not None
    values = {
        "message_id": message.message_id,
        "conversation_id": message.conversation_id,
        "sender": FR_MA,
        "recipient": CH_MA,
        "received_at": NOW,
        "envelope_digest": message.envelope_digest,
        "payload_digest": message.payload_digest,
        "outcome": Outcome.ACCEPTED,
    }
    return Receipt(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.ACCEPTED, DeliveryState.DELIVERED),
        (Outcome.ACCEPTED_WITH_WARNINGS, DeliveryState.DELIVERED_WITH_WARNINGS),
        (Outcome.NOT_READABLE, DeliveryState.NOT_READABLE),
        (Outcome.REFUSED, DeliveryState.REFUSED),
    ],
)
async def test_each_outcome_settles_the_delivery(outcome: Outcome, state: DeliveryState, ch: Node) -> None:
    """A signed receipt decides the state, also when it says no."""
    submission = await queued(ch)
    delivery = await claim(ch)
    receipt = await receipt_for(ch, delivery, outcome=outcome)
    answer = sign(receipts.build(receipt), gateway_key("FR"))
    assert await deliver(delivery, WORKER, ch, Answering(answer)) == Step(state)
    assert (await state_of(ch, submission)).state is state


@pytest.mark.parametrize(
    "what", ["rubbish", "unsigned", "stranger", "other message", "other bytes", "other sender"]
)
async def test_what_is_not_our_receipt_settles_nothing(what: str, ch: Node) -> None:
    """Rubbish, an unsigned receipt, another signer and a receipt for something else: the message waits."""
    submission = await queued(ch)
    delivery = await claim(ch)
    changes = {
        "other message": {"message_id": "0" * 8 + "-0000-7000-8000-" + "0" * 12},
        "other bytes": {"envelope_digest": "0" * 64},
        "other sender": {"sender": CH_MA},
    }.get(what, {})
    root = receipts.build(await receipt_for(ch, delivery, **changes))
    if what == "rubbish":
        answer = b"<html>200 OK</html>"
    elif what == "unsigned":
        answer = etree.tostring(root)
    else:
        answer = sign(root, seal("stranger", "FR") if what == "stranger" else gateway_key("FR"))
    await deliver(delivery, WORKER, ch, Answering(answer))
    after = await state_of(ch, submission)
    assert after.state is DeliveryState.QUEUED
    assert after.error_code == "receipt_refused"
    with pytest.raises(GatewayError):
        await receipt_of(CH_MA, delivery.id, ch)


async def test_a_lost_lease_leaves_the_decision_to_the_other_worker(
    ch: Node, fr: Node, clock: SetClock
) -> None:
    """A worker that was too slow does not overwrite what the one after it decided."""
    submission = await queued(ch)
    slow = await claim(ch)
    clock.forward(seconds=91)
    quick = await claim(ch, "worker-2")
    await deliver(quick, "worker-2", ch, DirectCourier(fr))
    await deliver(slow, WORKER, ch, DirectCourier(fr, failures=[PartnerUnreachable("late")]))
    assert (await state_of(ch, submission)).state is DeliveryState.DELIVERED
    assert [entry.outcome for entry in await log_of(ch, kind="failed")] == ["lease-lost"]


async def test_somebody_elses_submission_is_not_found(ch: Node) -> None:
    """An authority follows its own submissions only."""
    submission = await queued(ch)
    with pytest.raises(GatewayError):
        await follow(FR_MA, submission, ch)


async def test_a_partner_with_a_schedule_of_its_own(ch: Node, fr: Node, clock: SetClock) -> None:
    """Its pauses and its deadline count for it, those of the gateway for everybody else."""
    submission = await queued(ch)
    partners = {"fr": replace(ch.directory.partners["fr"], retry=RetryPolicy(7.0, 1.0, 7.0, 1.0))}
    ch.directory = replace(ch.directory, partners=partners)
    courier = DirectCourier(fr, failures=[PartnerUnreachable("no route") for _ in range(2)])
    await deliver(await claim(ch), WORKER, ch, courier)
    waits = (await state_of(ch, submission)).next_attempt_at
    assert waits is not None
    assert timedelta(seconds=5.25) <= waits - NOW <= timedelta(seconds=7)
    clock.forward(hours=1)
    await deliver(await claim(ch), WORKER, ch, courier)
    assert (await state_of(ch, submission)).state is DeliveryState.NO_RECEIPT


async def test_a_partner_that_says_when_is_not_asked_before(ch: Node, fr: Node) -> None:
    """Retry-After moves the next attempt, and keeps every other message away as well."""
    submission = await queued(ch)
    busy = PartnerAnsweredWrongly("HTTP 503", status=503, final=False, retry_after=900.0)
    await deliver(await claim(ch), WORKER, ch, DirectCourier(fr, failures=[busy]))
    assert (await state_of(ch, submission)).next_attempt_at == NOW + timedelta(seconds=900)
    async with ch.storage.read() as transaction:
        assert (await transaction.health.get("fr")).probe_at == NOW + timedelta(seconds=900)


async def test_a_refusal_says_that_the_partner_is_there(ch: Node, fr: Node) -> None:
    """Whatever it says of this message, others may go."""
    await queued(ch)
    async with ch.storage.write() as transaction:
        await transaction.health.put(PartnerHealth("fr", failures=9, probe_at=NOW))
    refusal = PartnerAnsweredWrongly("HTTP 400", status=400, final=True)
    await deliver(await claim(ch), WORKER, ch, DirectCourier(fr, failures=[refusal]))
    async with ch.storage.read() as transaction:
        assert (await transaction.health.get("fr")).state(NOW) is BreakerState.CLOSED
