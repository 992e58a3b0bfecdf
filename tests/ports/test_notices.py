"""What became of permits, on every storage."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest
from ports.conftest import SHARED
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS, FR_MA, REF, ids
from support.keys import NOW
from support.notices import change, endorsement, kept, reversal, written
from support.permits import digest_of, sealed

from gateway.clock import new_id
from gateway.permits.identity import PermitRef
from gateway.permits.notices import PermitStatus, Side
from gateway.storage.engine import open_engine
from gateway.storage.unit_of_work import Database

PATIENCE = 30.0
OTHER = PermitRef("CH", "CH-2026-000999")


async def add(storage, *records):
    """Keep notices in one transaction; which of them were new."""
    async with storage.write() as transaction:
        return [await transaction.notices.add(record) for record in records]


async def of(storage, ref=REF):
    """The notices of a permit."""
    async with storage.read() as transaction:
        return await transaction.notices.of_permit(ref)


async def test_everything_comes_back(storage):
    """The notice, its bytes, and who brought it."""
    made = endorsement(written("10.50", unit="KGM", dead="0.5"), remarks="été", customs_document="26CH1")
    records = [
        kept(made, idempotency_key="a key", request_digest="cd" * 32),
        kept(reversal(made), partner="fr", recorded_at=NOW + timedelta(seconds=1)),
        kept(change(PermitStatus.REPLACED), partner="fr"),
    ]
    assert await add(storage, *records) == [True, True, True]
    assert await of(storage) == sorted(records, key=lambda record: record.notice.id)
    async with storage.read() as transaction:
        assert await transaction.notices.get(CH_CUSTOMS, made.id) == records[0]
        assert await transaction.notices.by_key(CH_CUSTOMS, "a key") == records[0]


async def test_by_id_and_by_permit(storage):
    """Whatever the order in which they came."""
    first, second, third = ids(3)
    made = [
        kept(endorsement(id=second)),
        kept(endorsement(id=first)),
        kept(endorsement(id=third, permit=OTHER)),
    ]
    await add(storage, *made)
    assert await of(storage) == [made[1], made[0]]
    assert await of(storage, OTHER) == [made[2]]
    assert await of(storage, PermitRef("FR", REF.number)) == []


async def test_an_author_uses_an_id_once(storage):
    """The first stands; somebody else's notice of that id is another one."""
    made = endorsement()
    foreign = endorsement(id=made.id, by=FR_CUSTOMS, side=Side.IMPORT)
    again = endorsement(written("11"), id=made.id)
    assert await add(storage, kept(made), kept(again), kept(foreign)) == [True, False, True]
    assert await of(storage) == [kept(made), kept(foreign)]
    async with storage.read() as transaction:
        assert await transaction.notices.get(FR_CUSTOMS, made.id) == kept(foreign)
        assert await transaction.notices.get(CH_MA, made.id) is None


async def test_an_author_uses_a_key_once(storage):
    """Also for another permit; no key at all is no key; others have keys of their own."""
    one, other = (
        kept(endorsement(), idempotency_key="k"),
        kept(endorsement(permit=OTHER), idempotency_key="k"),
    )
    foreign = kept(endorsement(by=FR_CUSTOMS), idempotency_key="k")
    without = [kept(endorsement()), kept(endorsement())]
    assert await add(storage, one, other, foreign, *without) == [True, False, True, True, True]
    async with storage.read() as transaction:
        assert await transaction.notices.by_key(CH_CUSTOMS, "k") == one
        assert await transaction.notices.by_key(FR_CUSTOMS, "k") == foreign
        assert await transaction.notices.by_key(CH_MA, "k") is None
        assert await transaction.notices.by_key(CH_CUSTOMS, "") is None


async def test_what_is_undone_was_never_there(storage):
    with suppress(ZeroDivisionError):
        async with storage.write() as transaction:
            assert await transaction.notices.add(kept(endorsement()))
            await transaction.notices.look(REF, FR_MA, NOW)
            raise ZeroDivisionError
    assert await of(storage) == []
    async with storage.read() as transaction:
        assert list(await transaction.notices.viewers(REF)) == []


async def test_viewers_are_kept_once(storage):
    """In the order of their names, each permit its own."""
    async with storage.write() as transaction:
        for viewer in (FR_MA, CH_MA, FR_MA):
            await transaction.notices.look(REF, viewer, NOW)
        await transaction.notices.look(OTHER, FR_CUSTOMS, NOW)
    async with storage.read() as transaction:
        assert list(await transaction.notices.viewers(REF)) == [CH_MA, FR_MA]
        assert list(await transaction.notices.viewers(OTHER)) == [FR_CUSTOMS]
        assert list(await transaction.notices.viewers(PermitRef("FR", REF.number))) == []


async def test_a_permit_that_is_not_here_can_be_locked(storage):
    """A notice may overtake its permit."""
    async with storage.write() as transaction:
        await transaction.notices.lock(REF)
        assert await transaction.notices.add(kept(endorsement()))


async def test_one_process_decides_about_a_permit_at_a_time(postgres, shared):
    """While one has the lock another process waits; about another permit it decides at once."""
    for ref in (REF, OTHER):
        made = sealed(ref.number)
        async with shared.write() as transaction:
            await transaction.permits.add(made, digest=digest_of(made), new_id=new_id(NOW), at=NOW)
    other = Database(open_engine(postgres.url(SHARED)))
    try:
        async with asyncio.timeout(PATIENCE), shared.write() as mine:
            await mine.notices.lock(REF)
            async with other.write() as theirs:
                await theirs.notices.lock(OTHER)
            async with other.write() as theirs:
                await theirs._connection.execute(text("SET LOCAL lock_timeout = '100ms'"))
                with pytest.raises(DBAPIError, match="lock timeout"):
                    await theirs.notices.lock(REF)
    finally:
        await other.close()
