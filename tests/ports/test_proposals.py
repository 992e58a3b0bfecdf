"""Changes of trust that need two persons, on every storage."""

from dataclasses import replace

import pytest
from support.keys import NOW

from gateway.errors import StorageError
from gateway.people.proposals import Fact, Proposal, ProposalState, digest_of

A, B = Fact("signs", "fr", "MII"), Fact("stands-behind", "fr", "FR:MA")
CHANGE = Proposal("p1", 1, frozenset({A, B}), frozenset({Fact("is-partner", "dé")}), NOW)


async def keep(storage, *changes):
    async with storage.write() as transaction:
        for each in changes:
            assert await transaction.proposals.add(each)


async def test_a_change_comes_back_whole(storage):
    """By id and by the digest of exactly this change."""
    await keep(storage, CHANGE)
    async with storage.write() as transaction:
        assert await transaction.proposals.get("p1") == CHANGE
        assert await transaction.proposals.get("p1", to_change=True) == CHANGE
        assert await transaction.proposals.find(CHANGE.digest) == CHANGE
        assert await transaction.proposals.get("p2") is None
        assert await transaction.proposals.find("x") is None
        assert await transaction.proposals.standing() is None
        assert not await transaction.proposals.add(replace(CHANGE, id="p2"))


async def test_what_became_of_it_is_written(storage):
    """State, persons, moments, serial and all that counts then; what it is does not change."""
    await keep(storage, CHANGE)
    agreed = replace(
        CHANGE,
        state=ProposalState.AGREED,
        asked_by="1",
        asked_at=NOW,
        agreed_by="2",
        agreed_at=NOW,
        reason="why",
        serial=2,
        after=frozenset({A}),
    )
    async with storage.write() as transaction:
        await transaction.proposals.put(replace(agreed, adds=frozenset()))
    async with storage.write() as transaction:
        kept = await transaction.proposals.standing(to_change=True)
        assert (kept.state, kept.serial, kept.after, kept.asked_by) == (ProposalState.AGREED, 2, {A}, "1")


async def test_the_highest_serial_stands_and_is_had_once(storage):
    """Whatever the order of ids; two changes cannot both be the next one."""
    second, third = (replace(CHANGE, id=f"p{n}", follows=n) for n in (2, 3))
    await keep(storage, CHANGE, second, third)
    async with storage.write() as transaction:
        await transaction.proposals.put(replace(CHANGE, serial=2))
        await transaction.proposals.put(replace(third, serial=1))
    async with storage.read() as transaction:
        assert (await transaction.proposals.standing()).id == "p1"
        assert [each.id for each in await transaction.proposals.latest(2)] == ["p3", "p2"]
    with pytest.raises(StorageError):
        await take_serial(storage, second)


async def take_serial(storage, change):
    async with storage.write() as transaction:
        await transaction.proposals.put(replace(change, serial=2))


async def test_what_counts_for_nothing_yet(storage):
    """Found, asked and refused ones, the newest first."""
    made = [
        replace(CHANGE, id=f"p{number}", follows=number, state=state)
        for number, state in enumerate(ProposalState)
    ]
    await keep(storage, *made)
    async with storage.read() as transaction:
        assert [each.state for each in await transaction.proposals.unsettled()] == [
            ProposalState.REFUSED,
            ProposalState.ASKED,
            ProposalState.FOUND,
        ]


def test_the_digest_is_of_exactly_this_change():
    """Another fact, another direction, or another place in the order is another change."""
    same = digest_of(1, [B, A], [])
    assert same == digest_of(1, {A, B}, [])
    others = [
        digest_of(2, [A, B], []),
        digest_of(1, [A], [B]),
        digest_of(1, [A], []),
        digest_of(1, [], [A, B]),
    ]
    assert same not in others
    assert len(set(others)) == 4
