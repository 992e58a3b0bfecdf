"""The ports through which flows keep accounts, sessions and failures to sign in."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from gateway.people.account import Account
from gateway.people.lockout import Failures
from gateway.people.sessions import Session


class People(Protocol):
    """Accounts and their recovery codes."""

    async def add(self, account: Account) -> bool:
        """Keep an account; False, and nothing kept, when the name is taken, in whatever case."""

    async def get(self, person_id: str, *, to_change: bool = False) -> Account | None:
        """The account with that id; nobody else changes it before this transaction ends, if `to_change`."""

    async def by_name(self, name: str) -> Account | None:
        """The account with that name, in whatever case."""

    async def all(self) -> list[Account]:
        """Every account, by name."""

    async def put(self, account: Account) -> None:
        """Write an account that was read to be changed in this transaction; `step` only ever grows."""

    async def use_step(self, person_id: str, step: int) -> bool:
        """Take a code of that time step; False when one of it, or a later one, was taken before."""

    async def put_recovery_codes(self, person_id: str, hashes: Collection[str]) -> None:
        """These and no others are good from now on."""

    async def use_recovery_code(self, person_id: str, code_hash: str) -> bool:
        """Take a recovery code away; False when there is none."""

    async def recovery_codes_left(self, person_id: str) -> int:
        """How many are still good."""


class Sessions(Protocol):
    """Visits to the console."""

    async def add(self, session: Session) -> None:
        """Keep one."""

    async def find(self, token_hash: str) -> Session | None:
        """The session whose cookie has that hash, ended by itself or not."""

    async def of(self, person_id: str) -> list[Session]:
        """Those of one person, the one that was used last first."""

    async def seen(self, session_id: str, at: datetime) -> None:
        """It is used at a moment."""

    async def end(self, person_id: str, session_id: str) -> bool:
        """End one session of a person; False when they have none with that id."""

    async def end_all(self, person_id: str, *, beside: str = "") -> int:
        """End every session of a person but the one with the id `beside`; how many."""

    async def clear(self, before: datetime) -> None:
        """Forget those that began before a moment."""


class SignIns(Protocol):
    """Failures to sign in, by account and by address."""

    async def fail(self, subject: str, at: datetime) -> Failures:
        """
        Count a failure before anybody knows whether it will be one; what stood there before.

        Until this transaction ends nobody else counts for the subject: attempts at the same moment queue.
        """

    async def take_back(self, subject: str) -> None:
        """The last one was none."""

    async def clear(self, subject: str) -> None:
        """It was none, and those before are forgotten."""

    async def forget(self, before: datetime) -> None:
        """Forget what failed before a moment."""
