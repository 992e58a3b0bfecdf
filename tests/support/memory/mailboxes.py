"""The port `Mailboxes` in memory."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from gateway.exchange.delivery import DeliveryState, Step
from gateway.exchange.mailbox import MailboxHeader, in_the_box
from gateway.exchange.records import (
    Attempt,
    DeliveryRecord,
    Direction,
)
from support.memory.state import State


class MemoryMailboxes:
    """Fulfils the port `Mailboxes`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def waiting(self, partner: str, *, after: str, limit: int) -> list[MailboxHeader]:
        """What is not yet acknowledged, oldest first."""
        found = [
            (record, self._state.messages[Direction.OUT, record.sender, record.message_id])
            for record in self._state.deliveries.values()
            if record.partner == partner
            and in_the_box(record)
            and record.id > after
            and (Direction.OUT, record.sender, record.message_id) in self._state.messages
        ]
        found.sort(key=lambda each: each[0].id)
        return [
            MailboxHeader(
                cursor=record.id,
                message_id=message.message_id,
                sender=str(message.sender),
                recipient=str(message.recipient),
                kind=message.kind.value,
                sent_at=message.sent_at,
                size=len(message.envelope),
                digest=message.envelope_digest,
            )
            for record, message in found[:limit]
        ]

    async def find(self, partner: str, message_id: str) -> DeliveryRecord | None:
        """The delivery of one message, also when it has left the box."""
        found = (
            d for d in self._state.deliveries.values() if (d.partner, d.message_id) == (partner, message_id)
        )
        return next(found, None)

    async def settle(
        self, record: DeliveryRecord, step: Step, attempt: Attempt, *, code: str, error: str
    ) -> bool:
        """Write what a receipt says of a message in the box, unless it has left it."""
        known = self._state.deliveries.get(record.id)
        if known is None or not in_the_box(known):
            return False
        self._state.attempts.append(attempt)
        self._state.leases.pop(record.id, None)
        self._state.deliveries[record.id] = replace(
            known,
            state=step.state,
            next_attempt_at=None,
            attempts=known.attempts + 1,
            settled_at=attempt.ended_at,
            error_code=code,
            error=error,
        )
        return True

    async def release(self, keepers: Collection[str], at: datetime) -> int:
        """Send what waits for partners that have no mailbox any more."""
        waiting = [d for d in self._state.deliveries.values() if d.state is DeliveryState.WAITING]
        released = [record for record in waiting if record.partner not in keepers]
        for record in released:
            self._state.deliveries[record.id] = replace(
                record, state=DeliveryState.QUEUED, next_attempt_at=at
            )
        return len(released)
