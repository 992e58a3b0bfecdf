from decimal import Decimal, localcontext

import pytest

from gateway.errors import MalformedRequest
from gateway.permits.quantities import MOST_DIGITS, Quantity, convert, exceeds, normalised, same_kind, total


def q(value, unit=None, more=()):
    """A quantity from text."""
    return Quantity(Decimal(value), unit, more)


@pytest.mark.parametrize(
    ("given", "unit", "value"),
    [
        (q("1", "FEE"), "MTR", "0.3048"),
        (q("1", "PND"), "KGM", "0.45359237"),
        (q("1", "PND"), "GRM", "453.59237"),
        (q("16", "OUN"), "PND", "1"),
        (q("3", "FEE"), "YAR", "1"),
        (q("36", "INH"), "YRD", "1"),
        (q("1.50", "TNE"), "KGM", "1500"),
        (q("1", "MYG"), "KGM", "0.000000001"),
        (q("2500", "GRM"), "KGM", "2.5"),
        (q("1", "MTQ"), "LTR", "1000"),
        (q("1", "LTR"), "MLT", "1000"),
        (q("1", "MLT"), "CMQ", "1"),
        (q("1", "CCM"), "MTQ", "0.000001"),
        (q("12", "BFT"), "CUF", "1"),
        (q("3", "PAI"), None, "6"),
        (q("3", "SID"), "NAR", "1.5"),
        (q("7"), "H87", "7"),
        (q("-2", "KIL"), "KGM", "-2"),
        (q("0.00", "KIL"), "KGM", "0"),
        (q("1E+3", "KIL"), "TNE", "1"),
    ],
)
def test_amounts_convert_exactly(given, unit, value):
    """Every digit of the definition is there, and none that was not asked for."""
    converted = convert(given, unit)
    assert (f"{converted.value:f}", converted.unit) == (value, unit or "NAR")


def test_the_decimal_context_does_not_round():
    """Eighteen digits of pounds keep all their decimals, whatever precision the process works with."""
    given = q("999999999999999.999", "PND")
    expected = Decimal("453592369999999.99954640763")
    with localcontext() as context:
        context.prec = 3
        assert convert(given, "KGM").value.compare_total(expected) == 0
        assert total([given, given]).value.compare_total(Decimal("1999999999999999.998")) == 0
        assert not exceeds(given, q("453592369999999.99954640763", "KGM"))
        assert exceeds(given, q("453592369999999.99954640762", "KGM"))


@pytest.mark.parametrize("given", [q("1.50", "KGM", (("unitCodeListID", "6P"),)), q("3", "BOX"), q("4.0")])
def test_in_its_own_unit_a_quantity_stays_as_it_is(given):
    """Scale and attributes are kept, also where nothing else would convert."""
    assert convert(given, given.unit) is given


def test_attributes_describe_the_unit_as_written():
    """After a conversion they would describe another unit; they are dropped."""
    assert convert(q("1", "PND", (("unitCodeListID", "6P"),)), "KGM").more == ()


@pytest.mark.parametrize(
    ("given", "unit", "message"),
    [
        (q("1", "KGM"), "PND", "1 KGM cannot be written in PND exactly, because the number does not end"),
        (q("10", "NAR"), "DZN", "10 NAR cannot be written in DZN exactly, because the number does not end"),
        (
            q("2", "KGM"),
            "LTR",
            "2 KGM cannot be converted to LTR, because the two do not measure the same",
        ),
        (q("2"), "KGM", "2 NAR cannot be converted to KGM, because the two do not measure the same"),
        (
            q("2", "BOX"),
            None,
            "2 BOX cannot be converted to NAR, because it is not known how many specimens one BOX holds",
        ),
        (
            q("2"),
            "BAG",
            "2 NAR cannot be converted to BAG, because it is not known how many specimens one BAG holds",
        ),
        (q("2", "KG"), "KGM", "KG is no unit of the code list"),
        (q("2", "KGM"), "lb", "lb is no unit of the code list"),
        (q("2", "lb"), "lb", "lb is no unit of the code list"),
    ],
)
def test_what_is_not_true_is_refused_with_both_units(given, unit, message):
    """The sentence names what was found and what was wanted; the advice says what to do."""
    with pytest.raises(MalformedRequest) as refused:
        convert(given, unit)
    assert refused.value.message == message
    assert refused.value.advice


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "1E+999999999", "1E-999999999", "1" * (MOST_DIGITS + 1)]
)
def test_an_exponent_of_a_stranger_costs_nothing(value):
    """A number that would fill the memory is refused before it is written out."""
    with pytest.raises(MalformedRequest, match="no number, or has more digits"):
        convert(q(value, "KGM"), "GRM")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (q("2.50", "KIL"), "2.5 KGM"),
        (q("1", "CUF"), "0.028316846592 MTQ"),
        (q("2.50", "GRM"), "2.50 GRM"),
        (q("1", "CCM"), "1 CMQ"),
        (q("1", "HLT"), "100 LTR"),
        (q("7"), "7 NAR"),
        (q("7", "PCS"), "7 NAR"),
    ],
)
def test_quantities_are_normalised_to_units_of_today(given, expected):
    """Old codes and codes of other lists become ours; a unit of today stays."""
    assert str(normalised(given)) == expected


@pytest.mark.parametrize("unit", ["BOX", "XYZ"])
def test_what_cannot_be_normalised_is_refused(unit):
    """A box and an unknown unit have no amount in a unit of today."""
    with pytest.raises(MalformedRequest, match=unit):
        normalised(q("1", unit))


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("KGM", "PND", True),
        ("LTR", "CUF", True),
        (None, "NAR", True),
        (None, "PAI", True),
        ("BOX", "NAR", True),
        ("MTR", "MTK", False),
        (None, "KGM", False),
        ("XYZ", "XYZ", False),
        ("KGM", "XYZ", False),
    ],
)
def test_units_of_the_same_kind(a, b, same):
    """Kind is what is measured; an unknown unit is of no kind."""
    assert same_kind(a, b) is same
    assert same_kind(b, a) is same


@pytest.mark.parametrize(
    ("quantity", "limit", "more"),
    [
        (q("1", "KGM"), q("2.2", "PND"), True),
        (q("1", "KGM"), q("2.21", "PND"), False),
        (q("0.45359237", "KGM"), q("1", "PND"), False),
        (q("0.453592370000001", "KGM"), q("1", "PND"), True),
        (q("3", "BOX"), q("2", "BOX"), True),
        (q("2", "BOX"), q("2.0", "BOX"), False),
        (q("5"), q("2", "PAI"), True),
        (q("4"), q("2", "PAI"), False),
    ],
)
def test_amounts_are_compared_exactly_in_different_units(quantity, limit, more):
    """Also where the number would not end: a kilogram against pounds."""
    assert exceeds(quantity, limit) is more


def test_what_does_not_convert_is_not_compared():
    """Boxes against specimens, and kilograms against litres, are refused."""
    with pytest.raises(MalformedRequest, match="holds"):
        exceeds(q("1", "BOX"), q("1"))
    with pytest.raises(MalformedRequest, match="do not measure the same"):
        exceeds(q("1", "LTR"), q("1", "KGM"))


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ([q("1", "PND"), q("0.1", "PND")], "1.1 PND"),
        ([q("1", "PND"), q("0.1", "KGM")], "0.55359237 KGM"),
        ([q("1", "GRM"), q("1", "MGM")], "0.001001 KGM"),
        ([q("1"), q("2", "NAR")], "3 NAR"),
        ([q("1", "BOX"), q("2", "BOX")], "3 BOX"),
        ([q("1", "DZN"), q("2", "PAI"), q("1")], "17 NAR"),
    ],
)
def test_quantities_add_up(amounts, expected):
    """In the unit that they share, else in the base unit of their kind."""
    assert str(total(amounts)) == expected


def test_what_does_not_convert_does_not_add_up():
    """A sum of nothing, of boxes and specimens, or of kilograms and metres is refused."""
    for amounts in ([], [q("1", "BOX"), q("1")], [q("1", "KGM"), q("1", "MTR")]):
        with pytest.raises(MalformedRequest):
            total(amounts)


@pytest.mark.parametrize(
    ("value", "shown"), [("1E+200", 201), ("1E+201", 6), ("1E-201", 6), ("1E+999999", 9), ("1E-999999", 9)]
)
def test_an_exponent_of_a_stranger_is_not_written_out(value, shown):
    """Up to the most digits that an amount may have it is; beyond, it stays as short as it came."""
    assert len(str(q(value))) == shown


def test_an_amount_that_is_no_number_can_be_shown():
    """Neither infinity nor what is no number stops a sentence."""
    assert (str(q("Infinity", "KGM")), str(q("NaN"))) == ("Infinity KGM", "NaN")
