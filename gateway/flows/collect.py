"""A message is taken out of the mailbox that a partner keeps for us."""

from gateway.errors import GatewayError, NotFound, OperationError, PartnerAnsweredWrongly, PartnerUnreachable
from gateway.exchange.directory import Partner
from gateway.exchange.mailbox import MailboxHeader
from gateway.flows.ports import Mailbox, Node, Trail
from gateway.flows.receive import receive
from gateway.flows.refuse import record_refusal
from gateway.xmlio.canonical import sha256_hex

_OF_THE_WORLD = (PartnerUnreachable, OperationError, NotFound)
"""Nothing that a message did; the running log says enough."""


async def collect(header: MailboxHeader, partner: Partner, node: Node, mailbox: Mailbox) -> None:
    """
    Collect one message: fetch, receive, acknowledge, in that order.

    1. Fetch the envelope: the bytes that were announced.
    2. Receive it as if the partner had brought it: proven, stored, answered with a receipt. A connection that
       we made to its server, which was verified by its certificate, is that of the partner.
    3. Acknowledge it with the receipt: only now it leaves the mailbox. After a crash before this it comes
       again, and gets the same receipt, because it was received before.

    Raises `NotFound` for a message that is there no more, and a `GatewayError` when it cannot be received or
    acknowledged: then it stays in the mailbox, and the message log says why.
    """
    trail = Trail(
        partner=partner.id,
        message_id=header.message_id,
        called=partner.id if partner.mailbox_url.startswith("https://") else "",
        correlation_id=node.clock.new_id(),
    )
    try:
        # 1
        envelope = await mailbox.fetch(partner, header.message_id)
        if sha256_hex(envelope) != header.digest:
            raise PartnerAnsweredWrongly(
                f"the mailbox at partner {partner.id} gave other bytes for message {header.message_id} than "
                "it had announced",
                advice="ask its operator; the message is fetched again",
            )
        # 2
        receipt = await receive(envelope, node, trail)
        # 3
        await mailbox.acknowledge(partner, header.message_id, receipt)
    except GatewayError as error:
        if not isinstance(error, _OF_THE_WORLD):
            await record_refusal(error, node, trail)
        raise
