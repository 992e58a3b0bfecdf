"""One attempt to push an event: what goes out, and what becomes of the delivery."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from support.exchange import CH_MA, FR_MA
from support.gateways import log_of
from support.happenings import arrive, endorse, events_of
from support.memory import MemoryStorage
from support.webhooks import MemoryPusher, webhook

from gateway.errors import KeyMaterialError, PartnerAnsweredWrongly, PartnerUnreachable
from gateway.exchange.delivery import DeliveryState, Room, Step
from gateway.exchange.delivery_query import DeliveryQuery
from gateway.exchange.records import DeliveryRecord
from gateway.exchange.webhooks import Format
from gateway.flows.author import Author
from gateway.flows.event_content import data_of, document_of
from gateway.flows.expire import expire
from gateway.flows.operate import Act, act_on
from gateway.flows.ports import Node
from gateway.flows.push import push

HOOK = webhook()


@pytest.fixture
def hooked(fr: Node) -> Node:
    """France with one webhook."""
    fr.webhooks = {HOOK.id: HOOK}
    return fr


async def claimed(node: Node, worker: str = "w") -> list[DeliveryRecord]:
    """What is due, taken by a worker."""
    at = node.clock.now()
    async with node.storage.write() as transaction:
        return await transaction.deliveries.claim(
            at=at, lease_until=at + timedelta(minutes=1), worker=worker, limit=10, room=Room(10)
        )


async def pushed(node: Node, pusher: MemoryPusher) -> Step:
    """One attempt at the one delivery that is due."""
    (delivery,) = [each for each in await claimed(node) if each.partner == HOOK.id]
    return await push(delivery, "w", node, pusher)


async def stored(node: Node) -> DeliveryRecord:
    """The one delivery to the webhook."""
    async with node.storage.read() as transaction:
        (found,) = await transaction.deliveries.search(DeliveryQuery(partner=HOOK.id))
    return found


async def test_the_event_as_json(hooked: Node) -> None:
    """The same as in the feed; its id is that of the event; delivered, with attempt and log."""
    await arrive(hooked)
    pusher = MemoryPusher()
    assert (await pushed(hooked, pusher)).state is DeliveryState.DELIVERED
    (event,) = await events_of(hooked, FR_MA)
    ((name, parcel, at),) = pusher.parcels
    assert (name, parcel.id, at) == (HOOK.name, event.id, hooked.clock.now())
    assert parcel.content_type == "application/cloudevents+json"
    body = json.loads(parcel.body)
    assert body["id"] == event.id
    assert body["data"] == await data_of(event, hooked)
    assert (await stored(hooked)).state is DeliveryState.DELIVERED
    async with hooked.storage.read() as transaction:
        (attempt,) = await transaction.deliveries.attempts((await stored(hooked)).id)
    assert (attempt.address, attempt.outcome) == (HOOK.url, "delivered")
    (entry,) = await log_of(hooked, kind="sent")
    assert (entry.partner, entry.message_id, entry.authority) == (HOOK.id, event.id, "FR:MA")


async def test_the_event_stays_in_the_feed(hooked: Node) -> None:
    """Another system of the authority may read it there."""
    await arrive(hooked)
    await pushed(hooked, MemoryPusher())
    assert len(await events_of(hooked, FR_MA)) == 1


async def test_the_documents_as_xml(hooked: Node) -> None:
    """The bytes as they came; the attributes are headers, and none of them is the number."""
    hooked.webhooks = {HOOK.id: replace(HOOK, format=Format.XML)}
    pusher = MemoryPusher()
    await arrive(hooked)
    await pushed(hooked, pusher)
    await endorse(hooked)
    await pushed(hooked, pusher)
    for (_, parcel, _), event in zip(pusher.parcels, await events_of(hooked, FR_MA), strict=True):
        assert parcel.body == await document_of(event, hooked)
        assert parcel.content_type == "application/xml"
        assert parcel.headers == {
            "ce-specversion": "1.0",
            "ce-id": event.id,
            "ce-source": "urn:ecites-gateway:events:FR:MA",
            "ce-type": event.kind.value,
            "ce-time": event.made_at.isoformat(),
        }


@pytest.mark.parametrize(
    "error",
    [
        PartnerUnreachable("gone"),
        PartnerAnsweredWrongly("HTTP 404", status=404, final=False),
        KeyMaterialError("no secret"),
    ],
)
async def test_what_is_not_taken_is_tried_again(hooked: Node, error: Exception) -> None:
    """With the same id, which the receiver recognises."""
    await arrive(hooked)
    pusher = MemoryPusher([error])
    step = await pushed(hooked, pusher)
    assert step.state is DeliveryState.QUEUED
    assert step.next_attempt_at is not None
    assert step.next_attempt_at > hooked.clock.now()
    assert [each.outcome for each in await log_of(hooked, kind="failed")] == [error.code]
    hooked.clock.at = step.next_attempt_at
    assert (await pushed(hooked, pusher)).state is DeliveryState.DELIVERED
    (event,) = await events_of(hooked, FR_MA)
    assert [parcel.id for _, parcel, _ in pusher.parcels] == [event.id]


async def test_an_answer_that_was_lost_brings_the_same_id_again(hooked: Node) -> None:
    """The receiver has it already: at least once, and recognised."""
    await arrive(hooked)
    pusher = MemoryPusher(lost_answers=[PartnerUnreachable("lost")])
    step = await pushed(hooked, pusher)
    hooked.clock.at = step.next_attempt_at
    await pushed(hooked, pusher)
    first, second = (parcel.id for _, parcel, _ in pusher.parcels)
    assert first == second


async def test_retry_after_counts(hooked: Node) -> None:
    """A receiver that says when to come again is not asked before."""
    await arrive(hooked)
    error = PartnerAnsweredWrongly("HTTP 429", status=429, final=False, retry_after=7200.0)
    step = await pushed(hooked, MemoryPusher([error]))
    assert step.next_attempt_at == hooked.clock.now() + timedelta(hours=2)


async def test_gone_is_given_up_and_can_be_sent_again(hooked: Node) -> None:
    """A dead letter like any other: an operator sends it again."""
    await arrive(hooked)
    error = PartnerAnsweredWrongly("HTTP 410", status=410, final=True)
    assert (await pushed(hooked, MemoryPusher([error]))).state is DeliveryState.DEAD
    query = DeliveryQuery(partner=HOOK.id)
    assert await act_on(Act.REQUEUE, query, Author("Anna", "it is back"), hooked) == 1
    pusher = MemoryPusher()
    assert (await pushed(hooked, pusher)).state is DeliveryState.DELIVERED
    assert len(pusher.parcels) == 1


async def test_the_deadline_holds_for_webhooks(hooked: Node) -> None:
    """What nobody takes for so long is a dead letter."""
    await arrive(hooked)
    hooked.clock.at += hooked.retry.deadline + timedelta(seconds=1)
    assert await expire(hooked) >= 1
    assert (await stored(hooked)).state is DeliveryState.NO_RECEIPT


async def test_what_is_not_kept_any_more_is_given_up(hooked: Node) -> None:
    """It is not the receiver's fault, and says nothing of its health."""
    await arrive(hooked)
    assert isinstance(hooked.storage, MemoryStorage)
    hooked.storage.state.events.clear()
    assert (await pushed(hooked, MemoryPusher())).state is DeliveryState.DEAD
    assert HOOK.id not in hooked.storage.state.health


async def test_a_webhook_that_was_taken_away(hooked: Node) -> None:
    """What was queued for it waits, until it is there again or the time is over."""
    await arrive(hooked)
    hooked.webhooks = {}
    step = await pushed(hooked, MemoryPusher())
    assert step.state is DeliveryState.QUEUED
    assert "not among the webhooks" in (await stored(hooked)).error


async def test_a_lost_lease_decides_nothing(hooked: Node) -> None:
    """Another worker has it: the attempt is kept, and the state is the other's."""
    await arrive(hooked)
    (delivery,) = await claimed(hooked)
    hooked.clock.at += timedelta(minutes=2)
    await claimed(hooked, "other")
    await push(delivery, "w", hooked, MemoryPusher())
    assert (await stored(hooked)).state is DeliveryState.SENDING
    assert [each.outcome for each in await log_of(hooked, kind="sent")] == ["lease-lost"]


async def test_the_author_is_the_sender(hooked: Node) -> None:
    """The delivery says whose news it is, for `ecites delivery show`."""
    await arrive(hooked)
    assert (await stored(hooked)).sender == CH_MA
