"""
PostgreSQL: how a connection is opened, how many there are, and what each of them promises.

The address goes to the driver as it is, so everything that `libpq` understands counts: several hosts with
`target_session_attrs`, `sslmode` and `sslrootcert`, a service file, `PGPASSWORD` and `~/.pgpass`.
"""

from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from gateway.storage.failures import cannot_connect

CONNECT_SECONDS = 10.0
"""A server that is there answers in milliseconds; our callers must not wait long for one that is not."""

STATEMENT_SECONDS = 30.0
"""Our statements read and write by key; a longer one waits for a lock or a disk that will not come."""

ANSWER_SECONDS = 45.0
"""After this the network counts as dead; longer than `STATEMENT_SECONDS`: the server speaks first."""

IDLE_SECONDS = 60.0
"""A process that stands still inside a transaction loses it, so that its locks do not hold up the others."""

CONNECTIONS = 10
"""Per process, the listener included; a server takes 100 by default, and a person at psql needs one."""


def open_postgres(url: str, *, hurried: bool = True) -> AsyncEngine:
    """
    A pool of connections to the server of `url` (`postgresql://...`); nothing is connected yet.

    A connection is tried before it is used, so the pool recovers by itself when the server was away. Without
    `hurried` a statement may take as long as it likes: a migration does.
    """

    async def connect() -> "asyncpg.Connection[Any]":
        settings = {"application_name": "ecites", "timezone": "UTC"}
        if hurried:
            settings["statement_timeout"] = _milliseconds(STATEMENT_SECONDS)
            settings["idle_in_transaction_session_timeout"] = _milliseconds(IDLE_SECONDS)
        try:
            return await asyncpg.connect(
                url,
                timeout=CONNECT_SECONDS,
                command_timeout=ANSWER_SECONDS if hurried else None,
                server_settings=settings,
            )
        except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise cannot_connect(error, url) from error

    return create_async_engine(
        "postgresql+asyncpg://",
        isolation_level="READ COMMITTED",
        async_creator=connect,
        pool_pre_ping=True,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=CONNECT_SECONDS,
    )


def _milliseconds(seconds: float) -> str:
    """As a setting of the server is written."""
    return str(int(seconds * 1000))
