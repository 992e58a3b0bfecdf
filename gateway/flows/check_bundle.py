"""Somebody checks a bundle: what does it prove, and what not?"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from cryptography import x509

from gateway.errors import GatewayError, SchemaInvalid, SignatureRefused, UnknownDocument
from gateway.exchange.bundle import (
    CERTIFICATES,
    ENVELOPE,
    LIMITS,
    MANIFEST,
    MAX_BYTES,
    PERMIT,
    RECEIPT,
    VERSION,
    Bundle,
    BundledCertificate,
    Signed,
    claims_of,
    files_of,
    in_words,
    pack,
    unpack,
)
from gateway.flows.bundle_evidence import (
    EVIDENCE_POLICY,
    Certificates,
    ProvenEnvelope,
    ProvenReceipt,
    bundle_of,
    check_same,
    check_two_signers,
    prove_envelope,
    prove_receipt,
    prove_seal,
    read_certificate,
)
from gateway.signatures.keys import fingerprint, subject_of
from gateway.signatures.policy import SignaturePolicy
from gateway.signatures.verdict import Indication, SubIndication
from gateway.xmlio.text import one_line

T = TypeVar("T")

_NEEDED = (MANIFEST, RECEIPT, ENVELOPE, PERMIT, CERTIFICATES[Signed.RECEIPT], CERTIFICATES[Signed.ENVELOPE])
_VERSION = re.compile(rb'\A\{\s*"format": "[a-z-]*",\s*"version": ([0-9]{1,4}),')


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    id: str
    indication: Indication
    message: str
    """What was found; what to do when it is not PASSED."""


@dataclass(slots=True)
class BundleReport:
    """What came out."""

    checks: list[Check] = field(default_factory=list)
    proven: list[str] = field(default_factory=list)
    """Empty unless all checks have passed."""
    not_proven: list[str] = field(default_factory=list)
    bundle: Bundle | None = None
    """None when its signatures did not hold."""

    @property
    def verdict(self) -> Indication:
        """The worst of the checks; nothing checked is nothing passed."""
        found = {check.indication for check in self.checks}
        for worse in (Indication.FAILED, Indication.INDETERMINATE):
            if worse in found:
                return worse
        return Indication.PASSED if found else Indication.INDETERMINATE

    def attempt(self, name: str, work: Callable[[], T], held: Callable[[T], str]) -> T | None:
        """Do one check and note what came of it; None when it did not pass."""
        try:
            result = work()
        except SignatureRefused as error:
            self.checks.append(Check(name, error.verdict.indication, error.message))
        except GatewayError as error:
            told = f"{error.message}; {error.advice}" if error.advice else error.message
            self.checks.append(Check(name, Indication.FAILED, told))
        else:
            self.checks.append(Check(name, Indication.PASSED, held(result)))
            return result
        return None


def check_bundle(
    data: bytes,
    trusted: Certificates | None,
    *,
    now: datetime,
    policy: SignaturePolicy = EVIDENCE_POLICY,
) -> BundleReport:
    """
    Check a bundle with nothing but its bytes and the certificates that one trusts.

    1. The archive is whole and holds what a bundle has.
    2. The receipt is signed, then the message, each with the certificate that is said to have signed it.
    3. The receipt is about exactly this message, and sender and receiver are two.
    4. The seal of the permit holds, when the bundle has its certificate.
    5. Made again from what was proven, the bundle has the same bytes: nothing in it was changed.
    6. Those who signed receipt and message are among the `trusted`. With None, the signatures hold or not,
       and whose they are is open.
    7. What follows from it, and what does not.

    `now` is the present, with a time zone. Never raises for what stands in `data`.
    """
    report = BundleReport()
    # 1
    files = report.attempt("archive", lambda: _opened(data), lambda _: "the archive is whole")
    if files is None:
        return report
    # 2
    receipt = report.attempt(
        "receipt",
        lambda: _as_named(
            files, Signed.RECEIPT, lambda named: prove_receipt(files[RECEIPT], [named], policy)
        ),
        lambda proven: f"the receipt is as {subject_of(proven.document.certificate)} signed it",
    )
    if receipt is None:
        return report
    at = receipt.receipt.received_at
    envelope = report.attempt(
        "message",
        lambda: _as_named(
            files, Signed.ENVELOPE, lambda named: prove_envelope(files[ENVELOPE], [named], policy, at=at)
        ),
        lambda proven: f"the message is as {subject_of(proven.document.certificate)} signed it",
    )
    if envelope is None:
        return report
    # 3
    report.attempt(
        "same-bytes",
        lambda: check_same(envelope, receipt),
        lambda _: f"the receipt is about exactly this message, SHA-256 {receipt.receipt.envelope_digest}",
    )
    report.attempt(
        "two-signers",
        lambda: check_two_signers(envelope, receipt),
        lambda _: "sender and receiver signed with different keys",
    )
    certificates = {
        Signed.RECEIPT: receipt.document.certificate,
        Signed.ENVELOPE: envelope.document.certificate,
    }
    # 4
    if CERTIFICATES[Signed.SEAL] in files:
        seal = report.attempt(
            "seal",
            lambda: _as_named(
                files,
                Signed.SEAL,
                lambda named: prove_seal(envelope.envelope.payload, [named], policy, at=at),
            ),
            lambda proven: f"the document in the message is as {subject_of(proven.certificate)} sealed it",
        )
        if seal is not None:
            certificates[Signed.SEAL] = seal.certificate
    # 5
    bundle = report.bundle = bundle_of(envelope, receipt, certificates)
    report.attempt(
        "unchanged",
        lambda: _check_unchanged(data, files, bundle),
        lambda _: "every other byte of the bundle follows from them",
    )
    # 6
    believed = {fingerprint(certificate) for certificate in trusted or ()}
    for signer in bundle.certificates:
        if signer.signed is not Signed.SEAL:
            report.checks.append(_trust_of(signer, believed, asked=trusted is not None))
    # 7
    _conclude(report, receipt, envelope, believed, now)
    return report


def _opened(data: bytes) -> Mapping[str, bytes]:
    """The files of a bundle of a version that is known here (step 1)."""
    if len(data) > MAX_BYTES:
        raise UnknownDocument(f"no bundle has more than {MAX_BYTES:,} bytes", advice="name another file")
    files = unpack(data)
    for name in _NEEDED:
        if name not in files:
            raise UnknownDocument(
                f"this is not a bundle of a receipt: {name} is missing",
                advice="name the file that ecites receipt export has written",
            )
    version = _VERSION.match(files[MANIFEST])
    if version and int(version[1]) > VERSION:
        raise UnknownDocument(
            f"the bundle says that it is of version {int(version[1])}; this program knows {VERSION}",
            advice="use a newer version of the program",
        )
    return files


def _as_named(files: Mapping[str, bytes], signed: Signed, prove: Callable[[x509.Certificate], T]) -> T:
    """
    What `prove` proves with the certificate that is said to have signed (step 2).

    One that did not is a contradiction inside the bundle, not a stranger whom one could come to know.
    """
    name = CERTIFICATES[signed]
    try:
        return prove(read_certificate(files[name], name))
    except SignatureRefused as error:
        if error.verdict.sub is not SubIndication.NO_SIGNING_CERTIFICATE_FOUND:
            raise
    raise SchemaInvalid(f"{name} is not the certificate that signed", advice="ask for the original file")


def _check_unchanged(data: bytes, files: Mapping[str, bytes], bundle: Bundle) -> None:
    """The bundle is what the evidence makes of it, to the last byte (step 5)."""
    made = files_of(bundle)
    for name in (*made, *files):
        if name not in made:
            raise SchemaInvalid(
                f"{one_line(name)} does not belong into the bundle", advice="ask for the original file"
            )
        if files.get(name) != made[name]:
            raise SchemaInvalid(
                f"{name} is missing, or is not what follows from message and receipt",
                advice="ask for the original file",
            )
    if pack(made) != data:
        raise SchemaInvalid(
            "the files are as they were written, but the archive around them was packed again or changed",
            advice="ask for the original file",
        )


def _trust_of(signer: BundledCertificate, believed: set[str], *, asked: bool) -> Check:
    """Whether the one who signed is somebody whom we believe (step 6)."""
    name, who = f"signer-of-{signer.signed}", f"{signer.subject} (SHA-256 {signer.sha256})"
    if signer.sha256 in believed:
        return Check(name, Indication.PASSED, f"you trust {who}")
    advice = "get its certificate from the owner, compare fingerprints by telephone, name it in --trust"
    found = "is not among those you trust" if asked else "was not compared with anything you trust"
    return Check(name, Indication.INDETERMINATE, f"{who} {found}: {advice}")


def _conclude(
    report: BundleReport,
    receipt: ProvenReceipt,
    envelope: ProvenEnvelope,
    believed: set[str],
    now: datetime,
) -> None:
    """What follows (step 7)."""
    if report.bundle is None or report.verdict is Indication.FAILED:
        return
    seal = next((each for each in report.bundle.certificates if each.signed is Signed.SEAL), None)
    if report.verdict is Indication.PASSED:
        report.proven += claims_of(report.bundle)
        report.proven.append(f"{subject_of(receipt.document.certificate)} has signed that")
        if seal is not None and seal.sha256 in believed:
            report.proven.append(f"{seal.subject} sealed the document in the message")
    else:
        report.not_proven.append("who signed: the certificates were not all found among those you trust")
    header = envelope.envelope.header
    report.not_proven.append(
        f"that its signer may speak for {header.recipient}: you say so when you trust its certificate"
    )
    if seal is None:
        report.not_proven.append("who sealed the document: the bundle has no certificate for its seal")
    elif seal.sha256 not in believed:
        report.not_proven.append(f"who sealed the document: {seal.subject} is not among those you trust")
    for each in report.bundle.certificates:
        if now > each.ends:
            report.not_proven.append(
                f"that {each.subject} signed before its certificate ended on {in_words(each.ends)}: "
                "the time of the signature is its own claim"
            )
    report.not_proven += LIMITS
