"""A message, its receipt and what is logged about them leave as one file that proves them to anybody."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from cryptography import x509

from gateway.errors import GatewayError, NotFound, SignatureRefused
from gateway.exchange.bundle import Bundle, Signed, files_of, pack
from gateway.exchange.delivery_query import DeliveryQuery
from gateway.exchange.records import DeliveryRecord, Direction, MessageRecord
from gateway.flows.author import Author
from gateway.flows.bundle_evidence import (
    Certificates,
    bundle_of,
    certificate_named,
    check_same,
    check_two_signers,
    prove_envelope,
    prove_receipt,
    prove_seal,
)
from gateway.flows.journal import entry
from gateway.flows.log_evidence import lists_about, prove_log
from gateway.flows.ports import Node, Trail, Transaction
from gateway.flows.prove import ProvenEntries, entries_of_message, prove_entries
from gateway.messagelog.entry import EntryKind
from gateway.messagelog.proven_entry import write_proofs
from gateway.messagelog.query import LogQuery
from gateway.permits.identity import AuthorityId
from gateway.signatures.keyring import GATEWAY
from gateway.signatures.verdict import SubIndication
from gateway.xmlio.canonical import sha256_hex

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Exported:
    """What was made."""

    data: bytes
    """The archive."""
    bundle: Bundle
    registered: bool
    """False when the certificate with which the partner signed is no longer registered for it."""


async def export_evidence(wanted: str, author: Author, node: Node) -> Exported:
    """
    Evidence about one message; `wanted` is its id, or that of a delivery that carried it.

    1. Find the message, sent or received, and its receipt.
    2. Find what is logged about it, but for earlier exports, and prove that under a checkpoint.
    3. Prove message and receipt again, from the bytes that are stored: with the certificates that are
       registered, or, when the partner has others by now, with the one that the signature names. Whom to
       believe is open.
    4. The receipt is about this message, and not by its sender.
    5. The certificate of the permit's seal goes along when the seal holds; when it does not, the receiver may
       have refused the permit for that, and its refusal is worth proving too.
    6. What revocation lists say about those who signed goes along.
    7. The export is logged, with who made it and why, before anybody has the file.

    Raises `NotFound` when there is no such message or no receipt, and a `GatewayError` that says what does
    not hold.
    """
    # 1
    message, receipt = await _found(wanted, node)
    # 2
    entries = await entries_of_message(message.message_id, node)
    proven = await prove_entries([each for each in entries if each.kind is not EntryKind.EXPORTED], node)
    made = await node.desk.run(message.envelope, _exported, message, receipt, proven, node)
    # 7
    trail = Trail(
        actor=author.who,
        partner=message.partner,
        message_id=message.message_id,
        permit=message.permit,
        digest=sha256_hex(made.data),
    )
    async with node.storage.write() as transaction:
        await transaction.log.append(
            entry(node.clock, EntryKind.EXPORTED, trail, outcome="evidence", detail=author.reason)
        )
    return made


async def _found(wanted: str, node: Node) -> tuple[MessageRecord, bytes]:
    """A message and its receipt (step 1)."""
    async with node.storage.read() as transaction:
        delivery, message = await _delivery(wanted, transaction), None
        if delivery is not None:
            message = await transaction.messages.find(Direction.OUT, delivery.sender, delivery.message_id)
        else:
            message = await _received(wanted, transaction)
    if delivery is None and message is None:
        raise NotFound(
            f"there is no delivery {wanted!r}, and no message of that id was sent or received",
            advice="ids: ecites delivery list, or ecites log search",
        )
    if delivery is not None and not delivery.partner:
        raise NotFound(
            f"delivery {delivery.id} went to {delivery.recipient}, which lives here: there is no receipt",
            advice="the message log tells when it was handed over: ecites log search",
        )
    if message is None or message.receipt is None:
        what = f"delivery {delivery.id}, which is {delivery.state}" if delivery else f"message {wanted}"
        raise NotFound(
            f"there is no receipt for {what}",
            advice="a receipt is there once the partner has answered: ecites delivery show ID",
        )
    return message, message.receipt


async def _delivery(wanted: str, transaction: Transaction) -> DeliveryRecord | None:
    """The delivery with that id, or one of the message with that id: each of those has the same receipt."""
    found = await transaction.deliveries.get(wanted)
    if found is not None or not wanted:
        return found
    sent = await transaction.deliveries.search(DeliveryQuery(message_id=wanted, limit=1))
    return sent[0] if sent else None


async def _received(message_id: str, transaction: Transaction) -> MessageRecord | None:
    """The message that came in under that id; the log knows who sent it."""
    if not message_id:
        return None
    query = LogQuery(message_id=message_id, kinds=(EntryKind.RECEIVED, EntryKind.TESTED), limit=10)
    for each in await transaction.log.search(query):
        if each.authority:
            sender = AuthorityId.parse(each.authority)
            message = await transaction.messages.find(Direction.IN, sender, message_id)
            if message is not None:
                return message
    return None


def _exported(message: MessageRecord, data: bytes, proven: ProvenEntries, node: Node) -> Exported:
    """Steps 3 to 6."""
    policy, registered, own = node.policy, node.trust.of(message.partner), node.keys.certificates(GATEWAY)
    sent = message.direction is Direction.OUT
    # 3
    receipt = _with_known_or_named(
        data, registered if sent else own, lambda found: prove_receipt(data, found, policy)
    )
    at = receipt.receipt.received_at
    envelope = _with_known_or_named(
        message.envelope,
        own if sent else registered,
        lambda found: prove_envelope(message.envelope, found, policy, at=at),
    )
    # 4
    check_same(envelope, receipt)
    check_two_signers(envelope, receipt)
    certificates: dict[Signed, x509.Certificate] = {
        Signed.RECEIPT: receipt.document.certificate,
        Signed.ENVELOPE: envelope.document.certificate,
    }
    # 5
    payload = envelope.envelope.payload
    try:
        seal = _with_known_or_named(
            payload, node.trust.all(), lambda found: prove_seal(payload, found, policy, at=at)
        )
    except GatewayError:
        pass
    else:
        certificates[Signed.SEAL] = seal.certificate
    # 6
    checkpoint = proven.note.checkpoint
    log = prove_log(
        proven.note.data,
        write_proofs(checkpoint.origin, checkpoint.size, proven.entries),
        own,
        policy,
        message_id=message.message_id,
        envelope_digest=message.envelope_digest,
    )
    certificates[Signed.LOG] = log.certificate
    lists = lists_about(certificates.values(), node.revocations)
    bundle = bundle_of(envelope, receipt, certificates, log.logged, lists)
    partner = receipt if sent else envelope
    return Exported(pack(files_of(bundle)), bundle, partner.document.certificate in registered)


def _with_known_or_named(data: bytes, known: Certificates, prove: Callable[[Certificates], T]) -> T:
    """What `prove` proves with the known certificates, or with the one that the signature names (step 3)."""
    try:
        return prove(known)
    except SignatureRefused as error:
        named = certificate_named(data)
        if error.verdict.sub is not SubIndication.NO_SIGNING_CERTIFICATE_FOUND or named is None:
            raise
    return prove([named])
