"""Waking the workers of all processes that share one PostgreSQL: LISTEN here, NOTIFY where work is queued."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gateway.errors import GatewayError
from gateway.storage.failures import translated

logger = structlog.get_logger(__name__)

CHANNEL = "ecites_deliveries"

_NOTIFY = text("SELECT pg_notify(:channel, :mailbox)")

AGAIN_SECONDS = 2.0
"""Pause before the next try to listen; until it succeeds the workers look by themselves."""

PROBE_SECONDS = 20.0
"""A network that died quietly closes no connection, so the listener asks now and then."""

ANSWER_SECONDS = 10.0
"""So long the answer may take before the network counts as dead."""


async def ring(connection: AsyncConnection, *, mailbox: str = "") -> None:
    """
    Wake every listener when the transaction of `connection` is committed, and only then.

    With the name of a partner only those who wait for something in its mailbox.
    """
    # SQLite has no listeners.
    if connection.dialect.name == "postgresql":
        await connection.execute(_NOTIFY, {"channel": CHANNEL, "mailbox": mailbox})


async def listen(
    engine: AsyncEngine, woken: Callable[[], None], filled: Callable[[str], None] | None = None
) -> None:
    """
    Call `woken` for every ring and `filled` for every mailbox, until cancelled.

    A lost connection is made anew. Both are called once after each connection too: what was rung meanwhile
    was missed.
    """
    while True:
        try:
            async with translated(), engine.connect() as connection:
                await _until_lost(connection, woken, filled or _nobody)
        except GatewayError as error:
            logger.warning("doorbell_lost", code=error.code, error=error.message)
        except Exception:
            logger.exception("doorbell_lost")
        await asyncio.sleep(AGAIN_SECONDS)


def _nobody(_: str) -> None:
    """Nobody asks about mailboxes."""


async def _until_lost(
    connection: AsyncConnection, woken: Callable[[], None], filled: Callable[[str], None]
) -> None:
    """Listen on one connection until it is gone."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    lost = asyncio.Event()

    def on_ring(*said: Any) -> None:
        if mailbox := said[-1]:
            filled(mailbox)
        else:
            woken()

    def on_end(_: object) -> None:
        lost.set()

    driver.add_termination_listener(on_end)
    await driver.add_listener(CHANNEL, on_ring)
    try:
        woken()
        filled("")
        while not lost.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PROBE_SECONDS):
                    await lost.wait()
            if not lost.is_set():
                await driver.execute("SELECT 1", timeout=ANSWER_SECONDS)
    finally:
        driver.remove_termination_listener(on_end)
        await connection.invalidate()
