"""
The chain of re-exports: whether boxes 12 and 12a say what the cited documents say.

Only documents that are presented can be compared; one that is cited and not presented breaks no rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.errors import MalformedRequest
from gateway.permits.days import aware
from gateway.permits.findings import Severity
from gateway.permits.model import Permit, Reference
from gateway.permits.quantities import Quantity, exceeds, total
from gateway.permits.rules.context import Context, Item
from gateway.permits.rules.pairs import (
    cited_by_lines,
    first_term,
    is_type,
    items_of,
    kinds_of,
    species_of,
    titled,
)
from gateway.permits.rules.registry import Breach, Need, rule
from gateway.wording import say

_CHAIN = (
    "Res. Conf. 12.3, section on export permits and re-export certificates, and Annex 2, notes 12 and 12a"
)

_BOXES = (("861", "12", "origin"), ("811", "12a", "last_export"))
"""Type of the reference, box, and the country of a line that issued the document."""


@dataclass(frozen=True, slots=True)
class _Link:
    """A document that a line cites."""

    item: Item
    box: str
    country: str
    """Of origin or of last re-export, as the line says it."""
    country_path: str
    where: str
    """Model path of the reference."""
    reference: Reference
    number: str
    """The number that is cited; the first of several."""
    found: Permit | None
    """The presented document with that number."""


@rule("chains.number", box="12", source=_CHAIN, needs=Need.COUNTERPART, types="R")
def number(permit: Permit, context: Context) -> Iterator[Breach]:
    """A line cites the number of the document that is presented for its country."""
    cited = set(cited_by_lines(permit))
    for link in _links(context):
        if link.found is not None or not link.country:
            continue
        for other in _leaving(context):
            if other.issuer == link.country and other.number_text not in cited:
                yield Breach(
                    f"{link.where}.numbers[0]",
                    say(
                        "{line} cites the document {number} of {country}, and the one presented is {other}; "
                        "correct the number, or present the document that is cited",
                        line=link.item.called,
                        number=link.number,
                        country=link.country,
                        other=titled(other),
                    ),
                    link.box,
                )
                break


@rule("chains.country", box="12", source=_CHAIN, needs=Need.COUNTERPART, types="R")
def country(_permit: Permit, context: Context) -> Iterator[Breach]:
    """The cited document was issued by the country that the line names."""
    for link in _links(context):
        if link.found and link.country and link.found.issuer and link.country != link.found.issuer:
            yield Breach(
                link.country_path,
                say(
                    "{line} names the country {country}, and the document that it cites is {other}; "
                    "correct the country or the number",
                    line=link.item.called,
                    country=link.country,
                    other=titled(link.found),
                ),
                link.box,
            )


@rule("chains.date", box="12", source=_CHAIN, severity=Severity.WARNING, needs=Need.COUNTERPART, types="R")
def date(_permit: Permit, context: Context) -> Iterator[Breach]:
    """The date that a line gives for a cited document is its date of issue."""
    for link in _links(context):
        given, issued = link.reference.issued_at, link.found.issued_at if link.found else None
        if given and issued and given.date() != issued.date() and aware(given) != aware(issued):
            yield Breach(
                f"{link.where}.issued_at",
                say(
                    "{line} says that the cited document is of {given}, and it is of {issued}; "
                    "correct the date",
                    line=link.item.called,
                    given=given.date(),
                    issued=issued.date(),
                ),
                link.box,
            )


@rule("chains.species", box="7", source=_CHAIN, needs=Need.COUNTERPART, types="R")
def species(_permit: Permit, context: Context) -> Iterator[Breach]:
    """The cited document is for the species of the line."""
    known: dict[str, set[str]] = {}
    for link in _links(context):
        if link.found is None:
            continue
        if link.found.number_text not in known:
            known[link.found.number_text] = {species_of(item) for item in items_of(link.found)}
        name = species_of(link.item)
        if name and name not in known[link.found.number_text]:
            yield Breach(
                f"{link.item.where}.specimens[0].product.scientific_names[0]",
                say(
                    "{line} is {name}, and {other} that it cites has no such species; "
                    "correct the name or the number",
                    line=link.item.called,
                    name=link.item.line.scientific_name,
                    other=titled(link.found),
                ),
            )


@rule("chains.quantity", box="11", source=_CHAIN, needs=Need.COUNTERPART, types="R")
def quantity(_permit: Permit, context: Context) -> Iterator[Breach]:
    """No more of a species and kind of specimen is re-exported than the cited document was for."""
    taken: dict[tuple[str, str, str], tuple[_Link, Permit, tuple[Quantity, ...]]] = {}
    for link in _links(context):
        if link.found and link.item.quantity is not None:
            key = link.found.number_text, species_of(link.item), first_term(link.item)
            first, found, amounts = taken.get(key, (link, link.found, ()))
            taken[key] = first, found, (*amounts, link.item.quantity)
    kinds = {found.number_text: kinds_of(items_of(found)) for _, found, _ in taken.values()}
    for (number_text, name, kind), (link, found, amounts) in taken.items():
        permitted = kinds[number_text].get((name, kind))
        if permitted is None:
            continue
        try:
            leaving, arrived = total(amounts), total(permitted)
            too_much = exceeds(leaving, arrived)
        except MalformedRequest:
            continue
        if too_much:
            yield Breach(
                f"{link.item.where}.packages[0].quantity",
                say(
                    "{leaving} of {name} are re-exported under {other}, which was for {arrived}; "
                    "reduce the quantity, or cite all documents under which it came",
                    leaving=leaving,
                    name=link.item.line.scientific_name,
                    other=titled(found),
                    arrived=arrived,
                ),
            )


def _links(context: Context) -> Iterator[_Link]:
    """Every document that a line cites by number in boxes 12 and 12a."""
    presented = {one.number_text: one for one in _leaving(context)}
    for item in context.items:
        for index, reference in enumerate(item.line.references):
            numbers = [number.value for number in reference.numbers if number.value]
            for code, box, field in _BOXES:
                if numbers and is_type(reference, code):
                    yield _Link(
                        item,
                        box,
                        item.origin if field == "origin" else item.last_export,
                        f"{item.where}.{field}.ids[0]",
                        f"{item.where}.references[{index}]",
                        reference,
                        numbers[0],
                        next((presented[number] for number in numbers if number in presented), None),
                    )


def _leaving(context: Context) -> Iterator[Permit]:
    """The presented documents with which goods leave a country, as far as they have a number."""
    return (one for one in context.counterparts if one.type_code != "I" and one.number_text)
