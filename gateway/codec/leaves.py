"""The kinds of leaf that message versions choose from."""

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from lxml import etree

from gateway.codec.binding import Leaf
from gateway.permits.quantities import Quantity
from gateway.permits.values import Code, Identifier, Text
from gateway.xmlio.find import text_of

_LOOSE = re.compile(r"[\t\n\r]|^ | $|  ")
"""White space that an xs:token does not have."""
_SPACE = re.compile(r"[ \t\n\r]+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
"""xs:decimal; Python's Decimal would also read exponents, NaN and digits of other scripts."""
_ZONE_LENGTH = len("+01:00")
_TRUE, _FALSE = frozenset({"true", "1"}), frozenset({"false", "0"})


def collapse(text: str) -> str:
    """The value of an xs:token (XML Schema 1.0 part 2, 4.3.6): white space at the ends says nothing."""
    return _SPACE.sub(" ", text).strip(" ") if _LOOSE.search(text) else text


def _token(element: etree._Element) -> str:
    return collapse(text_of(element))


def _attribute(element: etree._Element, name: str) -> str | None:
    value = element.get(name)
    return value if value is None else collapse(value)


def _attributes(element: etree._Element, **values: str | None) -> None:
    for name, value in values.items():
        if value is not None:
            element.set(name, value)


def _read_text(element: etree._Element) -> Text:
    return Text(text_of(element), _attribute(element, "languageID"))


def _write_text(element: etree._Element, value: Text) -> None:
    element.text = value.value
    _attributes(element, languageID=value.language)


def _read_identifier(element: etree._Element) -> Identifier:
    return Identifier(_token(element), _attribute(element, "schemeID"), _attribute(element, "schemeAgencyID"))


def _write_identifier(element: etree._Element, value: Identifier) -> None:
    element.text = value.value
    _attributes(element, schemeID=value.scheme, schemeAgencyID=value.agency)


def _read_code(element: etree._Element) -> Code:
    return Code(_token(element), _attribute(element, "listID"), _attribute(element, "listAgencyID"))


def _write_code(element: etree._Element, value: Code) -> None:
    element.text = value.value
    _attributes(element, listID=value.list, listAgencyID=value.agency)


def _read_plain_code(element: etree._Element) -> Code:
    return Code(_token(element))


def _write_plain_code(element: etree._Element, value: Code) -> None:
    element.text = value.value


def _read_quantity(element: etree._Element) -> Quantity | None:
    text = _token(element)
    if not _DECIMAL.fullmatch(text):
        return None
    try:
        return Quantity(Decimal(text), _attribute(element, "unitCode"))
    except InvalidOperation:
        return None


def _write_quantity(element: etree._Element, value: Quantity) -> None:
    element.text = f"{value.value:f}"
    _attributes(element, unitCode=value.unit)


def _read_moment(element: etree._Element) -> datetime | None:
    try:
        return datetime.fromisoformat(_token(element))
    except ValueError:
        return None


def _write_moment(element: etree._Element, value: datetime) -> None:
    text = value.replace(tzinfo=None).isoformat()
    if value.microsecond:
        text = text.rstrip("0")
    element.text = text + _zone(value)


def _zone(value: datetime) -> str:
    if value.tzinfo is UTC:
        return "Z"
    return value.isoformat()[-_ZONE_LENGTH:] if value.tzinfo else ""


def _read_indicator(element: etree._Element) -> bool | None:
    text = _token(element)
    return True if text in _TRUE else False if text in _FALSE else None


def _write_indicator(element: etree._Element, value: bool) -> None:  # noqa: FBT001 - the value itself
    element.text = "true" if value else "false"


TEXT = Leaf(_read_text, _write_text)
"""Words; languageID."""
IDENTIFIER = Leaf(_read_identifier, _write_identifier)
"""schemeID, schemeAgencyID."""
CODE = Leaf(_read_code, _write_code)
"""listID, listAgencyID."""
PLAIN_CODE = Leaf(_read_plain_code, _write_plain_code)
"""A code without attributes."""
QUANTITY = Leaf(_read_quantity, _write_quantity)
"""A decimal; unitCode."""
MOMENT = Leaf(_read_moment, _write_moment)
"""xs:dateTime in the element itself."""
INDICATOR = Leaf(_read_indicator, _write_indicator)
"""xs:boolean in the element itself."""
