"""What is left of a permit."""

from dataclasses import replace
from decimal import Decimal
from itertools import permutations

import pytest
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS
from support.keys import NOW
from support.notices import endorsement, reversal, written
from support.permits import line, permit

from gateway.clock import new_id
from gateway.errors import MalformedRequest
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.ledger import balances, in_unit_of, standing, used_up
from gateway.permits.model import Package
from gateway.permits.notices import Side
from gateway.permits.quantities import Quantity

PERMIT = permit()


def weighed(quantity, unit):
    """A permit of one line in a unit."""
    packages = (Package(Quantity(Decimal(quantity), unit)),)
    return permit(lines=(replace(line(), packages=packages),))


def test_both_borders_and_the_dead_are_added_up_apart():
    first = endorsement(written("10"))
    second = endorsement(written("7.5"))
    imported = endorsement(written("9", dead="2"), side=Side.IMPORT, by=FR_CUSTOMS)
    (balance,) = balances(PERMIT, [first, second, imported])
    assert (balance.line, balance.authorised.value) == ("A", 40)
    assert (balance.exported.value, balance.imported.value) == (Decimal("17.5"), 9)
    assert balance.dead.value == 2
    assert balance.left.value == Decimal("22.5")
    assert balance.used(Side.EXPORT) == balance.exported
    assert balance.used(Side.IMPORT) == balance.imported


def test_a_sum_of_many_digits_is_exact():
    """Decimal arithmetic would round to 28 digits."""
    made = [endorsement(written("100000000000000000")), endorsement(written("0.000000000000000001"))]
    (balance,) = balances(PERMIT, made)
    assert f"{balance.exported.value:f}" == "100000000000000000.000000000000000001"


def test_each_line_has_its_own_balance_in_the_order_of_the_permit():
    two = permit(lines=(line("B", quantity="5"), line("A", quantity="3")))
    found = balances(two, [endorsement(written("1", "A"), written("2", "B"), written("9", "Z"))])
    assert [(each.line, each.exported.value) for each in found] == [("B", 2), ("A", 1)]


@pytest.mark.parametrize(
    ("authorised", "used", "expected"),
    [
        (("2", "KGM"), ("500", "GRM"), "1.5"),
        (("2000", "GRM"), ("0.5", "KGM"), "1500"),
        (("1", "KGM"), ("1", "PND"), "0.54640763"),
        (("10", None), ("3", "NAR"), "7"),
        (("10", "NAR"), ("3", None), "7"),
    ],
)
def test_units_convert_exactly(authorised, used, expected):
    (balance,) = balances(weighed(*authorised), [endorsement(written(used[0], unit=used[1]))])
    assert balance.left.value == Decimal(expected)
    assert balance.left.unit == authorised[1]


@pytest.mark.parametrize(
    ("authorised", "used"),
    [(("2", "KGM"), ("1", None)), (("10", None), ("1", "BOX")), (("1", "PND"), ("1", "KGM"))],
)
def test_what_does_not_convert_is_not_counted(authorised, used):
    """Pieces and kilograms, boxes and pieces, and a kilogram, which has no end in pounds."""
    (balance,) = balances(weighed(*authorised), [endorsement(written(used[0], unit=used[1]))])
    assert balance.exported.value == 0
    with pytest.raises(MalformedRequest):
        in_unit_of(written(used[0], unit=used[1]), Quantity(Decimal(authorised[0]), authorised[1]))


def test_the_dead_are_converted_with_the_living():
    quantity, dead = in_unit_of(written("500", unit="GRM", dead="250"), Quantity(Decimal(2), "KGM"))
    assert (quantity.value, dead) == (Decimal("0.5"), Decimal("0.25"))


def test_a_reversal_takes_back_whichever_came_first():
    """Also before its endorsement, and twice."""
    one, other = endorsement(), endorsement()
    notices = [one, other, reversal(one), reversal(one)]
    assert {standing(order, PERMIT) for order in permutations(notices)} == {(other,)}
    assert standing([reversal(one)], PERMIT) == ()


@pytest.mark.parametrize(
    "strange",
    [
        {"by": FR_CUSTOMS},
        {"by": CH_MA},
        {"by": AuthorityId.parse("CH:CUSTOMS-Basel")},
        {"permit": PermitRef("CH", "CH-2026-000999")},
        {"reverses": new_id(NOW)},
    ],
)
def test_nobody_else_takes_it_back(strange):
    """Nor from another permit, nor by another id."""
    made = endorsement()
    assert standing([made, reversal(made, **strange)], PERMIT) == (made,)


def test_an_id_that_another_authority_uses_too_hides_nothing():
    """Ids are the author's own: nobody can push out what somebody else wrote off."""
    made = endorsement()
    imported = endorsement(id=made.id, side=Side.IMPORT, by=FR_CUSTOMS)
    assert set(standing([made, imported], PERMIT)) == {made, imported}
    assert standing([made, imported, reversal(imported)], PERMIT) == (made,)


@pytest.mark.parametrize(
    ("side", "by", "counts"),
    [
        (Side.EXPORT, CH_CUSTOMS, True),
        (Side.EXPORT, AuthorityId.parse("CH:CUSTOMS-Basel"), True),
        (Side.IMPORT, FR_CUSTOMS, True),
        (Side.EXPORT, FR_CUSTOMS, False),
        (Side.IMPORT, CH_CUSTOMS, False),
        (Side.EXPORT, CH_MA, False),
        (Side.EXPORT, AuthorityId.parse("CH:HUB"), False),
        (Side.IMPORT, AuthorityId.parse("DE:CUSTOMS"), False),
    ],
)
def test_only_the_customs_of_a_border_count_there(side, by, counts):
    """What others sent before the permit came is there, and counts nowhere."""
    made = endorsement(side=side, by=by)
    assert standing([made], PERMIT) == ((made,) if counts else ())


def test_a_permit_without_importer_has_no_import_border():
    made = endorsement(side=Side.IMPORT, by=FR_CUSTOMS)
    assert standing([made], permit(importer="")) == ()


@pytest.mark.parametrize(
    ("exported", "imported", "used"),
    [("40", None, True), (None, "40", True), ("39.9", "39.9", False), ("39", "40", True), ("41", None, True)],
)
def test_used_up_at_either_border(exported, imported, used):
    """Where customs at export write nothing, those at import know better."""
    made = [endorsement(written(exported))] if exported else []
    made += [endorsement(written(imported), side=Side.IMPORT, by=FR_CUSTOMS)] if imported else []
    assert used_up(balances(PERMIT, made)) is used


def test_a_line_without_quantity_is_never_used_up():
    empty = permit(lines=(replace(line(), packages=()),))
    (balance,) = balances(empty, [])
    assert balance.authorised is None
    assert balance.left is None
    assert not used_up([balance])
