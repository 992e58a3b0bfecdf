"""Gives the entries of the message log their places, and signs checkpoints."""

import asyncio
import contextlib
from dataclasses import dataclass
from pathlib import Path

import structlog

from gateway import clock
from gateway.errors import GatewayError
from gateway.flows.make_checkpoint import make_checkpoint
from gateway.flows.ports import Node
from gateway.flows.sequence import BATCH, place_all, place_waiting

logger = structlog.get_logger(__name__)

GATHER_SECONDS = 0.1
"""So long after the first entry others may join its batch: a busy gateway pays for ten commits a second."""

BEAT_SECONDS = 0.5
"""At the latest after this it looks by itself: entries of other processes ring no bell here."""

AGAIN_SECONDS = 5.0
"""Pause after a round that failed."""

LATE_SECONDS = 300.0
"""An entry that has waited longer for its place under a running gateway is told to the operator."""


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How the message log is proven."""

    checkpoint_seconds: float = 60.0
    """How often what was added is signed; nothing is signed when nothing was added."""
    checkpoint_file: Path | None = None
    """Where each checkpoint is kept too; `checkpoints.txt` beside the configuration otherwise."""

    def __post_init__(self) -> None:
        """Refuse a beat with which nothing would ever be signed."""
        if not self.checkpoint_seconds > 0:
            raise ValueError(f"checkpoint_seconds must be more than 0, not {self.checkpoint_seconds:g}")


class Sequencer:
    """One at a time over all processes that share a database; the others look and find nothing to do."""

    def __init__(self, node: Node, settings: LogSettings) -> None:
        """Nothing is done before `run`."""
        self._node = node
        self._settings = settings
        self._wake = asyncio.Event()
        self._signed_at: float | None = None
        self._late = False

    def wake(self) -> None:
        """Something was written."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled; an error of one round is told and never ends it, nor hinders anybody else."""
        while True:
            self._wake.clear()
            try:
                await self.round()
                pause = BEAT_SECONDS
            except GatewayError as error:
                logger.error("log_not_placed", code=error.code, error=error.message, advice=error.advice)
                pause = AGAIN_SECONDS
            except Exception:
                logger.exception("log_not_placed")
                pause = AGAIN_SECONDS
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            await asyncio.sleep(GATHER_SECONDS)

    async def finish(self) -> None:
        """After `run` was cancelled: what was written last gets its place, or waits for the next start."""
        try:
            await place_all(self._node)
        except GatewayError as error:
            logger.error("log_not_placed", code=error.code, error=error.message, advice=error.advice)

    async def round(self) -> None:
        """Place what waits, sign when it is time, and say when something has waited too long."""
        placed = BATCH
        while placed == BATCH:
            placed = await place_waiting(self._node)
            await asyncio.sleep(0)  # whoever writes comes first
        await self._sign_when_due()
        await self._tell_when_late()

    async def _sign_when_due(self) -> None:
        """A checkpoint on the beat, when the log has grown."""
        now = clock.monotonic()
        if self._signed_at is not None and now - self._signed_at < self._settings.checkpoint_seconds:
            return
        async with self._node.storage.read() as transaction:
            head, last = await transaction.log_tree.head(), await transaction.log_tree.last_checkpoint()
        if head is not None and head.size > (last.size if last else 0):
            self._signed_at = now  # one that fails is tried again on the next beat
            await make_checkpoint(self._node)

    async def _tell_when_late(self) -> None:
        """Once when it begins, and once when it is over."""
        async with self._node.storage.read() as transaction:
            waiting = await transaction.log_tree.unplaced()
        age = (self._node.clock.now() - waiting.since).total_seconds() if waiting.since else 0.0
        late = age > LATE_SECONDS
        if late != self._late:
            tell = logger.error if late else logger.info
            told = "log_places_late" if late else "log_places_in_time"
            tell(told, waiting=waiting.count, oldest_seconds=age)
        self._late = late
