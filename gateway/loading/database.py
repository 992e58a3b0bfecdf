"""The database of the settings."""

from sqlalchemy.engine import make_url

from gateway.config import Settings
from gateway.errors import ConfigurationError
from gateway.storage.engine import check_shape, open_engine, sqlite_file
from gateway.storage.unit_of_work import Database


def database_url(settings: Settings) -> str:
    """The database's address, a relative SQLite file made absolute beside the configuration."""
    file = sqlite_file(settings.database)
    if file is None:
        return settings.database
    return str(make_url(settings.database).set(database=str(settings.folder / file)))


async def open_database(settings: Settings) -> Database:
    """
    The database, checked to be the one that this program expects.

    Raises `ConfigurationError` or `StorageError`.
    """
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
    except BaseException:
        await engine.dispose()
        raise
    return Database(engine)
