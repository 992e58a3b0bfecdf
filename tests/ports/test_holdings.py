"""Permits as people find them: newest first, by every condition, and inside the boundary."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS, FR_MA, inbox_item, submission
from support.keys import NOW
from support.notices import change, endorsement, kept
from support.permits import digest_of, line, sealed

from gateway.clock import new_id
from gateway.permits.identity import AuthorityId
from gateway.permits.model import Period
from gateway.permits.notices import PermitStatus
from gateway.permits.query import PermitQuery
from gateway.permits.record import PermitRecord

DE_CUSTOMS = AuthorityId.parse("DE:CUSTOMS")
ALL = PermitQuery()


async def add(storage, number: str, *, after: int = 0, **changes) -> PermitRecord:
    """Keep a permit, so many days later."""
    permit, at = sealed(number, **changes), NOW + timedelta(days=after)
    async with storage.write() as transaction:
        return await transaction.permits.add(permit, digest=digest_of(permit), new_id=new_id(at), at=at)


async def say(storage, notice) -> None:
    async with storage.write() as transaction:
        assert await transaction.notices.add(kept(notice))


async def found(storage, query=ALL, boundary=(), before="", limit=10) -> list[str]:
    """The numbers of what is found."""
    async with storage.read() as transaction:
        heads = await transaction.holdings.search(query, boundary=boundary, before=before, limit=limit)
    return [head.ref.number for head in heads]


async def test_a_line_says_what_is_kept(storage):
    """With everything that was said about the permit, and nothing about another one."""
    record = await add(storage, "CH-1")
    await add(storage, "CH-2", after=1)
    said = change(PermitStatus.AMENDED, permit=record.ref)
    await say(storage, said)
    async with storage.read() as transaction:
        _, head = await transaction.holdings.search(ALL, boundary=(), before="", limit=10)
    assert (head.id, head.ref, head.type_code) == (record.id, record.ref, "E")
    assert (head.exporter, head.importer) == ("CH", "FR")
    assert head.valid_from == (NOW - timedelta(days=1)).replace(microsecond=0)
    assert (head.valid_until, head.received_at) == (record.valid_until, NOW)
    assert head.notices == (said,)


async def test_the_newest_come_first_and_pages_hold_each_once(storage):
    """Whatever the size of a page."""
    for day in range(5):
        await add(storage, f"CH-{day}", after=day)
    assert await found(storage) == ["CH-4", "CH-3", "CH-2", "CH-1", "CH-0"]
    for limit in (1, 2, 5, 6):
        seen: list[str] = []
        before = ""
        while True:
            async with storage.read() as transaction:
                page = await transaction.holdings.search(ALL, boundary=(), before=before, limit=limit)
            if not page:
                break
            assert len(page) <= limit
            seen += [head.ref.number for head in page]
            before = page[-1].id
        assert seen == ["CH-4", "CH-3", "CH-2", "CH-1", "CH-0"]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"number": "A"}, ["A"]),
        ({"number": "a"}, []),
        ({"issuer": "FR"}, ["B"]),
        ({"exporter": "FR"}, ["B"]),
        ({"importer": "FR"}, ["A"]),
        ({"importer": "FR", "issuer": "FR"}, []),
        ({"type_code": "E"}, ["B", "A"]),
        ({"type_code": "I"}, []),
        ({"species": "varanus"}, ["A"]),
        ({"species": " VARANUS   salvator "}, ["A"]),
        ({"species": "Psitta"}, ["B"]),
        ({"species": "salvator"}, []),
        ({"species": "v%"}, []),
        ({"received_from": NOW.date() + timedelta(days=1)}, ["B"]),
        ({"received_to": NOW.date()}, ["A"]),
        ({"received_to": NOW.date() + timedelta(days=1)}, ["B", "A"]),
    ],
)
async def test_each_condition(storage, query, numbers):
    """It leaves out what does not fit, and all hold together."""
    await add(storage, "A")
    parrot = (line(species="Psittacus erithacus"), line("B", species="Psittacus erithacus"))
    await add(storage, "B", after=1, exporter="FR", importer="CH", lines=parrot)
    assert await found(storage, PermitQuery(**query)) == numbers


@pytest.mark.parametrize(
    ("day", "valid"),
    [
        (date(2026, 3, 1), False),
        (date(2026, 3, 2), True),
        (date(2026, 3, 9), True),
        (date(2026, 3, 10), False),
    ],
)
async def test_the_first_and_the_last_day_count(storage, day, valid):
    """On both the permit may be used."""
    first, last = NOW.replace(year=2026, month=3, day=2), NOW.replace(year=2026, month=3, day=9)
    await add(storage, "A", validity=Period(first, last), issued_at=first)
    assert bool(await found(storage, PermitQuery(valid_on=day))) is valid


async def test_a_permit_without_last_day_is_valid_on_no_day(storage):
    """Nothing is made up for it."""
    await add(storage, "A", validity=None)
    assert await found(storage, PermitQuery(valid_on=NOW.date())) == []


async def test_a_status_that_needs_a_notice(storage):
    """Only permits of which something was said, or written off, are offered."""
    for number in ("A", "B", "C"):
        await add(storage, number)
    await say(storage, change(permit=replace(change().permit, number="A")))
    await say(storage, endorsement(permit=replace(change().permit, number="B")))
    assert await found(storage, PermitQuery(status=PermitStatus.CANCELLED)) == ["A"]
    assert await found(storage, PermitQuery(status=PermitStatus.USED)) == ["B"]
    assert len(await found(storage, PermitQuery(status=PermitStatus.ISSUED))) == 3


async def test_whom_a_permit_concerns(storage):
    """Who submitted it, was handed it, asked about it, or spoke of it; nobody else, by list or by id."""
    record = await add(storage, "A")
    other = await add(storage, "B", after=1)
    async with storage.write() as transaction:
        await transaction.submissions.add(submission(permit=record.ref))
        await transaction.inboxes.put([inbox_item(permit=record.ref, permit_id=record.id)])
        await transaction.notices.look(record.ref, DE_CUSTOMS, NOW)
    await say(storage, endorsement(permit=record.ref))
    for authority in (CH_MA, FR_CUSTOMS, DE_CUSTOMS, CH_CUSTOMS):
        assert await found(storage, boundary={authority}) == ["A"], authority
    assert await found(storage, boundary={FR_MA}) == []
    assert await found(storage, boundary={FR_MA, CH_MA}) == ["A"]
    assert await found(storage) == ["B", "A"]
    async with storage.read() as transaction:
        get = transaction.holdings.get
        assert await get(record.id, boundary={CH_MA}) == record
        assert await get(record.id, boundary={FR_MA}) is None
        assert await get(other.id, boundary={CH_MA}) is None
        assert await get(other.id, boundary=()) == other
        assert await get("no-such-id", boundary=()) is None
