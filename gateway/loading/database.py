"""The database of the settings."""

from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.config import Settings
from gateway.errors import ConfigurationError
from gateway.storage.engine import check_shape, open_engine, sqlite_file
from gateway.storage.standing import Standing, standing
from gateway.storage.unit_of_work import Database


def database_url(settings: Settings) -> str:
    """The database's address, a relative SQLite file made absolute beside the configuration."""
    file = sqlite_file(settings.database)
    if file is None:
        return settings.database
    return str(make_url(settings.database).set(database=str(settings.folder / file)))


def database_folder(settings: Settings) -> Path | None:
    """The folder of a SQLite file; None for a server, whose disk is its own."""
    file = sqlite_file(database_url(settings))
    return None if file is None else file.parent


async def open_database(settings: Settings) -> Database:
    """
    The database, checked to be the one that this program expects.

    Raises `ConfigurationError` or `StorageError`.
    """
    return Database((await _checked(settings))[0])


async def database_standing(settings: Settings) -> Standing | None:
    """
    What a PostgreSQL server says about itself, once it has passed every check; None for SQLite.

    Raises `ConfigurationError` or `StorageError`, as `open_database`.
    """
    engine, found = await _checked(settings)
    await engine.dispose()
    return found


async def _checked(settings: Settings) -> tuple[AsyncEngine, Standing | None]:
    """An engine that passed every check, and what a server says; in development a careless disk passes."""
    url = database_url(settings)
    file = sqlite_file(url)
    if file is not None and not file.exists():
        raise ConfigurationError(
            f"the database {file} is missing",
            advice="restore it from the backup, or make a new one: ecites db upgrade --config FILE",
        )
    engine = open_engine(url)
    try:
        await check_shape(engine)
        found = await standing(engine)
        if found is not None:
            found.require(durable=settings.environment != "development")
    except BaseException:
        await engine.dispose()
        raise
    return engine, found
