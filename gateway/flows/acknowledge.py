"""A partner acknowledges a message of its mailbox with the receipt that it would have answered with."""

from gateway.errors import AcknowledgementRefused, AlreadyAcknowledged, NotFetched, ReceiptRefused
from gateway.exchange.delivery import after_receipt
from gateway.exchange.directory import Partner
from gateway.exchange.mailbox import ADDRESS, in_the_box
from gateway.exchange.records import Attempt, DeliveryRecord, MessageRecord
from gateway.flows.answer import proven_receipt, refusal_of
from gateway.flows.journal import entry
from gateway.flows.mailbox import find, not_found
from gateway.flows.ports import Node, Trail, Transaction
from gateway.messagelog.entry import Entry, EntryKind
from gateway.messagelog.query import LogQuery


async def take_receipt(
    answer: bytes, partner: Partner, message_id: str, node: Node, trail: Trail
) -> DeliveryRecord:
    """
    A partner acknowledges a message with its signed receipt, as it would answer one that was sent to it.

    1. Only a message to this partner can be acknowledged.
    2. There is a receipt already: the same bytes get the same answer, others are turned away.
    3. Only what was fetched can be acknowledged.
    4. The receipt is one that can be believed, for this message, by this partner.
    5. One transaction: the new state, the attempt, the receipt, the log. If another receipt came in between,
       that one stands (step 2).

    Returns the settled delivery. Raises `NotFound`, `AlreadyAcknowledged`, `NotFetched` or
    `AcknowledgementRefused`.
    """
    async with node.storage.read() as reading:
        # 1
        delivery, message = await find(partner, message_id, reading, trail)
        # 2
        if message.receipt is not None:
            return _standing(delivery, message, answer)
        if not in_the_box(delivery):
            raise not_found(message_id)
        # 3
        fetched = await _fetched(partner, message, reading)
    # 4
    at = node.clock.now()
    try:
        receipt = proven_receipt(answer, message, node, at)
    except ReceiptRefused as error:
        raise AcknowledgementRefused(
            error.message,
            advice="send the receipt of this very message, signed with the key of your gateway whose "
            "certificate is registered here",
            reason=error.fields.get("reason"),
        ) from error
    # 5
    step = after_receipt(receipt.outcome)
    code, said = refusal_of(receipt)
    waited = (at - fetched.at).total_seconds()
    attempt = Attempt(delivery.id, fetched.at, waited, ADDRESS, code or step.state.value, said)
    async with node.storage.write() as transaction:
        mine = await transaction.mailboxes.settle(delivery, step, attempt, code=code, error=said)
        if mine:
            await transaction.messages.keep_receipt(message, answer)
            await transaction.log.append(
                entry(node.clock, EntryKind.SENT, trail, outcome=step.state.value, detail=said)
            )
        delivery, message = await find(partner, message_id, transaction, trail)
    if mine:
        node.metrics.sent(partner.id, step.state.value)
    return _standing(delivery, message, answer)


def _standing(delivery: DeliveryRecord, message: MessageRecord, answer: bytes) -> DeliveryRecord:
    """The delivery as the receipt that stands has settled it (step 2)."""
    if message.receipt != answer:
        raise AlreadyAcknowledged(
            f"message {message.message_id} was acknowledged before with another receipt",
            advice="keep the first receipt of a message, and send that one again",
        )
    return delivery


async def _fetched(partner: Partner, message: MessageRecord, transaction: Transaction) -> Entry:
    """The last time that the partner fetched a message, as the message log knows it (step 3)."""
    found = await transaction.log.search(
        LogQuery(
            number=message.permit.number,
            partner=partner.id,
            kinds=(EntryKind.FETCHED,),
            outcome="fetched",
            message_id=message.message_id,
            limit=1,
        )
    )
    if not found:
        raise NotFetched(
            f"message {message.message_id} was never fetched, so nobody can say what became of it",
            advice="fetch it first: GET the address of the message, without /receipt",
        )
    return found[0]
