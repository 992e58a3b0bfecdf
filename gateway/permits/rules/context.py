"""What rules may look at beside the permit, worked out once for all of them."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from gateway.permits.codes import CodeLists
from gateway.permits.model import Line, Permit, Product, Specimen
from gateway.permits.quantities import Quantity
from gateway.permits.species import SpeciesList
from gateway.permits.uses import Use
from gateway.wording import Words, say

_NO_SPECIMEN = Specimen()
_NO_PRODUCT = Product()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a check may be given beside the permit; None means that nobody supplied it."""

    species: SpeciesList | None = None
    counterparts: tuple[Permit, ...] | None = None
    """The permits that this one refers to, or that are presented together with it."""
    uses: tuple[Use, ...] | None = None
    """What was written off this permit before; empty when it was not used."""


NOTHING = Evidence()


class Item:
    """
    One line of the permit as rules look at it.

    The first of what may be repeated, empty for what is not there.
    """

    __slots__ = (
        "appendix",
        "index",
        "last_export",
        "line",
        "origin",
        "product",
        "quantity",
        "source",
        "sources",
        "specimen",
        "terms",
        "where",
    )

    def __init__(self, index: int, line: Line) -> None:
        """`index` counts from 0."""
        self.index = index
        self.line = line
        self.where = f"lines[{index}]"
        """Its path in the model."""
        specimens = line.specimens
        self.specimen = specimen = specimens[0] if specimens else _NO_SPECIMEN
        self.product = product = specimen.product or _NO_PRODUCT
        self.appendix = specimen.appendix.value if specimen.appendix else ""
        """Box 10, as written."""
        self.source = specimen.source.value if specimen.source else ""
        """Box 10, as written: one code or two."""
        self.sources = frozenset(self.source) if len(self.source) == 1 else source_codes(self.source)
        """The codes in it."""
        self.terms = tuple(term.value for term in product.terms)
        """Box 9."""
        packages = line.packages
        self.quantity: Quantity | None = packages[0].quantity if packages else None
        """Box 11."""
        self.origin = line.origin.code if line.origin else ""
        """Box 12, as written."""
        self.last_export = line.last_export.code if line.last_export else ""
        """Box 12a, as written."""

    @property
    def called(self) -> Words:
        """The line in a sentence: by its letter, else by its place."""
        return say("line {letter}", letter=self.line.letter or self.index + 1)


_LONGEST_SOURCE = 16
"""Characters. Two codes and what stands between them; many rules ask, and a code may have 64 KB."""


def source_codes(text: str) -> frozenset[str]:
    """
    The letters of a source such as `I/W`, `OW` or `C`; every other character only separates.

    Of a text that is no source only the beginning counts; a rule of its own says that it is none.
    """
    return frozenset(character for character in text[:_LONGEST_SOURCE] if "A" <= character <= "Z")


class Context:
    """The question: at which moment, with which lists, with what evidence."""

    def __init__(self, permit: Permit, at: datetime, lists: CodeLists, evidence: Evidence = NOTHING) -> None:
        """`at` (aware) is the moment for which the question is asked."""
        self.permit = permit
        self.at = at
        self.lists = lists
        self.evidence = evidence
        self.type = permit.type_code
        """E, R, I or O; empty when it is none of them."""
        self.items = tuple(Item(index, line) for index, line in enumerate(permit.lines))
        self.conditions = " ".join(text.value for text in permit.special_conditions)
        """Box 5, all of it."""
        self.exporter = permit.exporter_country
        """Country of Box 4, alpha-2 or empty."""
        self.importer = permit.importer_country
        """Country of Box 3a, alpha-2 or empty."""

    @cached_property
    def species(self) -> SpeciesList:
        """The list of species; only for rules that need it."""
        assert self.evidence.species is not None  # noqa: S101 - `check` calls no such rule without
        return self.evidence.species

    @cached_property
    def counterparts(self) -> tuple[Permit, ...]:
        """The permits presented with this one; only for rules that need them."""
        return self.evidence.counterparts or ()

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """Earlier uses; only for rules that need them."""
        return self.evidence.uses or ()

    def specimens(self) -> tuple[tuple[str, Item, Specimen, Product], ...]:
        """Model path, line, specimen and product of every specimen; empty ones where a line has none."""
        return self._specimens

    @cached_property
    def _specimens(self) -> tuple[tuple[str, Item, Specimen, Product], ...]:
        """Worked out once: many rules walk them."""
        return tuple(
            (f"{item.where}.specimens[{number}]", item, specimen, specimen.product or _NO_PRODUCT)
            for item in self.items
            for number, specimen in enumerate(item.line.specimens or (_NO_SPECIMEN,))
        )
