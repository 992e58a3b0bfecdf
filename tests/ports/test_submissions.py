from dataclasses import replace

from support.exchange import CH_MA, FR_MA, REF, ids, submission

from gateway.permits.identity import PermitRef


async def add(storage, record):
    async with storage.write() as transaction:
        return await transaction.submissions.add(record)


async def test_a_submission_is_found_by_key_by_id_and_by_permit(storage):
    """All three ways lead to the same record, findings included."""
    record = submission()
    assert await add(storage, record) is True
    async with storage.read() as transaction:
        assert await transaction.submissions.by_key(CH_MA, record.idempotency_key) == record
        assert await transaction.submissions.by_id(CH_MA, record.id) == record
        assert await transaction.submissions.by_permit(CH_MA, record.permit) == record


async def test_an_unknown_submission_is_none(storage):
    """A key, an id or a permit that was never used is None."""
    await add(storage, submission())
    async with storage.read() as transaction:
        assert await transaction.submissions.by_key(CH_MA, "another") is None
        assert await transaction.submissions.by_id(CH_MA, "another") is None
        assert await transaction.submissions.by_permit(CH_MA, PermitRef("FR", REF.number)) is None


async def test_a_key_is_used_once_per_authority(storage):
    """The second submission under a used key is refused and the first one stands."""
    record = submission()
    await add(storage, record)
    assert await add(storage, replace(record, id=ids(1)[0], request_digest="ef" * 32)) is False
    async with storage.read() as transaction:
        assert await transaction.submissions.by_key(CH_MA, record.idempotency_key) == record


async def test_two_authorities_may_use_the_same_key(storage):
    """Keys are the authority's own: another one is not disturbed by them."""
    record = submission()
    other = replace(record, id=ids(1)[0], authority=FR_MA)
    assert await add(storage, record)
    assert await add(storage, other)
    async with storage.read() as transaction:
        assert await transaction.submissions.by_key(FR_MA, record.idempotency_key) == other


async def test_a_submission_of_another_authority_is_not_visible(storage):
    """Nobody finds what another authority handed over."""
    record = submission()
    await add(storage, record)
    async with storage.read() as transaction:
        assert await transaction.submissions.by_key(FR_MA, record.idempotency_key) is None
        assert await transaction.submissions.by_id(FR_MA, record.id) is None
        assert await transaction.submissions.by_permit(FR_MA, record.permit) is None


async def test_the_first_submission_of_a_permit_is_found(storage):
    """When a permit was handed over twice, the older submission is the one."""
    first, second = ids(2)
    await add(storage, submission(id=second, idempotency_key="b"))
    await add(storage, submission(id=first, idempotency_key="a"))
    async with storage.read() as transaction:
        assert (await transaction.submissions.by_permit(CH_MA, REF)).id == first
