"""Dividing a length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rendering.sharing import share


def test_what_is_left_over_is_divided_in_proportion():
    """Each gets its need and its part of the rest."""
    assert share([10, 30], [5, 5], 80) == [20, 60]


def test_the_modest_are_served_in_full():
    """When there is too little, the greedy wait."""
    assert share([10, 100], [5, 5], 50) == pytest.approx([10, 40])


@given(st.lists(st.tuples(st.floats(1, 50), st.floats(0, 200)), min_size=1, max_size=12), st.floats(0, 500))
def test_the_whole_room_is_given_out(parts, more):
    """Nobody gets less than the least, and together they fill the room."""
    least = [low for low, _ in parts]
    needs = [low + extra for low, extra in parts]
    room = sum(least) + more
    given_out = share(needs, least, room)
    assert sum(given_out) == pytest.approx(room, abs=0.01)
    assert all(got >= low - 1e-6 for got, low in zip(given_out, least, strict=True))
