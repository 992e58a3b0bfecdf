"""A hub on which two Parties live, each with something of everything that has an id."""

from dataclasses import dataclass, field
from typing import Any

from gateway.clock import new_id
from gateway.exchange import receipts
from gateway.exchange.delivery import DeliveryState
from gateway.exchange.directory import Directory
from gateway.exchange.events import Event, EventKind
from gateway.people.rights import Post
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.signatures.sign import sign
from gateway.storage.tokens import new_token, token_hash
from support.exchange import delivery, inbox_item, log_entry, message, receipt, submission
from support.gateways import gateway_key
from support.keys import NOW
from support.people import account, come_in, let_in
from support.permits import digest_of, sealed

MARK = "SECRET"
"""Stands in everything that can be read of a Party."""


@dataclass(slots=True)
class Belongings:
    """What one Party has on the hub."""

    party: str
    ids: dict[str, str] = field(default_factory=dict)
    """By what it is the id of."""

    @property
    def mark(self) -> str:
        """In each number and name of it."""
        return f"{self.party}-{MARK}"


async def settle_in(party: str, node: Any) -> Belongings:
    """A Party moves in: authorities, a permit with its messages and deliveries, log, people, tokens."""
    own = Belongings(party)
    ma, customs = AuthorityId.parse(f"{party}:MA"), AuthorityId.parse(f"{party}:CUSTOMS")
    hosted = node.directory.hosted | {ma, customs}
    node.directory = Directory(hosted, node.directory.partners)
    number = own.mark
    permit = sealed(number, exporter=party, importer=party)
    ref = PermitRef(party, number)
    receiver = AuthorityId.parse("CH:MA")
    async with node.storage.write() as transaction:
        record = await transaction.permits.add(permit, digest=digest_of(permit), new_id=new_id(NOW), at=NOW)
        sent = message(sender=ma, recipient=receiver, partner="ch", permit=ref)
        await transaction.messages.add(sent)
        said = receipt(
            message_id=sent.message_id,
            conversation_id=sent.conversation_id,
            sender=receiver,
            recipient=ma,
        )
        await transaction.messages.keep_receipt(sent, sign(receipts.build(said), gateway_key("CH")))
        on_its_way = delivery(
            sender=ma,
            recipient=receiver,
            partner="ch",
            permit=ref,
            message_id=sent.message_id,
            conversation_id=sent.conversation_id,
            state=DeliveryState.DEAD,
            next_attempt_at=None,
            error=f"{own.mark} was not taken",
        )
        await transaction.deliveries.add([on_its_way])
        item = inbox_item(authority=customs, permit=ref, permit_id=record.id, sender=ma)
        await transaction.inboxes.put([item])
        handed = submission(id=sent.conversation_id, authority=ma, permit=ref)
        await transaction.submissions.add(handed)
        noted = log_entry(
            authority=str(ma),
            partner="ch",
            message_id=sent.message_id,
            issuer=party,
            number=number,
            detail=f"{own.mark} was sent",
        )
        await transaction.log.append(noted)
        event = Event(new_id(NOW), customs, EventKind.ARRIVED, ref, ma, item.id, NOW)
        await transaction.events.add([event])
        token = new_token()
        await transaction.tokens.add(token, ma, NOW)
    somebody = account(f"{own.mark} officer", Post.MA_OFFICER, node, ma)
    await let_in(node, somebody)
    visit = await come_in(somebody.person.name, node)
    own.ids = {
        "permit": record.id,
        "message": sent.message_id,
        "conversation": sent.conversation_id,
        "delivery": on_its_way.id,
        "inbox": item.id,
        "entry": noted.id,
        "event": event.id,
        "token": token_hash(token),
        "token-shown": token_hash(token)[:12],
        "person": somebody.person.id,
        "session": visit.visit.session.id,
    }
    return own
