"""The second opinion: signxml, which none of us wrote, on a signature that the direct path accepted."""

import hashlib

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from lxml import etree
from signxml import DigestAlgorithm, SignatureConfiguration, SignatureMethod, XMLVerifier
from signxml.exceptions import SignXMLException

from gateway.signatures.direct import Proven
from gateway.signatures.keys import subject_of
from gateway.signatures.policy import SignaturePolicy
from gateway.signatures.verdict import SubIndication, refuse
from gateway.wording import say


def warm() -> None:
    """Load what signxml would load at its first signature, in the middle of the first permit."""
    XMLVerifier.schemas()  # type: ignore[no-untyped-call]  # signxml leaves its return type out


def is_sampled(data: bytes, share: float) -> bool:
    """
    Whether this document belongs to the share, 0 to 1, for which the oracle is asked.

    The digest decides, so the same document is sampled every time and in every process.
    """
    if share <= 0:
        return False
    if share >= 1:
        return True
    return int.from_bytes(hashlib.sha256(data).digest()[:8], "big") < share * 2**64


def ask(root: etree._Element, proven: Proven, references: int, policy: SignaturePolicy) -> None:
    """
    Let signxml verify the same tree against the same certificate, and compare what was signed.

    Raises `SignatureRefused` with SIG_CRYPTO_FAILURE and `alarm` set when the two disagree: one of them is
    wrong, which is for people to find out, and until then the document is not used.
    """
    try:
        result = XMLVerifier().verify(
            root,
            x509_cert=proven.certificate,
            expect_config=configuration(proven.certificate, references, policy),
        )
    except (
        SignXMLException,
        ValueError,
        etree.LxmlError,
        UnsupportedAlgorithm,
        KeyError,
        TypeError,
    ) as error:
        raise _disagreement(proven, type(error).__name__) from None
    first = result[0] if isinstance(result, list) else result
    if first.signed_data != proven.signed_bytes:
        raise _disagreement(proven, say("other signed bytes"))


def configuration(
    certificate: x509.Certificate, references: int, policy: SignaturePolicy
) -> SignatureConfiguration:
    """
    The policy in signxml's words.

    Whether the mathematics hold and whether the certificate is valid are two statements; the second is made
    by `verify()` with its own time, so signxml is asked at a moment at which the certificate is valid.
    """
    return SignatureConfiguration(
        require_x509=True,
        location="./",
        expect_references=references,
        signature_methods=frozenset(SignatureMethod(uri) for uri in policy.signature_methods),
        digest_algorithms=frozenset(DigestAlgorithm(uri) for uri in policy.digest_methods),
        verification_time=certificate.not_valid_before_utc,
    )


def _disagreement(proven: Proven, found: str) -> Exception:
    """The refusal that nobody should ever see."""
    return refuse(
        SubIndication.SIG_CRYPTO_FAILURE,
        say(
            "two verifiers disagree about this signature ({found}), so it is not accepted: keep the document "
            "and tell the makers of the gateway",
            found=found,
        ),
        signer=subject_of(proven.certificate),
        alarm=True,
    )
