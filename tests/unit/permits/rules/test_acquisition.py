from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from support.rule_cases import Case, check_case
from unit.permits.line_builder import ISSUED, other, reference, specimen
from unit.permits.permit_builder import AT, with_line

from gateway.permits import model
from gateway.permits.rules import check
from gateway.permits.values import Code

PRE_CONVENTION = "Pre-Convention certificate"


def _operation(*numbers: str) -> model.Permit:
    procedures = (model.Procedure(categories=tuple(Code(number) for number in numbers)),)
    return with_line(specimens=(specimen("I", "D"),), procedures=procedures)


def _acquired(at: datetime | None, source: str = "O/W") -> model.Permit:
    return with_line(specimens=(specimen(source=source),), procedures=(model.Procedure(acquired_at=at),))


def _certified(name: str, source: str) -> model.Permit:
    return other(
        name,
        specimens=(specimen(source=source),),
        procedures=(model.Procedure(acquired_at=datetime(1971, 5, 1, tzinfo=UTC)),),
    )


CASES = {
    "acquisition.operation-missing": Case(_operation("A-CH-501"), _operation()),
    "acquisition.operation-malformed": Case(_operation("A-CH-501"), _operation("A-CH-500")),
    "acquisition.date-missing": Case(_acquired(datetime(1971, 5, 1, tzinfo=UTC)), _acquired(None)),
    "acquisition.date-after-issue": Case(_acquired(ISSUED), _acquired(ISSUED + timedelta(days=1))),
    "acquisition.certificate-source": Case(
        _certified(PRE_CONVENTION, "O/W"), _certified(PRE_CONVENTION, "W")
    ),
}


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule):
    """Each rule about acquisition lets the first permit pass and stops the second."""
    check_case(rule, CASES[rule])


@pytest.mark.parametrize("number", ["A-CH-501", "A-TH-1024", "P-IN-7001", "P-IN-100"])
def test_numbers_of_the_register(number, broken_rules):
    """Operations for animals are counted from 501 in every country; plants have their own numbers."""
    assert broken_rules(_operation(number)) == []


@pytest.mark.parametrize(
    "number", ["A-CH-5", "A-QQ-501", "A-SU-501", "a-ch-501", "ACH501", "A-CH-501 ", "II"]
)
def test_other_numbers_are_warned_about(number, broken_rules):
    """Another form, a country that is none, and an Appendix are no numbers of the register."""
    assert broken_rules(_operation(number)) == ["acquisition.operation-malformed"]


def test_the_number_may_stand_in_the_previous_document(broken_rules):
    """Senders write the number as CategoryCode or as the ID of the previous document."""
    previous = (model.Procedure(previous_documents=(reference("911", "A-CH-501"),)),)
    assert broken_rules(with_line(specimens=(specimen("I", "D"),), procedures=previous)) == []


def test_one_good_number_is_enough(broken_rules):
    """A CategoryCode that names the Appendix does no harm beside the number."""
    assert broken_rules(_operation("I", "A-CH-501")) == []


def test_the_malformed_number_is_pointed_at():
    """The finding stands where the number stands."""
    previous = (model.Procedure(), model.Procedure(previous_documents=(reference("911", "CH 501"),)))
    permit = with_line(specimens=(specimen("I", "D"),), procedures=previous)
    ((_, _, breach),) = check(permit, at=AT).breaches
    assert breach.where == "lines[0].procedures[1].previous_documents[0].numbers[0]"
    assert "'CH 501'" in breach.message


@pytest.mark.parametrize("source", ["C", "W", "A"])
def test_other_sources_need_no_operation(source, broken_rules):
    """Only source D is for registered operations."""
    assert broken_rules(with_line(specimens=(specimen(source=source),))) == []


def test_the_source_of_a_second_specimen_counts(broken_rules):
    """A pre-Convention specimen behind another one needs its date too."""
    permit = with_line(specimens=(specimen(), specimen(source="O/W")))
    assert broken_rules(permit) == ["acquisition.date-missing"]


def test_the_date_may_stand_in_any_procedure(broken_rules):
    """A line with a quota and a date has two procedures in some messages."""
    permit = _acquired(ISSUED)
    procedures = (model.Procedure(), *permit.lines[0].procedures)
    line = replace(permit.lines[0], procedures=procedures)
    assert broken_rules(replace(permit, lines=(line, permit.lines[1]))) == []


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("Captive-bred certificate", "C", "F"),
        ("Certificat de reproduction artificielle", "A", "Y"),
        ("Certificado preconvención", "O/W", "W"),
    ],
)
def test_certificates_have_the_source_that_they_certify(name, good, bad, broken_rules):
    """In each language, a certificate names what it certifies and Box 10 must agree."""
    assert broken_rules(_certified(name, good)) == []
    assert set(broken_rules(_certified(name, bad))) == {"acquisition.certificate-source"}


def test_dates_without_a_zone_are_compared(broken_rules):
    """A date of acquisition without a zone counts as UTC."""
    assert broken_rules(_acquired(datetime(1974, 2, 28))) == []  # noqa: DTZ001 - as the document has it
    assert broken_rules(_acquired(datetime(2026, 12, 1))) == ["acquisition.date-after-issue"]  # noqa: DTZ001


def test_a_category_of_another_source_is_no_operation(broken_rules):
    """The CategoryCode of a line that is not of source D may say something else."""
    procedures = (model.Procedure(categories=(Code("II"),)),)
    assert broken_rules(with_line(procedures=procedures)) == []


def test_acquired_later_on_the_day_of_issue(broken_rules):
    """Only days are compared: an hour after the issue is not after it."""
    assert broken_rules(_acquired(ISSUED + timedelta(hours=1))) == []
