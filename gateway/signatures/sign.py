"""Making seals: enveloped XML signatures over the document element, in the one shape that we also accept."""

import base64
import copy
from datetime import datetime
from itertools import chain

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

from gateway.errors import AlreadySigned, KeyMaterialError, NotSignable, SignatureRefused
from gateway.signatures.algorithms import DIGESTS, METHODS, SHA256, Method, coordinate_bytes, digest
from gateway.signatures.keys import SigningKey
from gateway.signatures.policy import DEFAULT_POLICY, SIGNATURE, SIGNED_PROPERTIES
from gateway.signatures.shape import PROPERTIES_TYPE, check_shape, refuse_comments
from gateway.signatures.xades import build_properties
from gateway.xmlio.canonical import canonical
from gateway.xmlio.names import DS, clark
from gateway.xmlio.parse import check_ceilings

_SIGNATURE_ID, _DOCUMENT_ID, _PROPERTIES_ID = "seal", "seal-document", "seal-properties"
"""Ids inside a signature with properties; no other attribute of the document is called id."""

_LINE = 64
"""Characters on a line of a certificate, as in PEM (RFC 7468): some readers know nothing longer."""


def sign(
    root: etree._Element,
    key: SigningKey,
    *,
    at: datetime | None = None,
    method: str = "",
    digest_method: str = SHA256,
) -> bytes:
    """
    Seal a document and return it as UTF-8 bytes with an XML declaration; `root` is left as it is.

    The signature becomes the last child of the document element: exclusive C14N, one reference to the whole
    document, the certificate in KeyInfo. With `at`, a moment with a time zone, it carries the XAdES
    properties of baseline B: this signing time, and the digest of the certificate. `method` is by default
    that of the key. RSA PKCS#1 v1.5 and ECDSA (with a nonce after RFC 6979) give the same bytes every time;
    PSS does not.

    Raises `AlreadySigned` when the document carries a signature, `NotSignable` when it holds something that
    no signed document may hold, `DocumentTooLarge` or `DocumentTooComplex` when nobody would read it,
    `NotXML` when it has no canonical form, `KeyMaterialError` when the key cannot sign with that method.
    """
    if next(root.iter(SIGNATURE), None) is not None:
        raise AlreadySigned(
            "the document is signed already", advice="sign the unsigned original, or send this one as it is"
        )
    whole, data = _sealed(root, key, at, method, digest_method)
    _check_acceptable(whole, root, data)
    return data


def _sealed(
    root: etree._Element, key: SigningKey, at: datetime | None, method: str, digest_method: str
) -> tuple[etree._Element, bytes]:
    """The signed copy, and its bytes; nothing is known yet of whether anybody would accept it."""
    if (method or key.method) not in METHODS or digest_method not in DIGESTS:
        raise KeyMaterialError(
            f"there is no method {method or key.method} with digest {digest_method}",
            advice="use RSA or ECDSA with SHA-256, SHA-384 or SHA-512",
        )
    whole = copy.deepcopy(root)
    document_digest = digest(digest_method, canonical(whole))
    signature = etree.SubElement(whole, SIGNATURE, nsmap={"ds": DS})
    signed_info = _child(signature, "SignedInfo")
    _child(signed_info, "CanonicalizationMethod", Algorithm=DEFAULT_POLICY.canonicalization)
    _child(signed_info, "SignatureMethod", Algorithm=method or key.method)
    document = _refer(signed_info, DEFAULT_POLICY.transforms, digest_method, document_digest)
    document.set("URI", DEFAULT_POLICY.document_uri)
    value = _child(signature, "SignatureValue")
    _name_certificate(signature, key)
    if at is not None:
        signature.set("Id", _SIGNATURE_ID)
        document.set("Id", _DOCUMENT_ID)
        _add_properties(signature, key, at, digest_method)
    made = _value(key, METHODS[method or key.method], canonical(signed_info))
    value.text = base64.b64encode(made).decode("ascii")
    data: bytes = etree.tostring(whole, xml_declaration=True, encoding="UTF-8")
    return whole, data


def _check_acceptable(signed: etree._Element, root: etree._Element, data: bytes) -> None:
    """
    Nothing leaves here that our own verifier, and so every partner's, would refuse for its shape or its size.

    What stands around the document element is not in the copy, and is not left out in silence either.
    """
    try:
        refuse_comments(root)
        check_shape(signed, data=data)
    except SignatureRefused as error:
        inside = root.iter(etree.Comment, etree.ProcessingInstruction)
        around = chain(root.itersiblings(preceding=True), root.itersiblings())
        stray = next(chain(inside, around), None)
        line = stray.sourceline if stray is not None else None
        raise NotSignable(
            f"the document cannot be signed{f', see line {line}' if line else ''}: {error.message}",
            advice="take it out, and sign the document again",
            line=line,
        ) from None
    check_ceilings(data, signed)


def _add_properties(signature: etree._Element, key: SigningKey, at: datetime, digest_method: str) -> None:
    """The Object with the signed properties, and the reference to them."""
    qualifying = build_properties(
        key.certificate,
        at,
        signature_id=_SIGNATURE_ID,
        document_id=_DOCUMENT_ID,
        properties_id=_PROPERTIES_ID,
    )
    _child(signature, "Object").append(qualifying)
    properties = next(signature.iter(SIGNED_PROPERTIES))
    made = digest(digest_method, canonical(properties))
    reference = _refer(signature[0], DEFAULT_POLICY.properties_transforms, digest_method, made)
    reference.set("Type", PROPERTIES_TYPE)
    reference.set("URI", f"#{_PROPERTIES_ID}")


def _refer(
    signed_info: etree._Element, transforms: tuple[str, ...], digest_method: str, made: bytes
) -> etree._Element:
    """A Reference whose URI is still to be set."""
    reference = _child(signed_info, "Reference")
    steps = _child(reference, "Transforms")
    for transform in transforms:
        _child(steps, "Transform", Algorithm=transform)
    _child(reference, "DigestMethod", Algorithm=digest_method)
    _child(reference, "DigestValue").text = base64.b64encode(made).decode("ascii")
    return reference


def _name_certificate(signature: etree._Element, key: SigningKey) -> None:
    """KeyInfo with the certificate, as a hint for who verifies."""
    der = key.certificate.public_bytes(serialization.Encoding.DER)
    text = base64.b64encode(der).decode("ascii")
    data = _child(_child(signature, "KeyInfo"), "X509Data")
    _child(data, "X509Certificate").text = "".join(
        text[begin : begin + _LINE] + "\n" for begin in range(0, len(text), _LINE)
    )


def _value(key: SigningKey, method: Method, signed_info: bytes) -> bytes:
    """The signature value; for ECDSA r and s side by side (xmldsig-core1, 6.4.3)."""
    private = key.private_key
    try:
        if method.rsa and isinstance(private, rsa.RSAPrivateKey):
            return private.sign(signed_info, method.padding(), method.hash)
        if not method.rsa and isinstance(private, ec.EllipticCurvePrivateKey):
            der = private.sign(signed_info, ec.ECDSA(method.hash, deterministic_signing=True))
            half = coordinate_bytes(private.public_key())
            return b"".join(number.to_bytes(half, "big") for number in decode_dss_signature(der))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyMaterialError(f"the key {key} could not sign: {error}") from error
    raise KeyMaterialError(
        f"the key {key} is of another kind than the method that was asked for",
        advice="use an RSA method with an RSA key, and an ECDSA method with an ECDSA key",
    )


def _child(parent: etree._Element, local: str, **attributes: str) -> etree._Element:
    """A new element of XML Signature."""
    return etree.SubElement(parent, clark(DS, local), attributes)
