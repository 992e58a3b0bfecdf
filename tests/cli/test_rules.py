"""`ecites rules`."""

import json

from cli.conftest import Run

from gateway.permits.rules import RULES


def test_list(ecites: Run) -> None:
    """Every rule is listed, in text and in JSON."""
    code, out, _ = ecites("rules", "list")
    assert code == 0
    assert "validity.expired" in out
    answer = json.loads(ecites("rules", "list", "--json")[1])
    assert [each["rule"] for each in answer] == list(RULES)


def test_show_in_a_language(ecites: Run) -> None:
    """A rule says what it demands in the asked language."""
    english = json.loads(ecites("rules", "show", "validity.expired", "--json")[1])
    french = json.loads(ecites("rules", "show", "validity.expired", "--json", "--language", "fr")[1])
    assert english["demands"] != french["demands"]
    assert english["source"] == french["source"] == "50 CFR 23.54(b)"


def test_an_unknown_rule_is_refused_with_the_nearest(ecites: Run) -> None:
    """A slip of the pen is a usage error that names what was meant."""
    code, _, err = ecites("rules", "show", "validity.expird")
    assert code == 2
    assert "validity.expired" in err
