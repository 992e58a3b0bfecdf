"""Keys that change under a running gateway, and warnings once a day."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from support.gateways import SetClock
from support.keys import NOW, seal

from gateway.errors import KeyMaterialError
from gateway.workers import key_watch
from gateway.workers.key_watch import KeyWatch


@pytest.fixture
def clock():
    """A clock that is set by hand."""
    return SetClock()


@pytest.fixture
def file(tmp_path):
    """The file of the keys."""
    path = tmp_path / "keys.toml"
    path.write_text("old")
    return path


def watching(clock, file, reload=lambda at: None, certificates=()):
    """A watch over one file."""
    return KeyWatch(clock, file, reload, lambda: certificates)


async def test_a_changed_file_is_read_once(clock, file):
    """Not at first, because the gateway has just read it; once after each change, also when it appears."""
    loads = []
    watch = watching(clock, file, loads.append)
    await watch.look()
    assert loads == []
    file.write_text("something new")
    with capture_logs() as logs:
        await watch.look()
        await watch.look()
    assert len(loads) == 1
    assert [line["event"] for line in logs] == ["keys_reloaded"]
    file.unlink()
    await watch.look()
    assert len(loads) == 2


async def test_broken_keys_leave_those_in_use(clock, file):
    """It is said once with what to do, and tried again until it is mended."""
    broken = [True]

    def reload(at):
        if broken:
            raise KeyMaterialError("the key is cut off", advice="restore it")

    watch = watching(clock, file, reload)
    file.write_text("something new")
    with capture_logs() as logs:
        await watch.look()
        await watch.look()
        broken.clear()
        await watch.look()
        await watch.look()
    assert [line["event"] for line in logs] == ["keys_not_reloaded", "keys_reloaded"]
    assert (logs[0]["error"], logs[0]["advice"]) == ("the key is cut off", "restore it")


async def test_a_certificate_that_ends_is_told_once_a_day(clock, file):
    """At the start, and again on the next day; more urgent when it is an error."""
    watch = watching(clock, file, certificates=[("ch-ma", seal(days=30).certificate)])
    with capture_logs() as logs:
        await watch.look()
        await watch.look()
        clock.forward(days=1)
        await watch.look()
        clock.forward(days=28, hours=1)
        await watch.look()
    assert [(line["log_level"], line["rule"]) for line in logs] == [
        ("warning", "keys.expires-in-30"),
        ("warning", "keys.expires-in-30"),
        ("error", "keys.expires-in-1"),
    ]
    assert "ch-ma" in logs[0]["text"]
    assert clock.now() > NOW + timedelta(days=29)


async def test_a_mistake_does_not_end_the_watch(clock, file, monkeypatch):
    """Whatever happens in one round, the next one comes."""
    monkeypatch.setattr(key_watch, "POLL_SECONDS", 0.0)
    rounds = []
    enough = asyncio.Event()

    def certificates():
        rounds.append(1)
        clock.forward(days=1)
        if len(rounds) == 2:
            enough.set()
        raise ZeroDivisionError

    watch = KeyWatch(clock, file, lambda at: None, certificates)
    with capture_logs() as logs:
        task = asyncio.create_task(watch.run())
        async with asyncio.timeout(10):
            await enough.wait()
        task.cancel()
    assert len(rounds) >= 2
    assert logs[0]["event"] == "key_watch_failed"
