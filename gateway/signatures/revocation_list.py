"""One revocation list (RFC 5280, section 5): reading it, and proving that it comes from its issuer."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gateway.errors import KeyMaterialError

MAX_LIST_BYTES = 64 * 1024 * 1024
"""Largest file of a list; national authorities publish lists of some megabytes."""

_PEM = re.compile(rb"-----BEGIN X509 CRL-----.*?-----END X509 CRL-----", re.DOTALL)
_UNDERSTOOD = (x509.CRLNumber, x509.AuthorityKeyIdentifier, x509.IssuingDistributionPoint)
"""Extensions whose meaning is known here; any other one that is critical makes a list unusable (5.2)."""

_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)


@dataclass(frozen=True, slots=True)
class RevocationList:
    """One list with the certificate of who signed it; made by `read_lists` alone."""

    name: str
    """Where it came from."""
    crl: x509.CertificateRevocationList
    issuer: x509.Certificate
    next_update: datetime

    def covers(self, certificate: x509.Certificate) -> bool:
        """True when the list speaks about this certificate: issued with the same key, in the list's scope."""
        if certificate.issuer != self.crl.issuer or not issued_by(certificate, self.issuer):
            return False
        point = _distribution_point(self.crl)
        if point is None or point.full_name is None:
            return True
        return bool(set(point.full_name) & _points_of(certificate))


def read_lists(data: bytes, name: str, issuers: Iterable[x509.Certificate]) -> list[RevocationList]:
    """
    The lists in one file, PEM or DER, proven to come from one of `issuers`.

    Raises `KeyMaterialError` for a list that cannot be read, is signed by none of them, or is of a
    kind that does not answer for whole certificates.
    """
    candidates = list(issuers)
    blocks = _PEM.findall(data)
    if len(blocks) != data.count(b"-----BEGIN"):
        raise KeyMaterialError(
            f"{name} holds something else than whole revocation lists",
            advice="get the file again from its issuer",
        )
    try:
        crls = [x509.load_pem_x509_crl(block) for block in blocks] or [x509.load_der_x509_crl(data)]
    except (ValueError, UnsupportedAlgorithm):
        raise KeyMaterialError(
            f"{name} is not a revocation list in PEM or DER form",
            advice="get the file again from its issuer",
        ) from None
    return [_checked(crl, name, candidates) for crl in crls]


def bytes_of(path: Path) -> bytes:
    """The bytes of a list's file."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_LIST_BYTES + 1)
    except OSError as error:
        raise KeyMaterialError(
            f"the revocation list {path} cannot be read: {error.strerror}",
            advice="check the path and the file's mode",
        ) from None
    if len(data) > MAX_LIST_BYTES:
        raise KeyMaterialError(
            f"the revocation list {path} is larger than {MAX_LIST_BYTES:,} bytes",
            advice="check that it is the list of the right issuer",
        )
    return data


def _checked(
    crl: x509.CertificateRevocationList, name: str, issuers: Sequence[x509.Certificate]
) -> RevocationList:
    """A list with its issuer, once it is known to be signed by it and to be of a kind that we understand."""
    refusal = _unusable(crl)
    if refusal:
        raise KeyMaterialError(
            f"the revocation list {name} {refusal}", advice="ask its issuer for a full list of certificates"
        )
    issuer = next((each for each in issuers if each.subject == crl.issuer and _signed_by(crl, each)), None)
    if issuer is None:
        raise KeyMaterialError(
            f"the revocation list {name} is signed by no registered issuer",
            advice="name the certificate of its issuer in revocation.issuers",
        )
    until = crl.next_update_utc
    assert until is not None  # noqa: S101 - for the type checker; such a list was refused above
    return RevocationList(name, crl, issuer, until)


def _unusable(crl: x509.CertificateRevocationList) -> str:
    """Why a list does not answer the question, or nothing."""
    if crl.next_update_utc is None:
        return "does not say when the next one comes, so nobody can tell whether it is too old"
    if not isinstance(crl.signature_hash_algorithm, _HASHES):
        return "is signed with a digest that is not SHA-256, SHA-384 or SHA-512"
    try:
        unknown = [e for e in crl.extensions if e.critical and not isinstance(e.value, _UNDERSTOOD)]
        point = _distribution_point(crl)
    except ValueError:
        return "has extensions that cannot be read"
    if unknown:
        return f"has a critical extension that is not understood here ({unknown[0].oid.dotted_string})"
    if point is not None and (
        point.indirect_crl
        or point.only_contains_attribute_certs
        or point.only_contains_ca_certs
        or point.only_some_reasons
        or point.relative_name
    ):
        return "is not about whole certificates of its own issuer"
    return ""


def _distribution_point(crl: x509.CertificateRevocationList) -> x509.IssuingDistributionPoint | None:
    """The extension that limits what a list speaks about (5.2.5)."""
    try:
        return crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    except x509.ExtensionNotFound:
        return None


def _points_of(certificate: x509.Certificate) -> set[x509.GeneralName]:
    """Where a certificate says that its lists are found (4.2.1.13)."""
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except (x509.ExtensionNotFound, ValueError):
        return set()
    return {name for point in points for name in point.full_name or ()}


def _signed_by(crl: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    """True when this issuer signed the list and its certificate lets it sign lists (4.2.1.3)."""
    key = issuer.public_key()
    if not isinstance(key, (rsa.RSAPublicKey, ec.EllipticCurvePublicKey)):
        return False
    try:
        if not issuer.extensions.get_extension_for_class(x509.KeyUsage).value.crl_sign:
            return False
    except x509.ExtensionNotFound:
        pass  # no key usage, no restriction
    except ValueError:
        return False
    return crl.is_signature_valid(key)


def issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """True when the key of the issuer signed the certificate: a name alone proves nothing."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
