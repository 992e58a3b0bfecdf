"""Accounts, sessions and failures to sign in, in memory."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from gateway.people.account import Account
from gateway.people.lockout import Failures
from gateway.people.person import name_key
from gateway.people.sessions import Session
from support.memory.state import State


class MemoryPeople:
    """Fulfils the port `People`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state.people

    async def add(self, account: Account) -> bool:
        """Keep an account unless its name is taken."""
        if await self.by_name(account.person.name) is not None:
            return False
        self._state.accounts[account.person.id] = account
        return True

    async def get(self, person_id: str, *, to_change: bool = False) -> Account | None:
        """One transaction writes at a time."""
        return self._state.accounts.get(person_id)

    async def by_name(self, name: str) -> Account | None:
        """The account with that name."""
        found = (a for a in self._state.accounts.values() if name_key(a.person.name) == name_key(name))
        return next(found, None)

    async def all(self) -> list[Account]:
        """Every account."""
        return sorted(self._state.accounts.values(), key=lambda each: name_key(each.person.name))

    async def put(self, account: Account) -> None:
        """Write an account."""
        known = self._state.accounts[account.person.id]
        self._state.accounts[account.person.id] = replace(account, step=max(known.step, account.step))

    async def use_step(self, person_id: str, step: int) -> bool:
        """Take a code."""
        known = self._state.accounts.get(person_id)
        if known is None or known.step >= step:
            return False
        self._state.accounts[person_id] = replace(known, step=step)
        return True

    async def put_recovery_codes(self, person_id: str, hashes: Collection[str]) -> None:
        """In the place of those before."""
        others = {each for each in self._state.recovery_codes if each[0] != person_id}
        self._state.recovery_codes = frozenset(others | {(person_id, each) for each in hashes})

    async def use_recovery_code(self, person_id: str, code_hash: str) -> bool:
        """Take one away."""
        there = (person_id, code_hash) in self._state.recovery_codes
        self._state.recovery_codes -= {(person_id, code_hash)}
        return there

    async def recovery_codes_left(self, person_id: str) -> int:
        """How many there are."""
        return sum(1 for each in self._state.recovery_codes if each[0] == person_id)


class MemorySessions:
    """Fulfils the port `Sessions`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state.people

    async def add(self, session: Session) -> None:
        """Keep one."""
        self._state.sessions[session.id] = session

    async def find(self, token_hash: str) -> Session | None:
        """The session whose cookie has that hash."""
        return next((s for s in self._state.sessions.values() if s.token_hash == token_hash), None)

    async def of(self, person_id: str) -> list[Session]:
        """Those of one person."""
        mine = (s for s in self._state.sessions.values() if s.person_id == person_id)
        return sorted(mine, key=lambda each: (each.seen_at, each.id), reverse=True)

    async def seen(self, session_id: str, at: datetime) -> None:
        """It is used."""
        if session_id in self._state.sessions:
            self._state.sessions[session_id] = replace(self._state.sessions[session_id], seen_at=at)

    async def end(self, person_id: str, session_id: str) -> bool:
        """End one."""
        known = self._state.sessions.get(session_id)
        if known is None or known.person_id != person_id:
            return False
        del self._state.sessions[session_id]
        return True

    async def end_all(self, person_id: str, *, beside: str = "") -> int:
        """End the others."""
        ended = [each for each in await self.of(person_id) if each.id != beside]
        for each in ended:
            del self._state.sessions[each.id]
        return len(ended)

    async def clear(self, before: datetime) -> None:
        """Forget old ones."""
        self._state.sessions = {k: s for k, s in self._state.sessions.items() if s.created_at >= before}


class MemorySignIns:
    """Fulfils the port `SignIns`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state.people

    async def fail(self, subject: str, at: datetime) -> Failures:
        """Count one."""
        known = self._state.failures.get(subject, Failures())
        before = known if known.count else Failures()
        self._state.failures[subject] = before.one_more(at)
        return before

    async def take_back(self, subject: str) -> None:
        """One less."""
        known = self._state.failures.get(subject)
        if known is not None:
            self._state.failures[subject] = replace(known, count=max(known.count - 1, 0))

    async def clear(self, subject: str) -> None:
        """Forget them."""
        self._state.failures.pop(subject, None)

    async def forget(self, before: datetime) -> None:
        """Forget old ones."""
        self._state.failures = {
            subject: each
            for subject, each in self._state.failures.items()
            if each.last_at is not None and each.last_at >= before
        }
