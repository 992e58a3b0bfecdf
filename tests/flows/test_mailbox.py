"""A partner that only calls out: its messages wait until it has collected and acknowledged them."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import etree
from support.exchange import CH_MA, FR_MA
from support.gateways import DirectCourier, SetClock, gateway_key, log_of
from support.keys import NOW, seal
from support.mailboxes import HUB, SWISS_BOX, caller, hub, put
from support.memory import MemoryStorage

from gateway.errors import (
    AcknowledgementRefused,
    AlreadyAcknowledged,
    NotFetched,
    NotFound,
    PartnerUnreachable,
    TooManyCallers,
)
from gateway.exchange import receipts
from gateway.exchange.delivery import DeliveryState, Room, Step
from gateway.exchange.directory import Directory, Partner
from gateway.exchange.receipts import Outcome, Receipt
from gateway.exchange.records import DeliveryRecord, Direction, MessageRecord
from gateway.flows import bells, mailbox
from gateway.flows.acknowledge import take_receipt
from gateway.flows.bells import MAX_CALLERS
from gateway.flows.deliver import deliver
from gateway.flows.follow import follow, receipt_of
from gateway.flows.mailbox import fetch, list_headers
from gateway.flows.ports import Node, Trail
from gateway.flows.receive import receive
from gateway.flows.uncollected import release
from gateway.signatures.sign import sign

PATIENCE = 10.0
OTHER = Partner("de", "", (), mailbox=True)


@pytest.fixture
def fr(clock: SetClock) -> Node:
    """France, a hub."""
    return hub(MemoryStorage(), clock)


@pytest.fixture
def ch(clock: SetClock) -> Node:
    """Switzerland, which only calls out."""
    return caller(MemoryStorage(), clock)


def trail() -> Trail:
    """As the door has filled it."""
    return Trail(actor="ch", partner="ch")


async def listed(node: Node, *, wait: float = 0, after: str = "", limit: int = 50) -> list[str]:
    """The message ids that Switzerland sees."""
    page = await list_headers(SWISS_BOX, after=after, limit=limit, wait=wait, node=node, trail=trail())
    return [header.message_id for header in page.headers]


async def fetched(node: Node, delivery: DeliveryRecord) -> MessageRecord:
    """The message of a delivery, as Switzerland fetches it."""
    return await fetch(SWISS_BOX, delivery.message_id, node, trail())


async def acknowledged(node: Node, delivery: DeliveryRecord, receipt: bytes) -> DeliveryRecord:
    """What becomes of a delivery when Switzerland sends a receipt."""
    return await take_receipt(receipt, SWISS_BOX, delivery.message_id, node, trail())


async def get(node: Node, delivery: DeliveryRecord) -> DeliveryRecord:
    """A delivery as it stands."""
    async with node.storage.read() as transaction:
        found = await transaction.deliveries.get(delivery.id)
    assert found is not None
    return found


def stated(message: MessageRecord, **changes: object) -> Receipt:
    """What Switzerland would state about a message."""
    values = {
        "message_id": message.message_id,
        "conversation_id": message.conversation_id,
        "sender": message.recipient,
        "recipient": message.sender,
        "received_at": NOW,
        "envelope_digest": message.envelope_digest,
        "payload_digest": message.payload_digest,
        "outcome": Outcome.ACCEPTED,
    }
    return Receipt(**(values | changes))  # type: ignore[arg-type]


def signed(message: MessageRecord, **changes: object) -> bytes:
    """The same, signed by the gateway of Switzerland."""
    return sign(receipts.build(stated(message, **changes)), gateway_key("CH"))


async def work(node: Node, at_least: int = 1) -> list[Step]:
    """Claim what is due, and do what a worker does."""
    at = node.clock.now()
    async with node.storage.write() as transaction:
        claimed = await transaction.deliveries.claim(
            at=at, lease_until=at + timedelta(seconds=90), worker="w", limit=10, room=Room(10)
        )
    assert len(claimed) >= at_least
    never = DirectCourier(node, failures=[PartnerUnreachable("it cannot be called") for _ in claimed])
    return [await deliver(each, "w", node, never) for each in claimed]


async def test_it_waits_instead_of_being_sent(fr: Node) -> None:
    """What is for a partner with a mailbox is not due before the deadline, and says since when it waits."""
    delivery = await put(fr)
    assert delivery.state is DeliveryState.WAITING
    assert delivery.created_at == NOW
    assert delivery.next_attempt_at == NOW + fr.retry.deadline
    assert await work(fr, 0) == []
    assert await listed(fr) == [delivery.message_id]


async def test_list_fetch_acknowledge(ch: Node, fr: Node, clock: SetClock) -> None:
    """What Switzerland receives is what was sealed; its own receipt settles the delivery and can be shown."""
    delivery = await put(fr)
    message = await fetched(fr, delivery)
    clock.forward(seconds=2)
    receipt = await receive(message.envelope, ch, Trail(called="fr"))
    done = await acknowledged(fr, delivery, receipt)
    assert (done.state, done.attempts, done.settled_at) == (DeliveryState.DELIVERED, 1, clock.now())
    assert await receipt_of(FR_MA, delivery.id, fr) == receipt
    _, followed = await follow(FR_MA, delivery.conversation_id, fr)
    (attempt,) = next(each.attempts for each in followed if each.delivery.partner)
    assert (attempt.address, attempt.outcome, attempt.seconds) == ("mailbox", "delivered", 2.0)
    assert await listed(fr) == []


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.ACCEPTED, DeliveryState.DELIVERED),
        (Outcome.ACCEPTED_WITH_WARNINGS, DeliveryState.DELIVERED_WITH_WARNINGS),
        (Outcome.NOT_READABLE, DeliveryState.NOT_READABLE),
        (Outcome.REFUSED, DeliveryState.REFUSED),
    ],
)
async def test_each_outcome_settles_it(outcome: Outcome, state: DeliveryState, fr: Node) -> None:
    """Plain, with remarks, not readable, refused: each takes the message out of the box."""
    delivery = await put(fr)
    receipt = signed(await fetched(fr, delivery), outcome=outcome)
    assert (await acknowledged(fr, delivery, receipt)).state is state
    assert await listed(fr) == []
    assert [entry.outcome for entry in await log_of(fr, kind="sent")] == [state.value]


async def test_looking_changes_nothing(fr: Node) -> None:
    """Listed and fetched again and again it is still there, with the same bytes; the log says who looked."""
    delivery = await put(fr)
    bodies = {(await fetched(fr, delivery)).envelope for _ in range(3)}
    for _ in range(3):
        assert await listed(fr) == [delivery.message_id]
    assert len(bodies) == 1
    assert await get(fr, delivery) == delivery
    looks = await log_of(fr, kind="fetched", partner="ch")
    assert [(each.outcome, each.actor, each.at) for each in looks] == [
        ("listed", "ch", NOW),
        *[("fetched", "ch", NOW)] * 3,
    ]


async def test_the_same_look_is_logged_once_an_hour(fr: Node, clock: SetClock) -> None:
    """Two looks a minute for years would bury the log; a look that shows something new is always there."""

    async def looks() -> int:
        await listed(fr)
        return len(await log_of(fr, kind="fetched", outcome="listed"))

    assert [await looks(), await looks()] == [1, 1]
    clock.forward(seconds=bells.SAME_LOOK.total_seconds() - 1)
    assert await looks() == 1
    clock.forward(seconds=1)
    assert await looks() == 2
    await put(fr)
    assert await looks() == 3


async def test_nothing_is_acknowledged_before_it_was_fetched(fr: Node) -> None:
    """List, fetch, acknowledge, in that order: a header tells enough for a receipt, but is no message."""
    delivery = await put(fr)
    await listed(fr)
    async with fr.storage.read() as transaction:
        message = await transaction.messages.find(Direction.OUT, FR_MA, delivery.message_id)
    assert message is not None
    with pytest.raises(NotFetched):
        await acknowledged(fr, delivery, signed(message))
    assert await get(fr, delivery) == delivery


async def test_that_another_message_was_fetched_does_not_count(fr: Node) -> None:
    """Each message needs its own fetch, also when two are about the same permit."""
    first = await put(fr)
    known = await fetched(fr, first)
    other = replace(known, message_id=fr.clock.new_id())
    second = replace(first, id=fr.clock.new_id(), message_id=other.message_id)
    async with fr.storage.write() as transaction:
        await transaction.messages.add(other)
        await transaction.deliveries.add([second])
    with pytest.raises(NotFetched):
        await acknowledged(fr, second, signed(other))


async def test_the_same_receipt_again_is_answered_alike(fr: Node, clock: SetClock) -> None:
    """A lost answer is no harm: the same bytes, the same answer, and nothing is written again."""
    delivery = await put(fr)
    receipt = signed(await fetched(fr, delivery))
    first = await acknowledged(fr, delivery, receipt)
    clock.forward(hours=1)
    assert await acknowledged(fr, delivery, receipt) == first
    assert len(await log_of(fr, kind="sent")) == 1
    async with fr.storage.read() as transaction:
        assert len(await transaction.deliveries.attempts(delivery.id)) == 1


async def test_another_receipt_does_not_replace_the_first(fr: Node) -> None:
    """What was said of a message stands."""
    delivery = await put(fr)
    message = await fetched(fr, delivery)
    first = signed(message)
    await acknowledged(fr, delivery, first)
    with pytest.raises(AlreadyAcknowledged):
        await acknowledged(fr, delivery, signed(message, outcome=Outcome.REFUSED))
    assert (await get(fr, delivery)).state is DeliveryState.DELIVERED
    assert await receipt_of(FR_MA, delivery.id, fr) == first


async def test_two_different_receipts_at_once(fr: Node) -> None:
    """Both were proven before either was written: one stands, the other is turned away."""
    delivery = await put(fr)
    message = await fetched(fr, delivery)
    answers = [signed(message), signed(message, outcome=Outcome.REFUSED)]
    async with fr.storage._turn:  # type: ignore[attr-defined] - nobody writes yet
        both = [asyncio.create_task(acknowledged(fr, delivery, answer)) for answer in answers]
        for _ in range(10):
            await asyncio.sleep(0)
        assert not any(each.done() for each in both)
    results = await asyncio.gather(*both, return_exceptions=True)
    kinds = [type(each) for each in results]
    assert sorted(kinds, key=str) == sorted([DeliveryRecord, AlreadyAcknowledged], key=str)
    winner = answers[kinds.index(DeliveryRecord)]
    assert await receipt_of(FR_MA, delivery.id, fr) == winner


@pytest.mark.parametrize(
    "what", ["rubbish", "unsigned", "stranger", "hub itself", "other message", "other bytes", "other sender"]
)
async def test_what_is_not_its_receipt_settles_nothing(what: str, fr: Node) -> None:
    """The same proof as for the answer to a message that was sent; the message stays."""
    delivery = await put(fr)
    message = await fetched(fr, delivery)
    changes: dict[str, object] = {
        "other message": {"message_id": "0" * 8 + "-0000-7000-8000-" + "0" * 12},
        "other bytes": {"envelope_digest": "0" * 64},
        "other sender": {"sender": FR_MA},
    }.get(what, {})
    root = receipts.build(stated(message, **changes))
    keys = {"stranger": seal("stranger", "CH"), "hub itself": gateway_key("FR")}
    if what == "rubbish":
        answer = b"<html>200 OK</html>"
    elif what == "unsigned":
        answer = etree.tostring(root)
    else:
        answer = sign(root, keys.get(what, gateway_key("CH")))
    with pytest.raises(AcknowledgementRefused):
        await acknowledged(fr, delivery, answer)
    assert await get(fr, delivery) == delivery
    assert await listed(fr) == [delivery.message_id]


async def test_another_partners_message_is_not_found(fr: Node) -> None:
    """Not forbidden: whether it exists is nobody else's business."""
    delivery = await put(fr)
    receipt = signed(await fetched(fr, delivery))
    with pytest.raises(NotFound):
        await fetch(OTHER, delivery.message_id, fr, trail())
    with pytest.raises(NotFound):
        await take_receipt(receipt, OTHER, delivery.message_id, fr, trail())
    page = await list_headers(OTHER, after="", limit=9, wait=0, node=fr, trail=trail())
    assert page.headers == ()


async def test_what_was_acknowledged_is_gone(fr: Node) -> None:
    """It cannot be fetched any more."""
    delivery = await put(fr)
    await acknowledged(fr, delivery, signed(await fetched(fr, delivery)))
    with pytest.raises(NotFound):
        await fetched(fr, delivery)


async def test_what_an_operator_gave_up_is_gone(fr: Node) -> None:
    """A message that was given up for another reason than the mailbox's deadline cannot be acknowledged."""
    delivery = await put(fr)
    receipt = signed(await fetched(fr, delivery))
    fr.storage.state.deliveries[delivery.id] = replace(  # type: ignore[attr-defined]
        delivery, state=DeliveryState.DEAD, error_code="partner_answered_wrongly", next_attempt_at=None
    )
    with pytest.raises(NotFound):
        await acknowledged(fr, delivery, receipt)


async def test_nobody_collects_until_the_deadline(fr: Node, clock: SetClock) -> None:
    """The delivery is dead, which operators see, with the reason; the message is still in the box."""
    delivery = await put(fr)
    clock.at = NOW + fr.retry.deadline
    assert await work(fr) == [Step(DeliveryState.DEAD)]
    dead = await get(fr, delivery)
    assert (dead.state, dead.error_code, dead.settled_at) == (DeliveryState.DEAD, "not_collected", clock.at)
    assert "has not collected it from its mailbox since 2026" in dead.error
    assert [entry.outcome for entry in await log_of(fr, kind="failed")] == ["not_collected"]
    assert await listed(fr) == [delivery.message_id]
    done = await acknowledged(fr, delivery, signed(await fetched(fr, delivery)))
    assert (done.state, done.error_code) == (DeliveryState.DELIVERED, "")


async def test_what_was_queued_before_there_was_a_mailbox_waits_in_it(fr: Node, clock: SetClock) -> None:
    """When the operator gives a partner a mailbox, the worker stops sending to it."""
    sending = Directory(fr.directory.hosted, {"ch": replace(SWISS_BOX, mailbox=False)})
    delivery = await put(replace(fr, directory=sending))
    assert delivery.state is DeliveryState.QUEUED
    clock.forward(hours=1)
    assert await work(fr) == [Step(DeliveryState.WAITING, NOW + fr.retry.deadline)]
    assert (await get(fr, delivery)).state is DeliveryState.WAITING
    assert await listed(fr) == [delivery.message_id]


async def test_another_try_after_the_deadline_waits_anew(fr: Node, clock: SetClock) -> None:
    """An operator who puts a dead one into the queue again gives it a whole new time."""
    delivery = await put(fr)
    clock.at = NOW + fr.retry.deadline
    await work(fr)
    fr.storage.state.deliveries[delivery.id] = replace(  # type: ignore[attr-defined]
        await get(fr, delivery), state=DeliveryState.QUEUED, next_attempt_at=clock.at, settled_at=None
    )
    assert await work(fr) == [Step(DeliveryState.WAITING, clock.at + fr.retry.deadline)]


async def test_a_mailbox_that_is_taken_away(fr: Node) -> None:
    """What waits is due at once, and the worker is woken; where the mailbox stays nothing happens."""
    delivery = await put(fr)
    woken: list[bool] = []
    fr.wake = lambda: woken.append(True)
    assert await release(fr) == 0
    assert woken == []
    fr.directory = Directory(fr.directory.hosted, {"ch": replace(SWISS_BOX, mailbox=False)})
    assert await release(fr) == 1
    assert woken == [True]
    after = await get(fr, delivery)
    assert (after.state, after.next_attempt_at) == (DeliveryState.QUEUED, NOW)


async def waits(node: Node, count: int = 1) -> None:
    """Until so many callers of Switzerland wait."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if node.mailboxes.count("ch") >= count:
                return
            await asyncio.sleep(0)


async def test_a_caller_that_waits_is_answered_when_something_comes(
    fr: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by looking again and again: the bell of its own mailbox wakes it."""
    monkeypatch.setattr(mailbox, "POLL_SECONDS", 1000.0)
    waiting = asyncio.create_task(listed(fr, wait=1000))
    await waits(fr)
    delivery = await put(fr)
    async with asyncio.timeout(PATIENCE):
        assert await waiting == [delivery.message_id]
    assert fr.mailboxes.count("ch") == 0


async def test_a_bell_that_was_missed_costs_one_poll(fr: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller looks again by itself."""
    monkeypatch.setattr(mailbox, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(fr.mailboxes, "ring", lambda *_: None)
    waiting = asyncio.create_task(listed(fr, wait=1000))
    await waits(fr)
    delivery = await put(fr)
    async with asyncio.timeout(PATIENCE):
        assert await waiting == [delivery.message_id]


async def test_a_ring_for_somebody_else_wakes_nobody(fr: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub with many mailboxes looks into the one that was filled, not into all."""
    monkeypatch.setattr(mailbox, "POLL_SECONDS", 1000.0)
    looks: list[int] = []
    look = mailbox._look

    async def counted(*arguments: object) -> object:
        looks.append(1)
        return await look(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(mailbox, "_look", counted)
    waiting = asyncio.create_task(listed(fr, wait=1000))
    await waits(fr)
    seen = len(looks)
    fr.mailboxes.ring("de")
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(looks) == seen
    fr.mailboxes.close()
    async with asyncio.timeout(PATIENCE):
        await waiting


async def test_the_time_is_over(fr: Node) -> None:
    """An empty box is answered empty, with the cursor that was asked for."""
    async with asyncio.timeout(PATIENCE):
        page = await list_headers(SWISS_BOX, after="x", limit=9, wait=0.01, node=fr, trail=trail())
    assert (page.headers, page.next) == ((), "x")


async def test_a_few_callers_may_wait(fr: Node) -> None:
    """One too many is told so; the others, and other partners, go on; at the end all are answered at once."""
    waiting = [asyncio.create_task(listed(fr, wait=1000)) for _ in range(MAX_CALLERS)]
    await waits(fr, MAX_CALLERS)
    with pytest.raises(TooManyCallers):
        await listed(fr, wait=1000)
    assert await listed(fr) == []
    with fr.mailboxes.place("de"):
        pass
    fr.mailboxes.close()
    async with asyncio.timeout(PATIENCE):
        assert await asyncio.gather(*waiting) == [[]] * MAX_CALLERS
        assert await listed(fr, wait=1000) == []


async def test_what_both_sides_hold_at_the_end(ch: Node, fr: Node) -> None:
    """A message that Switzerland turns away with a receipt leaves the box as refused, with the reason."""
    delivery = await put(fr)
    message = await fetched(fr, delivery)
    ch.directory = Directory(ch.directory.hosted, {"fr": replace(HUB, allowed=())})
    first = await receive(message.envelope, ch, Trail(called="fr"))
    assert await receive(message.envelope, ch, Trail(called="fr")) == first
    await acknowledged(fr, delivery, first)
    async with ch.storage.read() as transaction:
        there = await transaction.messages.find(Direction.IN, FR_MA, delivery.message_id)
    assert there is not None
    assert there.receipt == first == await receipt_of(FR_MA, delivery.id, fr)
    assert there.recipient == CH_MA
