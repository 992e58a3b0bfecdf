"""The kinds of leaf that message versions choose from."""

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from lxml import etree

from gateway.codec.binding import Leaf
from gateway.permits.quantities import Quantity
from gateway.permits.values import Code, Identifier, Text
from gateway.xmlio.find import text_of

_LONG_RUN = " " * 32
"""Taken out first, so that 64 KB of spaces are quickly few."""
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
"""xs:decimal; Python's Decimal would also read exponents, NaN and digits of other scripts."""
_ZONE_LENGTH = len("+01:00")
_SHORT = 64
"""Characters of an element with its attributes."""
_REMEMBERED = 4096
"""Values of each kind."""
_TRUE, _FALSE = frozenset({"true", "1"}), frozenset({"false", "0"})


def collapse(text: str) -> str:
    """The value of an xs:token (XML Schema 1.0 part 2, 4.3.6): white space at the ends says nothing."""
    if text.isalnum():
        return text
    for other in "\t\n\r":
        text = text.replace(other, " ")
    for run in (_LONG_RUN, "  "):
        while run in text:
            text = text.replace(run, " ")
    return text.strip(" ")


def _token(element: etree._Element) -> str:
    return collapse(text_of(element))


def _collapsed(value: str | None) -> str | None:
    return value if value is None else collapse(value)


def _attributes(element: etree._Element, **values: str | None) -> None:
    for name, value in values.items():
        if value is not None:
            element.set(name, value)


def _read_text(element: etree._Element) -> Text:
    text = text_of(element) if len(element) else element.text or ""
    language = element.get("languageID")
    if len(text) > _SHORT or (language and len(language) > _SHORT):
        return Text(text, _collapsed(language))
    return _text(text, language)


def _write_text(element: etree._Element, value: Text) -> None:
    element.text = value.value
    _attributes(element, languageID=value.language)


# Countries, species, terms and units come again and again: what is short is made once. The values are
# immutable, so sharing them is safe; the bounds keep strangers from filling the memory.


@lru_cache(maxsize=_REMEMBERED)
def _text(text: str, language: str | None) -> Text:
    return Text(text, _collapsed(language))


@lru_cache(maxsize=_REMEMBERED)
def _identifier(text: str, scheme: str | None, agency: str | None) -> Identifier:
    return Identifier(collapse(text), _collapsed(scheme), _collapsed(agency))


@lru_cache(maxsize=_REMEMBERED)
def _code(text: str, list_: str | None, agency: str | None) -> Code:
    return Code(collapse(text), _collapsed(list_), _collapsed(agency))


@lru_cache(maxsize=_REMEMBERED)
def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(collapse(text))
    except ValueError:
        return None


def _read_identifier(element: etree._Element) -> Identifier:
    text, scheme, agency = text_of(element), element.get("schemeID"), element.get("schemeAgencyID")
    if len(text) + len(scheme or "") + len(agency or "") > _SHORT:
        return _identifier.__wrapped__(text, scheme, agency)
    return _identifier(text, scheme, agency)


def _write_identifier(element: etree._Element, value: Identifier) -> None:
    element.text = value.value
    _attributes(element, schemeID=value.scheme, schemeAgencyID=value.agency)


def _read_code(element: etree._Element) -> Code:
    text, list_, agency = text_of(element), element.get("listID"), element.get("listAgencyID")
    if len(text) + len(list_ or "") + len(agency or "") > _SHORT:
        return _code.__wrapped__(text, list_, agency)
    return _code(text, list_, agency)


def _write_code(element: etree._Element, value: Code) -> None:
    element.text = value.value
    _attributes(element, listID=value.list, listAgencyID=value.agency)


def _read_plain_text(element: etree._Element) -> Text:
    return Text(text_of(element))


def _write_plain(element: etree._Element, value: Text | Identifier | Code) -> None:
    element.text = value.value


def _read_plain_identifier(element: etree._Element) -> Identifier:
    return Identifier(_token(element))


def _read_plain_code(element: etree._Element) -> Code:
    text = text_of(element)
    return _code(text, None, None) if len(text) <= _SHORT else Code(collapse(text))


def decimal_of(text: str) -> Decimal | None:
    """An xs:decimal, or None."""
    text = collapse(text)
    try:
        return Decimal(text) if _DECIMAL.fullmatch(text) else None
    except InvalidOperation:
        return None


def _read_quantity(element: etree._Element) -> Quantity | None:
    value = decimal_of(text_of(element))
    return value if value is None else Quantity(value, _collapsed(element.get("unitCode")))


def _write_quantity(element: etree._Element, value: Quantity) -> None:
    element.text = f"{value.value:f}"
    _attributes(element, unitCode=value.unit)


def _read_moment(element: etree._Element) -> datetime | None:
    return moment_of(text_of(element))


def _write_moment(element: etree._Element, value: datetime) -> None:
    element.text = moment_text(value)


def moment_of(text: str) -> datetime | None:
    """The moment of an xs:dateTime, or None."""
    return _moment(text) if len(text) <= _SHORT else None


def moment_text(value: datetime) -> str:
    """An xs:dateTime with the zone of the value, without trailing zeros in the fraction."""
    text = value.replace(tzinfo=None).isoformat()
    if value.microsecond:
        text = text.rstrip("0")
    return text + _zone(value)


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
PLAIN_TEXT = Leaf(_read_plain_text, _write_plain)
"""Words without attributes."""
PLAIN_IDENTIFIER = Leaf(_read_plain_identifier, _write_plain)
"""An identifier without attributes."""
PLAIN_CODE = Leaf(_read_plain_code, _write_plain)
"""A code without attributes."""
QUANTITY = Leaf(_read_quantity, _write_quantity)
"""A decimal; unitCode."""
MOMENT = Leaf(_read_moment, _write_moment)
"""xs:dateTime in the element itself."""
INDICATOR = Leaf(_read_indicator, _write_indicator)
"""xs:boolean in the element itself."""
