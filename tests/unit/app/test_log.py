"""A running gateway gives places to what is logged, signs it, and leaves nothing waiting when it stops."""

import asyncio
from pathlib import Path

import pytest
from support.exchange import log_entry

from gateway import app, clock
from gateway.app import Duty, running
from gateway.cli.folder import make_folder
from gateway.config import Settings, load
from gateway.loading.database import open_database
from gateway.messagelog.checkpoint import read_notes
from gateway.permits.identity import AuthorityId
from gateway.storage.checkpoint_file import CheckpointFile
from gateway.web.server import make_application
from gateway.workers import sequencer

PATIENCE = 20.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Those of a fresh working folder."""
    return load(make_folder(tmp_path / "ch", [AuthorityId.parse("CH:MA")], port=0).config, {})


async def unplaced(settings: Settings) -> tuple[int, int]:
    """How many entries have their place, and how many wait."""
    database = await open_database(settings)
    try:
        async with database.read() as transaction:
            head = await transaction.log_tree.head()
            return (head.size if head else 0), (await transaction.log_tree.unplaced()).count
    finally:
        await database.close()


async def append(storage) -> None:
    """One entry."""
    async with storage.write() as transaction:
        await transaction.log.append(log_entry(id=clock.new_id(), at=clock.now()))


async def test_what_is_logged_gets_its_place_and_is_signed(settings, monkeypatch):
    """Woken by the commit alone: its beat would come in an hour; the checkpoint lies beside the database."""
    monkeypatch.setattr(sequencer, "BEAT_SECONDS", 3600.0)
    nodes, kept, real = [], asyncio.Event(), CheckpointFile.append

    def noting(node, *told, **options):
        nodes.append(node)
        return make_application(node, *told, **options)

    monkeypatch.setattr(app, "make_application", noting)

    def append_and_tell(self, note):
        real(self, note)
        kept.set()

    monkeypatch.setattr(CheckpointFile, "append", append_and_tell)
    async with asyncio.timeout(PATIENCE), running(settings):
        await append(nodes[0].storage)
        await kept.wait()
    (note,) = read_notes((settings.folder / "checkpoints.txt").read_bytes())
    assert note.checkpoint.size == 1
    assert await unplaced(settings) == (1, 0)


@pytest.mark.parametrize("duty", list(Duty))
async def test_what_was_written_last_gets_its_place_too(settings, monkeypatch, duty):
    """By a process of any duty, also when it had no time to look."""
    database = await open_database(settings)
    await append(database)
    await database.close()

    async def nothing(self):
        await asyncio.Event().wait()

    monkeypatch.setattr(sequencer.Sequencer, "run", nothing)
    async with asyncio.timeout(PATIENCE), running(settings, duty):
        pass
    assert await unplaced(settings) == (1, 0)
