"""Somebody checks a bundle: what does it prove, and what not?"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from itertools import count
from typing import TypeVar

from cryptography import x509

from gateway.errors import SchemaInvalid, SignatureRefused, UnknownDocument
from gateway.exchange.bundle import (
    CERTIFICATES,
    CHECKPOINT,
    ENTRIES,
    ENVELOPE,
    MANIFEST,
    MAX_BYTES,
    PERMIT,
    RECEIPT,
    VERSION,
    Bundle,
    Signed,
    files_of,
    list_names,
    pack,
    unpack,
)
from gateway.flows.bundle_conclusion import conclude, trust_of
from gateway.flows.bundle_evidence import (
    EVIDENCE_POLICY,
    Certificates,
    ProvenEnvelope,
    bundle_of,
    check_same,
    check_two_signers,
    prove_envelope,
    prove_receipt,
    prove_seal,
    read_certificate,
)
from gateway.flows.bundle_report import BundleReport
from gateway.flows.log_evidence import ProvenLog, bundled_list, not_taken_back, prove_list, prove_log
from gateway.signatures.keys import fingerprint, subject_of
from gateway.signatures.policy import SignaturePolicy
from gateway.signatures.revocation_list import RevocationList
from gateway.signatures.verdict import SubIndication
from gateway.wording import say
from gateway.xmlio.canonical import sha256_hex
from gateway.xmlio.text import one_line

T = TypeVar("T")

_NEEDED = (MANIFEST, RECEIPT, ENVELOPE, PERMIT, CERTIFICATES[Signed.RECEIPT], CERTIFICATES[Signed.ENVELOPE])
_VERSION = re.compile(rb'\A\{\s*"format": "[a-z-]*",\s*"version": ([0-9]{1,4}),')


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
    5. The entries of the log are in the log of the checkpoint, which is signed, and are about this message;
       the revocation lists are signed, and none of those who signed was on one by then.
    6. Made again from what was proven, the bundle has the same bytes: nothing in it was changed.
    7. Those who signed receipt, message and checkpoint are among the `trusted`. With None, the signatures
       hold or not, and whose they are is open.
    8. What follows from it, and what does not.

    `now` is the present, with a time zone. Never raises for what stands in `data`.
    """
    report = BundleReport()
    # 1
    files = report.attempt("archive", lambda: _opened(data), lambda _: say("the archive is whole"))
    if files is None:
        return report
    # 2
    receipt = report.attempt(
        "receipt",
        lambda: _as_named(
            files, Signed.RECEIPT, lambda named: prove_receipt(files[RECEIPT], [named], policy)
        ),
        lambda proven: say(
            "the receipt is as {signer} signed it", signer=subject_of(proven.document.certificate)
        ),
    )
    if receipt is None:
        return report
    at = receipt.receipt.received_at
    envelope = report.attempt(
        "message",
        lambda: _as_named(
            files, Signed.ENVELOPE, lambda named: prove_envelope(files[ENVELOPE], [named], policy, at=at)
        ),
        lambda proven: say(
            "the message is as {signer} signed it", signer=subject_of(proven.document.certificate)
        ),
    )
    if envelope is None:
        return report
    # 3
    report.attempt(
        "same-bytes",
        lambda: check_same(envelope, receipt),
        lambda _: say(
            "the receipt is about exactly this message, SHA-256 {digest}",
            digest=receipt.receipt.envelope_digest,
        ),
    )
    report.attempt(
        "two-signers",
        lambda: check_two_signers(envelope, receipt),
        lambda _: say("sender and receiver signed with different keys"),
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
            lambda proven: say(
                "the document in the message is as {signer} sealed it", signer=subject_of(proven.certificate)
            ),
        )
        if seal is not None:
            certificates[Signed.SEAL] = seal.certificate
    # 5
    log = _check_log(report, files, envelope, policy)
    if log is not None:
        certificates[Signed.LOG] = log.certificate
    lists = _check_lists(report, files, certificates.values(), at)
    # 6
    bundle = report.bundle = bundle_of(
        envelope, receipt, certificates, log.logged if log else None, [bundled_list(each) for each in lists]
    )
    report.attempt(
        "unchanged",
        lambda: _check_unchanged(data, files, bundle),
        lambda _: say("every other byte of the bundle follows from them"),
    )
    # 7
    believed = {fingerprint(certificate) for certificate in trusted or ()}
    for signer in bundle.certificates:
        if signer.signed is not Signed.SEAL:
            report.checks.append(trust_of(signer, believed, asked=trusted is not None))
    # 8
    conclude(report, receipt, envelope, log, believed, now)
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
                advice="name the file that ecites evidence export has written",
            )
    version = _VERSION.match(files[MANIFEST])
    if version and int(version[1]) > VERSION:
        raise UnknownDocument(
            f"the bundle says that it is of version {int(version[1])}; this program knows {VERSION}",
            advice="use a newer version of the program",
        )
    return files


def _check_log(
    report: BundleReport, files: Mapping[str, bytes], envelope: ProvenEnvelope, policy: SignaturePolicy
) -> ProvenLog | None:
    """What the log shows (step 5); None in a bundle of version 1, and when it does not hold."""
    if not {CHECKPOINT, ENTRIES} & set(files):
        return None
    header = envelope.envelope.header

    def prove(named: x509.Certificate) -> ProvenLog:
        return prove_log(
            files.get(CHECKPOINT, b""),
            files.get(ENTRIES, b""),
            [named],
            policy,
            message_id=header.message_id,
            envelope_digest=sha256_hex(envelope.document.original),
        )

    return report.attempt(
        "log",
        lambda: _as_named(files, Signed.LOG, prove),
        lambda proven: say(
            "{count} entries about this message are in the log, whose checkpoint is as {signer} signed it",
            count=len(proven.entries),
            signer=subject_of(proven.certificate),
        ),
    )


def _check_lists(
    report: BundleReport,
    files: Mapping[str, bytes],
    certificates: Iterable[x509.Certificate],
    at: datetime,
) -> list[RevocationList]:
    """The revocation lists, and what they say about those who signed (step 5)."""
    found: list[RevocationList] = []
    for number in count(1):
        name, issuer = list_names(number)
        if name not in files:
            break
        proven = report.attempt(
            f"revocation-{number}",
            partial(_list_of, files, name, issuer),
            lambda made: say("the revocation list is as {issuer} signed it", issuer=subject_of(made.issuer)),
        )
        if proven is None:
            return []
        found.append(proven)
    if found:
        report.attempt(
            "not-revoked",
            lambda: not_taken_back(certificates, found, at),
            lambda results: say(
                "{count} of the certificates are of the issuers of these lists; none was taken back by then",
                count=len(results),
            ),
        )
    return found


def _list_of(files: Mapping[str, bytes], name: str, issuer: str) -> RevocationList:
    """The list in one file of the bundle, proven with the certificate in the other (step 5)."""
    return prove_list(files[name], name, read_certificate(files.get(issuer, b""), issuer))


def _as_named(files: Mapping[str, bytes], signed: Signed, prove: Callable[[x509.Certificate], T]) -> T:
    """
    What `prove` proves with the certificate that is said to have signed (step 2).

    One that did not is a contradiction inside the bundle, not a stranger whom one could come to know.
    """
    name = CERTIFICATES[signed]
    try:
        return prove(read_certificate(files.get(name, b""), name))
    except SignatureRefused as error:
        if error.verdict.sub is not SubIndication.NO_SIGNING_CERTIFICATE_FOUND:
            raise
    raise SchemaInvalid(f"{name} is not the certificate that signed", advice="ask for the original file")


def _check_unchanged(data: bytes, files: Mapping[str, bytes], bundle: Bundle) -> None:
    """The bundle is what the evidence makes of it, to the last byte (step 6)."""
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
