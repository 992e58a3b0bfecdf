"""Files that change under a running gateway."""

import asyncio

import pytest
from structlog.testing import capture_logs

from gateway.errors import KeyMaterialError
from gateway.workers import file_watch
from gateway.workers.file_watch import FileWatch


@pytest.fixture
def file(tmp_path):
    """A file that is watched."""
    path = tmp_path / "keys.toml"
    path.write_text("old")
    return path


class Reader:
    """Counts how often the files were taken in; can be told that they are broken."""

    def __init__(self):
        """Nothing is broken."""
        self.loads = 0
        self.broken = False

    async def __call__(self):
        """Take in."""
        if self.broken:
            raise KeyMaterialError("the key is cut off", advice="restore it")
        self.loads += 1


async def test_a_changed_file_is_read_once(file):
    """Not at first, because the gateway has just read it; once after each change, also when it goes."""
    reader = Reader()
    watch = FileWatch("keys", lambda: [file], reader)
    await watch.look()
    assert reader.loads == 0
    file.write_text("something new")
    with capture_logs() as logs:
        await watch.look()
        await watch.look()
    assert reader.loads == 1
    assert [(line["event"], line["what"]) for line in logs] == [("reloaded", "keys")]
    file.unlink()
    await watch.look()
    assert reader.loads == 2


async def test_a_folder_stands_for_every_file_in_it(tmp_path, file):
    """A file that comes, changes its size or goes is a change; a folder that is not there yet is no error."""
    folder, reader = tmp_path / "partners.d", Reader()
    watch = FileWatch("partners", lambda: [file, folder], reader)
    folder.mkdir()
    await watch.look()
    assert reader.loads == 0
    for step, act in enumerate(
        (
            lambda: (folder / "fr.toml").write_text("a"),
            lambda: (folder / "fr.toml").write_text("ab"),
            (folder / "fr.toml").unlink,
        ),
        start=1,
    ):
        act()
        await watch.look()
        await watch.look()
        assert reader.loads == step


async def test_broken_files_leave_what_is_in_use(file):
    """It is said once with what to do, and tried again until it is mended."""
    reader = Reader()
    watch = FileWatch("keys", lambda: [file], reader)
    reader.broken = True
    file.write_text("something new")
    with capture_logs() as logs:
        await watch.look()
        await watch.look()
        reader.broken = False
        await watch.look()
        await watch.look()
    assert [line["event"] for line in logs] == ["not_reloaded", "reloaded"]
    assert (logs[0]["error"], logs[0]["advice"]) == ("the key is cut off", "restore it")
    assert reader.loads == 1


async def test_a_mistake_does_not_end_the_watch(file, monkeypatch):
    """Whatever happens in one round, the next one comes."""
    monkeypatch.setattr(file_watch, "POLL_SECONDS", 0.0)
    rounds = []
    enough = asyncio.Event()

    async def take_in():
        rounds.append(1)
        if len(rounds) == 2:
            enough.set()
        raise ZeroDivisionError

    watch = FileWatch("keys", lambda: [file], take_in)
    file.write_text("something new")
    with capture_logs() as logs:
        task = asyncio.create_task(watch.run())
        async with asyncio.timeout(10):
            await enough.wait()
        task.cancel()
    assert len(rounds) >= 2
    assert logs[0]["event"] == "watch_failed"
