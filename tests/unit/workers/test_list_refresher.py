"""When a revocation list is fetched again."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from support.gateways import SetClock
from support.keys import NOW

from gateway.errors import PartnerUnreachable
from gateway.workers import list_refresher
from gateway.workers.list_refresher import ListRefresher


def refresher(refresh):
    """A refresher of one address."""
    return ListRefresher("http://crl.invalid/x", SetClock(), refresh)


@pytest.mark.parametrize(
    ("promised", "pause"),
    [
        (timedelta(hours=6), 3 * 3600),
        (timedelta(minutes=8), 300),
        (timedelta(days=-1), 300),
        (timedelta(days=30), 24 * 3600),
    ],
)
async def test_half_of_its_time(promised, pause):
    """Long before it is too old, not every second, and at least once a day."""

    async def refresh():
        return NOW + promised

    assert await refresher(refresh).look() == pause


async def test_failures_wait_longer_and_longer_and_are_told():
    """Up to an hour; after a success it begins anew."""
    failing = [True]

    async def refresh():
        if failing:
            raise PartnerUnreachable("nobody answers")
        return NOW + timedelta(hours=6)

    worker = refresher(refresh)
    with capture_logs() as logs:
        pauses = [await worker.look() for _ in range(9)]
        failing.clear()
        await worker.look()
        failing.append(True)
        pauses.append(await worker.look())
    assert pauses == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 30]
    assert [line["event"] for line in logs] == ["list_not_refreshed"] * 10


async def test_a_mistake_does_not_end_the_worker(monkeypatch):
    """Whatever happens in one round, the next one comes."""
    monkeypatch.setattr(list_refresher, "LONGEST_SECONDS", 0.0)
    rounds, enough = [], asyncio.Event()

    async def refresh():
        rounds.append(1)
        if len(rounds) == 2:
            enough.set()
        raise ZeroDivisionError

    with capture_logs() as logs:
        task = asyncio.create_task(refresher(refresh).run())
        async with asyncio.timeout(10):
            await enough.wait()
        task.cancel()
    assert logs[0]["event"] == "list_refresher_failed"
