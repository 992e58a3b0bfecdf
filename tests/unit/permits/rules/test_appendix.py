from dataclasses import replace

import pytest
from support.rule_cases import Case, check_case
from unit.permits.line_builder import (
    TRANSPORT,
    country,
    other,
    re_export,
    reference,
    specimen,
    with_both,
)
from unit.permits.permit_builder import GOOD, with_line

from gateway.permits import model
from gateway.permits.values import Code

IMPORT_PERMIT = reference("911", "FR26-IMP-00077")


def _first(source: str, purpose: str, *references: model.Reference) -> model.Permit:
    """An export permit whose first line is of Appendix I."""
    permit = with_line(specimens=(specimen("I", source),))
    return replace(permit, purposes=(Code(purpose),), references=references)


def _live(term: str, *references: model.Reference, source: str = "C") -> model.Permit:
    """A re-export certificate whose first line is of Appendix I."""
    permit = re_export(TRANSPORT, specimens=(specimen("I", source, term, "Ara macao"),))
    return replace(permit, purposes=(Code("Z"),), references=references)


CASES = {
    "appendix.import-permit-unnamed": Case(_first("W", "E", IMPORT_PERMIT), _first("W", "E")),
    "appendix.live-re-export": Case(_live("LIV", IMPORT_PERMIT), _live("LIV")),
    "appendix.commercial": Case(_first("W", "E", IMPORT_PERMIT), _first("W", "T", IMPORT_PERMIT)),
    "appendix.certificate-of-origin": Case(
        other("Certificate of origin", specimens=(specimen("III"),)),
        other("Certificate of origin", specimens=(specimen("II"),)),
    ),
    "appendix.mixed": Case(
        re_export(origin=country("MX")),
        re_export(origin=country("CH")),
    ),
}


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule):
    """Each rule about Appendices lets the first permit pass and stops the second."""
    check_case(rule, CASES[rule])


@pytest.mark.parametrize("source", ["W", "X", "F", "R", "I/W"])
def test_wild_specimens_of_appendix_i_are_not_traded(source, broken_rules):
    """These are the sources that count as wild, also when the specimens were confiscated."""
    assert broken_rules(_first(source, "T", IMPORT_PERMIT)) == ["appendix.commercial"]


@pytest.mark.parametrize("source", ["A", "C"])
def test_bred_and_propagated_specimens_may_be_traded(source, broken_rules):
    """Commercial trade in what was bred or propagated is not flagged here."""
    assert broken_rules(_first(source, "T", IMPORT_PERMIT)) == []


@pytest.mark.parametrize(
    ("source", "procedure"),
    [
        ("D", model.Procedure(categories=(Code("A-CH-501"),))),
        ("O/W", model.Procedure(acquired_at=GOOD.issued_at)),
    ],
)
def test_operations_and_pre_convention_are_exempt(source, procedure, broken_rules):
    """Registered operations count as Appendix II, and pre-Convention specimens are free."""
    permit = with_line(specimens=(specimen("I", source),), procedures=(procedure,))
    assert broken_rules(permit) == []


@pytest.mark.parametrize(
    "unclear", [reference("911", ""), reference("916"), replace(IMPORT_PERMIT, type=None)]
)
def test_an_import_permit_is_named_by_type_and_number(unclear, broken_rules):
    """A reference of another type, or one without a number, names no import permit."""
    assert "appendix.import-permit-unnamed" in broken_rules(_first("W", "E", unclear))


@pytest.mark.parametrize("term", ["SKU", "FEA"])
def test_dead_specimens_are_re_exported_without(term, broken_rules):
    """Only living specimens of Appendix I need an import permit for re-export."""
    assert broken_rules(_live(term)) == []


@pytest.mark.parametrize("term", ["LIV", "EGL"])
def test_eggs_live(term, broken_rules):
    """A fertilised egg is a living specimen."""
    assert broken_rules(_live(term)) == ["appendix.live-re-export"]


def test_a_certificate_of_origin_is_not_for_appendix_i(broken_rules):
    """Every line of the certificate is looked at."""
    permit = other("Certificat d'origine", specimens=(specimen("I"),))
    assert broken_rules(permit) == ["appendix.certificate-of-origin"] * 2


def test_appendix_iii_may_be_exported_with_either_document(broken_rules):
    """Who listed the species is not in the document, so that an export permit passes."""
    assert broken_rules(with_both(specimens=(specimen("III"),))) == []


def test_what_comes_back_is_re_exported(broken_rules):
    """Specimens of our own country that were abroad are no export."""
    references = (reference("861"), reference("811"))
    permit = re_export(origin=country("CH"), last_export=country("DE"), references=references)
    assert broken_rules(permit) == []


def test_only_own_specimens_are_not_mixed(broken_rules):
    """A certificate on which every line comes from the country itself is one thing, not two."""
    own = with_both(origin=country("CH"), references=(reference("861"),))
    assert broken_rules(replace(own, type=Code("R"))) == []


def test_one_of_two_purposes_is_commercial(broken_rules):
    """A permit for two purposes is a commercial one when one of them is."""
    permit = replace(_first("W", "T", IMPORT_PERMIT), purposes=(Code("E"), Code("T")))
    assert broken_rules(permit) == ["appendix.commercial"]


def test_one_of_two_terms_lives(broken_rules):
    """Live birds and their feathers on one line are alive."""
    permit = _live("LIV")
    product = replace(permit.lines[0].specimens[0].product, terms=(Code("FEA"), Code("LIV")))
    specimens = (replace(permit.lines[0].specimens[0], product=product),)
    line = replace(permit.lines[0], specimens=specimens)
    assert broken_rules(replace(permit, lines=(line, permit.lines[1]))) == ["appendix.live-re-export"]
