"""
A directory of partners as a document that its publisher signs: who takes part, behind which gateway.

A hub or the Secretariat publishes one, gateways import it. `signatures/sign.py` signs what `build()` makes;
`read()` reads what `signatures/verify.py` has proven.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from gateway.errors import SchemaInvalid
from gateway.exchange import schema
from gateway.exchange.channels import Allowed, Channel, ChannelRule
from gateway.exchange.directory import Partner
from gateway.exchange.moments import read_moment, write_moment
from gateway.exchange.records import Direction
from gateway.permits.identity import AuthorityId
from gateway.xmlio.names import EXCHANGE, clark, local_name


@dataclass(frozen=True, slots=True)
class ListedCertificate:
    """A certificate with its time; the times of an old and a new one overlap."""

    der: bytes
    begins: datetime
    ends: datetime
    """Both are those of the certificate itself; whoever imports the directory checks that."""


@dataclass(frozen=True, slots=True)
class ListedAuthority:
    """An authority behind a partner."""

    id: AuthorityId
    certificates: tuple[ListedCertificate, ...] = ()
    """Of its seal; empty for one that issues no permits."""


@dataclass(frozen=True, slots=True)
class ListedPartner:
    """A gateway with all that others need to know of it."""

    id: str
    url: str
    certificates: tuple[ListedCertificate, ...]
    """They sign its envelopes and receipts."""
    authorities: tuple[ListedAuthority, ...]
    versions: tuple[str, ...] = ()
    """Message versions that it reads; empty when the publisher does not know."""
    allowed: tuple[Allowed, ...] = ()
    """What may travel; everything when nothing stands here."""
    channels: tuple[Channel, ...] = ()
    tls_certificates: tuple[ListedCertificate, ...] = ()
    """With which it calls, and that of its server or of that one's issuer."""

    def partner(self) -> Partner:
        """As the directory of a running gateway holds it."""
        return Partner(
            self.id,
            self.url,
            tuple(authority.id for authority in self.authorities),
            self.versions,
            self.allowed,
            self.channels,
        )


@dataclass(frozen=True, slots=True)
class DirectoryFile:
    """One edition of a publisher's directory."""

    publisher: str
    """Short name in small letters, for example `cites-hub`."""
    serial: int
    """Each edition has a greater one than the edition before."""
    issued_at: datetime
    partners: tuple[ListedPartner, ...]


def build(directory: DirectoryFile) -> etree._Element:
    """
    The document of a directory, not yet signed.

    Raises `SchemaInvalid` when a name, an address or a number of things is not one that the schema allows.
    """
    root = etree.Element(clark(EXCHANGE, "Directory"), nsmap={"ex": EXCHANGE})
    _child(root, "Publisher", directory.publisher)
    _child(root, "Serial", str(directory.serial))
    _child(root, "IssuedAt", write_moment(directory.issued_at))
    for partner in directory.partners:
        element = _child(root, "Partner", name=partner.id)
        _child(element, "URL", partner.url)
        for version in partner.versions:
            _child(element, "MessageVersion", version)
        for allowed in partner.allowed:
            _child(element, "Allowed", direction=allowed.direction.value, kind=allowed.kind)
        _write_certificates(element, partner.certificates)
        _write_certificates(element, partner.tls_certificates, "TLSCertificate")
        for authority in partner.authorities:
            _write_certificates(_child(element, "Authority", name=str(authority.id)), authority.certificates)
        for channel in partner.channels:
            _child(element, "Channel", rule=channel.rule.value, authority=str(channel.authority))
    schema.check(root, "Directory")
    return root


def peek_issued_at(root: etree._Element) -> datetime:
    """
    When a directory that is not yet verified says that it was issued.

    Raises `UnknownDocument` or `SchemaInvalid`.
    """
    schema.check(root, "Directory")
    return read_moment(root[2].text or "")


def read(root: etree._Element) -> DirectoryFile:
    """
    Read the document element of a verified directory.

    Raises `UnknownDocument`, and `SchemaInvalid` also for a partner or an authority that stands twice.
    """
    schema.check(root, "Directory")
    directory = DirectoryFile(
        publisher=root[0].text or "",
        serial=int(root[1].text or ""),
        issued_at=read_moment(root[2].text or ""),
        partners=tuple(_read_partner(element) for element in root[3:]),
    )
    names = [partner.id for partner in directory.partners]
    names += [str(authority.id) for partner in directory.partners for authority in partner.authorities]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SchemaInvalid(
            f"the directory of {directory.publisher} lists {', '.join(twice)} more than once",
            advice="tell its publisher: each partner and each authority stands in it once",
        )
    return directory


def _read_partner(element: etree._Element) -> ListedPartner:
    """One partner of a directory that fits the schema."""
    return ListedPartner(
        id=element.get("name", ""),
        url=_children(element, "URL")[0].text or "",
        versions=tuple(each.text or "" for each in _children(element, "MessageVersion")),
        allowed=tuple(
            Allowed(Direction(each.get("direction", "")), each.get("kind", ""))
            for each in _children(element, "Allowed")
        ),
        certificates=_read_certificates(element),
        tls_certificates=_read_certificates(element, "TLSCertificate"),
        authorities=tuple(
            ListedAuthority(AuthorityId.parse(each.get("name", "")), _read_certificates(each))
            for each in _children(element, "Authority")
        ),
        channels=tuple(
            Channel(ChannelRule(each.get("rule", "")), AuthorityId.parse(each.get("authority", "")))
            for each in _children(element, "Channel")
        ),
    )


def _read_certificates(element: etree._Element, local: str = "Certificate") -> tuple[ListedCertificate, ...]:
    """The certificates directly below an element."""
    return tuple(
        ListedCertificate(
            _decoded(each.text or ""), read_moment(each.get("from", "")), read_moment(each.get("until", ""))
        )
        for each in _children(element, local)
    )


def _decoded(text: str) -> bytes:
    """The bytes of a certificate."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise SchemaInvalid("a certificate of the directory is not base64") from None


def _write_certificates(
    parent: etree._Element, certificates: Sequence[ListedCertificate], local: str = "Certificate"
) -> None:
    """Certificates below a partner or an authority."""
    for certificate in certificates:
        element = _child(parent, local, base64.b64encode(certificate.der).decode("ascii"))
        element.set("from", write_moment(certificate.begins))
        element.set("until", write_moment(certificate.ends))


def _children(element: etree._Element, local: str) -> list[etree._Element]:
    """The children of an element that have a name."""
    return [child for child in element if local_name(str(child.tag)) == local]


def _child(parent: etree._Element, local: str, text: str | None = None, **attributes: str) -> etree._Element:
    """Append one element of our namespace."""
    child = etree.SubElement(parent, clark(EXCHANGE, local), attributes)
    child.text = text
    return child
