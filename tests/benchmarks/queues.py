"""Queues of any length, written through the storage port."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from gateway import clock
from gateway.exchange.delivery import DeliveryState
from gateway.exchange.records import DeliveryRecord
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.storage.unit_of_work import Database

BATCH = 5_000
"""Rows in one transaction."""

CH_MA, FR_MA = AuthorityId.parse("CH:MA"), AuthorityId.parse("FR:MA")


async def fill(database: Database, partners: Sequence[str], *, count: int, at: datetime) -> None:
    """Queue `count` deliveries, the partners in turns; all have been due for a while at `at`."""
    for start in range(0, count, BATCH):
        made = [
            queued(partners[number % len(partners)], number, at)
            for number in range(start, min(start + BATCH, count))
        ]
        async with database.write() as transaction:
            await transaction.deliveries.add(made)


def queued(partner: str, number: int, at: datetime) -> DeliveryRecord:
    """A delivery that waits since a while before `at`; the higher the number, the shorter."""
    since = at - timedelta(days=1) + timedelta(milliseconds=number)
    return DeliveryRecord(
        id=clock.new_id(),
        conversation_id=clock.new_id(),
        sender=CH_MA,
        recipient=FR_MA,
        partner=partner,
        message_id=clock.new_id(),
        permit=PermitRef.of("CH", f"CH-{number}"),
        state=DeliveryState.QUEUED,
        created_at=since,
        next_attempt_at=since,
    )
