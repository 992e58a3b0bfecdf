"""A real SQLite file that cannot grow: no receipt, nothing half stored, and it goes on when there is room."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, text
from support.exchange import CH_MA, FR_MA
from support.gateways import envelope
from support.permits import permit_bytes

from gateway.errors import StorageError
from gateway.exchange.delivery import DeliveryState, Room
from gateway.exchange.records import Direction
from gateway.flows.deliver import deliver
from gateway.storage.sqlite import LoopConnection
from gateway.storage.tables import metadata
from gateway.transport.rest import RestCourier, TransportSettings

XML = "application/xml"
SUBMIT = "/api/v1/permits"
EXCHANGE = "/exchange/v1/messages"


@contextmanager
def full(door) -> Iterator[None]:
    """The file of a gateway's database takes no page more than it has."""

    def shrink(connection) -> None:
        """SQLite takes the size that the file has when less is asked for."""
        connection.connection.driver_connection.execute("PRAGMA max_page_count = 1")

    def grow(connection) -> None:
        """As much as there may ever be."""
        connection.connection.driver_connection.execute("PRAGMA max_page_count = 1073741823")

    engine = door.database._engine.sync_engine
    event.listen(engine, "begin", shrink)
    try:
        yield
    finally:
        event.remove(engine, "begin", shrink)
        event.listen(engine, "begin", grow)


async def rows(door) -> dict[str, int]:
    """How many rows each table has; the log may still have room for a line about the refusal."""
    async with door.database.read() as transaction:
        return {
            table.name: (
                await transaction._connection.execute(text(f"SELECT count(*) FROM {table.name}"))  # noqa: S608
            ).scalar_one()
            for table in metadata.sorted_tables
            if table.name not in ("log_entries", "log_queue")
        }


async def submit(door):
    """Hand the permit over."""
    status, headers, body = await door.call(
        "POST", SUBMIT, token="CH:MA", data=permit_bytes(), Content_Type=XML, Idempotency_Key="one"
    )
    return status, headers, json.loads(body)


async def test_a_submission_is_not_acknowledged_and_succeeds_later(ch):
    """503 with Retry-After and the reason; not one row is written; the same request is taken afterwards."""
    before = await rows(ch)
    with full(ch):
        status, headers, problem = await submit(ch)
        assert (status, problem["code"], headers["Retry-After"]) == (503, "storage_error", "5")
        assert problem["detail"] == "the database failed: its disk is full"
        assert await rows(ch) == before
        assert (await ch.call("GET", "/api/v1/inbox", token="CH:MA"))[0] == 200
    status, _, answer = await submit(ch)
    assert (status, answer["repeated"]) == (202, False)
    after = await rows(ch)
    assert (after["submissions"], after["permits"], after["messages"]) == (1, 1, 1)


async def test_a_message_gets_no_receipt_and_the_same_bytes_get_one_later(fr):
    """The sender hears 503 and no receipt; nothing of the message is here until it is here whole."""
    before, sent = await rows(fr), envelope()
    with full(fr):
        status, headers, body = await fr.call("POST", EXCHANGE, data=sent, Content_Type=XML)
        assert (status, json.loads(body)["code"]) == (503, "storage_error")
        assert "Retry-After" in headers
        assert await rows(fr) == before
    status, _, receipt = await fr.call("POST", EXCHANGE, data=sent, Content_Type=XML)
    assert status == 200
    assert b"accepted" in receipt
    assert len(await fr.inbox(FR_MA)) == 1
    assert (await fr.call("POST", EXCHANGE, data=sent, Content_Type=XML))[2] == receipt


async def claim(door):
    """Take the one delivery that is due."""
    at = door.node.clock.now()
    async with door.database.write() as transaction:
        (delivery,) = await transaction.deliveries.claim(
            at=at, lease_until=at + timedelta(seconds=90), worker="w", limit=9, room=Room(9)
        )
    return delivery


async def state_of(door, delivery):
    """As the database has it."""
    async with door.database.read() as transaction:
        return await transaction.deliveries.get(delivery.id)


@pytest.fixture
def known(ch, fr):
    """Switzerland knows where France is served."""
    partners = dict(ch.node.directory.partners)
    partners["fr"] = replace(partners["fr"], url=fr.url + EXCHANGE)
    ch.node.directory = replace(ch.node.directory, partners=partners)


async def test_a_partner_without_room_costs_no_message(known, ch, fr, clock):
    """The sender keeps it and sends it again when the partner asks for it; it arrives once."""
    assert (await submit(ch))[0] == 202
    async with RestCourier(TransportSettings()) as courier:
        delivery = await claim(ch)
        with full(fr):
            await deliver(delivery, "w", ch.node, courier)
        waiting = await state_of(ch, delivery)
        assert (waiting.state, waiting.error_code) == (DeliveryState.QUEUED, "partner_answered_wrongly")
        assert waiting.next_attempt_at >= clock.now() + timedelta(seconds=5)
        assert await fr.inbox(FR_MA) == []
        clock.forward(minutes=5)
        await deliver(await claim(ch), "w", ch.node, courier)
    assert (await state_of(ch, delivery)).state is DeliveryState.DELIVERED
    assert len(await fr.inbox(FR_MA)) == 1


@pytest.mark.parametrize("how", ["no room", "the disk fails at the commit"])
async def test_a_receipt_that_cannot_be_kept_is_asked_for_again(how, known, ch, fr, clock, monkeypatch):
    """Our own disk fails after the partner has answered: the same bytes go again, the same receipt comes."""
    assert (await submit(ch))[0] == 202
    delivery = await claim(ch)
    async with RestCourier(TransportSettings()) as courier:
        with monkeypatch.context() as patch:
            broken = full(ch) if how == "no room" else failing_commits(patch, ch)
            with broken, pytest.raises(StorageError):
                await deliver(delivery, "w", ch.node, courier)
        kept = await state_of(ch, delivery)
        assert (kept.state, kept.attempts) == (DeliveryState.SENDING, 0)
        assert len(await fr.inbox(FR_MA)) == 1
        clock.forward(seconds=91)
        await deliver(await claim(ch), "w", ch.node, courier)
    assert (await state_of(ch, delivery)).state is DeliveryState.DELIVERED
    assert len(await fr.inbox(FR_MA)) == 1
    async with fr.database.read() as transaction:
        there = await transaction.messages.find(Direction.IN, CH_MA, delivery.message_id)
    async with ch.database.read() as transaction:
        here = await transaction.messages.find(Direction.OUT, CH_MA, delivery.message_id)
    assert here.receipt == there.receipt is not None


@contextmanager
def failing_commits(patch, door) -> Iterator[None]:
    """The disk under one gateway gives an error when a transaction is brought to it."""
    own = door.database._engine.url.database
    real = LoopConnection.commit

    def commit(connection) -> None:
        """Fail for the one file."""
        (_, _, file) = sqlite3.Connection.execute(connection, "PRAGMA database_list").fetchone()
        if connection.in_transaction and file.endswith(own.rpartition("/")[2]):
            raise sqlite3.OperationalError("disk I/O error")
        real(connection)

    patch.setattr(LoopConnection, "commit", commit)
    yield
