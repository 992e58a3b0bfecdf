from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from support.rule_cases import Case, check_case
from unit.permits.permit_builder import AT, GOOD, party, with_product, with_quantity
from unit.permits.rules.test_counterparts import given

from gateway.permits import model
from gateway.permits.rules import check
from gateway.permits.values import Code, Identifier, Text

ISSUED = datetime(2026, 6, 1, 8, tzinfo=UTC)

ORIGIN = replace(
    GOOD,
    number=Identifier("US-2026-17"),
    issued_at=ISSUED,
    validity=model.Period(end=datetime(2026, 11, 30, tzinfo=UTC)),
    first_signatory=model.Signatory(party=party("Example Management Authority", "US")),
    exporter=party("Example Tannery", "US"),
    importer=party("Lederwerk Fantasia AG", "CH"),
)
"""The export permit of the country of origin, for 250 of each of two lines."""


def re_exporting(
    permit: model.Permit = GOOD,
    *,
    number: str = "US-2026-17",
    country: str = "US",
    issued: datetime = ISSUED,
) -> model.Permit:
    """A re-export certificate whose lines cite a permit of origin."""
    reference = model.Reference(issued_at=issued, type=Code("861"), numbers=(Identifier(number),))
    lines = tuple(
        replace(line, origin=model.Country((Identifier(country),)), references=(reference,))
        for line in permit.lines
    )
    return replace(permit, type=Code("R"), lines=lines)


CASES = {
    "chains.number": Case(re_exporting(), re_exporting(number="US-2026-18"), evidence=given(ORIGIN)),
    "chains.country": Case(re_exporting(), re_exporting(country="MX"), evidence=given(ORIGIN)),
    "chains.date": Case(
        re_exporting(issued=ISSUED.replace(hour=0)),
        re_exporting(issued=ISSUED - timedelta(days=1)),
        evidence=given(ORIGIN),
    ),
    "chains.species": Case(
        re_exporting(),
        re_exporting(with_product(scientific_names=(Text("Crocodylus niloticus"),))),
        evidence=given(ORIGIN),
    ),
    "chains.quantity": Case(
        re_exporting(with_quantity("250")), re_exporting(with_quantity("251")), evidence=given(ORIGIN)
    ),
}


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule):
    """Each rule about the chain lets the first certificate pass and stops the second."""
    check_case(rule, CASES[rule])


def _broken(permit: model.Permit, *counterparts: model.Permit) -> list[str]:
    """The rules that a permit breaks when these are presented with it."""
    return [rule.id for rule, _, _ in check(permit, at=AT, evidence=given(*counterparts)).breaches]


def test_what_is_cited_and_not_presented_breaks_nothing():
    """The permit of origin stays with the authority that took it in; it need not travel on."""
    assert _broken(re_exporting()) == []
    assert _broken(re_exporting(number="US-2026-18"), replace(ORIGIN, first_signatory=None)) == []


def test_a_document_that_another_line_cites_is_not_mistaken():
    """Two lines may cite two permits of one country, of which one is presented."""
    first, second = re_exporting().lines[0], re_exporting(number="US-2026-18").lines[1]
    assert _broken(replace(re_exporting(), lines=(first, second)), ORIGIN) == []


def test_box_12a_is_compared_too():
    """The certificate of last re-export is told in its own box."""
    last = model.Reference(issued_at=ISSUED, type=Code("811"), numbers=(Identifier("DE-1"),))
    permit = re_exporting()
    line = replace(
        permit.lines[0],
        last_export=model.Country((Identifier("DE"),)),
        references=(*permit.lines[0].references, last),
    )
    permit = replace(permit, lines=(line, permit.lines[1]))
    german = replace(
        ORIGIN, number=Identifier("DE-2"), first_signatory=model.Signatory(party=party("x", "DE"))
    )
    outcome = check(permit, at=AT, evidence=given(ORIGIN, german))
    assert [(rule.id, breach.box) for rule, _, breach in outcome.breaches] == [("chains.number", "12a")]


def test_another_kind_of_specimen_is_not_counted():
    """Skins that came in and straps that go out are no numbers to compare."""
    skins = replace(ORIGIN, lines=with_product(terms=(Code("SKI"),)).lines[:1])
    assert _broken(re_exporting(with_quantity("9000")), skins) == []


def test_quantities_of_all_lines_are_added_up():
    """Two lines that cite one permit may not take more than it was for."""
    less = replace(ORIGIN, lines=with_quantity("499").lines[:1])
    assert _broken(re_exporting(), less) == ["chains.quantity"]


def test_an_import_permit_is_no_link():
    """An import permit with the cited number is not the document that is cited."""
    assert (
        _broken(re_exporting(country="MX"), replace(ORIGIN, type=Code("I")))
        == ["counterparts.countries-differ"] * 2
    )


def _line(permit: model.Permit, **changes) -> model.Permit:
    """The permit with its first line only, changed."""
    return replace(permit, lines=(replace(permit.lines[0], **changes),))


def _told(permit: model.Permit, *counterparts: model.Permit) -> list[str]:
    """The rules about the chain that a permit breaks."""
    return [rule for rule in _broken(permit, *counterparts) if rule.startswith("chains.")]


UNSIGNED = replace(ORIGIN, first_signatory=None)
"""A permit of origin that does not say which authority issued it."""


def test_what_fits_is_enough():
    """A second document of the same country that nothing cites does no harm."""
    assert _broken(re_exporting(), ORIGIN, replace(ORIGIN, number=Identifier("US-9"))) == []


@pytest.mark.parametrize("number", ["US-2026-17", "US-2026-18"])
def test_countries_that_are_not_known_are_not_compared(number):
    """A line without origin, or a document without authority, cannot name the wrong country."""
    nowhere = _line(re_exporting(number=number), origin=None)
    assert _told(nowhere, UNSIGNED) == []
    assert _told(nowhere, ORIGIN) == []
    assert _told(re_exporting(number=number), UNSIGNED) == []


def test_an_import_permit_of_that_country_is_not_mistaken():
    """Only a document with which goods leave a country can be the permit of origin."""
    imported = replace(ORIGIN, type=Code("I"), number=Identifier("US-I-1"))
    assert _told(re_exporting(), imported) == []


def test_the_same_moment_in_another_zone_is_the_same_date():
    """A date of issue may be written in the zone of the other country."""
    given_date = ISSUED.astimezone(timezone(timedelta(hours=-9)))
    assert given_date.date() != ISSUED.date()
    assert _broken(re_exporting(issued=given_date), ORIGIN) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"specimens": ()},
        {"packages": ()},
        {"references": (model.Reference(type=Code("861"), numbers=(Identifier("US-2026-17"),)),)},
        {"references": (model.Reference(type=Code("861")),)},
    ],
)
def test_what_is_missing_is_told_by_its_own_rules(changes):
    """A line that lacks species, quantity, date or number contradicts no document."""
    assert _told(_line(re_exporting(), **changes), ORIGIN) == []


def test_a_document_without_number_is_nobody():
    """What cannot be cited is compared with no line, even one that cites an empty number."""
    nobody = replace(ORIGIN, number=None, lines=())
    assert _told(re_exporting(), nobody) == []
    assert _told(re_exporting(number=""), nobody) == []


def test_one_of_several_numbers_is_enough():
    """A reference may repeat its number with another scheme."""
    reference = re_exporting().lines[0].references[0]
    twice = replace(reference, numbers=(Identifier("17"), *reference.numbers))
    assert _told(_line(re_exporting(), references=(twice,)), ORIGIN) == []
