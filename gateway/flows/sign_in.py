"""Somebody comes in to the console: with name and password first, with the second factor then."""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.errors import SignInRefused, TooManyRequests
from gateway.flows.journal import entry
from gateway.flows.ports import Node, Trail, Transaction
from gateway.messagelog.entry import EntryKind
from gateway.people.account import Account
from gateway.people.lockout import FORGOTTEN_AFTER, account_subject, address_subject, code_subject
from gateway.people.sessions import (
    SEEN_EVERY,
    Session,
    Stage,
    new_session_token,
    session_hash,
)
from gateway.people.totp import new_secret, recovery_codes, recovery_hash, step_of
from gateway.wording import say

MAX_AGENT = 200
"""Characters of what a browser calls itself."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """From where somebody comes."""

    address: str = ""
    """An IPv4 address or an IPv6 network: what counts as one stranger."""
    agent: str = ""
    """What the browser calls itself."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody's account and the session in which they are."""

    account: Account
    session: Session


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that was just begun."""

    token: str
    """For the cookie; only its hash is kept."""
    visit: Visit
    recovery_codes: tuple[str, ...] = ()
    """After a second factor was set up; shown this once."""


async def sign_in(name: str, password: str, where: Whereabouts, node: Node, trail: Trail) -> Opened:
    """
    Name and password: half-way in.

    1. The attempt counts as a failure of the account and of the address before anybody knows whether it is
       one, so that attempts at the same moment cannot all be free. Who has failed too often waits; nothing is
       looked at.
    2. The password is compared. A name that is not known takes as long.
    3. A wrong password, an account that is closed and a first password that is too old get the same answer;
       the log says which it was, and the name only if it is that of an account.
    4. Failures are forgotten. A session begins that opens nothing but the second factor. The hash is renewed
       when it was made with other parameters than are wanted now.

    Raises `TooManyRequests`, `GatewayBusy` or `SignInRefused`.
    """
    at, subject = node.clock.now(), account_subject(name)
    # 1
    async with node.storage.write() as transaction:
        await _count(transaction, subject, where, at, node)
        account = await transaction.people.by_name(name)
    # 2
    fits = await node.hashing.fits(account.password_hash if account else None, password)
    # 3
    why = _against(account, at, fits=fits)
    if why or account is None:
        if account is not None:
            trail.actor = account.person.name
        async with node.storage.write() as transaction:
            await transaction.log.append(
                entry(node.clock, EntryKind.SIGNED_IN, trail, outcome="refused", detail=why)
            )
        raise _wrong()
    trail.actor = account.person.name
    # 4
    fresh = await node.hashing.hash(password) if node.hashing.outdated(account.password_hash) else ""
    async with node.storage.write() as transaction:
        known = await transaction.people.get(account.person.id, to_change=True)
        if known is None or known.password_hash != account.password_hash or not known.open:
            raise _wrong()  # it was changed or closed in this very moment
        if fresh:
            await transaction.people.put(replace(known, password_hash=fresh))
        await _forgive(transaction, subject, where)
        opened = await _begin(transaction, known, Stage.PASSWORD, where, node)
        await transaction.log.append(entry(node.clock, EntryKind.SIGNED_IN, trail, outcome="password"))
    return opened


async def prove(code: str, visit: Visit, where: Whereabouts, node: Node, trail: Trail) -> Opened:
    """
    The second factor of somebody who is half-way in: a code of their app, or a recovery code.

    1. The attempt counts as a failure first, as that of a password does.
    2. The code is one of this moment, later than the last one that was taken; or a recovery code, which is
       gone then.
    3. Failures are forgotten. The session half-way ends and one with another token begins; more than a person
       may have end.

    Raises `TooManyRequests` or `SignInRefused`.
    """
    at, trail.actor = node.clock.now(), visit.account.person.name
    # 1
    async with node.storage.write() as transaction:
        await _count(transaction, code_subject(visit.account.person.id), where, at, node)
    async with node.storage.write() as transaction:
        account = await _half_way(visit, transaction, node)
        # 2
        way = await _taken(code, account, transaction, at) if account.enrolled else ""
        if way:
            # 3
            opened = await _come_in(transaction, account, visit.session, where, node)
        await transaction.log.append(
            entry(node.clock, EntryKind.SIGNED_IN, trail, outcome=way or "refused", detail="second factor")
        )
    if not way:
        raise _wrong()
    return opened


async def offer_factor(visit: Visit, node: Node) -> bytes:
    """
    The secret of a second factor for somebody half-way in who has none; the same until it is proven.

    Raises `SignInRefused` when they have one: only another person takes it away.
    """
    async with node.storage.write() as transaction:
        account = await _half_way(visit, transaction, node)
        if account.enrolled:
            raise _wrong()
        if not account.secret:
            account = replace(account, secret=new_secret())
            await transaction.people.put(account)
    return account.secret


async def enrol(code: str, visit: Visit, where: Whereabouts, node: Node, trail: Trail) -> Opened:
    """
    Somebody half-way in proves that their app has the secret that they were offered.

    1. The attempt counts as a failure first.
    2. The code is one of this moment.
    3. From now on it is asked for; recovery codes are made, and they are in.

    Raises `TooManyRequests` or `SignInRefused`.
    """
    at, trail.actor = node.clock.now(), visit.account.person.name
    # 1
    async with node.storage.write() as transaction:
        await _count(transaction, code_subject(visit.account.person.id), where, at, node)
    codes = recovery_codes()
    async with node.storage.write() as transaction:
        account = await _half_way(visit, transaction, node)
        # 2
        step = step_of(account.secret, code, at, account.step) if account.secret else None
        if step is None or account.enrolled:
            raise _wrong()
        # 3
        account = replace(account, enrolled_at=at, step=step)
        await transaction.people.put(account)
        await transaction.people.put_recovery_codes(account.person.id, [recovery_hash(c) for c in codes])
        opened = await _come_in(transaction, account, visit.session, where, node)
        await transaction.log.append(entry(node.clock, EntryKind.SIGNED_IN, trail, outcome="enrolled"))
    return replace(opened, recovery_codes=codes)


async def visit_of(token: str, node: Node) -> Visit | None:
    """
    Whose session a cookie holds; None when it is none, has ended, or its account is closed.

    That somebody is still there is written down once a minute; a database that cannot keep it ends the
    session earlier, and hinders nobody. Raises `StorageError` when it cannot be read.
    """
    at = node.clock.now()
    async with node.storage.read() as transaction:
        session = await transaction.sessions.find(session_hash(token))
        account = await transaction.people.get(session.person_id) if session is not None else None
    if session is None or account is None or not account.open:
        return None
    if not session.lives(at, node.people.session):
        return None
    if at - session.seen_at >= SEEN_EVERY:
        async with node.storage.write() as transaction:
            await transaction.sessions.seen(session.id, at)
    return Visit(account, session)


async def sign_out(visit: Visit, node: Node, trail: Trail) -> None:
    """The session ends now."""
    trail.actor = visit.account.person.name
    async with node.storage.write() as transaction:
        if await transaction.sessions.end(visit.account.person.id, visit.session.id):
            await transaction.log.append(entry(node.clock, EntryKind.SIGNED_IN, trail, outcome="signed-out"))


async def count_attempt(name: str, where: Whereabouts, node: Node) -> None:
    """One attempt to give the password of an account; raises `TooManyRequests`."""
    async with node.storage.write() as transaction:
        await _count(transaction, account_subject(name), where, node.clock.now(), node)


async def forgive(name: str, where: Whereabouts, node: Node) -> None:
    """The password was right."""
    async with node.storage.write() as transaction:
        await _forgive(transaction, account_subject(name), where)


async def count_code(account: Account, where: Whereabouts, node: Node) -> None:
    """One attempt to give a code of an account; raises `TooManyRequests`."""
    async with node.storage.write() as transaction:
        await _count(transaction, code_subject(account.person.id), where, node.clock.now(), node)


async def forgive_code(account: Account, where: Whereabouts, node: Node) -> None:
    """The code was right."""
    async with node.storage.write() as transaction:
        await _forgive(transaction, code_subject(account.person.id), where)


async def _count(
    transaction: Transaction, subject: str, where: Whereabouts, at: datetime, node: Node
) -> None:
    """One attempt of an account from an address; raises `TooManyRequests` when it is one too many."""
    settings = node.people.lockout
    free = {subject: settings.failures}
    if where.address:
        free[address_subject(where.address)] = settings.address_failures
    for each, failures in free.items():
        until = (await transaction.sign_ins.fail(each, at)).wait_until(failures, settings)
        if until is not None and at < until:
            seconds = max(math.ceil((until - at).total_seconds()), 1)
            raise TooManyRequests(
                say("too many attempts have failed: wait {seconds} seconds", seconds=seconds),
                advice=say("ask an administrator if you have forgotten your password"),
                retry_after=seconds,
            )
    await transaction.sign_ins.forget(at - FORGOTTEN_AFTER)


async def _forgive(transaction: Transaction, subject: str, where: Whereabouts) -> None:
    """It was right: nothing of the account counts any more, and one failure less of the address."""
    await transaction.sign_ins.clear(subject)
    if where.address:
        await transaction.sign_ins.take_back(address_subject(where.address))


def _against(account: Account | None, at: datetime, *, fits: bool) -> str:
    """Why somebody is turned away, for the log; empty when they are not."""
    if account is None:
        return "no such account"
    if not fits:
        return "wrong password"
    if not account.open:
        return "the account is disabled"
    if account.initial_until is not None and at >= account.initial_until:
        return "the first password is too old"
    return ""


def _wrong() -> SignInRefused:
    """The one answer to everything."""
    return SignInRefused(
        say("this name, password or code is wrong, or the account is closed"),
        advice=say("try again; an administrator can give you a new password or second factor"),
    )


async def _half_way(visit: Visit, transaction: Transaction, node: Node) -> Account:
    """The account as it is now, to be changed; raises `SignInRefused` when the session is over."""
    account = await transaction.people.get(visit.account.person.id, to_change=True)
    session = await transaction.sessions.find(visit.session.token_hash)
    if account is None or not account.open or session is None or session.stage is not Stage.PASSWORD:
        raise _wrong()
    if not session.lives(node.clock.now(), node.people.session):
        raise _wrong()
    return account


async def _taken(code: str, account: Account, transaction: Transaction, at: datetime) -> str:
    """How the second factor was proven, as a word for the log; empty when it was not."""
    step = step_of(account.secret, code, at, account.step)
    if step is not None and await transaction.people.use_step(account.person.id, step):
        return "second-factor"
    if await transaction.people.use_recovery_code(account.person.id, recovery_hash(code)):
        return "recovery-code"
    return ""


async def _come_in(
    transaction: Transaction, account: Account, half_way: Session, where: Whereabouts, node: Node
) -> Opened:
    """The session half-way ends, and a whole one begins with a token of its own."""
    await _forgive(transaction, code_subject(account.person.id), where)
    await transaction.sessions.end(account.person.id, half_way.id)
    opened = await _begin(transaction, account, Stage.FACTOR, where, node)
    mine = [each for each in await transaction.sessions.of(account.person.id) if each.stage is Stage.FACTOR]
    for each in mine[node.people.session.most :]:
        await transaction.sessions.end(account.person.id, each.id)
    return opened


async def begin_again(transaction: Transaction, visit: Visit, where: Whereabouts, node: Node) -> Opened:
    """A whole session in the place of the one there is: whoever has seen its token has nothing of it."""
    await transaction.sessions.end(visit.account.person.id, visit.session.id)
    return await _begin(transaction, visit.account, Stage.FACTOR, where, node)


async def _begin(
    transaction: Transaction, account: Account, stage: Stage, where: Whereabouts, node: Node
) -> Opened:
    """A new session; those that have ended by themselves are forgotten."""
    at, token = node.clock.now(), new_session_token()
    session = Session(
        id=node.clock.new_id(),
        token_hash=session_hash(token),
        person_id=account.person.id,
        stage=stage,
        created_at=at,
        seen_at=at,
        address=where.address,
        agent="".join(c for c in where.agent if c.isprintable())[:MAX_AGENT],
    )
    await transaction.sessions.clear(at - timedelta(hours=node.people.session.hours))
    await transaction.sessions.add(session)
    return Opened(token, Visit(account, session))
