"""Accounts, sessions and failures to sign in, on every storage."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.exchange import CH_CUSTOMS, CH_MA
from support.keys import NOW

from gateway.people.account import Account
from gateway.people.lockout import Failures
from gateway.people.person import Person
from gateway.people.rights import Post
from gateway.people.sessions import Session, Stage

ADA = Account(
    Person("1", "Ada Löw", Post.MA_OFFICER, frozenset({CH_MA, CH_CUSTOMS}), "fr", NOW),
    password_hash="$argon2id$x",
    password_at=NOW,
    initial_until=NOW + timedelta(days=7),
    secret=b"\0\1secret",
    enrolled_at=NOW,
    step=7,
    vouched_by="2",
)
BEN = Account(Person("2", "Ben", Post.ADMINISTRATOR, created_at=NOW), "h", NOW)
VISIT = Session("s1", "a" * 64, "1", Stage.FACTOR, NOW, NOW, "192.0.2.1", "Browser")


async def keep(storage, *accounts):
    async with storage.write() as transaction:
        for account in accounts:
            assert await transaction.people.add(account)


async def test_an_account_comes_back_whole(storage):
    """By id and by name in any case and spelling; all of them by name."""
    await keep(storage, BEN, ADA)
    async with storage.read() as transaction:
        assert await transaction.people.get("1") == ADA
        assert await transaction.people.by_name(" ada lo\u0308W ") == ADA
        assert await transaction.people.by_name("Ada") is None
        assert await transaction.people.get("3") is None
        assert await transaction.people.all() == [ADA, BEN]


async def test_a_name_is_taken_once(storage):
    """Also in another case; the one that was there stays."""
    await keep(storage, BEN)
    async with storage.write() as transaction:
        twin = replace(BEN, person=replace(BEN.person, id="9", name="bEN"), password_hash="other")
        assert not await transaction.people.add(twin)
    async with storage.read() as transaction:
        assert await transaction.people.all() == [BEN]


async def test_a_change_is_kept_and_never_brings_a_code_back(storage):
    """`put` writes everything, but the step of the last code only grows."""
    await keep(storage, ADA, BEN)
    changed = replace(
        ADA,
        person=Person("1", "Ada Löw", Post.AUDITOR, frozenset(), "es", NOW, disabled_at=NOW),
        password_hash="new",
        initial_until=None,
        secret=b"",
        enrolled_at=None,
        vouched_by="",
        step=3,
    )
    async with storage.write() as transaction:
        assert await transaction.people.get("1", to_change=True) == ADA
        await transaction.people.put(changed)
    async with storage.read() as transaction:
        assert await transaction.people.get("1") == replace(changed, step=7)
        assert await transaction.people.get("2") == BEN


async def test_a_code_is_taken_once(storage):
    """The same step, and any before it, is refused."""
    await keep(storage, ADA)
    async with storage.write() as transaction:
        assert not await transaction.people.use_step("1", 7)
        assert await transaction.people.use_step("1", 8)
        assert not await transaction.people.use_step("1", 8)
        assert not await transaction.people.use_step("1", 6)
        assert not await transaction.people.use_step("unknown", 9)


async def test_a_recovery_code_is_taken_once_and_by_its_owner(storage):
    """New ones take the place of the old ones."""
    await keep(storage, ADA, BEN)
    async with storage.write() as transaction:
        await transaction.people.put_recovery_codes("1", ["a", "b"])
        await transaction.people.put_recovery_codes("2", ["c"])
    async with storage.write() as transaction:
        assert not await transaction.people.use_recovery_code("1", "c")
        assert await transaction.people.use_recovery_code("1", "a")
        assert not await transaction.people.use_recovery_code("1", "a")
        assert await transaction.people.recovery_codes_left("1") == 1
        await transaction.people.put_recovery_codes("1", ["d"])
        assert not await transaction.people.use_recovery_code("1", "b")
        assert await transaction.people.recovery_codes_left("2") == 1


async def test_sessions_are_found_listed_and_ended(storage):
    """The last used first; nobody ends that of another."""
    later = replace(VISIT, id="s2", token_hash="b" * 64, stage=Stage.PASSWORD)
    other = replace(VISIT, id="s3", token_hash="c" * 64, person_id="2")
    async with storage.write() as transaction:
        for each in (VISIT, later, other):
            await transaction.sessions.add(each)
        await transaction.sessions.seen("s2", NOW + timedelta(minutes=1))
    seen = replace(later, seen_at=NOW + timedelta(minutes=1))
    async with storage.write() as transaction:
        assert await transaction.sessions.find("a" * 64) == VISIT
        assert await transaction.sessions.find("d" * 64) is None
        assert await transaction.sessions.of("1") == [seen, VISIT]
        assert not await transaction.sessions.end("2", "s1")
        assert await transaction.sessions.end("1", "s1")
        assert not await transaction.sessions.end("1", "s1")
        assert await transaction.sessions.of("1") == [seen]


async def test_all_sessions_of_a_person_end_but_one(storage):
    """Those of others go on; old ones are forgotten."""
    async with storage.write() as transaction:
        for number in range(3):
            await transaction.sessions.add(replace(VISIT, id=f"s{number}", token_hash=str(number)))
        await transaction.sessions.add(
            replace(VISIT, id="other", token_hash="o", person_id="2", created_at=NOW - timedelta(hours=1))
        )
        assert await transaction.sessions.end_all("1", beside="s1") == 2
        assert [each.id for each in await transaction.sessions.of("1")] == ["s1"]
        await transaction.sessions.clear(NOW)
        assert await transaction.sessions.of("2") == []
        assert await transaction.sessions.end_all("1") == 1


async def test_failures_are_counted_by_subject(storage):
    """What stood there before comes back; a success forgets it; so does a day."""
    async with storage.write() as transaction:
        assert await transaction.sign_ins.fail("name a", NOW) == Failures()
        assert await transaction.sign_ins.fail("name a", NOW + timedelta(seconds=1)) == Failures(1, NOW)
        assert await transaction.sign_ins.fail("name b", NOW) == Failures()
    async with storage.write() as transaction:
        later = NOW + timedelta(days=2)
        assert await transaction.sign_ins.fail("name a", later) == Failures(2, NOW + timedelta(seconds=1))
        assert await transaction.sign_ins.fail("name a", later) == Failures(1, later)
        await transaction.sign_ins.clear("name a")
        assert await transaction.sign_ins.fail("name a", later) == Failures()
        await transaction.sign_ins.forget(later)
        assert await transaction.sign_ins.fail("name b", later) == Failures()
        assert await transaction.sign_ins.fail("name a", later) == Failures(1, later)


async def test_a_failure_that_was_none_is_taken_back(storage):
    """Those before it stay; below none there is nothing."""
    async with storage.write() as transaction:
        await transaction.sign_ins.fail("address x", NOW)
        await transaction.sign_ins.fail("address x", NOW)
        await transaction.sign_ins.take_back("address x")
        assert await transaction.sign_ins.fail("address x", NOW) == Failures(1, NOW)
        for _ in range(3):
            await transaction.sign_ins.take_back("address x")
        assert await transaction.sign_ins.fail("address x", NOW) == Failures()
        await transaction.sign_ins.take_back("address y")


async def refused_attempt(storage):
    async with storage.write() as transaction:
        await transaction.sign_ins.fail("name a", NOW)
        raise KeyError


async def test_a_refused_attempt_counts_nothing(storage):
    """What is raised inside the transaction takes the count back."""
    with pytest.raises(KeyError):
        await refused_attempt(storage)
    async with storage.write() as transaction:
        assert await transaction.sign_ins.fail("name a", NOW) == Failures()
