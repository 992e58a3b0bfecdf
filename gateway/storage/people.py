"""Accounts of the console."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import case, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.people.account import Account
from gateway.people.person import Person, name_key
from gateway.people.rights import Post
from gateway.storage.once import insert_once
from gateway.storage.rows import authority
from gateway.storage.tables import people, recovery_codes


class PeopleTable:
    """Fulfils the port `People`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Works inside the transaction of `connection`."""
        self._connection = connection

    async def add(self, account: Account) -> bool:
        """Keep an account unless its name is taken."""
        row = _values(account) | {"id": account.person.id, "name_key": name_key(account.person.name)}
        return await insert_once(self._connection, people, [row]) == 1

    async def get(self, person_id: str, *, to_change: bool = False) -> Account | None:
        """The account with that id; SQLite has one writer at a time and needs no lock."""
        statement = select(people).where(people.c.id == person_id)
        found = await self._connection.execute(statement.with_for_update() if to_change else statement)
        row = found.one_or_none()
        return _account(row) if row is not None else None

    async def by_name(self, name: str) -> Account | None:
        """The account with that name."""
        found = await self._connection.execute(select(people).where(people.c.name_key == name_key(name)))
        row = found.one_or_none()
        return _account(row) if row is not None else None

    async def all(self) -> list[Account]:
        """Every account."""
        rows = await self._connection.execute(select(people).order_by(people.c.name_key))
        return [_account(row) for row in rows]

    async def put(self, account: Account) -> None:
        """Write an account."""
        values = _values(account)
        step = values.pop("totp_step")
        grown = case((people.c.totp_step < step, step), else_=people.c.totp_step)
        await self._connection.execute(
            update(people).where(people.c.id == account.person.id).values(**values, totp_step=grown)
        )

    async def use_step(self, person_id: str, step: int) -> bool:
        """Take a code; the row is changed by one of two who try at once."""
        done = await self._connection.execute(
            update(people).where(people.c.id == person_id, people.c.totp_step < step).values(totp_step=step)
        )
        return done.rowcount == 1

    async def put_recovery_codes(self, person_id: str, hashes: Collection[str]) -> None:
        """In the place of those before."""
        await self._connection.execute(delete(recovery_codes).where(recovery_codes.c.person_id == person_id))
        if hashes:
            await self._connection.execute(
                insert(recovery_codes), [{"person_id": person_id, "code_hash": each} for each in hashes]
            )

    async def use_recovery_code(self, person_id: str, code_hash: str) -> bool:
        """Take one away."""
        done = await self._connection.execute(
            delete(recovery_codes).where(
                recovery_codes.c.person_id == person_id, recovery_codes.c.code_hash == code_hash
            )
        )
        return done.rowcount == 1

    async def recovery_codes_left(self, person_id: str) -> int:
        """How many there are."""
        found = await self._connection.execute(
            select(func.count()).select_from(recovery_codes).where(recovery_codes.c.person_id == person_id)
        )
        return int(found.scalar_one())


def _values(account: Account) -> dict[str, Any]:
    """Every column but the keys."""
    person = account.person
    return {
        "name": person.name,
        "post": person.post.value,
        "authorities": " ".join(sorted(map(str, person.authorities))),
        "language": person.language,
        "created_at": person.created_at,
        "disabled_at": person.disabled_at,
        "password_hash": account.password_hash,
        "password_at": account.password_at,
        "initial_until": account.initial_until,
        "totp_secret": account.secret,
        "totp_step": account.step,
        "enrolled_at": account.enrolled_at,
        "vouched_by": account.vouched_by,
    }


def _account(row: Any) -> Account:
    """From a row."""
    person = Person(
        id=row.id,
        name=row.name,
        post=Post(row.post),
        authorities=frozenset(authority(each) for each in row.authorities.split()),
        language=row.language,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
    )
    return Account(
        person=person,
        password_hash=row.password_hash,
        password_at=row.password_at,
        initial_until=row.initial_until,
        secret=bytes(row.totp_secret),
        enrolled_at=row.enrolled_at,
        step=row.totp_step,
        vouched_by=row.vouched_by,
    )
