"""A notice about a permit as XML: a change of its status, an endorsement, a reversal."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

from lxml import etree

from gateway.errors import MalformedRequest, SchemaInvalid, UnknownDocument
from gateway.exchange import schema
from gateway.exchange.message import Kind
from gateway.exchange.moments import read_moment, write_moment
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.notices import (
    Endorsement,
    Notice,
    PermitStatus,
    Reversal,
    Side,
    StatusChange,
    WrittenOff,
)
from gateway.permits.quantities import Quantity
from gateway.xmlio.names import EXCHANGE, clark, local_name
from gateway.xmlio.parse import parse_trusted

KINDS: Mapping[str, Kind] = MappingProxyType(
    {"StatusChange": Kind.STATUS, "Endorsement": Kind.ENDORSEMENT, "Reversal": Kind.ENDORSEMENT}
)
"""With which kind of message each document element travels."""


def kind_of(notice: Notice) -> Kind:
    """The kind of message that carries a notice."""
    return KINDS[type(notice).__name__]


def write(notice: Notice) -> bytes:
    """The XML of a notice; the same notice always has the same bytes."""
    root = etree.Element(clark(EXCHANGE, type(notice).__name__), nsmap={"ex": EXCHANGE})
    for local, text in (
        ("ID", notice.id),
        ("Issuer", notice.permit.issuer),
        ("Number", notice.permit.number),
        ("By", str(notice.by)),
        ("At", write_moment(notice.at)),
    ):
        _child(root, local, text)
    match notice:
        case StatusChange():
            _child(root, "Status", notice.status.value)
            _child(root, "Reason", notice.reason)
            _child(root, "ReplacedBy", notice.replaced_by)
        case Reversal():
            _child(root, "Reverses", notice.reverses)
            _child(root, "Reason", notice.reason)
        case Endorsement():
            _write_endorsement(root, notice)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def read(root: etree._Element) -> Notice:
    """
    Read the document element of a notice.

    Raises `UnknownDocument`, or `SchemaInvalid`.
    """
    local = local_name(str(root.tag))
    if local not in KINDS:
        raise UnknownDocument(
            f"the document element is {local}; expected one of {', '.join(KINDS)}",
            advice="see schemas/exchange/notice.xsd",
        )
    schema.check(root, local)
    return trusted(root)


def trusted(root: etree._Element) -> Notice:
    """Read a notice that fitted the schema when it was stored."""
    return _READERS[local_name(str(root.tag))](root)


def require_writable(notice: Notice) -> None:
    """
    Check that a notice can be said in XML, so that partners will read it.

    Raises `MalformedRequest` that says which element does not fit.
    """
    try:
        root = parse_trusted(write(notice))
    except ValueError as error:
        raise MalformedRequest(
            f"the text cannot be written in XML: {error}", advice="leave control characters out"
        ) from None
    try:
        schema.check(root, type(notice).__name__)
    except SchemaInvalid as error:
        raise MalformedRequest(
            f"partners could not read this: {error.message}",
            advice="see schemas/exchange/notice.xsd, which says how long each text may be; an empty one "
            "counts as missing",
        ) from None


def _write_endorsement(root: etree._Element, notice: Endorsement) -> None:
    """What is in an endorsement alone."""
    _child(root, "Side", notice.side.value)
    _child(root, "Day", notice.on.isoformat())
    _child(root, "Office", notice.office)
    _child(root, "Officer", notice.officer)
    document = _child(root, "CustomsDocument", notice.customs_document)
    if document is not None and notice.customs_document_type:
        document.set("type", notice.customs_document_type)
    _child(root, "TransportDocument", notice.transport_document)
    _child(root, "Remarks", notice.remarks)
    for written in notice.lines:
        line = etree.SubElement(root, clark(EXCHANGE, "Line"))
        line.text = f"{written.quantity.value:f}"
        line.set("line", written.line)
        if written.quantity.unit:
            line.set("unit", written.quantity.unit)
        if written.dead:
            line.set("dead", f"{written.dead:f}")


def _child(root: etree._Element, local: str, text: str) -> etree._Element | None:
    """Append an element, unless there is nothing in it."""
    if not text:
        return None
    child = etree.SubElement(root, clark(EXCHANGE, local))
    child.text = text
    return child


def _texts(root: etree._Element) -> dict[str, str]:
    """The texts of the children by name; lines, which may repeat, are read apart."""
    return {local_name(str(child.tag)): child.text or "" for child in root}


def _status_change(root: etree._Element) -> StatusChange:
    """A change of status."""
    texts = _texts(root)
    return StatusChange(
        *_head(texts),
        status=PermitStatus(texts["Status"]),
        reason=texts["Reason"],
        replaced_by=texts.get("ReplacedBy", ""),
    )


def _reversal(root: etree._Element) -> Reversal:
    """A reversal."""
    texts = _texts(root)
    return Reversal(*_head(texts), reverses=texts["Reverses"], reason=texts["Reason"])


def _endorsement(root: etree._Element) -> Endorsement:
    """An endorsement."""
    texts = _texts(root)
    document = root.find(clark(EXCHANGE, "CustomsDocument"))
    return Endorsement(
        *_head(texts),
        side=Side(texts["Side"]),
        on=date.fromisoformat(texts["Day"]),
        office=texts["Office"],
        officer=texts.get("Officer", ""),
        customs_document=texts.get("CustomsDocument", ""),
        customs_document_type=document.get("type", "") if document is not None else "",
        transport_document=texts.get("TransportDocument", ""),
        remarks=texts.get("Remarks", ""),
        lines=tuple(
            WrittenOff(
                line.get("line", ""),
                Quantity(Decimal(line.text or "0"), line.get("unit")),
                Decimal(line.get("dead", "0")),
            )
            for line in root.iterchildren(clark(EXCHANGE, "Line"))
        ),
    )


def _head(texts: Mapping[str, str]) -> tuple[str, PermitRef, AuthorityId, datetime]:
    """What every notice says."""
    return (
        texts["ID"],
        PermitRef.of(texts["Issuer"], texts["Number"]),
        AuthorityId.parse(texts["By"]),
        read_moment(texts["At"]),
    )


_READERS: Mapping[str, Callable[[etree._Element], Notice]] = MappingProxyType(
    {"StatusChange": _status_change, "Endorsement": _endorsement, "Reversal": _reversal}
)
