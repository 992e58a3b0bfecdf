"""
The mathematics of a signature, straight on lxml and cryptography, for the one shape that the policy admits.

A general verifier must find out what a signature asks for; here `check_shape` has left nothing to find out,
so this is quick and short. signxml remains the reference: `oracle.py` asks it beside this in every test, and
for a share of the documents in production.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

from gateway.errors import NotXML
from gateway.signatures.algorithms import METHODS, Method, coordinate_bytes, digest
from gateway.signatures.keys import subject_of
from gateway.signatures.shape import Shape, SignedDigest
from gateway.signatures.verdict import SubIndication, refuse
from gateway.wording import say
from gateway.xmlio.canonical import canonical
from gateway.xmlio.parse import parse_trusted


@dataclass(frozen=True, slots=True)
class Proven:
    """What the mathematics have shown."""

    signed_bytes: bytes
    """The canonical form of the document without its signature."""
    root: etree._Element
    """Parsed from `signed_bytes`."""
    certificate: x509.Certificate


def prove(root: etree._Element, shape: Shape, candidates: Sequence[x509.Certificate]) -> Proven:
    """
    Check the signature value against the candidates in turn, then the digests that it covers.

    1. The canonical bytes of SignedInfo are what one of the keys signed.
    2. The digest of the document without its signature is the one in SignedInfo.
    3. The same for the signed properties, when there are some.
    4. The tree that is used from here on is parsed from the canonical bytes, never taken from the message.

    `root` is left as it is. Raises `SignatureRefused`: SIG_CRYPTO_FAILURE for step 1, HASH_FAILURE for steps
    2 and 3, FORMAT_FAILURE when something has no canonical form.
    """
    try:
        # 1
        certificate = _signer(canonical(shape.signed_info), shape, candidates)
        # 2
        signed_bytes = without_signature(canonical(root), shape.signature)
        _check_digest(signed_bytes, shape.document, certificate)
        # 3
        if shape.properties is not None and shape.properties_digest is not None:
            _check_digest(canonical(shape.properties.element), shape.properties_digest, certificate)
        # 4
        return Proven(signed_bytes, parse_trusted(signed_bytes), certificate)
    except NotXML:
        raise refuse(
            SubIndication.FORMAT_FAILURE,
            say("the document has no canonical form, for example because of a relative namespace name"),
        ) from None


def without_signature(whole: bytes, signature: etree._Element) -> bytes:
    """
    The canonical form of a document without its signature, cut from the canonical form with it.

    The cut is exact. In canonical form `<` begins a tag and nothing else, the signature is the last child and
    holds no element of its own name (`check_shape` saw to both), and exclusive C14N writes a namespace where
    it is used, so that what one child needs changes nothing in the others. Text behind the signature stays:
    it belongs to the document element, and the signer covered it. The last end tag is that of the document
    element, which may be called like the signature. Nothing is copied or taken from the tree.
    """
    name = (f"{signature.prefix}:" if signature.prefix else "").encode() + b"Signature"
    begin = whole.rfind(b"<" + name + b" ")
    begin = max(begin, whole.rfind(b"<" + name + b">", max(begin, 0)))
    closing = b"</" + name + b">"
    end = whole.rfind(closing, 0, whole.rfind(b"</"))
    if not 0 < begin < end:
        raise NotXML("the canonical form does not hold the signature")
    return whole[:begin] + whole[end + len(closing) :]


def _signer(signed_info: bytes, shape: Shape, candidates: Sequence[x509.Certificate]) -> x509.Certificate:
    """The first candidate whose key made the signature value (step 1)."""
    method = METHODS[shape.method]
    for certificate in candidates:
        if _holds(certificate, method, shape.value, signed_info):
            return certificate
    raise refuse(
        SubIndication.SIG_CRYPTO_FAILURE,
        say(
            "the signature value does not fit the certificate: the signature was changed, or another "
            "key made it"
        ),
        signer=subject_of(candidates[-1]),
    )


def _holds(certificate: x509.Certificate, method: Method, value: bytes, signed_info: bytes) -> bool:
    """True when the key of the certificate made `value` over `signed_info`."""
    key = certificate.public_key()
    try:
        if method.rsa and isinstance(key, rsa.RSAPublicKey):
            key.verify(value, signed_info, method.padding(), method.hash)
            return True
        if not method.rsa and isinstance(key, ec.EllipticCurvePublicKey):
            return _ecdsa_holds(key, method, value, signed_info)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return False


def _ecdsa_holds(key: ec.EllipticCurvePublicKey, method: Method, value: bytes, signed_info: bytes) -> bool:
    """The same for ECDSA, whose value is r and s side by side, each as long as the curve says."""
    half = coordinate_bytes(key)
    if len(value) != 2 * half:
        return False
    r, s = int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big")
    key.verify(encode_dss_signature(r, s), signed_info, ec.ECDSA(method.hash))
    return True


def _check_digest(data: bytes, signed: SignedDigest, certificate: x509.Certificate) -> None:
    """The digest of `data` is the one that was signed (steps 2 and 3)."""
    if digest(signed.method, data) != signed.value:
        raise refuse(
            SubIndication.HASH_FAILURE,
            say("the document was changed after it was signed: its digest is not the signed one"),
            signer=subject_of(certificate),
        )
