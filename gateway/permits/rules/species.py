"""
What the list of CITES species says about the lines.

Name and rank (Box 7), specimen (Box 9), Appendix and source (Box 10), country of origin (Box 12).

All of it is as good as the list, so the messages tell its date. Without a list these rules are not checked.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.permits.codes import Status
from gateway.permits.findings import Severity
from gateway.permits.model import Permit, Product, Specimen
from gateway.permits.rules.context import Context, Item, source_codes
from gateway.permits.rules.registry import Breach, Need, rule
from gateway.permits.species import How, Match
from gateway.permits.taxa import NOT_LISTED, Rank
from gateway.wording import Words, say

PLANT_SOURCES = frozenset("AY")
"""Artificially propagated, and assisted production."""
ANIMAL_SOURCES = frozenset("CR")
"""Bred in captivity, and ranched."""
BORN_IN_CAPTIVITY = "F"
WILD = "W"

PLANT_TERMS = frozenset({
    "BAR", "CHP", "CUL", "DPL", "FLO", "FPT", "FRU", "GRS", "LOG", "LVS", "PLY", "ROO", "SAW", "SEE", "STE",
    "TIM", "TRW", "VEN", "WPR",
})  # fmt: skip
"""Terms whose meaning in the code list is a part or a product of a plant, and can be nothing else."""
ANIMAL_TERMS = frozenset({
    "BAL", "BOC", "BOD", "BON", "BOP", "CAL", "CAP", "CAV", "CLA", "COR", "EAR", "EGG", "EGL", "FEA", "FIG",
    "FIN", "FOO", "FPL", "FPS", "GAB", "GAL", "GEN", "GIL", "HOC", "HOP", "HOR", "IJW", "IVC", "IVP", "KEY",
    "LEG", "LPL", "LPS", "MEA", "MUS", "PEA", "PLA", "PUP", "ROS", "SCA", "SHE", "SID", "SKE", "SKI", "SKP",
    "SKU", "SWI", "TAI", "TEE", "TRO", "TRU", "TUS",
})  # fmt: skip
"""The same for animals. Terms that can be either, such as LIV, OIL, HAI or FIB, are in neither."""

MAX_COUNTRIES = 12
"""Range States that are named in a message; a species that lives in more has them in the list."""

_NAME = "Res. Conf. 12.3 Annex 2, note 7 (standard nomenclature); Res. Conf. 12.11"
_APPENDIX = "Convention Art. II; 50 CFR 23.23(c)(1); Species+ (SAPI) TaxonConceptAppendixYear rule"
_SOURCE = (
    "Res. Conf. 12.3 (source codes, paragraph 3 j in the CoP18 text); Species+ (SAPI) "
    "TaxonConceptSourceValidationRule; DEFRA source lists (F, Y)"
)
_RANGE = "Res. Conf. 12.3 Annex 2, note 12; Species+ (SAPI) inclusion rules (source W)"
_TERM = "Guidelines for CITES annual reports (terms); Species+ (SAPI) valid_taxon_concept_term_view"

_RANKS: dict[Rank, Words] = {
    Rank.KINGDOM: say("kingdom"),
    Rank.PHYLUM: say("phylum"),
    Rank.CLASS: say("class"),
    Rank.ORDER: say("order"),
    Rank.FAMILY: say("family"),
    Rank.SUBFAMILY: say("subfamily"),
    Rank.GENUS: say("genus"),
}


@dataclass(frozen=True, slots=True)
class _Named:
    """A name of Box 7, and what the list says about it."""

    where: str
    """Path of the specimen in the model."""
    path: str
    """Path of the name."""
    name: str
    item: Item
    specimen: Specimen
    product: Product
    match: Match | None


@rule("species.unknown", box="7", source=_NAME, needs=Need.SPECIES)
def unknown(_permit: Permit, context: Context) -> Iterator[Breach]:
    """The scientific name is in the list of CITES species."""
    for named in _names(context):
        if named.match is not None:
            continue
        near = context.species.near(named.name)
        if near:
            yield Breach(
                named.path,
                say(
                    "{line}: '{name}' is not in the species data of {date}; did you mean {near}? Write the "
                    "accepted scientific name",
                    line=named.item.called,
                    name=named.name,
                    date=context.species.dated,
                    near=" / ".join(near),
                ),
            )
        else:
            yield Breach(
                named.path,
                say(
                    "{line}: '{name}' is not in the species data of {date}, and nothing like it is; look the "
                    "species up in the checklist, and write its accepted scientific name",
                    line=named.item.called,
                    name=named.name,
                    date=context.species.dated,
                ),
            )


@rule("species.synonym", box="7", source=_NAME, needs=Need.SPECIES, severity=Severity.WARNING)
def synonym(_permit: Permit, context: Context) -> Iterator[Breach]:
    """The scientific name is the accepted one, not a synonym."""
    for named, match in _found(context):
        if match.how is not How.SYNONYM:
            continue
        if len(match.taxa) == 1:
            message = say(
                "{line}: '{name}' is a synonym; the accepted name is {accepted}: write that",
                line=named.item.called,
                name=named.name,
                accepted=match.names,
            )
        else:
            message = say(
                "{line}: '{name}' is a synonym, and what it meant is divided among {accepted}; write the "
                "name of the one that the specimens are",
                line=named.item.called,
                name=named.name,
                accepted=match.names,
            )
        yield Breach(named.path, message)


@rule("species.rank", box="7", source=_NAME, needs=Need.SPECIES, severity=Severity.WARNING)
def rank(_permit: Permit, context: Context) -> Iterator[Breach]:
    """Box 7 names a species, not only its genus, family or order."""
    for named, match in _found(context):
        higher = next((taxon for taxon in match.taxa if taxon.rank.is_higher), None)
        if higher is not None:
            yield Breach(
                named.path,
                say(
                    "{line}: '{name}' names no species but a higher group ({rank}); write the species. A "
                    "group does only where the Parties agreed on it, as for some corals and butterflies that "
                    "cannot be told apart",
                    line=named.item.called,
                    name=named.name,
                    rank=_RANKS[higher.rank],
                ),
            )


@rule("species.not-listed", box="7", source=_APPENDIX, needs=Need.SPECIES, severity=Severity.WARNING)
def not_listed(_permit: Permit, context: Context) -> Iterator[Breach]:
    """The species stands in one of the Appendices."""
    for named, match in _found(context):
        if all(taxon.listing == NOT_LISTED for taxon in match.taxa):
            yield Breach(
                named.path,
                say(
                    "{line}: {name} stands in no Appendix by the species data of {date}, so that CITES asks "
                    "for no permit; check the name, and whether the listing has changed since",
                    line=named.item.called,
                    name=match.names,
                    date=context.species.dated,
                ),
            )


@rule("species.appendix", box="10", source=_APPENDIX, needs=Need.SPECIES)
def appendix(_permit: Permit, context: Context) -> Iterator[Breach]:
    """The Appendix is one in which the species stands; for a split listing, any of its parts."""
    for named, match in _found(context):
        code = named.specimen.appendix.value if named.specimen.appendix else ""
        entry = context.lists.appendix.get(code)
        listed = tuple(dict.fromkeys(part for taxon in match.taxa for part in taxon.appendices))
        if entry is None or entry.status is not Status.CURRENT or not listed or code in listed:
            continue  # a code that is missing or unknown, and a species not listed, have rules of their own
        yield Breach(
            f"{named.where}.appendix",
            say(
                "{line}: Box 10 says Appendix {found}, but {name} stands in Appendix {listed} by the species "
                "data of {date}; correct Box 10, or check whether the listing has changed since",
                line=named.item.called,
                found=code,
                name=match.names,
                listed="/".join(listed),
                date=context.species.dated,
            ),
        )


@rule("species.kingdom-source", box="10", source=_SOURCE, needs=Need.SPECIES)
def kingdom_source(_permit: Permit, context: Context) -> Iterator[Breach]:
    """Sources A and Y are for plants, C and R for animals."""
    for named, match in _found(context):
        sources = _sources(named)
        if not sources:
            continue
        if all(taxon.is_animal for taxon in match.taxa):
            for code in sorted(sources & PLANT_SOURCES):
                yield Breach(
                    f"{named.where}.source",
                    say(
                        "{line}: source {code} is for plants only, but {name} is an animal; write W, R, D, C "
                        "or F",
                        line=named.item.called,
                        code=code,
                        name=match.names,
                    ),
                )
        elif all(taxon.is_plant for taxon in match.taxa):
            for code in sorted(sources & ANIMAL_SOURCES):
                yield Breach(
                    f"{named.where}.source",
                    say(
                        "{line}: source {code} is for animals only, but {name} is a plant; write W, D, A "
                        "or Y",
                        line=named.item.called,
                        code=code,
                        name=match.names,
                    ),
                )


@rule("species.born-in-captivity", box="10", source=_SOURCE, needs=Need.SPECIES, severity=Severity.WARNING)
def born_in_captivity(_permit: Permit, context: Context) -> Iterator[Breach]:
    """Source F is for animals; only a warning, because the software of the trade database lets it pass."""
    for named, match in _found(context):
        if BORN_IN_CAPTIVITY in _sources(named) and all(taxon.is_plant for taxon in match.taxa):
            yield Breach(
                f"{named.where}.source",
                say(
                    "{line}: source F means born in captivity, but {name} is a plant; write W, D, A or Y",
                    line=named.item.called,
                    name=match.names,
                ),
            )


@rule("species.range-state", box="12", source=_RANGE, needs=Need.SPECIES, severity=Severity.WARNING)
def range_state(_permit: Permit, context: Context) -> Iterator[Breach]:
    """What was taken from the wild comes from a country where the species lives."""
    for named, match in _found(context):
        if WILD not in _sources(named) or any(taxon.rank.is_higher for taxon in match.taxa):
            continue
        country, where = _home(context, named.item)
        known = context.lists.country.get(country)
        countries = sorted({code for taxon in match.taxa for code in taxon.countries})
        if known is None or known.status is not Status.CURRENT or not countries or country in countries:
            continue  # XX and ZZ are no countries, and unknown or former codes have rules of their own
        yield Breach(
            where,
            say(
                "{line}: source W, from {country}, but by the species data of {date} {name} lives elsewhere "
                "({countries}); correct the source or the country of origin",
                line=named.item.called,
                country=country,
                date=context.species.dated,
                name=match.names,
                countries=", ".join(countries[:MAX_COUNTRIES])
                + (" ..." if len(countries) > MAX_COUNTRIES else ""),
            ),
            "12" if named.item.origin else "4",
        )


@rule("species.term-kingdom", box="9", source=_TERM, needs=Need.SPECIES, severity=Severity.WARNING)
def term_kingdom(_permit: Permit, context: Context) -> Iterator[Breach]:
    """
    The term fits an animal or a plant.

    The table of terms by family that the trade database uses is not public: only what cannot be mistaken is
    looked at.
    """
    for named, match in _found(context):
        animal = all(taxon.is_animal for taxon in match.taxa)
        plant = all(taxon.is_plant for taxon in match.taxa)
        for number, term in enumerate(named.product.terms):
            where = f"{named.where}.product.terms[{number}]"
            if animal and term.value in PLANT_TERMS:
                yield Breach(
                    where,
                    say(
                        "{line}: term {code} ({meaning}) is for plants, but {name} is an animal; write the "
                        "term for what is traded, or check the name",
                        line=named.item.called,
                        code=term.value,
                        meaning=context.lists.term.entries[term.value].meaning,
                        name=match.names,
                    ),
                )
            elif plant and term.value in ANIMAL_TERMS:
                yield Breach(
                    where,
                    say(
                        "{line}: term {code} ({meaning}) is for animals, but {name} is a plant; write the "
                        "term for what is traded, or check the name",
                        line=named.item.called,
                        code=term.value,
                        meaning=context.lists.term.entries[term.value].meaning,
                        name=match.names,
                    ),
                )


def _names(context: Context) -> Iterator[_Named]:
    """Every name of Box 7 that is written."""
    for where, item, specimen, product in context.specimens():
        for number, text in enumerate(product.scientific_names):
            if name := " ".join(text.value.split()):
                path = f"{where}.product.scientific_names[{number}]"
                yield _Named(where, path, name, item, specimen, product, context.species.find(name))


def _found(context: Context) -> Iterator[tuple[_Named, Match]]:
    """Every name of Box 7 that the list has."""
    for named in _names(context):
        if named.match is not None:
            yield named, named.match


def _sources(named: _Named) -> frozenset[str]:
    """The codes of the source in Box 10."""
    source = named.specimen.source
    return source_codes(source.value) if source else frozenset()


def _home(context: Context, item: Item) -> tuple[str, str]:
    """
    The country where wild specimens were taken, and its path: that of origin, else the exporting one.

    Empty on a re-export without origin: what is re-exported came from elsewhere.
    """
    if item.origin:
        return item.origin, f"{item.where}.origin.ids[0]"
    return ("" if context.type == "R" else context.exporter), "exporter.address.countries[0]"
