from dataclasses import replace

import pytest
from support.rule_cases import Case, check_case
from unit.permits.permit_builder import AT, GOOD, valid, with_line

from gateway.permits import model
from gateway.permits.rules import check
from gateway.permits.values import Code, Identifier, Text

EXHIBITION = (Text("Travelling-exhibition certificate"),)


def _numbered(number: str) -> model.Permit:
    return replace(GOOD, number=Identifier(number))


def _referring(number: str) -> model.Permit:
    """The good permit with a reference of its first line to the permit of that number."""
    return with_line(
        references=(
            model.Reference(issued_at=GOOD.issued_at, type=Code("861"), numbers=(Identifier(number),)),
        )
    )


CASES = {
    "number.missing": Case(_numbered("1"), replace(GOOD, number=None)),
    "number.malformed": Case(_numbered("CH 2026"), _numbered("CH\u200b2026")),
    "number.long": Case(_numbered("9" * 27), _numbered("9" * 28)),
    "number.reference-long": Case(_referring("9" * 35), _referring("9" * 36)),
    "type.missing": Case(GOOD, replace(GOOD, type=Code(""))),
    "type.unknown": Case(GOOD, replace(GOOD, type=Code("e"))),
    "type.other-unnamed": Case(
        replace(GOOD, type=Code("O"), names=EXHIBITION), replace(GOOD, type=Code("O"), names=(Text(" "),))
    ),
    "purpose.missing": Case(
        replace(GOOD, purposes=(), purpose=Text("For a museum")), replace(GOOD, purposes=(Code(""),))
    ),
    "purpose.unknown": Case(
        replace(GOOD, purposes=(Code("T"), Code("Z"))), replace(GOOD, purposes=(Code("T"), Code("X")))
    ),
}


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule):
    """Each rule about identity lets the first permit pass and stops the second."""
    check_case(rule, CASES[rule])


def test_every_type_is_known(broken_rules):
    """The four squares of Box 1 are types; an import permit comes from the country of import."""
    for type_code in "ERIO":
        permit = valid(GOOD.issued_at, GOOD.valid_until, type_=type_code)
        assert not [rule for rule in broken_rules(permit) if rule.startswith(("type.", "parties."))]


def test_what_is_absent_is_missing_as_well_as_what_is_empty(broken_rules):
    """An element that is not there and an empty one are the same to these rules."""
    assert broken_rules(replace(GOOD, type=None)) == ["type.missing"]
    assert broken_rules(_numbered("")) == ["number.missing"]


@pytest.mark.parametrize(("length", "broken"), [(35, ["number.long"]), (36, ["number.malformed"]), (27, [])])
def test_one_length_breaks_one_rule(length, broken, broken_rules):
    """A number is too long for some or for all, and is told so once."""
    assert broken_rules(_numbered("9" * length)) == broken


@pytest.mark.parametrize("number", ["26/CH/0417-A", "№ 7", "證-123"])
def test_a_number_is_opaque(number, broken_rules):
    """Slashes, spaces and any script are fine in a permit number."""
    assert broken_rules(_numbered(number)) == []


@pytest.mark.parametrize("number", ["CH\u200b1", "CH\u202e1", "CH\n1"])
def test_hidden_characters_are_refused(number, broken_rules):
    """Two numbers that look alike and differ in invisible characters must not both exist."""
    assert broken_rules(_numbered(number)) == ["number.malformed"]


def test_a_long_number_in_the_header_is_found_in_box_1():
    """References of the header and of lines are told apart by box and place."""
    permit = replace(GOOD, references=(model.Reference(numbers=(Identifier("9" * 36),)),))
    ((_, _, breach),) = check(permit, at=AT).breaches
    assert (breach.where, breach.box) == ("references[0].numbers[0]", "1")


def test_a_purpose_in_blank_words_is_missing(broken_rules):
    """White space is no purpose."""
    assert broken_rules(replace(GOOD, purposes=(), purpose=Text(" "))) == ["purpose.missing"]
