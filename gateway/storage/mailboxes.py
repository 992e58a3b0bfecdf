"""Messages that wait until their partner collects them."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.errors import NotCollected
from gateway.exchange.delivery import DeliveryState, Step
from gateway.exchange.mailbox import MailboxHeader
from gateway.exchange.records import Attempt, DeliveryRecord, Direction
from gateway.storage.deliveries import delivery_record, keep_attempt
from gateway.storage.doorbell import ring
from gateway.storage.tables import deliveries, messages

_IN_THE_BOX = or_(
    deliveries.c.state.in_([state.value for state in DeliveryState if not state.settled]),
    and_(deliveries.c.state == DeliveryState.DEAD.value, deliveries.c.error_code == NotCollected.code),
)
"""As `in_the_box` of `exchange/mailbox.py` says it."""

_ITS_MESSAGE = and_(
    messages.c.direction == Direction.OUT.value,
    messages.c.sender == deliveries.c.sender,
    messages.c.message_id == deliveries.c.message_id,
)


class MailboxTable:
    """Fulfils the port `Mailboxes`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Works inside the transaction of `connection`."""
        self._connection = connection

    async def waiting(self, partner: str, *, after: str, limit: int) -> list[MailboxHeader]:
        """What is not yet acknowledged, oldest first; no envelope is read for it."""
        rows = await self._connection.execute(
            select(
                deliveries.c.id.label("cursor"),
                messages.c.message_id,
                messages.c.sender,
                messages.c.recipient,
                messages.c.kind,
                messages.c.sent_at,
                func.length(messages.c.envelope).label("size"),
                messages.c.envelope_digest.label("digest"),
            )
            .join(messages, _ITS_MESSAGE)
            .where(deliveries.c.partner == partner, _IN_THE_BOX, deliveries.c.id > after)
            .order_by(deliveries.c.id)
            .limit(limit)
        )
        return [MailboxHeader(**row) for row in rows.mappings()]

    async def find(self, partner: str, message_id: str) -> DeliveryRecord | None:
        """The delivery of one message, also when it has left the box."""
        row = (
            await self._connection.execute(
                select(deliveries).where(
                    deliveries.c.partner == partner, deliveries.c.message_id == message_id
                )
            )
        ).first()
        return None if row is None else delivery_record(row)

    async def settle(
        self, record: DeliveryRecord, step: Step, attempt: Attempt, *, code: str, error: str
    ) -> bool:
        """Write what a receipt says of a message in the box; False, and nothing, when it has left the box."""
        written = await self._connection.execute(
            update(deliveries)
            .where(deliveries.c.id == record.id, _IN_THE_BOX)
            .values(
                state=step.state.value,
                due_at=None,
                lease_owner=None,
                attempts=deliveries.c.attempts + 1,
                settled_at=attempt.ended_at,
                error_code=code,
                error=error,
            )
        )
        if written.rowcount:
            await keep_attempt(self._connection, attempt)
        return bool(written.rowcount)

    async def release(self, keepers: Collection[str], at: datetime) -> int:
        """Send what waits for partners that have no mailbox any more."""
        released = await self._connection.execute(
            update(deliveries)
            .where(
                deliveries.c.state == DeliveryState.WAITING.value,
                deliveries.c.partner.not_in(sorted(keepers)),
            )
            .values(state=DeliveryState.QUEUED.value, due_at=at)
        )
        if released.rowcount:
            await ring(self._connection)
        return released.rowcount
