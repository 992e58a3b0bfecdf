"""Small charts: where bars stand, and that none leaves the picture."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.web.console.charts import HEIGHT, WIDTH, nested, round_up, stacked

HOURS = [f"{n:02}:00" for n in range(24)]
VALUES = st.lists(st.floats(0, 1e9), min_size=24, max_size=24)


@given(VALUES, VALUES)
def test_no_bar_leaves_the_picture(one, other):
    for draw in (stacked, nested):
        chart = draw(HOURS, ("solid", one), ("hollow", other))
        for bar in chart.bars:
            assert bar.x >= chart.axis[0]
            assert bar.x + bar.width <= WIDTH
            assert 11.9 <= bar.y <= bar.y + bar.height <= HEIGHT - 17.9


def test_bars_stand_on_each_other_and_are_as_high_as_their_values():
    chart = stacked(["a", "b"], ("solid", [5, 0]), ("hollow", [5, 10]))
    first, second, third = chart.bars
    assert chart.top == "10"
    assert (first.y, first.y - first.height) == (second.y + second.height, second.y)
    assert third.height == pytest.approx(first.height + second.height)
    assert (first.tone, second.tone, third.tone) == ("solid", "hollow", "hollow")


def test_nothing_is_drawn_of_nothing():
    chart = stacked(HOURS, ("solid", [0.0] * 24))
    assert chart.bars == ()
    assert chart.top == "1"
    assert [label for _, label in chart.ticks] == ["00:00", "06:00", "12:00", "18:00"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, 1), (1, 1), (1.1, 2), (2, 2), (3, 5), (5, 5), (7, 10), (10, 10), (11, 20), (0.3, 0.5), (4321, 5000)],
)
def test_the_edge_is_a_round_number_that_is_not_less(value, expected):
    assert round_up(value) == pytest.approx(expected)
