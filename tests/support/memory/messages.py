"""The port `Messages` in memory."""

from dataclasses import replace
from datetime import datetime

from gateway.errors import StorageError
from gateway.exchange.message_query import MessageQuery, MessageSummary
from gateway.exchange.records import Direction, MessageRecord
from gateway.permits.identity import AuthorityId
from support.memory.state import State, concerns, key_of


class MemoryMessages:
    """Fulfils the port `Messages`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def add(self, record: MessageRecord) -> bool:
        """Keep an envelope unless it is there."""
        key = key_of(record)
        if key in self._state.messages:
            return False
        self._state.messages[key] = record
        return True

    async def change_outcome(self, record: MessageRecord) -> None:
        """Write the outcome and the findings of a message that is kept."""
        known = self._state.messages[key_of(record)]
        self._state.messages[key_of(record)] = replace(
            known, outcome=record.outcome, findings=record.findings
        )

    async def find(self, direction: Direction, sender: AuthorityId, message_id: str) -> MessageRecord | None:
        """The message with that sender and id."""
        return self._state.messages.get((direction, sender, message_id))

    async def keep_receipt(self, record: MessageRecord, receipt: bytes) -> bytes:
        """Keep a receipt unless there is one."""
        known = self._state.messages.get(key_of(record))
        if known is None:
            raise StorageError("a receipt for a message that is not kept")
        if known.receipt is None:
            self._state.messages[key_of(record)] = replace(known, receipt=receipt)
            return receipt
        return known.receipt

    async def search(self, query: MessageQuery) -> list[MessageSummary]:
        """Matching messages, newest first."""
        found = [
            _summary(m)
            for m in self._state.messages.values()
            if query.direction in (None, m.direction)
            and query.message_id in ("", m.message_id)
            and query.partner in ("", m.partner)
            and (query.authority is None or query.authority in (m.sender, m.recipient))
            and concerns(m, query.within)
            and query.kind in (None, m.kind)
            and query.outcome in (None, m.outcome)
            and query.issuer in ("", m.permit.issuer)
            and query.number in ("", m.permit.number)
            and (query.since is None or m.recorded_at >= query.since)
            and (query.until is None or m.recorded_at < query.until)
        ]
        found.sort(key=_place, reverse=True)
        if query.after:
            beyond = query.after.recorded_at, query.after.key
            found = [m for m in found if _place(m) < beyond]
        return found[: query.limit]


def _summary(message: MessageRecord) -> MessageSummary:
    """A message without its bytes."""
    return MessageSummary(
        direction=message.direction,
        message_id=message.message_id,
        conversation_id=message.conversation_id,
        sender=message.sender,
        recipient=message.recipient,
        partner=message.partner,
        permit=message.permit,
        kind=message.kind,
        recorded_at=message.recorded_at,
        outcome=message.outcome,
        findings=len(message.findings),
        receipted=message.receipt is not None,
    )


def _place(message: MessageSummary) -> tuple[datetime, str]:
    """Where it stands in the list."""
    return message.place.recorded_at, message.place.key
