"""An authority's own system hands over a permit."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography import x509

from gateway.codec.registry import Inspection, SealedPermit, inspect
from gateway.errors import (
    Forbidden,
    IdempotencyKeyReused,
    IdentityMismatch,
    PermitInvalid,
    PermitNumberTaken,
    SignatureRefused,
)
from gateway.exchange.delivery import DeliveryState
from gateway.exchange.records import DeliveryRecord, MessageRecord, Submission
from gateway.exchange.routing import route
from gateway.flows.admission import prove, require_version, schema_invalid
from gateway.flows.hand_over import hand_over
from gateway.flows.journal import entry
from gateway.flows.known_permit import proven
from gateway.flows.make_statement import state
from gateway.flows.outgoing import Outgoing, queued, wake
from gateway.flows.permit_token import require_same_token, token_for
from gateway.flows.ports import Node, Trail
from gateway.messagelog.entry import EntryKind
from gateway.permits.identity import AuthorityId, Role
from gateway.permits.token_id import TokenHash, hashed
from gateway.signatures.keys import SigningKey
from gateway.signatures.policy import SIGNATURE
from gateway.signatures.sign import sign
from gateway.xmlio.canonical import sha256_hex
from gateway.xmlio.limits import PERMIT_LIMITS
from gateway.xmlio.parse import ParsedDocument, parse


@dataclass(frozen=True, slots=True)
class Issued:
    """What the authority's own system is told."""

    submission: Submission
    deliveries: tuple[DeliveryRecord, ...]
    repeated: bool
    """True when this permit was submitted before; nothing was stored or sent again."""
    statement: str = ""
    """The signed text for the QR code on its paper form; empty when too little is in the permit for one."""
    token: str = ""
    """The token of the permit as it was given to it now; it is not told again."""


async def issue(
    data: bytes, caller: AuthorityId, idempotency_key: str, node: Node, trail: Trail, *, token: str = ""
) -> Issued:
    """
    Validate a permit, seal it, store it, and send it on its way.

    1. Only a Management Authority issues, and only with a seal of its own here.
    2. The same idempotency key with the same bytes: the same answer. With other bytes: turned away.
    3. Parse; the document fits the schema of its version.
    4. Judge it by code lists and rules; errors turn it away with the report.
    5. The issuing Party in the permit is the caller's.
    6. Seal it, unless the authority has sealed it already; prove the seal either way. Nothing is sealed
       that breaks a rule or belongs to somebody else.
    7. Decide who receives it; make and sign one envelope per partner gateway.
    8. One transaction: the submission, the permit, its token as a hash, messages, deliveries, local inboxes,
       the log.
    9. Wake the worker, and whoever waits at its mailbox. State in brief what the permit says, for a QR code.

    Without an idempotency key the digest of the bytes is the key. `token` is one for the permit, or
    `permit_token.MAKE_ONE`; it stays here and goes to no other gateway.

    Raises a `GatewayError` that says why nothing was stored.
    """
    at = node.clock.now()
    trail.actor = trail.authority = str(caller)
    trail.digest = request_digest = await node.desk.run(data, sha256_hex, data)
    # 1
    if caller.role is not Role.MA or node.keys.current(str(caller), at) is None:
        raise Forbidden(
            f"{caller} does not issue permits here", advice="use the token of a Management Authority"
        )
    key = node.keys.active(str(caller), at)
    chosen = token_for(token, caller, node)
    # 2
    idempotency_key = idempotency_key or f"sha256:{request_digest}"
    async with node.storage.read() as reading:
        known = await reading.submissions.by_key(caller, idempotency_key)
    if known is not None:
        return await _again(known, request_digest, token, node, trail)
    # 3
    document, inspection = await node.desk.run(data, _inspected, data, node, at)
    require_version(inspection.version, node.standards)
    report = inspection.report
    if inspection.permit is None:
        raise schema_invalid(inspection.version, report.findings)
    # 4
    ref = trail.permit = inspection.permit.ref
    if not report.accepted or ref is None:
        raise PermitInvalid(
            f"the permit breaks {len(report.errors)} rule(s): {report.errors[0].message}",
            advice="correct what the findings name and submit it again",
            findings=report.as_list(),
        )
    # 5
    if ref.issuer != caller.party:
        raise IdentityMismatch(
            f"the permit says that {ref.issuer} issues it (Box 6), but {caller} submitted it",
            advice="a Management Authority submits its own permits only",
        )
    # 6
    trusted = node.trust.of(str(caller))
    sealed, digest = await node.desk.run(data, _sealed, document, key, trusted, node, at)
    # 7
    plan = route(
        issuer=caller,
        exporter=sealed.permit.exporter_country,
        importer=sealed.permit.importer_country,
        directory=node.directory,
        version=sealed.version,
    )
    submission = Submission(
        id=node.clock.new_id(),
        authority=caller,
        idempotency_key=idempotency_key,
        request_digest=request_digest,
        permit=ref,
        digest=digest,
        created_at=at,
        findings=(*report.findings, *plan.findings),
    )
    made = Outgoing(caller, ref, submission.id, sealed.document.original, at)
    messages = await node.desk.run(data, made.messages, plan.hops, node)
    # 8
    kept = await asyncio.to_thread(hashed, chosen) if chosen else None
    earlier = await _store(sealed, submission, messages, plan.local, kept, node, trail)
    if earlier is not None:
        return await _again(earlier, request_digest, token, node, trail)
    # 9
    wake(messages, node)
    statement = await node.desk.run(data, state, sealed.permit, digest, key, at)
    return replace(await _issued(submission, node), statement=statement, token=chosen)


def _inspected(data: bytes, node: Node, at: datetime) -> tuple[ParsedDocument, Inspection]:
    """The parsed permit and all that schema, code lists and rules say about it (steps 3 and 4)."""
    document, standards = parse(data, limits=PERMIT_LIMITS), node.standards
    return document, inspect(document, at=at, evidence=standards.evidence, settings=standards.rules)


def _sealed(
    document: ParsedDocument, key: SigningKey, trusted: Sequence[x509.Certificate], node: Node, at: datetime
) -> tuple[SealedPermit, str]:
    """The permit with a proven seal, ours unless it came with one, and the digest of its bytes (step 6)."""
    if next(document.root.iter(SIGNATURE), None) is None:
        document = parse(sign(document.root, key, at=at), limits=PERMIT_LIMITS)
    return prove(document, trusted, node, at=at), sha256_hex(document.data)


def _handed_over(recipient: AuthorityId, submission: Submission, node: Node) -> DeliveryRecord:
    """A delivery to an authority hosted here, done in the same transaction (step 8)."""
    return DeliveryRecord(
        id=node.clock.new_id(),
        conversation_id=submission.id,
        sender=submission.authority,
        recipient=recipient,
        partner="",
        message_id="",
        permit=submission.permit,
        state=DeliveryState.DELIVERED,
        created_at=submission.created_at,
        settled_at=submission.created_at,
    )


async def _store(
    sealed: SealedPermit,
    submission: Submission,
    messages: Sequence[MessageRecord],
    local: Sequence[AuthorityId],
    token: TokenHash | None,
    node: Node,
    trail: Trail,
) -> Submission | None:
    """Everything in one transaction (step 8); an earlier submission of the same permit is returned."""
    at = submission.created_at
    async with node.storage.write() as transaction:
        earlier = await transaction.submissions.by_permit(submission.authority, submission.permit)
        if earlier is not None and submission.request_digest == earlier.request_digest:
            return earlier
        try:
            permit = await transaction.permits.add(
                sealed, digest=submission.digest, new_id=node.clock.new_id(), at=at
            )
        except PermitNumberTaken:
            # Another process may have stored the same submission, sealed a moment apart, while we waited.
            earlier = await transaction.submissions.by_permit(submission.authority, submission.permit)
            if earlier is not None and submission.request_digest == earlier.request_digest:
                return earlier
            raise
        if not await transaction.submissions.add(submission):
            return await transaction.submissions.by_key(submission.authority, submission.idempotency_key)
        if token is not None:
            await transaction.permit_tokens.add(submission.permit, token, at)
        for record in messages:
            await transaction.messages.add(record)
        await transaction.deliveries.add(
            [
                *(queued(record, node) for record in messages),
                *(_handed_over(recipient, submission, node) for recipient in local),
            ]
        )
        detail = "; ".join(finding.message for finding in submission.findings)
        await transaction.log.append(
            entry(node.clock, EntryKind.SUBMITTED, trail, outcome="accepted", detail=detail),
            *await hand_over(
                transaction, permit, local, sender=submission.authority, node=node, trail=trail, at=at
            ),
        )
    return None


async def _again(known: Submission, request_digest: str, token: str, node: Node, trail: Trail) -> Issued:
    """The answer to a repetition (step 2)."""
    if known.request_digest != request_digest:
        raise IdempotencyKeyReused(
            "this idempotency key was used before with other bytes",
            advice="use a new key for each permit; repeat a request byte for byte",
        )
    trail.permit = known.permit
    await require_same_token(token, known.permit, node)
    async with node.storage.write() as transaction:
        await transaction.log.append(entry(node.clock, EntryKind.REPEATED, trail, outcome="accepted"))
    return replace(await _issued(known, node), repeated=True, statement=await _stated_again(known, node))


async def _stated_again(known: Submission, node: Node) -> str:
    """The statement about a permit that is stored: of now, and about the same document (step 2)."""
    at = node.clock.now()
    key = node.keys.active(str(known.authority), at)
    try:
        async with node.storage.read() as transaction:
            record = await transaction.permits.find(known.permit)
        if record is None:
            return ""
        sealed = await proven(record, node)
    except SignatureRefused:
        return ""
    return await node.desk.run(record.original, state, sealed.permit, record.digest, key, at)


async def _issued(submission: Submission, node: Node) -> Issued:
    """A new submission with its deliveries as they stand."""
    async with node.storage.read() as transaction:
        deliveries = await transaction.deliveries.of_conversation(submission.id)
    return Issued(submission, tuple(deliveries), repeated=False)
