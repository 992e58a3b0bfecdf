"""Opening the database, and whether it is the one that this program expects."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.dialects import registry
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from gateway.errors import ConfigurationError, StorageError
from gateway.storage.sqlite import tune
from gateway.storage.tables import metadata

_DRIVERS = {"sqlite": "sqlite+loop"}
_MIGRATIONS = Path(__file__).resolve().parent / "migrations"
registry.register("sqlite.loop", "gateway.storage.sqlite", "LoopSQLiteDialect")


def open_engine(url: str) -> AsyncEngine:
    """
    Open `sqlite:///FILE`.

    Raises `ConfigurationError` for anything else. Nothing is connected yet.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.drivername not in _DRIVERS:
        raise ConfigurationError(
            f"database {url!r} is not supported",
            advice="write sqlite:///FILE (relative to the configuration)",
        )
    engine = create_async_engine(parsed.set(drivername=_DRIVERS[parsed.drivername]))
    if parsed.drivername == "sqlite":
        tune(engine)
    return engine


def sqlite_file(url: str) -> Path | None:
    """The file behind a SQLite address; None for a server."""
    parsed = make_url(url)
    return Path(parsed.database) if parsed.drivername.startswith("sqlite") and parsed.database else None


def _alembic(connection: Connection) -> Config:
    """Alembic's settings, with our connection inside."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


async def upgrade(engine: AsyncEngine) -> None:
    """
    Bring the database to the newest shape.

    Raises `StorageError` when it cannot be opened or changed.
    """
    try:
        async with engine.connect() as connection:
            await connection.run_sync(lambda c: command.upgrade(_alembic(c), "head"))
            await connection.commit()
    except SQLAlchemyError as error:
        raise StorageError(f"the database cannot be prepared: {error}") from error


async def check_shape(engine: AsyncEngine) -> None:
    """
    Check that the database has the shape that this program expects.

    Raises `StorageError` when it is missing, behind, or ahead.
    """
    try:
        async with engine.connect() as connection:
            current, wanted = await connection.run_sync(_revisions)
    except SQLAlchemyError as error:
        raise StorageError(
            f"the database does not answer: {error}", advice="check its address, and that it is running"
        ) from error
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


async def drift(engine: AsyncEngine) -> list[object]:
    """Where the migrated database differs from `tables.py`; a test keeps it empty."""
    async with engine.connect() as connection:
        return await connection.run_sync(
            lambda c: list(compare_metadata(MigrationContext.configure(c), metadata))
        )
