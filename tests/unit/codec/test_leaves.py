"""White space of a token, however much of it there is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codec import leaves
from gateway.codec.leaves import collapse


@given(st.text(alphabet=" \t\n\ra\u00a0", max_size=200))
def test_white_space_collapses_as_the_schema_says(text: str) -> None:
    """Tabs and line ends are spaces, a run is one, none is left at the ends; no other space counts."""
    assert collapse(text) == re.sub("[ \t\n\r]+", " ", text).strip(" ")


@pytest.mark.parametrize("length", [1, 2, 31, 32, 33, 63, 64, 1023, 1024, 1025, 65_536])
def test_a_run_of_any_length_is_one_space(length: int) -> None:
    """Around the length of the run that is taken out first, and far above it."""
    assert collapse("a" + " " * length + "b") == "a b"
    assert collapse(" " * length) == ""


def test_a_long_run_is_taken_out_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pairs are looked for when few are left (attack 15)."""
    looked: list[int] = []

    class Counting(str):  # noqa: SLOT000 - it lives for one test
        """A text that notes how long it was whenever pairs were replaced."""

        def replace(self, old: str, new: str, count: int = -1) -> "Counting":  # type: ignore[override]
            if old == "  ":
                looked.append(len(self))
            return Counting(super().replace(old, new, count))

    assert collapse(Counting(" " * 65_536)) == ""
    assert max(looked) <= len(leaves._LONG_RUN)
