import importlib
import re

import pytest
from unit.permits.permit_builder import GOOD

from gateway.permits.findings import Area, Severity
from gateway.permits.rules import RULES, THEMES
from gateway.permits.rules.registry import rule


def _says_nothing(permit, context):
    """Nothing is ever wrong."""
    return iter(())


def test_the_good_permit_breaks_no_rule(broken_rules):
    """The permit from which all other tests start is good."""
    assert broken_rules(GOOD) == []


def test_every_rule_has_a_case_on_both_sides():
    """No rule is without a permit that just passes and one that just fails."""
    for theme in THEMES:
        name = theme.__name__.rpartition(".")[2]
        cases = importlib.import_module(f"unit.permits.rules.test_{name}").CASES
        assert set(cases) == {one.id for one in RULES.values() if one.check.__module__ == theme.__name__}


def test_an_id_is_given_once():
    """Two rules of one id would make findings ambiguous."""
    with pytest.raises(ValueError, match=r"two rules number\.missing"):
        rule("number.missing", box="1", source="somewhere")(_says_nothing)


def test_a_rule_without_source_is_refused():
    """Nobody is told to obey a rule of unknown origin."""
    with pytest.raises(ValueError, match="needs a source"):
        rule("number.new", box="1", source="")(_says_nothing)
    assert "number.new" not in RULES


@pytest.mark.parametrize("one", RULES.values(), ids=list(RULES))
def test_rules_are_well_formed(one):
    """Ids are stable words, every rule says what it demands, and code lists have their own area."""
    assert re.fullmatch(r"[a-z]+\.[a-z-]+", one.id)
    assert one.summary.endswith(".")
    assert one.area in {Area.RULES, Area.CODES}
    assert one.severity in {Severity.ERROR, Severity.WARNING}
