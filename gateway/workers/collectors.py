"""One collector for each partner that keeps a mailbox for us, as the directory is at each moment."""

import asyncio

import structlog

from gateway.errors import GatewayError
from gateway.exchange.directory import Directory
from gateway.flows.ports import Mailbox, Node
from gateway.flows.uncollected import release
from gateway.workers.collector import Collector

logger = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
"""So often it is looked whether the directory has changed; that costs nothing."""


class Collectors:
    """Follows the directory: whose mailbox we empty, and who has a mailbox here no more."""

    def __init__(self, node: Node, mailbox: Mailbox) -> None:
        """Nothing runs yet."""
        self._node = node
        self._mailbox = mailbox
        self._followed: Directory | None = None
        self._running: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Follow until cancelled; then let each collector finish the message in its hand."""
        try:
            while True:
                if self._node.directory is not self._followed:
                    try:
                        await self.follow()
                    except GatewayError as error:
                        logger.error("directory_not_followed", code=error.code, error=error.message)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            await self._end(*self._running)

    async def follow(self) -> None:
        """Start and end collectors as the directory says; send what waits in mailboxes that are no more."""
        directory = self._node.directory
        wanted = {partner.id for partner in directory.partners.values() if partner.mailbox_url}
        await self._end(*(set(self._running) - wanted))
        for name in sorted(wanted - set(self._running)):
            collector = Collector(name, self._node, self._mailbox)
            self._running[name] = asyncio.create_task(collector.run())
        await release(self._node)
        self._followed = directory

    async def _end(self, *names: str) -> None:
        """End the collectors of these partners, all at once."""
        tasks = [self._running.pop(name) for name in names]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
