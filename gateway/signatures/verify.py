"""Proving who sealed a document; the only maker of `VerifiedDocument`."""

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gateway.signatures import oracle
from gateway.signatures.algorithms import METHODS
from gateway.signatures.direct import prove
from gateway.signatures.keys import der_of, fingerprint, subject_of
from gateway.signatures.policy import DEFAULT_POLICY, EXCEPTED_RSA_BITS, SignaturePolicy
from gateway.signatures.revocation import NO_LISTS, Revocations, RevocationState, check_revocation
from gateway.signatures.shape import Shape, check_shape
from gateway.signatures.verdict import Indication, SubIndication, Verdict, refuse
from gateway.signatures.verified import _PROOF, VerifiedDocument
from gateway.signatures.xades import check_certificate_digest
from gateway.wording import say
from gateway.xmlio.parse import ParsedDocument

MAX_CANDIDATES = 8
"""Certificates tried when the signature names none; bounds the work that a stranger can ask for."""

__all__ = ["MAX_CANDIDATES", "passed", "verify", "warm"]


def verify(
    document: ParsedDocument,
    trusted: Sequence[x509.Certificate],
    *,
    at: datetime,
    policy: SignaturePolicy = DEFAULT_POLICY,
    revocations: Revocations = NO_LISTS,
    now: datetime | None = None,
) -> VerifiedDocument:
    """
    Prove that one of the `trusted` certificates sealed `document`, and return what was sealed.

    1. Shape: one signature, last child, over the whole document, with the policy's algorithms.
    2. Signer: the certificate in KeyInfo is only a hint and must be one of `trusted`; without a hint every
       trusted certificate of the right kind is tried. Nothing else from the message becomes a key.
    3. Mathematics: signature value and digests, on the tree that was parsed (`direct.py`).
    4. The certificate that the signed properties name, when there are some, is the one that was used, and
       its key is one that the policy lets make seals.
    5. Second opinion: for the policy's share of documents signxml must agree (`oracle.py`).
    6. Time: the certificate is valid at `at`.
    7. The revocation lists have not taken the certificate back at `at`, and are not too old to say so.

    `at` is the moment that counts for the certificate, `now` the present, when `at` is not it; both have a
    time zone. Raises `SignatureRefused`, which carries the verdict. Never returns without proof.
    """
    # 1
    shape = check_shape(document.root, policy, data=document.data)
    # 2
    candidates = _candidates(shape, trusted)
    # 3
    proven = prove(document.root, shape, candidates)
    # 4
    _check_named_certificate(shape, proven.certificate)
    _check_key(proven.certificate, policy)
    # 5
    if oracle.is_sampled(document.data, policy.oracle_share):
        oracle.ask(document.root, proven, 1 if shape.properties is None else 2, policy)
    # 6
    _check_window(proven.certificate, at)
    # 7
    revocation = _check_revocation(proven.certificate, at, revocations, now)
    return VerifiedDocument(
        document.data,
        proven.signed_bytes,
        proven.root,
        proven.certificate,
        _PROOF,
        shape.properties.signing_time if shape.properties else None,
        revocation,
    )


def warm() -> None:
    """Load what the second opinion would load at its first signature, in the middle of the first permit."""
    oracle.warm()


def passed(document: VerifiedDocument) -> Verdict:
    """The verdict that belongs to a verified document."""
    signer = subject_of(document.certificate)
    return Verdict(
        Indication.PASSED, say("the signature holds; signed by {signer}", signer=signer), signer=signer
    )


def _candidates(shape: Shape, trusted: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """The trusted certificates that may have made this signature (step 2)."""
    if shape.hint is not None:
        found = tuple(c for c in trusted if der_of(c) == shape.hint)
        if not found:
            signer = _subject_of_hint(shape.hint)
            raise refuse(
                SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
                say(
                    "the signer is not registered here: {signer}; if it should be, get the certificate "
                    "from the partner by another way and register it",
                    signer=signer,
                ),
                signer=signer,
            )
        return found[:1]
    wanted = rsa.RSAPublicKey if METHODS[shape.method].rsa else ec.EllipticCurvePublicKey
    found = tuple(c for c in trusted if isinstance(c.public_key(), wanted))
    if not found:
        raise refuse(
            SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
            say("no registered certificate has a key of the kind that made this signature"),
        )
    return found[:MAX_CANDIDATES]


def _check_named_certificate(shape: Shape, certificate: x509.Certificate) -> None:
    """The signer said with which certificate it signs; another one with the same key is not it (step 4)."""
    if shape.properties is not None and not check_certificate_digest(shape.properties, certificate):
        raise refuse(
            SubIndication.SIG_CONSTRAINTS_FAILURE,
            say("the signed properties name another certificate than the one that the signature fits"),
            signer=subject_of(certificate),
        )


def _check_key(certificate: x509.Certificate, policy: SignaturePolicy) -> None:
    """The registered certificate itself is good enough for the policy (step 4)."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        strong = key.key_size >= policy.min_rsa_bits or _is_excepted(certificate, key.key_size, policy)
    else:
        strong = isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in policy.curves
    if not strong:
        raise refuse(
            SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE,
            say(
                "the key of the certificate is not accepted: use RSA with {bits} bits or more, or ECDSA "
                "P-256, P-384 or P-521",
                bits=policy.min_rsa_bits,
            ),
            signer=subject_of(certificate),
        )
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not usage.digital_signature:
        raise refuse(
            SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE,
            say("the key usage of the certificate does not allow digital signatures"),
            signer=subject_of(certificate),
        )


def _is_excepted(certificate: x509.Certificate, bits: int, policy: SignaturePolicy) -> bool:
    """Whether its owner said that it still uses a key that is short by now."""
    return bits >= EXCEPTED_RSA_BITS and fingerprint(certificate) in policy.excepted


def _check_window(certificate: x509.Certificate, at: datetime) -> None:
    """The signature holds; say so even when the certificate is outside its time (step 6)."""
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if at < begins:
        raise refuse(
            SubIndication.NOT_YET_VALID,
            say(
                "the signature holds, but the certificate of {signer} is valid only from "
                "{begins:%Y-%m-%d %H:%M} UTC and the moment checked is {at:%Y-%m-%d %H:%M} UTC: "
                "check the clocks",
                signer=subject_of(certificate),
                begins=begins,
                at=at,
            ),
            signer=subject_of(certificate),
        )
    if at > ends:
        raise refuse(
            SubIndication.OUT_OF_BOUNDS_NO_POE,
            say(
                "the signature holds, but the certificate of {signer} ended on {ends:%Y-%m-%d %H:%M} UTC and "
                "nothing proves that the document was signed before: ask the partner for the current "
                "certificate, or verify at the time of receipt",
                signer=subject_of(certificate),
                ends=ends,
            ),
            signer=subject_of(certificate),
        )


def _check_revocation(
    certificate: x509.Certificate, at: datetime, revocations: Revocations, now: datetime | None
) -> RevocationState | None:
    """What the lists say; None when there are none (step 7). Too old is no answer, and no answer no pass."""
    if not revocations.consulted:
        return None
    result = check_revocation(certificate, at, revocations, now=now)
    if not result.acceptable:
        revoked = result.state is RevocationState.REVOKED
        raise refuse(
            SubIndication.REVOKED if revoked else SubIndication.TRY_LATER,
            result.message,
            signer=subject_of(certificate),
        )
    return result.state


def _subject_of_hint(der: bytes) -> str:
    """How the unknown signer calls itself; what it says is not trusted, only shown."""
    try:
        return subject_of(x509.load_der_x509_certificate(der))
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
        return "(the certificate in the signature cannot be read)"
