"""Somebody looks after their own account: password, language, recovery codes, sessions."""

from dataclasses import replace

from gateway.errors import MalformedRequest, NotFound, SignInRefused
from gateway.flows.journal import entry
from gateway.flows.ports import Node, Trail
from gateway.flows.sign_in import Opened, Visit, Whereabouts, begin_again, count_attempt, forgive
from gateway.messagelog.entry import EntryKind
from gateway.people.passwords import objection
from gateway.people.sessions import Session
from gateway.people.totp import recovery_codes, recovery_hash
from gateway.wording import LANGUAGES, say


async def change_password(
    old: str, new: str, visit: Visit, where: Whereabouts, node: Node, trail: Trail
) -> Opened:
    """
    A new password, chosen by its owner.

    1. The new one is long enough, and not one of those that are tried first.
    2. The old one is right; an attempt with a wrong one counts as at the door.
    3. The new one is kept. All their sessions end, and a new one begins here.

    Raises `MalformedRequest`, `SignInRefused`, `TooManyRequests` or `GatewayBusy`.
    """
    account = visit.account
    # 1
    against = objection(new, account.person.name, node.people.password)
    if against is None and old == new:
        against = say("the new password is the old one")
    if against is not None:
        raise MalformedRequest(against, advice=say("choose another one; nothing was changed"))
    # 2
    await require_password(old, visit, where, node)
    # 3
    hashed = await node.hashing.hash(new)
    async with node.storage.write() as transaction:
        known = await transaction.people.get(account.person.id, to_change=True)
        if known is None or not known.open or known.password_hash != account.password_hash:
            raise SignInRefused(say("the account was changed meanwhile; sign in again"))
        at = node.clock.now()
        mine = replace(known, password_hash=hashed, password_at=at, initial_until=None)
        await transaction.people.put(mine)
        await transaction.sessions.end_all(account.person.id, beside=visit.session.id)
        opened = await begin_again(transaction, replace(visit, account=mine), where, node)
        trail.actor = account.person.name
        await transaction.log.append(
            entry(node.clock, EntryKind.CHANGED, trail, outcome="password-changed", detail="their own")
        )
    return opened


async def require_password(password: str, visit: Visit, where: Whereabouts, node: Node) -> None:
    """Raises `SignInRefused` when this is not the password of the visitor, and `TooManyRequests`."""
    await count_attempt(visit.account.person.name, where, node)
    if not await node.hashing.fits(visit.account.password_hash, password):
        raise SignInRefused(say("the present password is wrong; nothing was changed"))
    await forgive(visit.account.person.name, where, node)


async def new_recovery_codes(visit: Visit, node: Node, trail: Trail) -> tuple[str, ...]:
    """Ten new recovery codes, shown this once; those before are good no more."""
    codes, trail.actor = recovery_codes(), visit.account.person.name
    async with node.storage.write() as transaction:
        await transaction.people.put_recovery_codes(
            visit.account.person.id, [recovery_hash(code) for code in codes]
        )
        await transaction.log.append(
            entry(node.clock, EntryKind.CHANGED, trail, outcome="recovery-codes-made", detail="their own")
        )
    return codes


async def choose_language(language: str, visit: Visit, node: Node) -> None:
    """In which language the console speaks to somebody; raises `MalformedRequest`."""
    if language not in LANGUAGES:
        raise MalformedRequest(f"there is no language {language!r}", advice=f"one of {', '.join(LANGUAGES)}")
    async with node.storage.write() as transaction:
        known = await transaction.people.get(visit.account.person.id, to_change=True)
        if known is not None:
            await transaction.people.put(replace(known, person=replace(known.person, language=language)))


async def own_sessions(visit: Visit, node: Node) -> tuple[list[Session], int]:
    """Where somebody is signed in, the last used first; and how many recovery codes they have left."""
    at = node.clock.now()
    async with node.storage.read() as transaction:
        mine = await transaction.sessions.of(visit.account.person.id)
        left = await transaction.people.recovery_codes_left(visit.account.person.id)
    return [each for each in mine if each.lives(at, node.people.session)], left


async def end_own_session(session_id: str, visit: Visit, node: Node, trail: Trail) -> None:
    """One of somebody's own sessions ends; raises `NotFound` when they have none with that id."""
    trail.actor = visit.account.person.name
    async with node.storage.write() as transaction:
        if not await transaction.sessions.end(visit.account.person.id, session_id):
            raise NotFound(say("you have no such session"), advice=say("it may have ended by itself"))
        await transaction.log.append(
            entry(node.clock, EntryKind.SIGNED_IN, trail, outcome="session-ended", detail="their own")
        )
