"""Private keys and certificates: loading, checking that they fit, and writing them."""

import stat
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from gateway.errors import KeyMaterialError
from gateway.signatures.algorithms import ECDSA_SHA256, ECDSA_SHA384, ECDSA_SHA512, RSA_SHA256
from gateway.signatures.making import PrivateKey, new_private_key, self_signed, subject_for
from gateway.signatures.policy import DEFAULT_POLICY, SignaturePolicy
from gateway.xmlio.text import one_line

DEVELOPMENT_MARK = "development only"
"""Organisational unit in the subject of every throw-away certificate; refused outside development."""

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
"""The bits of a file's mode that let anybody but its owner in."""

_METHODS = {
    "secp256r1": ECDSA_SHA256,
    "secp384r1": ECDSA_SHA384,
    "secp521r1": ECDSA_SHA512,
}
"""The signature algorithm of each curve (RFC 9231, 2.3.6): the digest is as strong as the curve."""

_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
"""The curves that make seals, with the names that people use (FIPS 186-5)."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with its certificate; the key never appears in any output."""

    private_key: PrivateKey
    certificate: x509.Certificate

    @property
    def method(self) -> str:
        """The XML Signature algorithm of this key."""
        if isinstance(self.private_key, rsa.RSAPrivateKey):
            return RSA_SHA256
        return _METHODS[self.private_key.curve.name]

    def __repr__(self) -> str:
        """Name the key without showing it."""
        return f"SigningKey({subject_of(self.certificate)})"


def load_signing_key(
    key_file: Path, certificate_file: Path, *, at: datetime, passphrase: bytes | None = None
) -> SigningKey:
    """
    Load a key and the certificate that belongs to it, both PEM, to sign with now.

    Raises `KeyMaterialError` as `load_pair` does, and when the certificate is not valid at `at`.
    """
    key = load_pair(key_file, certificate_file, passphrase=passphrase)
    check_window(key.certificate, str(certificate_file), at)
    return key


def load_pair(key_file: Path, certificate_file: Path, *, passphrase: bytes | None = None) -> SigningKey:
    """
    Load a key and the certificate that belongs to it, both PEM, whether or not it is time to use them.

    The passphrase opens a key that is encrypted; one that is not is read without it. Raises
    `KeyMaterialError` when a file is missing or unreadable, when the passphrase is wrong, when both do not
    belong together, when others may read the key, or when the policy does not accept its kind.
    """
    private_key = load_private_key(key_file, passphrase=passphrase)
    certificate = load_certificate(certificate_file)
    check_fit(private_key, certificate, f"the key {key_file}", f"the certificate {certificate_file}")
    check_certificate(certificate, str(certificate_file))
    if not is_development(certificate):  # everybody has the throw-away keys of a checkout
        check_mode(key_file, "private key")
    return SigningKey(private_key, certificate)


def load_private_key(path: Path, *, passphrase: bytes | None = None) -> PrivateKey:
    """
    One private key from PEM.

    Raises `KeyMaterialError` when the file is missing, holds no key, or its passphrase is missing or wrong.
    """
    data = _read(path, "key")
    encrypted = is_encrypted(data)
    if encrypted and passphrase is None:
        raise KeyMaterialError(
            f"the private key {path} needs a passphrase, and none is configured",
            advice="name passphrase_file or passphrase_variable under [keys] in the configuration",
        )
    try:
        key = serialization.load_pem_private_key(data, password=passphrase if encrypted else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        if encrypted:
            raise KeyMaterialError(
                f"the private key {path} does not open: the passphrase is wrong, or the file is damaged",
                advice="check the passphrase; if it is right, restore the file from the backup",
            ) from None
        raise KeyMaterialError(
            f"{path} is not a private key in PEM form",
            advice="check that the file is whole and is the key, not the certificate",
        ) from None
    return check_private_key(key, str(path))


def is_encrypted(data: bytes) -> bool:
    """True for a PEM key that needs a passphrase: PKCS #8 (RFC 7468, 11) or the older form of OpenSSL."""
    return b"BEGIN ENCRYPTED PRIVATE KEY" in data or b"Proc-Type: 4,ENCRYPTED" in data


def check_private_key(key: Any, name: str) -> PrivateKey:
    """
    The key, when it is of a kind that makes XML signatures here.

    Raises `KeyMaterialError` for anything but RSA and ECDSA.
    """
    if not isinstance(key, (ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey)):
        raise KeyMaterialError(
            f"{name} holds a key that is neither RSA nor ECDSA",
            advice="make one with: ecites keys new",
        )
    return key


def check_mode(path: Path, what: str) -> None:
    """
    Check that a file with a secret is its owner's alone.

    Raises `KeyMaterialError` when its group or others may read, write or run it.
    """
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & _OTHERS:
        raise KeyMaterialError(
            f"the {what} {path} is open to others (mode {mode:03o})",
            advice=f"close it with: chmod 600 {path}; if others could read it, make a new one",
        )


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

    Raises `KeyMaterialError` for short RSA keys, other curves than P-256, P-384 and P-521, and a key usage
    without digitalSignature.
    """
    key = certificate.public_key()
    advice = "make a key that fits with: ecites keys new"
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < policy.min_rsa_bits:
            raise KeyMaterialError(
                f"{name}: an RSA key of {key.key_size} bits is too short; use {policy.min_rsa_bits} or more",
                advice=advice,
            )
    elif not (isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES):
        raise KeyMaterialError(
            f"{name}: use a key of RSA ({policy.min_rsa_bits} bits or more), "
            "or of ECDSA on P-256, P-384 or P-521",
            advice=advice,
        )
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    except ValueError:
        raise KeyMaterialError(
            f"{name}: the extensions of the certificate cannot be read", advice="ask its issuer for a new one"
        ) from None
    if not usage.digital_signature:
        raise KeyMaterialError(
            f"{name}: the key usage of the certificate does not allow digital signatures",
            advice="ask its issuer for one with the key usage digitalSignature",
        )


def check_fit(private_key: PrivateKey, certificate: x509.Certificate, ours: str, theirs: str) -> None:
    """
    Check that a certificate was made for a key; `ours` and `theirs` name both in the sentence.

    Raises `KeyMaterialError` when it was not.
    """
    if _public_bytes(private_key.public_key()) != _public_bytes(certificate.public_key()):
        raise KeyMaterialError(
            f"{ours} and {theirs} do not belong together", advice="name files that were made together"
        )


def check_window(certificate: x509.Certificate, name: str, at: datetime) -> None:
    """
    Check that a certificate is valid at a moment; its first and its last second count.

    Raises `KeyMaterialError` with its dates when it is not.
    """
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not begins <= at <= ends:
        raise KeyMaterialError(
            f"the certificate {name} is valid from {begins:%Y-%m-%d %H:%M} to "
            f"{ends:%Y-%m-%d %H:%M} UTC, not now ({at:%Y-%m-%d %H:%M} UTC)",
            advice="renew the certificate, or set the clock of this machine right",
        )


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
    key = new_private_key("rsa3072" if algorithm == "rsa" else "p256")
    return SigningKey(key, self_signed(key, subject_for(party, name, DEVELOPMENT_MARK), at=at, days=days))


def write_key_files(
    signing_key: SigningKey, key_file: Path, certificate_file: Path, *, passphrase: bytes | None = None
) -> None:
    """
    Write a private key and its certificate as PEM.

    Raises `KeyMaterialError` when one of the files exists, which is never replaced, or cannot be written.
    """
    write_private_key(signing_key.private_key, key_file, passphrase=passphrase)
    write_new(certificate_file, signing_key.certificate.public_bytes(serialization.Encoding.PEM), mode=0o644)


def write_private_key(key: PrivateKey, path: Path, *, passphrase: bytes | None = None) -> None:
    """
    Write a private key as PEM (PKCS #8, mode 600), encrypted when there is a passphrase.

    Raises `KeyMaterialError` as `write_new` does.
    """
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        encryption = serialization.BestAvailableEncryption(passphrase)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    write_new(path, pem, mode=0o600)


def write_new(path: Path, data: bytes, *, mode: int) -> None:
    """
    Write a file that does not exist yet; it has its mode before its first byte.

    Raises `KeyMaterialError` when it exists, which is never replaced, or cannot be written.
    """
    try:
        path.touch(mode=mode, exist_ok=False)
        path.write_bytes(data)
    except FileExistsError:
        raise KeyMaterialError(
            f"{path} exists already", advice="choose another name; a key is never replaced"
        ) from None
    except OSError as error:
        raise KeyMaterialError(
            f"{path} cannot be written: {error.strerror}", advice="check the folder and its mode"
        ) from None


def subject_of(certificate: x509.Certificate) -> str:
    """The subject for people, for example `CN=CH:MA,OU=development only,C=CH`; always one printable line."""
    return one_line(certificate.subject.rfc4514_string())


def algorithm_of(certificate: x509.Certificate) -> str:
    """The kind of its key for people, for example `ECDSA P-256` or `RSA 3072`."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"ECDSA {_CURVES.get(key.curve.name, key.curve.name)}"
    return type(key).__name__


@lru_cache(maxsize=4096)
def der_of(certificate: x509.Certificate) -> bytes:
    """The DER form, kept: every verification compares it with what the signature names."""
    return certificate.public_bytes(serialization.Encoding.DER)


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
