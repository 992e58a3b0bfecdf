import csv
import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from unit.permits.annual.used_builder import ON, amount, unused, use
from unit.permits.line_builder import other
from unit.permits.permit_builder import GOOD

from gateway.errors import ConfigurationError, MalformedRequest
from gateway.permits.annual.comparing import Difference, findings_of
from gateway.permits.annual.reconciliation import CSV_COLUMNS, csv_of, reconcile
from gateway.permits.annual.tolerance import DEFAULT, Tolerance
from gateway.permits.annual.used import LineUse
from gateway.permits.findings import Severity
from gateway.permits.model import Period
from gateway.permits.values import Identifier

LAST = date(2027, 5, 15)
"""The last day of the good permit."""
YEAR = {"first": date(2026, 1, 1), "last": date(2026, 12, 31), "on": ON}


def line(exported=None, imported=None, dead=None, authorised="250", unit="NAR"):
    """Line A of the permit; amounts as text, all in one unit."""
    given = {"authorised": authorised, "exported": exported, "imported": imported, "dead": dead}
    amounts = {name: amount(value, unit) for name, value in given.items() if value is not None}
    return LineUse("A", **amounts)


def found(use_, on=ON, tolerance=DEFAULT):
    return {each.difference.value for each in findings_of(use_, on=on, tolerance=tolerance)}


@pytest.mark.parametrize(
    ("on", "expected"), [(LAST, {"never-used"}), (date(2027, 5, 16), {"expired-unused"})]
)
def test_a_permit_that_was_never_used(on, expected):
    """On its last day it can still be used; the day after it is expired."""
    assert found(unused(), on) == expected


def test_a_permit_without_a_last_day_does_not_expire_unused():
    """Nobody can say that it is over."""
    assert found(unused(replace(GOOD, validity=None)), date(2099, 1, 1)) == {"never-used"}


@pytest.mark.parametrize(("day", "told"), [(LAST, False), (date(2027, 5, 16), True)])
def test_use_after_the_last_day(day, told):
    """The last day counts to its end."""
    assert ("used-after-expiry" in found(use(last_used=day))) is told


@pytest.mark.parametrize(
    ("permit", "exports", "imports", "told"),
    [
        (GOOD, 1, 1, False),
        (GOOD, 2, 1, True),
        (GOOD, 1, 2, True),
        (other("Travelling exhibition"), 9, 9, False),
        (other("Certificate of origin"), 2, 1, True),
    ],
)
def test_more_consignments_than_the_document_is_for(permit, exports, imports, told):
    """One on each side, except for certificates of many journeys."""
    assert ("used-twice" in found(use(permit=permit, exports=exports, imports=imports))) is told


@pytest.mark.parametrize(
    ("difference", "passing", "failing"),
    [
        ("more-than-authorised", line("250", "250"), line("251", "251")),
        ("more-than-authorised", line(None, "250"), line(None, "250.0001")),
        ("more-than-authorised", line("250", "250", unit="KGM"), line("250.001", "250", unit="KGM")),
        ("differs", line("250", "250"), line("250", "249")),
        ("differs", line("100", "95", unit="KGM"), line("100", "94.999", unit="KGM")),
        ("more-imported", line("100", "100", unit="KGM"), line("100", "100.001", unit="KGM")),
        ("more-dead", line("10", "10", "10"), line("10", "10", "11")),
        ("arrival-unknown", line("10", "10"), line("10")),
        ("not-comparable", line("10", "10"), LineUse("A", exported=amount("1"), imported=amount("1", "KGM"))),
    ],
)  # fmt: skip
def test_each_difference_has_a_border(difference, passing, failing):
    """The last amounts that pass, and the first that are told."""
    assert difference in found(use(failing))
    assert difference not in found(use(passing))


def test_amounts_in_other_units_are_compared_exactly():
    """A pound is no half kilogram, and kilograms are grams."""
    even = LineUse("A", amount("1", "KGM"), amount("1000", "GRM"), amount("1", "KIL"))
    assert found(use(even)) == set()
    pounds = LineUse("A", amount("0.45359237", "KGM"), amount("1", "PND"), amount("453.59237", "GRM"))
    assert found(use(pounds)) == set()
    more = LineUse("A", amount("0.45359236", "KGM"), amount("1", "PND"), amount("453.59237", "GRM"))
    assert found(use(more)) == {"more-than-authorised"}


def test_what_cannot_be_compared_is_told_once_for_each_comparison():
    """Boxes and specimens: the finding says why, in each language."""
    odd = LineUse("A", amount("10"), amount("10"), amount("1", "BOX"))
    (finding, *_) = findings_of(use(odd), on=ON, tolerance=DEFAULT)
    assert finding.difference is Difference.NOT_COMPARABLE
    assert "how many specimens one BOX holds" in finding.message
    assert "BOX" in finding.as_dict("fr")["message"]
    assert finding.as_dict("fr")["message"] != finding.as_dict("en")["message"]


@pytest.mark.parametrize(
    ("tolerance", "arrived", "told"),
    [
        (Tolerance(counted_share=Decimal("0.1")), "90", False),
        (Tolerance(counted_share=Decimal("0.1")), "89", True),
        (Tolerance(amount=Decimal(3)), "97", False),
        (Tolerance(amount=Decimal(3)), "96", True),
        (Tolerance(amount=Decimal(3)), "103", False),
        (Tolerance(amount=Decimal(3)), "104", True),
        (Tolerance(share=Decimal("0.5")), "99", True),
        (Tolerance(counted_share=Decimal("0.01"), amount=Decimal(5)), "95", False),
        (Tolerance(counted_share=Decimal("0.05"), amount=Decimal(1)), "95", False),
    ],
)
def test_a_difference_within_the_share_or_the_amount_is_tolerated(tolerance, arrived, told):
    """Either is enough; what is counted has a share of its own."""
    assert ("differs" in found(use(line("100", arrived)), tolerance=tolerance)) is told


@pytest.mark.parametrize("name", ["share", "counted_share", "amount"])
@pytest.mark.parametrize("value", ["-0.01", "NaN", "Infinity"])
def test_a_tolerance_that_makes_no_sense_is_refused(name, value):
    """Nothing below zero, nothing that is no number."""
    with pytest.raises(ConfigurationError, match=name):
        Tolerance(**{name: Decimal(value)})


def test_the_worst_comes_first():
    """Errors, then warnings, then what is only said."""
    bad = use(LineUse("A", exported=amount("1")), line("10", "9"), exports=2)
    ranks = [each.severity for each in findings_of(bad, on=ON, tolerance=DEFAULT)]
    assert ranks == [Severity.ERROR, Severity.WARNING, Severity.INFO]
    assert reconcile([bad], **YEAR).permits[0].severity is Severity.ERROR
    assert reconcile([use()], **YEAR).permits[0].severity is None


@pytest.mark.parametrize(
    ("day", "counted"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_a_permit_belongs_to_the_period_of_its_last_use(day, counted):
    """First and last day count; the first use does not matter."""
    assert bool(reconcile([use(first_used=date(2026, 6, 1), last_used=day)], **YEAR).permits) is counted


def test_an_unused_permit_belongs_to_the_period_of_its_last_day():
    """In this year it could still be used; in the next it is told."""
    later = {"first": date(2027, 1, 1), "last": date(2027, 12, 31), "on": date(2028, 1, 1)}
    assert reconcile([unused()], **YEAR).permits == ()
    assert reconcile([unused()], **later).count(Difference.EXPIRED_UNUSED) == 1
    endless = unused(replace(GOOD, validity=Period()))
    assert len(reconcile([endless], **YEAR).permits) == 1


def test_a_period_that_ends_before_it_begins_is_refused():
    """The first day goes first; one day is a period."""
    assert reconcile([], first=ON, last=ON, on=ON).permits == ()
    with pytest.raises(MalformedRequest, match="before it begins"):
        reconcile([], first=ON, last=date(2026, 11, 30), on=ON)


def test_totals_are_exact_and_in_one_unit():
    """Kilograms, grams and pounds of a species add up; boxes stay apart."""
    one = use(line("1", "1", "0.5", unit="KGM"))
    two = use(LineUse("B", exported=amount("3", "PND"), imported=amount("1", "BOX")))
    (total,) = reconcile([one, two], **YEAR).totals
    assert total.as_dict() == {
        "species": "Alligator mississippiensis",
        "term": "LPS",
        "authorised": {"value": "250", "unit": "KGM"},
        "exported": {"value": "2.36077711", "unit": "KGM"},
        "imported": None,
        "dead": {"value": "0.5", "unit": "KGM"},
        "left": None,
        "apart": ["imported"],
    }


def test_the_json_shape():
    """Amounts are text, days ISO 8601; it is JSON."""
    shape = reconcile([use(line("250", "249", "1"))], **YEAR).as_dict()
    assert json.loads(json.dumps(shape)) == shape
    assert (shape["first"], shape["last"], shape["on"]) == ("2026-01-01", "2026-12-31", "2026-12-01")
    assert {key: count for key, count in shape["counts"].items() if count} == {"differs": 1}
    (permit,) = shape["permits"]
    assert permit["lines"] == [
        {
            "letter": "A",
            "species": "Alligator mississippiensis",
            "term": "LPS",
            "authorised": {"value": "250", "unit": "NAR"},
            "exported": {"value": "250", "unit": "NAR"},
            "imported": {"value": "249", "unit": "NAR"},
            "dead": {"value": "1", "unit": "NAR"},
            "left": None,
        }
    ]
    assert (permit["issuer"], permit["number"], permit["type"]) == ("CH", "CH-2026-000123", "E")
    assert [each["difference"] for each in permit["findings"]] == ["differs"]


def test_the_csv_has_a_row_for_each_line():
    """With the findings of the line and of the permit, and nothing that a spreadsheet calculates."""
    permit = replace(GOOD, number=Identifier("=1+1"))
    used_ = use(
        line("250", "249"), LineUse("B", exported=amount("5"), imported=amount("5"), left=amount("-5")),
        permit=permit, exports=2,
    )  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(csv_of(reconcile([used_], **YEAR)).decode(), newline="")))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert [row["Line"] for row in rows] == ["A", "B"]
    assert [row["Findings"] for row in rows] == ["used-twice differs", "used-twice"]
    assert [row["Left"] for row in rows] == ["", "-5"]
    assert rows[0]["Permit"] == "'=1+1"
    assert (rows[0]["Imported"], rows[0]["ImportedUnit"], rows[0]["Exports"]) == ("249", "NAR", "2")


def test_a_permit_without_lines_has_a_row_too():
    """It is not forgotten."""
    rows = csv_of(reconcile([use()], **YEAR)).decode().splitlines()
    assert len(rows) == 2


def test_permits_are_in_the_order_of_their_numbers():
    """The same uses give the same bytes, in whatever order they come."""
    some = [use(permit=replace(GOOD, number=Identifier(number))) for number in ("B", "A", "C")]
    assert csv_of(reconcile(some, **YEAR)) == csv_of(reconcile(reversed(some), **YEAR))
    assert [each.use.ref.number for each in reconcile(some, **YEAR).permits] == ["A", "B", "C"]
