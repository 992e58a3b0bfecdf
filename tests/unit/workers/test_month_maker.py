import pytest
from support.gateways import SetClock
from support.keys import NOW

from gateway.errors import StorageError
from gateway.workers.month_maker import AGAIN_SECONDS, PAUSE_SECONDS, MonthMaker


async def test_it_asks_for_the_months_from_now_on():
    """And looks again on the next day, whether something was made or not."""
    asked = []

    async def make(at):
        asked.append(at)
        return ["log_entries_p2027_11"] if len(asked) == 1 else []

    maker = MonthMaker(SetClock(), make)
    assert [await maker.look(), await maker.look()] == [PAUSE_SECONDS, PAUSE_SECONDS]
    assert asked == [NOW, NOW]


@pytest.mark.parametrize("error", [StorageError("another transaction holds the tables"), RuntimeError("?")])
async def test_a_failure_ends_nothing(error):
    """It looks again soon."""

    async def make(_at):
        raise error

    assert await MonthMaker(SetClock(), make).look() == AGAIN_SECONDS
