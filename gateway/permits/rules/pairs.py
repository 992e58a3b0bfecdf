"""
Which permits belong together, and what their lines hold: for the rules that look at two documents.

A consignment travels with the document of the country that it leaves (types E and R, sometimes O) and, where
Appendix I or a Party's own law asks for it, with the import permit of the country that it enters (type I).
"""

from collections.abc import Iterable, Iterator

from gateway.permits.model import Permit, Reference
from gateway.permits.names import read_name
from gateway.permits.quantities import Quantity
from gateway.permits.rules.context import Context, Item, source_codes
from gateway.wording import Words, say

IMPORT_PERMIT = "911"
"""Type of a reference to an import permit (UNTDID 1001: import licence)."""
EXPORT_TYPES = frozenset("ER")
"""Documents of the country that the consignment leaves."""
FREE_SOURCES = frozenset("DO")
"""Registered operations count as Appendix II (Art. VII.4), pre-Convention specimens are free (Art. VII.2)."""

_LINE_TYPES = frozenset({"861", "811"})
"""Types of the references of boxes 12 and 12a."""

Kinds = dict[tuple[str, str], tuple[Quantity, ...]]
"""Quantities by species (in the form for comparing) and term."""


def partners(context: Context) -> tuple[Permit, ...]:
    """
    The counterparts at the other side of the border.

    For types E and R the import permits; for type I the documents of the country of export, without those
    that another counterpart cites in boxes 12 and 12a, because they covered an earlier journey.
    """
    if context.type in EXPORT_TYPES:
        return tuple(one for one in context.counterparts if one.type_code == "I")
    leaving = [one for one in context.counterparts if one.type_code in EXPORT_TYPES]
    earlier = {number for one in leaving for number in cited_by_lines(one)}
    return tuple(one for one in leaving if one.number_text not in earlier)


def cited_import_permits(permit: Permit) -> dict[str, str]:
    """The numbers of the import permits that a permit refers to, each with the model path where it stands."""
    return {
        number.value: f"references[{index}].numbers[{place}]"
        for index, reference in enumerate(permit.references)
        if is_type(reference, IMPORT_PERMIT)
        for place, number in enumerate(reference.numbers)
        if number.value
    }


def cited_by_lines(permit: Permit) -> Iterator[str]:
    """The numbers of boxes 12 and 12a."""
    for line in permit.lines:
        for reference in line.references:
            if reference.type and reference.type.value in _LINE_TYPES:
                yield from (number.value for number in reference.numbers if number.value)


def is_type(reference: Reference, code: str) -> bool:
    """Whether a reference has this type."""
    return reference.type is not None and reference.type.value == code


def items_of(permit: Permit) -> tuple[Item, ...]:
    """The lines of a counterpart as rules look at them."""
    return tuple(Item(index, line) for index, line in enumerate(permit.lines))


def species_of(item: Item) -> str:
    """The species of a line in the form for comparing; empty when it names none."""
    return read_name(item.line.scientific_name).key


def first_term(item: Item) -> str:
    """The term of a line; empty when it has none."""
    return item.terms[0] if item.terms else ""


def kinds_of(items: Iterable[Item]) -> Kinds:
    """What lines hold by species and term; lines without species or quantity do not count."""
    kinds: Kinds = {}
    for item in items:
        species = species_of(item)
        if species and item.quantity is not None:
            kind = species, first_term(item)
            kinds[kind] = (*kinds.get(kind, ()), item.quantity)
    return kinds


def strict_places(context: Context) -> Iterator[tuple[str, Item, tuple[str, ...]]]:
    """Model path of the Appendix, line and terms of each specimen for which Appendix I applies in full."""
    for where, item, specimen, product in context.specimens():
        if specimen.appendix and specimen.appendix.value == "I":
            codes = source_codes(specimen.source.value) if specimen.source else frozenset()
            if not codes & FREE_SOURCES:
                yield f"{where}.appendix", item, tuple(term.value for term in product.terms)


def titled(permit: Permit) -> Words:
    """A counterpart in a sentence: by its issuing Party and number."""
    return say("permit {issuer} {number}", issuer=permit.issuer, number=permit.number_text)
