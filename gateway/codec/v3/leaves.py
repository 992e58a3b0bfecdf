"""
The leaves of message version v3: the unqualified data types of release D22A, with all their attributes.

The attributes that v2 has too stand in fields of their own; the others are kept in `more`.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from lxml import etree

from gateway.codec.binding import Leaf
from gateway.codec.leaves import INDICATOR as PLAIN_INDICATOR
from gateway.codec.leaves import collapse, decimal_of, moment_of, moment_text
from gateway.permits.quantities import Quantity
from gateway.permits.values import Attributes, Code, Identifier, Text
from gateway.xmlio.find import text_of
from gateway.xmlio.names import V3_QDT, V3_UDT, clark

_DATE_TIME = clark(V3_UDT, "DateTime")
_DATE_TIME_STRING = clark(V3_UDT, "DateTimeString")
_FORMATTED_STRING = clark(V3_QDT, "DateTimeString")
_INDICATOR = clark(V3_UDT, "Indicator")

# In the order of the alphabet, so that the same attributes always make the same value.
OF_TEXT = ("languageLocaleID",)
OF_IDENTIFIER = ("schemeAgencyName", "schemeDataURI", "schemeName", "schemeURI", "schemeVersionID")
OF_CODE = (
    "languageID",
    "listAgencyName",
    "listName",
    "listSchemeURI",
    "listURI",
    "listVersionID",
    "name",
)
OF_QUANTITY = ("unitCodeListAgencyID", "unitCodeListAgencyName", "unitCodeListID")

_STRINGS = frozenset(
    {"schemeAgencyName", "schemeName", "listAgencyName", "listName", "name", "unitCodeListAgencyName"}
)
"""Attributes of type xs:string, whose white space is kept; the others are tokens and addresses."""

_FORMS = re.compile(r"[0-9]{8}(?:[0-9]{4}(?:[0-9]{2})?(?:[+-][0-9]{4})?)?")
"""UNTDID 2379: formats 102, 203, 204, 205 and 208. Each has a length of its own, which tells them apart."""
_DAY = len("CCYYMMDD")
_ZONED, _UNZONED = "208", "204"


def _token(element: etree._Element) -> str:
    return collapse(text_of(element))


def _attribute(element: etree._Element, name: str) -> str | None:
    value = element.get(name)
    return value if value is None or name in _STRINGS else collapse(value)


def _more(element: etree._Element, names: tuple[str, ...]) -> Attributes:
    """The further attributes that an element has."""
    if not element.attrib:
        return ()
    found = ((name, _attribute(element, name)) for name in names)
    return tuple((name, value) for name, value in found if value is not None)


def _set(element: etree._Element, attributes: Iterable[tuple[str, str | None]]) -> None:
    for name, value in attributes:
        if value is not None:
            element.set(name, value)


def _read_text(element: etree._Element) -> Text:
    return Text(text_of(element), _attribute(element, "languageID"), _more(element, OF_TEXT))


def _write_text(element: etree._Element, value: Text) -> None:
    element.text = value.value
    _set(element, (("languageID", value.language), *_known(value.more, OF_TEXT)))


def _read_identifier(element: etree._Element) -> Identifier:
    scheme, agency = _attribute(element, "schemeID"), _attribute(element, "schemeAgencyID")
    return Identifier(_token(element), scheme, agency, _more(element, OF_IDENTIFIER))


def _write_identifier(element: etree._Element, value: Identifier) -> None:
    element.text = value.value
    own = (("schemeID", value.scheme), ("schemeAgencyID", value.agency))
    _set(element, (*own, *_known(value.more, OF_IDENTIFIER)))


def _read_code(element: etree._Element) -> Code:
    list_, agency = _attribute(element, "listID"), _attribute(element, "listAgencyID")
    return Code(_token(element), list_, agency, _more(element, OF_CODE))


def _write_code(element: etree._Element, value: Code) -> None:
    element.text = value.value
    own = (("listID", value.list), ("listAgencyID", value.agency))
    _set(element, (*own, *_known(value.more, OF_CODE)))


def _read_quantity(element: etree._Element) -> Quantity | None:
    value = decimal_of(text_of(element))
    if value is None:
        return None
    return Quantity(value, _attribute(element, "unitCode"), _more(element, OF_QUANTITY))


def _write_quantity(element: etree._Element, value: Quantity) -> None:
    element.text = f"{value.value:f}"
    _set(element, (("unitCode", value.unit), *_known(value.more, OF_QUANTITY)))


def _known(more: Attributes, names: tuple[str, ...]) -> Attributes:
    """The further attributes that this data type has."""
    return tuple((name, value) for name, value in more if name in names)


def formatted_moment(text: str) -> datetime | None:
    """
    The moment of digits such as 20261123 or 20261123120000+0100, or None.

    Naive when they say no zone. The length says which format it is; the attribute `format` may be absent.
    """
    text = collapse(text)
    if not _FORMS.fullmatch(text):
        return None
    time = text[_DAY:]
    try:
        return datetime.fromisoformat(text[:_DAY] + (f"T{time}" if time else ""))
    except ValueError:
        return None


def _read_moment(element: etree._Element) -> datetime | None:
    for child in element:
        if child.tag == _DATE_TIME:
            return moment_of(text_of(child))
        if child.tag == _DATE_TIME_STRING:
            return formatted_moment(text_of(child))
    return None


def _write_moment(element: etree._Element, value: datetime) -> None:
    etree.SubElement(element, _DATE_TIME).text = moment_text(value)


def _read_formatted(element: etree._Element) -> datetime | None:
    child = element.find(_FORMATTED_STRING)
    return None if child is None else formatted_moment(text_of(child))


def _write_formatted(element: etree._Element, value: datetime) -> None:
    digits = value.replace(microsecond=0).isoformat().replace("-", "", 2).replace(":", "")
    child = etree.SubElement(element, _FORMATTED_STRING)
    child.text = digits.replace("T", "")
    child.set("format", _ZONED if value.tzinfo else _UNZONED)


def _read_indicator(element: etree._Element) -> bool | None:
    child = element.find(_INDICATOR)
    value: bool | None = None if child is None else PLAIN_INDICATOR.read(child)
    return value


def _write_indicator(element: etree._Element, value: bool) -> None:  # noqa: FBT001 - the value itself
    PLAIN_INDICATOR.write(etree.SubElement(element, _INDICATOR), value)


TEXT = Leaf(_read_text, _write_text)
"""Words; languageID, languageLocaleID."""
IDENTIFIER = Leaf(_read_identifier, _write_identifier)
"""schemeID, schemeAgencyID and `OF_IDENTIFIER`."""
CODE = Leaf(_read_code, _write_code)
"""listID, listAgencyID and `OF_CODE`."""
QUANTITY = Leaf(_read_quantity, _write_quantity)
"""A decimal; unitCode and `OF_QUANTITY`."""
MOMENT = Leaf(_read_moment, _write_moment)
"""A child DateTime, or DateTimeString; written as DateTime, which keeps zone and fraction."""
FORMATTED_MOMENT = Leaf(_read_formatted, _write_formatted)
"""A child DateTimeString only; whole seconds, format 208 with a zone and 204 without."""
INDICATOR = Leaf(_read_indicator, _write_indicator)
"""A child Indicator."""
