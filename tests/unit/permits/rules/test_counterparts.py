from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from support.rule_cases import Case, check_case
from unit.permits.permit_builder import AT, GOOD, party, valid

from gateway.permits import model
from gateway.permits.rules import RULES, Need, check
from gateway.permits.rules.context import Evidence
from gateway.permits.values import Code, Identifier, Text

DAY = timedelta(days=1)
CITED = "FR-2026-I-0001"


def with_appendix(permit: model.Permit, appendix: str, source: str = "C") -> model.Permit:
    """The permit with that Appendix and source in all lines, for a purpose that is not commercial."""
    lines = tuple(
        replace(
            line,
            specimens=(replace(line.specimens[0], appendix=Code(appendix), source=Code(source)),),
        )
        for line in permit.lines
    )
    return replace(permit, lines=lines, purposes=(Code("Z"),))


def citing(permit: model.Permit, number: str = CITED) -> model.Permit:
    """The permit with a reference to the import permit of that number."""
    return replace(permit, references=(model.Reference(type=Code("911"), numbers=(Identifier(number),)),))


def given(*counterparts: model.Permit) -> Evidence:
    """These counterparts as evidence."""
    return Evidence(counterparts=counterparts)


IMPORT = replace(
    valid(GOOD.issued_at, datetime(2027, 11, 15, tzinfo=UTC), type_="I"), number=Identifier(CITED)
)
"""The import permit of France for the consignment of the good export permit."""
FIRST = citing(with_appendix(GOOD, "I"))
"""An export permit for Appendix I that refers to the import permit."""
FIRST_IMPORT = with_appendix(IMPORT, "I")
ALIVE = (Text("Transport: IATA Live Animals Regulations.", "EN"),)


def _re_export(appendix: str = "I") -> model.Permit:
    """A re-export certificate for live specimens from Brazil."""
    permit = citing(replace(with_appendix(GOOD, appendix), type=Code("R"), special_conditions=ALIVE))
    origin = model.Reference(
        issued_at=datetime(2026, 6, 1, tzinfo=UTC), type=Code("861"), numbers=(Identifier("BR-1"),)
    )
    lines = tuple(
        replace(
            line,
            origin=model.Country((Identifier("BR"),)),
            references=(origin,),
            specimens=tuple(
                replace(one, product=replace(one.product, terms=(Code("LIV"),))) for one in line.specimens
            ),
        )
        for line in permit.lines
    )
    return replace(permit, lines=lines)


def _without_reference(permit: model.Permit) -> model.Permit:
    return replace(permit, references=())


CASES = {
    "counterparts.import-permit": Case(
        FIRST, _without_reference(FIRST), also=("appendix.import-permit-unnamed",), evidence=given()
    ),
    "counterparts.live-re-export": Case(
        _re_export(), _without_reference(_re_export()), also=("appendix.live-re-export",), evidence=given()
    ),
    "counterparts.import-permit-later": Case(
        FIRST,
        FIRST,
        evidence=given(replace(FIRST_IMPORT, issued_at=GOOD.issued_at.replace(hour=23))),
        fails_evidence=given(replace(FIRST_IMPORT, issued_at=GOOD.issued_at + DAY)),
    ),
    "counterparts.export-first": Case(
        FIRST_IMPORT, FIRST_IMPORT, evidence=given(FIRST), fails_evidence=given()
    ),
    "counterparts.export-second": Case(IMPORT, IMPORT, evidence=given(GOOD), fails_evidence=given()),
    "counterparts.export-third": Case(
        with_appendix(IMPORT, "III"),
        with_appendix(IMPORT, "III"),
        evidence=given(
            replace(with_appendix(GOOD, "III"), type=Code("O"), names=(Text("Certificate of origin"),))
        ),
        fails_evidence=given(),
    ),
    "counterparts.import-void": Case(
        IMPORT,
        IMPORT,
        at=datetime(2027, 5, 15, 23, 59, tzinfo=UTC),
        fails_at=datetime(2027, 5, 16, tzinfo=UTC),
        evidence=given(GOOD),
    ),
    "counterparts.number-differs": Case(citing(GOOD), citing(GOOD, "FR-2026-I-0002"), evidence=given(IMPORT)),
    "counterparts.countries-differ": Case(
        GOOD, replace(GOOD, importer=party("x", "BE")), evidence=given(IMPORT)
    ),
}


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule):
    """Each rule about the other permits lets the first permit pass and stops the second."""
    check_case(rule, CASES[rule])


def _broken(permit: model.Permit, *counterparts: model.Permit, at: datetime = AT) -> list[str]:
    """The rules that a permit breaks when these are presented with it."""
    return [rule.id for rule, _, _ in check(permit, at=at, evidence=given(*counterparts)).breaches]


def test_without_counterparts_nothing_is_decided():
    """Nobody gave the other permits: the rules about them have neither passed nor failed."""
    outcome = check(FIRST, at=AT)
    due = {one.id for one in RULES.values() if one.needs is Need.COUNTERPART and "E" in one.types}
    assert due <= {one.rule for one in outcome.not_checked}
    assert outcome.breaches == ()


@pytest.mark.parametrize("source", ["OW", "D"])
def test_what_counts_as_less_than_appendix_i_needs_no_import_permit(source):
    """Registered operations and pre-Convention specimens are freed by Art. VII."""
    permit = _without_reference(with_appendix(GOOD, "I", source))
    assert not [rule for rule in _broken(permit) if rule.startswith("counterparts.")]


def test_an_import_permit_beside_it_is_as_good_as_a_reference():
    """What is presented need not be referred to, for this rule."""
    assert set(_broken(_without_reference(FIRST), FIRST_IMPORT)) == {"appendix.import-permit-unnamed"}


def test_a_pre_convention_certificate_covers_pre_convention_specimens_only():
    """A certificate lets in what Art. VII frees, and nothing that Appendix I covers in full."""
    certificate = replace(GOOD, type=Code("O"), names=(Text("Pre-Convention certificate"),))
    assert "counterparts.export-first" in _broken(FIRST_IMPORT, certificate)
    assert "counterparts.export-first" not in _broken(with_appendix(IMPORT, "I", "OW"), certificate)


def test_a_certificate_of_origin_covers_appendix_iii_only():
    """For Appendix II an export permit is needed."""
    certificate = replace(GOOD, type=Code("O"), names=(Text("Certificate of origin"),))
    assert _broken(IMPORT, certificate) == ["counterparts.export-second"]


def test_an_import_permit_does_not_cover_itself():
    """Two import permits make no export permit."""
    assert _broken(IMPORT, IMPORT) == ["counterparts.export-second"]


def test_entry_more_than_six_months_after_the_issue_is_too_late():
    """The foreign document may name a later last day; six months after its issue it is void all the same."""
    foreign = replace(GOOD, validity=model.Period(end=datetime(2027, 8, 1, tzinfo=UTC)))
    assert _broken(IMPORT, foreign, at=datetime(2027, 5, 16, 23, tzinfo=UTC)) == []
    assert _broken(IMPORT, foreign, at=datetime(2027, 5, 17, tzinfo=UTC)) == ["counterparts.import-void"]


def test_goods_that_left_in_time_may_arrive_later():
    """The inspection at export shows that the foreign document was used while it was valid."""
    foreign = replace(
        GOOD,
        validity=model.Period(end=datetime(2026, 11, 30, tzinfo=UTC)),
        inspections=(model.Inspection(at=datetime(2026, 11, 30, 20, tzinfo=UTC)),),
    )
    assert _broken(IMPORT, foreign, at=datetime(2026, 12, 3, tzinfo=UTC)) == []
    late = replace(foreign, inspections=(model.Inspection(at=datetime(2026, 12, 1, tzinfo=UTC)),))
    assert _broken(IMPORT, late, at=datetime(2026, 12, 3, tzinfo=UTC)) == ["counterparts.import-void"]


def test_the_import_permit_is_compared_with_what_the_export_permit_cites():
    """The number is compared from both sides."""
    assert _broken(IMPORT, citing(GOOD)) == []
    assert _broken(IMPORT, citing(GOOD, "FR-2")) == ["counterparts.number-differs"]


def test_the_permit_of_an_earlier_journey_is_no_partner():
    """The permit of origin that the re-export certificate cites has other countries, and that is right."""
    origin = replace(GOOD, number=Identifier("BR-1"), exporter=party("x", "BR"), importer=party("y", "CH"))
    certificate = _re_export("II")
    importing = replace(IMPORT, lines=certificate.lines, special_conditions=ALIVE, purposes=(Code("Z"),))
    assert _broken(importing, certificate, origin) == []
    assert "counterparts.countries-differ" in _broken(importing, origin)


def test_both_countries_are_compared():
    """Exporter and importer each make a finding in their own box."""
    permit = replace(IMPORT, exporter=party("x", "LI"), importer=party("y", "BE"))
    boxes = [
        breach.box
        for rule, _, breach in check(permit, at=AT, evidence=given(GOOD)).breaches
        if rule.id == "counterparts.countries-differ"
    ]
    assert boxes == ["4", "3a"]


def test_only_appendix_i_needs_its_import_permit_first():
    """For Appendix II the import permit, where there is one, may follow."""
    later = replace(IMPORT, issued_at=GOOD.issued_at + DAY)
    assert _broken(GOOD, later) == []


def test_the_same_moment_in_another_zone_is_not_later():
    """An import permit of the same moment may bear the date of the next day in the east."""
    east = GOOD.issued_at.astimezone(timezone(timedelta(hours=15)))
    assert east.date() > GOOD.issued_at.date()
    assert _broken(FIRST, replace(FIRST_IMPORT, issued_at=east)) == []


@pytest.mark.parametrize("lacking", ["issued_at", "validity", "importer", "exporter"])
def test_what_a_document_lacks_is_compared_with_nothing(lacking):
    """A counterpart without dates or parties contradicts nothing, and is no crash, on either side."""
    assert not _about(FIRST, replace(FIRST_IMPORT, **{lacking: None}))
    assert not _about(replace(FIRST, **{lacking: None}), FIRST_IMPORT)
    assert not _about(IMPORT, replace(GOOD, **{lacking: None}))
    assert not _about(replace(IMPORT, **{lacking: None}), GOOD)


def _about(permit: model.Permit, counterpart: model.Permit) -> list[str]:
    """The rules about counterparts that a permit breaks."""
    return [rule for rule in _broken(permit, counterpart) if rule.startswith("counterparts.")]


def test_lines_without_appendix_are_passed_over():
    """A missing Appendix is told by its own rule, and needs no document."""
    specimen = replace(IMPORT.lines[0].specimens[0], appendix=None)
    permit = replace(IMPORT, lines=(replace(IMPORT.lines[0], specimens=(specimen,)),))
    assert not [rule for rule in _broken(permit) if rule.startswith("counterparts.")]


def test_a_certificate_covers_appendix_ii():
    """A pre-Convention certificate is enough for Appendix II."""
    certificate = replace(GOOD, type=Code("O"), names=(Text("Pre-Convention certificate"),))
    assert "counterparts.export-second" not in _broken(IMPORT, certificate)


def test_references_of_another_type_cite_no_import_permit():
    """Only type 911 is an import permit; a reference without type is none."""
    for type_code in (None, Code("626")):
        reference = model.Reference(type=type_code, numbers=(Identifier("X-1"),))
        assert _broken(replace(GOOD, references=(reference,)), IMPORT) == []


def test_only_boxes_12_and_12a_make_an_earlier_document():
    """A line that refers to the export document in another way does not put it aside."""
    for type_code in (None, Code("626")):
        reference = model.Reference(type=type_code, numbers=(GOOD.number,))
        lines = tuple(replace(line, references=(reference,)) for line in GOOD.lines)
        other = replace(GOOD, number=Identifier("CH-2"), lines=lines)
        foreign = replace(GOOD, exporter=party("x", "LI"))
        assert _broken(IMPORT, foreign, other) == ["counterparts.countries-differ"]
