"""Visits to the console, and failures to begin one."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.people.lockout import Failures
from gateway.people.sessions import Session, Stage
from gateway.storage.once import insert_once
from gateway.storage.tables import sessions, sign_in_failures


class SessionTable:
    """Fulfils the port `Sessions`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Works inside the transaction of `connection`."""
        self._connection = connection

    async def add(self, session: Session) -> None:
        """Keep one."""
        await self._connection.execute(
            insert(sessions),
            {
                "id": session.id,
                "token_hash": session.token_hash,
                "person_id": session.person_id,
                "stage": session.stage.value,
                "created_at": session.created_at,
                "seen_at": session.seen_at,
                "address": session.address,
                "agent": session.agent,
            },
        )

    async def find(self, token_hash: str) -> Session | None:
        """The session whose cookie has that hash."""
        found = await self._connection.execute(select(sessions).where(sessions.c.token_hash == token_hash))
        row = found.one_or_none()
        return _session(row) if row is not None else None

    async def of(self, person_id: str) -> list[Session]:
        """Those of one person."""
        rows = await self._connection.execute(
            select(sessions)
            .where(sessions.c.person_id == person_id)
            .order_by(sessions.c.seen_at.desc(), sessions.c.id.desc())
        )
        return [_session(row) for row in rows]

    async def seen(self, session_id: str, at: datetime) -> None:
        """It is used."""
        await self._connection.execute(update(sessions).where(sessions.c.id == session_id).values(seen_at=at))

    async def end(self, person_id: str, session_id: str) -> bool:
        """End one."""
        done = await self._connection.execute(
            delete(sessions).where(sessions.c.person_id == person_id, sessions.c.id == session_id)
        )
        return done.rowcount == 1

    async def end_all(self, person_id: str, *, beside: str = "") -> int:
        """End the others."""
        done = await self._connection.execute(
            delete(sessions).where(sessions.c.person_id == person_id, sessions.c.id != beside)
        )
        return done.rowcount

    async def clear(self, before: datetime) -> None:
        """Forget old ones."""
        await self._connection.execute(delete(sessions).where(sessions.c.created_at < before))


class SignInTable:
    """Fulfils the port `SignIns`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Works inside the transaction of `connection`."""
        self._connection = connection

    async def fail(self, subject: str, at: datetime) -> Failures:
        """Count one; the row is locked until the transaction ends, also a row that was not there."""
        await insert_once(
            self._connection, sign_in_failures, [{"subject": subject, "failures": 0, "last_at": at}]
        )
        mine = sign_in_failures.c.subject == subject
        found = await self._connection.execute(select(sign_in_failures).where(mine).with_for_update())
        row = found.one()
        before = Failures(row.failures, row.last_at if row.failures else None)
        more = before.one_more(at)
        await self._connection.execute(
            update(sign_in_failures).where(mine).values(failures=more.count, last_at=more.last_at)
        )
        return before

    async def take_back(self, subject: str) -> None:
        """One less."""
        mine = (sign_in_failures.c.subject == subject) & (sign_in_failures.c.failures > 0)
        one_less = sign_in_failures.c.failures - 1
        await self._connection.execute(update(sign_in_failures).where(mine).values(failures=one_less))

    async def clear(self, subject: str) -> None:
        """Forget them."""
        await self._connection.execute(delete(sign_in_failures).where(sign_in_failures.c.subject == subject))

    async def forget(self, before: datetime) -> None:
        """Forget old ones."""
        await self._connection.execute(delete(sign_in_failures).where(sign_in_failures.c.last_at < before))


def _session(row: Any) -> Session:
    """From a row."""
    return Session(
        id=row.id,
        token_hash=row.token_hash,
        person_id=row.person_id,
        stage=Stage(row.stage),
        created_at=row.created_at,
        seen_at=row.seen_at,
        address=row.address,
        agent=row.agent,
    )
