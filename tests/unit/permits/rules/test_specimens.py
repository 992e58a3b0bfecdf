from dataclasses import replace

import pytest
from support.rule_cases import Case, check_case
from unit.permits.line_builder import ISSUED, specimen
from unit.permits.permit_builder import AT, GOOD, with_line, with_product, with_specimen

from gateway.permits import model
from gateway.permits.rules import check
from gateway.permits.rules.context import source_codes
from gateway.permits.values import Code, Identifier, Text

ACQUIRED = (model.Procedure(acquired_at=ISSUED),)
REGISTERED = (model.Procedure(categories=(Code("A-CH-501"),)),)


def _source(code: str, *, appendix: str = "II") -> model.Permit:
    """A permit whose first line has this source, with a date of acquisition for O, an operation for D."""
    procedures = ACQUIRED if "O" in code else REGISTERED if "D" in code else ()
    return with_line(specimens=(specimen(appendix, code),), procedures=procedures)


CASES = {
    "lines.name-missing": Case(GOOD, with_product(scientific_names=(Text(""),))),
    "lines.appendix-missing": Case(GOOD, with_specimen(appendix=None)),
    "lines.appendix-unknown": Case(with_specimen(appendix=Code("III")), with_specimen(appendix=Code("N"))),
    "lines.source-missing": Case(GOOD, with_specimen(source=Code(""))),
    "lines.source-unknown": Case(with_specimen(source=Code("Y")), with_specimen(source=Code("Z"))),
    "specimens.confiscated-alone": Case(_source("I/W"), _source("I")),
    "specimens.pre-convention-alone": Case(_source("O/W"), _source("O")),
    "specimens.operation-appendix": Case(_source("D", appendix="I"), _source("D", appendix="II")),
    "specimens.ranched-unmarked": Case(
        replace(
            _source("R"),
            lines=(
                replace(_source("R").lines[0], marks=(model.Marks((Text("ZW 26 0001"),)),)),
                GOOD.lines[1],
            ),
        ),
        replace(
            _source("R"),
            lines=(replace(_source("R").lines[0], marks=(model.Marks((Text(" "),)),)), GOOD.lines[1]),
        ),
    ),
    "lines.specimen-missing": Case(
        with_product(terms=(), descriptions=(Text("Watch straps", "EN"),)), with_product(terms=())
    ),
    "lines.term-unknown": Case(with_product(terms=(Code("LPS"),)), with_product(terms=(Code("LP"),))),
    "lines.term-legacy": Case(with_product(terms=(Code("LPS"),)), with_product(terms=(Code("WAT"),))),
}


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule):
    """Each rule about specimens lets the first permit pass and stops the second."""
    check_case(rule, CASES[rule])


@pytest.mark.parametrize("source", ["OW", "WO", "I C", "O/W", "IO", "I, W"])
def test_two_sources_go_with_i_or_o(source, broken_rules):
    """Confiscated and pre-Convention specimens carry a second code, however the two are joined."""
    assert broken_rules(_source(source)) == []


@pytest.mark.parametrize("source", ["WC", "OO", "OWC", "w", "O-", "OQ"])
def test_other_pairs_of_sources_are_refused(source, broken_rules):
    """Two codes without I or O, the same twice, three, small letters and unknown codes are no source."""
    assert broken_rules(_source(source)) == ["lines.source-unknown"]


@pytest.mark.parametrize("source", ["I/U", "UI"])
def test_confiscated_of_unknown_source_says_nothing(source, broken_rules):
    """The second code of confiscated specimens is never U."""
    assert "specimens.confiscated-alone" in broken_rules(_source(source))


def test_confiscated_from_an_operation_is_of_appendix_i_too(broken_rules):
    """D as the second code has the same border as D alone."""
    assert broken_rules(_source("I/D", appendix="I")) == []
    assert broken_rules(_source("I/D", appendix="III")) == ["specimens.operation-appendix"]


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
    ((rule, severity, breach),) = check(with_product(terms=(Code("HAN"),)), at=AT).breaches
    assert (rule.id, severity) == ("lines.term-legacy", "warning")
    assert "write LPS" in breach.message


def test_a_term_without_replacement_is_put_in_words():
    """When the list has nothing instead, a description is asked for."""
    found = {rule.id: breach for rule, _, breach in check(with_product(terms=(Code("UNS"),)), at=AT).breaches}
    assert "describe the specimens in words" in found["lines.term-legacy"].message


def test_a_second_specimen_is_looked_at_too(broken_rules):
    """Nothing hides behind the first specimen of a line."""
    permit = with_line(specimens=(specimen(), specimen(appendix="IV")))
    assert broken_rules(permit) == ["lines.appendix-unknown"]


@pytest.mark.parametrize("names", [(), (Text("\u00a0"),), (Text(""), Text(" "))])
def test_white_space_is_no_name(names, broken_rules):
    """A name must say something."""
    assert broken_rules(with_product(scientific_names=names)) == ["lines.name-missing"]


@pytest.mark.parametrize("name", ["Крокодил", "鳄鱼", "تمساح"])
def test_names_in_every_script_are_names(name, broken_rules):
    """Whether a name is that of a species is for the species data to say."""
    assert broken_rules(with_product(scientific_names=(Text(name),))) == []


def test_the_line_is_called_by_its_letter_or_its_place():
    """A line without a letter is found by its number."""
    nameless = replace(specimen(), appendix=None)
    lettered = check(with_line(specimens=(nameless,), ids=(Identifier("Q7"),)), at=AT).breaches
    assert [breach.message[:9] for _, _, breach in lettered] == ["line Q7 h"]
    placed = check(with_line(specimens=(nameless,), ids=()), at=AT).breaches
    assert placed[-1][2].message.startswith("line 1 has no Appendix")


def test_a_second_term_says_what_it_is(broken_rules):
    """An empty term before a good one does no harm."""
    assert broken_rules(with_product(terms=(Code(""), Code("LPS")))) == []


def test_of_a_long_source_only_the_beginning_is_looked_at() -> None:
    """Two codes and what stands between them are found; the end of 64 KB is not walked, rule by rule."""
    assert source_codes("  W  /  I  ") == {"W", "I"}
    assert source_codes("." * 15 + "W") == {"W"}
    assert source_codes("." * 16 + "W") == frozenset()
