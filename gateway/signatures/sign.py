"""Making seals: enveloped XML signatures over the document element, in the one shape that we also accept."""

from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree
from signxml import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConstructionMethod,
    SignatureMethod,
    XMLSigner,
)
from signxml.exceptions import SignXMLException

from gateway.errors import AlreadySigned, KeyMaterialError, NotXML
from gateway.signatures.keys import SigningKey
from gateway.signatures.policy import SIGNATURE


def sign(root: etree._Element, key: SigningKey) -> bytes:
    """
    Seal a document and return it as UTF-8 bytes with an XML declaration.

    The signature becomes the last child of the document element: exclusive C14N, SHA-256, RSA PKCS#1 v1.5
    or ECDSA P-256 with a deterministic nonce (RFC 6979), one reference to the whole document, the
    certificate in KeyInfo.

    Raises `AlreadySigned` when the document carries a signature, `NotXML` when it has no canonical form,
    `KeyMaterialError` when the key cannot sign.
    """
    if next(root.iter(SIGNATURE), None) is not None:
        raise AlreadySigned(
            "the document is signed already", advice="sign the unsigned original, or send this one as it is"
        )
    signer = XMLSigner(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=SignatureMethod(key.method),
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    private_key: Any = key.private_key
    if isinstance(private_key, ec.EllipticCurvePrivateKey):
        private_key = _DeterministicKey(private_key)
    try:
        signed = signer.sign(root, key=private_key, cert=[key.certificate])
    except etree.LxmlError as error:
        raise NotXML(f"the document cannot be canonicalised, so it cannot be signed: {error}") from error
    except (SignXMLException, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyMaterialError(f"the key {key} could not sign: {error}") from error
    data: bytes = etree.tostring(signed, xml_declaration=True, encoding="UTF-8")
    return data


class _DeterministicKey:
    """An ECDSA key as signxml uses it, whose signatures do not depend on the quality of random numbers."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self.key_size = key.key_size

    def sign(self, data: bytes, signature_algorithm: ec.ECDSA) -> bytes:
        """Sign with a nonce after RFC 6979."""
        return self._key.sign(data, ec.ECDSA(signature_algorithm.algorithm, deterministic_signing=True))
