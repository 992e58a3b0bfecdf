import pytest
from unit.permits.permit_builder import AT, GOOD, with_line, with_product, with_specimen

from gateway.permits.rules import check
from gateway.permits.values import Code, Text

CASES = {
    "lines.name-missing": (GOOD, with_product(scientific_names=(Text(""),))),
    "lines.appendix-missing": (GOOD, with_specimen(appendix=None)),
    "lines.appendix-unknown": (with_specimen(appendix=Code("III")), with_specimen(appendix=Code("N"))),
    "lines.source-missing": (GOOD, with_specimen(source=Code(""))),
    "lines.source-unknown": (with_specimen(source=Code("Y")), with_specimen(source=Code("Z"))),
    "lines.specimen-missing": (
        with_product(terms=(), descriptions=(Text("Watch straps"),)),
        with_product(terms=()),
    ),
    "lines.term-unknown": (with_product(terms=(Code("LIV"),)), with_product(terms=(Code("LIVE"),))),
    "lines.term-legacy": (with_product(terms=(Code("LPS"),)), with_product(terms=(Code("WAT"),))),
}


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule, broken_rules):
    """Each rule about specimens lets the first permit pass and stops the second."""
    passes, fails = CASES[rule]
    assert rule not in broken_rules(passes)
    assert rule in broken_rules(fails)


@pytest.mark.parametrize("source", ["OW", "WO", "I C", "O/W", "IO", "I, W"])
def test_two_sources_go_with_i_or_o(source, broken_rules):
    """Confiscated and pre-Convention specimens carry a second code, however the two are joined."""
    assert broken_rules(with_specimen(source=Code(source))) == []


@pytest.mark.parametrize("source", ["WC", "OO", "OWC", "w", "O-", "OQ"])
def test_other_pairs_of_sources_are_refused(source, broken_rules):
    """Two codes without I or O, the same twice, three, small letters and unknown codes are no source."""
    assert broken_rules(with_specimen(source=Code(source))) == ["lines.source-unknown"]


def test_a_line_without_specimen_says_all_that_is_missing(broken_rules):
    """An empty line is told everything that it needs at once."""
    assert broken_rules(with_line(specimens=())) == [
        "lines.name-missing",
        "lines.appendix-missing",
        "lines.source-missing",
        "lines.specimen-missing",
    ]


def test_the_replacement_of_a_term_is_named():
    """A warning about an old term says which one to write."""
    ((rule, breach),) = check(with_product(terms=(Code("HAN"),)), at=AT)
    assert rule.severity == "warning"
    assert "write LPS" in breach.message


def test_a_second_specimen_is_looked_at_too(broken_rules):
    """Nothing hides behind the first specimen of a line."""
    first = GOOD.lines[0].specimens[0]
    permit = with_line(specimens=(first, with_specimen(appendix=Code("IV")).lines[0].specimens[0]))
    assert broken_rules(permit) == ["lines.appendix-unknown"]
