import hashlib
from dataclasses import replace
from datetime import date, timedelta

import pytest
from support.exchange import CH_CUSTOMS, CH_MA
from support.keys import NOW

from gateway.exchange.grants import Grant
from gateway.permits.scopes import Scope
from gateway.storage.tokens import PREFIX, new_token, token_hash


async def test_a_token_is_found_by_its_hash_only(storage):
    """The hash leads to the holder; the token itself, and other hashes, lead to nobody."""
    token = new_token()
    async with storage.write() as transaction:
        await transaction.tokens.add(token, CH_CUSTOMS, NOW)
    async with storage.read() as transaction:
        assert await transaction.tokens.find(token_hash(token)) == Grant(
            token_hash(token), CH_CUSTOMS, "", NOW
        )
        assert await transaction.tokens.find(token) is None
        assert await transaction.tokens.find(token_hash(new_token())) is None


async def test_each_token_leads_to_its_own_holder(storage):
    """Two authorities and a partner are not mixed up."""
    tokens = {CH_MA: new_token(), CH_CUSTOMS: new_token()}
    partners = new_token()
    async with storage.write() as transaction:
        for authority, token in tokens.items():
            await transaction.tokens.add(token, authority, NOW)
        await transaction.tokens.add_for_partner(partners, "fr", NOW)
    async with storage.read() as transaction:
        for authority, token in tokens.items():
            found = await transaction.tokens.find(token_hash(token))
            assert (found.authority, found.partner) == (authority, "")
        found = await transaction.tokens.find(token_hash(partners))
        assert (found.authority, found.partner, found.scopes) == (None, "fr", frozenset())


async def test_scopes_expiry_and_use_are_kept(storage):
    """What a token was made with comes back; the day of its use is kept for it alone."""
    narrow, other = new_token(), new_token()
    ends = NOW + timedelta(days=30)
    wanted = frozenset({Scope.CHECK, Scope.INBOX})
    async with storage.write() as transaction:
        await transaction.tokens.add(narrow, CH_CUSTOMS, NOW, wanted=wanted, expires_at=ends)
        await transaction.tokens.add_for_partner(other, "fr", NOW, expires_at=ends)
        await transaction.tokens.note_use(token_hash(narrow), date(2026, 11, 24))
    async with storage.read() as transaction:
        found = await transaction.tokens.find(token_hash(narrow))
        assert found == Grant(
            token_hash(narrow), CH_CUSTOMS, "", NOW, wanted, ends, last_used_on=date(2026, 11, 24)
        )
        assert (await transaction.tokens.find(token_hash(other))).last_used_on is None


async def test_a_token_that_opens_nothing_is_not_kept(storage):
    """It would open everything: no scope in the table means all of them."""
    with pytest.raises(ValueError, match="without any scope"):
        async with storage.write() as transaction:
            await transaction.tokens.add("x", CH_MA, NOW, wanted=frozenset())
    async with storage.read() as transaction:
        assert await transaction.tokens.all() == []


async def test_tokens_are_listed_by_holder_and_withdrawn_one_by_one(storage):
    """Partners first, then authorities, the older token first; what is withdrawn leads to nobody."""
    first, second, partners = new_token(), new_token(), new_token()
    async with storage.write() as transaction:
        await transaction.tokens.add(second, CH_MA, NOW + timedelta(days=1))
        await transaction.tokens.add(first, CH_MA, NOW)
        await transaction.tokens.add_for_partner(partners, "fr", NOW)
    async with storage.write() as transaction:
        assert [each.token_hash for each in await transaction.tokens.all()] == [
            token_hash(token) for token in (partners, first, second)
        ]
        await transaction.tokens.revoke(token_hash(first))
    async with storage.read() as transaction:
        assert await transaction.tokens.find(token_hash(first)) is None
        assert await transaction.tokens.find(token_hash(second)) is not None


def test_a_token_opens_what_it_was_narrowed_to_and_its_role_has():
    """Nothing said: all of the role. A scope that the role does not have stays closed. Expiry is exact."""
    grant = Grant("", CH_CUSTOMS, "", NOW, expires_at=NOW)
    assert Scope.CHECK in grant.scopes
    assert Scope.SUBMIT not in grant.scopes
    assert replace(grant, wanted=frozenset({Scope.SUBMIT, Scope.INBOX})).scopes == {Scope.INBOX}
    assert replace(grant, wanted=frozenset()).scopes == frozenset()
    assert grant.good_at(NOW - timedelta(microseconds=1))
    assert not grant.good_at(NOW)


def test_the_hash_is_sha256_in_hex():
    """The stored form is a plain SHA-256, so that another program can compute it."""
    assert token_hash("ecites_x") == hashlib.sha256(b"ecites_x").hexdigest()


def test_tokens_are_random_and_recognisable():
    """Each token is new, begins with the prefix and holds at least 256 bits."""
    made = {new_token() for _ in range(100)}
    assert len(made) == 100
    assert all(token.startswith(PREFIX) and len(token) >= len(PREFIX) + 43 for token in made)
