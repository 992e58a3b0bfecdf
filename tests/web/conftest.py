"""The real application on a real SQLite file, served on a loopback port."""

import io
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from blockbuster import BlockBuster, blockbuster_ctx
from multidict import CIMultiDictProxy
from support import contract
from support.databases import migrated
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS, FR_MA
from support.gateways import SetClock, french, swiss
from support.mailboxes import hub as french_hub

from gateway.codec import registry
from gateway.exchange import schema as exchange_schema
from gateway.exchange.directory import Directory, Partner
from gateway.exchange.records import InboxItem
from gateway.flows.ports import Node
from gateway.signatures import verify
from gateway.storage.engine import open_engine
from gateway.storage.tokens import new_token
from gateway.storage.unit_of_work import Database
from gateway.telemetry.logs import set_up
from gateway.web.keys import WebSettings
from gateway.web.server import make_application

MAX_BODY = 5 * 1024 * 1024


@contextmanager
def nothing_blocks_the_loop() -> Iterator[None]:
    """
    Fail a test in which our code blocks the event loop.

    SQLite runs there on purpose while the disk is quick (docs/decisions/0002-sqlite-driver.md).
    """
    with blockbuster_ctx("gateway") as guard:
        _allow_sqlite(guard)
        yield


def _allow_sqlite(guard: BlockBuster) -> None:
    """The functions of the sqlite3 module; that a slow disk's commits leave the loop is tested in ports/."""
    for name, function in guard.functions.items():
        if name.startswith("sqlite3."):
            function.deactivate()


@dataclass(slots=True)
class Door:
    """A served gateway as a caller sees it."""

    node: Node
    database: Database
    url: str
    tokens: dict[str, str]
    session: aiohttp.ClientSession
    application: web.Application

    async def call(
        self, method: str, path: str, *, token: str = "", data: Any = None, **headers: str
    ) -> tuple[int, CIMultiDictProxy[str], bytes]:
        """One request; returns status, headers and body."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            named["Authorization"] = f"Bearer {self.tokens.get(token, token)}"
        body = io.BytesIO(data) if isinstance(data, bytes) else data
        async with self.session.request(method, self.url + path, data=body, headers=named) as answer:
            came = answer.status, answer.headers, await answer.read()
        contract.check(method, path, *came)
        return came

    async def inbox(self, authority: Any) -> list[InboxItem]:
        """What waits for an authority."""
        async with self.database.read() as transaction:
            return await transaction.inboxes.waiting(authority, after="", limit=100)


async def _serve(
    node: Node, database: Database, authorities: list[Any], partners: tuple[str, ...] = ()
) -> AsyncIterator[Door]:
    """Serve one gateway for the time of a test."""
    tokens = {str(holder): new_token() for holder in (*authorities, *partners)}
    async with database.write() as transaction:
        for authority in authorities:
            await transaction.tokens.add(tokens[str(authority)], authority, node.clock.now())
        for partner in partners:
            await transaction.tokens.add_for_partner(tokens[partner], partner, node.clock.now())
    application = make_application(node, WebSettings(max_body_bytes=MAX_BODY))
    server = TestServer(application)
    await server.start_server()
    try:
        async with aiohttp.ClientSession() as session:
            with nothing_blocks_the_loop():
                yield Door(node, database, str(server.make_url("")).rstrip("/"), tokens, session, application)
    finally:
        await server.close()


async def _database(file: Path) -> Database:
    """A new SQLite database."""
    return Database(open_engine(await migrated(file)))


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def databases(tmp_path: Path) -> AsyncIterator[dict[str, Database]]:
    """Both databases, made before anything is guarded: migrations read files."""
    set_up()
    registry.warm()
    exchange_schema.warm()
    verify.warm()
    both = {party: await _database(tmp_path / f"{party}.db") for party in ("CH", "FR")}
    yield both
    for database in both.values():
        await database.close()


@pytest.fixture
async def ch(databases: dict[str, Database], clock: SetClock) -> AsyncIterator[Door]:
    database = databases["CH"]
    async for door in _serve(swiss(database, clock), database, [CH_MA, CH_CUSTOMS]):
        yield door


@pytest.fixture
async def fr(databases: dict[str, Database], clock: SetClock) -> AsyncIterator[Door]:
    database = databases["FR"]
    async for door in _serve(french(database, clock), database, [FR_MA, FR_CUSTOMS]):
        yield door


@pytest.fixture
async def hub(databases: dict[str, Database], clock: SetClock) -> AsyncIterator[Door]:
    """France with a mailbox for Switzerland; `it` holds a token and is registered no more."""
    database = databases["FR"]
    node = french_hub(database, clock)
    others = {"de": Partner("de", "", (), mailbox=True), "es": Partner("es", "http://es.invalid/", ())}
    node.directory = Directory(node.directory.hosted, {**node.directory.partners, **others})
    async for door in _serve(node, database, [FR_MA, FR_CUSTOMS], ("ch", "de", "es", "it")):
        yield door
