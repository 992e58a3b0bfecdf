"""The algorithms of XML Signature that exist for us, each name spelled once (W3C xmldsig-core1, RFC 6931)."""

import hashlib
from dataclasses import dataclass
from types import MappingProxyType

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding

from gateway.xmlio.names import DS

MORE = "http://www.w3.org/2001/04/xmldsig-more#"
"""RFC 6931, 2.3."""
MORE_2007 = "http://www.w3.org/2007/05/xmldsig-more#"
"""RFC 6931, 2.3.10: RSA-PSS without parameters; MGF1 with the same hash, a salt as long as the digest."""
ENC = "http://www.w3.org/2001/04/xmlenc#"

ENVELOPED = DS + "enveloped-signature"

SHA256 = ENC + "sha256"
SHA384 = MORE + "sha384"
SHA512 = ENC + "sha512"

RSA_SHA256 = MORE + "rsa-sha256"
RSA_SHA384 = MORE + "rsa-sha384"
RSA_SHA512 = MORE + "rsa-sha512"
PSS_SHA256 = MORE_2007 + "sha256-rsa-MGF1"
PSS_SHA384 = MORE_2007 + "sha384-rsa-MGF1"
PSS_SHA512 = MORE_2007 + "sha512-rsa-MGF1"
ECDSA_SHA256 = MORE + "ecdsa-sha256"
ECDSA_SHA384 = MORE + "ecdsa-sha384"
ECDSA_SHA512 = MORE + "ecdsa-sha512"


@dataclass(frozen=True, slots=True)
class Method:
    """How a signature value is made."""

    hash: hashes.HashAlgorithm
    rsa: bool
    """RSA, otherwise ECDSA."""
    pss: bool = False

    def padding(self) -> padding.PKCS1v15 | padding.PSS:
        """How an RSA signature of this method is padded."""
        if not self.pss:
            return padding.PKCS1v15()
        return padding.PSS(mgf=padding.MGF1(self.hash), salt_length=self.hash.digest_size)


DIGESTS = MappingProxyType({SHA256: hashes.SHA256(), SHA384: hashes.SHA384(), SHA512: hashes.SHA512()})
"""Digest methods by their name in XML Signature."""

_HASHERS = MappingProxyType({SHA256: hashlib.sha256, SHA384: hashlib.sha384, SHA512: hashlib.sha512})

METHODS = MappingProxyType(
    {
        RSA_SHA256: Method(hashes.SHA256(), rsa=True),
        RSA_SHA384: Method(hashes.SHA384(), rsa=True),
        RSA_SHA512: Method(hashes.SHA512(), rsa=True),
        PSS_SHA256: Method(hashes.SHA256(), rsa=True, pss=True),
        PSS_SHA384: Method(hashes.SHA384(), rsa=True, pss=True),
        PSS_SHA512: Method(hashes.SHA512(), rsa=True, pss=True),
        ECDSA_SHA256: Method(hashes.SHA256(), rsa=False),
        ECDSA_SHA384: Method(hashes.SHA384(), rsa=False),
        ECDSA_SHA512: Method(hashes.SHA512(), rsa=False),
    }
)
"""Signature methods by their name in XML Signature."""


def digest(method: str, data: bytes) -> bytes:
    """The digest of `data`; `method` is one of `DIGESTS`."""
    return _HASHERS[method](data).digest()


def coordinate_bytes(key: ec.EllipticCurvePublicKey) -> int:
    """Octets of each half of an ECDSA signature value (xmldsig-core1, 6.4.3): 32, 48 or 66."""
    return (key.curve.key_size + 7) // 8
