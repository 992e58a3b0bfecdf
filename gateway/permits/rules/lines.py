"""The lines of a permit: letter, quantity (Box 11), countries of boxes 12 and 12a."""

import re
from collections.abc import Iterator

from gateway.permits.codes import ListedCode, Status
from gateway.permits.findings import Area, Severity
from gateway.permits.model import Line, Permit
from gateway.permits.quantities import Quantity
from gateway.permits.rules.registry import Breach, Context, rule

ORIGIN_CODES = frozenset({"XX", "ZZ"})
"""Origin unknown, and introduction from the sea: no countries, and right in boxes 12 and 12a."""

_LETTER = "EPIX CitesPositionsType (ID without white space); form, rows A to D (Res. Conf. 12.3 Annex 2)"
_CONTENT = "50 CFR 23.23(c); presence rules of Species+ (SAPI)"
_QUANTITY = "50 CFR 23.23(c); Res. Conf. 12.3 Annex 2, note 11"
_UNITS = "Guidelines for CITES annual reports (units); Species+ (SAPI) trade mapping"
_ORIGIN = "Res. Conf. 12.3 Annex 2, notes 12 and 12a; ISO 3166-1 alpha-2"

_SPACE = re.compile(r"\s")


@rule("lines.none", box="7-11", source=_CONTENT)
def no_lines(permit: Permit, _context: Context) -> Iterator[Breach]:
    """A permit has at least one line."""
    if not permit.lines:
        yield Breach(
            "lines[0]", "the permit has no line; write one line for each species and kind of specimen"
        )


@rule("lines.letter-missing", box="7-11", source=_LETTER)
def letter_missing(permit: Permit, _context: Context) -> Iterator[Breach]:
    """Every line has one letter."""
    for index, line in enumerate(permit.lines):
        if not line.letter:
            yield Breach(
                f"lines[{index}].ids[0]",
                f"line {index + 1} has no letter; write A for the first, B for the next",
            )
        elif len(line.ids) > 1:
            found = ", ".join(identifier.value for identifier in line.ids[:3])
            yield Breach(
                f"lines[{index}].ids[1]",
                f"line {index + 1} has more than one letter ({found}); write one, endorsements refer to it",
            )


@rule("lines.letter-white-space", box="7-11", source=_LETTER)
def letter_white_space(permit: Permit, _context: Context) -> Iterator[Breach]:
    """The letter of a line has no white space."""
    for index, line in enumerate(permit.lines):
        if _SPACE.search(line.letter):
            yield Breach(
                f"lines[{index}].ids[0]",
                f"the letter of line {index + 1} is '{line.letter}'; write it without white space",
            )


@rule("lines.letter-repeated", box="7-11", source=_LETTER)
def letter_repeated(permit: Permit, _context: Context) -> Iterator[Breach]:
    """No two lines have the same letter."""
    first: dict[str, int] = {}
    for index, line in enumerate(permit.lines):
        if line.letter and first.setdefault(line.letter, index) != index:
            yield Breach(
                f"lines[{index}].ids[0]",
                f"lines {first[line.letter] + 1} and {index + 1} are both called {line.letter}; "
                "give each line its own letter",
            )


@rule("lines.quantity-missing", box="11", source=_QUANTITY)
def quantity_missing(permit: Permit, _context: Context) -> Iterator[Breach]:
    """Every line has one quantity."""
    for index, line in enumerate(permit.lines):
        if line.quantity is None:
            yield Breach(
                f"lines[{index}].packages[0].quantity",
                f"{called(index, line)} has no quantity; write how much the permit allows",
            )
        elif len(line.packages) > 1:
            yield Breach(
                f"lines[{index}].packages[1]",
                f"{called(index, line)} has {len(line.packages)} quantities, and it is not clear which "
                "one is permitted; write one quantity, or a line for each",
            )


@rule("lines.quantity-not-positive", box="11", source=_QUANTITY)
def quantity_not_positive(permit: Permit, _context: Context) -> Iterator[Breach]:
    """A quantity is more than zero."""
    for where, who, quantity in _quantities(permit):
        if quantity.value <= 0:
            yield Breach(where, f"{who} permits {quantity}; write a quantity above zero, or remove the line")


@rule("lines.unit-unknown", box="11", source=_UNITS, area=Area.CODES)
def unit_unknown(permit: Permit, context: Context) -> Iterator[Breach]:
    """The unit of a quantity is in the list; no unit means number of specimens."""
    for where, who, quantity in _quantities(permit):
        if quantity.unit and quantity.unit not in context.lists.unit:
            yield Breach(
                where,
                f"the unit of {who} is '{quantity.unit}'; write KGM, GRM, LTR, MLT, MTR, MTK, MTQ, CMQ or "
                "NAR, or no unit for a number of specimens",
            )


@rule("lines.unit-legacy", box="11", source=_UNITS, area=Area.CODES, severity=Severity.WARNING)
def unit_legacy(permit: Permit, context: Context) -> Iterator[Breach]:
    """The unit of a quantity is one of today."""
    for where, who, quantity in _quantities(permit):
        entry = context.lists.unit.get(quantity.unit or "")
        if entry is not None and entry.status is not Status.CURRENT:
            yield Breach(
                where,
                f"the unit of {who} is {entry.code} ({entry.meaning}), which is not a unit of the CITES list "
                f"of today; {_conversion(entry)}",
            )


@rule("lines.country-unknown", box="12", source=_ORIGIN, area=Area.CODES)
def country_unknown(permit: Permit, context: Context) -> Iterator[Breach]:
    """The country of origin or of last re-export is in the list."""
    for where, box, code in _countries(permit):
        if code not in context.lists.country:
            yield Breach(
                where,
                f"the country code is '{code}'; write the two capital letters of ISO 3166-1, XX when the "
                "origin is unknown, or ZZ for introduction from the sea",
                box,
            )


@rule(
    "lines.country-not-current",
    box="12",
    source=_ORIGIN,
    area=Area.CODES,
    severity=Severity.WARNING,
)
def country_not_current(permit: Permit, context: Context) -> Iterator[Breach]:
    """The country of origin or of last re-export is a country of today, XX or ZZ."""
    for where, box, code in _countries(permit):
        entry = context.lists.country.get(code)
        if entry is not None and entry.status is not Status.CURRENT and code not in ORIGIN_CODES:
            yield Breach(
                where,
                f"the country code is {code} ({entry.meaning}), which is no country of today; write the "
                "present code of ISO 3166-1",
                box,
            )


def called(index: int, line: Line) -> str:
    """A line in a sentence: by its letter, else by its place."""
    return f"line {line.letter or index + 1}"


def _conversion(entry: ListedCode) -> str:
    """What to do with a quantity in a unit that is not current."""
    multiply, divide = entry.factor
    by = (
        f"multiply by {multiply} and " if multiply != 1 else f"divide by {divide} and " if divide != 1 else ""
    )
    return f"{by}write {entry.replaced_by}"


def _quantities(permit: Permit) -> Iterator[tuple[str, str, Quantity]]:
    """Model path, name of the line, and quantity of every package."""
    for index, line in enumerate(permit.lines):
        for number, package in enumerate(line.packages):
            if package.quantity is not None:
                yield f"lines[{index}].packages[{number}].quantity", called(index, line), package.quantity


def _countries(permit: Permit) -> Iterator[tuple[str, str, str]]:
    """Model path, box and code of every country of boxes 12 and 12a."""
    for index, line in enumerate(permit.lines):
        for name, box, country in (("origin", "12", line.origin), ("last_export", "12a", line.last_export)):
            for number, code in enumerate(country.ids if country else ()):
                if code.value:
                    yield f"lines[{index}].{name}.ids[{number}]", box, code.value
