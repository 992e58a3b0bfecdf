"""What an operator has lying around: keys in files, certification authorities, revocation lists."""

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption, pkcs12
from cryptography.x509.oid import NameOID

from support.keys import NOW, pem_of

DAY = timedelta(days=1)


@cache
def curve_key(number: int, curve: str = "p256") -> ec.EllipticCurvePrivateKey:
    """A fixed key: the same number gives the same key in every run."""
    kinds: dict[str, ec.EllipticCurve] = {
        "p256": ec.SECP256R1(),
        "p384": ec.SECP384R1(),
        "p521": ec.SECP521R1(),
    }
    return ec.derive_private_key(0xC17E5 + number, kinds[curve])


def name(common: str) -> x509.Name:
    """A subject with a common name alone."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def issued(
    key: Any,
    *,
    subject: str,
    issuer: str,
    issuer_key: Any,
    serial: int,
    crl_sign: bool | None = None,
    points: str = "",
) -> x509.Certificate:
    """A certificate; `crl_sign=None` leaves the key usage out, `points` is the address of its list."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(NOW - 30 * DAY)
        .not_valid_after(NOW + 365 * DAY)
    )
    if crl_sign is not None:
        usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=crl_sign,
            crl_sign=crl_sign,
            encipher_only=False,
            decipher_only=False,
        )
        builder = builder.add_extension(usage, critical=True)
    if points:
        place = x509.DistributionPoint([x509.UniformResourceIdentifier(points)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([place]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def authority(number: int = 1, *, crl_sign: bool | None = True, common: str = "CA") -> x509.Certificate:
    """A certification authority with the key `curve_key(number)`."""
    key = curve_key(number)
    return issued(key, subject=common, issuer=common, issuer_key=key, serial=1, crl_sign=crl_sign)


def leaf(serial: int = 100, *, ca: int = 1, points: str = "") -> x509.Certificate:
    """A seal's certificate, issued by `authority(ca)`."""
    return issued(
        curve_key(50),
        subject="CH:MA",
        issuer="CA",
        issuer_key=curve_key(ca),
        serial=serial,
        crl_sign=False,
        points=points,
    )


def revoked(
    serial: int, at: datetime, reason: x509.ReasonFlags | None = None, invalid: datetime | None = None
) -> x509.RevokedCertificate:
    """One line of a list."""
    builder = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at)
    if reason is not None:
        builder = builder.add_extension(x509.CRLReason(reason), critical=False)
    if invalid is not None:
        builder = builder.add_extension(x509.InvalidityDate(invalid), critical=False)
    return builder.build()


def crl(
    *lines: x509.RevokedCertificate,
    ca: int = 1,
    common: str = "CA",
    made: datetime = NOW - DAY,
    until: datetime = NOW + DAY,
    extension: tuple[x509.ExtensionType, bool] | None = None,
    digest: Any = None,
) -> x509.CertificateRevocationList:
    """A list of `authority(ca)`."""
    builder = (
        x509.CertificateRevocationListBuilder().issuer_name(name(common)).last_update(made).next_update(until)
    )
    for line in lines:
        builder = builder.add_revoked_certificate(line)
    if extension is not None:
        builder = builder.add_extension(extension[0], critical=extension[1])
    return builder.sign(curve_key(ca), digest or hashes.SHA256())


def secret(path: Path, data: bytes, mode: int = 0o600) -> Path:
    """Write a file of that mode."""
    path.write_bytes(data)
    path.chmod(mode)
    return path


def key_pair(folder: Path, key: Any, certificate: x509.Certificate) -> tuple[Path, Path]:
    """A key of mode 600 and a certificate as files; returns both paths."""
    return (
        secret(folder / "seal.key.pem", pem_of(key)),
        secret(folder / "seal.crt.pem", pem_of(certificate), 0o644),
    )


def bundle(path: Path, key: Any, certificate: x509.Certificate | None, passphrase: bytes | None) -> Path:
    """A PKCS #12 file of mode 600."""
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return secret(path, pkcs12.serialize_key_and_certificates(b"seal", key, certificate, None, encryption))
