"""Proving who sealed a document; the only maker of `VerifiedDocument`."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree
from signxml import DigestAlgorithm, SignatureConfiguration, SignatureMethod, XMLVerifier
from signxml.exceptions import InvalidDigest, InvalidSignature, SignXMLException

from gateway.errors import SignatureRefused
from gateway.signatures.keys import subject_of
from gateway.signatures.policy import DEFAULT_POLICY, RSA_SHA256, SignaturePolicy, check_shape
from gateway.signatures.verdict import Indication, SubIndication, Verdict, refuse
from gateway.signatures.verified import _PROOF, VerifiedDocument
from gateway.xmlio.names import DS
from gateway.xmlio.parse import ParsedDocument

MAX_CANDIDATES = 8
"""Certificates tried when the signature names none; bounds the work that a stranger can ask for."""


def verify(
    document: ParsedDocument,
    trusted: Sequence[x509.Certificate],
    *,
    at: datetime,
    policy: SignaturePolicy = DEFAULT_POLICY,
) -> VerifiedDocument:
    """
    Prove that one of the `trusted` certificates sealed `document`, and return what was sealed.

    1. Shape: one signature, last child, over the whole document, with the policy's algorithms.
    2. Signer: the certificate in KeyInfo is only a hint and must be one of `trusted`; without a hint every
       trusted certificate of the right kind is tried. Nothing else from the message becomes a key.
    3. Mathematics: signature value and digest, by signxml, on the tree that was parsed.
    4. Place: what was signed is the document element.
    5. Time: the certificate is valid at `at`.

    Raises `SignatureRefused`, which carries the verdict. Never returns without proof.
    """
    # 1
    signature = check_shape(document.root, policy)
    # 2
    candidates = _candidates(signature, trusted)
    # 3
    signed_bytes, signed_root, certificate = _prove(document.root, candidates, policy)
    # 4
    if signed_root.tag != document.root.tag:
        raise refuse(SubIndication.FORMAT_FAILURE, "the signature does not cover the document element")
    # 5
    _check_window(certificate, at)
    return VerifiedDocument(document.data, signed_bytes, signed_root, certificate, _PROOF)


def warm() -> None:
    """Load what signxml would load at its first signature, in the middle of the first permit."""
    XMLVerifier.schemas()  # type: ignore[no-untyped-call]  # signxml leaves its return type out


def passed(document: VerifiedDocument) -> Verdict:
    """The verdict that belongs to a verified document."""
    signer = subject_of(document.certificate)
    return Verdict(Indication.PASSED, f"the signature holds; signed by {signer}", signer=signer)


def _candidates(
    signature: etree._Element, trusted: Sequence[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    """The trusted certificates that may have made this signature (step 2)."""
    hints = signature.findall(f"{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate")
    if hints:
        named = {_decoded(hint.text) for hint in hints}
        found = tuple(c for c in trusted if c.public_bytes(serialization.Encoding.DER) in named)
        if not found:
            signer = _subject_of_hint(next(iter(named)))
            raise refuse(
                SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
                f"the signer is not registered here: {signer}; if it should be, get the certificate "
                "from the partner by another way and register it",
                signer=signer,
            )
        return found
    method = signature.find(f"{{{DS}}}SignedInfo/{{{DS}}}SignatureMethod")
    wants_rsa = method is not None and method.get("Algorithm") == RSA_SHA256
    found = tuple(c for c in trusted if isinstance(c.public_key(), rsa.RSAPublicKey) == wants_rsa)
    if not found:
        raise refuse(
            SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
            "no registered certificate has a key of the kind that made this signature",
        )
    return found[:MAX_CANDIDATES]


def _prove(
    root: etree._Element, candidates: Sequence[x509.Certificate], policy: SignaturePolicy
) -> tuple[bytes, etree._Element, x509.Certificate]:
    """Try the candidates in turn (step 3); the reason of the last one is told when none holds."""
    refused: SignatureRefused | None = None
    for certificate in candidates:
        signer = subject_of(certificate)
        try:
            result = XMLVerifier().verify(
                root, x509_cert=certificate, expect_config=_configuration(certificate, policy)
            )
        except InvalidDigest:
            raise refuse(
                SubIndication.HASH_FAILURE,
                "the document was changed after it was signed: its digest is not the signed one",
                signer=signer,
            ) from None
        except InvalidSignature:
            refused = refuse(
                SubIndication.SIG_CRYPTO_FAILURE,
                "the signature value does not fit the certificate: the signature was changed, or another "
                "key made it",
                signer=signer,
            )
        except (SignXMLException, ValueError, etree.LxmlError, UnsupportedAlgorithm, KeyError, TypeError):
            # What a verifier could not even read; the details would help only an attacker.
            raise refuse(
                SubIndication.FORMAT_FAILURE, "the signature cannot be read as XML Signature", signer=signer
            ) from None
        else:
            if isinstance(result, list) or result.signed_xml is None:
                raise refuse(SubIndication.FORMAT_FAILURE, "the signature does not cover XML", signer=signer)
            return result.signed_data, result.signed_xml, certificate
    raise refused or refuse(SubIndication.NO_SIGNING_CERTIFICATE_FOUND, "no certificate to try")


def _configuration(certificate: x509.Certificate, policy: SignaturePolicy) -> SignatureConfiguration:
    """
    The policy in signxml's words.

    Whether the mathematics hold and whether the certificate is valid are two statements; the second is
    step 5 with its own time, so signxml is asked at a moment at which the certificate is valid.
    """
    return SignatureConfiguration(
        require_x509=True,
        location="./",
        expect_references=1,
        signature_methods=frozenset(SignatureMethod(uri) for uri in policy.signature_methods),
        digest_algorithms=frozenset(DigestAlgorithm(uri) for uri in policy.digest_methods),
        verification_time=certificate.not_valid_before_utc,
    )


def _check_window(certificate: x509.Certificate, at: datetime) -> None:
    """The signature holds; say so even when the certificate is outside its time (step 5)."""
    signer = subject_of(certificate)
    if at < certificate.not_valid_before_utc:
        raise refuse(
            SubIndication.NOT_YET_VALID,
            f"the signature holds, but the certificate of {signer} is valid only from "
            f"{certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC and the moment checked is "
            f"{at:%Y-%m-%d %H:%M} UTC: check the clocks",
            signer=signer,
        )
    if at > certificate.not_valid_after_utc:
        raise refuse(
            SubIndication.OUT_OF_BOUNDS_NO_POE,
            f"the signature holds, but the certificate of {signer} ended on "
            f"{certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC and nothing proves that the document was "
            "signed before: ask the partner for the current certificate, or verify at the time of receipt",
            signer=signer,
        )


def _decoded(text: str | None) -> bytes:
    """The DER bytes of a certificate in KeyInfo; empty when it is not base64."""
    try:
        return base64.b64decode("".join((text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _subject_of_hint(der: bytes) -> str:
    """How the unknown signer calls itself; what it says is not trusted, only shown."""
    try:
        return subject_of(x509.load_der_x509_certificate(der))
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
        return "(the certificate in the signature cannot be read)"
