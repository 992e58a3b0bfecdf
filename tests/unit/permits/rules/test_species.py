from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support.rule_cases import Case, check_case
from unit.permits.permit_builder import AT, GOOD, line, party

from gateway.permits import model
from gateway.permits.checklist import read_checklist
from gateway.permits.codes import Status, code_lists
from gateway.permits.rules import check
from gateway.permits.rules.context import Evidence
from gateway.permits.rules.species import ANIMAL_TERMS, PLANT_TERMS
from gateway.permits.species import load
from gateway.permits.values import Code, Identifier, Text

SAMPLE = load(Path(__file__).resolve().parents[4] / "fixtures" / "species" / "sample.json")
SPECIES = Evidence(species=SAMPLE)


def _permit(*names: str, appendix="II", source="W", term="SKI", exporter="US", **changes) -> model.Permit:
    """A permit with one line, of a country where alligators live."""
    product = model.Product(
        terms=(Code(term),), scientific_names=tuple(map(Text, names or ("Alligator mississippiensis",)))
    )
    specimen = model.Specimen(Code(appendix), Code(source), product)
    return replace(
        GOOD,
        first_signatory=model.Signatory(party=party("Example Management Authority", exporter)),
        exporter=party("Tannery Fantasia Inc.", exporter),
        lines=(replace(line(), specimens=(specimen,), **changes),),
    )


def _case(passes: model.Permit, fails: model.Permit) -> Case:
    return Case(passes, fails, evidence=SPECIES)


def _breaches(permit: model.Permit) -> dict[str, str]:
    """Message by rule, of the rules of this theme."""
    found = check(permit, at=AT, evidence=SPECIES).breaches
    return {rule.id: str(breach.message) for rule, _, breach in found if rule.theme == "species"}


CASES = {
    "species.unknown": _case(_permit("Alligator mississippiensis"), _permit("Alligator mississipiensis")),
    "species.synonym": _case(_permit("Python bivittatus"), _permit("Python molurus bivittatus")),
    "species.rank": _case(_permit("Alligator mississippiensis"), _permit("Alligator spp.")),
    "species.not-listed": _case(
        _permit("Amazona aestiva", source="C"), _permit("Melopsittacus undulatus", source="C")
    ),
    "species.appendix": _case(_permit("Caiman crocodilus"), _permit("Caiman crocodilus", appendix="III")),
    "species.kingdom-source": _case(_permit(source="C"), _permit(source="A")),
    "species.born-in-captivity": _case(
        _permit("Phalaenopsis amabilis", source="A", term="DPL"),
        _permit("Phalaenopsis amabilis", source="F", term="DPL"),
    ),
    "species.range-state": _case(_permit(exporter="US"), _permit(exporter="CA")),
    "species.term-kingdom": _case(_permit(term="SKI"), _permit(term="STE")),
}


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule):
    """Each rule about the list of species lets the first permit pass and stops the second."""
    check_case(rule, CASES[rule])


def test_without_a_list_nothing_is_passed():
    """Without species data each rule is named as not checked, whatever the permit says."""
    outcome = check(_permit("Nonsense nonsensica"), at=AT)
    assert {one.rule for one in outcome.not_checked} >= set(CASES)
    assert not any(rule.theme == "species" for rule, _, _ in outcome.breaches)
    assert {str(one.reason) for one in outcome.not_checked if one.rule in CASES} == {
        "not checked: no species data"
    }


def test_every_message_that_rests_on_the_list_tells_its_date():
    """Listings change: who reads the finding must see how old the data are."""
    for rule in ("species.unknown", "species.not-listed", "species.appendix", "species.range-state"):
        assert "2026-11-24" in _breaches(CASES[rule].fails)[rule]


def test_a_near_miss_names_the_right_one():
    """A name with a letter missing is answered with the name that was meant, and the line is named."""
    message = _breaches(_permit("Alligator mississipiensis"))["species.unknown"]
    assert message.startswith("line A: 'Alligator mississipiensis' is not in")
    assert "did you mean Alligator mississippiensis?" in message


def test_a_name_like_no_other_gets_no_guess():
    """Where nothing is alike, nothing is suggested."""
    assert "did you mean" not in _breaches(_permit("Nonsense nonsensica"))["species.unknown"]


def test_a_second_name_does_not_hide_behind_the_first():
    """Every name of Box 7 is looked up."""
    assert set(_breaches(_permit("Alligator mississippiensis", "Nonsense nonsensica"))) == {"species.unknown"}


def test_an_empty_name_is_left_to_its_own_rule():
    """A line without a name breaks one rule, and that is not one of these."""
    assert _breaches(_permit(" ")) == {}


def test_the_accepted_name_is_told():
    """A synonym is answered with the accepted name."""
    assert (
        "accepted name is Python bivittatus"
        in _breaches(_permit("Python molurus bivittatus"))["species.synonym"]
    )


@pytest.mark.parametrize(
    ("name", "word"), [("Orchidaceae spp.", "family"), ("Scleractinia", "order"), ("Falco hybrid", "genus")]
)
def test_the_rank_is_told(name, word):
    """A higher group is called by its rank."""
    assert f"({word})" in _breaches(_permit(name))["species.rank"]


@pytest.mark.parametrize(
    "name", ["Alligator mississippiensis", "Panthera tigris altaica", "Boa constrictor occidentalis"]
)
def test_a_species_or_less_is_no_higher_group(name):
    """Species and subspecies pass, also a subspecies that the list does not name."""
    assert "species.rank" not in _breaches(_permit(name))


@pytest.mark.parametrize(
    ("name", "appendix", "fits"),
    [
        ("Loxodonta africana", "I", True),
        ("Loxodonta africana", "II", True),
        ("Loxodonta africana", "III", False),
        ("Caiman crocodilus apaporiensis", "I", True),
        ("Caiman crocodilus apaporiensis", "II", False),
        ("Panax ginseng", "II", True),
        ("Panax ginseng", "I", False),
        ("Phalaenopsis amabilis", "II", True),
        ("Acropora millepora", "I", False),
        ("Falco cherrug x Falco rusticolus", "I", True),
        ("Falco cherrug x Falco rusticolus", "III", False),
    ],
)
def test_each_part_of_a_listing_fits(name, appendix, fits):
    """Split listings, populations not listed, listings taken from above, and hybrids of two listings."""
    assert ("species.appendix" not in _breaches(_permit(name, appendix=appendix))) is fits


@pytest.mark.parametrize("appendix", ["", "N", "IV"])
def test_an_appendix_that_is_none_is_left_to_its_own_rule(appendix):
    """Two findings for one mistake help nobody."""
    assert "species.appendix" not in _breaches(_permit(appendix=appendix))


@pytest.mark.parametrize("appendix", ["I", "II", "III"])
def test_a_species_not_listed_is_told_once(appendix):
    """Every Appendix is wrong for it: that is said by one rule."""
    found = _breaches(_permit("Aloe vera", appendix=appendix, source="A", term="DPL"))
    assert set(found) == {"species.not-listed"}


@pytest.mark.parametrize("source", ["A", "Y", "IA", "O/Y"])
def test_sources_of_plants_are_refused_for_animals(source):
    """Also where they stand beside a second code."""
    assert "species.kingdom-source" in _breaches(_permit("Alligator mississippiensis", source=source))


@pytest.mark.parametrize("source", ["C", "R", "IC", "OR"])
def test_sources_of_animals_are_refused_for_plants(source):
    """Also where they stand beside a second code."""
    assert "species.kingdom-source" in _breaches(_permit("Dendrobium nobile", source=source, term="DPL"))


@pytest.mark.parametrize(
    ("name", "source"),
    [("Alligator mississippiensis", code) for code in "WRDCFUIOX"]
    + [("Dendrobium nobile", code) for code in "WDAUIOXY"],
)
def test_other_sources_fit_their_kingdom(name, source):
    """What either kingdom may have is not complained about."""
    found = _breaches(_permit(name, source=source, term="DER"))
    assert not {"species.kingdom-source", "species.born-in-captivity"} & set(found)


def _with_origin(code: str, source: str = "W", type_: str = "E") -> model.Permit:
    return replace(
        _permit(
            exporter="CH", source=source, origin=model.Country(ids=(Identifier(code),)) if code else None
        ),
        type=Code(type_),
    )


@pytest.mark.parametrize(
    ("permit", "complains"),
    [
        (_with_origin("US"), False),
        (_with_origin("MX"), True),
        (_with_origin("MX", "OW"), True),
        (_with_origin("MX", "C"), False),
        (_with_origin("MX", "X"), False),
        (_with_origin("XX"), False),
        (_with_origin("ZZ"), False),
        (_with_origin("SU"), False),
        (_with_origin("USA"), False),
        (_with_origin(""), True),
        (_with_origin("", type_="R"), False),
        (_with_origin("MX", type_="R"), True),
    ],
    ids=str.split(
        "home elsewhere pre-Convention captive sea unknown introduced former no-code "
        "exporter re-export re-export-with-origin"
    ),
)
def test_where_the_wild_ones_live(permit, complains):
    """Only source W, only real countries; the exporter's when there is no origin, but not on a re-export."""
    assert ("species.range-state" in _breaches(permit)) is complains


def test_no_range_no_complaint():
    """A species whose range States the list does not tell may come from anywhere."""
    assert "species.range-state" not in _breaches(_permit("Galanthus nivalis", term="ROO", exporter="CH"))


def test_the_range_of_a_genus_is_not_looked_at():
    """Where its species live is not told by where some of them live."""
    rows = "Kingdom,FullName,RankName,CurrentListing,All_DistributionISOCodes\nAnimalia,Alligator,GENUS,II,US"
    species = read_checklist(rows.encode(), origin="x.csv", dated=date(2026, 11, 24))
    found = check(
        _permit("Alligator spp.", exporter="CH"), at=AT, evidence=Evidence(species=species)
    ).breaches
    assert [rule.id for rule, _, _ in found] == ["species.rank"]


def test_a_long_range_is_cut():
    """A message stays readable for a species that lives in forty countries."""
    message = _breaches(_permit("Crocodylus niloticus", exporter="CH"))["species.range-state"]
    assert "AO, BI, BJ, BW, CF, CG, CI, CM, EG, ET, GA, GH ...)" in message


@pytest.mark.parametrize(
    ("name", "term", "complains"),
    [
        ("Alligator mississippiensis", "LVS", True),
        ("Alligator mississippiensis", "SKI", False),
        ("Dendrobium nobile", "FEA", True),
        ("Dendrobium nobile", "LVS", False),
        ("Dendrobium nobile", "LIV", False),
        ("Alligator mississippiensis", "LIV", False),
        ("Vicugna vicugna", "FIB", False),
        ("Alligator mississippiensis", "NIX", False),
    ],
)
def test_terms_of_the_other_kingdom(name, term, complains):
    """Leaves of an alligator and feathers of an orchid; what both have, and unknown codes, are left alone."""
    assert ("species.term-kingdom" in _breaches(_permit(name, term=term))) is complains


def test_the_terms_are_in_the_code_list():
    """Every term of the two tables is a current code, and none is in both."""
    terms = code_lists().term
    assert not PLANT_TERMS & ANIMAL_TERMS
    for code in PLANT_TERMS | ANIMAL_TERMS:
        assert terms.entries[code].status is Status.CURRENT
