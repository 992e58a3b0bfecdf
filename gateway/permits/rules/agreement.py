"""Whether the lines of an export document and of the import permit beside it agree."""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.errors import MalformedRequest
from gateway.permits.findings import Severity
from gateway.permits.model import Permit
from gateway.permits.quantities import Quantity, exceeds, total
from gateway.permits.rules.context import Context, Item
from gateway.permits.rules.pairs import (
    EXPORT_TYPES,
    first_term,
    items_of,
    kinds_of,
    partners,
    species_of,
    titled,
)
from gateway.permits.rules.registry import Breach, Need, rule
from gateway.wording import Words, say

_PAIR = "Convention Art. III.2(d) and III.3; Res. Conf. 12.3 Annex 2 (boxes 7 to 11)"


@dataclass(frozen=True, slots=True)
class _Pair:
    """One of the two documents is the permit that is checked."""

    leaving: tuple[Item, ...]
    """The lines of the export permit or re-export certificate."""
    entering: tuple[Item, ...]
    """The lines of the import permit."""
    exported: Words
    """The document of export in a sentence."""
    imported: Words
    """The import permit in a sentence."""
    ours: bool
    """Whether the document of export is the permit that is checked."""

    def place(self, item: Item, end: str) -> str:
        """Where in the checked permit a line of the document of export is, or would be, told of."""
        return f"{item.where if self.ours else 'lines[0]'}.{end}"


@rule("agreement.species", box="7", source=_PAIR, needs=Need.COUNTERPART, types="ERI")
def species(permit: Permit, context: Context) -> Iterator[Breach]:
    """Every species of the export document stands in the import permit."""
    for pair in _pairs(permit, context):
        known = {species_of(item) for item in pair.entering}
        for item in pair.leaving:
            name = species_of(item)
            if name and name not in known and "" not in known:
                yield Breach(
                    pair.place(item, "specimens[0].product.scientific_names[0]"),
                    say(
                        "{name} stands in {exported} and not in {imported}; "
                        "correct the name, or ask for documents that fit together",
                        name=item.line.scientific_name,
                        exported=pair.exported,
                        imported=pair.imported,
                    ),
                )


@rule("agreement.term", box="9", source=_PAIR, severity=Severity.WARNING, needs=Need.COUNTERPART, types="ERI")
def term(permit: Permit, context: Context) -> Iterator[Breach]:
    """Each species is of the same kind of specimen in both documents."""
    for pair in _pairs(permit, context):
        terms: dict[str, list[str]] = {}
        for item in pair.entering:
            terms.setdefault(species_of(item), []).append(first_term(item))
        for item in pair.leaving:
            known, found = terms.get(species_of(item), []), first_term(item)
            if found and known and "" not in known and found not in known:
                yield Breach(
                    pair.place(item, "specimens[0].product.terms[0]"),
                    say(
                        "{name} is {found} in {exported} and {known} in {imported}; "
                        "compare the specimens with both documents",
                        name=item.line.scientific_name,
                        found=found,
                        known=", ".join(sorted(set(known))),
                        exported=pair.exported,
                        imported=pair.imported,
                    ),
                )


@rule("agreement.source", box="10", source=_PAIR, needs=Need.COUNTERPART, types="ERI")
def source(permit: Permit, context: Context) -> Iterator[Breach]:
    """Each species has the same source in both documents."""
    for pair in _pairs(permit, context):
        sources: dict[str, list[frozenset[str]]] = {}
        for item in pair.entering:
            if item.sources:
                sources.setdefault(species_of(item), []).append(item.sources)
        for item in pair.leaving:
            known = sources.get(species_of(item))
            if known and item.sources and item.sources not in known:
                yield Breach(
                    pair.place(item, "specimens[0].source"),
                    say(
                        "{name} has source {found} in {exported} and {known} in {imported}; "
                        "correct one of the two",
                        name=item.line.scientific_name,
                        found=item.source,
                        known=", ".join(sorted({"".join(sorted(codes)) for codes in known})),
                        exported=pair.exported,
                        imported=pair.imported,
                    ),
                )


@rule("agreement.quantity", box="11", source=_PAIR, needs=Need.COUNTERPART, types="ERI")
def quantity(permit: Permit, context: Context) -> Iterator[Breach]:
    """No more of a species leaves one country than may enter the other."""
    for pair in _pairs(permit, context):
        entering = kinds_of(pair.entering)
        for item, kind, leaving in _first_of_kind(pair):
            if kind not in entering:
                continue
            try:
                sum_leaving, sum_entering = total(leaving), total(entering[kind])
                too_much = exceeds(sum_leaving, sum_entering)
            except MalformedRequest:
                continue
            if too_much:
                yield Breach(
                    pair.place(item, "packages[0].quantity"),
                    say(
                        "{exported} is for {leaving} of {name}, and {imported} allows {entering}; "
                        "reduce the quantity, or ask for an import permit for all of it",
                        name=item.line.scientific_name,
                        exported=pair.exported,
                        leaving=sum_leaving,
                        imported=pair.imported,
                        entering=sum_entering,
                    ),
                )


@rule(
    "agreement.unit", box="11", source=_PAIR, severity=Severity.WARNING, needs=Need.COUNTERPART, types="ERI"
)
def unit(permit: Permit, context: Context) -> Iterator[Breach]:
    """Quantities of a species are in units that can be compared."""
    for pair in _pairs(permit, context):
        entering = kinds_of(pair.entering)
        for item, kind, leaving in _first_of_kind(pair):
            if kind not in entering:
                continue
            try:
                exceeds(total(leaving), total(entering[kind]))
            except MalformedRequest:
                yield Breach(
                    pair.place(item, "packages[0].quantity"),
                    say(
                        "{exported} is for {leaving} of {name}, and {imported} allows {entering}; "
                        "the units cannot be compared: write both in the same unit",
                        name=item.line.scientific_name,
                        exported=pair.exported,
                        leaving=" + ".join(str(amount) for amount in leaving),
                        imported=pair.imported,
                        entering=" + ".join(str(amount) for amount in entering[kind]),
                    ),
                )


def _pairs(permit: Permit, context: Context) -> Iterator[_Pair]:
    """The checked permit with each of its partners."""
    here = say("this permit")
    for other in partners(context):
        there, lines = titled(other), items_of(other)
        if permit.type_code in EXPORT_TYPES:
            yield _Pair(context.items, lines, here, there, ours=True)
        else:
            yield _Pair(lines, context.items, there, here, ours=False)


def _first_of_kind(pair: _Pair) -> Iterator[tuple[Item, tuple[str, str], tuple[Quantity, ...]]]:
    """The first line of each species and term that leaves, with the quantities of all of them."""
    kinds = kinds_of(pair.leaving)
    for item in pair.leaving:
        kind = species_of(item), first_term(item)
        if kind in kinds:
            yield item, kind, kinds.pop(kind)
