"""How partners answer, the same in every storage."""

from dataclasses import replace
from datetime import timedelta

from support.exchange import delivery
from support.keys import NOW

from gateway.exchange.breaker import PartnerHealth
from gateway.exchange.delivery import DeliveryState

HEALTH = PartnerHealth(
    "fr", 7, NOW, NOW - timedelta(hours=1), NOW, "partner_unreachable", "zweimal für nichts"
)


async def test_a_partner_of_whom_nothing_is_known_is_in_perfect_health(storage):
    """Nobody has to be registered first."""
    async with storage.read() as transaction:
        assert await transaction.health.get("fr") == PartnerHealth("fr")
        assert await transaction.health.all() == {}


async def test_health_comes_back_and_is_replaced(storage):
    """Every field; the last one written stands; others are not touched."""
    other = PartnerHealth("de", answered_at=NOW)
    for health in (HEALTH, other, replace(HEALTH, failures=0, probe_at=None)):
        async with storage.write() as transaction:
            await transaction.health.put(health)
        async with storage.read() as transaction:
            assert await transaction.health.get(health.partner) == health
    async with storage.read() as transaction:
        assert await transaction.health.all() == {"fr": health, "de": other}


async def test_what_waits_is_released(storage):
    """What waits for a later attempt to that partner is due now; nothing else is touched."""
    later = NOW + timedelta(hours=1)
    waits = delivery(partner="fr", next_attempt_at=later)
    due = delivery(partner="fr", next_attempt_at=NOW - timedelta(hours=1))
    another = delivery(partner="de", next_attempt_at=later)
    sending = delivery(partner="fr", state=DeliveryState.SENDING, next_attempt_at=later)
    done = delivery(partner="fr", state=DeliveryState.DELIVERED, next_attempt_at=None)
    records = [waits, due, another, sending, done]
    async with storage.write() as transaction:
        await transaction.deliveries.add(records)
        assert await transaction.deliveries.release("fr", NOW) == 1
    async with storage.read() as transaction:
        found = [await transaction.deliveries.get(record.id) for record in records]
    assert found == [replace(waits, next_attempt_at=NOW), due, another, sending, done]


async def expired(storage, *, only="", beside=(), limit=10, before=NOW):
    """Give up what was queued before a moment."""
    async with storage.write() as transaction:
        return await transaction.deliveries.expire(
            created_before=before, at=NOW, only=only, beside=beside, limit=limit
        )


async def test_what_waited_too_long_is_given_up(storage):
    """Queued before the moment, not at it; what is on its way is not touched, and nothing twice."""
    old = delivery(created_at=NOW - timedelta(microseconds=1), next_attempt_at=NOW + timedelta(hours=1))
    young = delivery(created_at=NOW, next_attempt_at=NOW)
    sending = replace(delivery(created_at=NOW - timedelta(days=9)), state=DeliveryState.SENDING)
    async with storage.write() as transaction:
        await transaction.deliveries.add([old, young, sending])
    assert await expired(storage) == [old]
    assert await expired(storage) == []
    async with storage.read() as transaction:
        given_up = await transaction.deliveries.get(old.id)
        assert await transaction.deliveries.get(young.id) == young
        assert await transaction.deliveries.get(sending.id) == sending
    assert (given_up.state, given_up.settled_at) == (DeliveryState.NO_RECEIPT, NOW)
    assert given_up.next_attempt_at is None


async def test_partners_with_a_deadline_of_their_own(storage):
    """For one partner, or for all but some; no more than the limit."""
    before = NOW - timedelta(days=1)
    records = {
        name: [delivery(partner=name, created_at=before, next_attempt_at=NOW) for _ in range(2)]
        for name in ("fr", "de", "it")
    }
    async with storage.write() as transaction:
        await transaction.deliveries.add([each for group in records.values() for each in group])
    assert {each.partner for each in await expired(storage, only="de")} == {"de"}
    assert len(await expired(storage, beside=("fr", "de"), limit=1)) == 1
    assert {each.partner for each in await expired(storage, beside=("fr",))} == {"it"}
    assert {each.partner for each in await expired(storage)} == {"fr"}
