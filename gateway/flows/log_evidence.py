"""What a message log shows about a message: the same steps for who exports evidence and for who checks it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.errors import KeyMaterialError, ProofRefused
from gateway.exchange.bundle import BundledList, Logged, LoggedEntry
from gateway.flows.bundle_evidence import Certificates
from gateway.messagelog.checkpoint import Note, read_note
from gateway.messagelog.proven_entry import ProvenEntry, read_proofs
from gateway.signatures.keys import fingerprint, subject_of
from gateway.signatures.notes import prove_text
from gateway.signatures.policy import SignaturePolicy
from gateway.signatures.revocation import RevocationResult, Revocations, RevocationState
from gateway.signatures.revocation_list import RevocationList, read_lists
from gateway.signatures.verdict import SubIndication, refuse
from gateway.wording import say


@dataclass(frozen=True, slots=True)
class ProvenLog:
    """Entries that are in a log, under a checkpoint whose signature held."""

    note: Note
    entries: tuple[ProvenEntry, ...]
    certificate: x509.Certificate
    logged: Logged
    strangers: int
    """Lines of signatures below the checkpoint that belong to nobody known here."""


def prove_log(
    checkpoint: bytes,
    entries: bytes,
    candidates: Certificates,
    policy: SignaturePolicy,
    *,
    message_id: str,
    envelope_digest: str,
) -> ProvenLog:
    """
    What a log shows about a message.

    1. The checkpoint is signed with one of the certificates, which was valid by its own time.
    2. Each entry is in the log of that checkpoint, with the words that go along.
    3. Each is about this message, and at least one about exactly these bytes.

    Raises a `GatewayError`.
    """
    # 1
    note = read_note(checkpoint)
    said = note.checkpoint
    lines = [(line.name, line.key_id, line.signature) for line in note.signatures]
    certificate = prove_text(said.text.encode(), said.origin, lines, candidates, policy)
    at = _time_of(note, certificate)
    # 2
    origin, size, found = read_proofs(entries)
    if (origin, size) != (said.origin, said.size):
        raise ProofRefused(
            f"the proofs are from the log {origin} with {size} entries, the checkpoint is over {said.origin} "
            f"with {said.size}",
            advice="ask for the evidence again",
        )
    for each in found:
        each.check(said)
    # 3
    _check_about(found, message_id, envelope_digest)
    logged = Logged(
        checkpoint,
        entries,
        origin,
        size,
        at,
        isinstance(certificate.public_key(), rsa.RSAPublicKey),
        tuple(LoggedEntry(each.said.at, each.said.kind, each.said.outcome) for each in found),
    )
    return ProvenLog(note, found, certificate, logged, len(lines) - 1)


def _time_of(note: Note, certificate: x509.Certificate) -> datetime:
    """When a checkpoint was signed by its own account, a moment at which the certificate was valid."""
    at, signer = note.checkpoint.at, subject_of(certificate)
    if at is None:
        raise ProofRefused(
            "the checkpoint does not say when it was signed", advice="ask for the evidence again"
        )
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise refuse(
            SubIndication.OUT_OF_BOUNDS_NO_POE,
            say(
                "the certificate {signer} was not valid when it is said to have signed the checkpoint",
                signer=signer,
            ),
            signer=signer,
        )
    return at


def _check_about(entries: Sequence[ProvenEntry], message_id: str, envelope_digest: str) -> None:
    """All are about the message, and one about these bytes (step 3)."""
    for each in entries:
        if each.said.message_id != message_id:
            raise ProofRefused(
                f"entry {each.said.id} is about another message", advice="ask for the evidence again"
            )
    if not any(each.said.digest == envelope_digest for each in entries):
        raise ProofRefused(
            "no entry of the log has the SHA-256 of the message",
            advice="what was logged is not what is in here: ask for the evidence again, and keep this file",
        )


def lists_about(
    certificates: Iterable[x509.Certificate], revocations: Revocations
) -> tuple[BundledList, ...]:
    """The newest list that speaks about each of the certificates, each list once."""
    found: dict[bytes, BundledList] = {}
    for certificate in certificates:
        covering = [each for each in revocations.lists if each.covers(certificate)]
        if covering:
            made = bundled_list(max(covering, key=lambda each: each.crl.last_update_utc))
            found[made.data] = made
    return tuple(found.values())


def bundled_list(found: RevocationList) -> BundledList:
    """A revocation list as a bundle holds it."""
    return BundledList(
        found.crl.public_bytes(serialization.Encoding.DER),
        found.issuer.public_bytes(serialization.Encoding.PEM),
        subject_of(found.issuer),
        fingerprint(found.issuer),
        found.crl.last_update_utc,
    )


def prove_list(data: bytes, name: str, issuer: x509.Certificate) -> RevocationList:
    """
    The revocation list in DER, signed by its issuer.

    Raises `KeyMaterialError` when it is not, or is not exactly one list.
    """
    (found, *others) = read_lists(data, name, [issuer])
    if others or found.crl.public_bytes(serialization.Encoding.DER) != data:
        raise KeyMaterialError(
            f"{name} is not exactly one revocation list in DER form", advice="ask for the evidence again"
        )
    return found


def not_taken_back(
    certificates: Iterable[x509.Certificate], lists: Sequence[RevocationList], at: datetime
) -> list[RevocationResult]:
    """
    What the lists say about the certificates at the moment that counts; one they do not cover is missing.

    The age of a list is no fault here: evidence is read years later. Raises `SignatureRefused` for a
    certificate that had been taken back by then.
    """
    known, found = Revocations(tuple(lists)), []
    for certificate in certificates:
        covering = [each.crl.last_update_utc for each in lists if each.covers(certificate)]
        if not covering:
            continue
        result = known.status(certificate, at, now=max(covering))
        if result.state is RevocationState.REVOKED:
            raise refuse(SubIndication.REVOKED, result.message, signer=subject_of(certificate))
        found.append(result)
    return found
