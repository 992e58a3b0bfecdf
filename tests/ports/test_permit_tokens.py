"""Tokens of permits: the hash of the first one stays."""

from support.exchange import REF
from support.keys import NOW

from gateway.permits.identity import PermitRef
from gateway.permits.token_id import hashed


async def test_the_hash_of_a_permit_is_found(storage):
    """Its own, and none for another permit."""
    kept = hashed("K7QM-2XVB")
    async with storage.write() as transaction:
        assert await transaction.permit_tokens.add(REF, kept, NOW)
    async with storage.read() as transaction:
        assert await transaction.permit_tokens.find(REF) == kept
        assert await transaction.permit_tokens.find(PermitRef("CH", "another")) is None
        assert await transaction.permit_tokens.find(PermitRef("FR", REF.number)) is None


async def test_a_second_token_changes_nothing(storage):
    """The one that stands on the permit counts."""
    kept = hashed("K7QM-2XVB")
    async with storage.write() as transaction:
        await transaction.permit_tokens.add(REF, kept, NOW)
        assert not await transaction.permit_tokens.add(REF, hashed("another-one"), NOW)
    async with storage.read() as transaction:
        assert await transaction.permit_tokens.find(REF) == kept
