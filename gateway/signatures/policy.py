"""
The one shape of signature that we accept, and the check that a signature has it.

Everything else is refused here, before a library sees it: signxml, for one, skips transforms that it does
not know, and looks for the signature wherever it is told to.
"""

from dataclasses import dataclass

from lxml import etree

from gateway.signatures.verdict import SubIndication, refuse
from gateway.xmlio.names import DS, EXC_C14N, clark

SIGNATURE = clark(DS, "Signature")
ENVELOPED = DS + "enveloped-signature"

RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"


@dataclass(frozen=True, slots=True)
class SignaturePolicy:
    """What a signature must look like; each field says which attack it stops."""

    signature_methods: frozenset[str] = frozenset({RSA_SHA256, ECDSA_SHA256})
    """Stops algorithm and HMAC confusion (attack 8): the signer does not choose freely."""
    digest_methods: frozenset[str] = frozenset({SHA256})
    """Stops weak digests (attack 8)."""
    transforms: tuple[str, ...] = (ENVELOPED, EXC_C14N)
    """Exactly these, in this order. Stops XSLT, XPath and unknown transforms (attack 10)."""
    canonicalization: str = EXC_C14N
    """Stops C14N chosen by the attacker (attack 16)."""
    min_rsa_bits: int = 3072
    """BSI TR-02102-1 and NIST SP 800-57: RSA below 3072 bits is not for new seals."""


DEFAULT_POLICY = SignaturePolicy()


def check_shape(root: etree._Element, policy: SignaturePolicy = DEFAULT_POLICY) -> etree._Element:
    """
    Find the one signature of the document and check its shape.

    1. Exactly one ds:Signature in the whole document, and it is the last child of the document element.
    2. No comment and no processing instruction anywhere (attack 7).
    3. One SignedInfo, with the canonicalization and a signature method of the policy.
    4. One Reference, to the whole document, with exactly the transforms and a digest method of the policy.

    Returns the signature element. Raises `SignatureRefused` (FORMAT_FAILURE or SIG_CONSTRAINTS_FAILURE).
    """
    # 1
    signatures = list(root.iter(SIGNATURE))
    if not signatures:
        raise refuse(
            SubIndication.FORMAT_FAILURE,
            "the document is not signed; have the issuing authority seal it (ecites permit sign)",
        )
    if len(signatures) > 1:
        raise refuse(
            SubIndication.FORMAT_FAILURE,
            f"the document has {len(signatures)} signatures; exactly one is accepted",
        )
    signature = signatures[0]
    if signature.getparent() is not root or signature.getnext() is not None:
        raise refuse(
            SubIndication.FORMAT_FAILURE, "the signature must be the last child of the document element"
        )
    # 2
    if next(root.iter(etree.Comment, etree.ProcessingInstruction), None) is not None:
        raise refuse(
            SubIndication.FORMAT_FAILURE,
            "a signed document must not contain comments or processing instructions",
        )
    # 3
    signed_info = _only(signature, "SignedInfo")
    _require(_algorithm(signed_info, "CanonicalizationMethod"), {policy.canonicalization}, "canonicalization")
    _require(_algorithm(signed_info, "SignatureMethod"), policy.signature_methods, "signature method")
    # 4
    reference = _only(signed_info, "Reference")
    if reference.get("URI") != "":
        raise refuse(
            SubIndication.SIG_CONSTRAINTS_FAILURE,
            'the signature must cover the whole document (Reference with URI="")',
        )
    transforms = _only(reference, "Transforms")
    found = tuple(child.get("Algorithm", "") for child in transforms)
    if found != policy.transforms or any(len(child) for child in transforms):
        raise refuse(
            SubIndication.SIG_CONSTRAINTS_FAILURE,
            f"the signature must use exactly the transforms {', '.join(policy.transforms)}; "
            f"it has {', '.join(found) or 'none'}",
        )
    _require(_algorithm(reference, "DigestMethod"), policy.digest_methods, "digest method")
    return signature


def _only(parent: etree._Element, local: str) -> etree._Element:
    """The one child of that name."""
    children = parent.findall(clark(DS, local))
    if len(children) != 1:
        raise refuse(
            SubIndication.FORMAT_FAILURE, f"the signature has {len(children)} {local} elements instead of one"
        )
    return children[0]


def _algorithm(parent: etree._Element, local: str) -> str:
    """The algorithm that the one child of that name declares."""
    return _only(parent, local).get("Algorithm", "")


def _require(found: str, accepted: frozenset[str] | set[str], what: str) -> None:
    """Refuse what is outside the closed list."""
    if found not in accepted:
        raise refuse(
            SubIndication.SIG_CONSTRAINTS_FAILURE,
            f"the {what} {found or '(none)'} is not accepted; use {' or '.join(sorted(accepted))}",
        )
