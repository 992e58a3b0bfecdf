"""The worker that gives places: woken, on its beat, and never in the way."""

import asyncio

import pytest
from structlog.testing import capture_logs
from support.exchange import log_entry
from support.gateways import SetClock, swiss
from support.memory import MemoryStorage

from gateway.signatures.keyring import Keyring
from gateway.workers import sequencer
from gateway.workers.sequencer import LogSettings, Sequencer


@pytest.fixture
def node(monkeypatch):
    monkeypatch.setattr(sequencer, "GATHER_SECONDS", 0.0)
    monkeypatch.setattr(sequencer, "BEAT_SECONDS", 3600.0)
    return swiss(MemoryStorage(), SetClock())


async def append(node, count=1):
    async with node.storage.write() as transaction:
        await transaction.log.append(*(log_entry(id=node.clock.new_id()) for _ in range(count)))


async def until(met):
    """Let others run until a condition holds."""
    async with asyncio.timeout(10):
        while not met():  # noqa: ASYNC110 - what is waited for is in the storage, which rings no bell
            await asyncio.sleep(0)


@pytest.fixture
async def running(node):
    """A worker that runs; with its task."""
    worker = Sequencer(node, LogSettings())
    task = asyncio.create_task(worker.run())
    yield worker
    task.cancel()


def size(node):
    return node.storage.state.log_head.size if node.storage.state.log_head else 0


async def test_it_is_woken_by_what_was_written(node, running):
    """Long before its beat, each time again; and it signs the first time at once."""
    await append(node)
    running.wake()
    await until(lambda: size(node) == 1)
    await until(lambda: len(node.storage.state.log_checkpoints) == 1)
    await append(node, 3)
    running.wake()
    await until(lambda: size(node) == 4)
    assert len(node.storage.state.log_checkpoints) == 1


async def test_it_looks_by_itself(node, monkeypatch):
    """Entries of another process ring no bell here."""
    monkeypatch.setattr(sequencer, "BEAT_SECONDS", 0.001)
    task = asyncio.create_task(Sequencer(node, LogSettings()).run())
    await append(node)
    await until(lambda: size(node) == 1)
    task.cancel()


async def test_a_checkpoint_is_signed_on_the_beat_and_only_when_something_was_added(node):
    """With a beat that is always over; without one, the second entry waits for it."""
    eager = Sequencer(node, LogSettings(checkpoint_seconds=1e-9))
    for added, signed in ((1, 1), (0, 1), (2, 2)):
        await append(node, added)
        await eager.round()
        assert len(node.storage.state.log_checkpoints) == signed


async def test_a_failure_is_told_and_the_next_round_comes(node, monkeypatch):
    """A database that fails once: the entry gets its place in the round after."""
    monkeypatch.setattr(sequencer, "AGAIN_SECONDS", 0.0)
    await append(node)
    node.storage.fail_next_writes = 1
    with capture_logs() as logs:
        task = asyncio.create_task(Sequencer(node, LogSettings()).run())
        await until(lambda: size(node) == 1)
        task.cancel()
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["log_not_placed"]


async def test_a_mistake_of_ours_does_not_end_it(node, monkeypatch):
    """Whatever is raised in a round."""
    monkeypatch.setattr(sequencer, "AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(sequencer, "place_waiting", lambda _: 1 / 0)
    with capture_logs() as logs:
        task = asyncio.create_task(Sequencer(node, LogSettings()).run())
        await until(lambda: len(logs) > 1)
        task.cancel()
    assert {line["event"] for line in logs} == {"log_not_placed"}


async def test_without_a_key_entries_get_their_places(node, monkeypatch):
    """Signing fails and is told once for each beat; the next rounds place as before."""
    monkeypatch.setattr(sequencer, "AGAIN_SECONDS", 0.0)
    node.keys = Keyring(())
    with capture_logs() as logs:
        worker = Sequencer(node, LogSettings())
        task = asyncio.create_task(worker.run())
        await append(node)
        worker.wake()
        await until(lambda: size(node) == 1)
        await append(node)
        worker.wake()
        await until(lambda: size(node) == 2)
        task.cancel()
    assert [line["code"] for line in logs] == ["key_material_error"]


async def test_what_waits_too_long_is_told_once(node, monkeypatch):
    """And once more when it is over: an operator reads two lines, not one for each beat."""

    async def nothing(_):
        return 0

    await append(node)
    node.clock.forward(minutes=6)
    worker = Sequencer(node, LogSettings())
    with capture_logs() as logs:
        with monkeypatch.context() as patched:
            patched.setattr(sequencer, "place_waiting", nothing)
            await worker.round()
            await worker.round()
        await worker.round()
    assert [(line["log_level"], line["event"]) for line in logs] == [
        ("error", "log_places_late"),
        ("info", "log_places_in_time"),
    ]
    assert logs[0]["oldest_seconds"] == 360


async def test_at_the_end_what_was_written_last_gets_its_place(node):
    """And a database that fails by then is told, and holds up nobody."""
    await append(node)
    worker = Sequencer(node, LogSettings())
    node.storage.fail_next_writes = 1
    with capture_logs() as logs:
        await worker.finish()
        assert (size(node), len(logs)) == (0, 1)
        await worker.finish()
    assert size(node) == 1


def test_a_beat_of_nothing_is_refused():
    with pytest.raises(ValueError, match="checkpoint_seconds"):
        LogSettings(checkpoint_seconds=0)


async def test_between_two_beats_nothing_is_signed(node):
    """However often something is added: a busy gateway signs once a minute."""
    worker = Sequencer(node, LogSettings())
    for _ in range(3):
        await append(node)
        await worker.round()
    assert (size(node), len(node.storage.state.log_checkpoints)) == (3, 1)
