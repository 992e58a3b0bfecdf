from datetime import datetime, timedelta

import pytest
from support.keys import NOW, seal
from support.permits import digest_of, sealed

from gateway.errors import PermitNumberTaken
from gateway.permits.identity import PermitRef
from gateway.permits.model import Period
from gateway.permits.record import PermitRecord

FIRST, SECOND = "first-id", "second-id"


async def add(storage, kept, new_id=FIRST, at=NOW) -> PermitRecord:
    async with storage.write() as transaction:
        return await transaction.permits.add(kept, digest=digest_of(kept), new_id=new_id, at=at)


async def find(storage, ref):
    async with storage.read() as transaction:
        return await transaction.permits.find(ref)


async def test_a_permit_is_kept_with_the_bytes_that_came(storage):
    """The record holds the original sealed bytes and what they say, and is found by issuer and number."""
    kept = sealed("CH/2026/000 123")
    added = await add(storage, kept)
    assert added == PermitRecord(
        id=FIRST,
        ref=PermitRef("CH", "CH/2026/000 123"),
        version="v2",
        type_code="E",
        exporter="CH",
        importer="FR",
        valid_until=kept.permit.valid_until,
        digest=digest_of(kept),
        original=kept.document.original,
        received_at=NOW,
    )
    assert await find(storage, added.ref) == added


async def test_an_unknown_permit_is_none(storage):
    """A number that nobody stored is None, also when another issuer has it."""
    kept = sealed("CH-1")
    await add(storage, kept)
    assert await find(storage, PermitRef("FR", "CH-1")) is None
    assert await find(storage, PermitRef("CH", "CH-2")) is None


async def test_numbers_are_compared_letter_by_letter(storage):
    """A number in small letters, or with a space more, is another number."""
    await add(storage, sealed("CH-A1"))
    for other in ("ch-a1", "CH-A1 ", "CH-A"):
        assert await find(storage, PermitRef("CH", other)) is None


async def test_the_same_document_again_returns_the_record_that_stands(storage):
    """Adding the same bytes under a new id changes nothing and returns the first record."""
    kept = sealed()
    first = await add(storage, kept)
    again = await add(storage, kept, SECOND, NOW + timedelta(hours=1))
    assert again == first
    assert (await find(storage, first.ref)).id == FIRST


async def test_another_document_under_the_same_number_is_refused(storage):
    """A second document of the issuer under a used number raises PermitNumberTaken and changes nothing."""
    kept, other = sealed(), sealed(importer="DE")
    first = await add(storage, kept)
    with pytest.raises(PermitNumberTaken) as refused:
        await add(storage, other, SECOND)
    assert refused.value.fields["stored_digest"] == digest_of(kept)
    assert refused.value.fields["digest"] == digest_of(other)
    assert await find(storage, first.ref) == first


async def test_after_a_refused_number_the_transaction_goes_on(storage):
    """A flow may catch PermitNumberTaken and still commit the rest of its transaction."""
    kept, other, third = sealed(), sealed(importer="DE"), sealed("CH-3")
    await add(storage, kept)
    async with storage.write() as transaction:
        with pytest.raises(PermitNumberTaken):
            await transaction.permits.add(other, digest=digest_of(other), new_id=SECOND, at=NOW)
        await transaction.permits.add(third, digest=digest_of(third), new_id="third-id", at=NOW)
    assert (await find(storage, PermitRef("CH", "CH-3"))).id == "third-id"


async def test_two_issuers_may_use_the_same_number(storage):
    """The number belongs to its issuer: the same number of another Party is another permit."""
    swiss, french = sealed("2026/1"), sealed("2026/1", seal("FR:MA", "FR"), exporter="FR", importer="CH")
    await add(storage, swiss)
    await add(storage, french, SECOND)
    assert (await find(storage, PermitRef("CH", "2026/1"))).id == FIRST
    assert (await find(storage, PermitRef("FR", "2026/1"))).id == SECOND


async def test_an_end_of_validity_without_zone_is_kept_as_utc(storage):
    """A document that writes no zone gives the same record when it is added and when it is found."""
    naive = NOW.replace(tzinfo=None)
    kept = sealed(validity=Period(naive - timedelta(days=1), naive + timedelta(days=10)))
    added = await add(storage, kept)
    found = await find(storage, added.ref)
    assert found.valid_until == NOW + timedelta(days=10)
    assert added == found


async def test_a_permit_without_end_of_validity_can_be_kept(storage):
    """Validity is judged by rules, not by the table: a permit without an end has None there."""
    added = await add(storage, sealed(validity=None))
    assert added.valid_until is None
    assert await find(storage, added.ref) == added


async def test_an_end_of_validity_at_the_end_of_time_can_be_kept(storage):
    """The last moment that a document can write, west of Greenwich, lies beyond the calendar in UTC."""
    last = datetime.fromisoformat("9999-12-31T23:59:59-12:00")
    added = await add(storage, sealed(validity=Period(NOW - timedelta(days=1), last)))
    assert (await find(storage, added.ref)).valid_until.year == 9999
