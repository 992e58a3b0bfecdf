"""What a message and its receipt prove: the same steps for who exports a bundle and for who checks one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from gateway.errors import GatewayError, ReceiptRefused, SchemaInvalid
from gateway.exchange import message, receipts
from gateway.exchange.bundle import Bundle, BundledCertificate, BundledList, Logged, Signed
from gateway.exchange.message import Envelope
from gateway.exchange.receipts import Receipt
from gateway.flows.answer import MAX_RECEIPT_BYTES
from gateway.signatures.keys import fingerprint, subject_of
from gateway.signatures.policy import DEFAULT_POLICY, SignaturePolicy
from gateway.signatures.shape import check_shape
from gateway.signatures.verified import VerifiedDocument
from gateway.signatures.verify import verify
from gateway.xmlio.canonical import sha256_hex
from gateway.xmlio.limits import ENVELOPE_LIMITS, PERMIT_LIMITS
from gateway.xmlio.parse import parse

EVIDENCE_POLICY = replace(DEFAULT_POLICY, oracle_share=1.0)
"""Two verifiers must agree on every signature: evidence is checked seldom and must convince others."""

_UNREADABLE = (ValueError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension)
"""What the library raises for certificates of strangers."""

Certificates = Sequence[x509.Certificate]


@dataclass(frozen=True, slots=True)
class ProvenReceipt:
    """A receipt whose signature held."""

    receipt: Receipt
    document: VerifiedDocument
    at: datetime
    """The moment at which its signer claims to have signed."""


@dataclass(frozen=True, slots=True)
class ProvenEnvelope:
    """An envelope whose signature held."""

    envelope: Envelope
    document: VerifiedDocument


def prove_receipt(data: bytes, candidates: Certificates, policy: SignaturePolicy) -> ProvenReceipt:
    """
    The receipt in `data`, signed with one of the certificates.

    Its certificate must be valid at the time at which its signer claims to have signed; without such a
    claim, at the time of receipt that it states. A receipt can be made a little later, with the next key.
    Raises a `GatewayError`.
    """
    document = parse(data, max_bytes=MAX_RECEIPT_BYTES)
    shape = check_shape(document.root, policy, data=data)
    stated = receipts.read(document.root).received_at
    at = shape.properties.signing_time if shape.properties else stated
    proven = verify(document, candidates, at=at, policy=policy)
    return ProvenReceipt(receipts.read(proven.root), proven, at)


def prove_envelope(
    data: bytes, candidates: Certificates, policy: SignaturePolicy, *, at: datetime
) -> ProvenEnvelope:
    """
    The envelope in `data`, signed with one of the certificates, which was valid when it was received (`at`).

    Raises a `GatewayError`.
    """
    proven = verify(parse(data, limits=ENVELOPE_LIMITS), candidates, at=at, policy=policy)
    return ProvenEnvelope(message.read(proven.root), proven)


def prove_seal(
    payload: bytes, candidates: Certificates, policy: SignaturePolicy, *, at: datetime
) -> VerifiedDocument:
    """The sealed permit, whose certificate was valid when it was received (`at`); raises a `GatewayError`."""
    return verify(parse(payload, limits=PERMIT_LIMITS), candidates, at=at, policy=policy)


def check_same(envelope: ProvenEnvelope, receipt: ProvenReceipt) -> None:
    """
    Check that the receipt is about exactly this message: ids, authorities, digests of message and document.

    Raises `ReceiptRefused`.
    """
    header, stated = envelope.envelope.header, receipt.receipt
    receipts.check_belongs(
        stated,
        message_id=header.message_id,
        envelope_digest=sha256_hex(envelope.document.original),
        sender=header.sender,
        recipient=header.recipient,
    )
    for what, found, wanted in (
        ("conversation id", stated.conversation_id, header.conversation_id),
        ("digest of the payload", stated.payload_digest, sha256_hex(envelope.envelope.payload)),
    ):
        if found != wanted:
            raise ReceiptRefused(
                f"the receipt is not for this message: its {what} is {found}, expected {wanted}",
                advice="ask for the bundle again; a partner whose receipts say so must mend its gateway",
            )


def check_two_signers(envelope: ProvenEnvelope, receipt: ProvenReceipt) -> None:
    """
    Check that sender and receiver signed with different keys: nobody proves a delivery to himself.

    Raises `ReceiptRefused`.
    """
    if _key(envelope.document.certificate) == _key(receipt.document.certificate):
        raise ReceiptRefused(
            "the receipt was signed with the key of the sender, so the receiver has confirmed nothing",
            advice="ask the receiver for its receipt, and compare the fingerprint of its certificate",
        )


def certificate_named(data: bytes) -> x509.Certificate | None:
    """
    The certificate that the signature of a document names, to be carried along and not to be believed.

    None when there is none that can be read.
    """
    try:
        hint = check_shape(parse(data).root, data=data).hint
        return _sound(x509.load_der_x509_certificate(hint)) if hint else None
    except (GatewayError, *_UNREADABLE):
        return None


def read_certificate(pem: bytes, name: str) -> x509.Certificate:
    """The certificate in PEM; raises `SchemaInvalid` that names the file."""
    try:
        return _sound(x509.load_pem_x509_certificate(pem))
    except _UNREADABLE:
        raise SchemaInvalid(
            f"{name} is not a certificate in PEM form that can be read", advice="ask for the bundle again"
        ) from None


def _sound(certificate: x509.Certificate) -> x509.Certificate:
    """The same certificate, once all that is read later could be read: the library reads late."""
    certificate.public_key()
    bundled(Signed.SEAL, certificate)
    tuple(certificate.extensions)
    return certificate


def bundled(signed: Signed, certificate: x509.Certificate) -> BundledCertificate:
    """A certificate as a bundle holds it."""
    return BundledCertificate(
        signed=signed,
        pem=certificate.public_bytes(serialization.Encoding.PEM),
        subject=subject_of(certificate),
        sha256=fingerprint(certificate),
        begins=certificate.not_valid_before_utc,
        ends=certificate.not_valid_after_utc,
    )


def bundle_of(
    envelope: ProvenEnvelope,
    receipt: ProvenReceipt,
    certificates: Mapping[Signed, x509.Certificate],
    logged: Logged | None = None,
    lists: Sequence[BundledList] = (),
) -> Bundle:
    """The bundle of what was proven, with the certificates in their order."""
    return Bundle(
        envelope.document.original,
        receipt.document.original,
        envelope.envelope,
        receipt.receipt,
        tuple(bundled(signed, certificates[signed]) for signed in Signed if signed in certificates),
        logged,
        tuple(lists),
    )


def _key(certificate: x509.Certificate) -> bytes:
    """The public key, to compare two."""
    return certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
