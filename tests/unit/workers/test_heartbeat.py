"""A living worker keeps what it has on its way, a dead one loses it when its lease ends and not before."""

import asyncio
import contextlib
from datetime import timedelta

import pytest
from support.keys import NOW

from gateway import app
from gateway.exchange.delivery import DeliveryState
from gateway.workers import heartbeat as heartbeat_module

SENDING = DeliveryState.SENDING


@pytest.fixture
def journal(bench, monkeypatch):
    """The heartbeat's log."""
    monkeypatch.setattr(heartbeat_module, "logger", bench.journal)
    monkeypatch.setattr(type(bench.journal), "warning", type(bench.journal).error, raising=False)
    return bench.journal


def lease(bench, record):
    """When the lease of a delivery ends."""
    return bench.storage.state.deliveries[record.id].next_attempt_at


async def nobody_takes_it(bench):
    """Another worker looks three times and leaves it alone."""
    other = bench.dispatcher(poll_seconds=0.01)
    async with bench.working(other):
        looks = bench.storage.looks
        other.wake()
        await bench.until(lambda: bench.storage.looks >= looks + 3)
    assert len(bench.door.carried) == 1


async def test_a_living_worker_keeps_what_it_sends_beyond_its_first_lease(bench):
    """An exchange that outlasts a lease stays with its worker as long as that one beats."""
    (record,) = await bench.queue_for_germany(1)
    dispatcher = bench.dispatcher(lease_seconds=90)
    async with bench.working(dispatcher):
        await bench.until(lambda: bench.door.inside["de"] == 1)
        for _ in range(3):
            bench.clock.forward(seconds=60)
            await dispatcher._heartbeat.beat()
        assert lease(bench, record) == NOW + timedelta(seconds=180 + 90)
        bench.clock.forward(seconds=89.999)
        await nobody_takes_it(bench)
    bench.clock.forward(seconds=0.001)
    bench.door.let_pass(1)
    async with bench.working(bench.dispatcher(poll_seconds=0.01)):
        await bench.until(lambda: bench.settled("de") == 1)
    assert len(bench.door.carried) == 2


async def test_it_beats_by_itself(bench):
    """Beside the worker a task extends the lease again and again, without anybody asking."""
    (record,) = await bench.queue_for_germany(1)
    dispatcher = bench.dispatcher(lease_seconds=0.03)
    async with bench.working(dispatcher), beating(dispatcher):
        await bench.until(lambda: bench.door.inside["de"] == 1)
        for _ in range(2):
            bench.clock.forward(seconds=100)
            wanted = bench.clock.now() + timedelta(seconds=0.03)
            await bench.until(lambda wanted=wanted: lease(bench, record) == wanted)


async def test_a_beat_that_fails_is_made_up_for(bench, journal):
    """While the database fails the heart goes on, says so, and extends the lease when it works again."""
    (record,) = await bench.queue_for_germany(1)
    dispatcher = bench.dispatcher(lease_seconds=0.03)
    async with bench.working(dispatcher):
        await bench.until(lambda: bench.door.inside["de"] == 1 and bench.storage.looks >= 2)  # it rests
        bench.clock.forward(seconds=100)
        bench.storage.fail_next_writes = 1
        async with beating(dispatcher):
            await bench.until(lambda: journal.named("heartbeat_failed"))
            assert journal.named("heartbeat_failed")[0]["code"] == "storage_error"
            bench.storage.accident = RuntimeError("a mistake")
            await bench.until(lambda: len(journal.named("heartbeat_failed")) == 2)
            await bench.until(lambda: lease(bench, record) > bench.clock.now())


async def test_what_could_not_be_settled_is_not_kept(bench):
    """When the outcome of an attempt could not be written, the lease ends, and it is sent again."""
    (record,) = await bench.queue_for_germany(1)
    dispatcher = bench.dispatcher(lease_seconds=90)
    async with bench.working(dispatcher):
        await bench.until(lambda: bench.door.inside["de"] == 1)
        end = lease(bench, record)
        bench.storage.fail_next_writes = 1
        bench.door.let_pass(1)
        await bench.until(lambda: bench.journal.named("delivery_round_failed"))
        bench.clock.forward(seconds=60)
        await dispatcher._heartbeat.beat()
        assert lease(bench, record) == end


async def test_a_lost_lease_is_said_and_left_to_the_heir(bench, journal):
    """A worker that stood still for longer than its lease finds another one in its place."""
    (record,) = await bench.queue_for_germany(1)
    late = bench.dispatcher(lease_seconds=90)
    async with bench.working(late):
        await bench.until(lambda: bench.door.inside["de"] == 1 and bench.storage.looks >= 2)  # it rests
        bench.clock.forward(seconds=90)
        async with bench.working(bench.dispatcher(lease_seconds=90)):
            await bench.until(lambda: bench.door.inside["de"] == 2)
            end = lease(bench, record)
            bench.clock.forward(seconds=30)
            await late._heartbeat.beat()
            assert lease(bench, record) == end
    assert journal.named("lease_lost") == [{"delivery": record.id}]


async def test_nothing_on_its_way_asks_nothing_of_the_database(bench):
    """An idle worker's heart does not write."""
    commits = bench.storage.commits
    await bench.dispatcher()._heartbeat.beat()
    assert bench.storage.commits == commits


async def test_leases_are_kept_while_a_process_ends(bench, monkeypatch):
    """Between the signal to end and the end of the last exchange nobody else takes it over."""
    (record,) = await bench.queue_for_germany(1)
    monkeypatch.setattr(heartbeat_module, "BEATS", 9000)  # a beat every 10 ms, a lease of 90 s
    dispatcher = bench.dispatcher(lease_seconds=90)

    async def work() -> None:
        async with contextlib.AsyncExitStack() as stack:
            app._work(stack, dispatcher, app.Bell())
            await bench.until(lambda: bench.door.inside["de"] == 1)

    ending = asyncio.create_task(work())
    await bench.until(lambda: bench.door.inside["de"] == 1)
    bench.clock.forward(seconds=100)
    await bench.until(lambda: lease(bench, record) > bench.clock.now())
    bench.clock.forward(seconds=100)
    await bench.until(lambda: lease(bench, record) > bench.clock.now())
    bench.door.let_pass(1)
    async with asyncio.timeout(10):
        await ending
    assert bench.settled("de") == 1


@contextlib.asynccontextmanager
async def beating(dispatcher):
    """The heart of a worker for the time of the block."""
    task = asyncio.create_task(dispatcher.keep_leases())
    try:
        yield
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
