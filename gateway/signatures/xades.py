"""
XAdES baseline B: the signed properties of a signature, read and written (ETSI EN 319 132-1, 6.3).

The signing time is what the signer claims; it proves nothing. The digest of the signing certificate ties the
signature to one certificate, so that another one with the same key cannot be put in its place later.
"""

import base64
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from lxml import etree

from gateway.signatures.algorithms import SHA256, digest
from gateway.signatures.keys import der_of
from gateway.signatures.policy import SIGNED_PROPERTIES, SignaturePolicy
from gateway.signatures.verdict import SubIndication, refuse
from gateway.signatures.xmldsig import FORMAT, algorithm, binary, check_empty, children, plain
from gateway.wording import say
from gateway.xmlio.names import DS, XADES, clark

QUALIFYING = clark(XADES, "QualifyingProperties")
_ABOUT_SIGNATURE = clark(XADES, "SignedSignatureProperties")
_ABOUT_DATA = clark(XADES, "SignedDataObjectProperties")
_TIME = clark(XADES, "SigningTime")
_CERTIFICATE = clark(XADES, "SigningCertificateV2")
_CERT = clark(XADES, "Cert")
_CERT_DIGEST = clark(XADES, "CertDigest")
_ISSUER_SERIAL = clark(XADES, "IssuerSerialV2")
_DATA_FORMAT = clark(XADES, "DataObjectFormat")
_MIME_TYPE = clark(XADES, "MimeType")
_DIGEST_METHOD = clark(DS, "DigestMethod")
_DIGEST_VALUE = clark(DS, "DigestValue")

_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
"""xs:dateTime with a time zone; without one it would name no moment."""

_LONGEST_MIME_TYPE = 100


@dataclass(frozen=True, slots=True)
class Properties:
    """What the signed properties say; proven only once the signature holds."""

    element: etree._Element
    """SignedProperties, over which the second reference makes its digest."""
    id: str
    signing_time: datetime
    """Claimed by the signer; with a time zone."""
    certificate_method: str
    """Digest method of `certificate_digest`."""
    certificate_digest: bytes


def read_properties(
    holder: etree._Element, signature_id: str, document_id: str, policy: SignaturePolicy
) -> Properties:
    """
    Read the one ds:Object of a signature, which holds signing time and signing certificate.

    `signature_id` and `document_id` are the `Id` of the signature and of its first reference, empty without.
    The format of the data and IssuerSerialV2 may stand there and decide nothing; anything more, unsigned
    properties among it, is refused. Raises `SignatureRefused`.
    """
    (qualifying,) = children(holder, expected=(QUALIFYING,))
    (signed,) = children(qualifying, attributes={"Target"}, expected=(SIGNED_PROPERTIES,))
    if not signature_id or qualifying.get("Target") != "#" + signature_id:
        raise refuse(FORMAT, say("the XAdES properties belong to another signature (Target)"))
    groups = children(signed, attributes={"Id"})
    if [g.tag for g in groups] not in ([_ABOUT_SIGNATURE], [_ABOUT_SIGNATURE, _ABOUT_DATA]):
        raise refuse(
            FORMAT,
            say("SignedProperties must hold SignedSignatureProperties, then at most the format of the data"),
        )
    if len(groups) > 1:
        _check_data_format(groups[1], document_id)
    time, certificate = children(groups[0], expected=(_TIME, _CERTIFICATE))
    method, value = _certificate_digest(certificate, policy)
    return Properties(signed, signed.get("Id", ""), _moment(plain(time)), method, value)


def check_certificate_digest(properties: Properties, certificate: x509.Certificate) -> bool:
    """True when the properties name this certificate."""
    return digest(properties.certificate_method, der_of(certificate)) == properties.certificate_digest


def build_properties(
    certificate: x509.Certificate, at: datetime, *, signature_id: str, document_id: str, properties_id: str
) -> etree._Element:
    """
    QualifyingProperties for a new signature: `at` in whole seconds UTC, and SHA-256 of the certificate.

    The three ids are those of the signature, of its first reference and of the signed properties.
    """
    qualifying = etree.Element(QUALIFYING, Target=f"#{signature_id}", nsmap={"xades": XADES, "ds": DS})
    signed = etree.SubElement(qualifying, SIGNED_PROPERTIES, Id=properties_id)
    about = etree.SubElement(signed, _ABOUT_SIGNATURE)
    etree.SubElement(about, _TIME).text = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    cert = etree.SubElement(etree.SubElement(about, _CERTIFICATE), _CERT)
    named = etree.SubElement(cert, _CERT_DIGEST)
    etree.SubElement(named, _DIGEST_METHOD, Algorithm=SHA256)
    value = digest(SHA256, certificate.public_bytes(serialization.Encoding.DER))
    etree.SubElement(named, _DIGEST_VALUE).text = base64.b64encode(value).decode("ascii")
    data = etree.SubElement(signed, _ABOUT_DATA)
    data_format = etree.SubElement(data, _DATA_FORMAT, ObjectReference=f"#{document_id}")
    etree.SubElement(data_format, _MIME_TYPE).text = "application/xml"
    return qualifying


def _certificate_digest(certificate: etree._Element, policy: SignaturePolicy) -> tuple[str, bytes]:
    """Digest method and digest of the one certificate that SigningCertificateV2 names."""
    (cert,) = children(certificate, expected=(_CERT,))
    parts = children(cert)
    if [part.tag for part in parts] not in ([_CERT_DIGEST], [_CERT_DIGEST, _ISSUER_SERIAL]):
        raise refuse(FORMAT, say("SigningCertificateV2 must name one certificate by its digest"))
    if len(parts) > 1:
        binary(parts[1])
    method, value = children(parts[0], expected=(_DIGEST_METHOD, _DIGEST_VALUE))
    check_empty(method)
    if algorithm(method) not in policy.digest_methods:
        raise refuse(
            SubIndication.SIG_CONSTRAINTS_FAILURE,
            say(
                "the digest method {found} of the signing certificate is not accepted",
                found=algorithm(method) or say("(none)"),
            ),
        )
    return algorithm(method), binary(value)


def _check_data_format(group: etree._Element, document_id: str) -> None:
    """The format of the signed document, which is XML whatever stands here; it decides nothing."""
    (data_format,) = children(group, expected=(_DATA_FORMAT,))
    (mime_type,) = children(data_format, attributes={"ObjectReference"}, expected=(_MIME_TYPE,))
    if not document_id or data_format.get("ObjectReference") != "#" + document_id:
        raise refuse(FORMAT, say("DataObjectFormat must name the reference to the document"))
    if len(plain(mime_type)) > _LONGEST_MIME_TYPE:
        raise refuse(FORMAT, say("MimeType is longer than {limit} characters", limit=_LONGEST_MIME_TYPE))


def _moment(text: str) -> datetime:
    """A moment with its time zone."""
    if _MOMENT.fullmatch(text.strip()):
        with suppress(ValueError):
            return datetime.fromisoformat(text.strip())
    raise refuse(
        FORMAT,
        say("SigningTime is not a date and time with a time zone, such as 2026-11-23T12:00:00Z"),
    )
