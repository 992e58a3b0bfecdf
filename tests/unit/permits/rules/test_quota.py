from dataclasses import replace

import pytest
from support.rule_cases import Case, check_case
from unit.permits.line_builder import amount, measured, re_export
from unit.permits.permit_builder import AT, GOOD, with_line

from gateway.permits import model
from gateway.permits.quantities import Quantity
from gateway.permits.rules import check


def _quota(used: Quantity | None, annual: Quantity | None) -> model.Permit:
    """The good permit, for 250 specimens, with a quota."""
    return with_line(procedures=(model.Procedure(used_to_date=used, annual_quota=annual),))


FULL = model.Procedure(used_to_date=amount("250"), annual_quota=amount("250"))

CASES = {
    "quota.incomplete": Case(_quota(amount("250"), amount("250")), _quota(amount("250"), None)),
    "quota.negative": Case(
        _quota(amount("250"), amount("250")), _quota(amount("250"), amount("-1")), also=("quota.exceeded",)
    ),
    "quota.unit-differs": Case(
        _quota(amount("250", "PCS"), amount("1000")), _quota(amount("250", "BOX"), amount("1000"))
    ),
    "quota.permit-not-included": Case(
        _quota(amount("250"), amount("1000")), _quota(amount("249"), amount("1000"))
    ),
    "quota.exceeded": Case(_quota(amount("250"), amount("250")), _quota(amount("251"), amount("250"))),
    "quota.not-an-export": Case(re_export(), re_export(procedures=(FULL,))),
}


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule):
    """Each rule about quotas lets the first permit pass and stops the second."""
    check_case(rule, CASES[rule])


def test_a_quota_alone_is_incomplete(broken_rules):
    """The annual quota without what was used of it says nothing about this permit."""
    assert broken_rules(_quota(None, amount("1000"))) == ["quota.incomplete"]


@pytest.mark.parametrize(
    ("used", "annual", "broken"),
    [
        ("1500", "2", []),
        ("1499.999", "2", ["quota.permit-not-included"]),
        ("2000.001", "2", ["quota.exceeded"]),
    ],
)
def test_quotas_are_compared_across_units(used, annual, broken, broken_rules):
    """A permit in kilograms, its use in grams and its quota in kilograms are compared exactly."""
    procedure = model.Procedure(used_to_date=amount(used, "GRM"), annual_quota=amount(annual, "KGM"))
    permit = measured("1.5", "KGM", "SCA")
    line = replace(permit.lines[0], procedures=(procedure,))
    assert broken_rules(replace(permit, lines=(line, permit.lines[1]))) == broken


def test_every_quota_of_a_line_is_looked_at():
    """A second procedure does not hide behind a good one."""
    second = model.Procedure(used_to_date=amount("251"), annual_quota=amount("250"))
    ((rule, _, breach),) = check(with_line(procedures=(FULL, second)), at=AT).breaches
    assert (rule.id, breach.where) == ("quota.exceeded", "lines[0].procedures[1].used_to_date")


def test_a_quota_that_does_not_compare_is_told_for_both_numbers():
    """Both numbers of Box 11a are in the unit of Box 11."""
    found = check(_quota(amount("9", "KGM"), amount("8", "KGM")), at=AT).breaches
    assert [breach.where for rule, _, breach in found if rule.id == "quota.unit-differs"] == [
        "lines[0].procedures[0].used_to_date",
        "lines[0].procedures[0].annual_quota",
    ]


def test_no_unit_is_a_number_of_specimens(broken_rules):
    """A quota without a unit compares with specimens."""
    assert broken_rules(_quota(amount("250", None), amount("250", None))) == []


def test_a_quota_of_nothing_is_not_negative(broken_rules):
    """A quota of zero is a quota: the export exceeds it."""
    assert broken_rules(_quota(amount("250"), amount("0"))) == ["quota.exceeded"]


def test_a_line_without_quantity_has_nothing_to_compare(broken_rules):
    """A missing Box 11 is told by its own rule."""
    permit = _quota(amount("250"), amount("250"))
    line = replace(permit.lines[0], packages=())
    assert broken_rules(replace(permit, lines=(line, permit.lines[1]))) == ["lines.quantity-missing"]


@pytest.mark.parametrize(
    ("procedure", "where"),
    [
        (model.Procedure(annual_quota=amount("9")), "annual_quota"),
        (model.Procedure(used_to_date=amount("9")), "used_to_date"),
    ],
)
def test_half_a_quota_is_no_part_of_a_re_export_either(procedure, where):
    """The finding points at the number that is there."""
    ((rule, _, breach),) = check(re_export(procedures=(procedure,)), at=AT).breaches
    assert (rule.id, breach.where) == ("quota.not-an-export", f"lines[0].procedures[0].{where}")


def test_a_procedure_without_quota_is_no_quota(broken_rules):
    """Box 12b may be filled on every type of document."""
    assert broken_rules(re_export(procedures=(model.Procedure(acquired_at=GOOD.issued_at),))) == []
