"""A partner's message comes in."""

from dataclasses import dataclass, replace
from datetime import datetime

from gateway.codec.registry import SealedPermit, judge
from gateway.errors import (
    DocumentError,
    IdentityMismatch,
    MessageIdReused,
    MessageNotFresh,
    PermitNumberTaken,
    SignatureRefused,
)
from gateway.exchange import message, receipts
from gateway.exchange.agreement import disagreements
from gateway.exchange.directory import Partner
from gateway.exchange.message import Envelope, Header
from gateway.exchange.receipts import Outcome, Receipt
from gateway.exchange.records import Direction, MessageRecord
from gateway.exchange.routing import route
from gateway.flows.admission import prove, require_schema, seals_of_party
from gateway.flows.hand_over import hand_over
from gateway.flows.journal import entry
from gateway.flows.ports import Node, Trail, Transaction
from gateway.flows.tls_identity import require_tls_identity
from gateway.messagelog.entry import EntryKind
from gateway.permits.findings import Finding, Report
from gateway.permits.identity import AuthorityId
from gateway.permits.refusals import findings_of
from gateway.signatures.keyring import GATEWAY
from gateway.signatures.sign import sign
from gateway.signatures.verify import verify
from gateway.xmlio.canonical import sha256_hex
from gateway.xmlio.limits import ENVELOPE_LIMITS, PERMIT_LIMITS
from gateway.xmlio.parse import parse


@dataclass(frozen=True, slots=True)
class _Judgement:
    """What the payload turned out to be; `sealed` is there when it is accepted."""

    outcome: Outcome
    findings: tuple[Finding, ...]
    sealed: SealedPermit | None = None


async def receive(data: bytes, node: Node, trail: Trail) -> bytes:
    """
    Take an envelope and answer with a signed receipt.

    1. Parse, and look who claims to send it, and to whom. A sender that no partner hosts is turned away,
       and so is a message for somebody who does not live here: we sign receipts for our own authorities only.
       The connection must be that of the same partner.
    2. Verify the signature of the sending gateway. From here on we know who speaks, and answer with a
       receipt; before that we sign nothing for a stranger. A message that was not received before must be
       of now: one from the future or from long ago is turned away, and nothing of it is kept.
    3. Read the payload: schema, seal, rules, and whether header, seal and permit agree.
    4. One transaction: the message, the permit, its onward deliveries, the log. The same message again
       changes nothing; the same id with other bytes is turned away.
    5. Only when that is on disk: make the receipt, sign it, keep it; or take the one that was kept before.

    Returns the receipt as signed XML. Raises a `GatewayError` for what cannot be answered with a receipt.
    """
    at = node.clock.now()
    trail.digest = sha256_hex(data)
    # 1
    document = parse(data, limits=ENVELOPE_LIMITS)
    claimed = message.peek_header(document.root)
    trail.message_id, trail.permit, trail.authority = claimed.message_id, claimed.permit, str(claimed.sender)
    partner = _partner_of(claimed, node)
    trail.partner = partner.id
    _require_hosted(claimed, node)
    require_tls_identity(partner, node, trail, at)
    # 2
    envelope = message.read(
        verify(document, node.trust.of(partner.id), at=at, revocations=node.revocations).root
    )
    trail.actor = partner.id
    await _require_fresh(envelope.header, node, at)
    # 3
    judgement = _judge(envelope, node, at)
    # 4
    record = await _store(_record_of(envelope, data, partner, trail, at), judgement, node, trail)
    # 5
    return record.receipt or await _make_receipt(record, node)


def _partner_of(header: Header, node: Node) -> Partner:
    """The partner that hosts the sender (step 1)."""
    partner = node.directory.partner_of(header.sender)
    if partner is None:
        raise IdentityMismatch(
            f"the sender {header.sender} is not behind any partner that is registered here",
            advice="ask the operator of this gateway to register yours as a partner",
        )
    return partner


def _require_hosted(header: Header, node: Node) -> None:
    """The recipient lives here (step 1)."""
    if header.recipient not in node.directory.hosted:
        hosted = ", ".join(map(str, sorted(node.directory.hosted)))
        raise IdentityMismatch(
            f"the recipient {header.recipient} does not live behind this gateway",
            advice=f"authorities here: {hosted}; correct your directory of partners",
        )


async def _require_fresh(header: Header, node: Node, at: datetime) -> None:
    """A message that was not received before is of now (step 2)."""
    try:
        node.freshness.require(header.sent_at, at)
    except MessageNotFresh:
        async with node.storage.read() as transaction:
            known = await transaction.messages.find(Direction.IN, header.sender, header.message_id)
        if known is None:
            raise


def _judge(envelope: Envelope, node: Node, at: datetime) -> _Judgement:
    """What the payload is (step 3); never raises for what it holds, because the receipt says it."""
    header, standards = envelope.header, node.standards
    try:
        document = parse(envelope.payload, limits=PERMIT_LIMITS)
        require_schema(document, standards)
    except DocumentError as error:
        return _Judgement(Outcome.NOT_READABLE, findings_of(error))
    try:
        trusted = seals_of_party(header.permit.issuer, node.directory, node.trust)
        sealed = prove(document, trusted, at=at, profile=standards.profile, revocations=node.revocations)
    except SignatureRefused as error:
        return _Judgement(Outcome.REFUSED, findings_of(error))
    judged = judge(sealed, at=at, evidence=standards.evidence, settings=standards.rules)
    report = Report.of(judged.findings, _disagreements(header, sealed, node))
    return _Judgement(Outcome.of(report), report.findings, sealed if report.accepted else None)


def _disagreements(header: Header, sealed: SealedPermit, node: Node) -> tuple[Finding, ...]:
    """Whether header, seal and permit say the same (promise 4)."""
    permit = sealed.permit
    if permit.ref is None:
        return ()  # the rules have said that the number or the issuer is missing
    owners = node.trust.owners(sealed.document.certificate)
    return disagreements(
        header,
        permit=permit.ref,
        parties=(permit.exporter_country, permit.importer_country),
        sealed_by=[AuthorityId.parse(owner) for owner in owners if owner not in node.directory.partners],
    )


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
    )


async def _store(record: MessageRecord, judgement: _Judgement, node: Node, trail: Trail) -> MessageRecord:
    """Everything about the message in one transaction (step 4); a repetition gets the first one's record."""
    record = replace(record, outcome=judgement.outcome, findings=judgement.findings)
    async with node.storage.write() as transaction:
        if not await transaction.messages.add(record):
            return await _repeated(record, transaction, node, trail)
        entries = []
        if judgement.sealed is not None:
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
                local = _onward(record, judgement.sealed, node)
                entries = await hand_over(
                    transaction,
                    permit,
                    local,
                    sender=record.sender,
                    node=node,
                    trail=trail,
                    at=record.recorded_at,
                )
        detail = "; ".join(finding.message for finding in record.findings)
        received = entry(node.clock, EntryKind.RECEIVED, trail, outcome=str(record.outcome), detail=detail)
        await transaction.log.append(received, *entries)
    return record


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


def _onward(record: MessageRecord, sealed: SealedPermit, node: Node) -> tuple[AuthorityId, ...]:
    """Who here receives the permit: the same plan as at the issuer's end, as far as it ends here."""
    return route(
        issuer=record.sender,
        exporter=sealed.permit.exporter_country,
        importer=sealed.permit.importer_country,
        directory=node.directory,
    ).local


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
    signed = sign(root, node.keys.active(GATEWAY, node.clock.now()))
    async with node.storage.write() as transaction:
        return await transaction.messages.keep_receipt(record, signed)
