"""Looking for messages, the same in every storage."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.exchange import CH_CUSTOMS, CH_MA, FINDING, FR_CUSTOMS, FR_MA, ids, message
from support.keys import NOW

from gateway.exchange.message import Kind
from gateway.exchange.message_query import MessageQuery
from gateway.exchange.receipts import Outcome
from gateway.exchange.records import Direction
from gateway.permits.identity import PermitRef

HOUR = timedelta(hours=1)
RECORDS = tuple(
    replace(record, message_id=made)
    for made, record in zip(
        ids(4),
        (
            message(recorded_at=NOW - HOUR, kind=Kind.TEST),
            message(recorded_at=NOW, recipient=FR_CUSTOMS, receipt=b"r"),
            message(
                recorded_at=NOW,
                direction=Direction.IN,
                sender=FR_MA,
                recipient=CH_MA,
                outcome=Outcome.REFUSED,
                findings=(FINDING, FINDING),
                receipt=b"r",
            ),
            message(
                recorded_at=NOW + HOUR,
                direction=Direction.IN,
                sender=FR_MA,
                recipient=CH_CUSTOMS,
                partner="de",
                permit=PermitRef("FR", "26/FR/1"),
            ),
        ),
        strict=True,
    )
)
NEWEST_FIRST = (3, 1, 2, 0)
"""Of two of one moment the one that went comes first: `out` after `in`, and then backwards."""


@pytest.fixture
async def filled(storage):
    """The four messages."""
    async with storage.write() as transaction:
        for record in RECORDS:
            assert await transaction.messages.add(record)
    return storage


async def search(storage, **conditions):
    """What a search finds."""
    async with storage.read() as transaction:
        return await transaction.messages.search(MessageQuery(**conditions))


def positions(found):
    """Which ones."""
    known = [record.message_id for record in RECORDS]
    return [known.index(each.message_id) for each in found]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, [3, 1, 2, 0]),
        ({"limit": 2}, [3, 1]),
        ({"direction": Direction.IN}, [3, 2]),
        ({"partner": "de"}, [3]),
        ({"authority": FR_CUSTOMS}, [1]),
        ({"authority": CH_MA}, [1, 2, 0]),
        ({"authority": CH_MA, "limit": 1}, [1]),
        ({"within": frozenset({CH_CUSTOMS, FR_CUSTOMS})}, [3, 1]),
        ({"within": frozenset({CH_CUSTOMS}), "authority": CH_MA}, []),
        ({"within": frozenset({CH_MA}), "number": "26/FR/1"}, []),
        ({"number": "26/FR/1"}, [3]),
        ({"number": "26/FR/1", "issuer": "CH"}, []),
        ({"kind": Kind.TEST}, [0]),
        ({"outcome": Outcome.REFUSED}, [2]),
        ({"since": NOW}, [3, 1, 2]),
        ({"until": NOW}, [0]),
        ({"message_id": RECORDS[2].message_id}, [2]),
        ({"message_id": RECORDS[2].message_id, "within": frozenset({CH_CUSTOMS})}, []),
    ],
    ids=lambda each: (
        " ".join(each) if isinstance(each, dict) else str(each)
    ),  # no random id, no order of a set
)
async def test_all_conditions_hold_together(filled, conditions, expected):
    """Newest first, no more than the limit."""
    assert positions(await search(filled, **conditions)) == expected


@pytest.mark.parametrize("within", [frozenset(), frozenset({CH_MA, CH_CUSTOMS})], ids=["all", "bounded"])
async def test_page_after_page_shows_each_message_once(filled, within):
    """Also where two messages are of one moment."""
    seen, after = [], None
    while page := await search(filled, limit=1, after=after, within=within):
        seen += positions(page)
        after = page[-1].place
    assert tuple(seen) == NEWEST_FIRST


async def test_a_summary_says_what_became_of_a_message(filled):
    """Outcome, how many findings, and whether there is a receipt."""
    (found,) = await search(filled, outcome=Outcome.REFUSED)
    assert (found.outcome, found.findings, found.receipted) == (Outcome.REFUSED, 2, True)
    assert (found.sender, found.recipient, found.permit) == (FR_MA, CH_MA, RECORDS[2].permit)
    assert (await search(filled, kind=Kind.TEST))[0].receipted is False
