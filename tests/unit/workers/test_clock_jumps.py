"""A clock that jumps a day: nothing is lost, nothing is sent twice, and leases end when they should."""

from datetime import timedelta

import pytest

from gateway.exchange.delivery import DeliveryState
from gateway.workers.dispatcher import DispatcherSettings

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def journal(bench, monkeypatch):
    """The worker's log."""
    monkeypatch.setattr(type(bench.journal), "warning", type(bench.journal).error, raising=False)


async def look_again(bench, dispatcher):
    """The worker looks at the queue at least twice more."""
    for _ in range(2):
        looks = bench.storage.looks
        dispatcher.wake()
        await bench.until(lambda looks=looks: bench.storage.looks > looks)


@pytest.mark.parametrize("jump", [DAY, -DAY, DAY * 30], ids=["a day", "a day back", "a month"])
async def test_what_is_on_its_way_is_not_sent_twice(jump, bench):
    """Its own leases have not ended, whatever the clock says: the worker knows that it is alive."""
    (record,) = await bench.queue_for_germany(1)
    dispatcher = bench.dispatcher(poll_seconds=1000.0)
    async with bench.working(dispatcher):
        await bench.until(lambda: bench.door.inside["de"] == 1)
        bench.clock.at += jump
        await look_again(bench, dispatcher)
        assert len(bench.door.carried) == 1
        await dispatcher._heartbeat.beat()
        lease = bench.storage.state.deliveries[record.id].next_attempt_at
        assert lease == bench.clock.now() + timedelta(seconds=90)
        bench.door.let_pass(1)
        await bench.until(lambda: bench.settled("de") == 1)
    assert len(bench.door.carried) == 1
    assert bench.storage.state.deliveries[record.id].attempts == 1


@pytest.mark.parametrize("jump", [DAY, -DAY], ids=["a day", "a day back"])
async def test_what_is_queued_goes_when_the_clock_is_right_again(jump, bench):
    """A permit is issued, the clock jumps and comes back: it is delivered, once, and so is the next one."""
    await bench.issue("CH-2026-000001")
    bench.clock.at += jump
    dispatcher = bench.dispatcher(poll_seconds=0.02)
    async with bench.working(dispatcher):
        await look_again(bench, dispatcher)
        bench.clock.at -= jump
        await bench.issue("CH-2026-000002")
        await bench.until(lambda: bench.settled("fr") == 2)
    assert bench.states("fr") == [DeliveryState.DELIVERED] * 2
    assert len(bench.france.carried) == 2


async def test_a_lease_from_a_clock_that_was_ahead_does_not_last_a_day(bench):
    """A worker died while the clock was a day ahead: once it is right, its delivery waits for one lease."""
    bench.clock.at += DAY
    (record,) = await bench.queue_for_germany(1)
    async with bench.working(bench.dispatcher()):
        await bench.until(lambda: bench.door.inside["de"] == 1)
    bench.clock.at -= DAY
    dispatcher = bench.dispatcher(poll_seconds=0.02)
    async with bench.working(dispatcher):
        await look_again(bench, dispatcher)
        lease = bench.storage.state.deliveries[record.id].next_attempt_at
        assert lease == bench.clock.now() + timedelta(seconds=90)
        assert len(bench.door.carried) == 1
        assert bench.journal.named("leases_cut") == [{"count": 1}]
        bench.clock.forward(seconds=90)
        bench.door.let_pass(1)
        await bench.until(lambda: bench.settled("de") == 1)
    assert len(set(bench.door.carried)) == 1


def test_a_lease_longer_than_the_longest_is_refused():
    """An hour passes, more does not."""
    assert DispatcherSettings(lease_seconds=3600)
    with pytest.raises(ValueError, match="lease_seconds must be at most 3600"):
        DispatcherSettings(lease_seconds=3600.5)


async def test_a_worker_that_lives_through_the_jump_cuts_at_its_next_look(bench):
    """It does not wait until the clock has come to where it was when it looked last."""
    bench.clock.at += DAY
    await bench.queue_for_germany(1)
    async with bench.working(bench.dispatcher()):
        await bench.until(lambda: bench.door.inside["de"] == 1)
    dispatcher = bench.dispatcher(poll_seconds=0.02)
    async with bench.working(dispatcher):
        await look_again(bench, dispatcher)
        assert bench.journal.named("leases_cut") == []
        bench.clock.at -= DAY
        await look_again(bench, dispatcher)
        assert bench.journal.named("leases_cut") == [{"count": 1}]
