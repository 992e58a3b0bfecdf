from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from support.rule_cases import Case, check_case
from unit.permits.permit_builder import AT, GOOD, valid

from gateway.permits import model
from gateway.permits.rules import check
from gateway.permits.values import Code, Identifier, Text

ISSUED = GOOD.issued_at
DAY = timedelta(days=1)
SHORT = valid(ISSUED, datetime(2026, 11, 23, tzinfo=UTC))
"""The good permit, valid until today."""


def _saying(text: str, permit: model.Permit = GOOD) -> model.Permit:
    return replace(permit, special_conditions=(Text(text, "EN"),))


def _inspected(moment: datetime, permit: model.Permit = GOOD) -> model.Permit:
    """The permit with an inspection of its first line at that moment."""
    first, *others = permit.lines
    return replace(permit, lines=(replace(first, inspections=(model.Inspection(at=moment),)), *others))


def _appendix_i(permit: model.Permit = GOOD) -> model.Permit:
    """The permit with a pre-Convention specimen of Appendix I in its first line."""
    specimen = replace(permit.lines[0].specimens[0], appendix=Code("I"), source=Code("OW"))
    line = replace(
        permit.lines[0],
        specimens=(specimen,),
        procedures=(model.Procedure(acquired_at=datetime(1970, 1, 1, tzinfo=UTC)),),
    )
    return replace(permit, lines=(line, permit.lines[1]))


CASES = {
    "changes.replaced-number": Case(
        _saying("Replaces permit CH-2026-000100, lost."), _saying("Replaces permit of 2026-11-02, lost.")
    ),
    "changes.replacement-reason": Case(
        _saying("Replaces CH-2026-000100 (lost)."), _saying("Replaces CH-2026-000100.")
    ),
    "changes.retrospective": Case(_inspected(ISSUED.replace(hour=0)), _inspected(ISSUED - DAY)),
    "changes.retrospective-appendix": Case(
        _inspected(ISSUED - DAY, _saying("Issued retrospectively.")),
        _inspected(ISSUED - DAY, _saying("Issued retrospectively.", _appendix_i())),
    ),
    "changes.copy": Case(replace(GOOD, copy=False), replace(GOOD, copy=True)),
    "changes.inspected-too-late": Case(
        _inspected(datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC), SHORT),
        _inspected(datetime(2026, 11, 24, tzinfo=UTC), SHORT),
    ),
}


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule):
    """Each rule about changes lets the first permit pass and stops the second."""
    check_case(rule, CASES[rule])


@pytest.mark.parametrize(
    "words",
    [
        "Ce permis remplace le permis 26/CH/0400, perdu.",
        "Sustituye al permiso 26/CH/0400, extraviado.",
        "Issued in replacement of 26/CH/0400, which expired unused.",
    ],
)
def test_replacement_is_understood_in_each_language(words, broken_rules):
    """English, French and Spanish words for replacing, with number and reason, are complete."""
    assert broken_rules(_saying(words)) == []


@pytest.mark.parametrize("words", ["Ce permis remplace un autre.", "Reemplaza a otro permiso."])
def test_an_incomplete_replacement_is_told_what_it_lacks(words, broken_rules):
    """A permit that only says that it replaces another lacks number and reason."""
    assert broken_rules(_saying(words)) == ["changes.replaced-number", "changes.replacement-reason"]


@pytest.mark.parametrize("word", ["2026", "2.11.2026", "02/11/26", "(2026-11-02)", "CH-2026-000123", "15"])
def test_dates_and_the_own_number_name_no_other_permit(word, broken_rules):
    """Only a word with digits that is neither a date nor the own number can be the number of another."""
    assert broken_rules(_saying(f"Replaces permit {word}, lost.")) == ["changes.replaced-number"]


def test_the_number_may_stand_in_a_reference(broken_rules):
    """A reference names the replaced permit as well as Box 5; the import permit is no replaced permit."""
    other, imported = (
        model.Reference(type=Code(code), numbers=(Identifier("X-1"),)) for code in ("626", "911")
    )
    said = _saying("Replaces a permit that was stolen.")
    assert broken_rules(replace(said, references=(other,))) == []
    assert broken_rules(replace(said, references=(imported,))) == ["changes.replaced-number"]


def test_a_reference_may_say_that_it_is_replaced(broken_rules):
    """The name of a reference says it as well as Box 5."""
    reference = model.Reference(names=(Text("Replaced permit"),), numbers=(Identifier("X-1"),))
    assert broken_rules(replace(GOOD, references=(reference,))) == ["changes.replacement-reason"]


@pytest.mark.parametrize("words", ["Labels must not be replaced.", "Spare parts: replacements in box 3."])
def test_other_talk_of_replacing_is_no_replacement(words, broken_rules):
    """Only words that say that this permit replaces another count."""
    assert broken_rules(_saying(words)) == []


@pytest.mark.parametrize(
    "words", ["Délivré rétrospectivement", "Expedido a posteriori", "Issued RETROSPECTIVELY"]
)
def test_retrospective_issue_is_understood_in_each_language(words, broken_rules):
    """English, French and Spanish words for it count, with accents and in capitals."""
    assert broken_rules(_inspected(ISSUED - DAY, _saying(words))) == []


def test_a_transport_document_shows_the_shipment_too():
    """A waybill of an earlier day than the permit is told with its own place."""
    permit = replace(GOOD, transport_document=model.Reference(issued_at=ISSUED - DAY))
    ((rule, _, breach),) = check(permit, at=AT).breaches
    assert (rule.id, breach.where) == ("changes.retrospective", "transport_document.issued_at")


def test_zones_make_no_shipment_early(broken_rules):
    """An evening inspection in the west may bear an earlier date than the permit of the same hour."""
    west = timezone(timedelta(hours=-12))
    assert broken_rules(_inspected((ISSUED + timedelta(minutes=1)).astimezone(west))) == []


def test_appendix_i_is_refused_even_when_only_the_words_say_it(broken_rules):
    """Box 5 alone shows that a permit was issued afterwards."""
    permit = _saying("Issued retrospectively.", _appendix_i())
    assert broken_rules(permit) == ["changes.retrospective-appendix"]


def test_an_undated_permit_is_not_compared(broken_rules):
    """Without a date of issue or of expiry there is nothing to compare an inspection with."""
    assert broken_rules(_inspected(AT, valid(None, GOOD.valid_until))) == ["validity.issue-missing"]
    assert broken_rules(_inspected(AT, valid(ISSUED, None))) == ["validity.end-missing"]


def test_the_inspection_of_the_whole_consignment_counts():
    """Box 14 may be filled for the consignment instead of the line."""
    permit = replace(SHORT, inspections=(model.Inspection(), model.Inspection(at=AT + DAY)))
    ((rule, _, breach),) = check(permit, at=AT).breaches
    assert (rule.id, breach.where) == ("changes.inspected-too-late", "inspections[1].at")


@pytest.mark.parametrize(
    "words", ["For transit only", "Authorised copy", "Copie autorisée", "Copia autorizada"]
)
def test_a_copy_may_be_allowed(words, broken_rules):
    """A copy for transit, or one that Box 5 allows, is in order."""
    assert broken_rules(replace(_saying(words), copy=True)) == []


def test_appendix_i_is_refused_even_when_only_the_dates_say_it(broken_rules):
    """An early inspection of specimens of Appendix I breaks both rules."""
    assert broken_rules(_inspected(ISSUED - DAY, _appendix_i())) == [
        "changes.retrospective",
        "changes.retrospective-appendix",
    ]


def test_a_waybill_that_is_not_early_does_not_count(broken_rules):
    """A transport document without date, or of the day of issue, shows no shipment before."""
    for moment in (None, ISSUED):
        permit = replace(GOOD, transport_document=model.Reference(issued_at=moment))
        assert broken_rules(permit) == []


def test_a_waybill_of_the_same_moment_is_not_early(broken_rules):
    """The same moment, written in a zone where it is still yesterday, is not before the issue."""
    moment = ISSUED.astimezone(timezone(timedelta(hours=-12)))
    assert broken_rules(replace(GOOD, transport_document=model.Reference(issued_at=moment))) == []


def test_lines_without_appendix_are_passed_over(broken_rules):
    """A missing Appendix is told by its own rule."""
    specimen = replace(GOOD.lines[0].specimens[0], appendix=None)
    permit = replace(GOOD, lines=(replace(GOOD.lines[0], specimens=(specimen,)),))
    assert broken_rules(_saying("Issued retrospectively.", permit)) == ["lines.appendix-missing"]


def test_a_reference_without_number_names_nothing(broken_rules):
    """An empty reference is no number of a replaced permit."""
    permit = replace(_saying("Replaces a lost permit."), references=(model.Reference(type=Code("626")),))
    assert broken_rules(permit) == ["changes.replaced-number"]


def test_the_sentence_gives_both_dates():
    """Whoever has to mend it sees the day of the shipment and the day of issue."""
    ((_, _, breach),) = check(_inspected(ISSUED - DAY), at=AT).breaches
    assert "2026-11-15" in breach.message
    assert "2026-11-16" in breach.message
