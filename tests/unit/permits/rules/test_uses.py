from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from support.rule_cases import Case, check_case
from unit.permits.permit_builder import AT, GOOD, valid

from gateway.permits import model
from gateway.permits.quantities import Quantity
from gateway.permits.rules import RULES, Need, check
from gateway.permits.rules.context import Evidence
from gateway.permits.uses import Use
from gateway.permits.values import Text

ISSUED = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
TRAVELLING = replace(
    valid(ISSUED, datetime(2026, 11, 20, tzinfo=UTC), type_="O"), names=(Text("Travelling exhibition"),)
)
"""A certificate for many journeys; its lines A and B are for 250 specimens each."""
THEN = datetime(2026, 11, 18, tzinfo=UTC)


def _used(
    quantity: str = "250", unit: str | None = "NAR", line: str = "A", at: datetime = THEN, office: str = ""
) -> Use:
    return Use(line, Quantity(Decimal(quantity), unit), at, office)


def _uses(*uses: Use) -> Evidence:
    return Evidence(uses=uses)


def _case(passing: Use, *failing: Use) -> Case:
    """The certificate for many journeys, at a moment when it is valid, after these uses."""
    return Case(TRAVELLING, TRAVELLING, at=THEN, evidence=_uses(passing), fails_evidence=_uses(*failing))


CASES = {
    "uses.used-before": Case(GOOD, GOOD, evidence=_uses(), fails_evidence=_uses(_used("1"))),
    "uses.quantity-exceeded": _case(_used("250"), _used("251")),
    "uses.unit-differs": _case(_used("250", None), _used("250", "KGM")),
    "uses.line-unknown": _case(_used(line="B"), _used(line="C")),
    "uses.after-last-day": _case(
        _used(at=datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC)),
        _used(at=datetime(2026, 11, 21, tzinfo=UTC)),
    ),
    "uses.before-issue": _case(_used(at=ISSUED.replace(hour=0)), _used(at=ISSUED - timedelta(days=1))),
}


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule):
    """Each rule about earlier uses lets the permit pass with the first and stops it with the second."""
    check_case(rule, CASES[rule])


def _broken(permit: model.Permit, *uses: Use) -> list[tuple[str, str]]:
    """Rule and place of every breach after these uses."""
    return [
        (rule.id, breach.where) for rule, _, breach in check(permit, at=THEN, evidence=_uses(*uses)).breaches
    ]


def test_uses_of_a_line_are_added_up():
    """Two uses that are small enough alone are too much together; the other line is not touched by them."""
    together = (_used("200"), _used("51"), _used("250", line="B"))
    assert _broken(TRAVELLING, *together) == [("uses.quantity-exceeded", "lines[0].packages[0].quantity")]


@pytest.mark.parametrize(("grams", "broken"), [("2500", []), ("2500.01", ["uses.quantity-exceeded"])])
def test_units_are_converted_exactly(grams, broken):
    """Grams are written off kilograms without a rounding error."""
    line = replace(TRAVELLING.lines[0], packages=(model.Package(Quantity(Decimal("2.5"), "KGM")),))
    permit = replace(TRAVELLING, lines=(line,))
    uses = (_used(grams, "GRM"),)
    found = [rule for rule, _ in _broken(permit, *uses) if rule.startswith("uses.")]
    assert found == broken


def test_a_use_of_a_line_without_quantity_cannot_be_compared():
    """The missing quantity is told by its own rule, and the use is no crash."""
    line = replace(TRAVELLING.lines[0], packages=())
    assert _broken(replace(TRAVELLING, lines=(line,)), _used()) == [
        ("lines.quantity-missing", "lines[0].packages[0].quantity")
    ]


def test_the_first_use_is_named():
    """The sentence says when, and by which office, the permit was used first."""
    uses = (_used(at=THEN, office="CHBSL"), _used(at=THEN - timedelta(days=1), office="CHGVA"))
    ((_, _, breach),) = check(GOOD, at=AT, evidence=_uses(*uses)).breaches[:1]
    assert "2026-11-17" in breach.message
    assert "CHGVA" in breach.message


def test_zones_make_no_use_early():
    """A use in the west may bear an earlier date than the permit of the same hour."""
    moment = (ISSUED + timedelta(minutes=1)).astimezone(timezone(timedelta(hours=-12)))
    assert _broken(TRAVELLING, _used(at=moment)) == []


def test_unknown_uses_are_not_checked():
    """Nobody knows the uses: the rules about them have neither passed nor failed."""
    outcome = check(GOOD, at=AT)
    skipped = {one.rule for one in outcome.not_checked}
    assert {one.id for one in RULES.values() if one.needs is Need.USES} <= skipped
    assert outcome.breaches == ()


def test_an_undated_permit_is_not_compared():
    """Without a date of issue or of expiry there is nothing to compare a use with."""
    undated = replace(TRAVELLING, issued_at=None, validity=None)
    assert {rule for rule, _ in _broken(undated, _used())} == {
        "validity.issue-missing",
        "validity.end-missing",
    }


def test_a_use_at_the_moment_of_issue_is_not_early():
    """The same moment, written in a zone where it is still yesterday, is not before the issue."""
    moment = ISSUED.astimezone(timezone(timedelta(hours=-12)))
    assert _broken(TRAVELLING, _used(at=moment)) == []


def test_an_office_without_name_is_said_to_have_none():
    """The sentence does not break off where the office is not known."""
    ((_, _, breach),) = check(GOOD, at=AT, evidence=_uses(_used())).breaches[:1]
    assert "office not named" in breach.message
