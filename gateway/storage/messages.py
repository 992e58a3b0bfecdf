"""Envelopes, in both directions."""

from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.exchange.message import Kind
from gateway.exchange.message_query import MessageQuery, MessageSummary
from gateway.exchange.receipts import Outcome
from gateway.exchange.records import Direction, MessageRecord
from gateway.permits.identity import AuthorityId
from gateway.storage.message_search import matching, summary
from gateway.storage.once import insert_once
from gateway.storage.rows import authority, findings_from_text, findings_to_text, permit_ref
from gateway.storage.tables import messages

_MINE = (
    (messages.c.direction == bindparam("wanted_direction"))
    & (messages.c.sender == bindparam("wanted_sender"))
    & (messages.c.message_id == bindparam("wanted_id"))
)
_FIND = select(messages).where(_MINE)
_KEEP_RECEIPT = (
    update(messages).where(_MINE, messages.c.receipt.is_(None)).values(receipt=bindparam("new_receipt"))
)


def _key(direction: Direction, sender: AuthorityId, message_id: str) -> dict[str, Any]:
    """The values of the primary key."""
    return {"wanted_direction": direction.value, "wanted_sender": str(sender), "wanted_id": message_id}


class MessageTable:
    """Fulfils the port `Messages`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Works inside the transaction of `connection`."""
        self._connection = connection

    async def add(self, record: MessageRecord) -> bool:
        """Keep an envelope; False when sender and id are known in that direction."""
        return await insert_once(self._connection, messages, [_values(record)]) == 1

    async def change_outcome(self, record: MessageRecord) -> None:
        """Write the outcome and the findings of a message that was kept in this transaction."""
        await self._connection.execute(
            update(messages)
            .where(_MINE)
            .values(outcome=bindparam("new_outcome"), findings=bindparam("new_findings")),
            _key(record.direction, record.sender, record.message_id)
            | {
                "new_outcome": record.outcome.value if record.outcome else None,
                "new_findings": findings_to_text(record.findings),
            },
        )

    async def find(self, direction: Direction, sender: AuthorityId, message_id: str) -> MessageRecord | None:
        """The message with that sender and id."""
        row = (await self._connection.execute(_FIND, _key(direction, sender, message_id))).first()
        return None if row is None else _record(row)

    async def keep_receipt(self, record: MessageRecord, receipt: bytes) -> bytes:
        """Keep a receipt unless there is one; the first one stands for ever."""
        key = _key(record.direction, record.sender, record.message_id)
        written = await self._connection.execute(_KEEP_RECEIPT, key | {"new_receipt": receipt})
        if written.rowcount:
            return receipt
        standing = (await self._connection.execute(select(messages.c.receipt).where(_MINE), key)).scalar_one()
        return bytes(standing)

    async def search(self, query: MessageQuery) -> list[MessageSummary]:
        """Matching messages, newest first; no envelope is read for it."""
        return [summary(row) for row in await self._connection.execute(matching(query))]


def _values(record: MessageRecord) -> dict[str, Any]:
    """The row of a record."""
    return {
        "direction": record.direction.value,
        "sender": str(record.sender),
        "message_id": record.message_id,
        "conversation_id": record.conversation_id,
        "recipient": str(record.recipient),
        "partner": record.partner,
        "issuer": record.permit.issuer,
        "number": record.permit.number,
        "sent_at": record.sent_at,
        "recorded_at": record.recorded_at,
        "envelope": record.envelope,
        "envelope_digest": record.envelope_digest,
        "payload_digest": record.payload_digest,
        "outcome": record.outcome.value if record.outcome else None,
        "findings": findings_to_text(record.findings),
        "receipt": record.receipt,
        "kind": record.kind.value,
    }


def _record(row: Any) -> MessageRecord:
    """The record of a row."""
    return MessageRecord(
        direction=Direction(row.direction),
        message_id=row.message_id,
        conversation_id=row.conversation_id,
        sender=authority(row.sender),
        recipient=authority(row.recipient),
        partner=row.partner,
        permit=permit_ref(row),
        sent_at=row.sent_at,
        recorded_at=row.recorded_at,
        envelope=row.envelope,
        envelope_digest=row.envelope_digest,
        payload_digest=row.payload_digest,
        outcome=Outcome(row.outcome) if row.outcome else None,
        findings=findings_from_text(row.findings),
        receipt=row.receipt,
        kind=Kind(row.kind),
    )
