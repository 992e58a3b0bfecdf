from dataclasses import replace

import pytest
from unit.permits.permit_builder import AT, GOOD, party, with_line

from gateway.permits import model
from gateway.permits.rules import check
from gateway.permits.values import Code, Text


def _other(permit: model.Permit) -> model.Permit:
    return replace(permit, type=Code("O"), names=(Text("Travelling-exhibition certificate"),))


NAMELESS, NOWHERE = (
    replace(party("x", "CH"), name=Text(" ")),
    model.Party(name=Text("x"), address=model.Address()),
)

CASES = {
    "parties.exporter-name": (GOOD, replace(GOOD, exporter=NAMELESS)),
    "parties.exporter-country": (GOOD, replace(GOOD, exporter=NOWHERE)),
    "parties.importer-name": (_other(replace(GOOD, importer=NAMELESS)), replace(GOOD, importer=NAMELESS)),
    "parties.importer-country": (_other(replace(GOOD, importer=None)), replace(GOOD, importer=None)),
    "parties.authority-name": (GOOD, replace(GOOD, first_signatory=model.Signatory(party=NAMELESS))),
    "parties.authority-country": (GOOD, replace(GOOD, first_signatory=None)),
    "parties.country-unknown": (
        replace(GOOD, importer=party("x", "GB")),
        replace(GOOD, importer=party("x", "UK")),
    ),
    "parties.country-not-current": (
        replace(GOOD, importer=party("x", "RS")),
        replace(GOOD, importer=party("x", "YU")),
    ),
}


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule, broken_rules):
    """Each rule about parties lets the first permit pass and stops the second."""
    passes, fails = CASES[rule]
    assert rule not in broken_rules(passes)
    assert rule in broken_rules(fails)


@pytest.mark.parametrize(
    ("permit", "where", "box"),
    [
        (replace(GOOD, exporter=party("x", "QQ")), "exporter.address.country", "4"),
        (replace(GOOD, importer=party("x", "QQ")), "importer.address.country", "3a"),
        (
            replace(GOOD, fourth_signatory=model.Signatory(party=party("x", "QQ"))),
            "fourth_signatory.party.address.country",
            "14",
        ),
        (
            with_line(inspections=(model.Inspection(authorities=(party("x", "QQ"),)),)),
            "lines[0].inspections[0].authorities[0].address.country",
            "14",
        ),
    ],
)
def test_every_address_is_looked_at(permit, where, box):
    """An unknown country is found in every address, with the box in which it stands."""
    ((_, breach),) = check(permit, at=AT)
    assert (breach.where, breach.box) == (where, box)


def test_lower_case_is_no_country(broken_rules):
    """Country codes are capital letters: the issuing Party is compared with them."""
    assert "parties.country-unknown" in broken_rules(replace(GOOD, exporter=party("x", "ch")))
