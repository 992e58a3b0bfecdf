"""
The floor: what the work costs when it is written straight on lxml and cryptography, and nothing else is done.

No policy, no limits, no rules, no log, no error handling. Nobody should run this; it is a yardstick.
"""

import base64
import hashlib
import sqlite3
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

from gateway.signatures.keys import SigningKey

XADES = "{http://uri.etsi.org/01903/v1.3.2#}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"


def verify(data: bytes, schema: etree.XMLSchema, key: SigningKey) -> etree._Element:
    """Parse, XSD, verify SignedInfo and digest, parse the canonical bytes again."""
    root = etree.fromstring(data)  # noqa: TID251 - the yardstick is bare on purpose
    assert schema.validate(root)
    return _verified(root, root.find(f"{DS}Signature"), key)


def verify_with_properties(data: bytes, schema: etree.XMLSchema, key: SigningKey) -> etree._Element:
    """The same, and the digests of the signed properties and of the certificate that they name."""
    root = etree.fromstring(data)  # noqa: TID251 - as above
    assert schema.validate(root)
    signature = root.find(f"{DS}Signature")
    properties = signature.find(f"{DS}Object/{XADES}QualifyingProperties/{XADES}SignedProperties")
    made = etree.tostring(properties, method="c14n", exclusive=True, with_comments=False)
    expected = signature.findall(f"{DS}SignedInfo/{DS}Reference/{DS}DigestValue")[1].text
    assert hashlib.sha256(made).digest() == base64.b64decode(expected)
    named = base64.b64decode(next(properties.iter(f"{DS}DigestValue")).text)
    der = key.certificate.public_bytes(serialization.Encoding.DER)
    assert hashlib.sha256(der).digest() == named
    return _verified(root, signature, key)


def _verified(root: etree._Element, signature: etree._Element, key: SigningKey) -> etree._Element:
    """SignedInfo and the digest of the document hold; its canonical bytes as a tree."""
    signed_info = signature.find(f"{DS}SignedInfo")
    value = base64.b64decode(signature.findtext(f"{DS}SignatureValue"))
    canonical = etree.tostring(signed_info, method="c14n", exclusive=True, with_comments=False)
    public = key.certificate.public_key()
    if isinstance(public, ec.EllipticCurvePublicKey):
        half = len(value) // 2
        der = encode_dss_signature(int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big"))
        public.verify(der, canonical, ec.ECDSA(hashes.SHA256()))
    else:
        public.verify(value, canonical, padding.PKCS1v15(), hashes.SHA256())
    expected = base64.b64decode(signed_info.findtext(f"{DS}Reference/{DS}DigestValue"))
    root.remove(signature)
    signed = etree.tostring(root, method="c14n", exclusive=True, with_comments=False)
    assert hashlib.sha256(signed).digest() == expected
    return etree.fromstring(signed)  # noqa: TID251 - as above


def sign_raw(canonical: bytes, key: SigningKey) -> bytes:
    """One raw signature."""
    if isinstance(key.private_key, ec.EllipticCurvePrivateKey):
        return key.private_key.sign(canonical, ec.ECDSA(hashes.SHA256()))
    return key.private_key.sign(canonical, padding.PKCS1v15(), hashes.SHA256())


class Disk:
    """One durable commit of the bytes, on SQLite as the gateway uses it: WAL, synchronous FULL."""

    def __init__(self, file: Path) -> None:
        """A table of blobs."""
        self._connection = sqlite3.connect(file, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("CREATE TABLE blobs (id INTEGER PRIMARY KEY, data BLOB)")

    def commit(self, data: bytes) -> None:
        """Insert and commit."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("INSERT INTO blobs (data) VALUES (?)", (data,))
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()
