"""Somebody looks at one delivery: its attempts, its receipt, and what belongs to it."""

from dataclasses import dataclass

from cryptography import x509

from gateway.errors import GatewayError, NotFound
from gateway.exchange import receipts
from gateway.exchange.receipts import Receipt
from gateway.exchange.records import Attempt, DeliveryRecord, Direction, MessageRecord
from gateway.flows.answer import MAX_RECEIPT_BYTES
from gateway.flows.bundle_evidence import prove_receipt
from gateway.flows.figures_store import Boundary
from gateway.flows.ports import Node
from gateway.messagelog.entry import Entry
from gateway.messagelog.query import LogQuery
from gateway.signatures.keyring import GATEWAY
from gateway.xmlio.parse import parse

MOST_ENTRIES = 50
"""Of the message log, about one message."""
MOST_RELATED = 50


@dataclass(frozen=True, slots=True)
class SeenReceipt:
    """A receipt that is kept, with what can be proven of it today."""

    receipt: Receipt
    signer: x509.Certificate | None
    """Of today's certificates the one that signed it; None when there is none any more."""
    doubt: str = ""
    """Why it cannot be proven with today's certificates; it was proven when it came."""


@dataclass(frozen=True, slots=True)
class SeenDelivery:
    """All about one delivery."""

    record: DeliveryRecord
    attempts: tuple[Attempt, ...]
    message: MessageRecord | None
    receipt: SeenReceipt | None
    related: tuple[DeliveryRecord, ...]
    """Of the same submission, without this one."""
    entries: tuple[Entry, ...]
    """Of the message log, about the message, newest first."""


async def look_at_delivery(delivery_id: str, within: Boundary, node: Node) -> SeenDelivery:
    """
    One delivery, for somebody who sees what concerns the authorities of `within`; empty: everything.

    1. Find it, and what belongs to it, as far as that lies within the boundary too.
    2. Prove the receipt again with the certificates of today.

    Raises `NotFound`, in the same words for what is not there and for what is not theirs.
    """
    # 1
    async with node.storage.read() as transaction:
        record = await transaction.deliveries.get(delivery_id)
        if record is None or not concerns(record, within):
            raise NotFound("there is no such delivery", advice="look for it in the list of deliveries")
        attempts = await transaction.deliveries.attempts(delivery_id)
        message = await transaction.messages.find(Direction.OUT, record.sender, record.message_id)
        related = await transaction.deliveries.of_conversation(record.conversation_id)
        entries: list[Entry] = []
        if record.message_id:
            query = LogQuery(message_id=record.message_id, limit=MOST_ENTRIES)
            entries = await transaction.log.search(query)
    others = [each for each in related if each.id != record.id and concerns(each, within)]
    # 2
    receipt = await seen_receipt(message, node) if message else None
    return SeenDelivery(
        record, tuple(attempts), message, receipt, tuple(others[:MOST_RELATED]), tuple(entries)
    )


def concerns(record: DeliveryRecord | MessageRecord, within: Boundary) -> bool:
    """Whether somebody within the boundary sends or receives it."""
    return not within or record.sender in within or record.recipient in within


async def seen_receipt(message: MessageRecord, node: Node) -> SeenReceipt | None:
    """The receipt of a message, ours or the partner's; None when there is none."""
    data = message.receipt
    return None if data is None else await node.desk.run(data, _seen, data, message, node)


def _seen(data: bytes, message: MessageRecord, node: Node) -> SeenReceipt:
    """Beside the event loop, when it is large."""
    if message.direction is Direction.OUT:
        known = node.trust.of(message.partner)
    else:
        known = node.keys.certificates(GATEWAY)
    try:
        proven = prove_receipt(data, known, node.policy)
    except GatewayError as error:
        return SeenReceipt(receipts.read(parse(data, max_bytes=MAX_RECEIPT_BYTES).root), None, error.message)
    return SeenReceipt(proven.receipt, proven.document.certificate)
