"""
Secondary errors: what the trade database asks about, and takes when the Party insists.

The tables of pairs behind some of them are not public. What is looked at instead is said by `partly`, and is
told with every report.
"""

from collections.abc import Iterator

from gateway.permits.annual.columns import ReportRow
from gateway.permits.annual.registry import Grade, RowContext, rule
from gateway.permits.annual.used import Side
from gateway.permits.codes import Status
from gateway.permits.rules.origin import SEA, UNKNOWN
from gateway.permits.rules.species import ANIMAL_SOURCES, ANIMAL_TERMS, PLANT_SOURCES, PLANT_TERMS, WILD
from gateway.permits.rules.units import contradicts, measured_in
from gateway.permits.species import Match
from gateway.wording import Words, say

MAX_COUNTRIES = 12
"""Range States that are named in a message."""
NO_APPENDIX = "N"
"""What a row of statistics writes for a species of no Appendix."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With these a spreadsheet begins to calculate instead of showing the text."""

_PAIRS = "Species+ (SAPI) valid_term_unit_view"
_PURPOSES = "Species+ (SAPI) valid_term_purpose_view"
_TERMS = "Species+ (SAPI) valid_taxon_concept_term_view"
_YEAR = "Species+ (SAPI) TaxonConceptAppendixYear rule"
_RANGE = "Species+ (SAPI) inclusion rules (source W, country of origin or of export)"
_DISTINCT = "Species+ (SAPI) distinct-values rules"
_SOURCE = "Species+ (SAPI) TaxonConceptSourceValidationRule"
_TODAY = "Guidelines for CITES annual reports (terms and units); Species+ (SAPI) trade mapping"
_OURS = "ours: a file that people open with a spreadsheet"

_NO_TABLE = say("checked in part only: the table of the trade database is not public")


@rule("unit.withdrawn", Grade.SECONDARY, column="UnitCode", source=_TODAY)
def unit_withdrawn(row: ReportRow, context: RowContext) -> Iterator[Words]:
    """UnitCode is a unit of today."""
    entry = context.lists.unit.get(row.unit)
    if entry is not None and entry.status is Status.LEGACY:
        yield say(
            "{code} ({meaning}) is no unit of today, and has no exact amount in one; count or measure the "
            "specimens and write {unit}",
            code=entry.code,
            meaning=entry.meaning,
            unit=entry.replaced_by,
        )


@rule("term.withdrawn", Grade.SECONDARY, column="TermCode", source=_TODAY)
def term_withdrawn(row: ReportRow, context: RowContext) -> Iterator[Words]:
    """TermCode is a term of today."""
    entry = context.lists.term.get(row.term)
    if entry is not None and entry.status is Status.LEGACY:
        yield say(
            "{code} ({meaning}) is no term of today; write {instead}",
            code=entry.code,
            meaning=entry.meaning,
            instead=entry.replaced_by or say("the term for what was traded"),
        )


@rule(
    "quantity.not-positive",
    Grade.SECONDARY,
    column="Quantity",
    source="ours: what crossed is more than nothing",
)
def quantity_not_positive(row: ReportRow, _context: RowContext) -> Iterator[Words]:
    """Quantity is more than nothing."""
    if row.amount is not None and row.amount <= 0:
        yield say("the quantity is {value}; write what crossed, or leave the row out", value=row.quantity)


@rule("term.unit", Grade.SECONDARY, column="UnitCode", source=_PAIRS, partly=_NO_TABLE)
def term_unit(row: ReportRow, context: RowContext) -> Iterator[Words]:
    """The unit is one in which specimens of this term are usually measured."""
    term, unit = context.lists.term.get(row.term), context.lists.unit.get(row.unit or "NAR")
    if term is not None and unit is not None and not measured_in(term, unit):
        yield say(
            "{term} ({meaning}) is not usually given in {unit}; correct the unit or the term",
            term=term.code,
            meaning=term.meaning,
            unit=unit.code,
        )


@rule("term.purpose", Grade.SECONDARY, column="PurposeCode", source=_PURPOSES, partly=_NO_TABLE)
def term_purpose(row: ReportRow, context: RowContext) -> Iterator[Words]:
    """The purpose does not contradict the term."""
    term, purpose = context.lists.term.get(row.term), context.lists.purpose.get(row.purpose)
    if term is not None and purpose is not None and contradicts(term.code, frozenset({purpose.code})):
        yield say(
            "{term} ({meaning}) does not go with purpose {purpose}; correct the purpose or the term",
            term=term.code,
            meaning=term.meaning,
            purpose=purpose.code,
        )


@rule("origin.exporter", Grade.SECONDARY, column="CountryOfOrigin", source=_DISTINCT)
def origin_exporter(row: ReportRow, context: RowContext) -> Iterator[Words]:
    """The country of origin is not the country of export."""
    if row.origin and row.origin == context.exporter(row):
        yield say(
            "{code} is the country of origin and of export; leave CountryOfOrigin empty for a first export",
            code=row.origin,
        )


@rule("partner.self", Grade.SECONDARY, column="TradingPartner", source=_DISTINCT)
def partner_self(row: ReportRow, context: RowContext) -> Iterator[Words]:
    """The country of export is not the country of import."""
    if row.partner and row.partner == context.party:
        yield say("{code} trades with itself; write the country at the other end", code=row.partner)


@rule("species.appendix", Grade.SECONDARY, column="Appendix", source=_YEAR, needs_species=True)
def species_appendix(row: ReportRow, context: RowContext) -> Iterator[Words]:
    """
    The species stands in the Appendix in that year.

    The list knows the listings of one day: rows of another year are not judged by it.
    """
    match = context.match(row)
    if match is None or context.species is None or row.year != f"{context.species.dated.year:04d}":
        return
    listings = {part for taxon in match.taxa for part in taxon.appendices} or {NO_APPENDIX}
    if row.appendix and row.appendix not in listings and all(taxon.listing for taxon in match.taxa):
        yield say(
            "{name} is reported in {appendix}, and stands in {listings} by the list of {date}; correct one",
            name=match.names,
            appendix=row.appendix,
            listings="/".join(sorted(listings)),
            date=context.species.dated,
        )


@rule("species.term", Grade.SECONDARY, column="TermCode", source=_TERMS, needs_species=True, partly=_NO_TABLE)
def species_term(row: ReportRow, context: RowContext) -> Iterator[Words]:
    """The term fits an animal or a plant."""
    match = context.match(row)
    if match is not None and _foreign(match, row.term, plants=PLANT_TERMS, animals=ANIMAL_TERMS):
        yield say(
            "term {code} does not go with {name}; write the term for what was traded, or check the name",
            code=row.term,
            name=match.names,
        )


@rule("species.range", Grade.SECONDARY, column="CountryOfOrigin", source=_RANGE, needs_species=True)
def species_range(row: ReportRow, context: RowContext) -> Iterator[Words]:
    """What was taken from the wild comes from a country where the species lives."""
    match = context.match(row)
    country = row.origin or context.exporter(row)
    if match is None or row.source != WILD or country in ("", UNKNOWN, SEA):
        return
    countries = sorted({code for taxon in match.taxa for code in taxon.countries})
    if any(taxon.rank.is_higher for taxon in match.taxa) or not countries or country in countries:
        return
    yield say(
        "{name} was taken from the wild in {country}, and lives elsewhere ({countries}); correct the source "
        "or the country",
        name=match.names,
        country=country,
        countries=", ".join(countries[:MAX_COUNTRIES]) + (" ..." if len(countries) > MAX_COUNTRIES else ""),
    )


@rule("species.source", Grade.SECONDARY, column="SourceCode", source=_SOURCE, needs_species=True)
def species_source(row: ReportRow, context: RowContext) -> Iterator[Words]:
    """Sources A and Y are for plants, C and R for animals."""
    match = context.match(row)
    if match is not None and _foreign(match, row.source, plants=PLANT_SOURCES, animals=ANIMAL_SOURCES):
        yield say(
            "source {code} does not go with {name}; correct the source or the name",
            code=row.source,
            name=match.names,
        )


@rule("text.formula", Grade.SECONDARY, column="", source=_OURS)
def text_formula(row: ReportRow, context: RowContext) -> Iterator[Words]:
    """No text begins as a formula of a spreadsheet does."""
    fields = [row.species, row.export_permit, row.origin_permit, row.ifs_permit]
    if context.side is Side.IMPORT:
        fields.append(row.import_permit)
    for text in fields:
        if text.startswith(FORMULA):
            yield say(
                "'{text}' begins as a formula does, and a spreadsheet would calculate it; see whether it is "
                "what stands on the permit before you open the file with one",
                text=text,
            )


def _foreign(match: Match, code: str, *, plants: frozenset[str], animals: frozenset[str]) -> bool:
    """Whether a code for plants was given to an animal, or one for animals to a plant."""
    return (code in plants and all(taxon.is_animal for taxon in match.taxa)) or (
        code in animals and all(taxon.is_plant for taxon in match.taxa)
    )
