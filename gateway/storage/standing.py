"""How a PostgreSQL server stands to what the gateway promises: its clock, its disk, its letters."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.errors import StorageError
from gateway.storage.failures import translated
from gateway.storage.tables import Moment


@dataclass(frozen=True, slots=True)
class Standing:
    """What a server says about itself, to this user and in this database."""

    time: datetime
    """By its clock, in the middle of the question as good as it can be known."""
    encoding: str
    careless: tuple[str, ...]
    """Settings with which a commit is not on the disk when the server says that it is."""

    def require(self, *, durable: bool) -> None:
        """
        Refuse a server on which promises would be broken.

        Raises `StorageError` for letters that cannot be kept, and, when `durable`, for commits that a power
        cut takes back.
        """
        if self.encoding != "UTF8":
            raise StorageError(
                f"the database has the encoding {self.encoding}, which cannot keep every name",
                advice="make another one: createdb --encoding UTF8 --template template0 NAME",
            )
        if durable and self.careless:
            raise StorageError(
                f"the database says that it loses commits in a power cut: {', '.join(self.careless)}",
                advice="switch it on: what the gateway acknowledges must be on the disk",
            )


async def standing(engine: AsyncEngine) -> Standing | None:
    """
    Ask the server; None for SQLite, whose file is opened the way we want it.

    Raises `StorageError`.
    """
    if engine.dialect.name == "sqlite":
        return None
    async with translated(), engine.connect() as connection:
        time = (await connection.execute(select(func.clock_timestamp(type_=Moment)))).scalar_one()
        said = {
            name: (await connection.execute(text(f"SHOW {name}"))).scalar_one()
            for name in ("server_encoding", "fsync", "synchronous_commit")
        }
    careless = tuple(f"{name} = off" for name in ("fsync", "synchronous_commit") if said[name] == "off")
    return Standing(time, said["server_encoding"], careless)
