"""Administrators say who may come in; the message log says which administrator did."""

import secrets
from base64 import b32encode
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta

from gateway.errors import Forbidden, MalformedRequest, NotFound
from gateway.flows.journal import entry
from gateway.flows.ports import Node, Trail, Transaction
from gateway.flows.two_persons import in_force
from gateway.messagelog.entry import EntryKind
from gateway.people.account import AT_THE_MACHINE, Account
from gateway.people.company import OFFICERS, looks_after
from gateway.people.passwords import objection
from gateway.people.person import Person
from gateway.people.rights import Post
from gateway.people.sessions import Session, Stage
from gateway.permits.identity import AuthorityId
from gateway.wording import ENGLISH, LANGUAGES, say

MAX_NAME = 64
"""Characters; the message log has room for so many."""
_INITIAL_BYTES = 15
"""120 random bits: nobody guesses them, and somebody can type them once."""
_RESERVED = frozenset({"gateway", "worker", "stranger", AT_THE_MACHINE})
"""What stands in the message log for the gateway itself, and for people who are not known."""


@dataclass(frozen=True, slots=True)
class Manager:
    """Who does it."""

    who: str
    reason: str
    person: Person | None = None
    """None: somebody with a command on the machine of the gateway, who may do everything."""


@dataclass(frozen=True, slots=True)
class LetIn:
    """An account that has a first password."""

    account: Account
    password: str
    """Shown this once; good for one sign-in, at which its owner chooses another one."""


async def all_people(node: Node, manager: Manager) -> list[Account]:
    """Everybody whom a manager looks after, by name."""
    async with node.storage.read() as transaction:
        return [each for each in await transaction.people.all() if _theirs(manager, each)]


async def one_person(person_id: str, node: Node, manager: Manager) -> tuple[Account, list[Session]]:
    """One of them with their sessions; raises `NotFound`, the same for one whom the manager may not see."""
    async with node.storage.read() as transaction:
        account = await transaction.people.get(person_id)
        if account is None or not _theirs(manager, account):
            raise _unknown()
        found = await transaction.sessions.of(person_id)
    at = node.clock.now()
    whole = [each for each in found if each.stage is Stage.FACTOR and each.lives(at, node.people.session)]
    return account, whole


async def person_id_of(name: str, node: Node) -> str:
    """The id of who has a name; raises `NotFound`."""
    async with node.storage.read() as transaction:
        account = await transaction.people.by_name(name)
    if account is None:
        raise _unknown()
    return account.person.id


async def add_person(
    name: str, post: Post, authorities: Collection[AuthorityId], language: str, node: Node, manager: Manager
) -> LetIn:
    """
    A new account, with a first password that its owner must change.

    1. The name is one that the log can hold, and the authorities are what the post needs and the manager may
       give.
    2. It is kept, unless the name is taken.
    3. The log says who let whom in, as what and for whom.

    Raises `MalformedRequest`, `Forbidden` or `GatewayBusy`.
    """
    # 1
    name = name.strip()
    if not name or len(name) > MAX_NAME or not name.isprintable() or name.casefold() in _RESERVED:
        raise MalformedRequest(
            say("a name has from 1 to {most} printable characters", most=MAX_NAME),
            advice=say("write the name by which colleagues know this person"),
        )
    if language not in LANGUAGES:
        raise MalformedRequest(f"there is no language {language!r}", advice=f"one of {', '.join(LANGUAGES)}")
    at, seen = node.clock.now(), frozenset(authorities)
    _require_fit(post, seen, manager)
    password = _first_password()
    hashed = await node.hashing.hash(password)
    async with node.storage.write() as transaction:
        # 2
        account = Account(
            Person(node.clock.new_id(), name, post, seen, language or ENGLISH, at),
            password_hash=hashed,
            password_at=at,
            initial_until=at + timedelta(days=node.people.password.initial_days),
            vouched_by=await _voucher(manager, transaction, node),
        )
        if not await transaction.people.add(account):
            raise MalformedRequest(say("the name {name} is taken", name=name), advice=say("choose another"))
        # 3
        await _note(transaction, node, manager, account, "person-added")
    return LetIn(account, password)


async def change_person(
    person_id: str, post: Post, authorities: Collection[AuthorityId], node: Node, manager: Manager
) -> Account:
    """
    Another post, or other authorities; what the person may do changes with their next page.

    Raises `NotFound`, `MalformedRequest` or `Forbidden`.
    """
    seen = frozenset(authorities)
    _require_fit(post, seen, manager)
    async with node.storage.write() as transaction:
        account = await _to_change(person_id, transaction, manager)
        changed = replace(account, person=replace(account.person, post=post, authorities=seen))
        await transaction.people.put(changed)
        await _require_an_administrator(account, transaction)
        await _note(transaction, node, manager, changed, "person-changed")
    return changed


async def disable_person(person_id: str, node: Node, manager: Manager) -> Account:
    """
    Nobody comes in with this account any more, and who is in is out with their next page.

    Raises `NotFound`, or `Forbidden` for the last administrator.
    """
    async with node.storage.write() as transaction:
        account = await _to_change(person_id, transaction, manager)
        closed = replace(account, person=replace(account.person, disabled_at=node.clock.now()))
        await transaction.people.put(closed)
        await _require_an_administrator(account, transaction)
        await transaction.sessions.end_all(person_id)
        await _note(transaction, node, manager, closed, "person-disabled")
    return closed


async def enable_person(person_id: str, node: Node, manager: Manager) -> Account:
    """The account opens again, with the password and second factor that it had; raises `NotFound`."""
    async with node.storage.write() as transaction:
        account = await _to_change(person_id, transaction, manager)
        opened = replace(account, person=replace(account.person, disabled_at=None))
        await transaction.people.put(opened)
        await _note(transaction, node, manager, opened, "person-enabled")
    return opened


async def set_password(person_id: str, node: Node, manager: Manager, password: str = "") -> LetIn:
    """
    A new first password, made here unless one is given; all sessions end.

    Raises `NotFound`, `GatewayBusy`, or `MalformedRequest` for one that nobody may have.
    """
    given, password = bool(password), password or _first_password()
    hashed = await node.hashing.hash(password)
    async with node.storage.write() as transaction:
        account = await _to_change(person_id, transaction, manager)
        against = objection(password, account.person.name, node.people.password) if given else None
        if against is not None:
            raise MalformedRequest(against, advice=say("choose another one; nothing was changed"))
        at = node.clock.now()
        fresh = replace(
            account,
            password_hash=hashed,
            password_at=at,
            initial_until=at + timedelta(days=node.people.password.initial_days),
            vouched_by=await _voucher(manager, transaction, node),
        )
        await transaction.people.put(fresh)
        await transaction.sessions.end_all(person_id)
        await _note(transaction, node, manager, fresh, "password-set")
    return LetIn(fresh, password)


async def reset_second_factor(person_id: str, node: Node, manager: Manager) -> Account:
    """
    The second factor and the recovery codes are good no more: the next sign-in sets up new ones.

    All sessions end. Raises `NotFound`.
    """
    async with node.storage.write() as transaction:
        account = await _to_change(person_id, transaction, manager)
        bare = replace(
            account, secret=b"", enrolled_at=None, vouched_by=await _voucher(manager, transaction, node)
        )
        await transaction.people.put(bare)
        await transaction.people.put_recovery_codes(person_id, ())
        await transaction.sessions.end_all(person_id)
        await _note(transaction, node, manager, bare, "second-factor-reset")
    return bare


async def end_sessions(person_id: str, node: Node, manager: Manager, session_id: str = "") -> int:
    """One session of a person ends, or all of them: how many; raises `NotFound`."""
    async with node.storage.write() as transaction:
        account = await transaction.people.get(person_id)
        if account is None or not _theirs(manager, account):
            raise _unknown()
        if session_id:
            if not await transaction.sessions.end(person_id, session_id):
                raise _unknown()
            ended = 1
        else:
            ended = await transaction.sessions.end_all(person_id)
        await _note(transaction, node, manager, account, "sessions-ended")
    return ended


def _first_password() -> str:
    """Groups of four characters that cannot be mistaken for each other."""
    text = b32encode(secrets.token_bytes(_INITIAL_BYTES)).decode("ascii")
    return "-".join(text[place : place + 4] for place in range(0, len(text), 4))


def _theirs(manager: Manager, account: Account) -> bool:
    """Whether a manager looks after an account."""
    return manager.person is None or looks_after(manager.person, account.person)


async def _to_change(person_id: str, transaction: Transaction, manager: Manager) -> Account:
    """An account that a manager may change; raises `NotFound`, or `Forbidden` for their own."""
    account = await transaction.people.get(person_id, to_change=True)
    if account is None or not _theirs(manager, account):
        raise _unknown()
    if manager.person is not None and manager.person.id == person_id:
        raise Forbidden(
            say("nobody changes their own rights, second factor or state"),
            advice=say("ask another administrator"),
        )
    return account


def _require_fit(post: Post, authorities: frozenset[AuthorityId], manager: Manager) -> None:
    """Raises `MalformedRequest` or `Forbidden` when a post cannot go with these authorities."""
    if post in OFFICERS and not authorities:
        raise MalformedRequest(
            say("an officer works for an authority: name at least one"),
            advice=say("choose the authorities whose data this person may see"),
        )
    seen = manager.person.authorities if manager.person is not None else frozenset()
    if seen and (not authorities or not authorities <= seen):
        raise Forbidden(
            say("you can let people see only what concerns your own authorities"),
            advice=say("ask an administrator who sees all of them"),
        )


async def _require_an_administrator(before: Account, transaction: Transaction) -> None:
    """Raises `Forbidden` when an account was the last that could let anybody in, and is so no more."""
    if not _lets_in(before) or any(_lets_in(each) for each in await transaction.people.all()):
        return
    raise Forbidden(
        say("this is the last administrator who sees all authorities"),
        advice=say("make another one first"),
    )


def _lets_in(account: Account) -> bool:
    """Whether it is that of an administrator who sees all authorities."""
    person = account.person
    return account.open and person.post is Post.ADMINISTRATOR and not person.authorities


async def _voucher(manager: Manager, transaction: Transaction, node: Node) -> str:
    """Who stands behind an account from now on."""
    if manager.person is not None:
        return manager.person.id
    return AT_THE_MACHINE if await in_force(transaction, node) else ""


async def _note(
    transaction: Transaction, node: Node, manager: Manager, account: Account, outcome: str
) -> None:
    """Who did what to whom, and why."""
    person = account.person
    sees = " ".join(sorted(map(str, person.authorities))) or "all authorities"
    said = f"{person.name}, {person.post}, sees {sees}: {manager.reason}"
    await transaction.log.append(
        entry(node.clock, EntryKind.CHANGED, Trail(actor=manager.who), outcome=outcome, detail=said)
    )


def _unknown() -> NotFound:
    """The same for nobody, and for one whom the manager may not see."""
    return NotFound(say("there is no such person, or none whom you look after"))
