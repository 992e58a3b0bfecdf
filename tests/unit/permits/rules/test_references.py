from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from support.rule_cases import Case, check_case
from unit.permits.line_builder import ISSUED, country, re_export, reference
from unit.permits.permit_builder import AT, GOOD, with_line

from gateway.permits import model
from gateway.permits.rules import check

FROM_ORIGIN = reference("861")
FROM_LAST = reference("811", "DE-R-26-1188")
DAY = timedelta(days=1)


def _last(*references: model.Reference, code: str = "DE") -> model.Permit:
    return re_export(last_export=country(code), references=(FROM_ORIGIN, *references))


CASES = {
    "references.last-incomplete": Case(_last(FROM_LAST), _last(replace(FROM_LAST, issued_at=None))),
    "references.last-here": Case(_last(FROM_LAST, code="DE"), _last(FROM_LAST, code="CH")),
    "references.order": Case(
        _last(replace(FROM_LAST, issued_at=FROM_ORIGIN.issued_at)),
        _last(replace(FROM_LAST, issued_at=FROM_ORIGIN.issued_at - DAY)),
    ),
    "references.last-on-export": Case(GOOD, with_line(last_export=country("DE"))),
    "references.type-unknown": Case(
        _last(FROM_LAST), re_export(references=(FROM_ORIGIN, reference("911", "FR26-IMP-00077")))
    ),
    "references.after-issue": Case(
        re_export(references=(reference("861", at=ISSUED),)),
        re_export(references=(reference("861", at=ISSUED + timedelta(days=1)),)),
    ),
}


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule):
    """Each rule about references lets the first permit pass and stops the second."""
    check_case(rule, CASES[rule])


def test_a_certificate_of_last_re_export_needs_its_country(broken_rules):
    """A reference of type 811 without Box 12a is half of what is needed."""
    assert broken_rules(re_export(references=(FROM_ORIGIN, FROM_LAST))) == ["references.last-incomplete"]


def test_both_boxes_have_their_own_reference(broken_rules):
    """The permit of origin does not stand in for the certificate of last re-export."""
    assert broken_rules(_last()) == ["references.last-incomplete"]


@pytest.mark.parametrize("lost", [replace(FROM_ORIGIN, type=None), reference("E"), reference("")])
def test_a_reference_without_a_box_is_told(lost, broken_rules):
    """Only 861 and 811 say where a reference belongs."""
    assert broken_rules(with_line(references=(lost,))) == ["references.type-unknown"]


def test_the_next_day_has_come_elsewhere(broken_rules):
    """A permit of origin from across the date line that was given before ours is not younger."""
    issued = datetime(2026, 11, 16, 23, 0, tzinfo=UTC)
    before = datetime(2026, 11, 17, 8, 0, tzinfo=timezone(timedelta(hours=12)))
    permit = re_export(references=(reference("861", at=before),))
    assert broken_rules(replace(permit, issued_at=issued)) == []


def test_without_a_date_of_issue_nothing_is_younger(broken_rules):
    """A missing date of issue is told by its own rule."""
    permit = replace(re_export(), issued_at=None)
    assert "references.after-issue" not in broken_rules(permit)


def test_the_last_of_several_certificates_counts():
    """Of several re-exports the youngest certificate must be younger than the oldest permit of origin."""
    early = replace(FROM_LAST, issued_at=FROM_ORIGIN.issued_at - DAY)
    late = replace(FROM_LAST, issued_at=FROM_ORIGIN.issued_at + DAY)
    assert check(_last(early, late), at=AT).breaches == ()
    ((rule, _, breach),) = check(
        _last(early, replace(early, issued_at=early.issued_at - DAY)), at=AT
    ).breaches
    assert (rule.id, breach.where) == ("references.order", "lines[0].references[1].issued_at")


def test_dates_with_and_without_a_zone_are_compared(broken_rules):
    """A date without a zone counts as UTC."""
    bare = replace(FROM_LAST, issued_at=datetime(2026, 6, 9))  # noqa: DTZ001 - as the document has it
    assert broken_rules(_last(bare)) == ["references.order"]


def test_the_oldest_permit_of_origin_counts(broken_rules):
    """Goods of two permits of origin, one younger than the last certificate, may have come in two steps."""
    late = replace(FROM_ORIGIN, issued_at=FROM_ORIGIN.issued_at + 2 * DAY)
    between = replace(FROM_LAST, issued_at=FROM_ORIGIN.issued_at + DAY)
    assert broken_rules(_last(late, between)) == []


def test_without_box_12a_there_is_no_order(broken_rules):
    """An old certificate of last re-export without its country is told for that, not for its date."""
    early = replace(FROM_LAST, issued_at=FROM_ORIGIN.issued_at - DAY)
    assert broken_rules(re_export(references=(FROM_ORIGIN, early))) == ["references.last-incomplete"]


def test_the_same_moment_in_two_zones_is_not_later(broken_rules):
    """A moment that has another date in another zone is the same moment."""
    elsewhere = ISSUED.astimezone(timezone(timedelta(hours=14, minutes=59)))
    assert elsewhere.date() > ISSUED.date()
    assert broken_rules(re_export(references=(reference("861", at=elsewhere),))) == []


@pytest.mark.parametrize(
    ("references", "where"),
    [
        ((FROM_ORIGIN,), "lines[0].references[1]"),
        ((FROM_ORIGIN, replace(FROM_LAST, numbers=())), "lines[0].references[1]"),
        ((replace(FROM_LAST, numbers=()), FROM_ORIGIN), "lines[0].references[0]"),
    ],
)
def test_the_reference_that_lacks_something_is_pointed_at(references, where):
    """The finding stands at the incomplete reference, else where it is to be written."""
    permit = re_export(last_export=country("DE"), references=references)
    ((rule, _, breach),) = check(permit, at=AT).breaches
    assert (rule.id, breach.where) == ("references.last-incomplete", where)
