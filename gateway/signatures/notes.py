"""
Signatures below a text, as C2SP signed-note has them, made with the key of a certificate.

ECDSA: signature type 0x02, a DER signature over the SHA-256 of the text, whatever the curve. RSA has no type
of its own there; it takes 0xff with a name behind it, and is PSS with SHA-256 and a salt of 32 bytes.
"""

import hashlib
from collections.abc import Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from gateway.errors import KeyMaterialError
from gateway.signatures.keys import SigningKey, check_certificate, subject_of
from gateway.signatures.policy import DEFAULT_POLICY, SignaturePolicy
from gateway.signatures.verdict import SubIndication, refuse
from gateway.wording import say

_RSA_TYPE = b"\xffecites-gateway/rsa-pss-sha256"
_PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)


def note_key_id(name: str, certificate: x509.Certificate) -> bytes:
    """The four bytes by which the key of a certificate is named in the lines of `name`."""
    key = certificate.public_key()
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    named = spki if isinstance(key, ec.EllipticCurvePublicKey) else name.encode() + b"\n" + _RSA_TYPE + spki
    return hashlib.sha256(named).digest()[:4]


def sign_text(text: bytes, key: SigningKey) -> bytes:
    """The signature of a text."""
    private = key.private_key
    if isinstance(private, rsa.RSAPrivateKey):
        return private.sign(text, _PSS, hashes.SHA256())
    return private.sign(text, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def prove_text(
    text: bytes,
    name: str,
    signatures: Sequence[tuple[str, bytes, bytes]],
    candidates: Sequence[x509.Certificate],
    policy: SignaturePolicy = DEFAULT_POLICY,
) -> x509.Certificate:
    """
    The certificate that signed a text under a name.

    `signatures` are name, key id and value of each line; lines of others are passed over. A line that names
    one of the `candidates` and does not hold is not made good by another one. Says nothing about time and
    revocation. Raises `SignatureRefused`.
    """
    known = {note_key_id(name, certificate): certificate for certificate in candidates}
    proven = None
    for signer, key_id, value in signatures:
        certificate = known.get(key_id) if signer == name else None
        if certificate is None:
            continue
        subject = subject_of(certificate)
        try:
            check_certificate(certificate, subject, policy)
        except KeyMaterialError:
            raise refuse(
                SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE,
                say("the certificate {signer} has a key that may not sign", signer=subject),
                signer=subject,
            ) from None
        if not _holds(text, value, certificate):
            raise refuse(
                SubIndication.SIG_CRYPTO_FAILURE,
                say("the signature does not hold: the text was changed, or another key made it"),
                signer=subject,
            )
        proven = certificate
    if proven is None:
        raise refuse(
            SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
            say("no certificate of the signer is here: get it from the owner by another way and add it"),
        )
    return proven


def _holds(text: bytes, value: bytes, certificate: x509.Certificate) -> bool:
    """True when the key of the certificate made the signature."""
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(value, text, _PSS, hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(value, text, ec.ECDSA(hashes.SHA256()))
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True
