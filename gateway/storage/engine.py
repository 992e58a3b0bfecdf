"""Opening the database, and whether it is the one that this program expects."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Index, text
from sqlalchemy.dialects import registry
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from gateway.errors import ConfigurationError, StorageError
from gateway.storage.failures import translated
from gateway.storage.postgres import open_postgres
from gateway.storage.sqlite import tune
from gateway.storage.tables import metadata

_MIGRATIONS = Path(__file__).resolve().parent / "migrations"
registry.register("sqlite.loop", "gateway.storage.sqlite", "LoopSQLiteDialect")

MIGRATION_LOCK = 0x65434954
"""Of PostgreSQL's advisory locks, the one of whoever changes the tables: "eCIT" as a number."""

LOCK_SECONDS = 10
"""
How long a change of the tables waits for those who use them.

Whoever comes after it waits behind it, so it must not wait long: better that it fails and is run again.
"""


def open_engine(url: str, *, hurried: bool = True) -> AsyncEngine:
    """
    Open `sqlite:///FILE` or `postgresql://USER@HOST/NAME`; nothing is connected yet.

    Without `hurried` a statement may take as long as it likes, for `upgrade`. Raises `ConfigurationError` for
    anything else.
    """
    if url.startswith("postgresql://"):
        return open_postgres(url, hurried=hurried)
    parsed = _parsed(url)
    if parsed is None or parsed.drivername != "sqlite":
        raise ConfigurationError(
            f"database {_shown(url)} is not supported",
            advice="write sqlite:///FILE (relative to the configuration) or "
            "postgresql://USER:PASSWORD@HOST/NAME",
        )
    engine = create_async_engine(parsed.set(drivername="sqlite+loop"))
    tune(engine)
    return engine


def _parsed(url: str) -> URL | None:
    """The parts of an address; None for what is none."""
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        return None


def _shown(url: str) -> str:
    """An address without what may be a password."""
    scheme, mark, rest = url.partition("://")
    return repr(scheme + mark + rest.partition("?")[0].rpartition("@")[2]) if mark else "without ://"


def sqlite_file(url: str) -> Path | None:
    """The file behind a SQLite address; None for a server, and for what is no address."""
    parsed = _parsed(url)
    if parsed is None or not parsed.database or not parsed.drivername.startswith("sqlite"):
        return None
    return Path(parsed.database)


def _alembic(connection: Connection) -> Config:
    """Alembic's settings, with our connection inside."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


async def upgrade(engine: AsyncEngine) -> None:
    """
    Bring the database to the newest shape, all of it or nothing.

    Two at once are safe: the second waits and finds nothing left to do. Raises `StorageError` when it cannot
    be opened or changed.
    """
    async with _saying("the database cannot be prepared"), engine.begin() as connection:
        await _alone(connection)
        await connection.run_sync(lambda c: command.upgrade(_alembic(c), "head"))


async def _alone(connection: AsyncConnection) -> None:
    """Wait for whoever else is changing the tables; SQLite's one writer has done that already."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
        await connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))


@asynccontextmanager
async def _saying(what: str) -> AsyncIterator[None]:
    """Put in front of an error of the database what it made impossible."""
    try:
        async with translated():
            yield
    except StorageError as error:
        raise StorageError(f"{what}: {error.message}", advice=error.advice) from error


async def check_shape(engine: AsyncEngine) -> None:
    """
    Check that the database has the shape that this program expects.

    Raises `StorageError` when it is missing, behind, or ahead.
    """
    async with _saying("the database does not answer"), engine.connect() as connection:
        current, wanted = await connection.run_sync(_revisions)
    if current is None:
        raise StorageError("the database is empty", advice="run: ecites db upgrade --config FILE")
    if current != wanted:
        raise StorageError(
            f"the database has revision {current}, this program expects {wanted}",
            advice="run: ecites db upgrade --config FILE (or install the program that belongs to it)",
        )


def _revisions(connection: Connection) -> tuple[str | None, str | None]:
    """The revision of the database and the newest one."""
    current = MigrationContext.configure(connection).get_current_revision()
    return current, ScriptDirectory.from_config(_alembic(connection)).get_current_head()


def _is_ours(name: str | None, kind: str, _: object) -> bool:
    """False for the partitions of a table, which are not tables of their own."""
    return kind != "table" or name is None or _PARTITION.fullmatch(name) is None


_PARTITION = re.compile(r"log_[a-z]+_p[0-9_]+")


def _is_made_here(thing: object, *_: object) -> bool:
    """False for an index of a kind that SQLite does not have."""
    return not isinstance(thing, Index) or not thing.dialect_options["postgresql"]["using"]


def _compared(dialect: str) -> dict[str, object]:
    """What of a database is compared with the tables."""
    options: dict[str, object] = {"include_name": _is_ours}
    return options | {"include_object": _is_made_here} if dialect == "sqlite" else options


async def drift(engine: AsyncEngine) -> list[object]:
    """Where the migrated database differs from `tables/`; a test keeps it empty."""
    async with engine.connect() as connection:
        return await connection.run_sync(
            lambda c: list(
                compare_metadata(MigrationContext.configure(c, opts=_compared(c.dialect.name)), metadata)
            )
        )
