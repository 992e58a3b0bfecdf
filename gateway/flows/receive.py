"""A partner's message comes in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from gateway.errors import (
    IdentityMismatch,
    MessageIdReused,
    MessageNotFresh,
    PermitNumberTaken,
)
from gateway.exchange import message, receipts
from gateway.exchange.directory import Partner
from gateway.exchange.message import Envelope, Header, Kind
from gateway.exchange.receipts import Outcome, Receipt
from gateway.exchange.records import Direction, MessageRecord
from gateway.exchange.routing import Hop
from gateway.flows.answer_question import answer_question
from gateway.flows.hand_over import hand_over
from gateway.flows.journal import entry, headers_of, told
from gateway.flows.judgement import Judgement, judge_payload
from gateway.flows.outgoing import Outgoing, queued, wake
from gateway.flows.ports import Node, Trail, Transaction
from gateway.flows.take_notice import NoticeJudgement, judge_notice, keep_notice
from gateway.flows.tls_identity import require_tls_identity
from gateway.flows.verification import verify_here
from gateway.messagelog.entry import Entry, EntryKind
from gateway.permits.findings import Finding
from gateway.permits.refusals import findings_of
from gateway.signatures.keyring import GATEWAY
from gateway.signatures.sign import sign
from gateway.xmlio.canonical import sha256_hex
from gateway.xmlio.limits import ENVELOPE_LIMITS
from gateway.xmlio.parse import ParsedDocument, parse


async def receive(data: bytes, node: Node, trail: Trail) -> bytes:
    """
    Take an envelope and answer with a signed receipt.

    1. Parse, and look who claims to send it, and to whom. A sender for whom no partner speaks is turned away,
       and so is a message for somebody who does not live here: we sign receipts for our own authorities only.
    2. Verify the signature of the sending gateway, one of the partners that may speak for the sender; the
       connection must be that of the same partner. From here on we know who speaks, and answer with a
       receipt; before that we sign nothing for a stranger. A message that was not received before must be
       of now: one from the future or from long ago is turned away, and nothing of it is kept. A question is
       answered at once (`answer_question.py`), and nothing of it is kept but the log.
    3. Read the payload: schema, seal, rules, whether header, seal and permit agree, and whether the partner
       may send such a message at all. Make and sign the copies that go on. A notice about a permit has its
       own judge (`take_notice.py`).
    4. One transaction: the message, the permit, its onward deliveries, the log. The same message again
       changes nothing; the same id with other bytes is turned away. Of a test, only message and log are kept.
    5. Only when that is on disk: make the receipt, sign it, keep it; or take the one that was kept before.

    Returns the receipt as signed XML. Raises a `GatewayError` for what cannot be answered with a receipt.
    """
    at = node.clock.now()
    # 1
    document, claimed = await node.desk.run(data, _peeked, data, trail, stranger=True)
    trail.message_id, trail.permit, trail.authority = claimed.message_id, claimed.permit, str(claimed.sender)
    trail.headers = headers_of(claimed)
    speakers = _speakers_of(claimed, node)
    trail.partner = speakers[0].id
    _require_hosted(claimed, node)
    # 2
    partner, envelope = await _opened(document, speakers, node, trail, at)
    await _require_fresh(envelope.header, node, at)
    if envelope.header.kind is Kind.QUESTION:
        return await answer_question(envelope, partner, node, trail, at)
    # 3
    record = _record_of(envelope, data, partner, trail, at)
    judgement: Judgement | NoticeJudgement
    copies: Sequence[MessageRecord]
    if envelope.header.kind.carries_permit:
        judgement = await node.desk.run(envelope.payload, judge_payload, envelope, partner, node, at)
        copies = await node.desk.run(envelope.payload, _copies, record, envelope, judgement.onward, node)
    else:
        judgement = await judge_notice(envelope, partner, node, at)
        copies = judgement.onward
    # 4
    record = await _store(record, envelope, judgement, copies, node, trail)
    node.metrics.received(partner.id, str(record.outcome))
    wake(copies, node)
    # 5
    return record.receipt or await _make_receipt(record, node)


def _peeked(data: bytes, trail: Trail) -> tuple[ParsedDocument, Header]:
    """The parsed envelope and what it says about itself (step 1)."""
    trail.digest = sha256_hex(data)
    document = parse(data, limits=ENVELOPE_LIMITS)
    return document, message.peek_header(document.root)


def _speakers_of(header: Header, node: Node) -> tuple[Partner, ...]:
    """The partners that may speak for the sender (step 1)."""
    speakers = node.directory.speakers_of(header.sender)
    if not speakers:
        raise IdentityMismatch(
            f"the sender {header.sender} is not behind any partner that is registered here",
            advice="ask the operator of this gateway to register yours as a partner",
        )
    return speakers


def _require_hosted(header: Header, node: Node) -> None:
    """The recipient lives here (step 1)."""
    if header.recipient not in node.directory.hosted:
        hosted = ", ".join(map(str, sorted(node.directory.hosted)))
        raise IdentityMismatch(
            f"the recipient {header.recipient} does not live behind this gateway",
            advice=f"authorities here: {hosted}; correct your directory of partners",
        )


async def _opened(
    document: ParsedDocument, speakers: Sequence[Partner], node: Node, trail: Trail, at: datetime
) -> tuple[Partner, Envelope]:
    """The partner that has signed the envelope and brought it, and what is in it (step 2)."""
    if len(speakers) == 1:  # a connection of somebody else needs no look at the signature
        require_tls_identity(speakers[0], node, trail, at)
    trust = node.trust  # one and the same, although the operator may change it while a large envelope waits
    trusted = [certificate for partner in speakers for certificate in trust.of(partner.id)]
    proving = partial(verify_here, at=at, message_id=trail.message_id)
    verified = await node.desk.run(document.data, proving, document, trusted, node, stranger=True)
    owners = trust.owners(verified.certificate)
    partner = next(partner for partner in speakers if partner.id in owners)
    trail.partner = partner.id
    require_tls_identity(partner, node, trail, at)
    trail.actor = partner.id
    return partner, await node.desk.run(document.data, message.read, verified.root)


async def _require_fresh(header: Header, node: Node, at: datetime) -> None:
    """A message that was not received before is of now (step 2)."""
    try:
        node.freshness.require(header.sent_at, at)
    except MessageNotFresh:
        async with node.storage.read() as transaction:
            known = await transaction.messages.find(Direction.IN, header.sender, header.message_id)
        if known is None:
            raise


def _record_of(
    envelope: Envelope, data: bytes, partner: Partner, trail: Trail, at: datetime
) -> MessageRecord:
    """What is kept about the message, before its outcome is known."""
    header = envelope.header
    return MessageRecord(
        direction=Direction.IN,
        message_id=header.message_id,
        conversation_id=header.conversation_id,
        sender=header.sender,
        recipient=header.recipient,
        partner=partner.id,
        permit=header.permit,
        sent_at=header.sent_at,
        recorded_at=at,
        envelope=data,
        envelope_digest=trail.digest,
        payload_digest=envelope.payload_digest,
        kind=header.kind,
    )


def _copies(
    record: MessageRecord, envelope: Envelope, hops: Sequence[Hop], node: Node
) -> list[MessageRecord]:
    """The copies that go on to other partners (step 3); signed before the database is held for them."""
    made = Outgoing(
        record.sender, record.permit, record.conversation_id, envelope.payload, record.recorded_at
    )
    return made.messages(hops, node)


async def _store(
    record: MessageRecord,
    envelope: Envelope,
    judgement: Judgement | NoticeJudgement,
    copies: Sequence[MessageRecord],
    node: Node,
    trail: Trail,
) -> MessageRecord:
    """Everything about the message in one transaction (step 4); a repetition gets the first one's record."""
    record = replace(record, outcome=judgement.outcome, findings=judgement.findings)
    async with node.storage.write() as transaction:
        if not await transaction.messages.add(record):
            return await _repeated(record, transaction, node, trail)
        entries: list[Entry] = []
        unreached: tuple[Finding, ...] = ()
        if isinstance(judgement, NoticeJudgement):
            judgement, entries = await keep_notice(judgement, record, transaction, node, trail)
            if judgement.outcome is not record.outcome:
                record = replace(record, outcome=judgement.outcome, findings=judgement.findings)
                await transaction.messages.change_outcome(record)
            await _send_on(copies if judgement.onward else (), transaction, node)
        elif judgement.sealed is not None:
            unreached = judgement.unreached
            try:
                permit = await transaction.permits.add(
                    judgement.sealed,
                    digest=record.payload_digest,
                    new_id=node.clock.new_id(),
                    at=record.recorded_at,
                )
            except PermitNumberTaken as error:
                findings = (*record.findings, *findings_of(error))
                record = replace(record, outcome=Outcome.REFUSED, findings=findings)
                await transaction.messages.change_outcome(record)
            else:
                entries = await hand_over(
                    transaction,
                    permit,
                    judgement.local,
                    sender=record.sender,
                    node=node,
                    trail=trail,
                    at=record.recorded_at,
                )
                await _send_on(copies, transaction, node)
                for authority in judgement.local:
                    if authority.party not in (permit.ref.issuer, permit.exporter, permit.importer):
                        # It holds a copy by a rule, and hears what becomes of the permit.
                        await transaction.notices.look(permit.ref, authority, record.recorded_at)
        kind = EntryKind.TESTED if envelope.header.kind is Kind.TEST else EntryKind.RECEIVED
        detail = told(finding.as_dict() for finding in (*record.findings, *unreached))
        received = entry(node.clock, kind, trail, outcome=str(record.outcome), detail=detail)
        await transaction.log.append(received, *entries)
    return record


async def _send_on(copies: Sequence[MessageRecord], transaction: Transaction, node: Node) -> None:
    """Queue the copies (step 4)."""
    for copy in copies:
        await transaction.messages.add(copy)
    await transaction.deliveries.add([queued(copy, node) for copy in copies])


async def _repeated(
    record: MessageRecord, transaction: Transaction, node: Node, trail: Trail
) -> MessageRecord:
    """The message as it was received the first time; raises `MessageIdReused` for other bytes."""
    known = await transaction.messages.find(Direction.IN, record.sender, record.message_id)
    if known is None or known.envelope_digest != record.envelope_digest:
        raise MessageIdReused(
            f"message {record.message_id} of {record.sender} was received before with other bytes",
            advice="give every message its own id, and repeat a message byte for byte",
        )
    await transaction.log.append(entry(node.clock, EntryKind.REPEATED, trail, outcome=str(known.outcome)))
    return known


async def _make_receipt(record: MessageRecord, node: Node) -> bytes:
    """
    The signed receipt of a stored message (step 5).

    It is kept before it is sent, and the first one kept stands: a crash here, or two processes at once,
    never lead to two different receipts in the world.
    """
    root = receipts.build(
        Receipt(
            message_id=record.message_id,
            conversation_id=record.conversation_id,
            sender=record.recipient,
            recipient=record.sender,
            received_at=record.recorded_at,
            envelope_digest=record.envelope_digest,
            payload_digest=record.payload_digest,
            outcome=record.outcome or Outcome.REFUSED,
            findings=record.findings,
        )
    )
    at = node.clock.now()
    signed = sign(root, node.keys.active(GATEWAY, at), at=at)
    async with node.storage.write() as transaction:
        return await transaction.messages.keep_receipt(record, signed)
