from dataclasses import replace
from datetime import UTC, datetime

import pytest
from support.rule_cases import Case, check_case
from unit.permits.line_builder import (
    country,
    other,
    re_export,
    reference,
    specimen,
    with_both,
)
from unit.permits.permit_builder import AT, GOOD, with_line

from gateway.permits import model
from gateway.permits.rules import check
from gateway.permits.values import Identifier, Text

FROM_ORIGIN = reference("861")
FROM_LAST = reference("811", "DE-R-26-1188")
SEA = "Certificate of introduction from the sea"


def _last(*references: model.Reference, code: str = "DE") -> model.Permit:
    return re_export(last_export=country(code), references=(FROM_ORIGIN, *references))


def _from_sea(appendix: str = "II", source: str = "X", origin: str = "ZZ") -> model.Permit:
    shark = specimen(appendix, source, "FIN", "Carcharodon carcharias")
    packages = (model.Package(replace(GOOD.lines[0].packages[0].quantity, unit="KGM")),)
    return other(SEA, specimens=(shark,), packages=packages, origin=country(origin))


CASES = {
    "lines.country-unknown": Case(re_export(), re_export(origin=country("USA"))),
    "lines.country-not-current": Case(re_export(origin=country("RU")), re_export(origin=country("SU"))),
    "origin.country-missing": Case(re_export(), re_export(origin=None)),
    "origin.unknown-unexplained": Case(
        re_export("Origin not known: estate of a collector.", origin=country("XX")),
        re_export("Estate of a collector.", origin=country("XX")),
    ),
    "origin.permit-missing": Case(
        re_export(references=(reference("861", "1"),)), re_export(references=(reference("861", ""),))
    ),
    "origin.export-from-itself": Case(GOOD, with_line(origin=country("CH"))),
    "origin.export-from-elsewhere": Case(with_line(origin=country("XX")), with_line(origin=country("US"))),
    "origin.sea-appendix": Case(_from_sea("II"), _from_sea("III")),
    "origin.sea-source": Case(_from_sea(source="X"), _from_sea(source="W")),
    "origin.sea-country": Case(_from_sea(origin="ZZ"), _from_sea(origin="XX")),
}


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule):
    """Each rule about the origin lets the first permit pass and stops the second."""
    check_case(rule, CASES[rule])


@pytest.mark.parametrize(
    "words", ["Country of origin not known", "Pays d'origine inconnu", "PAÍS DE ORIGEN desconocido"]
)
def test_box_5_justifies_what_is_not_known(words, broken_rules):
    """Who says something of the origin in Box 5, in one of the three languages, may leave Box 12 open."""
    assert broken_rules(re_export(words, origin=None)) == []
    assert broken_rules(re_export(words, references=())) == []


def test_a_word_that_only_contains_it_justifies_nothing(broken_rules):
    """`Original` in Box 5 is not about the origin."""
    assert broken_rules(re_export("Original packaging", origin=None)) == ["origin.country-missing"]


@pytest.mark.parametrize(
    ("references", "lack"),
    [
        ((), "lacks the number and the date"),
        ((FROM_LAST,), "lacks the number and the date"),
        ((reference("861", "US-1998", None),), "lacks the date"),
        ((reference("861", ""),), "lacks the number"),
        ((reference("861", ""), reference("861", "US-1998", None)), "lacks the number and the date"),
    ],
)
def test_what_a_reference_lacks_is_told(references, lack):
    """The finding names what is missing; number and date must stand in the same reference."""
    found = {rule.id: breach for rule, _, breach in check(re_export(references=references), at=AT).breaches}
    assert lack in found["origin.permit-missing"].message


def test_one_complete_reference_is_enough(broken_rules):
    """Goods of two permits of origin may have a second, shorter reference."""
    assert broken_rules(re_export(references=(reference("861", ""), FROM_ORIGIN))) == []


def test_pre_convention_specimens_may_have_no_permit_of_origin(broken_rules):
    """What left its country before there were permits cannot name one."""
    procedures = (model.Procedure(acquired_at=datetime(1971, 5, 1, tzinfo=UTC)),)
    old = re_export(references=(), specimens=(specimen(source="O/W"),), procedures=procedures)
    assert broken_rules(old) == []


def test_export_and_import_permits_need_no_permit_of_origin(broken_rules):
    """Box 12 is for re-export."""
    permit = with_both(origin=country("XX"))
    assert broken_rules(permit) == []


def test_the_sea_is_no_foreign_country(broken_rules):
    """What was introduced from the sea before may be exported with an export permit."""
    assert broken_rules(with_both(origin=country("ZZ"), specimens=(specimen(source="X"),))) == []


def test_other_documents_are_not_from_the_sea(broken_rules):
    """The rules for introduction from the sea ask only documents that say that they are one."""
    assert broken_rules(other("Phytosanitary label", origin=country("US"))) == []


def test_a_second_country_code_is_looked_at_too():
    """Every code of boxes 12 and 12a is looked at, and the box is told."""
    two = model.Country(ids=(Identifier("DE"), Identifier("QQ")))
    found = check(_last(FROM_LAST), at=AT).breaches
    assert found == ()
    permit = re_export(last_export=two, references=(FROM_ORIGIN, FROM_LAST))
    ((rule, _, breach),) = check(permit, at=AT).breaches
    assert (rule.id, breach.where, breach.box) == (
        "lines.country-unknown",
        "lines[0].last_export.ids[1]",
        "12a",
    )


def test_a_long_list_of_lines_is_told_line_by_line():
    """Each of 500 lines without an origin is named."""
    lines = tuple(
        replace(GOOD.lines[0], ids=(Identifier(f"L{number}"),), references=(FROM_ORIGIN,))
        for number in range(500)
    )
    permit = replace(re_export(), lines=lines, special_conditions=(Text("Old stock"),))
    found = [
        breach for rule, _, breach in check(permit, at=AT).breaches if rule.id == "origin.country-missing"
    ]
    assert len(found) == len(lines)
    assert found[-1].where == "lines[499].origin.ids[0]"
