"""Private keys and certificates: loading, checking that they fit, and making throw-away ones."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from gateway.errors import KeyMaterialError
from gateway.signatures.policy import DEFAULT_POLICY, ECDSA_SHA256, RSA_SHA256, SignaturePolicy
from gateway.xmlio.text import one_line

DEVELOPMENT_MARK = "development only"
"""Organisational unit in the subject of every throw-away certificate; refused outside development."""

_BACKDATED = timedelta(minutes=5)
"""A new certificate is valid a little earlier, so that a partner's slow clock does not refuse it."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with its certificate; the key never appears in any output."""

    private_key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    certificate: x509.Certificate

    @property
    def method(self) -> str:
        """The XML Signature algorithm of this key."""
        return RSA_SHA256 if isinstance(self.private_key, rsa.RSAPrivateKey) else ECDSA_SHA256

    def __repr__(self) -> str:
        """Name the key without showing it."""
        return f"SigningKey({subject_of(self.certificate)})"


def load_signing_key(key_file: Path, certificate_file: Path, *, at: datetime) -> SigningKey:
    """
    Load a key and the certificate that belongs to it, both PEM.

    Raises `KeyMaterialError` when one is missing or unreadable, when they do not belong together, when
    the certificate is not valid at `at`, or when the key is of a kind that the policy does not accept.
    """
    private_key = _load_private_key(key_file)
    certificate = load_certificate(certificate_file)
    if _public_bytes(private_key.public_key()) != _public_bytes(certificate.public_key()):
        raise KeyMaterialError(
            f"the key {key_file} and the certificate {certificate_file} do not belong together",
            advice="point both settings at files that were made together",
        )
    check_certificate(certificate, str(certificate_file))
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not begins <= at <= ends:
        raise KeyMaterialError(
            f"the certificate {certificate_file} is valid from {begins:%Y-%m-%d %H:%M} to "
            f"{ends:%Y-%m-%d %H:%M} UTC, not now ({at:%Y-%m-%d %H:%M} UTC)",
            advice="renew the certificate, or set the clock of this machine right",
        )
    return SigningKey(private_key, certificate)


def _load_private_key(path: Path) -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
    """One private key from PEM."""
    try:
        key = serialization.load_pem_private_key(_read(path, "key"), password=None)
    except (ValueError, TypeError) as error:
        raise KeyMaterialError(
            f"{path} is not a private key in PEM form without a passphrase: {error}",
            advice="check that the file is whole and is the key, not the certificate",
        ) from None
    if not isinstance(key, (ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey)):
        raise KeyMaterialError(f"{path} holds a key that is neither RSA nor ECDSA")
    return key


def load_certificate(path: Path) -> x509.Certificate:
    """
    Load one X.509 certificate from PEM.

    Raises `KeyMaterialError` when the file is missing or holds none.
    """
    try:
        return x509.load_pem_x509_certificate(_read(path, "certificate"))
    except ValueError as error:
        raise KeyMaterialError(
            f"{path} is not a certificate in PEM form: {error}", advice="check that the file is whole"
        ) from None


def load_certificates(path: Path) -> tuple[x509.Certificate, ...]:
    """
    Load the certificates of a PEM file, or of every .pem, .crt and .cer file of a folder.

    Raises `KeyMaterialError` when there is none, and `KeyMaterialError` when one cannot be read.
    """
    files = [path]
    if path.is_dir():
        files = sorted(
            f for f in path.iterdir() if f.suffix in (".pem", ".crt", ".cer") and "key" not in f.name
        )
    certificates: list[x509.Certificate] = []
    for file in files:
        try:
            certificates += x509.load_pem_x509_certificates(_read(file, "certificate"))
        except ValueError as error:
            raise KeyMaterialError(f"{file} is not a certificate in PEM form: {error}") from None
    if not certificates:
        raise KeyMaterialError(
            f"{path} holds no certificate", advice="name a PEM file, or a folder with .pem or .crt files"
        )
    return tuple(certificates)


def check_certificate(
    certificate: x509.Certificate, name: str, policy: SignaturePolicy = DEFAULT_POLICY
) -> None:
    """
    Check that the key of a certificate may make seals.

    Raises `KeyMaterialError` for short RSA keys, other curves than P-256, and a key usage without
    digitalSignature.
    """
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < policy.min_rsa_bits:
            raise KeyMaterialError(
                f"{name}: an RSA key of {key.key_size} bits is too short; use {policy.min_rsa_bits} or more"
            )
    elif not (isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)):
        raise KeyMaterialError(
            f"{name}: use a key of RSA ({policy.min_rsa_bits} bits or more) or ECDSA P-256"
        )
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not usage.digital_signature:
        raise KeyMaterialError(f"{name}: the key usage of the certificate does not allow digital signatures")


def is_development(certificate: x509.Certificate) -> bool:
    """True for a throw-away certificate made by `new_development_key`."""
    units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    return any(unit.value == DEVELOPMENT_MARK for unit in units)


def new_development_key(
    name: str, party: str, *, at: datetime, days: int = 365, algorithm: str = "ec"
) -> SigningKey:
    """
    Make a throw-away key with a self-signed certificate that says so.

    `algorithm` is `ec` (ECDSA P-256) or `rsa` (RSA 3072).
    """
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    if algorithm == "rsa":
        key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    else:
        key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, party),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, DEVELOPMENT_MARK),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    usage = x509.KeyUsage(
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
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _BACKDATED)
        .not_valid_after(at + timedelta(days=days))
        .add_extension(usage, critical=True)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return SigningKey(key, certificate)


def write_key_files(signing_key: SigningKey, key_file: Path, certificate_file: Path) -> None:
    """Write the private key (mode 600) and the certificate as PEM; files that exist are never replaced."""
    pem = signing_key.private_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key_file.touch(mode=0o600, exist_ok=False)
    key_file.write_bytes(pem)
    certificate_file.touch(exist_ok=False)
    certificate_file.write_bytes(signing_key.certificate.public_bytes(serialization.Encoding.PEM))


def subject_of(certificate: x509.Certificate) -> str:
    """The subject for people, for example `CN=CH:MA,OU=development only,C=CH`; always one printable line."""
    return one_line(certificate.subject.rfc4514_string())


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the DER form in hex."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def _public_bytes(key: Any) -> bytes:
    """The DER form of a public key, to compare two."""
    encoded: bytes = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return encoded


def _read(path: Path, what: str) -> bytes:
    """The bytes of a file, or a sentence that says which file is missing."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise KeyMaterialError(
            f"the {what} {path} cannot be read: {error.strerror}", advice="check the path and the file's mode"
        ) from None
