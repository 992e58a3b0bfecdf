from dataclasses import replace

import pytest
from unit.permits.permit_builder import GOOD

from gateway.permits.values import Code, Identifier, Text

CASES = {
    "number.missing": (GOOD, replace(GOOD, number=Identifier(""))),
    "number.malformed": (
        replace(GOOD, number=Identifier("9" * 35)),
        replace(GOOD, number=Identifier("9" * 36)),
    ),
    "type.missing": (GOOD, replace(GOOD, type=None)),
    "type.unknown": (replace(GOOD, type=Code("I")), replace(GOOD, type=Code("e"))),
    "type.other-unnamed": (
        replace(GOOD, type=Code("O"), names=(Text("Certificate of origin"),)),
        replace(GOOD, type=Code("O"), names=(Text(" "),)),
    ),
    "purpose.missing": (
        replace(GOOD, purposes=(), purpose=Text("For a museum")),
        replace(GOOD, purposes=(Code(""),)),
    ),
    "purpose.unknown": (
        replace(GOOD, purposes=(Code("T"), Code("Z"))),
        replace(GOOD, purposes=(Code("T"), Code("X"))),
    ),
}


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule, broken_rules):
    """Each rule about identity lets the first permit pass and stops the second."""
    passes, fails = CASES[rule]
    assert rule not in broken_rules(passes)
    assert rule in broken_rules(fails)


@pytest.mark.parametrize("number", ["26/CH/0417-A", "№ 7", "證-123"])
def test_a_number_is_opaque(number, broken_rules):
    """Slashes, spaces and any script are fine in a permit number."""
    assert broken_rules(replace(GOOD, number=Identifier(number))) == []


@pytest.mark.parametrize("number", ["CH\u200b1", "CH\u202e1", "CH\n1"])
def test_hidden_characters_are_refused(number, broken_rules):
    """Two numbers that look alike and differ in invisible characters must not both exist."""
    assert broken_rules(replace(GOOD, number=Identifier(number))) == ["number.malformed"]
