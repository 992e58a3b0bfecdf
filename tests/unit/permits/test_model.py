from dataclasses import FrozenInstanceError, replace
from decimal import Decimal

import pytest
from unit.permits.permit_builder import GOOD, party

from gateway.permits import model
from gateway.permits.identity import PermitRef
from gateway.permits.quantities import Quantity
from gateway.permits.values import Code, Identifier, Text


def test_the_permit_answers_for_the_form(good):
    """What other parts ask for most is a property of the permit."""
    assert good.ref == PermitRef("CH", "CH-2026-000123")
    assert (good.issuer, good.number_text, good.type_code) == ("CH", "CH-2026-000123", "E")
    assert (good.exporter_country, good.importer_country) == ("CH", "FR")
    assert good.valid_until == good.validity.end
    assert good.valid_from is None


def test_an_empty_permit_answers_with_nothing():
    """Properties of a permit that says nothing are empty, never an error."""
    empty = model.Permit()
    assert (empty.issuer, empty.number_text, empty.type_code) == ("", "", "")
    assert (empty.exporter_country, empty.importer_country) == ("", "")
    assert (empty.ref, empty.valid_from, empty.valid_until, empty.authority) == (None, None, None, None)


def test_an_empty_line_answers_with_nothing():
    """Properties of a line that says nothing are empty, never an error."""
    line = model.Line()
    assert {line.letter, line.scientific_name, line.common_name, line.description} == {""}
    assert {line.term, line.appendix, line.source_code} == {""}
    assert line.quantity is None


def test_a_line_answers_for_the_form():
    """Of several values the first is shown, as on the paper form."""
    product = model.Product(
        descriptions=(Text("Straps"), Text("Bracelets", "FR")),
        terms=(Code("LPS"), Code("SKI")),
        common_names=(Text("Alligator"),),
        scientific_names=(Text("Alligator mississippiensis"),),
    )
    line = replace(
        GOOD.lines[0], specimens=(model.Specimen(Code("II"), Code("W"), product), model.Specimen(Code("I")))
    )
    assert (line.description, line.term, line.common_name) == ("Straps", "LPS", "Alligator")
    assert (line.appendix, line.source_code) == ("II", "W")
    assert line.quantity == Quantity(Decimal(250), "NAR")


@pytest.mark.parametrize("country", ["", "che", "CHE", "ch", "C1", "CH "])
def test_a_country_is_two_capital_letters(country):
    """Anything else is no Party: the permit has no issuer and no reference."""
    permit = replace(GOOD, first_signatory=model.Signatory(party=party("x", country)))
    assert permit.issuer == ""
    assert permit.ref is None


@pytest.mark.parametrize("code", ["e", "811", "EX", ""])
def test_other_types_are_no_type(code):
    """Only E, R, I and O are types."""
    assert replace(GOOD, type=Code(code)).type_code == ""


def test_a_number_that_is_too_long_has_no_reference():
    """A permit that cannot be referred to cannot be stored."""
    assert replace(GOOD, number=Identifier("9" * 36)).ref is None


def test_the_model_is_frozen(good):
    """A permit that was proven stays what it was."""
    with pytest.raises(FrozenInstanceError):
        good.number = None


@pytest.mark.parametrize(
    ("quantity", "text"),
    [
        (Quantity(Decimal("1.50"), "KGM"), "1.50 KGM"),
        (Quantity(Decimal("1E+3")), "1000"),
        (Quantity(Decimal("0.0000001"), "KGM"), "0.0000001 KGM"),
    ],
)
def test_quantities_are_written_out(quantity, text):
    """A quantity keeps its scale and has no exponent."""
    assert str(quantity) == text
