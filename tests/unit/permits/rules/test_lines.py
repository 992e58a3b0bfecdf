from dataclasses import replace
from decimal import Decimal

import pytest
from unit.permits.permit_builder import AT, GOOD, line, with_line, with_quantity

from gateway.permits import model
from gateway.permits.quantities import Quantity
from gateway.permits.rules import check
from gateway.permits.values import Identifier


def _origin(code: str) -> model.Permit:
    return with_line(origin=model.Country(ids=(Identifier(code),)))


CASES = {
    "lines.none": (replace(GOOD, lines=(line(),)), replace(GOOD, lines=())),
    "lines.letter-missing": (GOOD, with_line(ids=())),
    "lines.letter-white-space": (with_line(ids=(Identifier("A1"),)), with_line(ids=(Identifier("A 1"),))),
    "lines.letter-repeated": (GOOD, with_line(ids=(Identifier("B"),))),
    "lines.quantity-missing": (GOOD, with_line(packages=(model.Package(),))),
    "lines.quantity-not-positive": (with_quantity("0.001"), with_quantity("0.000")),
    "lines.unit-unknown": (with_quantity("1", None), with_quantity("1", "kg")),
    "lines.unit-legacy": (with_quantity("1", "KGM"), with_quantity("1", "KIL")),
    "lines.country-unknown": (_origin("US"), _origin("USA")),
    "lines.country-not-current": (_origin("XX"), _origin("SU")),
}


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule, broken_rules):
    """Each rule about lines lets the first permit pass and stops the second."""
    passes, fails = CASES[rule]
    assert rule not in broken_rules(passes)
    assert rule in broken_rules(fails)


def test_two_letters_on_a_line_are_refused(broken_rules):
    """An endorsement refers to a line by its letter: two letters would make two lines of one."""
    assert broken_rules(with_line(ids=(Identifier("A"), Identifier("C")))) == ["lines.letter-missing"]


def test_two_quantities_on_a_line_are_refused(broken_rules):
    """A second quantity must not hide behind the first."""
    packages = tuple(model.Package(Quantity(Decimal(amount), "NAR")) for amount in (1, 9000))
    assert broken_rules(with_line(packages=packages)) == ["lines.quantity-missing"]


@pytest.mark.parametrize(
    ("unit", "advice"),
    [
        ("PND", "divide by 2.205 and write KGM"),
        ("TON", "multiply by 1000 and write KGM"),
        ("PCS", "write NAR"),
    ],
)
def test_the_conversion_is_told(unit, advice):
    """A warning about an old unit says how to convert the quantity."""
    ((rule, breach),) = check(with_quantity("10", unit), at=AT)
    assert rule.severity == "warning"
    assert breach.message.endswith(advice)
