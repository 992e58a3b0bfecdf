"""A partner that only calls out looks into its mailbox here and fetches what is in it."""

from functools import partial

from gateway.errors import NotFound
from gateway.exchange.directory import Partner
from gateway.exchange.mailbox import MailboxHeader, MailboxPage, in_the_box
from gateway.exchange.records import DeliveryRecord, Direction, MessageRecord
from gateway.flows.journal import entry, headers_of
from gateway.flows.ports import Node, Trail, Transaction
from gateway.flows.room import Room, unlimited
from gateway.flows.waiting import until_any
from gateway.messagelog.entry import EntryKind

POLL_SECONDS = 5.0
"""A caller that waits looks again at the latest after so long, whatever bell was missed."""


async def list_headers(
    partner: Partner, *, after: str, limit: int, wait: float, node: Node, trail: Trail
) -> MailboxPage:
    """
    What waits for a partner, oldest first, after the cursor `after`.

    1. Look.
    2. Nothing there: wait until something is put into the mailbox, `wait` seconds at most.
    3. The look is logged, unless it shows the same as the one before and that was not long ago.

    Raises `TooManyCallers`.
    """
    # 1
    headers = await _look(partner, after, limit, node)
    # 2
    if not headers and wait > 0:
        look = partial(_look, partner, after, limit, node)
        headers = await until_any(look, partner.id, wait, node.mailboxes, POLL_SECONDS)
    # 3
    at = node.clock.now()
    if node.mailboxes.worth_noting(partner.id, headers[-1].cursor if headers else "", at):
        detail = f"{len(headers)} header(s) shown"
        async with node.storage.write() as transaction:
            await transaction.log.append(
                entry(node.clock, EntryKind.FETCHED, trail, outcome="listed", detail=detail)
            )
    return MailboxPage(tuple(headers), headers[-1].cursor if headers else after)


async def _look(partner: Partner, after: str, limit: int, node: Node) -> list[MailboxHeader]:
    """What is there now (steps 1 and 2)."""
    async with node.storage.read() as transaction:
        return await transaction.mailboxes.waiting(partner.id, after=after, limit=limit)


async def fetch(
    partner: Partner, message_id: str, node: Node, trail: Trail, *, room: Room = unlimited
) -> MessageRecord:
    """
    One message with its envelope, the same bytes each time.

    1. Only what is in the partner's own mailbox can be found.
    2. There is room for its bytes where they are handed over.
    3. The look is logged; nothing else changes.

    Raises `NotFound`, and what `room` raises.
    """
    async with node.storage.write() as transaction:
        # 1
        delivery, message = await find(partner, message_id, transaction, trail)
        if not in_the_box(delivery):
            raise not_found(message_id)
        # 2
        room(len(message.envelope))
        # 3
        await transaction.log.append(entry(node.clock, EntryKind.FETCHED, trail, outcome="fetched"))
    return message


async def find(
    partner: Partner, message_id: str, transaction: Transaction, trail: Trail
) -> tuple[DeliveryRecord, MessageRecord]:
    """A message to this partner, whether it has left the mailbox or not ; raises `NotFound`."""
    delivery = await transaction.mailboxes.find(partner.id, message_id)
    if delivery is None:
        raise not_found(message_id)
    message = await transaction.messages.find(Direction.OUT, delivery.sender, message_id)
    if message is None:
        raise not_found(message_id)
    trail.message_id, trail.digest = message.message_id, message.envelope_digest
    trail.authority, trail.permit = str(delivery.recipient), delivery.permit
    trail.headers = headers_of(message)
    return delivery, message


def not_found(message_id: str) -> NotFound:
    """There is none, it was acknowledged, or it is somebody else's: the answer is the same."""
    return NotFound(
        f"there is no message {message_id} in your mailbox",
        advice="list your mailbox: GET /exchange/v1/mailbox",
    )
