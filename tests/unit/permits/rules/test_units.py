from dataclasses import replace

import pytest
from support.rule_cases import Case, check_case
from unit.permits.line_builder import measured, specimen
from unit.permits.permit_builder import AT, GOOD, with_line, with_quantity

from gateway.permits import model
from gateway.permits.codes import code_lists
from gateway.permits.findings import Severity
from gateway.permits.rules import check
from gateway.permits.values import Code


def _for_purpose(purpose: str, term: str) -> model.Permit:
    return replace(
        measured("1", None, term), purposes=(Code(purpose),), lines=measured("1", None, term).lines[:1]
    )


CASES = {
    "lines.unit-unknown": Case(with_quantity("1", None), with_quantity("1", "kg")),
    "lines.unit-legacy": Case(with_quantity("1", "NAR"), with_quantity("1", "PCS")),
    "units.unfit-for-term": Case(measured("1.5", "KGM", "COR"), measured("1.5", "LTR", "COR")),
    "units.unfit-for-purpose": Case(_for_purpose("P", "TRO"), _for_purpose("T", "TRO")),
}


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule):
    """Each rule about units lets the first permit pass and stops the second."""
    check_case(rule, CASES[rule])


@pytest.mark.parametrize(
    ("unit", "advice"),
    [
        ("PND", "multiply by 0.45359237 and write KGM"),
        ("CTM", "divide by 100 and write MTR"),
        ("TON", "multiply by 1000 and write KGM"),
        ("BOX", "count the specimens and write NAR"),
        ("PCS", "; write NAR"),
    ],
)
def test_the_conversion_is_told(unit, advice):
    """A warning about an old unit says how to convert the quantity."""
    told = {
        rule.id: (severity, breach)
        for rule, severity, breach in check(with_quantity("10", unit), at=AT).breaches
    }
    severity, breach = told["lines.unit-legacy"]
    assert severity is Severity.WARNING
    assert breach.message.endswith(advice)


def test_the_unit_of_every_package_is_looked_at():
    """Nothing hides behind the first quantity of a line."""
    packages = (*with_quantity("1").lines[0].packages, *with_quantity("1", "kg").lines[0].packages)
    found = {rule.id: breach for rule, _, breach in check(with_line(packages=packages), at=AT).breaches}
    assert found["lines.unit-unknown"].where == "lines[0].packages[1].quantity"


@pytest.mark.parametrize(
    ("term", "unit", "fits"),
    [
        ("LIV", "NAR", True),
        ("LIV", "LTR", False),
        ("SAW", "MTQ", True),
        ("SAW", "LTR", False),
        ("SAW", "GLL", False),
        ("SAW", "NAR", False),
        ("SAW", "BFT", True),
        ("MED", "LTR", True),
        ("MED", "GLL", True),
        ("CAV", "GRM", True),
        ("CAV", None, False),
        ("CLO", "SQF", True),
        ("CLO", "MTR", False),
        ("SPE", "MLT", True),
        ("CUL", "FLA", True),
        ("FEA", None, True),
        ("SKP", "KGM", False),
    ],
)
def test_units_that_terms_usually_have(term, unit, fits, broken_rules):
    """A term is measured as the Guidelines prefer or allow, in whatever unit of that kind."""
    assert ("units.unfit-for-term" not in broken_rules(measured("1", unit, term))) is fits


def test_what_is_usual_is_named():
    """The warning names the line, the amount and the units that the Guidelines prefer."""
    ((_, severity, breach),) = check(measured("1", "LTR", "SAW"), at=AT).breaches
    assert severity is Severity.WARNING
    assert breach.message == (
        "line A permits 1 LTR of SAW (Sawn wood), which is usually given as "
        "cubic metres (MTQ) or kilograms (KGM); correct the unit or the term"
    )


def test_every_specimen_of_a_line_is_looked_at(broken_rules):
    """A second specimen that is measured otherwise does not hide behind the first."""
    permit = with_line(specimens=(specimen(term="LPS"), specimen(term="SAW")))
    assert broken_rules(permit) == ["units.unfit-for-term"]


@pytest.mark.parametrize(
    "term", [code for code, entry in code_lists().term.entries.items() if entry.preferred_unit]
)
def test_every_usual_unit_of_the_list_is_understood(term, broken_rules):
    """Each word in the columns of the term list has a meaning and a sentence; only fibre has a length."""
    assert ("units.unfit-for-term" in broken_rules(measured("1", "MMT", term))) is (term != "FIB")


@pytest.mark.parametrize(
    ("purpose", "term", "fits"),
    [
        ("H", "TRO", True),
        ("E", "TRO", False),
        ("H", "SKU", True),
        ("H", "LIV", False),
        ("N", "LIV", True),
        ("N", "LPS", False),
        ("B", "SPE", True),
        ("B", "TUS", False),
        ("T", "TUS", True),
    ],
)
def test_purposes_that_contradict_the_term(purpose, term, fits, broken_rules):
    """Trophies are hunted, what was hunted is dead, and nothing is bred from leather."""
    assert ("units.unfit-for-purpose" not in broken_rules(_for_purpose(purpose, term))) is fits


def test_one_purpose_that_fits_is_enough(broken_rules):
    """A permit with two purposes may have lines for either."""
    permit = replace(_for_purpose("N", "LPS"), purposes=(Code("N"), Code("T")))
    assert "units.unfit-for-purpose" not in broken_rules(permit)


def test_codes_that_nobody_knows_are_told_by_their_own_rules(broken_rules):
    """An unknown term or unit, or no quantity at all, does not make a pair that does not fit."""
    assert broken_rules(measured("1", "kg", "SAW")) == ["lines.unit-unknown"]
    assert broken_rules(measured("1", "KGM", "XYZ")) == ["lines.term-unknown"]
    assert broken_rules(replace(GOOD, lines=(replace(GOOD.lines[0], packages=()),))) == [
        "lines.quantity-missing"
    ]


def test_two_purposes_of_life(broken_rules):
    """Leather serves neither breeding nor introduction into the wild."""
    permit = replace(_for_purpose("N", "LPS"), purposes=(Code("N"), Code("B")))
    assert "units.unfit-for-purpose" in broken_rules(permit)
