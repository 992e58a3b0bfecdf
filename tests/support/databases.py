"""SQLite files of the newest shape, without running the migrations for each of a thousand tests."""

import asyncio
from pathlib import Path

from gateway.storage.engine import open_engine, upgrade

_MADE: dict[str, bytes] = {}
"""What the migrations have made, once for a process; they have tests of their own."""


async def migrated(file: Path) -> str:
    """Make a new and empty database; its address."""
    address = f"sqlite:///{file}"
    if _MADE:
        await asyncio.to_thread(file.write_bytes, _MADE["empty"])
        return address
    engine = open_engine(address)
    try:
        await upgrade(engine)
    finally:
        await engine.dispose()
    _MADE["empty"] = await asyncio.to_thread(file.read_bytes)
    return address
