import hashlib

from support.exchange import CH_CUSTOMS, CH_MA
from support.keys import NOW

from gateway.storage.tokens import PREFIX, new_token, token_hash


async def test_a_token_is_found_by_its_hash_only(storage):
    """The hash leads to the holder; the token itself, and other hashes, lead to nobody."""
    token = new_token()
    async with storage.write() as transaction:
        await transaction.tokens.add(token, CH_CUSTOMS, NOW)
    async with storage.read() as transaction:
        assert await transaction.tokens.authority_of(token_hash(token)) == CH_CUSTOMS
        assert await transaction.tokens.authority_of(token) is None
        assert await transaction.tokens.authority_of(token_hash(new_token())) is None


async def test_each_token_leads_to_its_own_authority(storage):
    """Two tokens of two authorities are not mixed up."""
    tokens = {CH_MA: new_token(), CH_CUSTOMS: new_token()}
    async with storage.write() as transaction:
        for authority, token in tokens.items():
            await transaction.tokens.add(token, authority, NOW)
    async with storage.read() as transaction:
        for authority, token in tokens.items():
            assert await transaction.tokens.authority_of(token_hash(token)) == authority


def test_the_hash_is_sha256_in_hex():
    """The stored form is a plain SHA-256, so that another program can compute it."""
    assert token_hash("ecites_x") == hashlib.sha256(b"ecites_x").hexdigest()


def test_tokens_are_random_and_recognisable():
    """Each token is new, begins with the prefix and holds at least 256 bits."""
    made = {new_token() for _ in range(100)}
    assert len(made) == 100
    assert all(token.startswith(PREFIX) and len(token) >= len(PREFIX) + 43 for token in made)


async def test_a_partners_token_leads_to_the_partner_and_to_no_authority(storage):
    """The two kinds of holders are never mixed up."""
    partners, authoritys = new_token(), new_token()
    async with storage.write() as transaction:
        await transaction.tokens.add_for_partner(partners, "fr", NOW)
        await transaction.tokens.add(authoritys, CH_MA, NOW)
    async with storage.read() as transaction:
        assert await transaction.tokens.partner_of(token_hash(partners)) == "fr"
        assert await transaction.tokens.authority_of(token_hash(partners)) is None
        assert await transaction.tokens.partner_of(token_hash(authoritys)) is None
        assert await transaction.tokens.authority_of(token_hash(authoritys)) == CH_MA
        assert await transaction.tokens.partner_of(token_hash(new_token())) is None
