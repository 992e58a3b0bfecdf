from dataclasses import replace

import pytest
from support.rule_cases import Case, check_case
from unit.permits.permit_builder import GOOD, with_product, with_specimen

from gateway.permits import model
from gateway.permits.values import Code, Identifier, Text


def _saying(permit: model.Permit, *texts: str, language: str | None = None) -> model.Permit:
    """The permit with these texts in Box 5."""
    return replace(permit, special_conditions=tuple(Text(text, language) for text in texts))


def _stamped(number: str) -> model.Permit:
    """The good permit that speaks of a security stamp, with this number in Box 5b."""
    signatory = replace(GOOD.first_signatory, ids=(Identifier(number),))
    return _saying(replace(GOOD, first_signatory=signatory), "Valid with security stamp only.")


LIVE = with_product(terms=(Code("LIV"),))
UNKNOWN = with_specimen(source=Code("U"))

CASES = {
    "conditions.transport": Case(
        _saying(LIVE, "Transport: IATA Live Animals Regulations."), _saying(LIVE, "Ringed birds.")
    ),
    "conditions.source-unknown": Case(
        _saying(UNKNOWN, "Source unknown: bought before records were kept."),
        _saying(UNKNOWN, "For a museum."),
    ),
    "conditions.stamp-number": Case(_stamped("0815"), _stamped("")),
    "texts.language": Case(
        _saying(GOOD, "Nur Leder", language="en"), _saying(GOOD, "Nur Leder", language="de")
    ),
}


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule):
    """Each rule about Box 5 lets the first permit pass and stops the second."""
    check_case(rule, CASES[rule])


@pytest.mark.parametrize("term", ["LIV", "EGL", "FIG"])
def test_each_live_term_needs_the_condition(term, broken_rules):
    """Live animals, fertilized eggs and fingerlings all travel alive."""
    assert broken_rules(with_product(terms=(Code(term),))) == ["conditions.transport"]


@pytest.mark.parametrize(
    "words",
    [
        "Le transport doit suivre les lignes directrices de la CITES.",
        "El transporte debe ajustarse a las Directrices.",
        "IATA-LAR",
        "TRANSPORTED IN CRATES",
    ],
)
def test_the_condition_is_understood_in_each_language(words, broken_rules):
    """English, French and Spanish words for transport count, in capitals too."""
    assert broken_rules(_saying(LIVE, "First.", words)) == []


@pytest.mark.parametrize("source", ["A", "Y", "O/A"])
def test_plants_need_no_condition_for_transport(source, broken_rules):
    """A source that only plants have shows that nothing alive has to be fed on the way."""
    permit = with_product(terms=(Code("LIV"),))
    specimen = replace(permit.lines[0].specimens[0], source=Code(source))
    permit = replace(permit, lines=(replace(permit.lines[0], specimens=(specimen,)),))
    assert "conditions.transport" not in broken_rules(permit)


def test_an_animal_after_a_plant_is_found(broken_rules):
    """The plant in the first line does not hide the animal in the second."""
    plant = with_specimen(source=Code("A"), product=LIVE.lines[0].specimens[0].product).lines[0]
    animal = replace(LIVE.lines[0], ids=(Identifier("B"),))
    assert broken_rules(replace(GOOD, lines=(plant, animal))) == ["conditions.transport"]


def test_the_condition_is_asked_for_once(broken_rules):
    """Box 5 is one box: many live lines make one finding."""
    live = LIVE.lines[0]
    lines = tuple(replace(live, ids=(Identifier(letter),)) for letter in "ABC")
    assert broken_rules(replace(GOOD, lines=lines)) == ["conditions.transport"]


@pytest.mark.parametrize("words", ["Origine inconnue", "Fuente: se desconoce", "Procedencia no documentada"])
def test_a_justification_is_understood_in_each_language(words, broken_rules):
    """French and Spanish words about the source count."""
    assert broken_rules(_saying(UNKNOWN, words)) == []


@pytest.mark.parametrize("language", ["EN", "fr", "es-MX", "eng", "", None])
def test_working_languages_and_none_are_fine(language, broken_rules):
    """A text in English, French or Spanish, or one that does not say its language, is understood."""
    assert broken_rules(_saying(GOOD, "x", language=language)) == []


def test_a_translation_beside_it_is_enough(broken_rules):
    """One of several texts in a working language serves all."""
    permit = replace(GOOD, special_conditions=(Text("Nur Leder", "de"), Text("Leather only", "en")))
    assert broken_rules(permit) == []


def test_descriptions_are_looked_at_in_every_line(broken_rules):
    """A description in Chinese alone is told; with a French one beside it, it is not."""
    alone = with_product(descriptions=(Text("皮革", "zh"),))
    assert broken_rules(alone) == ["texts.language"]
    assert broken_rules(with_product(descriptions=(Text("皮革", "zh"), Text("cuir", "fr")))) == []


def test_a_stamp_that_nobody_speaks_of_needs_no_number(broken_rules):
    """Box 5b may be empty when no security stamp is used."""
    assert broken_rules(_saying(GOOD, "Postage stamps enclosed.")) == []


def test_what_is_absent_is_no_crash(broken_rules):
    """A line without source and a permit without authority are told by their own rules."""
    assert broken_rules(with_specimen(source=None)) == ["lines.source-missing"]
    permit = _saying(replace(GOOD, first_signatory=None), "Security stamp 7.")
    assert "conditions.stamp-number" in broken_rules(permit)
