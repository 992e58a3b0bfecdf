"""
A permit in the words of CITES: every element and attribute of the message versions, and no XML.

Repeated elements are tuples, absent ones None or an empty tuple; an empty string is an element that was
there and empty. Nothing is interpreted here: codes stay as written, and the properties take the first of
several values, as the paper form does.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import MalformedRequest
from gateway.permits.identity import PermitRef
from gateway.permits.quantities import Quantity
from gateway.permits.values import Code, Identifier, Text

PERMIT_TYPES = frozenset("ERIO")
"""Export, re-export, import, other: the squares of Box 1."""

_ALPHA_2 = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class DocumentVersion:
    """Version of a business process or of a data model."""

    id: Identifier | None = None
    issued_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ContextParameter:
    """One statement about the message: which process, or which data model."""

    id: Identifier | None = None
    value: Text | None = None
    version: DocumentVersion | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What the message says about itself."""

    processes: tuple[ContextParameter, ...] = ()
    models: tuple[ContextParameter, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """From when until when something is valid (Box 2)."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Location:
    """A place, by code or by name."""

    ids: tuple[Identifier, ...] = ()
    names: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Country:
    """Country of origin (Box 12), of last re-export (Box 12a) or of import (Box 3a)."""

    ids: tuple[Identifier, ...] = ()
    names: tuple[Text, ...] = ()
    subdivisions: tuple[Text, ...] = ()
    """Provinces, cantons and the like; v1 only."""

    @property
    def code(self) -> str:
        """The first code; empty when absent."""
        return self.ids[0].value if self.ids else ""


@dataclass(frozen=True, slots=True)
class Reference:
    """Another document: permit of origin, transport document, replaced permit and so on."""

    issued_at: datetime | None = None
    type: Code | None = None
    numbers: tuple[Identifier, ...] = ()
    names: tuple[Text, ...] = ()
    validity: Period | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address."""

    postcodes: tuple[Code, ...] = ()
    post_office_box: Text | None = None
    streets: tuple[Text, ...] = ()
    city: Text | None = None
    countries: tuple[Identifier, ...] = ()
    """One in v2 and v3; v1 allows several codes."""
    country_names: tuple[Text, ...] = ()
    subdivisions: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who represents or signs."""

    name: Text | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """An exporter, importer or authority."""

    ids: tuple[Identifier, ...] = ()
    name: Text | None = None
    address: Address | None = None
    representative: Person | None = None
    signatories: tuple[Person, ...] = ()

    @property
    def country(self) -> str:
        """Country of the address as two capital letters; empty when it is absent or something else."""
        codes = self.address.countries if self.address else ()
        return codes[0].value if codes and _ALPHA_2.fullmatch(codes[0].value) else ""


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signed the permit in one of its four roles."""

    role: Code | None = None
    """A, B, C or D: first to fourth."""
    signed_at: datetime | None = None
    ids: tuple[Identifier, ...] = ()
    """Of the first signatory: the number of the security stamp (Box 5b)."""
    statement: Text | None = None
    party: Party | None = None
    place: Location | None = None


@dataclass(frozen=True, slots=True)
class Inspection:
    """An inspection at export (Box 14), of the consignment or of one line."""

    at: datetime | None = None
    quantity: Quantity | None = None
    place: Location | None = None
    authorities: tuple[Party, ...] = ()


@dataclass(frozen=True, slots=True)
class Marks:
    """Rings, tags, microchips, serial numbers (Box 9)."""

    markings: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Package:
    """Carries the quantity permitted (Box 11)."""

    quantity: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """Species and kind of specimen (boxes 7 to 9)."""

    seller_id: Identifier | None = None
    manufacturer_ids: tuple[Identifier, ...] = ()
    descriptions: tuple[Text, ...] = ()
    terms: tuple[Code, ...] = ()
    common_names: tuple[Text, ...] = ()
    scientific_names: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Specimen:
    """What the line is about: Appendix and source (Box 10), species (boxes 7 to 9)."""

    appendix: Code | None = None
    source: Code | None = None
    product: Product | None = None


@dataclass(frozen=True, slots=True)
class Procedure:
    """Quota (Box 11a), operation number and date of acquisition (Box 12b)."""

    categories: tuple[Code, ...] = ()
    """Number of the registered breeding or propagation operation."""
    used_to_date: Quantity | None = None
    annual_quota: Quantity | None = None
    acquired_at: datetime | None = None
    previous_documents: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line (A, B, C ...) of the permit: boxes 7 to 12b, and 14."""

    ids: tuple[Identifier, ...] = ()
    marks: tuple[Marks, ...] = ()
    origin: Country | None = None
    last_export: Country | None = None
    references: tuple[Reference, ...] = ()
    """Permit of origin (type 861, Box 12) and certificate of last re-export (type 811, Box 12a)."""
    packages: tuple[Package, ...] = ()
    specimens: tuple[Specimen, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    procedures: tuple[Procedure, ...] = ()

    @property
    def letter(self) -> str:
        """A, B, C ...; empty when absent."""
        return self.ids[0].value if self.ids else ""

    @property
    def scientific_name(self) -> str:
        """Box 7; empty when absent."""
        return _first(self._product.scientific_names)

    @property
    def common_name(self) -> str:
        """Box 8; empty when absent."""
        return _first(self._product.common_names)

    @property
    def description(self) -> str:
        """Box 9 in words; empty when absent."""
        return _first(self._product.descriptions)

    @property
    def term(self) -> str:
        """Box 9 as a code of the term list; empty when absent."""
        return _first(self._product.terms)

    @property
    def appendix(self) -> str:
        """I, II or III (Box 10); empty when absent."""
        code = self._specimen.appendix
        return code.value if code else ""

    @property
    def source_code(self) -> str:
        """Source (Box 10) as written, one letter or two; empty when absent."""
        code = self._specimen.source
        return code.value if code else ""

    @property
    def quantity(self) -> Quantity | None:
        """Box 11; None when absent."""
        return self.packages[0].quantity if self.packages else None

    @property
    def _specimen(self) -> Specimen:
        return self.specimens[0] if self.specimens else _NO_SPECIMEN

    @property
    def _product(self) -> Product:
        return self._specimen.product or _NO_PRODUCT


@dataclass(frozen=True, slots=True)
class Permit:
    """One CITES permit or certificate."""

    context: Context = Context()
    number: Identifier | None = None
    """Box 1."""
    names: tuple[Text, ...] = ()
    """Box 1: says which document it is when the type is O."""
    type: Code | None = None
    """Box 1: E, R, I or O."""
    issued_at: datetime | None = None
    """Box 13; aware when the document says a zone, naive otherwise, like every time here."""
    copy: bool | None = None
    """True for a copy; None (not said) counts as the original."""
    purpose: Text | None = None
    """Box 5a in words."""
    purposes: tuple[Code, ...] = ()
    """Box 5a as codes."""
    special_conditions: tuple[Text, ...] = ()
    """Box 5."""
    references: tuple[Reference, ...] = ()
    """Related documents: a replaced permit, an import permit."""
    validity: Period | None = None
    """Box 2."""
    place_of_issue: Location | None = None
    """Box 13."""
    first_signatory: Signatory | None = None
    """The Management Authority (Box 6) and the security stamp (Box 5b)."""
    second_signatory: Signatory | None = None
    """The applicant (Box 4)."""
    third_signatory: Signatory | None = None
    """The official who issued the permit (Box 13)."""
    fourth_signatory: Signatory | None = None
    """The authority that inspected at export (Box 14)."""
    exporter: Party | None = None
    """Box 4."""
    importer: Party | None = None
    """Box 3."""
    transport_document: Reference | None = None
    """Box 15."""
    inspections: tuple[Inspection, ...] = ()
    """Box 14, for the whole consignment."""
    import_country: Country | None = None
    """Box 3a; v1 and v3 have it beside the importer's address."""
    lines: tuple[Line, ...] = ()

    @property
    def authority(self) -> Party | None:
        """The Management Authority of Box 6."""
        return self.first_signatory.party if self.first_signatory else None

    @property
    def issuer(self) -> str:
        """Issuing Party, alpha-2: the country of Box 6; empty when absent."""
        return self.authority.country if self.authority else ""

    @property
    def number_text(self) -> str:
        """Box 1; empty when absent."""
        return self.number.value if self.number else ""

    @property
    def ref(self) -> PermitRef | None:
        """Issuing Party and number; None when one of them is missing or malformed."""
        try:
            return PermitRef.of(self.issuer, self.number_text)
        except MalformedRequest:
            return None

    @property
    def type_code(self) -> str:
        """E, R, I or O; empty when absent or another."""
        return self.type.value if self.type and self.type.value in PERMIT_TYPES else ""

    @property
    def exporter_country(self) -> str:
        """Country of Box 4, alpha-2; empty when absent."""
        return self.exporter.country if self.exporter else ""

    @property
    def importer_country(self) -> str:
        """Country of import (Box 3a), alpha-2: that of the importer's address, else the one named apart."""
        address = self.importer.country if self.importer else ""
        named = self.import_country.code if self.import_country else ""
        return address or (named if _ALPHA_2.fullmatch(named) else "")

    @property
    def valid_from(self) -> datetime | None:
        """Start of Box 2."""
        return self.validity.start if self.validity else None

    @property
    def valid_until(self) -> datetime | None:
        """End of Box 2."""
        return self.validity.end if self.validity else None


_NO_PRODUCT = Product()
_NO_SPECIMEN = Specimen()


def _first(values: tuple[Text, ...] | tuple[Code, ...]) -> str:
    """The first of several values, as the form shows it."""
    return values[0].value if values else ""
