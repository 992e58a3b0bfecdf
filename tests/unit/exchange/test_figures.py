"""Counting: the value that a share of all do not exceed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.exchange.figures import Sample, percentile


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], 0.5, None),
        ([7.0], 0.5, 7.0),
        ([7.0], 0.95, 7.0),
        ([3.0, 1.0, 2.0], 0.5, 2.0),
        ([1.0, 2.0, 3.0, 4.0], 0.5, 2.0),
        ([float(n) for n in range(1, 21)], 0.95, 19.0),
        ([float(n) for n in range(1, 101)], 0.95, 95.0),
        ([1.0, 2.0], 0.0, 1.0),
        ([1.0, 2.0], 1.0, 2.0),
    ],
)
def test_the_value_that_a_share_does_not_exceed(values, share, expected):
    assert percentile(values, share) == expected


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 1))
def test_so_many_do_not_exceed_it_and_it_is_one_of_them(values, share):
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)


@pytest.mark.parametrize(
    ("outcome", "answered"),
    [("delivered", True), ("refused", True), ("queued", False), ("partner_unreachable", False)],
)
def test_a_receipt_is_an_answer(outcome, answered):
    assert Sample(outcome, 1.0).answered is answered
