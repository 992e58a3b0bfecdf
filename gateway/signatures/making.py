"""Making private keys, self-signed certificates and certificate requests."""

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from gateway.errors import KeyMaterialError

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
"""The two kinds of key that make seals."""

ALGORITHMS = ("p256", "p384", "p521", "rsa3072", "rsa4096")
"""What a new key may be: ECDSA on a curve of NIST (FIPS 186-5), or RSA with so many bits."""

BACKDATED = timedelta(minutes=5)
"""A new certificate is valid a little earlier, so that a partner's slow clock does not refuse it."""

_CURVES: dict[str, type[ec.SECP256R1 | ec.SECP384R1 | ec.SECP521R1]] = {
    "p256": ec.SECP256R1,
    "p384": ec.SECP384R1,
    "p521": ec.SECP521R1,
}
_HASHES: dict[str, hashes.SHA384 | hashes.SHA512] = {
    "secp384r1": hashes.SHA384(),
    "secp521r1": hashes.SHA512(),
}
"""The digest that is as strong as the curve (SP 800-57 part 1, table 3); SHA-256 for every other key."""


def new_private_key(algorithm: str) -> PrivateKey:
    """
    Make a private key; `algorithm` is one of `ALGORITHMS`.

    Raises `KeyMaterialError` for another word.
    """
    if algorithm not in ALGORITHMS:
        raise KeyMaterialError(
            f"there is no kind of key {algorithm!r}", advice=f"choose one of {', '.join(ALGORITHMS)}"
        )
    if algorithm in _CURVES:
        return ec.generate_private_key(_CURVES[algorithm]())
    return rsa.generate_private_key(public_exponent=65537, key_size=int(algorithm.removeprefix("rsa")))


def subject_from(text: str) -> x509.Name:
    """
    A subject from its text form (RFC 4514), for example `C=CH,O=Example Authority,CN=Seal of CH:MA`.

    Raises `KeyMaterialError` when the text is none.
    """
    try:
        # RFC 4514 writes the last part first; people write the country first, and so do certificates.
        parts = list(x509.Name.from_rfc4514_string(text))
    except ValueError:
        parts = []
    if not parts:
        raise KeyMaterialError(
            f"{text!r} is not the subject of a certificate",
            advice='write it like "C=CH,O=Example Authority,CN=Seal of CH:MA"',
        )
    return x509.Name(reversed(parts))


def subject_for(party: str, name: str, unit: str = "") -> x509.Name:
    """The subject of a key of a Party: its country, maybe a unit, and its name."""
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, party)]
    if unit:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit))
    parts.append(x509.NameAttribute(NameOID.COMMON_NAME, name))
    return x509.Name(parts)


def self_signed(key: PrivateKey, subject: x509.Name, *, at: datetime, days: int) -> x509.Certificate:
    """
    A certificate that the key gives to itself: for signatures only, no certification authority.

    Valid from a little before `at` for `days` days. Partners trust it because they registered it.
    """
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - BACKDATED)
        .not_valid_after(at + timedelta(days=days))
        .add_extension(_usage(), critical=True)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, _hash_for(key))
    )


def new_request(key: PrivateKey, subject: x509.Name) -> x509.CertificateSigningRequest:
    """A request for a certificate (PKCS #10, RFC 2986) that asks for signatures only."""
    return (
        x509.CertificateSigningRequestBuilder()
        .subject_name(subject)
        .add_extension(_usage(), critical=True)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, _hash_for(key))
    )


def _hash_for(key: PrivateKey) -> hashes.SHA256 | hashes.SHA384 | hashes.SHA512:
    """The digest with which a key signs its own certificate or request."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return _HASHES.get(key.curve.name, hashes.SHA256())
    return hashes.SHA256()


def _usage() -> x509.KeyUsage:
    """What a seal is for (RFC 5280, 4.2.1.3): signatures, and that they are meant."""
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
