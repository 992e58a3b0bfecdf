"""Deliveries and messages on the desk of a gateway, in every state that somebody may come upon."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from gateway.clock import new_id
from gateway.exchange.delivery import DeliveryState, Step
from gateway.exchange.receipts import Outcome
from gateway.exchange.records import DeliveryRecord, Direction, MessageRecord
from gateway.messagelog.entry import EntryKind
from gateway.permits.identity import PermitRef
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS, FR_MA, attempt, delivery, log_entry, message
from support.keys import NOW

HOSTILE = "<script>alert(1)</script> & 'so on'"
"""What a partner may write into an error."""


class Desk:
    """What lies on it, by name."""

    def __init__(self, door: Any) -> None:
        """Nothing yet."""
        self.door = door
        self.records: dict[str, DeliveryRecord] = {}
        self.messages: dict[str, MessageRecord] = {}

    async def put(self, name: str, **changes: Any) -> DeliveryRecord:
        """A delivery with its message, and one attempt when it was tried."""
        at = changes.pop("created_at", NOW - timedelta(minutes=10 + len(self.records)))
        made = delivery(
            id=new_id(at),
            message_id=new_id(at),
            created_at=at,
            **{"permit": PermitRef("CH", f"CH-{name}")} | changes,
        )
        if made.state.settled:
            made = replace(made, next_attempt_at=None, settled_at=changes.get("settled_at", NOW))
        sent = message(
            message_id=made.message_id,
            conversation_id=made.conversation_id,
            sender=made.sender,
            recipient=made.recipient,
            partner=made.partner,
            permit=made.permit,
            recorded_at=made.created_at,
            envelope=f"<envelope>{name}</envelope>".encode(),
        )
        async with self.door.database.write() as transaction:
            await transaction.deliveries.add([made])
            await transaction.messages.add(sent)
            await transaction.log.append(
                log_entry(
                    id=new_id(at),
                    at=at,
                    kind=EntryKind.SENT,
                    message_id=made.message_id,
                    number=made.permit.number,
                    detail=f"told of {name}",
                )
            )
            if made.attempts:
                tried = attempt(
                    made.id, started_at=at, outcome=made.error_code or made.state.value, error=made.error
                )
                await transaction.deliveries.settle(
                    made, Step(made.state), tried, worker="nobody", code="", error=""
                )
        self.records[name], self.messages[name] = made, sent
        return made

    async def now(self, name: str) -> DeliveryRecord:
        """A delivery as it is by now."""
        async with self.door.database.read() as transaction:
            found = await transaction.deliveries.get(self.records[name].id)
        assert found is not None
        return found


async def laid_out(door: Any) -> Desk:
    """The desk of a served Swiss gateway."""
    desk = Desk(door)
    dead = {"state": DeliveryState.DEAD, "error_code": "partner_answered_wrongly", "error": HOSTILE}
    await desk.put("dead-one", attempts=1, **dead)
    await desk.put("dead-two", attempts=1, **dead)
    await desk.put("silent", state=DeliveryState.NO_RECEIPT, error_code="partner_unreachable", attempts=1)
    await desk.put("queued", created_at=NOW - timedelta(hours=3))
    await desk.put("done", state=DeliveryState.DELIVERED, attempts=1)
    await desk.put("refused", state=DeliveryState.REFUSED, error_code="refused", attempts=1)
    await desk.put("customs-dead", sender=CH_CUSTOMS, recipient=FR_CUSTOMS, **dead)
    come = message(
        direction=Direction.IN,
        message_id=new_id(NOW),
        sender=FR_MA,
        recipient=CH_MA,
        permit=PermitRef("FR", "26/FR/77"),
        recorded_at=NOW - timedelta(minutes=5),
        outcome=Outcome.REFUSED,
        receipt=b"<rubbish/>",
    )
    async with door.database.write() as transaction:
        await transaction.messages.add(come)
    desk.messages["come"] = come
    return desk
