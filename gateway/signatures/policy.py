"""
The policy for signatures: the one shape that we accept, as data.

Everything else is refused by `shape.py`, before a library sees it: signxml, for one, skips transforms that it
does not know, and looks for the signature wherever it is told to.
"""

from dataclasses import dataclass

from gateway.signatures.algorithms import (
    DIGESTS,
    ECDSA_SHA256,
    ENVELOPED,
    METHODS,
    RSA_SHA256,
    SHA256,
)
from gateway.xmlio.names import DS, EXC_C14N, XADES, clark

__all__ = [
    "DEFAULT_POLICY",
    "ECDSA_SHA256",
    "ENVELOPED",
    "RSA_SHA256",
    "SHA256",
    "SIGNATURE",
    "SignaturePolicy",
]

SIGNATURE = clark(DS, "Signature")
REFERENCE = clark(DS, "Reference")
SIGNED_PROPERTIES = clark(XADES, "SignedProperties")


EXCEPTED_RSA_BITS = 2048
"""No exception goes below this (NIST SP 800-57: 112 bits of security, to be left by 2030)."""


@dataclass(frozen=True, slots=True)
class SignatureSettings:
    """What an operator may choose about signatures; the rest of the policy is closed."""

    oracle_share: float = 0.01
    """The share of accepted documents, 0 to 1, for which signxml must agree."""

    def __post_init__(self) -> None:
        """Refuse a share that is none."""
        if not 0 <= self.oracle_share <= 1:
            raise ValueError(f"oracle_share must be from 0 to 1, not {self.oracle_share:g}")


@dataclass(frozen=True, slots=True)
class SignaturePolicy:
    """
    What a signature must look like; each field says which attack of `docs/security.md` it stops.

    Not a matter of settings, because no partner has a reason to ask for it: one signature, the last child of
    the document element, one reference to the whole document, no comment, no processing instruction, and
    inside the signature no element and no attribute beyond those that `shape.py` names. So there is no
    Manifest, no RetrievalMethod, no KeyValue, no PrefixList, no HMACOutputLength and no second SignedInfo.
    """

    signature_methods: frozenset[str] = frozenset(METHODS)
    """Stops algorithm and HMAC confusion (attack 8): RSA PKCS#1 v1.5 or PSS and ECDSA, with SHA-2."""
    digest_methods: frozenset[str] = frozenset(DIGESTS)
    """Stops weak digests (attack 8): SHA-256, SHA-384, SHA-512."""
    canonicalization: str = EXC_C14N
    """Stops C14N chosen by the attacker, which can cost minutes (attack 16)."""
    transforms: tuple[str, ...] = (ENVELOPED, EXC_C14N)
    """Of the document: exactly these, in this order. Stops XSLT, XPath and unknown ones (attack 10)."""
    properties_transforms: tuple[str, ...] = (EXC_C14N,)
    """Of the signed properties: exactly these. Stops the same by the side door (attack 10)."""
    document_uri: str = ""
    """What the first reference names: the whole document. Stops wrapping (attack 1) and fetching (17)."""
    places_of_id: frozenset[str] = frozenset({SIGNATURE, REFERENCE, SIGNED_PROPERTIES})
    """
    Elements that may carry `Id`. Any other attribute called id, in any case and any namespace, is refused
    wherever it stands, which stops duplicate and aliased ids (attacks 2 and 3).
    """
    certificates_named: int = 1
    """The most certificates in KeyInfo. Stops a second one that another verifier would take (attack 9)."""
    min_rsa_bits: int = 3072
    """Stops short keys (attack 8; BSI TR-02102-1, NIST SP 800-57); 2048 for a partner that says so."""
    excepted: frozenset[str] = frozenset()
    """
    SHA-256 in hex of the certificates whose owner said that it still signs with RSA of `EXCEPTED_RSA_BITS` or
    more; everybody else's short keys stay refused.
    """
    curves: frozenset[str] = frozenset({"secp256r1", "secp384r1", "secp521r1"})
    """Stops weak and exotic curves (attack 8; CVE-2026-26007): P-256, P-384, P-521."""
    oracle_share: float = 0.01
    """
    The share of accepted documents, 0 to 1, for which signxml must agree (attack 5: two verifiers that see
    two things). Which ones follows from the digest of the document, so that a case can be repeated.
    """


DEFAULT_POLICY = SignaturePolicy()


def check_rsa_bits(bits: int) -> None:
    """
    Whether somebody may ask for RSA keys of at least `bits`: our own rule or stricter, or the one exception.

    Raises `ValueError` with the values that there are.
    """
    if bits != EXCEPTED_RSA_BITS and bits < DEFAULT_POLICY.min_rsa_bits:
        raise ValueError(
            f"min_rsa_bits must be {EXCEPTED_RSA_BITS}, or {DEFAULT_POLICY.min_rsa_bits} or more, not {bits}"
        )
