"""Looking for what has waited too long reads no queue, only the oldest of each."""

from datetime import timedelta

from support.exchange import delivery
from support.keys import NOW
from support.plans import listen, rows_read, run_explained, steps_of, take_statistics

from gateway.exchange.delivery import DeliveryState

DAY = timedelta(days=1)
INDEX = "INDEX ix_deliveries_partner_created_at_id"


async def fill(storage):
    """Long queues of two partners that are not late, mailboxes of a third, and two late ones of a fourth."""
    young = [
        delivery(partner=partner, created_at=NOW + timedelta(milliseconds=number), next_attempt_at=NOW)
        for partner in ("de", "fr")
        for number in range(1000)
    ]
    waiting = [
        delivery(partner="it", state=DeliveryState.WAITING, created_at=NOW - DAY, next_attempt_at=NOW + DAY)
        for _ in range(1000)
    ]
    late = [delivery(partner="ch", created_at=NOW - DAY, next_attempt_at=NOW + DAY) for _ in range(2)]
    late.sort(key=lambda record: record.id)
    async with storage.write() as transaction:
        await transaction.deliveries.add([*young, *waiting, *late])
    return late


async def look(storage, *, only=""):
    """What is given up, and the statements that found it."""
    statements = listen(storage)
    async with storage.write() as transaction:
        given_up = await transaction.deliveries.expire(
            created_before=NOW, at=NOW, only=only, beside=("us",), limit=200
        )
    return given_up, [each for each in statements if not each[0].startswith("UPDATE")]


async def test_postgresql_reads_two_rows_of_each_partner(shared):
    """One to find the partner, one to see how old its oldest is; then what is late, and nothing else."""
    late = await fill(shared)
    await take_statistics(shared)
    given_up, (partners, overdue) = await look(shared)
    assert given_up == late
    # A plan that is made once for all values may use the index only when the condition is no value.
    assert all("deliveries.state = 'queued'" in statement for statement, _ in (partners, overdue))
    async with shared.write() as transaction:
        assert rows_read(await run_explained(transaction, partners), "deliveries") <= 2 * 4
        assert rows_read(await run_explained(transaction, overdue), "deliveries") <= 2


async def test_postgresql_reads_nothing_of_one_partner_that_is_not_late(shared):
    """A partner with a deadline of its own and a long queue."""
    await fill(shared)
    await take_statistics(shared)
    given_up, (overdue,) = await look(shared, only="fr")
    assert given_up == []
    async with shared.write() as transaction:
        assert rows_read(await run_explained(transaction, overdue), "deliveries") == 0


async def test_sqlite_goes_along_the_same_indexes(on_disk):
    """No table is walked through and nothing is sorted."""
    late = await fill(on_disk)
    given_up, (partners, overdue) = await look(on_disk)
    assert given_up == late
    async with on_disk.read() as transaction:
        steps = await steps_of(transaction, partners) + await steps_of(transaction, overdue)
    assert sum(INDEX in step for step in steps) == 2, steps
    assert not any("TEMP B-TREE" in step or step.startswith("SCAN deliveries") for step in steps), steps


async def test_of_several_partners_no_more_than_the_limit(storage):
    """Partner by partner, each with its oldest first; the next time the others."""
    made = [
        delivery(partner=partner, created_at=NOW - DAY * age, next_attempt_at=NOW)
        for partner, age in (("de", 1), ("de", 3), ("fr", 2), ("fr", 4))
    ]
    async with storage.write() as transaction:
        await transaction.deliveries.add(made)
    assert [each.id for each in await give_up(storage, 3)] == [made[1].id, made[0].id, made[3].id]
    assert [each.id for each in await give_up(storage, 3)] == [made[2].id]


async def give_up(storage, limit):
    """What is given up at once."""
    async with storage.write() as transaction:
        return await transaction.deliveries.expire(
            created_before=NOW, at=NOW, only="", beside=(), limit=limit
        )


async def test_what_is_unfinished_is_counted_without_what_is_settled(shared, on_disk):
    """Among many that are delivered a few wait: an index leads to them, on both databases."""
    done = DeliveryState.DELIVERED
    settled = [delivery(state=done, next_attempt_at=None, settled_at=NOW) for _ in range(2000)]
    for storage in (shared, on_disk):
        async with storage.write() as transaction:
            await transaction.deliveries.add([*settled, delivery(), delivery()])
    await take_statistics(shared)
    for count in ("unfinished", "unsettled"):
        async with shared.write() as transaction:
            (said,) = await statements_of(shared, transaction, count)
            assert rows_read(await run_explained(transaction, said), "deliveries") <= 2
        async with on_disk.read() as transaction:
            (said,) = await statements_of(on_disk, transaction, count)
            steps = await steps_of(transaction, said)
        assert any(step.startswith("SEARCH deliveries USING") for step in steps), steps


async def statements_of(storage, transaction, count):
    """What a count asks the database."""
    statements = listen(storage)
    await getattr(transaction.deliveries, count)(*([NOW] if count == "unfinished" else []))
    return list(statements)
