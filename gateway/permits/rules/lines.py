"""The lines of a permit: their letters, and the quantities permitted (Box 11) and inspected (Box 14)."""

from collections.abc import Iterator
from decimal import Decimal

from gateway.errors import MalformedRequest
from gateway.permits.findings import Severity
from gateway.permits.model import Permit
from gateway.permits.quantities import Quantity, total
from gateway.permits.rules.context import Context
from gateway.permits.rules.registry import Breach, rule
from gateway.permits.rules.units import COUNTING, comparable, more_than
from gateway.wording import say

HUGE = Decimal(1_000_000_000)
"""In any unit: more is a slip of the keyboard or the number of something else, no consignment is so large."""
_SHOWN = 3
"""So many letters of a line that has too many are repeated."""

_LETTER = "EPIX CitesPositionsType (ID without white space); form, rows A to D (Res. Conf. 12.3 Annex 2)"
_CONTENT = "50 CFR 23.23(c); presence rules of Species+ (SAPI)"
_QUANTITY = "50 CFR 23.23(c); Res. Conf. 12.3 Annex 2, note 11"
_ENDORSEMENT = (
    "Res. Conf. 12.3 Annex 1 (export endorsement, paragraph n in the CoP14 text); EPIX CitesPositionsType"
)


@rule("lines.none", box="7-11", source=_CONTENT)
def no_lines(_permit: Permit, context: Context) -> Iterator[Breach]:
    """A permit has at least one line."""
    if not context.items:
        yield Breach(
            "lines[0]", say("the permit has no line; write one line for each species and kind of specimen")
        )


@rule("lines.letter-missing", box="7-11", source=_LETTER)
def letter_missing(_permit: Permit, context: Context) -> Iterator[Breach]:
    """Every line has one letter."""
    for item in context.items:
        ids = item.line.ids
        if not ids or not ids[0].value:
            yield Breach(
                f"{item.where}.ids[0]",
                say(
                    "line {number} has no letter; write A for the first, B for the next",
                    number=item.index + 1,
                ),
            )
        elif len(ids) > 1:
            yield Breach(
                f"{item.where}.ids[1]",
                say(
                    "line {number} has more than one letter ({found}); write one, endorsements refer to it",
                    number=item.index + 1,
                    found=", ".join(identifier.value for identifier in ids[:_SHOWN]),
                ),
            )


@rule("lines.letter-white-space", box="7-11", source=_LETTER)
def letter_white_space(_permit: Permit, context: Context) -> Iterator[Breach]:
    """The letter of a line has no white space."""
    for item in context.items:
        letter = item.line.letter
        if not letter.isalnum() and len(letter.split()) > 1:
            yield Breach(
                f"{item.where}.ids[0]",
                say(
                    "the letter of line {number} is '{letter}'; write it without white space",
                    number=item.index + 1,
                    letter=letter,
                ),
            )


@rule("lines.letter-repeated", box="7-11", source=_LETTER)
def letter_repeated(_permit: Permit, context: Context) -> Iterator[Breach]:
    """No two lines have the same letter."""
    first: dict[str, int] = {}
    for item in context.items:
        letter = item.line.letter
        if letter and first.setdefault(letter, item.index) != item.index:
            yield Breach(
                f"{item.where}.ids[0]",
                say(
                    "lines {first} and {second} are both called {letter}; give each line its own letter",
                    first=first[letter] + 1,
                    second=item.index + 1,
                    letter=letter,
                ),
            )


@rule("lines.quantity-missing", box="11", source=_QUANTITY)
def quantity_missing(_permit: Permit, context: Context) -> Iterator[Breach]:
    """Every line has one quantity."""
    for item in context.items:
        if item.quantity is None:
            yield Breach(
                f"{item.where}.packages[0].quantity",
                say("{line} has no quantity; write how much the permit allows", line=item.called),
            )
        elif len(item.line.packages) > 1:
            yield Breach(
                f"{item.where}.packages[1]",
                say(
                    "{line} has {count} quantities, and it is not clear which one is permitted; "
                    "write one quantity, or a line for each",
                    line=item.called,
                    count=len(item.line.packages),
                ),
            )


@rule("lines.quantity-not-positive", box="11", source=_QUANTITY)
def quantity_not_positive(_permit: Permit, context: Context) -> Iterator[Breach]:
    """A quantity is more than zero."""
    for item in context.items:
        for number, package in enumerate(item.line.packages):
            quantity = package.quantity
            if quantity is not None and quantity.value <= 0:
                yield Breach(
                    f"{item.where}.packages[{number}].quantity",
                    say(
                        "{line} permits {quantity}; write a quantity above zero, or remove the line",
                        line=item.called,
                        quantity=quantity,
                    ),
                )


@rule("lines.quantity-huge", box="11", source=_QUANTITY, severity=Severity.WARNING)
def quantity_huge(_permit: Permit, context: Context) -> Iterator[Breach]:
    """A quantity is not so large that it can only be a slip: at most a thousand million of its unit."""
    for item in context.items:
        for number, package in enumerate(item.line.packages):
            quantity = package.quantity
            if quantity is not None and quantity.value > HUGE:
                yield Breach(
                    f"{item.where}.packages[{number}].quantity",
                    say(
                        "{line} permits {quantity}, which is more than any consignment; "
                        "compare the amount and its unit with the application",
                        line=item.called,
                        quantity=quantity,
                    ),
                )


@rule("lines.quantity-fraction", box="11", source=_QUANTITY)
def quantity_fraction(_permit: Permit, context: Context) -> Iterator[Breach]:
    """What is counted is a whole number; zeros after the point do no harm."""
    for item in context.items:
        for number, package in enumerate(item.line.packages):
            quantity = package.quantity
            if quantity is None or quantity.unit not in COUNTING:
                continue
            if quantity.value != quantity.value.to_integral_value():
                yield Breach(
                    f"{item.where}.packages[{number}].quantity",
                    say(
                        "{line} permits {quantity}, and specimens are counted in whole numbers; "
                        "write a whole number, or the unit that was measured, for example KGM",
                        line=item.called,
                        quantity=quantity,
                    ),
                )


@rule("lines.inspected-negative", box="14", source=_ENDORSEMENT)
def inspected_negative(_permit: Permit, context: Context) -> Iterator[Breach]:
    """The quantity inspected at export is not negative."""
    for item in context.items:
        for number, inspection in enumerate(item.line.inspections):
            quantity = inspection.quantity
            if quantity is not None and quantity.value < 0:
                yield Breach(
                    f"{item.where}.inspections[{number}].quantity",
                    say(
                        "the quantity inspected of {line} is {quantity}; write what was exported, "
                        "or zero when nothing was",
                        line=item.called,
                        quantity=quantity,
                    ),
                )


@rule("lines.inspected-unit", box="14", source=_ENDORSEMENT)
def inspected_unit(_permit: Permit, context: Context) -> Iterator[Breach]:
    """The quantity inspected at export is given in the unit of Box 11, or in one that converts to it."""
    for item in context.items:
        permitted = item.quantity
        for number, inspection in enumerate(item.line.inspections):
            quantity = inspection.quantity
            if permitted is None or quantity is None or comparable(quantity, permitted):
                continue
            yield Breach(
                f"{item.where}.inspections[{number}].quantity",
                say(
                    "{line} permits {permitted}, and the quantity inspected is {quantity}, which cannot be "
                    "compared with it; write it in the unit of Box 11",
                    line=item.called,
                    permitted=permitted,
                    quantity=quantity,
                ),
            )


@rule("lines.inspected-too-much", box="14", source=_ENDORSEMENT)
def inspected_too_much(_permit: Permit, context: Context) -> Iterator[Breach]:
    """All inspections of a line together did not find more than it permits."""
    for item in context.items:
        permitted, inspections = item.quantity, item.line.inspections
        if permitted is None or not inspections:
            continue
        inspected = _together([one.quantity for one in inspections if one.quantity is not None], permitted)
        if inspected is not None and more_than(inspected, permitted):
            yield Breach(
                f"{item.where}.inspections[0].quantity",
                say(
                    "{line} permits {permitted}, and the quantity inspected is {total}; no more may leave "
                    "than the permit allows: correct the quantity, or ask for another permit",
                    line=item.called,
                    permitted=permitted,
                    total=inspected,
                ),
            )


def _together(quantities: list[Quantity], permitted: Quantity) -> Quantity | None:
    """The sum of all quantities that can be compared with the one permitted; None when there is none."""
    # An amount in another unit, or in none of the list, has a rule of its own.
    amounts = [quantity for quantity in quantities if comparable(quantity, permitted)]
    try:
        return total(amounts) if amounts else None
    except MalformedRequest:
        return None
