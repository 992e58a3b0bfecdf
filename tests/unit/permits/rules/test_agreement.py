from dataclasses import replace
from decimal import Decimal

import pytest
from support.rule_cases import Case, check_case
from unit.permits.permit_builder import AT, GOOD, with_product, with_quantity, with_specimen
from unit.permits.rules.test_counterparts import IMPORT, given

from gateway.permits import model
from gateway.permits.quantities import Quantity
from gateway.permits.rules import check
from gateway.permits.values import Code, Text

CROCODILE = (Text("Crocodylus niloticus"),)

CASES = {
    "agreement.species": Case(
        with_product(scientific_names=(Text("Alligator mississippiensis (Daudin, 1802)"),)),
        with_product(scientific_names=CROCODILE),
        evidence=given(IMPORT),
    ),
    "agreement.term": Case(GOOD, with_product(terms=(Code("SKI"),)), evidence=given(IMPORT)),
    "agreement.source": Case(GOOD, with_specimen(source=Code("F")), evidence=given(IMPORT)),
    "agreement.quantity": Case(with_quantity("250"), with_quantity("251"), evidence=given(IMPORT)),
    "agreement.unit": Case(
        GOOD,
        GOOD,
        evidence=given(IMPORT),
        fails_evidence=given(replace(IMPORT, lines=with_quantity("250", "MTK").lines)),
    ),
}


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule):
    """Each rule about two documents lets the first permit pass and stops the second."""
    check_case(rule, CASES[rule])


def _broken(permit: model.Permit, *counterparts: model.Permit) -> list[tuple[str, str]]:
    """Rule and place of every breach when these are presented."""
    outcome = check(permit, at=AT, evidence=given(*counterparts))
    return [(rule.id, breach.where) for rule, _, breach in outcome.breaches]


@pytest.mark.parametrize(
    ("permit", "rule", "end"),
    [
        (with_product(scientific_names=CROCODILE), "species", "specimens[0].product.scientific_names[0]"),
        (with_product(terms=(Code("SKI"),)), "term", "specimens[0].product.terms[0]"),
        (with_specimen(source=Code("F")), "source", "specimens[0].source"),
        (with_quantity("251"), "quantity", "packages[0].quantity"),
    ],
)
def test_the_two_documents_disagree_from_both_sides(permit, rule, end):
    """The import permit is told of the same disagreement as the export permit."""
    assert _broken(permit, IMPORT) == [(f"agreement.{rule}", f"lines[0].{end}")]
    assert _broken(IMPORT, permit) == [(f"agreement.{rule}", f"lines[0].{end}")]


def test_less_may_be_exported_than_may_be_imported():
    """An import permit is a limit, not an order."""
    assert _broken(with_quantity("1"), IMPORT) == []
    assert _broken(IMPORT, with_quantity("1")) == []


def test_lines_may_be_cut_differently():
    """The quantities of a species are added up on both sides."""
    one = replace(IMPORT, lines=(with_quantity("500").lines[0],))
    assert _broken(GOOD, one) == []
    less = replace(IMPORT, lines=(with_quantity("499.5").lines[0],))
    assert ("agreement.quantity", "lines[0].packages[0].quantity") in _broken(GOOD, less)


def test_units_are_converted():
    """Kilograms that leave are compared with grams that may enter."""

    def weighing(permit: model.Permit, value: str, unit: str) -> model.Permit:
        line = replace(
            with_product(terms=(Code("MEA"),)).lines[0],
            packages=(model.Package(Quantity(Decimal(value), unit)),),
        )
        return replace(permit, lines=(line,))

    assert _broken(weighing(GOOD, "1.5", "KGM"), weighing(IMPORT, "1500", "GRM")) == []
    assert _broken(weighing(GOOD, "1.5", "KGM"), weighing(IMPORT, "1499", "GRM")) == [
        ("agreement.quantity", "lines[0].packages[0].quantity")
    ]


def test_export_permits_are_not_compared_with_each_other():
    """Two documents of one side of the border are no pair."""
    other = replace(with_product(scientific_names=CROCODILE), number=IMPORT.number)
    assert _broken(GOOD, other) == []


def test_a_line_that_says_nothing_disagrees_with_nothing():
    """What is missing is told by its own rules."""
    empty = replace(GOOD, lines=(replace(GOOD.lines[0], specimens=(), packages=()),))
    assert not [rule for rule, _ in _broken(empty, IMPORT) if rule.startswith("agreement.")]
    assert not [rule for rule, _ in _broken(IMPORT, empty) if rule.startswith("agreement.")]


def test_a_disagreement_of_the_second_line_is_told_there():
    """The finding stands at the line of the export permit; an import permit has no such line."""
    permit = replace(GOOD, lines=(GOOD.lines[0], with_specimen(source=Code("F")).lines[0]))
    assert ("agreement.source", "lines[1].specimens[0].source") in _broken(permit, IMPORT)
    assert ("agreement.source", "lines[0].specimens[0].source") in _broken(IMPORT, permit)


@pytest.mark.parametrize(
    "line",
    [
        with_product(terms=()).lines[0],
        with_product(scientific_names=()).lines[0],
        with_specimen(source=None).lines[0],
        replace(GOOD.lines[0], packages=()),
        replace(GOOD.lines[0], packages=(model.Package(),)),
    ],
)
def test_what_one_document_leaves_out_contradicts_nothing(line):
    """A line without term, species, source or quantity is told by its own rules, on either side."""
    for permit, other in ((GOOD, IMPORT), (IMPORT, GOOD)):
        lacking = replace(permit, lines=(line,))
        whole = replace(other, lines=other.lines[:1])
        assert not [rule for rule, _ in _broken(lacking, whole) if rule.startswith("agreement.")]
        assert not [rule for rule, _ in _broken(whole, lacking) if rule.startswith("agreement.")]


def test_lines_without_species_are_not_added_up():
    """Two documents whose lines name no species have nothing in common."""
    nameless = with_product(scientific_names=()).lines
    more = replace(nameless[0], packages=with_quantity("999").lines[0].packages)
    broken = _broken(replace(GOOD, lines=(more,)), replace(IMPORT, lines=nameless[:1]))
    assert not [rule for rule, _ in broken if rule.startswith("agreement.")]
