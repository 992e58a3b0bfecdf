"""How often a worker looks for work: no more often than there may be some."""

import pytest
from support.memory.deliveries import MemoryDeliveries


@pytest.fixture
def asked(monkeypatch):
    """What the worker asked of the queue, one after the other."""
    names = []

    def note(name):
        plain = getattr(MemoryDeliveries, name)

        async def noted(self, *arguments, **words):
            names.append(name)
            return await plain(self, *arguments, **words)

        monkeypatch.setattr(MemoryDeliveries, name, noted)

    note("claim")
    note("next_due")
    return names


async def test_when_less_was_due_than_may_be_claimed_that_was_all(bench, asked):
    """One claim, and then the question when there will be something."""
    await bench.queue_for_germany(2)
    async with bench.working(bench.dispatcher(claim=3)):
        await bench.until(lambda: bench.door.inside["de"] == 2 and "next_due" in asked)
    assert asked == ["claim", "next_due"]


async def test_a_claim_that_was_full_is_followed_by_another_at_once(bench, asked):
    """Until one is not full: nothing waits although there is a place for it."""
    await bench.queue_for_germany(4)
    async with bench.working(bench.dispatcher(claim=2)):
        await bench.until(lambda: bench.door.inside["de"] == 4 and "next_due" in asked)
    assert asked == ["claim", "claim", "claim", "next_due"]


async def test_behind_a_partner_that_is_held_there_may_be_another(bench, asked):
    """Its messages took the places of the claim; the next one looks past them."""
    await bench.queue_for_germany(2)
    async with bench.working(bench.dispatcher(claim=3, bytes_per_partner=1)):
        await bench.until(lambda: bench.door.inside["de"] == 1 and "next_due" in asked)
    assert asked == ["claim", "claim", "next_due"]
