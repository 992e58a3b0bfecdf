"""Looking for deliveries and changing them, the same in every storage."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS, FR_MA, delivery, ids
from support.keys import NOW

from gateway.exchange.delivery import DeliveryState
from gateway.exchange.delivery_query import DEAD_LETTERS, DeliveryQuery
from gateway.permits.identity import PermitRef

HOUR = timedelta(hours=1)
RECORDS = tuple(
    replace(record, id=made)
    for made, record in zip(
        ids(4),
        (
            delivery(
                partner="fr",
                recipient=FR_CUSTOMS,
                state=DeliveryState.DEAD,
                error_code="x",
                created_at=NOW - HOUR,
                settled_at=NOW,
                next_attempt_at=None,
            ),
            delivery(state=DeliveryState.QUEUED, created_at=NOW),
            delivery(
                message_id="wanted",
                partner="de",
                state=DeliveryState.NO_RECEIPT,
                created_at=NOW + HOUR,
                settled_at=NOW - HOUR,
                requeued_at=NOW + HOUR,
                next_attempt_at=None,
            ),
            delivery(
                partner="de",
                sender=CH_CUSTOMS,
                permit=PermitRef("FR", "26/FR/1"),
                state=DeliveryState.SENDING,
                error_code="x",
                created_at=NOW,
            ),
        ),
        strict=True,
    )
)


@pytest.fixture
async def filled(storage):
    """The four deliveries, in the order of their ids."""
    async with storage.write() as transaction:
        await transaction.deliveries.add(RECORDS)
    return storage


async def found(storage, **conditions):
    """Positions of what a search finds."""
    async with storage.read() as transaction:
        records = await transaction.deliveries.search(DeliveryQuery(**conditions))
    return [RECORDS.index(record) for record in records]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, [0, 1, 2, 3]),
        ({"partner": "fr"}, [0, 1]),
        ({"message_id": "wanted"}, [2]),
        ({"states": DEAD_LETTERS}, [0, 2]),
        ({"error_code": "x"}, [0, 3]),
        ({"error_code": "x", "partner": "de"}, [3]),
        ({"created_before": NOW}, [0]),
        ({"created_since": NOW}, [1, 2, 3]),
        ({"created_since": NOW, "created_before": NOW + HOUR}, [1, 3]),
        ({"ids": [2, 0]}, [0, 2]),
        ({"ids": [99]}, []),
        ({"after": 1}, [2, 3]),
        ({"limit": 2}, [0, 1]),
        ({"limit": 2, "after": 0, "partner": "de"}, [2, 3]),
        ({"number": "26/FR/1"}, [3]),
        ({"number": "26/FR/1", "issuer": "CH"}, []),
        ({"authority": FR_CUSTOMS}, [0]),
        ({"authority": CH_MA}, [0, 1, 2]),
        ({"within": frozenset({FR_CUSTOMS, CH_CUSTOMS})}, [0, 3]),
        ({"within": frozenset({CH_CUSTOMS}), "number": "26/FR/1"}, [3]),
        ({"within": frozenset({CH_CUSTOMS}), "ids": [0, 1, 2]}, []),
        ({"within": frozenset({CH_CUSTOMS}), "message_id": "wanted"}, []),
        ({"within": frozenset({CH_CUSTOMS}), "partner": "fr"}, []),
        ({"within": frozenset({CH_CUSTOMS}), "states": DEAD_LETTERS}, []),
        ({"within": frozenset({CH_CUSTOMS}), "authority": FR_MA}, [3]),
        ({"newest_first": True}, [3, 2, 1, 0]),
        ({"newest_first": True, "after": 2, "limit": 1}, [1]),
        ({"newest_first": True, "limit": 2, "states": DEAD_LETTERS}, [2, 0]),
        ({"newest_first": True, "limit": 1, "within": frozenset({FR_CUSTOMS, CH_CUSTOMS})}, [3]),
        ({"up_to": 1}, [0, 1]),
        ({"as_of": NOW}, [0, 1, 3]),
        ({"as_of": NOW - timedelta(seconds=1)}, [1, 3]),
        ({"as_of": NOW + HOUR}, [0, 1, 2, 3]),
    ],
    ids=lambda each: (
        " ".join(each) if isinstance(each, dict) else str(each)
    ),  # no random id, no order of a set
)
async def test_all_conditions_hold_together(filled, conditions, expected):
    """Oldest first, no more than the limit; ids stand as positions."""
    if "ids" in conditions:
        conditions = conditions | {
            "ids": tuple(RECORDS[n].id if n < 4 else "none" for n in conditions["ids"])
        }
    for name in ("after", "up_to"):
        if name in conditions:
            conditions = conditions | {name: RECORDS[conditions[name]].id}
    assert await found(filled, **conditions) == expected


async def change(storage, *records, only_in=DEAD_LETTERS):
    """Change some."""
    async with storage.write() as transaction:
        return await transaction.deliveries.change(records, only_in=only_in)


async def test_what_an_operator_decides_is_written(filled):
    """State, next attempt, end and deadline; everything else stays."""
    again = replace(
        RECORDS[0], state=DeliveryState.QUEUED, next_attempt_at=NOW, settled_at=None, requeued_at=NOW
    )
    assert await change(filled, again) == {again.id}
    async with filled.read() as transaction:
        assert await transaction.deliveries.get(again.id) == again


async def test_what_has_changed_meanwhile_stays(filled):
    """The state decides: what is on its way is not touched, and of two operators one is too late."""
    dropped = [replace(record, state=DeliveryState.DROPPED) for record in RECORDS]
    allowed = (DeliveryState.QUEUED, *DEAD_LETTERS)
    assert await change(filled, *dropped, only_in=allowed) == {RECORDS[n].id for n in (0, 1, 2)}
    assert await change(filled, *dropped, only_in=allowed) == set()
    async with filled.read() as transaction:
        assert await transaction.deliveries.get(RECORDS[3].id) == RECORDS[3]


async def test_a_new_deadline_counts_from_the_requeue(filled):
    """What an operator sent again is not given up for its age."""
    again = replace(RECORDS[0], state=DeliveryState.QUEUED, next_attempt_at=NOW, requeued_at=NOW + 2 * HOUR)
    await change(filled, again)
    async with filled.write() as transaction:
        expired = await transaction.deliveries.expire(
            created_before=NOW + HOUR, at=NOW, only="", beside=(), limit=10
        )
    assert again.id not in [record.id for record in expired]
