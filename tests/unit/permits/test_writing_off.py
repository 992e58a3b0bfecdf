"""What customs may write off: the last that passes and the first that does not."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS
from support.keys import NOW
from support.notices import YESTERDAY, endorsement, reversal, written
from support.permits import line, permit

from gateway.permits.model import Package
from gateway.permits.notices import PermitStatus, Side
from gateway.permits.quantities import Quantity
from gateway.permits.values import Code
from gateway.permits.writing_off import (
    STANDARD,
    UsePolicy,
    endorsement_objections,
    reversal_objections,
)

E = permit()
O = permit(type=Code("O"))  # noqa: E741 - that is its name
LAST = E.valid_until.date()
LATER = datetime.combine(LAST + timedelta(days=30), NOW.timetz())
IMPORT = {"side": Side.IMPORT, "by": FR_CUSTOMS}


def rules(made, earlier=(), *, of=E, status=PermitStatus.ISSUED, policy=STANDARD, at=LATER):
    """The rules that object."""
    found = endorsement_objections(made, of, earlier, status, policy, at)
    assert all(finding.box == "14" and finding.source for finding in found)
    return [finding.rule for finding in found]


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        ("40", []),
        ("40.000000000000000001", ["endorsement.more-than-left"]),
        ("0.000000000000000001", []),
        ("0", ["endorsement.not-positive"]),
        ("-1", ["endorsement.not-positive"]),
        ("NaN", ["endorsement.not-positive"]),
        ("Infinity", ["endorsement.not-positive"]),
    ],
)
def test_quantity(quantity, expected):
    assert rules(endorsement(written(quantity))) == expected


@pytest.mark.parametrize(("quantity", "expected"), [("30", []), ("30.5", ["endorsement.more-than-left"])])
def test_what_was_written_off_before_is_gone(quantity, expected):
    """At that border; the other has its own sum."""
    earlier = [endorsement(written("10"))]
    assert rules(endorsement(written(quantity)), earlier, of=O) == expected
    assert rules(endorsement(written("40"), **IMPORT), earlier, of=O) == []


def test_less_than_nothing_is_told_as_nothing():
    """Two offices did not know of each other; the sentence has no negative number."""
    earlier = [endorsement(written("30")), endorsement(written("30"))]
    (found,) = endorsement_objections(endorsement(), O, earlier, PermitStatus.ISSUED, STANDARD, LATER)
    assert "more than the 0 that are left" in found.message


@pytest.mark.parametrize(
    ("dead", "expected"),
    [("0", []), ("10", []), ("10.1", ["endorsement.dead"]), ("-0.1", ["endorsement.dead"])],
)
def test_dead_on_arrival(dead, expected):
    assert rules(endorsement(written("10", dead=dead))) == expected


@pytest.mark.parametrize(
    ("authorised", "used", "expected"),
    [
        (("1", "KGM"), ("1000", "GRM"), []),
        (("1", "KGM"), ("1000.1", "GRM"), ["endorsement.more-than-left"]),
        (("1", "KGM"), ("2.2", "PND"), []),
        (("1", "KGM"), ("2.3", "PND"), ["endorsement.more-than-left"]),
        (("1", "PND"), ("0.1", "KGM"), ["endorsement.unit"]),
        (("1", "KGM"), ("1", None), ["endorsement.unit"]),
        (("1", "KGM"), ("1", "QQQ"), ["endorsement.unit"]),
        (("5", "BOX"), ("1", None), ["endorsement.unit"]),
        (("5", None), ("1", "BOX"), ["endorsement.unit"]),
    ],
)
def test_units_convert_exactly_or_are_refused(authorised, used, expected):
    """Pounds end in kilograms; kilograms do not in pounds; nobody knows what a box holds."""
    packages = (Package(Quantity(Decimal(authorised[0]), authorised[1])),)
    of = permit(lines=(replace(line(), packages=packages),))
    assert rules(endorsement(written(used[0], unit=used[1])), of=of) == expected


def test_a_line_without_quantity():
    of = permit(lines=(replace(line(), packages=()),))
    assert rules(endorsement(), of=of) == ["endorsement.no-quantity"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((written(line="B"),), ["endorsement.unknown-line"]),
        ((written(), written()), ["endorsement.line-twice"]),
        ((written("99"), written(line="B")), ["endorsement.more-than-left", "endorsement.unknown-line"]),
    ],
)
def test_lines(lines, expected):
    """Everything is said at once."""
    assert rules(endorsement(*lines)) == expected


def test_no_line():
    assert rules(replace(endorsement(), lines=())) == ["endorsement.no-line"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (YESTERDAY, []),
        (YESTERDAY - timedelta(days=1), ["endorsement.before-issue"]),
        (LAST, []),
        (LAST + timedelta(days=1), ["endorsement.after-expiry"]),
    ],
)
def test_first_and_last_day(day, expected):
    assert rules(endorsement(on=day)) == expected


def test_the_day_of_issue_counts_when_no_first_day_is_named():
    of = replace(E, validity=None)
    assert rules(endorsement(on=YESTERDAY), of=of) == []
    assert rules(endorsement(on=YESTERDAY - timedelta(days=1)), of=of) == ["endorsement.before-issue"]
    assert rules(endorsement(on=LAST + timedelta(days=20)), of=of) == []


@pytest.mark.parametrize(
    ("at", "day", "expected"),
    [
        (datetime(2026, 12, 1, 9, 59, tzinfo=UTC), date(2026, 12, 1), []),
        (datetime(2026, 12, 1, 9, 59, tzinfo=UTC), date(2026, 12, 2), ["endorsement.in-future"]),
        (datetime(2026, 12, 1, 10, 0, tzinfo=UTC), date(2026, 12, 2), []),
    ],
)
def test_tomorrow_begins_in_the_far_east(at, day, expected):
    """At ten o'clock UTC the next day has begun on Kiritimati, UTC+14."""
    assert rules(endorsement(on=day), at=at) == expected


@pytest.mark.parametrize(
    ("left_on", "expected"),
    [
        (None, ["endorsement.after-expiry"]),
        (LAST, []),
        (LAST + timedelta(days=1), ["endorsement.after-expiry"]),
    ],
)
def test_what_left_in_time_may_arrive_after_the_last_day(left_on, expected):
    """And what left too late may not; an export after the last day never is in time."""
    earlier = [endorsement(on=left_on)] if left_on else []
    after = LAST + timedelta(days=5)
    assert rules(endorsement(on=after, **IMPORT), earlier) == expected
    assert "endorsement.after-expiry" in rules(endorsement(on=after), earlier)


@pytest.mark.parametrize(
    ("side", "by", "expected"),
    [
        (Side.EXPORT, CH_CUSTOMS, []),
        (Side.IMPORT, FR_CUSTOMS, []),
        (Side.EXPORT, FR_CUSTOMS, ["endorsement.not-yours"]),
        (Side.IMPORT, CH_CUSTOMS, ["endorsement.not-yours"]),
        (Side.EXPORT, CH_MA, ["endorsement.not-yours"]),
    ],
)
def test_whose_border(side, by, expected):
    """To customs of another border nothing more is said: not how much is left, nor that it is cancelled."""
    assert rules(endorsement(side=side, by=by)) == expected
    if expected:
        made = endorsement(written("99"), side=side, by=by)
        assert rules(made, status=PermitStatus.CANCELLED) == expected


@pytest.mark.parametrize("status", list(PermitStatus))
def test_only_what_is_issued_or_amended_is_written_off(status):
    usable = status in (PermitStatus.ISSUED, PermitStatus.AMENDED)
    assert rules(endorsement(), status=status) == ([] if usable else ["endorsement.not-usable"])


def test_one_consignment_unless_the_type_allows_more():
    """Type O by default, others when they are configured; export and import are one consignment."""
    earlier = [endorsement()]
    assert rules(endorsement(), earlier) == ["endorsement.one-consignment"]
    assert rules(endorsement(**IMPORT), earlier) == []
    assert rules(endorsement(), earlier, of=O) == []
    assert rules(endorsement(), earlier, policy=UsePolicy(several_consignments=("E",))) == []
    assert rules(endorsement(), earlier, of=O, policy=UsePolicy(several_consignments=("E",))) == [
        "endorsement.one-consignment"
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["endorsement.twice"]),
        ({"customs_document": "26CH0000000000002"}, []),
        ({"on": YESTERDAY}, []),
        ({"lines": (written("11"),)}, []),
    ],
)
def test_a_customs_document_is_written_off_once(changes, expected):
    """The same consignment sent twice without a key; anything that differs makes it another one."""
    earlier = [endorsement(customs_document="26CH0000000000001")]
    assert (
        rules(endorsement(**{"customs_document": "26CH0000000000001"} | changes), earlier, of=O) == expected
    )


def test_without_a_customs_document_two_alike_are_two():
    assert rules(endorsement(), [endorsement()], of=O) == []


def test_a_policy_of_no_meaning_is_refused():
    with pytest.raises(ValueError, match="as-permitted or unknown"):
        UsePolicy(no_entry="maybe")


def test_reversals():
    """Of something that is there, one's own, and still stands."""
    made = endorsement()
    own, foreign = reversal(made), reversal(made, by=FR_CUSTOMS)

    def found(*arguments, standing):
        return [each.rule for each in reversal_objections(*arguments, standing=standing)]

    assert found(own, made, standing=True) == []
    assert found(own, made, standing=False) == ["reversal.twice"]
    assert found(own, None, standing=False) == ["reversal.unknown"]
    assert found(foreign, made, standing=True) == ["reversal.not-yours"]
