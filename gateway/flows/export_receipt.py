"""A message and its receipt leave the gateway as one bundle that proves the delivery to anybody."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from cryptography import x509

from gateway.errors import GatewayError, NotFound, SignatureRefused
from gateway.exchange.bundle import Bundle, Signed, files_of, pack
from gateway.exchange.delivery_query import DeliveryQuery
from gateway.exchange.records import DeliveryRecord, Direction, MessageRecord
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
from gateway.flows.ports import Node, Transaction
from gateway.signatures.keyring import GATEWAY
from gateway.signatures.verdict import SubIndication

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Exported:
    """What was made."""

    data: bytes
    """The archive."""
    bundle: Bundle
    registered: bool
    """False when the certificate that signed the receipt is no longer that of the partner."""


async def export_receipt(wanted: str, node: Node) -> Exported:
    """
    The bundle of one delivery; `wanted` is its id, or that of its message.

    1. Find the message and its receipt.
    2. Prove both again, from the bytes that are stored: with the certificates that are registered, or, when
       the partner has others by now, with the one that the signature names. Whom to believe is open.
    3. The receipt is about this message, and not our own.
    4. The certificate of the permit's seal goes along when the seal holds; when it does not, the receiver may
       have refused the permit for that, and its refusal is worth proving too.

    Raises `NotFound` when there is no such delivery or no receipt, and a `GatewayError` that says what does
    not hold.
    """
    # 1
    message, receipt = await _found(wanted, node)
    return await node.desk.run(message.envelope, _exported, message, receipt, node)


async def _found(wanted: str, node: Node) -> tuple[MessageRecord, bytes]:
    """The message of a delivery and its receipt (step 1)."""
    async with node.storage.read() as transaction:
        delivery, message = await _delivery(wanted, transaction), None
        if delivery is not None:
            message = await transaction.messages.find(Direction.OUT, delivery.sender, delivery.message_id)
    if delivery is None:
        raise NotFound(
            f"there is no delivery {wanted!r}, and no message of that id was sent",
            advice="ids: ecites delivery list",
        )
    if not delivery.partner:
        raise NotFound(
            f"delivery {delivery.id} went to {delivery.recipient}, which lives here: there is no receipt",
            advice="the message log tells when it was handed over: ecites log search",
        )
    if message is None or message.receipt is None:
        raise NotFound(
            f"there is no receipt for delivery {delivery.id}, which is {delivery.state}",
            advice=f"a receipt is there once the partner has answered: ecites delivery show {delivery.id}",
        )
    return message, message.receipt


async def _delivery(wanted: str, transaction: Transaction) -> DeliveryRecord | None:
    """The delivery with that id, or one of the message with that id: each of those has the same receipt."""
    found = await transaction.deliveries.get(wanted)
    if found is not None or not wanted:
        return found
    sent = await transaction.deliveries.search(DeliveryQuery(message_id=wanted, limit=1))
    return sent[0] if sent else None


def _exported(message: MessageRecord, data: bytes, node: Node) -> Exported:
    """Steps 2 to 4."""
    policy, registered = node.policy, node.trust.of(message.partner)
    # 2
    receipt = _with_known_or_named(data, registered, lambda found: prove_receipt(data, found, policy))
    at = receipt.receipt.received_at
    envelope = _with_known_or_named(
        message.envelope,
        node.keys.certificates(GATEWAY),
        lambda found: prove_envelope(message.envelope, found, policy, at=at),
    )
    # 3
    check_same(envelope, receipt)
    check_two_signers(envelope, receipt)
    certificates: dict[Signed, x509.Certificate] = {
        Signed.RECEIPT: receipt.document.certificate,
        Signed.ENVELOPE: envelope.document.certificate,
    }
    # 4
    payload = envelope.envelope.payload
    try:
        seal = _with_known_or_named(
            payload, node.trust.all(), lambda found: prove_seal(payload, found, policy, at=at)
        )
    except GatewayError:
        pass
    else:
        certificates[Signed.SEAL] = seal.certificate
    bundle = bundle_of(envelope, receipt, certificates)
    return Exported(pack(files_of(bundle)), bundle, receipt.document.certificate in registered)


def _with_known_or_named(data: bytes, known: Certificates, prove: Callable[[Certificates], T]) -> T:
    """What `prove` proves with the known certificates, or with the one that the signature names (step 2)."""
    try:
        return prove(known)
    except SignatureRefused as error:
        named = certificate_named(data)
        if error.verdict.sub is not SubIndication.NO_SIGNING_CERTIFICATE_FOUND or named is None:
            raise
    return prove([named])
