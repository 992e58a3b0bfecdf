from dataclasses import replace

import pytest
from support.rule_cases import Case, check_case
from unit.permits.permit_builder import AT, GOOD, party, valid, with_line

from gateway.permits import model
from gateway.permits.rules import check
from gateway.permits.values import Code, Identifier, Text

HERE = party("Lederwerk Fantasia AG", "CH")
THERE = party("Maroquinerie Imaginaire SARL", "FR")


def _without(who: model.Party, **changes) -> model.Party:
    """The party, its address changed."""
    return replace(who, address=replace(who.address, **changes))


def _nameless(who: model.Party) -> model.Party:
    return replace(who, name=Text(" "))


def _nowhere(who: model.Party) -> model.Party:
    return _without(who, countries=())


def _exported(exporter: model.Party) -> model.Permit:
    return replace(GOOD, exporter=exporter)


def _imported(importer: model.Party, **changes) -> model.Permit:
    return replace(GOOD, importer=importer, **changes)


def _authorised(authority: model.Party) -> model.Permit:
    return replace(GOOD, first_signatory=model.Signatory(party=authority))


def _other(permit: model.Permit, name: str = "Travelling-exhibition certificate") -> model.Permit:
    return replace(permit, type=Code("O"), names=(Text(name),))


CASES = {
    "parties.exporter-name": Case(_exported(HERE), _exported(_nameless(HERE))),
    "parties.exporter-country": Case(_exported(HERE), _exported(_nowhere(HERE))),
    "parties.exporter-address": Case(
        _exported(_without(HERE, streets=(), post_office_box=Text("7"))),
        _exported(_without(HERE, streets=())),
    ),
    "parties.importer-name": Case(_other(_imported(_nameless(THERE))), _imported(_nameless(THERE))),
    "parties.importer-country": Case(_other(_imported(_nowhere(THERE))), _imported(_nowhere(THERE))),
    "parties.importer-address": Case(
        _other(_imported(_without(THERE, city=None))), _imported(_without(THERE, city=None))
    ),
    "parties.import-country-differs": Case(
        replace(GOOD, import_country=model.Country((Identifier("FR"),))),
        replace(GOOD, import_country=model.Country((Identifier("BE"),))),
        version="v1",
    ),
    "parties.authority-name": Case(_authorised(HERE), _authorised(_nameless(HERE))),
    "parties.authority-country": Case(_authorised(HERE), _authorised(_nowhere(HERE))),
    "parties.authority-elsewhere": Case(_authorised(HERE), _authorised(THERE)),
    "parties.same-country": Case(_imported(THERE), _imported(_without(THERE, countries=(Identifier("CH"),)))),
    "parties.country-unknown": Case(_imported(party("x", "GB")), _imported(party("x", "UK"))),
    "parties.country-not-current": Case(_imported(party("x", "RS")), _imported(party("x", "YU"))),
}


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule):
    """Each rule about parties lets the first permit pass and stops the second."""
    check_case(rule, CASES[rule])


@pytest.mark.parametrize(
    ("permit", "where", "box"),
    [
        (
            replace(GOOD, fourth_signatory=model.Signatory(party=party("x", "QQ"))),
            "fourth_signatory.party.address.countries[0]",
            "14",
        ),
        (
            replace(GOOD, third_signatory=model.Signatory(party=party("x", "QQ"))),
            "third_signatory.party.address.countries[0]",
            "13",
        ),
        (
            replace(GOOD, second_signatory=model.Signatory(party=party("x", "QQ"))),
            "second_signatory.party.address.countries[0]",
            "4",
        ),
        (_imported(party("x", "QQ")), "importer.address.countries[0]", "3a"),
        (
            replace(GOOD, inspections=(model.Inspection(authorities=(party("x", "QQ"),)),)),
            "inspections[0].authorities[0].address.countries[0]",
            "14",
        ),
        (
            with_line(inspections=(model.Inspection(authorities=(party("x", "QQ"),)),)),
            "lines[0].inspections[0].authorities[0].address.countries[0]",
            "14",
        ),
    ],
)
def test_every_address_is_looked_at(permit, where, box):
    """An unknown country is found in every address, with the box in which it stands."""
    ((rule, _, breach),) = check(permit, at=AT).breaches
    assert (rule.id, breach.where, breach.box) == ("parties.country-unknown", where, box)


def test_a_country_of_import_named_apart_is_looked_at_too():
    """Box 3a of message v1 is compared with the list of countries."""
    permit = _imported(_nowhere(THERE), import_country=model.Country((Identifier("QQ"),)))
    ((rule, _, breach),) = check(permit, at=AT).breaches
    assert (rule.id, breach.where) == ("parties.country-unknown", "import_country.ids[0]")


def test_a_country_of_import_may_stand_apart(broken_rules):
    """The importer's address needs no country when Box 3a names it."""
    permit = _imported(_nowhere(THERE), import_country=model.Country((Identifier("FR"),)))
    assert broken_rules(permit) == []


def test_lower_case_is_no_country(broken_rules):
    """Country codes are capital letters: the issuing Party is compared with them."""
    assert "parties.country-unknown" in broken_rules(_exported(party("x", "ch")))


def test_no_address_at_all_is_told_in_full(broken_rules):
    """A party with nothing but a name lacks country, street and town."""
    permit = _exported(model.Party(name=Text("x")))
    assert broken_rules(permit) == ["parties.exporter-country", *["parties.exporter-address"] * 2]


def test_no_importer_and_no_authority_is_no_crash(broken_rules):
    """What is missing altogether is missing, and breaks no rule about what it would hold."""
    permit = replace(GOOD, importer=None, first_signatory=None)
    assert broken_rules(permit) == [
        "parties.importer-name",
        "parties.importer-country",
        "parties.authority-name",
        "parties.authority-country",
    ]


def test_the_importing_country_issues_import_permits(broken_rules):
    """An import permit of the exporter's country is as wrong as an export permit of the importer's."""
    permit = valid(GOOD.issued_at, GOOD.valid_until, type_="I")
    assert broken_rules(permit) == []
    assert broken_rules(replace(permit, first_signatory=GOOD.first_signatory)) == [
        "parties.authority-elsewhere"
    ]


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("Travelling exhibition", []),
        ("Musical instrument certificate", []),
        ("Label for scientific exchange", ["parties.same-country"]),
    ],
)
def test_some_certificates_name_one_country(name, broken, broken_rules):
    """What goes out and comes back has its holder in one country; other certificates are for two."""
    assert broken_rules(_other(_imported(HERE), name)) == broken


@pytest.mark.parametrize(
    "country", [model.Country(names=(Text("Belgium"),)), model.Country((Identifier(""),))]
)
def test_a_country_named_apart_without_code_is_none(country, broken_rules):
    """A name in words is neither the country of import nor a contradiction."""
    assert broken_rules(_imported(THERE, import_country=country)) == []
    assert broken_rules(_imported(_nowhere(THERE), import_country=country)) == ["parties.importer-country"]


def test_what_is_absent_is_compared_with_nothing(broken_rules):
    """A country apart without importer, and a permit without any country, are told by their own rules."""
    permit = replace(GOOD, importer=None, import_country=model.Country((Identifier("FR"),)))
    assert broken_rules(permit) == ["parties.importer-name"]
    nowhere = replace(_imported(_nowhere(THERE)), exporter=_nowhere(HERE))
    assert broken_rules(nowhere) == ["parties.exporter-country", "parties.importer-country"]


def test_empty_and_absent_are_the_same(broken_rules):
    """An empty name, town or country is as good as none, and an empty country is not looked up."""
    assert broken_rules(_exported(replace(HERE, name=None))) == ["parties.exporter-name"]
    assert broken_rules(_exported(_without(HERE, city=Text("")))) == ["parties.exporter-address"]
    assert broken_rules(_exported(_without(HERE, countries=(Identifier(""),)))) == [
        "parties.exporter-country"
    ]


def test_the_sentence_names_the_party_that_counts():
    """The authority is compared with the importer of an import permit, and with the exporter of others."""
    importing = replace(
        valid(GOOD.issued_at, GOOD.valid_until, type_="I"), first_signatory=GOOD.first_signatory
    )
    for permit, who in (
        (importing, "the importer is in FR"),
        (_authorised(THERE), "the exporter or re-exporter is in CH"),
    ):
        ((_, _, breach),) = check(permit, at=AT).breaches
        assert who in breach.message
