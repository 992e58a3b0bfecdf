"""Logs, metrics, console and alerts that fail or hang: a permit still goes, with its receipt (promise 9)."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import prometheus_client
import pytest
import structlog
from support.exchange import delivery
from support.mail import mail_server
from support.waiting import start, until
from support.webhooks import SECRET

from gateway import clock
from gateway.app import running
from gateway.cli.demonstration import permits
from gateway.cli.demonstration.client import Client
from gateway.cli.demonstration.network import DemoNode, make_network
from gateway.config import load
from gateway.exchange.delivery import DeliveryState
from gateway.messagelog.query import LogQuery
from gateway.storage.engine import open_engine
from gateway.storage.unit_of_work import Database
from gateway.telemetry.logs import set_up

pytestmark = pytest.mark.e2e

NUMBER = "CH/2026/000777"
FULL = '[log]\ncheckpoint_seconds = 0.05\ncheckpoint_file = "/dev/full"'


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def untouched_logs() -> Iterator[None]:
    """Whatever a test configures is gone after it."""
    config = structlog.get_config()
    yield
    structlog.configure(**config)
    structlog.contextvars.clear_contextvars()


@asynccontextmanager
async def both(nodes: dict[str, DemoNode]) -> AsyncIterator[None]:
    """Two gateways in this process, so that a test can break what they call."""
    async with AsyncExitStack() as stack:
        for node in nodes.values():
            await stack.enter_async_context(running(load(node.config, {})))
        yield


async def travels(nodes: dict[str, DemoNode], session: aiohttp.ClientSession, number: str = NUMBER) -> None:
    """A permit is submitted, delivered with a receipt, and lies once in each inbox of the other side."""
    made = Client(session, nodes["CH"], "CH:MA")
    status, answer = await made.submit(permits.make_permit(number, permits.LEATHER, clock.now()))
    assert status == 202, answer

    async def done() -> dict[str, Any] | None:
        followed = await made.follow(str(answer["id"]))
        found: dict[str, Any] = next(each for each in followed["deliveries"] if each["partner"])
        return found if found["state"] not in ("queued", "sending") else None

    settled = await until(done, "the delivery is settled")
    assert settled["state"].startswith("delivered")
    assert await made.receipt(settled["id"])
    for authority in ("FR:MA", "FR:CUSTOMS"):
        taken = await Client(session, nodes["FR"], authority).inbox()
        assert [each["number"] for each in taken].count(number) == 1


def full_pipe() -> tuple[int, int]:
    """Both ends of a pipe that takes nothing more, and that nobody reads."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writing, b"x" * 65536)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writing, b"x")
    os.set_blocking(writing, True)
    return reading, writing


@pytest.mark.parametrize("how", ["full", "closed"])
async def test_standard_error_takes_nothing(how: str, tmp_path: Path, session: aiohttp.ClientSession) -> None:
    """Real processes whose standard error is a pipe that nobody reads, or is closed."""
    nodes = await asyncio.to_thread(make_network, tmp_path, ["CH", "FR"])
    reading, writing = full_pipe()
    try:
        for node in nodes.values():
            command = [sys.executable, "-m", "gateway", "serve", "--config", str(node.config)]
            if how == "closed":
                command = ["sh", "-c", 'exec "$@" 2>&-', "sh", *command]
            node.process = subprocess.Popen(  # noqa: S603, ASYNC220 - our own program; it takes no time
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=writing
            )
        for node in nodes.values():
            await node.ready(session)
        await travels(nodes, session)
    finally:
        for node in nodes.values():
            await asyncio.to_thread(node.kill)
        os.close(reading)
        os.close(writing)


async def test_metrics_raise_on_every_call(
    tmp_path: Path, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing can be counted, and nothing is missed."""
    calls = []

    def broken(*_: object, **__: object) -> None:
        calls.append(1)
        raise ZeroDivisionError

    nodes = await asyncio.to_thread(make_network, tmp_path, ["CH", "FR"])
    async with both(nodes):
        for kind, name in (
            (prometheus_client.Counter, "inc"),
            (prometheus_client.Histogram, "observe"),
            (prometheus_client.Counter, "labels"),
            (prometheus_client.Histogram, "labels"),
        ):
            monkeypatch.setattr(kind, name, broken)
        await travels(nodes, session)
    assert calls


@pytest.mark.usefixtures("untouched_logs")
async def test_the_lines_of_the_log_cannot_be_made(
    tmp_path: Path, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step that makes a line raises each time."""
    calls = []

    def broken(*_: object) -> str:
        calls.append(1)
        raise ZeroDivisionError

    monkeypatch.setattr(structlog.processors.JSONRenderer, "__call__", broken)
    nodes = await asyncio.to_thread(make_network, tmp_path, ["CH", "FR"])
    with (tmp_path / "log").open("w", encoding="utf-8") as file:
        set_up(file=file)
        async with both(nodes):
            await travels(nodes, session)
        assert calls


async def test_alerts_that_nobody_takes(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    """A webhook that never answers and a mail server that drips, asked again and again."""
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    secret.write_text(SECRET, encoding="ascii")
    asked = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a request and say nothing."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            asked.set()
            await reader.read()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with mail_server(drips=True) as box:
        nodes = await asyncio.to_thread(
            make_network,
            tmp_path,
            ["CH", "FR"],
            extra=f'[alerts]\nbeat_seconds = 0.05\n[alerts.webhook]\nurl = "http://127.0.0.1:{port}/"\n'
            f'secrets = ["{secret}"]\n[alerts.mail]\nhost = "127.0.0.1"\nport = {box.port}\n'
            "starttls = false\n"
            'sender = "a@b.invalid"\nto = ["c@d.invalid"]\nseconds = 5.0\n',
        )
        database = Database(open_engine(f"sqlite:///{nodes['CH'].folder / 'ecites.db'}"))
        async with database.write() as transaction:
            await transaction.deliveries.add([delivery(state=DeliveryState.DEAD, next_attempt_at=None)])
        await database.close()
        async with both(nodes):
            await asked.wait()
            await box.dripped.wait()
            await travels(nodes, session)
    server.close()


async def test_a_console_that_hangs(
    tmp_path: Path, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages for people that never come, asked for by many, hold up no message."""
    hanging = 0

    async def hang(*_: object, **__: object) -> None:
        nonlocal hanging
        hanging += 1
        await asyncio.Event().wait()

    monkeypatch.setattr("gateway.web.check.show_page", hang)
    monkeypatch.setattr("gateway.web.check.show_style", hang)
    nodes = await asyncio.to_thread(make_network, tmp_path, ["CH", "FR"])
    async with both(nodes):
        waiting = [
            asyncio.create_task(_asked(session, f"{node.url}{path}"))
            for node in nodes.values()
            for path in ("/check", "/check.css")
            for _ in range(20)
        ]
        await until(lambda: hanging == len(waiting), "all of them hang")
        await travels(nodes, session)
        assert not [task for task in waiting if task.done()]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def _asked(session: aiohttp.ClientSession, url: str) -> None:
    """Ask for a page and wait for it."""
    async with session.get(url) as answer:
        await answer.read()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
async def test_the_disk_of_the_checkpoints_is_full(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    """No checkpoint can be kept beside the database; the log grows, and the permit goes."""
    nodes = await asyncio.to_thread(
        make_network,
        tmp_path,
        ["CH", "FR"],
        extra='[log]\ncheckpoint_seconds = 0.05\ncheckpoint_file = "/dev/full"',
    )
    async with both(nodes):
        await travels(nodes, session)
        await travels(nodes, session, "CH/2026/000778")


async def test_the_other_side_can_find_what_we_sent(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    """The lines of the worker carry the ids of the message, and those of the partner the same id."""
    nodes = await asyncio.to_thread(make_network, tmp_path, ["CH", "FR"])
    await start(session, *nodes.values())
    try:
        await travels(nodes, session)
    finally:
        for node in nodes.values():
            await asyncio.to_thread(node.stop)
    lines = nodes["CH"].log_file.read_text(encoding="utf-8")
    assert NUMBER not in lines
    (attempted,) = [line for line in map(_read, lines.splitlines()) if line.get("event") == "attempted"]
    assert attempted["state"].startswith("delivered")
    assert attempted["conversation_id"]
    database = Database(open_engine(f"sqlite:///{nodes['FR'].folder / 'ecites.db'}"))
    async with database.read() as transaction:
        found = await transaction.log.search(LogQuery(correlation_id=attempted["message_id"]))
    await database.close()
    assert {each.message_id for each in found} == {attempted["message_id"]}


def _read(line: str) -> dict[str, Any]:
    """A line of a log; nothing of one that is none."""
    with contextlib.suppress(ValueError):
        read: dict[str, Any] = json.loads(line)
        return read
    return {}
