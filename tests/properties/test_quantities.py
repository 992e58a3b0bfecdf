from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import MalformedRequest
from gateway.permits.codes import code_lists
from gateway.permits.quantities import Quantity, convert, exceeds, normalised, same_kind, total

UNITS = tuple(code_lists().unit.entries)
BASES = {"mass": "KGM", "volume": "MTQ", "length": "MTR", "area": "MTK", "count": "NAR"}
units = st.sampled_from(UNITS)
values = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**14), max_value=10**14, places=4)
quantities = st.builds(Quantity, values, units)


def of_one_kind(kind):
    """Two quantities of one kind, in units that convert."""
    entries = code_lists().unit.entries.values()
    codes = [entry.code for entry in entries if entry.kind == kind and entry.converts]
    quantity = st.builds(Quantity, values, st.sampled_from(codes))
    return st.tuples(quantity, quantity)


pairs = st.sampled_from(tuple(BASES)).flatmap(of_one_kind)


def converted(quantity, unit):
    """The converted quantity, or None when it is refused."""
    try:
        return convert(quantity, unit)
    except MalformedRequest:
        return None


@given(pair=pairs)
def test_there_and_back_is_the_same_amount(pair):
    """What converts comes back without a loss; what does not is one whose number does not end."""
    quantity, other = pair
    there = converted(quantity, other.unit)
    if there is None:
        base = BASES[code_lists().unit.get(quantity.unit).kind]
        assert convert(convert(quantity, base), quantity.unit).value == quantity.value
    else:
        assert convert(there, quantity.unit).value == quantity.value


@given(value=values, unit=units)
def test_every_unit_has_an_exact_amount_in_its_base_unit(value, unit):
    """Factors to KGM, MTQ, MTR, MTK and NAR end, except for what does not convert at all."""
    entry = code_lists().unit.get(unit)
    there = converted(Quantity(value, unit), BASES[entry.kind])
    assert (there is not None) == entry.converts


@given(pair=pairs)
def test_sums_convert_to_sums(pair):
    """Conversion is linear: converting a sum is adding up what was converted."""
    base = BASES[code_lists().unit.get(pair[0].unit).kind]
    assert convert(total(pair), base).value == total(convert(each, base) for each in pair).value


@given(quantity=quantities, unit=units)
def test_only_the_same_kind_converts(quantity, unit):
    """Nothing becomes a kilogram that is not a mass."""
    assert same_kind(quantity.unit, unit) or converted(quantity, unit) is None


@given(pair=pairs)
def test_of_two_amounts_at_most_one_exceeds_the_other(pair):
    """Comparison agrees with subtraction, in whichever unit."""
    a, b = pair
    difference = Fraction(total([a, Quantity(-b.value, b.unit)]).value)
    assert exceeds(a, b) == (difference > 0)
    assert exceeds(b, a) == (difference < 0)


@given(pair=pairs)
def test_a_normalised_quantity_is_in_a_unit_of_today(pair):
    """Normalising twice is normalising once."""
    once = normalised(pair[0])
    assert once.unit in code_lists().unit.words().split(", ")
    assert normalised(once) == once


@given(
    value=st.decimals(),
    unit=st.one_of(st.none(), units, st.text(max_size=5)),
    into=st.one_of(st.none(), units, st.text(max_size=5)),
)
def test_any_number_and_any_unit_give_an_amount_or_a_sentence(value, unit, into):
    """No input of a stranger ends in another exception, and no amount is lost."""
    result = converted(Quantity(value, unit), into)
    assert result is None or (result.value == 0) == (value == 0)
