"""Messages to partners, made from a permit and a route."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.exchange import message
from gateway.exchange.delivery import DeliveryState
from gateway.exchange.message import Header, Kind
from gateway.exchange.records import DeliveryRecord, Direction, MessageRecord
from gateway.exchange.routing import Hop
from gateway.flows.ports import Node
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.signatures.keyring import GATEWAY
from gateway.signatures.sign import sign
from gateway.xmlio.canonical import sha256_hex


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A sealed permit, or a notice about one, that goes out to one partner or to several."""

    sender: AuthorityId
    permit: PermitRef
    conversation_id: str
    payload: bytes
    """The permit's original bytes, or those of the notice."""
    at: datetime
    kind: Kind = Kind.PERMIT

    def messages(self, hops: Sequence[Hop], node: Node) -> list[MessageRecord]:
        """One signed envelope to each partner."""
        return [self.message(hop, node) for hop in hops]

    def message(self, hop: Hop, node: Node) -> MessageRecord:
        """One signed envelope to one partner; its bytes stay the same at every attempt."""
        header = Header(
            message_id=node.clock.new_id(),
            conversation_id=self.conversation_id,
            sender=self.sender,
            recipient=hop.recipient,
            kind=self.kind,
            sent_at=self.at,
            permit=self.permit,
        )
        at = node.clock.now()
        envelope = sign(message.build(header, self.payload), node.keys.active(GATEWAY, at), at=at)
        return MessageRecord(
            direction=Direction.OUT,
            message_id=header.message_id,
            conversation_id=header.conversation_id,
            sender=header.sender,
            recipient=header.recipient,
            partner=hop.partner,
            permit=header.permit,
            sent_at=header.sent_at,
            recorded_at=self.at,
            envelope=envelope,
            envelope_digest=sha256_hex(envelope),
            payload_digest=sha256_hex(self.payload),
            kind=header.kind,
        )


def wake(sent: Sequence[Hop | MessageRecord], node: Node) -> None:
    """
    Tell the worker, and who waits at a mailbox or for an event, once everything is on disk.

    Whether there was an event is not asked: an authority that waits looks, and waits on.
    """
    if sent or node.webhooks:
        node.wake()
    for authority in node.directory.hosted:
        node.mailboxes.ring(str(authority))
    for each in sent:
        node.mailboxes.ring(each.partner)


def queued(record: MessageRecord, node: Node) -> DeliveryRecord:
    """The first state of a message on its way: it is sent, or waits in the mailbox of its partner."""
    partner = node.directory.partners.get(record.partner)
    waits = partner is not None and partner.mailbox
    policy = (partner.retry if partner else None) or node.retry
    return DeliveryRecord(
        id=node.clock.new_id(),
        conversation_id=record.conversation_id,
        sender=record.sender,
        recipient=record.recipient,
        partner=record.partner,
        message_id=record.message_id,
        permit=record.permit,
        state=DeliveryState.WAITING if waits else DeliveryState.QUEUED,
        created_at=record.recorded_at,
        next_attempt_at=record.recorded_at + policy.deadline if waits else record.recorded_at,
    )
