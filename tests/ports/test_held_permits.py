"""Permits with what became of them, a page at a time: what the reports are made from."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS
from support.keys import NOW
from support.permits import digest_of, sealed

from gateway.clock import new_id
from gateway.exchange import notices
from gateway.exchange.notice_record import NoticeRecord
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.notices import Endorsement, Notice, PermitStatus, Side, StatusChange, WrittenOff
from gateway.permits.quantities import Quantity
from gateway.permits.record import HeldPermit
from gateway.xmlio.canonical import sha256_hex

NUMBERS = ["CH-1", "CH-2", "CH-3", "CH-4", "CH-5"]


async def add_permit(storage, number: str, **changes) -> PermitRef:
    kept = sealed(number, **changes)
    async with storage.write() as transaction:
        record = await transaction.permits.add(kept, digest=digest_of(kept), new_id=new_id(NOW), at=NOW)
    return record.ref


async def add_notice(storage, notice: Notice) -> Notice:
    document = notices.write(notice)
    async with storage.write() as transaction:
        assert await transaction.notices.add(NoticeRecord(notice, document, sha256_hex(document), NOW))
    return notice


def endorsement(ref: PermitRef, by: AuthorityId = CH_CUSTOMS, after: int = 0) -> Endorsement:
    """One line of one consignment; a later one comes later."""
    at = NOW + timedelta(seconds=after)
    written = (WrittenOff("A", Quantity(Decimal("12.50"), "KGM"), Decimal("1.5")),)
    return Endorsement(new_id(at), ref, by, at, Side.EXPORT, date(2026, 11, 23), "CH002571", lines=written)


async def pages(storage, party: str, limit: int) -> list[list[HeldPermit]]:
    """Every page until there is none."""
    found, after = [], None
    while True:
        async with storage.read() as transaction:
            page = await transaction.notices.held(party, after=after, limit=limit)
        if not page:
            return found
        found.append(page)
        after = page[-1].ref


async def test_a_permit_comes_with_everything_that_was_said_of_it(storage):
    """In the order of the ids, and nothing of another permit."""
    ref, other = await add_permit(storage, "CH-1"), await add_permit(storage, "CH-2")
    last = await add_notice(storage, endorsement(ref, after=2))
    first = await add_notice(
        storage, StatusChange(new_id(NOW), ref, CH_MA, NOW, PermitStatus.AMENDED, "a typing error")
    )
    await add_notice(storage, endorsement(other))
    ((one, two),) = await pages(storage, "CH", 10)
    assert one == HeldPermit(ref, "CH", "FR", sealed("CH-1").permit.valid_until, (first, last))
    assert (two.ref, len(two.notices)) == (other, 1)


async def test_pages_hold_each_permit_once(storage):
    """Whatever the size of a page, also when the last one is just full."""
    for number in NUMBERS:
        await add_notice(storage, endorsement(await add_permit(storage, number)))
    for limit, sizes in ((1, [1] * 5), (2, [2, 2, 1]), (5, [5]), (6, [5])):
        found = await pages(storage, "CH", limit)
        assert [len(page) for page in found] == sizes
        assert sorted(held.ref.number for page in found for held in page) == NUMBERS
        assert all(len(held.notices) == 1 for page in found for held in page)


async def test_pages_go_on_behind_an_issuer(storage):
    """The key has two parts: a smaller number of the next issuer is not lost."""
    await add_permit(storage, "Z-9")
    await add_permit(storage, "A-1", exporter="FR", importer="CH")
    found = await pages(storage, "CH", 1)
    assert [held.ref for page in found for held in page] == [PermitRef("CH", "Z-9"), PermitRef("FR", "A-1")]


async def test_a_party_sees_what_it_issued_exports_or_imports(storage):
    """Nothing of others, and the count says the same."""
    await add_permit(storage, "A")
    await add_permit(storage, "B", exporter="FR", importer="DE")
    await add_permit(storage, "C", exporter="DE", importer="IT")
    for party, numbers in (("CH", ["A"]), ("FR", ["A", "B"]), ("DE", ["B", "C"]), ("IT", ["C"]), ("ES", [])):
        found = [held.ref.number for page in await pages(storage, party, 10) for held in page]
        assert sorted(found) == numbers, party
        async with storage.read() as transaction:
            assert await transaction.notices.count_held(party) == len(numbers)


async def test_a_permit_without_last_day_or_notice(storage):
    """Nothing is made up for it."""
    ref = await add_permit(storage, "CH-1", validity=None)
    ((held,),) = await pages(storage, "CH", 10)
    assert held == HeldPermit(ref, "CH", "FR", None)


async def test_the_last_day_is_a_moment_in_utc(storage):
    """Whatever zone the permit names."""
    await add_permit(storage, "CH-1")
    ((held,),) = await pages(storage, "CH", 10)
    assert held.valid_until is not None
    assert held.valid_until.utcoffset() == timedelta(0)
    assert held.valid_until == datetime(2027, 4, 21, 12, tzinfo=UTC)


async def test_what_was_written_off_a_permit_that_is_not_here(storage):
    """Named once for the Party whose customs did it; nothing that is here, and nothing of a status."""
    here = await add_permit(storage, "CH-1")
    await add_notice(storage, endorsement(here))
    gone = [PermitRef("CH", "GONE-1"), PermitRef("CH", "GONE-2"), PermitRef("DE", "A")]
    for ref in gone:
        await add_notice(storage, endorsement(ref))
        await add_notice(storage, replace(endorsement(ref, after=1)))
    await add_notice(storage, endorsement(PermitRef("CH", "GONE-3"), FR_CUSTOMS))
    said = StatusChange(new_id(NOW), PermitRef("CH", "GONE-4"), CH_MA, NOW, PermitStatus.LOST, "lost")
    await add_notice(storage, said)
    async with storage.read() as transaction:
        ask = transaction.notices.missing
        assert await ask("CH", after=None, limit=2) == gone[:2]
        assert await ask("CH", after=gone[1], limit=2) == gone[2:]
        assert await ask("CH", after=gone[2], limit=2) == []
        assert await ask("FR", after=None, limit=2) == [PermitRef("CH", "GONE-3")]
        assert await ask("C", after=None, limit=2) == []


async def test_two_issuers_may_use_the_same_number(storage):
    """Each permit has its own notices, once."""
    for exporter, importer in (("CH", "FR"), ("FR", "CH")):
        ref = await add_permit(storage, "1", exporter=exporter, importer=importer)
        await add_notice(storage, endorsement(ref))
    ((one, two),) = await pages(storage, "CH", 10)
    assert [(held.ref.issuer, len(held.notices)) for held in (one, two)] == [("CH", 1), ("FR", 1)]
    assert one.notices != two.notices
