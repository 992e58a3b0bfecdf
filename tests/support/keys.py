"""Keys and certificates for tests, good ones and wrong ones; made once per process."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID
from lxml import etree

from gateway.signatures.algorithms import SHA256
from gateway.signatures.keys import SigningKey, new_development_key
from gateway.signatures.sign import _sealed

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
"""The moment at which tests happen."""

KINDS = ("ec", "rsa")
"""Both kinds of key that a seal may have: ECDSA P-256 and RSA 3072."""


@cache
def seal(
    name: str = "CH:MA", party: str = "CH", algorithm: str = "ec", at: datetime = NOW, days: int = 365
) -> SigningKey:
    """A good key; the same one whenever the same is asked for."""
    return new_development_key(name, party, at=at, days=days, algorithm=algorithm)


@cache
def private_key(kind: str) -> Any:
    """A private key: `p256`, `p384`, `rsa2048`, `rsa3072` or `ed25519`."""
    if kind.startswith("rsa"):
        return rsa.generate_private_key(public_exponent=65537, key_size=int(kind.removeprefix("rsa")))
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP256R1() if kind == "p256" else ec.SECP384R1())


def certificate_for(
    key: Any,
    *,
    begins: datetime = NOW - timedelta(days=1),
    ends: datetime = NOW + timedelta(days=365),
    digital_signature: bool | None = True,
    name: str = "test",
) -> x509.Certificate:
    """A self-signed certificate; `digital_signature=None` leaves the key usage out."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )
    if digital_signature is not None:
        usage = x509.KeyUsage(
            digital_signature=digital_signature,
            content_commitment=False,
            key_encipherment=not digital_signature,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=False,
            crl_sign=False,
            encipher_only=False,
            decipher_only=False,
        )
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())


def pem_of(thing: Any) -> bytes:
    """The PEM form of a private key or a certificate."""
    if isinstance(thing, x509.Certificate):
        return thing.public_bytes(serialization.Encoding.PEM)
    encoded: bytes = thing.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return encoded


def write_pair(folder: Path, key: Any, certificate: x509.Certificate) -> tuple[Path, Path]:
    """Write a key and a certificate into a folder; returns both paths."""
    key_file, certificate_file = folder / "seal.key.pem", folder / "seal.crt.pem"
    key_file.write_bytes(pem_of(key))
    certificate_file.write_bytes(pem_of(certificate))
    return key_file, certificate_file


def careless(root: etree._Element, key: SigningKey, *, at: datetime | None = None) -> bytes:
    """A genuine signature over whatever it is, by a signer that does not ask who would accept it."""
    return _sealed(root, key, at, "", SHA256)[1]
