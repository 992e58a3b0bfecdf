"""Who: importer (boxes 3, 3a), exporter (Box 4), Management Authority (Box 6)."""

from collections.abc import Iterator

from gateway.permits.codes import Status
from gateway.permits.findings import Area, Severity
from gateway.permits.model import Inspection, Party, Permit
from gateway.permits.rules.registry import Breach, Context, rule

_FORM = "Res. Conf. 12.3 Annex 2 (form); EU Reg. 865/2006 Annex I"
_COUNTRIES = "ISO 3166-1 alpha-2; CITES Trade Database guide (codes of countries)"


@rule("parties.exporter-name", box="4", source=_FORM)
def exporter_name(permit: Permit, _context: Context) -> Iterator[Breach]:
    """The exporter or re-exporter has a name."""
    yield from _named(permit.exporter, "exporter", "the exporter or re-exporter")


@rule("parties.exporter-country", box="4", source=_FORM)
def exporter_country(permit: Permit, _context: Context) -> Iterator[Breach]:
    """The exporter or re-exporter has a country."""
    yield from _placed(permit.exporter, "exporter", "the exporter or re-exporter")


@rule("parties.importer-name", box="3", source=_FORM)
def importer_name(permit: Permit, _context: Context) -> Iterator[Breach]:
    """The importer has a name; on other certificates (type O) an importer is not always known."""
    if permit.type_code != "O":
        yield from _named(permit.importer, "importer", "the importer")


@rule("parties.importer-country", box="3a", source=_FORM)
def importer_country(permit: Permit, _context: Context) -> Iterator[Breach]:
    """The importer has a country; on other certificates (type O) an importer is not always known."""
    if permit.type_code != "O":
        yield from _placed(permit.importer, "importer", "the importer")


@rule("parties.authority-name", box="6", source=_FORM)
def authority_name(permit: Permit, _context: Context) -> Iterator[Breach]:
    """The issuing Management Authority has a name."""
    yield from _named(permit.authority, "first_signatory.party", "the issuing Management Authority")


@rule("parties.authority-country", box="6", source=_FORM)
def authority_country(permit: Permit, _context: Context) -> Iterator[Breach]:
    """The issuing Management Authority has a country: the issuing Party."""
    yield from _placed(permit.authority, "first_signatory.party", "the issuing Management Authority")


@rule("parties.country-unknown", box="", source=_COUNTRIES, area=Area.CODES)
def country_unknown(permit: Permit, context: Context) -> Iterator[Breach]:
    """The country of an address is in the list."""
    for where, box, code in _countries(permit):
        if code not in context.lists.country:
            yield Breach(
                where,
                f"the country code is '{code}'; write the two capital letters of ISO 3166-1, for example CH",
                box,
            )


@rule(
    "parties.country-not-current",
    box="",
    source=_COUNTRIES,
    area=Area.CODES,
    severity=Severity.WARNING,
)
def country_not_current(permit: Permit, context: Context) -> Iterator[Breach]:
    """The country of an address is a country of today."""
    for where, box, code in _countries(permit):
        entry = context.lists.country.get(code)
        if entry is not None and entry.status is not Status.CURRENT:
            yield Breach(
                where,
                f"the country code is {code} ({entry.meaning}), which is no country of today; "
                "write the present code of ISO 3166-1",
                box,
            )


def _named(party: Party | None, where: str, who: str) -> Iterator[Breach]:
    """A breach when a party has no name."""
    if party is None or party.name is None or not party.name.value.strip():
        yield Breach(f"{where}.name", f"{who} has no name; write name and address in full")


def _placed(party: Party | None, where: str, who: str) -> Iterator[Breach]:
    """A breach when a party has no country."""
    code = party.address.country if party and party.address else None
    if code is None or not code.value:
        yield Breach(
            f"{where}.address.country",
            f"{who} has no country; write its two capital letters (CountryID), for example CH",
        )


def _countries(permit: Permit) -> Iterator[tuple[str, str, str]]:
    """Model path, box and code of the country of every address that says one."""
    for where, box, party in _parties(permit):
        if party and party.address and party.address.country and party.address.country.value:
            yield f"{where}.address.country", box, party.address.country.value


def _parties(permit: Permit) -> Iterator[tuple[str, str, Party | None]]:
    """Model path, box and party of every address of the document."""
    for where, box, signatory in (
        ("first_signatory", "6", permit.first_signatory),
        ("second_signatory", "4", permit.second_signatory),
        ("third_signatory", "13", permit.third_signatory),
        ("fourth_signatory", "14", permit.fourth_signatory),
    ):
        if signatory:
            yield f"{where}.party", box, signatory.party
    yield "exporter", "4", permit.exporter
    yield "importer", "3a", permit.importer
    yield from _inspectors("", permit.inspections)
    for index, line in enumerate(permit.lines):
        yield from _inspectors(f"lines[{index}].", line.inspections)


def _inspectors(prefix: str, inspections: tuple[Inspection, ...]) -> Iterator[tuple[str, str, Party]]:
    """The authorities that inspected."""
    for index, inspection in enumerate(inspections):
        for number, party in enumerate(inspection.authorities):
            yield f"{prefix}inspections[{index}].authorities[{number}]", "14", party
