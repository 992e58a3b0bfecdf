"""Wrong tokens are counted."""

from datetime import timedelta

import pytest
from support.exchange import CH_MA, FR_CUSTOMS, FR_MA
from support.keys import NOW

from gateway.errors import TooManyGuesses
from gateway.flows import guesses as guesses_flow
from gateway.flows.guesses import Guesses, GuessLimits
from gateway.permits.identity import PermitRef

REF, OTHER = PermitRef("CH", "1"), PermitRef("CH", "2")


def test_so_many_for_a_permit_whoever_asks() -> None:
    """One more is refused until the window is over; another permit is another matter."""
    guesses = Guesses(GuessLimits(wrong_per_caller=100, wrong_per_permit=2, window_seconds=60))
    guesses.begin(FR_CUSTOMS, REF, NOW)
    guesses.begin(FR_MA, REF, NOW + timedelta(seconds=20))
    with pytest.raises(TooManyGuesses) as caught:
        guesses.begin(CH_MA, REF, NOW + timedelta(seconds=30))
    assert caught.value.fields == {"retry_after": 30}
    guesses.begin(CH_MA, OTHER, NOW + timedelta(seconds=30))
    guesses.begin(CH_MA, REF, NOW + timedelta(seconds=60))


def test_so_many_of_a_caller_whatever_the_permit() -> None:
    """Another caller is another matter."""
    guesses = Guesses(GuessLimits(wrong_per_caller=1, wrong_per_permit=100, window_seconds=60))
    guesses.begin(FR_CUSTOMS, REF, NOW)
    with pytest.raises(TooManyGuesses):
        guesses.begin(FR_CUSTOMS, OTHER, NOW)
    guesses.begin(FR_MA, OTHER, NOW)


def test_a_right_token_does_not_count() -> None:
    """However often it is given."""
    guesses = Guesses(GuessLimits(wrong_per_caller=1, wrong_per_permit=1))
    for _ in range(5):
        guesses.begin(FR_CUSTOMS, REF, NOW)
        guesses.forgive(FR_CUSTOMS, REF)
    guesses.begin(FR_CUSTOMS, REF, NOW)
    with pytest.raises(TooManyGuesses):
        guesses.begin(FR_CUSTOMS, REF, NOW)


def test_a_refused_guess_does_not_make_the_wait_longer() -> None:
    """The window began with the first one."""
    guesses = Guesses(GuessLimits(wrong_per_permit=1, window_seconds=60))
    guesses.begin(FR_CUSTOMS, REF, NOW)
    for seconds in range(0, 60, 10):
        with pytest.raises(TooManyGuesses):
            guesses.begin(FR_CUSTOMS, REF, NOW + timedelta(seconds=seconds))
    guesses.begin(FR_CUSTOMS, REF, NOW + timedelta(seconds=60))


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was counted first is forgotten first."""
    monkeypatch.setattr(guesses_flow, "MOST_COUNTED", 10)
    guesses = Guesses(GuessLimits(wrong_per_caller=10_000))
    for number in range(100):
        guesses.begin(FR_CUSTOMS, PermitRef("CH", str(number)), NOW)
    assert len(guesses._counted) == 10


@pytest.mark.parametrize("name", ["wrong_per_caller", "wrong_per_permit", "window_seconds"])
def test_limits_are_more_than_nothing(name: str) -> None:
    """Otherwise no token could ever be given."""
    with pytest.raises(ValueError, match=name):
        GuessLimits(**{name: 0})
