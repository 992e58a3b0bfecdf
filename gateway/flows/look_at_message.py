"""Somebody looks at one message, in either direction."""

from dataclasses import dataclass

from gateway.errors import MalformedRequest, NotFound
from gateway.exchange.delivery_query import DeliveryQuery
from gateway.exchange.message_query import MessageQuery, MessageSummary
from gateway.exchange.records import DeliveryRecord, Direction, MessageRecord
from gateway.flows.figures_store import Boundary
from gateway.flows.look_at_delivery import MOST_ENTRIES, SeenReceipt, concerns, seen_receipt
from gateway.flows.ports import Node
from gateway.messagelog.entry import Entry
from gateway.messagelog.query import LogQuery
from gateway.permits.identity import AuthorityId


@dataclass(frozen=True, slots=True)
class SeenMessage:
    """All about one message."""

    record: MessageRecord
    receipt: SeenReceipt | None
    deliveries: tuple[DeliveryRecord, ...]
    """Of a message that goes out, within the boundary."""
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One line of a list."""

    message: MessageSummary
    deliveries: tuple[DeliveryRecord, ...]
    """Of a message that goes out."""


async def look_at_message(
    direction: str, sender: str, message_id: str, within: Boundary, node: Node
) -> SeenMessage:
    """
    One message, for somebody who sees what concerns the authorities of `within`; empty: everything.

    Raises `NotFound`, in the same words for what is not there and for what is not theirs.
    """
    missing = NotFound("there is no such message", advice="look for it in the list of messages")
    try:
        key = Direction(direction), AuthorityId.parse(sender), message_id
    except (ValueError, MalformedRequest):
        raise missing from None
    async with node.storage.read() as transaction:
        record = await transaction.messages.find(*key)
        if record is None or not concerns(record, within):
            raise missing
        deliveries: list[DeliveryRecord] = []
        if record.direction is Direction.OUT:
            query = DeliveryQuery(message_id=message_id, within=within)
            deliveries = [
                each for each in await transaction.deliveries.search(query) if each.sender == record.sender
            ]
        entries = await transaction.log.search(LogQuery(message_id=message_id, limit=MOST_ENTRIES))
    return SeenMessage(record, await seen_receipt(record, node), tuple(deliveries), tuple(entries))


async def list_messages(query: MessageQuery, node: Node) -> list[MessageLine]:
    """A page of messages, newest first, with what became of those that go out."""
    async with node.storage.read() as transaction:
        lines = []
        for found in await transaction.messages.search(query):
            deliveries: list[DeliveryRecord] = []
            if found.direction is Direction.OUT:
                its = DeliveryQuery(message_id=found.message_id, within=query.within, limit=5)
                deliveries = await transaction.deliveries.search(its)
            lines.append(MessageLine(found, tuple(deliveries)))
    return lines
