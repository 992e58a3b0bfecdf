"""Looks on a beat whether something is wrong, and lets those hear of it who should."""

import asyncio
from collections.abc import Sequence

import structlog

from gateway.errors import GatewayError
from gateway.exchange.alarms import AlertPolicy
from gateway.flows.alert_store import AlertReceiver
from gateway.flows.ports import Node
from gateway.flows.watch_alarms import Source, watch_alarms

logger = structlog.get_logger(__name__)


class Alerter:
    """One at a time over all processes that share a database; a dead receiver is nobody else's trouble."""

    def __init__(
        self, node: Node, sources: Sequence[Source], receivers: Sequence[AlertReceiver], policy: AlertPolicy
    ) -> None:
        """Nothing is done before `run`; the name is new at each start."""
        self._node = node
        self._sources = sources
        self._receivers = receivers
        self._policy = policy
        self._holder = node.clock.new_id()

    async def run(self) -> None:
        """Look until cancelled, the first time after one beat; an error of one round never ends it."""
        while True:
            await asyncio.sleep(self._policy.beat_seconds)
            try:
                await self.round()
            except GatewayError as error:
                logger.error("alarms_not_watched", code=error.code, error=error.message)
            except Exception:
                logger.exception("alarms_not_watched")

    async def round(self) -> bool:
        """Look once; False when another process does it."""
        return await watch_alarms(self._sources, self._receivers, self._policy, self._holder, self._node)
