"""The overview tells alarms about the gateway itself: the log that is not what it was, a full disk."""

from datetime import timedelta

import pytest
from support.alerts import alert
from support.console import sign_in
from support.exchange import CH_MA
from support.keys import NOW

from gateway.exchange.alarms import AlarmKind
from gateway.people.rights import Post

WORDS = "entry 7 is not the one that was signed"
BROKEN = alert("log", kind=AlarmKind.LOG_BROKEN, text=WORDS, advice="keep this database as it is")


async def stands(door, *alerts) -> None:
    """Alarms are kept as the worker keeps them."""
    async with door.database.write() as transaction:
        for each in alerts:
            await transaction.alerts.put(each)


@pytest.mark.parametrize("post", [Post.OPERATOR, Post.AUDITOR, Post.ADMINISTRATOR])
async def test_a_log_that_was_rewritten_is_told_first(ch, post):
    """With what to do."""
    await stands(ch, BROKEN)
    _, _, page = await sign_in(ch, post).see("/console")
    assert f"{WORDS}: keep this database as it is" in page


async def test_what_is_over_or_counted_elsewhere_is_not_told_here(ch):
    """Dead letters have a line of their own, which counts what stands now."""
    over = alert("log", kind=AlarmKind.LOG_BROKEN, text=WORDS, ended_at=NOW + timedelta(hours=1))
    await stands(ch, over, alert("fr", text="one was given up"))
    _, _, page = await sign_in(ch, Post.OPERATOR).see("/console")
    assert WORDS not in page
    assert "one was given up" not in page


async def test_who_sees_one_authority_does_not_see_the_whole_gateway(ch):
    """An alarm may name what others do here."""
    await stands(ch, BROKEN)
    _, _, page = await sign_in(ch, Post.MA_OFFICER, CH_MA).see("/console")
    assert WORDS not in page
