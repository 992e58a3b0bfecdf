"""The dispatcher sends what is due, keeps a place for everybody, and nothing that fails ends it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from support.gateways import DirectCourier
from support.keys import NOW

from gateway.errors import PartnerUnreachable
from gateway.exchange.breaker import BreakerPolicy, BreakerState, PartnerHealth
from gateway.exchange.delivery import DeliveryState
from gateway.workers.dispatcher import Dispatcher, DispatcherSettings

DELIVERED = DeliveryState.DELIVERED
NUMBERS = [f"CH-2026-{number:06}" for number in range(6)]


async def test_what_waits_at_the_start_is_sent(bench):
    """Deliveries that were queued before the worker began are sent at once, and receipts come back."""
    await bench.issue(*NUMBERS[:3])
    async with bench.working(bench.dispatcher()):
        await bench.until(lambda: bench.settled("fr") == 3)
    assert bench.states("fr") == [DELIVERED] * 3
    assert len(bench.france.carried) == 3


async def test_woken_it_sends_what_was_queued(bench):
    """A worker that waits for something to do sends as soon as it is woken, long before it would look."""
    dispatcher = bench.dispatcher()
    async with bench.working(dispatcher):
        await bench.issue(*NUMBERS[:2])
        dispatcher.wake()
        await bench.until(lambda: bench.settled("fr") == 2)
    assert bench.states("fr") == [DELIVERED] * 2


async def test_it_looks_by_itself(bench):
    """A wake that was lost costs at most poll_seconds."""
    async with bench.working(bench.dispatcher(poll_seconds=0.02)):
        await bench.issue(NUMBERS[0])
        await bench.until(lambda: bench.settled("fr") == 1)
    assert bench.states("fr") == [DELIVERED]


async def test_it_wakes_when_a_delivery_becomes_due_and_not_before(bench):
    """A delivery of later is left alone until its moment, and is then sent without being woken."""
    await bench.queue_for_germany(1, next_attempt_at=NOW + timedelta(seconds=0.05))
    bench.door.let_pass(1)
    async with bench.working(bench.dispatcher()):
        await bench.until(lambda: bench.storage.looks >= 3)
        assert bench.door.carried == []
        bench.clock.forward(seconds=0.05)
        await bench.until(lambda: bench.settled("de") == 1)
    assert len(bench.door.carried) == 1


async def test_a_failure_is_tried_again_when_its_pause_is_over(bench):
    """After PartnerUnreachable the same envelope goes again once the clock says so, without being woken."""
    bench.france.failures.append(PartnerUnreachable("no route"))
    await bench.issue(NUMBERS[0])
    async with bench.working(bench.dispatcher(poll_seconds=0.02)):
        await bench.until(
            lambda: bench.states("fr") == [DeliveryState.QUEUED] and bench.storage.state.attempts
        )
        assert bench.france.carried == []
        bench.clock.forward(hours=1)
        await bench.until(lambda: bench.settled("fr") == 1)
    assert bench.states("fr") == [DELIVERED]
    assert len(bench.storage.state.attempts) == 2


@pytest.mark.parametrize("most", [1, 3])
@pytest.mark.parametrize("claim", [1, 2, 50])
async def test_never_more_than_per_partner_at_the_same_time(most, claim, bench):
    """However many wait and however they are claimed, a partner never gets more at once than agreed."""
    await bench.queue_for_germany(8)
    async with bench.working(bench.dispatcher(per_partner=most, claim=claim)):
        for done in range(8):
            at_once = min(most, 8 - done)
            await bench.until(lambda want=at_once: bench.door.inside["de"] == want)
            bench.door.let_pass(1)
            await bench.until(lambda want=done + 1: bench.settled("de") == want)
    assert bench.door.most["de"] == most
    assert len(set(bench.door.carried)) == 1
    assert len(bench.door.carried) == 8


async def test_what_is_not_on_its_way_is_not_claimed(bench):
    """What exceeds a partner's places stays queued, so that another process may take it."""
    await bench.queue_for_germany(5)
    async with bench.working(bench.dispatcher(per_partner=2)):
        await bench.until(lambda: bench.door.inside["de"] == 2)
        states = bench.states("de")
    assert states.count(DeliveryState.SENDING) == 2
    assert states.count(DeliveryState.QUEUED) == 3


async def test_a_hanging_partner_does_not_delay_another(bench):
    """Every delivery to France settles while Germany, with an older and longer queue, never answers."""
    await bench.queue_for_germany(20)
    await bench.issue(*NUMBERS)
    dispatcher = bench.dispatcher(per_partner=2, claim=3)
    async with bench.working(dispatcher):
        await bench.until(lambda: bench.settled("fr") == len(NUMBERS))
        await bench.issue("CH-2026-later")
        dispatcher.wake()
        await bench.until(lambda: bench.settled("fr") == len(NUMBERS) + 1)
        assert bench.door.inside["de"] == 2
        assert bench.settled("de") == 0
    assert set(bench.states("fr")) == {DELIVERED}


async def test_a_hanging_partner_gets_its_places_back(bench):
    """When a partner that hung answers again, the rest of its queue follows."""
    await bench.queue_for_germany(6)
    async with bench.working(bench.dispatcher(per_partner=2)):
        await bench.until(lambda: bench.door.inside["de"] == 2)
        bench.door.let_pass(6)
        await bench.until(lambda: bench.settled("de") == 6)
    assert bench.door.inside["de"] == 0


async def fails_once(bench, act: Callable[[], None], settings: dict[str, float]) -> None:
    """Let the round after the first fail; then act and expect that the queue is sent all the same."""
    dispatcher = bench.dispatcher(**settings)
    async with bench.working(dispatcher) as task:
        await bench.issue(NUMBERS[0])
        bench.storage.fail_next_writes = 1
        dispatcher.wake()
        await bench.until(lambda: bench.journal.named("dispatcher_round_failed"))
        act()
        if not settings:
            dispatcher.wake()
        await bench.until(lambda: bench.settled("fr") == 1)
        assert not task.done()


@pytest.mark.parametrize("settings", [{}, {"poll_seconds": 0.02}], ids=["next wake", "next poll"])
async def test_a_database_that_fails_does_not_end_the_worker(settings, bench):
    """After a round with a StorageError the worker goes on, at the next wake or by itself."""
    await fails_once(bench, lambda: None, settings)
    assert bench.states("fr") == [DELIVERED]
    (failed,) = bench.journal.named("dispatcher_round_failed")
    assert failed["code"] == "storage_error"


async def test_a_failing_database_is_not_asked_without_a_pause(bench):
    """While the database fails the worker waits poll_seconds between its questions."""
    bench.storage.fail_next_writes = 1_000_000
    async with bench.working(bench.dispatcher(poll_seconds=0.05)) as task:
        await bench.until(lambda: len(bench.journal.named("dispatcher_round_failed")) == 3)
        assert 1_000_000 - bench.storage.fail_next_writes == 3
        assert not task.done()


async def test_a_database_that_fails_while_settling(bench):
    """What could not be settled is sent again when its lease is over; the partner has it once."""
    await bench.issue(NUMBERS[0])
    dispatcher = bench.dispatcher(poll_seconds=0.02, lease_seconds=90)
    courier = dispatcher._courier.couriers["fr"]
    carry = courier.carry

    async def then_the_disk_is_full(*arguments):
        answer = await carry(*arguments)
        if len(bench.france.carried) == 1:
            bench.storage.fail_next_writes = 1
        return answer

    dispatcher._courier.couriers["fr"] = Carrying(then_the_disk_is_full)
    async with bench.working(dispatcher):
        await bench.until(lambda: bench.journal.named("delivery_round_failed"))
        assert bench.states("fr") == [DeliveryState.SENDING]
        bench.clock.forward(seconds=91)
        await bench.until(lambda: bench.settled("fr") == 1)
    assert bench.states("fr") == [DELIVERED]
    assert bench.france.carried[0] == bench.france.carried[1]
    assert len(bench.france.there.storage.state.permits) == 1


class Carrying:
    """Fulfils the port `Courier` with a function."""

    def __init__(self, carry) -> None:
        """`carry` takes partner and envelope."""
        self.carry = carry


async def test_an_accident_with_one_delivery_is_its_own(bench):
    """An exception that nobody expected neither ends the worker nor keeps the partner's place."""
    await bench.queue_for_germany(3)
    bench.door.errors.append(RuntimeError("a mistake in the courier"))
    bench.door.let_pass(3)
    dispatcher = bench.dispatcher(per_partner=1)
    async with bench.working(dispatcher) as task:
        await bench.until(lambda: bench.settled("de") == 2)
        assert not task.done()
        await bench.issue(NUMBERS[0])
        dispatcher.wake()
        await bench.until(lambda: bench.settled("fr") == 1)
    assert bench.states("de").count(DeliveryState.SENDING) == 1
    assert dispatcher._busy["de"] == 0


async def test_an_accident_with_one_delivery_is_said(bench):
    """An operator finds the delivery that met an unexpected exception in the gateway's own log."""
    (record,) = await bench.queue_for_germany(1)
    bench.door.errors.append(RuntimeError("a mistake in the courier"))
    bench.door.let_pass(1)
    dispatcher = bench.dispatcher()
    async with bench.working(dispatcher):
        await bench.until(lambda: bench.door.carried and not dispatcher._running)
    assert [fields["delivery"] for _, fields in bench.journal.events] == [record.id]


@pytest.mark.parametrize(
    "accident", [RuntimeError("a mistake"), OSError(24, "Too many open files")], ids=repr
)
async def test_an_accident_in_a_round_does_not_end_the_worker(accident, bench):
    """After an exception that nobody expected in a round, the next round sends what is queued."""
    dispatcher = bench.dispatcher(poll_seconds=0.02)
    async with bench.working(dispatcher) as task:
        await bench.issue(NUMBERS[0])
        bench.storage.accident = accident
        dispatcher.wake()
        await bench.until(lambda: bench.settled("fr") == 1 or task.done())
        assert not task.done()


async def test_stop_waits_for_what_is_on_its_way(bench):
    """A worker that is stopped in the middle of an exchange lets it come to its end and writes it down."""
    await bench.queue_for_germany(2)
    dispatcher = bench.dispatcher(per_partner=1)
    async with bench.working(dispatcher) as task:
        await bench.until(lambda: bench.door.inside["de"] == 1)
        task.cancel()
        stopping = asyncio.create_task(dispatcher.stop())
        done, _ = await asyncio.wait([stopping], timeout=0.05)
        assert not done
        bench.door.let_pass(2)
        async with asyncio.timeout(10):
            await stopping
        assert bench.states("de") == [DeliveryState.DEAD, DeliveryState.QUEUED]
    assert len(bench.door.carried) == 1


async def test_what_a_claim_has_taken_is_sent_when_the_worker_stops_in_the_middle_of_it(bench):
    """A worker that is stopped between the commit of its claim and hearing of it leaves no lease behind."""
    await bench.queue_for_germany(1)
    bench.storage.gate = asyncio.Event()
    dispatcher = bench.dispatcher()
    dispatcher._expired_at = bench.clock.now()  # nothing has waited too long: the claim is the first to write
    task = asyncio.create_task(dispatcher.run())
    await bench.until(lambda: bench.states("de") == [DeliveryState.SENDING])
    task.cancel()
    await asyncio.wait([task])
    stopping = asyncio.create_task(dispatcher.stop())
    bench.storage.gate.set()
    bench.door.let_pass(1)
    async with asyncio.timeout(10):
        await stopping
    assert bench.states("de") == [DeliveryState.DEAD]


async def test_stop_with_nothing_on_its_way(bench):
    """There is nothing to wait for when nothing is on its way."""
    dispatcher = bench.dispatcher()
    async with bench.working(dispatcher), asyncio.timeout(10):
        await dispatcher.stop()


async def test_stop_does_not_wait_for_ever(bench):
    """An exchange that outlasts its lease does not hold up the end of the process."""
    await bench.queue_for_germany(1)
    dispatcher = bench.dispatcher(lease_seconds=0.05)
    async with bench.working(dispatcher):
        await bench.until(lambda: bench.door.inside["de"] == 1)
        async with asyncio.timeout(10):
            await dispatcher.stop()
    assert bench.settled("de") == 0


async def dies_on_the_way(bench) -> Dispatcher:
    """A worker that is killed while the only delivery to Germany is on its way."""
    dispatcher = bench.dispatcher(lease_seconds=90)
    async with bench.working(dispatcher):
        await bench.until(lambda: bench.door.inside["de"] == 1)
    assert bench.states("de") == [DeliveryState.SENDING]
    return dispatcher


async def test_a_dead_workers_delivery_is_left_alone_until_its_lease_ends(bench):
    """One millisecond before the end of the lease nobody takes it over, however often they look."""
    await bench.queue_for_germany(1)
    await dies_on_the_way(bench)
    bench.clock.forward(seconds=89.999)
    dispatcher = bench.dispatcher(poll_seconds=0.01)
    async with bench.working(dispatcher):
        looks = bench.storage.looks
        dispatcher.wake()
        await bench.until(lambda: bench.storage.looks >= looks + 3)
        assert bench.states("de") == [DeliveryState.SENDING]
    assert len(bench.door.carried) == 1


async def test_a_dead_workers_delivery_is_taken_over_when_its_lease_ends(bench):
    """At the end of the lease the next worker sends the same bytes, without being woken."""
    (record,) = await bench.queue_for_germany(1)
    await dies_on_the_way(bench)
    async with bench.working(bench.dispatcher(poll_seconds=0.01)):
        bench.clock.forward(seconds=90)
        bench.door.let_pass(1)
        await bench.until(lambda: bench.settled("de") == 1)
    assert bench.door.carried[0] == bench.door.carried[1]
    assert bench.storage.state.deliveries[record.id].attempts == 1


async def test_a_restarted_worker_has_another_name(bench):
    """A worker that starts anew does not take the leases of the one before for its own."""
    await bench.queue_for_germany(1)
    dead = await dies_on_the_way(bench)
    bench.clock.forward(seconds=90)
    bench.door.let_pass(1)
    async with bench.working(bench.dispatcher()) as _:
        await bench.until(lambda: bench.settled("de") == 1)
    assert bench.dispatcher()._worker != dead._worker


async def test_two_workers_never_send_the_same(bench):
    """Two processes on one database share the queue: each delivery is carried once."""
    await bench.issue(*NUMBERS)
    there = DirectCourier(bench.france.there)
    first = bench.dispatcher(per_partner=1)
    second = bench.dispatcher(Carrying(there.carry), per_partner=1)
    async with bench.working(first), bench.working(second):
        await bench.until(lambda: bench.settled("fr") == len(NUMBERS))
    carried = bench.france.carried + there.carried
    assert len(carried) == len(set(carried)) == len(NUMBERS)


@pytest.mark.parametrize(
    "key", ["per_partner", "bytes_per_partner", "claim", "lease_seconds", "poll_seconds"]
)
@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_settings_that_send_nothing_are_refused(key, value):
    """Zero, less than nothing and no number at all are refused, and the sentence names the setting."""
    with pytest.raises(ValueError, match=f"{key} must be more than 0"):
        replace(DispatcherSettings(), **{key: value})


async def test_a_partner_that_is_away_is_tried_by_one_message_at_a_time(bench):
    """After enough failures the rest of its queue is left alone, until a probe shows that it is back."""
    bench.node.breaker = BreakerPolicy(failures=3, first_pause_seconds=60, longest_pause_seconds=60)
    bench.france.failures.extend(PartnerUnreachable("no route") for _ in range(3))
    await bench.issue(*NUMBERS)
    async with bench.working(bench.dispatcher(per_partner=1, poll_seconds=0.02)):
        await bench.until(lambda: len(bench.storage.state.attempts) == 3)
        looks = bench.storage.looks
        await bench.until(lambda: bench.storage.looks > looks + 2)
        assert len(bench.storage.state.attempts) == 3
        assert bench.storage.state.health["fr"].state(bench.clock.now()) is BreakerState.OPEN
        bench.france.failures.append(PartnerUnreachable("still no route"))
        bench.clock.forward(seconds=60)
        await bench.until(lambda: len(bench.storage.state.attempts) == 4)
        looks = bench.storage.looks
        await bench.until(lambda: bench.storage.looks > looks + 2)
        assert len(bench.storage.state.attempts) == 4
        bench.clock.forward(seconds=60)
        await bench.until(lambda: bench.settled("fr") == len(NUMBERS))
    assert bench.states("fr") == [DELIVERED] * len(NUMBERS)
    assert bench.storage.state.health["fr"].state(bench.clock.now()) is BreakerState.CLOSED


async def test_a_probe_is_one_message_also_where_many_may_go(bench):
    """Half-open means one, whatever the partner takes otherwise."""
    away = PartnerHealth("de", failures=9, probe_at=NOW)
    async with bench.storage.write() as transaction:
        await transaction.health.put(away)
    await bench.queue_for_germany(5)
    async with bench.working(bench.dispatcher(per_partner=4)):
        await bench.until(lambda: bench.door.inside["de"] == 1)
        looks = bench.storage.looks
        bench.notices.notice()
        await bench.until(lambda: bench.storage.looks >= looks)
        assert bench.door.inside["de"] == 1


async def test_a_partner_takes_as_many_at_once_as_was_agreed(bench):
    """`at_once` of a partner counts before `per_partner`."""
    partners = dict(bench.node.directory.partners)
    partners["de"] = replace(partners["de"], at_once=2)
    bench.node.directory = replace(bench.node.directory, partners=partners)
    await bench.queue_for_germany(5)
    async with bench.working(bench.dispatcher(per_partner=4)):
        await bench.until(lambda: bench.door.inside["de"] == 2)
        assert bench.states("de").count(DeliveryState.SENDING) == 2


async def test_what_waited_too_long_is_given_up_although_nothing_is_tried(bench):
    """A partner that is away for days: each of its messages ends at the deadline, and is logged."""
    away = PartnerHealth("de", failures=9, probe_at=NOW + timedelta(days=30))
    async with bench.storage.write() as transaction:
        await transaction.health.put(away)
    await bench.queue_for_germany(3)
    async with bench.working(bench.dispatcher(poll_seconds=0.02)):
        bench.clock.forward(hours=120)
        looks = bench.storage.looks
        await bench.until(lambda: bench.storage.looks > looks + 2)
        assert bench.states("de") == [DeliveryState.QUEUED] * 3
        bench.clock.forward(minutes=2)
        await bench.until(lambda: bench.settled("de") == 3)
    assert bench.states("de") == [DeliveryState.NO_RECEIPT] * 3
    assert bench.door.carried == []
    outcomes = [entry.outcome for entry in bench.storage.state.log.values()]
    assert outcomes == ["no-receipt"] * 3
