from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from support.rule_cases import Case, check_case
from unit.permits.permit_builder import AT, GOOD, valid, with_product, with_quantity

from gateway.permits import model
from gateway.permits.days import end_of_day, months_later
from gateway.permits.rules import RULES, check
from gateway.permits.rules.context import Evidence
from gateway.permits.values import Code, Identifier, Text

ISSUED = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
END = datetime(2027, 5, 15, tzinfo=UTC)
DAY_BEFORE_ISSUE = datetime(2026, 11, 15, 12, tzinfo=UTC)

TIMBER_NOTE = (Text("Extension of validity granted once.", "EN"),)


def _certificate(name: str, end: datetime, *, appendix: str = "II", source: str = "W") -> model.Permit:
    """A document of type O of that name, valid until `end`."""
    permit = valid(ISSUED, end, type_="O")
    lines = tuple(
        replace(
            line,
            specimens=(replace(line.specimens[0], appendix=Code(appendix), source=Code(source)),),
        )
        for line in permit.lines
    )
    return replace(permit, names=(Text(name),), lines=lines)


def _repeated(end: datetime, *numbers: str) -> model.Permit:
    """The good permit with its period repeated in a reference."""
    reference = model.Reference(
        numbers=tuple(Identifier(number) for number in numbers), validity=model.Period(end=end)
    )
    return replace(GOOD, references=(reference,))


def _timber(**changes) -> model.Permit:
    """The good permit for sawn wood in both lines."""
    wood = replace(
        with_product(terms=(Code("SAW"),)).lines[0], packages=with_quantity("2", "MTQ").lines[0].packages
    )
    lines = (wood, replace(wood, ids=(Identifier("B"),)))
    return replace(GOOD, lines=lines, **changes)


def _earlier(permit: model.Permit) -> Evidence:
    """The same permit with a last day that is one day earlier."""
    end = permit.valid_until - timedelta(days=1)
    return Evidence(counterparts=(replace(permit, validity=model.Period(end=end)),))


CASES = {
    "validity.issue-missing": Case(valid(ISSUED, END), valid(None, END)),
    "validity.end-missing": Case(valid(ISSUED, END), valid(ISSUED, None)),
    "validity.issue-in-future": Case(
        valid(AT + timedelta(days=1), END), valid(AT + timedelta(days=1, seconds=1), END)
    ),
    "validity.end-before-issue": Case(
        valid(ISSUED, ISSUED.replace(hour=0)),
        valid(ISSUED, ISSUED - timedelta(days=1)),
        at=DAY_BEFORE_ISSUE,
    ),
    "validity.end-before-start": Case(
        valid(ISSUED, AT.replace(hour=0), AT),
        valid(ISSUED, AT, AT + timedelta(days=1)),
        also=("validity.not-yet-valid",),
    ),
    "validity.export-too-long": Case(
        valid(ISSUED, datetime(2027, 5, 16, 23, 59, tzinfo=UTC)),
        valid(ISSUED, datetime(2027, 5, 17, tzinfo=UTC)),
    ),
    "validity.import-too-long": Case(
        valid(ISSUED, datetime(2027, 11, 16, tzinfo=UTC), type_="I"),
        valid(ISSUED, datetime(2027, 11, 17, tzinfo=UTC), type_="I"),
    ),
    "validity.certificate-too-long": Case(
        _certificate("Certificate of origin", datetime(2027, 11, 16, tzinfo=UTC), appendix="III"),
        _certificate("Certificate of origin", datetime(2027, 11, 17, tzinfo=UTC), appendix="III"),
    ),
    "validity.returning-too-long": Case(
        _certificate("Travelling exhibition", datetime(2029, 11, 16, tzinfo=UTC)),
        _certificate("Travelling exhibition", datetime(2029, 11, 17, tzinfo=UTC)),
    ),
    "validity.samples-too-long": Case(
        _certificate("Sample collection", datetime(2027, 5, 16, tzinfo=UTC)),
        _certificate("Sample collection", datetime(2027, 5, 17, tzinfo=UTC)),
    ),
    "validity.expired": Case(
        valid(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC)),
        valid(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 11, 22, 23, 59, tzinfo=UTC)),
    ),
    "validity.not-yet-valid": Case(valid(ISSUED, END, AT), valid(ISSUED, END, AT + timedelta(seconds=1))),
    "validity.places-differ": Case(
        _repeated(GOOD.valid_until), _repeated(GOOD.valid_until + timedelta(days=1))
    ),
    "validity.extended": Case(
        _timber(special_conditions=TIMBER_NOTE),
        _timber(),
        evidence=_earlier(_timber()),
    ),
}


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule):
    """Each rule about dates lets the first permit pass and stops the second."""
    check_case(rule, CASES[rule])


def test_other_certificates_may_be_valid_longer(broken_rules):
    """The limits of export and import permits do not bind documents of type O whose kind has none."""
    assert broken_rules(valid(ISSUED, datetime(2029, 11, 17, tzinfo=UTC), type_="O")) == []


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("Introduction from the sea", "validity.certificate-too-long"),
        ("Certificado de propiedad", "validity.returning-too-long"),
        ("Certificat pour instrument de musique", "validity.returning-too-long"),
        ("Colección de muestras", "validity.samples-too-long"),
    ],
)
def test_each_kind_has_its_own_limit(name, rule, broken_rules):
    """The kind is understood from the name in each language, and only its own limit counts."""
    assert broken_rules(_certificate(name, datetime(2030, 1, 1, tzinfo=UTC), source="X")) == [rule]


@pytest.mark.parametrize(
    ("end", "last_moment"),
    [
        ("2026-11-30T00:00:00Z", "2026-11-30T23:59:59.999999+00:00"),
        ("2026-11-30T23:59:59+13:00", "2026-11-30T10:59:59.999999+00:00"),
        ("2026-11-30T08:00:00-05:00", "2026-12-01T04:59:59.999999+00:00"),
        ("2026-11-30T00:00:00", "2026-11-30T23:59:59.999999+00:00"),
    ],
)
def test_a_permit_lasts_until_midnight_of_its_own_zone(end, last_moment, broken_rules):
    """The last day ends at midnight in the zone written; without one, in UTC."""
    permit = valid(datetime(2026, 6, 1, tzinfo=UTC), datetime.fromisoformat(end))
    at = datetime.fromisoformat(last_moment)
    assert broken_rules(permit, at) == []
    assert broken_rules(permit, at + timedelta(microseconds=1)) == ["validity.expired"]


@pytest.mark.parametrize(
    ("issued", "end", "broken"),
    [
        ("2026-08-31T00:00:00Z", "2027-02-28T23:59:59Z", []),
        ("2026-08-31T00:00:00Z", "2027-03-01T00:00:00Z", ["validity.export-too-long"]),
        ("2027-08-31T00:00:00Z", "2028-02-29T23:59:59Z", []),
        ("2027-08-31T00:00:00Z", "2028-03-01T00:00:00Z", ["validity.export-too-long"]),
        ("2026-11-16T23:59:59-05:00", "2027-05-16T23:59:59-05:00", []),
        ("2026-11-16T23:59:59-05:00", "2027-05-17T00:00:00-05:00", ["validity.export-too-long"]),
        ("2026-11-17T00:00:00+14:00", "2027-05-17T23:59:59+14:00", []),
    ],
)
def test_six_months_are_counted_by_the_calendar_of_the_document(issued, end, broken, broken_rules):
    """The limit ends on the same day of the month, or the last one; the day is that of the zone written."""
    issued, end = datetime.fromisoformat(issued), datetime.fromisoformat(end)
    assert broken_rules(valid(issued, end), issued + timedelta(hours=1)) == broken


@pytest.mark.parametrize(
    ("end", "broken"), [("2029-02-28", []), ("2029-03-01", ["validity.import-too-long"])]
)
def test_a_year_from_29_february_ends_on_28_february(end, broken, broken_rules):
    """A permit of a leap day is valid until the last day of February of the next year."""
    issued = datetime(2028, 2, 29, tzinfo=UTC)
    permit = valid(issued, datetime.fromisoformat(f"{end}T00:00:00+00:00"), type_="I")
    assert broken_rules(permit, issued) == broken


def test_dates_with_and_without_zone_can_meet(broken_rules):
    """A document that writes a zone in one date and none in the other is judged, not crashed on."""
    assert broken_rules(valid(datetime(2026, 11, 16), END)) == []  # noqa: DTZ001 - without a zone on purpose
    assert broken_rules(valid(ISSUED, datetime(2027, 5, 15))) == []  # noqa: DTZ001 - as above
    start = datetime(2026, 11, 23, 12, 0, 1)  # noqa: DTZ001 - as above
    assert broken_rules(valid(ISSUED, END, start)) == ["validity.not-yet-valid"]


def test_the_validity_of_another_document_is_not_compared(broken_rules):
    """A reference with a number has a period of its own."""
    assert broken_rules(_repeated(GOOD.valid_until + timedelta(days=1), "FR-1")) == []


def test_the_same_moment_in_another_zone_does_not_differ(broken_rules):
    """What is repeated in another zone is the same."""
    assert broken_rules(_repeated(GOOD.valid_until.astimezone(timezone(timedelta(hours=9))))) == []


EARLIER = replace(GOOD, validity=model.Period(end=GOOD.valid_until - timedelta(days=1)))
"""An earlier state of the good permit, valid one day less."""


def _extended(permit: model.Permit, *others: model.Permit) -> list[str]:
    """What a permit breaks that is about its extension, when these are presented with it."""
    outcome = check(permit, at=AT, evidence=Evidence(counterparts=others))
    return [rule.id for rule, _, _ in outcome.breaches if rule.id == "validity.extended"]


@pytest.mark.parametrize(
    "other",
    [
        GOOD,
        replace(EARLIER, number=Identifier("CH-1")),
        replace(EARLIER, first_signatory=None),
        replace(EARLIER, issued_at=GOOD.issued_at - timedelta(days=1)),
        replace(EARLIER, issued_at=None),
        replace(EARLIER, validity=model.Period(end=GOOD.valid_until + timedelta(days=1))),
        replace(EARLIER, validity=None),
    ],
)
def test_only_a_later_end_of_the_same_permit_is_an_extension(other):
    """Another number, authority or issue, a shortened validity or none is no extension."""
    assert _extended(GOOD, EARLIER) == ["validity.extended"]
    assert _extended(GOOD, other) == []


@pytest.mark.parametrize("lacking", ["number", "issued_at", "validity"])
def test_a_permit_that_lacks_what_is_compared_is_not_extended(lacking):
    """Two permits without number, or without date of issue, are not known to be the same."""
    other = replace(EARLIER, **{lacking: None})
    assert _extended(replace(GOOD, **{lacking: None}), other) == []


def test_the_note_needs_timber_in_every_line():
    """No line, and a line without term, is no timber."""
    for lines in ((), (replace(GOOD.lines[0], specimens=()),)):
        permit = replace(EARLIER, lines=lines, special_conditions=TIMBER_NOTE)
        assert _extended(replace(permit, validity=GOOD.validity), permit) == ["validity.extended"]


def test_a_period_that_is_half_given_is_half_compared(broken_rules):
    """A start only in the header, or a reference without any period, contradicts nothing."""
    started = replace(GOOD, validity=model.Period(GOOD.issued_at, GOOD.valid_until))
    repeated = _repeated(GOOD.valid_until).references
    assert broken_rules(replace(started, references=repeated)) == []
    assert broken_rules(replace(started, references=(model.Reference(),))) == []
    both = (replace(repeated[0], validity=started.validity),)
    assert broken_rules(replace(GOOD, references=both)) == []


def test_an_open_period_has_no_wrong_order(broken_rules):
    """A start without an end is told to lack the end only."""
    assert broken_rules(valid(ISSUED, None, ISSUED)) == ["validity.end-missing"]


def test_a_time_of_day_is_told_only_when_it_matters():
    """Midnight is a day; another time is written out."""
    day, hour = (
        check(valid(ISSUED, END, start), at=AT).breaches[0][2].message
        for start in (datetime(2026, 11, 24, tzinfo=UTC), datetime(2026, 11, 24, 8, 30, tzinfo=UTC))
    )
    assert "from 2026-11-24;" in day
    assert "from 2026-11-24 08:30;" in hour


def test_the_note_helps_only_timber():
    """Leather goods cannot be extended, whatever Box 5 says."""
    permit = replace(GOOD, special_conditions=TIMBER_NOTE)
    ((rule, _, _),) = check(permit, at=AT, evidence=_earlier(permit)).breaches
    assert rule is RULES["validity.extended"]


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
        (date(9999, 12, 1), 6, date.max),
    ],
)
def test_months_later(day, months, later):
    """Months are counted by the calendar; a day that the month does not have becomes its last."""
    assert months_later(day, months) == later


@pytest.mark.parametrize("zone", [None, UTC, timezone(timedelta(hours=-12)), timezone(timedelta(hours=14))])
@pytest.mark.parametrize("day", [date(9999, 12, 30), date.max])
def test_the_end_of_time_is_no_crash(day, zone):
    """A placeholder date such as 9999-12-31 is far away and breaks nothing."""
    assert end_of_day(datetime.combine(day, datetime.min.time(), tzinfo=zone)) > AT
