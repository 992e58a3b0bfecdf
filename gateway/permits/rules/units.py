"""
In what the lines are measured (Box 11): units of the list, and units and purposes that fit the term.

The official tables of pairs of term and unit, and of term and purpose, are not public. The units that a term
usually has are those of the Guidelines for annual reports as the term list remembers them; the purposes
checked here are only those that contradict what the term means.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from gateway.errors import MalformedRequest
from gateway.permits.codes import ListedCode, Status
from gateway.permits.findings import Area, Severity
from gateway.permits.model import Permit
from gateway.permits.quantities import Quantity, exceeds
from gateway.permits.rules.context import Context
from gateway.permits.rules.registry import Breach, rule
from gateway.wording import Words, say

COUNTING = frozenset({None, "", "NAR", "PCS", "ITE", "C62", "H87", "EA"})
"""Units of which one is one specimen, as written; None: no unit is there (Guidelines for annual reports)."""

_COUNT = "count"
"""The kind of a counting unit in the unit list."""
_LIQUID = frozenset({"LTR", "MLT"})
"""Volumes in which nothing solid is measured, and those that are replaced by them."""

_LIVING = frozenset({"LIV", "EGL", "FIG", "PUP", "CUL", "GRS"})
"""Terms of which the specimens live."""
_LIFELESS = frozenset({
    "BOC", "CAR", "CAV", "CHP", "CLO", "COS", "FPL", "FPS", "GAR", "HOC", "IJW", "IVC", "IVP", "JWL", "KEY",
    "LOG", "LPL", "LPS", "MED", "PLA", "PLY", "RUG", "SAW", "SID", "SKI", "SKP", "SOU", "TIM", "TRO", "TRW",
    "TUS", "VEN", "WAX", "WPR",
})  # fmt: skip
"""Terms of manufactured things and of parts from which nothing grows."""
_TROPHY = "TRO"
_TROPHY_PURPOSES = frozenset("HP")
"""A hunting trophy is what a hunter took for personal use (Res. Conf. 17.9, from memory)."""
_LIFE_PURPOSES = frozenset("BN")
"""Breeding or propagation, and introduction into the wild: nothing without life can serve them."""

_UNITS = "Guidelines for CITES annual reports (units); Species+ (SAPI) trade mapping"
_PAIRS = "Guidelines for CITES annual reports (units of the terms, from memory); SAPI valid_term_unit_view"
_PURPOSES = "Res. Conf. 12.3 (purpose codes); Res. Conf. 17.9 (trophies); SAPI valid_term_purpose_view"


@rule("lines.unit-unknown", box="11", source=_UNITS, area=Area.CODES)
def unit_unknown(_permit: Permit, context: Context) -> Iterator[Breach]:
    """The unit of a quantity is in the list; no unit means number of specimens."""
    units = context.lists.unit.entries
    for item in context.items:
        for number, package in enumerate(item.line.packages):
            quantity = package.quantity
            if quantity is not None and quantity.unit and quantity.unit not in units:
                yield Breach(
                    f"{item.where}.packages[{number}].quantity",
                    say(
                        "the unit of {line} is '{unit}'; write KGM, GRM, LTR, MLT, MTR, MTK, MTQ, CMQ or "
                        "NAR, or no unit for a number of specimens",
                        line=item.called,
                        unit=quantity.unit,
                    ),
                )


@rule("lines.unit-legacy", box="11", source=_UNITS, area=Area.CODES, severity=Severity.WARNING)
def unit_legacy(_permit: Permit, context: Context) -> Iterator[Breach]:
    """The unit of a quantity is one of today."""
    units = context.lists.unit.entries
    for item in context.items:
        for number, package in enumerate(item.line.packages):
            entry = units.get(package.quantity.unit or "") if package.quantity is not None else None
            if entry is not None and entry.status is not Status.CURRENT:
                yield Breach(
                    f"{item.where}.packages[{number}].quantity",
                    say(
                        "the unit of {line} is {unit} ({meaning}), which is not a unit of the CITES list of "
                        "today; {advice}",
                        line=item.called,
                        unit=entry.code,
                        meaning=entry.meaning,
                        advice=_conversion(entry),
                    ),
                )


@rule("units.unfit-for-term", box="11", source=_PAIRS, severity=Severity.WARNING)
def unfit_for_term(_permit: Permit, context: Context) -> Iterator[Breach]:
    """The unit is one in which specimens of this term are usually measured."""
    terms, units = context.lists.term.entries, context.lists.unit.entries
    for _, item, _, product in context.specimens():
        if item.quantity is None or not product.terms:
            continue
        unit = units.get(item.quantity.unit or "NAR")
        for term in product.terms:
            entry = terms.get(term.value)
            if unit is not None and entry is not None and not measured_in(entry, unit):
                yield Breach(
                    f"{item.where}.packages[0].quantity",
                    say(
                        "{line} permits {quantity} of {term} ({meaning}), which is usually given as {usual}; "
                        "correct the unit or the term",
                        line=item.called,
                        quantity=item.quantity,
                        term=entry.code,
                        meaning=entry.meaning,
                        usual=_usual(entry),
                    ),
                )


@rule("units.unfit-for-purpose", box="9", source=_PURPOSES, severity=Severity.WARNING)
def unfit_for_purpose(permit: Permit, context: Context) -> Iterator[Breach]:
    """
    The purpose does not contradict the term.

    The official table of pairs is not public. Checked is only what the words themselves exclude: a hunting
    trophy for another purpose than hunting or personal, a hunting trophy that lives, and lifeless things for
    breeding, propagation or introduction into the wild.
    """
    purposes = frozenset(code.value for code in permit.purposes if code.value)
    if not purposes:
        return
    for where, item, _, product in context.specimens():
        for number, term in enumerate(product.terms):
            code = term.value
            if contradicts(code, purposes):
                yield Breach(
                    f"{where}.product.terms[{number}]",
                    say(
                        "the purpose of the permit is {purpose}, and the specimens of {line} are {term} "
                        "({meaning}), which does not go together; correct the purpose or the term",
                        purpose=", ".join(sorted(purposes)),
                        line=item.called,
                        term=code,
                        meaning=context.lists.term.entries[code].meaning,
                    ),
                )


def measured_in(term: ListedCode, unit: ListedCode) -> bool:
    """Whether a term is usually given in such a unit; True also when the list does not say in which."""
    if not term.preferred_unit:
        return True
    return _kind(unit) in _measures(term.preferred_unit, term.alternative_unit)


def contradicts(term: str, purposes: frozenset[str]) -> bool:
    """Whether what a term means excludes all the purposes; there is at least one."""
    return (
        (term == _TROPHY and not purposes & _TROPHY_PURPOSES)
        or (purposes == {"H"} and term in _LIVING)
        or (purposes <= _LIFE_PURPOSES and term in _LIFELESS)
    )


def more_than(quantity: Quantity, limit: Quantity) -> bool | None:
    """Whether a quantity is more than another, whatever their units; None when they cannot be compared."""
    if quantity.unit == limit.unit:
        return quantity.value > limit.value
    try:
        return exceeds(quantity, limit)
    except MalformedRequest:
        return None


def comparable(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities are in the same unit or in units that convert."""
    return more_than(one, other) is not None


def _conversion(entry: ListedCode) -> Words:
    """What to do with a quantity in a unit that is not current."""
    if not entry.converts:
        return say("count the specimens and write {unit}", unit=entry.replaced_by)
    multiply, divide = entry.factor
    if multiply != 1:
        return say("multiply by {factor} and write {unit}", factor=f"{multiply:f}", unit=entry.replaced_by)
    if divide != 1:
        return say("divide by {factor} and write {unit}", factor=f"{divide:f}", unit=entry.replaced_by)
    return say("write {unit}", unit=entry.replaced_by)


def _kind(unit: ListedCode) -> str:
    """What a unit measures; litres are told apart from the volumes of solid things."""
    return "liquid" if unit.code in _LIQUID or unit.replaced_by in _LIQUID else unit.kind


_KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "kg": ("mass",),
    "g": ("mass",),
    "l": ("volume", "liquid"),
    "ml": ("volume", "liquid"),
    "m3": ("volume",),
    "m2": ("area",),
    "m": ("length",),
    "no.": (_COUNT,),
    "no. of flasks": (_COUNT,),
    "no. of wings": (_COUNT,),
})  # fmt: skip
"""What the words of the term list measure, as kinds of the unit list and `liquid`."""

_SAID: Mapping[str, Words] = MappingProxyType({
    "kg": say("kilograms (KGM)"),
    "g": say("grams (GRM)"),
    "l": say("litres (LTR)"),
    "ml": say("millilitres (MLT)"),
    "m3": say("cubic metres (MTQ)"),
    "m2": say("square metres (MTK)"),
    "m": say("metres (MTR)"),
    "no.": say("number of specimens (NAR or no unit)"),
    "no. of flasks": say("number of flasks (NAR or no unit)"),
    "no. of wings": say("number of wings (NAR or no unit)"),
})  # fmt: skip


@cache
def _words(preferred: str, alternative: str) -> tuple[str, ...]:
    """The single words of the two columns of the term list: `kg / no. of wings` and `no.` are three."""
    return tuple(
        word.strip() for column in (preferred, alternative) for word in column.split("/") if word.strip()
    )


@cache
def _measures(preferred: str, alternative: str) -> frozenset[str]:
    """The kinds of unit that these columns allow."""
    return frozenset(kind for word in _words(preferred, alternative) for kind in _KINDS[word])


def _usual(entry: ListedCode) -> Words:
    """The usual units of a term in a sentence."""
    usual, *others = (_SAID[word] for word in _words(entry.preferred_unit, entry.alternative_unit))
    for other in others:
        usual = say("{first} or {second}", first=usual, second=other)
    return usual
