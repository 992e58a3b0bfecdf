"""
Amounts with their units, and exact arithmetic between units.

Nothing is ever rounded: factors are those of `schemas/codelists/alias.csv`, which are exact, and an amount
that has no end in decimals is refused (one kilogram has none in pounds).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from types import MappingProxyType

from gateway.errors import MalformedRequest
from gateway.permits.codes import SPECIMENS, code_lists, find_unit
from gateway.permits.values import Attributes
from gateway.wording import say

MOST_DIGITS = 200
"""Before or after the point. The message allows 18 in all; the limit keeps a stranger's exponent from being
written out in full, and leaves room for every conversion."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount as it stands in boxes 11, 11a and 14, for example 250 NAR or 1.50 KGM."""

    value: Decimal
    """Exact, with its scale: 1.50 stays 1.50."""
    unit: str | None = None
    """Code of the unit list as written; None means number of specimens (Guidelines for annual reports)."""
    more: Attributes = ()

    def __str__(self) -> str:
        """For people: the amount without an exponent, then the unit."""
        return _digits(self.value) + (f" {self.unit}" if self.unit else "")


def convert(quantity: Quantity, unit: str | None) -> Quantity:
    """
    The same amount in `unit`, a code of the unit list; None or empty stands for NAR.

    Exact, with as many decimals as it needs. In its own unit the quantity comes back as it is; in another it
    loses the attributes that described the unit as written.
    Raises `MalformedRequest` when one of the units is not in the list, when they do not measure the same,
    when no number is true between them (boxes and specimens), when the amount has no end in decimals, and
    when it is no number or has more than `MOST_DIGITS` digits.
    """
    wanted = unit or SPECIMENS
    exact = _in_base_of(wanted, quantity)
    if (quantity.unit or SPECIMENS) == wanted:
        return quantity
    scale = _scale(wanted)
    value = _decimal(exact / scale.factor)
    if value is None:
        raise MalformedRequest(
            say(
                "{quantity} cannot be written in {unit} exactly, because the number does not end",
                quantity=quantity,
                unit=wanted,
            ),
            advice=say("write it in {unit}", unit=scale.base),
        )
    return Quantity(value, wanted)


def normalised(quantity: Quantity) -> Quantity:
    """
    The same amount in a unit of today: KGM for KIL or PND, NAR for no unit; GRM stays GRM.

    Raises `MalformedRequest` as `convert` does.
    """
    if not quantity.unit:
        return Quantity(quantity.value, SPECIMENS, quantity.more)
    unit = find_unit(quantity.unit)
    return convert(quantity, unit.code if unit else quantity.unit)


def same_kind(a: str | None, b: str | None) -> bool:
    """
    Whether two units measure the same: mass, volume, length, area or count; None stands for NAR.

    False when one of them is not in the list. A box and a piece are both counted, and still do not convert.
    """
    units = code_lists().unit
    one, other = units.get(a or SPECIMENS), units.get(b or SPECIMENS)
    return one is not None and other is not None and one.kind == other.kind


def exceeds(quantity: Quantity, limit: Quantity) -> bool:
    """
    Whether `quantity` is more than `limit`, exactly, whatever their units.

    Raises `MalformedRequest` as `convert` does, but never because an amount has no end in decimals.
    """
    unit = limit.unit or SPECIMENS
    return _in_base_of(unit, quantity) > _in_base_of(unit, limit)


def total(quantities: Iterable[Quantity]) -> Quantity:
    """
    The sum of one or more quantities: in their unit when they share one, else in the base unit of their kind
    (KGM, MTQ, MTR, MTK or NAR).

    Raises `MalformedRequest` as `convert` does, and when there is no quantity at all.
    """
    amounts = tuple(quantities)
    if not amounts:
        raise MalformedRequest(
            say("there is no quantity to add up"), advice=say("give at least one quantity")
        )
    first = amounts[0].unit or SPECIMENS
    shared = all((amount.unit or SPECIMENS) == first for amount in amounts)
    scale = _scale(first)
    in_base = sum((_in_base_of(first, amount) for amount in amounts), Fraction(0))
    value = _decimal(in_base / scale.factor if shared else in_base)
    assert value is not None  # noqa: S101 - amounts end, and the lists refuse a factor that does not
    return Quantity(value, first if shared else scale.base)


@dataclass(frozen=True, slots=True)
class _Scale:
    """A unit against the base unit of its kind."""

    base: str
    """KGM, MTQ, MTR, MTK or NAR; a unit that does not convert is its own."""
    factor: Fraction
    """So much of the base is one of the unit."""


@cache
def _scales() -> Mapping[str, _Scale]:
    """Every unit of the list against its base, worked out once."""
    units = code_lists().unit
    scales = {}
    for code in units.entries:
        base, factor = code, Fraction(1)
        while (step := units.aliases.get(base)) is not None and step.converts:
            base, factor = step.code, factor * Fraction(step.multiply_by) / Fraction(step.divide_by)
        scales[code] = _Scale(base, factor)
    return MappingProxyType(scales)


def _scale(unit: str) -> _Scale:
    """The scale of a unit; raises `MalformedRequest` when the list does not have it."""
    scale = _scales().get(unit)
    if scale is None:
        raise MalformedRequest(
            say("{unit} is no unit of the code list", unit=unit),
            advice=say(
                "write {units}, or no unit for a number of specimens", units=code_lists().unit.words()
            ),
        )
    return scale


def _in_base_of(unit: str, quantity: Quantity) -> Fraction:
    """The amount in the base unit of `unit`; raises `MalformedRequest` when there is no way to it."""
    wanted, scale = _scale(unit), _scale(quantity.unit or SPECIMENS)
    value = quantity.value
    if (
        not value.is_finite()
        or abs(value.adjusted()) > MOST_DIGITS
        or len(value.as_tuple().digits) > MOST_DIGITS
    ):
        raise MalformedRequest(
            say("the quantity is no number, or has more digits than any permit needs"),
            advice=say("write a plain number of at most 18 digits"),
        )
    if scale.base != wanted.base:
        raise _no_way(quantity, unit)
    return Fraction(value) * scale.factor


def _no_way(quantity: Quantity, unit: str) -> MalformedRequest:
    """The error for an amount that has no equal in another unit: it names both."""
    if not same_kind(quantity.unit, unit):
        return MalformedRequest(
            say(
                "{quantity} cannot be converted to {unit}, because the two do not measure the same",
                quantity=_named(quantity),
                unit=unit,
            ),
            advice=say("write both amounts in units of the same kind"),
        )
    units = code_lists().unit
    own = quantity.unit or SPECIMENS
    vessel = own if not units.entries[own].converts else unit
    return MalformedRequest(
        say(
            "{quantity} cannot be converted to {unit}, "
            "because it is not known how many specimens one {vessel} holds",
            quantity=_named(quantity),
            unit=unit,
            vessel=vessel,
        ),
        advice=say("count the specimens and write {unit}", unit=SPECIMENS),
    )


def _named(quantity: Quantity) -> str:
    """The amount with its unit, also when none was written."""
    return f"{_digits(quantity.value)} {quantity.unit or SPECIMENS}"


def _digits(value: Decimal) -> str:
    """A number without an exponent, as long as that is no longer than any amount may be."""
    return str(value) if abs(value.adjusted()) > MOST_DIGITS else f"{value:f}"


def _decimal(exact: Fraction) -> Decimal | None:
    """The same number in decimals, without rounding and without needless zeros; None when it has no end."""
    rest, places = exact.denominator, 0
    for prime in (2, 5):
        times = 0
        while rest % prime == 0:
            rest, times = rest // prime, times + 1
        places = max(places, times)
    if rest != 1:
        return None
    # The constructor keeps every digit; arithmetic on a Decimal would round to the context's precision.
    return Decimal(f"{exact.numerator * 10**places // exact.denominator}E-{places}")
