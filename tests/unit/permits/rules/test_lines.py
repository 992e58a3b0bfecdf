from dataclasses import replace
from datetime import UTC, datetime

import pytest
from support.rule_cases import Case, check_case
from unit.permits.line_builder import amount, measured
from unit.permits.permit_builder import AT, GOOD, line, with_line, with_quantity

from gateway.permits import model
from gateway.permits.rules import check
from gateway.permits.values import Identifier

EXIT = datetime(2026, 11, 20, 8, tzinfo=UTC)


def _inspected(*quantities: str, unit: str | None = "NAR") -> tuple[model.Inspection, ...]:
    return tuple(model.Inspection(at=EXIT, quantity=amount(value, unit)) for value in quantities)


CASES = {
    "lines.none": Case(replace(GOOD, lines=(line(),)), replace(GOOD, lines=())),
    "lines.letter-missing": Case(GOOD, with_line(ids=())),
    "lines.letter-white-space": Case(
        with_line(ids=(Identifier("A-1"),)), with_line(ids=(Identifier("A 1"),))
    ),
    "lines.letter-repeated": Case(GOOD, with_line(ids=(Identifier("B"),))),
    "lines.quantity-missing": Case(GOOD, with_line(packages=(model.Package(),))),
    "lines.quantity-not-positive": Case(measured("0.001", "KGM", "SCA"), measured("0.000", "KGM", "SCA")),
    "lines.quantity-huge": Case(with_quantity("1000000000"), with_quantity("1000000001")),
    "lines.quantity-fraction": Case(with_quantity("2.0"), with_quantity("2.5")),
    "lines.inspected-negative": Case(
        with_line(inspections=_inspected("0")), with_line(inspections=_inspected("-1"))
    ),
    "lines.inspected-unit": Case(
        with_line(inspections=_inspected("250", unit=None)),
        with_line(inspections=_inspected("2", unit="BOX")),
    ),
    "lines.inspected-too-much": Case(
        with_line(inspections=_inspected("250")), with_line(inspections=_inspected("251"))
    ),
}


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule):
    """Each rule about lines lets the first permit pass and stops the second."""
    check_case(rule, CASES[rule])


def test_two_letters_on_a_line_are_refused(broken_rules):
    """An endorsement refers to a line by its letter: two letters would make two lines of one."""
    assert broken_rules(with_line(ids=(Identifier("A"), Identifier("C")))) == ["lines.letter-missing"]


@pytest.mark.parametrize("letter", ["A\u00a0B", "A\tB", "A\u2003B"])
def test_every_white_space_counts(letter, broken_rules):
    """Spaces of every width would break the key to which endorsements refer."""
    assert broken_rules(with_line(ids=(Identifier(letter),))) == ["lines.letter-white-space"]


def test_two_quantities_on_a_line_are_refused(broken_rules):
    """A second quantity must not hide behind the first."""
    packages = tuple(model.Package(amount(value)) for value in ("1", "9000"))
    assert broken_rules(with_line(packages=packages)) == ["lines.quantity-missing"]


@pytest.mark.parametrize("value", ["-1", "-0.5", "-99999999999999999999"])
def test_negative_quantities_are_refused(value, broken_rules):
    """Less than nothing cannot be permitted."""
    assert "lines.quantity-not-positive" in broken_rules(measured(value, "KGM", "SCA"))


@pytest.mark.parametrize(
    ("value", "unit", "broken"),
    [
        ("2.5", None, True),
        ("2.5", "PCS", True),
        ("0.5", "PAI", False),
        ("250.000000", "NAR", False),
        ("100000000000000000000000000000000000.5", "NAR", True),
    ],
)
def test_only_whole_specimens_are_counted(value, unit, broken, broken_rules):
    """A part of a specimen is no specimen, however large the number; half a pair is one."""
    assert ("lines.quantity-fraction" in broken_rules(with_quantity(value, unit))) is broken


def test_inspections_of_a_line_are_added_up(broken_rules):
    """Two inspections that each find less than is permitted may find too much together."""
    assert broken_rules(with_line(inspections=_inspected("125", "125"))) == []
    assert broken_rules(with_line(inspections=_inspected("125", "126"))) == ["lines.inspected-too-much"]


@pytest.mark.parametrize(("grams", "broken"), [("1500", []), ("1500.001", ["lines.inspected-too-much"])])
def test_inspections_are_compared_across_units(grams, broken, broken_rules):
    """What was weighed in grams is compared exactly with what is permitted in kilograms."""
    permit = measured("1.5", "KGM", "SCA")
    weighed = replace(permit.lines[0], inspections=_inspected(grams, unit="GRM"))
    assert broken_rules(replace(permit, lines=(weighed, permit.lines[1]))) == broken


def test_a_unit_that_does_not_compare_hides_no_excess(broken_rules):
    """An inspection in boxes is told, and the specimens beyond the permit beside it are told too."""
    inspections = (*_inspected("1", unit="BOX"), *_inspected("251"))
    assert broken_rules(with_line(inspections=inspections)) == [
        "lines.inspected-unit",
        "lines.inspected-too-much",
    ]


def test_an_unknown_unit_on_both_sides_is_told_once(broken_rules):
    """When Box 11 has a unit that nobody knows, the inspection in the same unit adds no finding."""
    permit = with_quantity("1", "kg")
    weighed = replace(permit.lines[0], inspections=_inspected("2", unit="kg"))
    assert broken_rules(replace(permit, lines=(weighed, permit.lines[1]))) == ["lines.unit-unknown"]


def test_every_one_of_many_lines_is_told_by_its_place():
    """Nothing is lost in a permit of 500 lines."""
    many = tuple(replace(line(), ids=()) for _ in range(500))
    found = [breach for _, _, breach in check(replace(GOOD, lines=many), at=AT).breaches]
    assert [breach.where for breach in found] == [f"lines[{index}].ids[0]" for index in range(500)]
    assert found[-1].message.startswith("line 500 has no letter")


def test_the_line_and_what_was_found_are_named():
    """A finding says which line, what stands there, and what to do."""
    ((_, _, breach),) = check(with_quantity("2.5"), at=AT).breaches
    assert breach.message == (
        "line A permits 2.5 NAR, and specimens are counted in whole numbers; "
        "write a whole number, or the unit that was measured, for example KGM"
    )


def test_a_line_without_quantity_has_nothing_to_compare(broken_rules):
    """An inspection of a line without Box 11 adds no finding of its own."""
    permit = with_line(packages=(), inspections=_inspected("2"))
    assert broken_rules(permit) == ["lines.quantity-missing"]
