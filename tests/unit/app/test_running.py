"""A gateway put together in this process: it serves, it refuses to start half, and leaves nothing behind."""

import asyncio
import socket
import threading
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs
from support.exchange import delivery

from gateway import app, clock
from gateway.app import Bell, Duty, running
from gateway.cli.folder import make_folder
from gateway.config import Settings, load
from gateway.errors import ConfigurationError, KeyMaterialError
from gateway.exchange.delivery import DeliveryState, Room
from gateway.permits.identity import AuthorityId
from gateway.storage.engine import open_engine
from gateway.storage.unit_of_work import Database
from gateway.web.server import make_application
from gateway.workers.desk import LARGE_BYTES

PATIENCE = 10.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The working folder of a gateway; port 0 takes any that is free."""
    return make_folder(
        tmp_path / "ch", [AuthorityId.parse("CH:MA"), AuthorityId.parse("CH:CUSTOMS")], port=0
    ).config


def settings_of(config: Path, **environment: str) -> Settings:
    """The settings, with nothing of this machine's environment."""
    return load(config, environment)


def others() -> set["asyncio.Task[object]"]:
    """Every task but this one."""
    return asyncio.all_tasks() - {asyncio.current_task()}


async def test_it_serves_until_the_block_is_left(folder):
    """The address that is yielded answers inside the block and no longer after it."""
    async with aiohttp.ClientSession() as session:
        async with running(settings_of(folder)) as address, session.get(f"{address}/healthz") as answer:
            assert answer.status == 200
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(f"{address}/healthz")


async def test_large_documents_are_examined_in_threads_that_end_with_the_gateway(folder, monkeypatch):
    """What serves has a desk with threads; when the block is left nothing more can be handed to them."""
    nodes = []

    def noting(node, settings, **words):
        nodes.append(node)
        return make_application(node, settings, **words)

    monkeypatch.setattr(app, "make_application", noting)
    large = b"x" * LARGE_BYTES
    async with running(settings_of(folder)):
        desk = nodes[0].desk
        assert await desk.run(large, threading.get_ident) != threading.get_ident()
    with pytest.raises(RuntimeError, match="after shutdown"):
        await desk.run(large, threading.get_ident)


async def test_a_worker_has_a_port_of_its_own_if_it_is_given_one(folder, tmp_path):
    """Health, readiness and metrics of what it does; nothing else, and no port without the setting."""
    token = "0123456789abcdef0123456789abcdef"
    (tmp_path / "token").write_text(token, encoding="ascii")
    asked = {"ECITES_WORKER__PORT": "0", "ECITES_WEB__METRICS_TOKEN": str(tmp_path / "token")}
    with_token = {"Authorization": f"Bearer {token}"}
    expected = {"/healthz": 200, "/readyz": 200, "/metrics": 200, "/api/v1/inbox": 404, "/check": 404}
    async with aiohttp.ClientSession(headers=with_token) as session:
        async with running(settings_of(folder, **asked), Duty.WORKER) as address:
            for path, status in expected.items():
                async with session.get(f"{address}{path}") as answer:
                    assert (path, answer.status) == (path, status)
                    if path == "/metrics":
                        assert "ecites_delivery_seconds" in await answer.text()
            async with session.get(f"{address}/metrics", headers={"Authorization": "Bearer x"}) as answer:
                assert answer.status == 401
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(f"{address}/healthz")
    async with running(settings_of(folder), Duty.WORKER) as address:
        assert address == ""


async def test_the_coming_months_of_the_log_are_made(folder, monkeypatch):
    """By every gateway that starts, from the present moment on."""
    made = asyncio.Event()

    async def make(_database, at):
        assert abs(at - clock.now()) < timedelta(minutes=1)
        made.set()
        return []

    monkeypatch.setattr(Database, "make_months", make)
    async with asyncio.timeout(PATIENCE), running(settings_of(folder)):
        await made.wait()


async def test_it_leaves_no_task_behind(folder):
    """When the block is left, the worker and the web server have ended."""
    async with asyncio.timeout(PATIENCE), running(settings_of(folder)):
        assert others()
    assert not others()


async def test_a_port_that_is_taken_leaves_no_task_behind(folder):
    """A gateway that cannot listen says on which port, and ends what it had started before."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings = settings_of(folder, ECITES_WEB__PORT=str(port))
        with pytest.raises(ConfigurationError, match=f"cannot listen on 127.0.0.1 port {port}: "):
            async with running(settings):
                pytest.fail("the port was taken")
    assert not others()


async def test_a_host_that_is_not_here(folder):
    """An address that this machine does not have is a sentence, not a traceback."""
    settings = settings_of(folder, ECITES_WEB__HOST="192.0.2.1")
    with pytest.raises(ConfigurationError, match=r"cannot listen on 192\.0\.2\.1"):
        async with running(settings):
            pytest.fail("192.0.2.1 is nobody's address (RFC 5737)")


async def test_it_says_what_it_finds_and_changes_nothing(folder):
    """One line: queued, leased and until when, leases that have ended; afterwards all is as it was."""
    database = Database(open_engine(f"sqlite:///{folder.parent / 'ecites.db'}"))
    at = clock.now()
    long, over = at + timedelta(hours=1), at - timedelta(hours=1)
    records = [delivery(partner=partner) for partner in ("queued", "leased", "over")]
    async with database.write() as transaction:
        deliveries = transaction.deliveries
        await deliveries.add(records)
        for partner, lease in (("leased", long), ("over", over)):
            room = Room(0, {partner: 1})
            await deliveries.claim(at=at, lease_until=lease, worker="dead", limit=9, room=room)

    async def stored():
        async with database.read() as transaction:
            return [await transaction.deliveries.get(record.id) for record in records]

    before = await stored()
    assert [record.state for record in before] == [DeliveryState.QUEUED] + [DeliveryState.SENDING] * 2
    with capture_logs() as logs:
        async with running(settings_of(folder), Duty.WEB):
            pass
    (line,) = [line for line in logs if line["event"] == "found"]
    assert (line["queued"], line["leased"], line["lease_ended"]) == (1, 1, 1)
    assert line["leases_until"] == long.isoformat()
    assert await stored() == before
    await database.close()


async def test_development_keys_are_refused_in_production(folder):
    """Throw-away keys are a refusal to start, also when a variable alone says production."""
    with pytest.raises(KeyMaterialError, match="throw-away development certificate"):
        async with running(settings_of(folder, ECITES_ENVIRONMENT="production")):
            pytest.fail("these are throw-away keys")


async def test_a_lost_database_is_not_made_anew(folder):
    """A database that has disappeared is a refusal to start: an empty one would forget what was accepted."""
    database = folder.parent / "ecites.db"
    database.unlink()
    with pytest.raises(ConfigurationError, match="is missing"):
        async with running(settings_of(folder)):
            pytest.fail("there is no database")
    assert not database.exists()


def test_a_bell_without_listeners():
    """A flow may ring before there is a worker, and nothing happens."""
    Bell().ring()
