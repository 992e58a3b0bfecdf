"""So many bytes are on their way to one partner at once, and a partner that is held holds up nobody."""

from dataclasses import replace

from gateway.exchange.delivery import DeliveryState

QUEUED, SENDING = DeliveryState.QUEUED, DeliveryState.SENDING
TEN = b"x" * 10


async def test_the_bytes_on_their_way_stay_within_the_budget(bench):
    """With places for ten and bytes for two, two go; each that ends lets the next one go."""
    await bench.queue_for_germany(5, TEN)
    async with bench.working(bench.dispatcher(per_partner=10, bytes_per_partner=29)):
        for done in range(5):
            at_once = min(2, 5 - done)
            await bench.until(lambda want=at_once: bench.door.inside["de"] == want)
            bench.door.let_pass(1)
            await bench.until(lambda want=done + 1: bench.settled("de") == want)
    assert bench.door.most["de"] == 2
    assert len(bench.door.carried) == 5


async def test_what_is_held_back_is_not_read_and_stays_queued(bench):
    """Nothing is held in memory beyond the budget: another process may take what waits."""
    await bench.queue_for_germany(4, TEN)
    async with bench.working(bench.dispatcher(per_partner=10, bytes_per_partner=20)):
        await bench.until(lambda: bench.door.inside["de"] == 2)
        assert bench.states("de") == [SENDING, SENDING, QUEUED, QUEUED]
        assert len(bench.door.carried) == 2


async def test_a_message_larger_than_the_budget_goes_alone(bench):
    """It waits until nothing else is on its way, then goes; the small ones behind it follow."""
    await bench.queue_for_germany(1, TEN)
    await bench.queue_for_germany(1, b"x" * 1000)
    await bench.queue_for_germany(2, TEN)
    async with bench.working(bench.dispatcher(per_partner=10, bytes_per_partner=50)):
        await bench.until(lambda: len(bench.door.carried) == 1)
        bench.door.let_pass(1)
        await bench.until(lambda: len(bench.door.carried) == 2 and bench.settled("de") == 1)
        assert bench.door.inside["de"] == 1
        bench.door.let_pass(1)
        await bench.until(lambda: len(bench.door.carried) == 4)
    assert [len(each) for each in bench.door.carried] == [10, 1000, 10, 10]


async def test_a_held_partner_holds_up_nobody(bench):
    """However many of its messages are due first, and however few a claim takes, others are sent."""
    await bench.queue_for_germany(20, TEN)
    await bench.issue("CH-2026-000001", "CH-2026-000002")
    async with bench.working(bench.dispatcher(per_partner=10, bytes_per_partner=15, claim=3)):
        await bench.until(lambda: bench.settled("fr") == 2)
        assert bench.door.inside["de"] == 1
        assert bench.settled("de") == 0


async def test_a_worker_that_holds_somebody_back_does_not_spin(bench):
    """While everything that is due is held it sleeps until something ends, as long as it may sleep."""
    await bench.queue_for_germany(3, TEN)
    dispatcher = bench.dispatcher(per_partner=10, bytes_per_partner=15)
    async with bench.working(dispatcher):
        await bench.until(lambda: bench.door.inside["de"] == 1 and bench.storage.looks >= 1)
        assert await dispatcher._until_due() == 1000.0


async def test_a_partner_with_a_budget_of_its_own(bench):
    """`bytes_at_once` of a partner counts before `bytes_per_partner`."""
    partners = dict(bench.node.directory.partners)
    partners["de"] = replace(partners["de"], bytes_at_once=30)
    bench.node.directory = replace(bench.node.directory, partners=partners)
    await bench.queue_for_germany(5, TEN)
    async with bench.working(bench.dispatcher(per_partner=10, bytes_per_partner=10)):
        await bench.until(lambda: bench.door.inside["de"] == 3)
        assert bench.states("de").count(SENDING) == 3


async def test_a_claim_that_takes_nothing_is_followed_by_one_without_the_held(bench):
    """Where the messages of a held partner fill a whole claim, those behind them go at once all the same."""
    await bench.queue_for_germany(1, TEN)
    dispatcher = bench.dispatcher(per_partner=10, bytes_per_partner=15, claim=3)
    async with bench.working(dispatcher):
        await bench.until(lambda: bench.door.inside["de"] == 1)
        await bench.queue_for_germany(3, TEN)
        await bench.issue("CH-2026-000001")
        dispatcher.wake()
        await bench.until(lambda: bench.settled("fr") == 1)
        assert bench.door.inside["de"] == 1
