"""Who: importer (boxes 3, 3a), exporter (Box 4), Management Authority (Box 6)."""

from collections.abc import Iterator

from gateway.permits.codes import Status
from gateway.permits.findings import Area, Severity
from gateway.permits.kinds import Kind, kind_of
from gateway.permits.model import Inspection, Party, Permit
from gateway.permits.rules.context import Context
from gateway.permits.rules.registry import Breach, rule
from gateway.permits.values import Identifier
from gateway.wording import Words, say

_FORM = "Res. Conf. 12.3 Annex 2 (form); EU Reg. 865/2006 Annex I"
_ADDRESS = "EU Reg. 865/2006 Annex I, instructions 1 and 3; Res. Conf. 12.3 Annex 2 (boxes 3 and 4)"
_COUNTRIES = "ISO 3166-1 alpha-2; CITES Trade Database guide (codes of countries)"
_IMPORT_COUNTRY = "Message v1, ImportTradeCountry (Box 3a) beside the address of the consignee"
_ISSUER = "Convention Art. III to V: the State of export, of re-export or of import issues the document"
_DISTINCT = "Rule of Species+ (SAPI): exporter and importer are distinct countries"

_EXPORTER = say("the exporter or re-exporter")
_IMPORTER = say("the importer")
_AUTHORITY = say("the issuing Management Authority")

_COMING_BACK = frozenset(
    {
        Kind.INTRODUCTION_FROM_THE_SEA,
        Kind.TRAVELLING_EXHIBITION,
        Kind.PERSONAL_OWNERSHIP,
        Kind.MUSICAL_INSTRUMENT,
        Kind.SAMPLE_COLLECTION,
    }
)
"""Kinds of certificate that name one country: the goods come from the sea, or go out and come back."""


@rule("parties.exporter-name", box="4", source=_FORM)
def exporter_name(permit: Permit, _context: Context) -> Iterator[Breach]:
    """The exporter or re-exporter has a name."""
    yield from _named(permit.exporter, "exporter", _EXPORTER)


@rule("parties.exporter-country", box="4", source=_FORM)
def exporter_country(permit: Permit, _context: Context) -> Iterator[Breach]:
    """The exporter or re-exporter has a country."""
    yield from _placed(permit.exporter, "exporter", _EXPORTER)


@rule("parties.exporter-address", box="4", source=_ADDRESS, severity=Severity.WARNING)
def exporter_address(permit: Permit, _context: Context) -> Iterator[Breach]:
    """The address of the exporter or re-exporter is complete."""
    yield from _complete(permit.exporter, "exporter", _EXPORTER)


@rule("parties.importer-name", box="3", source=_FORM, types="ERI")
def importer_name(permit: Permit, _context: Context) -> Iterator[Breach]:
    """The importer has a name; on other certificates (type O) an importer is not always known."""
    yield from _named(permit.importer, "importer", _IMPORTER)


@rule("parties.importer-country", box="3a", source=_FORM, types="ERI")
def importer_country(permit: Permit, _context: Context) -> Iterator[Breach]:
    """The importer has a country; on other certificates (type O) an importer is not always known."""
    if permit.import_country is None or not permit.import_country.code:
        yield from _placed(permit.importer, "importer", _IMPORTER)


@rule("parties.importer-address", box="3", source=_ADDRESS, severity=Severity.WARNING, types="ERI")
def importer_address(permit: Permit, _context: Context) -> Iterator[Breach]:
    """The address of the importer is complete."""
    yield from _complete(permit.importer, "importer", _IMPORTER)


@rule("parties.import-country-differs", box="3a", source=_IMPORT_COUNTRY)
def import_country_differs(permit: Permit, _context: Context) -> Iterator[Breach]:
    """A country of import that is named apart is that of the importer's address."""
    if permit.import_country is None or permit.importer is None:
        return
    named, address = permit.import_country.code, permit.importer.country
    if named and address and named != address:
        yield Breach(
            "import_country.ids[0]",
            say(
                "the country of import is {named}, but the address of the importer is in {address}; "
                "correct one of the two",
                named=named,
                address=address,
            ),
        )


@rule("parties.authority-name", box="6", source=_FORM)
def authority_name(permit: Permit, _context: Context) -> Iterator[Breach]:
    """The issuing Management Authority has a name."""
    yield from _named(permit.authority, "first_signatory.party", _AUTHORITY)


@rule("parties.authority-country", box="6", source=_FORM)
def authority_country(permit: Permit, _context: Context) -> Iterator[Breach]:
    """The issuing Management Authority has a country: the issuing Party."""
    yield from _placed(permit.authority, "first_signatory.party", _AUTHORITY)


@rule("parties.authority-elsewhere", box="6", source=_ISSUER, severity=Severity.WARNING, types="ERI")
def authority_elsewhere(permit: Permit, context: Context) -> Iterator[Breach]:
    """The country of export or re-export issues types E and R, the country of import type I."""
    importing = context.type == "I"
    due = context.importer if importing else context.exporter
    issuer = permit.issuer
    if due and issuer and issuer != due:
        yield Breach(
            "first_signatory.party.address.countries[0]",
            say(
                "the issuing Management Authority is in {issuer}, but {who} is in {due}; "
                "compare boxes 3, 4 and 6: the authority of {due} issues this type of permit",
                issuer=issuer,
                who=_IMPORTER if importing else _EXPORTER,
                due=due,
            ),
        )


@rule("parties.same-country", box="3a", source=_DISTINCT, severity=Severity.WARNING)
def same_country(permit: Permit, context: Context) -> Iterator[Breach]:
    """The country of import is not the country of export."""
    if context.exporter and context.exporter == context.importer and kind_of(permit) not in _COMING_BACK:
        yield Breach(
            "importer.address.countries[0]",
            say(
                "exporter and importer are both in {country}; a permit is for trade between two countries: "
                "correct boxes 3a and 4",
                country=context.exporter,
            ),
        )


@rule("parties.country-unknown", box="", source=_COUNTRIES, area=Area.CODES)
def country_unknown(permit: Permit, context: Context) -> Iterator[Breach]:
    """The country of an address is in the list."""
    known = context.lists.country
    for where, box, codes in _countries(permit):
        for number, code in enumerate(codes):
            if code.value and code.value not in known:
                yield Breach(
                    f"{where}[{number}]",
                    say(
                        "the country code is '{found}'; "
                        "write the two capital letters of ISO 3166-1, for example CH",
                        found=code.value,
                    ),
                    box,
                )


@rule("parties.country-not-current", box="", source=_COUNTRIES, area=Area.CODES, severity=Severity.WARNING)
def country_not_current(permit: Permit, context: Context) -> Iterator[Breach]:
    """The country of an address is a country of today."""
    known = context.lists.country
    for where, box, codes in _countries(permit):
        for number, code in enumerate(codes):
            entry = known.get(code.value)
            if entry is not None and entry.status is not Status.CURRENT:
                yield Breach(
                    f"{where}[{number}]",
                    say(
                        "the country code is {code} ({meaning}), which is no country of today; "
                        "write the present code of ISO 3166-1",
                        code=code.value,
                        meaning=entry.meaning,
                    ),
                    box,
                )


def _named(party: Party | None, where: str, who: Words) -> Iterator[Breach]:
    """A breach when a party has no name."""
    if party is None or party.name is None or not party.name.value.strip():
        yield Breach(f"{where}.name", say("{who} has no name; write name and address in full", who=who))


def _placed(party: Party | None, where: str, who: Words) -> Iterator[Breach]:
    """A breach when a party has no country."""
    for code in party.address.countries if party and party.address else ():
        if code.value:
            return
    yield Breach(
        f"{where}.address.countries[0]",
        say("{who} has no country; write its two capital letters (CountryID), for example CH", who=who),
    )


def _complete(party: Party | None, where: str, who: Words) -> Iterator[Breach]:
    """A breach when the address of a party lacks the street (or a post office box) or the town."""
    if party is None:
        return
    address = party.address
    if address is None or not (address.post_office_box or any(street.value for street in address.streets)):
        yield Breach(
            f"{where}.address.streets[0]",
            say("the address of {who} has no street and no post office box; write it in full", who=who),
        )
    if address is None or address.city is None or not address.city.value:
        yield Breach(
            f"{where}.address.city", say("the address of {who} has no town; write it in full", who=who)
        )


def _countries(permit: Permit) -> Iterator[tuple[str, str, tuple[Identifier, ...]]]:
    """Model path, box and codes of the country of every address that has one."""
    if permit.import_country:
        yield "import_country.ids", "3a", permit.import_country.ids
    for where, box, party in _parties(permit):
        if party and party.address:
            yield where + ".address.countries", box, party.address.countries


def _parties(permit: Permit) -> Iterator[tuple[str, str, Party | None]]:
    """Model path, box and party of every address of the document."""
    if permit.first_signatory:
        yield "first_signatory.party", "6", permit.first_signatory.party
    if permit.second_signatory:
        yield "second_signatory.party", "4", permit.second_signatory.party
    if permit.third_signatory:
        yield "third_signatory.party", "13", permit.third_signatory.party
    if permit.fourth_signatory:
        yield "fourth_signatory.party", "14", permit.fourth_signatory.party
    yield "exporter", "4", permit.exporter
    yield "importer", "3a", permit.importer
    if permit.inspections:
        yield from _inspectors("", permit.inspections)
    for index, line in enumerate(permit.lines):
        if line.inspections:
            yield from _inspectors(f"lines[{index}].", line.inspections)


def _inspectors(prefix: str, inspections: tuple[Inspection, ...]) -> Iterator[tuple[str, str, Party]]:
    """The authorities that inspected."""
    for index, inspection in enumerate(inspections):
        for number, party in enumerate(inspection.authorities):
            yield f"{prefix}inspections[{index}].authorities[{number}]", "14", party
