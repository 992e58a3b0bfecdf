"""Puts the gateway together: settings in, a running node out."""

import asyncio
import contextlib
import signal
import ssl
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import structlog
from aiohttp import web

from gateway import clock
from gateway.codec import registry
from gateway.config import Settings
from gateway.errors import ConfigurationError
from gateway.exchange import schema as exchange_schema
from gateway.loading.beliefs import Beliefs
from gateway.loading.database import open_database
from gateway.loading.mailboxes import check_tokens, token_of
from gateway.loading.node import make_node
from gateway.loading.tls import load_client_tls, load_server_tls
from gateway.measures import Measures
from gateway.signatures import verify
from gateway.transport.mailbox import HttpMailbox
from gateway.transport.rest import RestCourier
from gateway.watches import Watches
from gateway.web.server import make_application
from gateway.workers.collectors import Collectors
from gateway.workers.desk import ThreadDesk, settle
from gateway.workers.dispatcher import Dispatcher

logger = structlog.get_logger(__name__)


REQUEST_PATIENCE = 2.0
"""Seconds that a caller has for the rest of a request, once it is answered or the gateway ends."""


@dataclass(slots=True)
class Bell:
    """Lets flows wake a worker that is made after them."""

    listeners: list[Dispatcher] = field(default_factory=list)

    def ring(self) -> None:
        """Wake every listener."""
        for listener in self.listeners:
            listener.wake()


class Duty(Enum):
    """What one process does; several processes on one PostgreSQL may share the work."""

    ALL = "all"
    WEB = "web"
    """Takes requests and queues deliveries; another process sends them."""
    WORKER = "worker"
    """Sends what is queued, and listens on no port."""


@contextlib.asynccontextmanager
async def running(settings: Settings, duty: Duty = Duty.ALL) -> AsyncIterator[str]:
    """
    A gateway that serves until the block is left; yields its address, empty without a web server.

    1. Keys and trust: refuse to start rather than verify nothing.
    2. The database.
    3. Schemas, compiled before the first permit comes.
    4. The worker with its heartbeat, then the web server, as far as they are its duty. What a crash left
       queued is taken up at once, what it left in the middle of sending when its lease ends.
    5. At the end in the other order: no new work, then what is on its way.

    Raises a `GatewayError` that says what is missing.
    """
    # 1
    at = clock.now()
    beliefs = Beliefs.load(settings, at)
    check_tokens(settings)
    server_tls = load_server_tls(settings, beliefs.known.tls, at)
    # 2
    database = await open_database(settings)
    # 3
    registry.warm()
    exchange_schema.warm()
    verify.warm()
    settle()
    # 4
    bell, desk = Bell(), ThreadDesk()
    node = make_node(settings, beliefs, database, bell.ring, desk)
    Measures(node, beliefs).install()
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        client_tls = load_client_tls(settings, beliefs.known.tls, at, node.revocations)
        courier = RestCourier(settings.transport, client_tls)
        stack.callback(desk.close)
        if duty is not Duty.WEB:
            await stack.enter_async_context(courier)
            mailbox = HttpMailbox(
                settings.transport, lambda: courier.tls, lambda name: token_of(beliefs.settings, name)
            )
            await stack.enter_async_context(mailbox)
            _work(stack, Dispatcher(node, courier, settings.worker), bell)
            _start(stack, Collectors(node, mailbox).run())
        _start(stack, database.listen(bell.ring, node.mailboxes.ring))
        for watch in Watches(node, beliefs, courier, server_tls).all():
            _start(stack, watch.run())
        if duty is Duty.WORKER:
            yield ""
            return
        runner = web.AppRunner(
            make_application(node, settings.web),
            access_log=None,
            shutdown_timeout=REQUEST_PATIENCE,
            lingering_time=REQUEST_PATIENCE,
        )
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        yield await _listen(runner, settings, server_tls)


def _work(stack: contextlib.AsyncExitStack, dispatcher: Dispatcher, bell: Bell) -> None:
    """
    Send what is queued, woken by our own bell and by other processes.

    At the end no new delivery is taken, and the leases of what is on its way are kept until it has ended.
    """
    bell.listeners.append(dispatcher)
    _start(stack, dispatcher.keep_leases())
    stack.push_async_callback(dispatcher.stop)
    _start(stack, dispatcher.run())


def _start(stack: contextlib.AsyncExitStack, work: Coroutine[Any, Any, None]) -> None:
    """Run something beside the rest; it is cancelled when the stack is left."""
    stack.push_async_callback(_cancelled, asyncio.create_task(work))


async def _listen(runner: web.AppRunner, settings: Settings, tls: ssl.SSLContext | None) -> str:
    """Open the port; returns the address."""
    host, port = settings.web.host, settings.web.port
    try:
        await web.TCPSite(runner, host, port, ssl_context=tls).start()
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {host} port {port}: {error.strerror}",
            advice="another program may have the port; set another one in [web]",
        ) from None
    return f"{'https' if tls else 'http'}://{host}:{runner.addresses[0][1]}"


async def _cancelled(task: asyncio.Task[None]) -> None:
    """End a task that runs for ever."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def serve(settings: Settings, duty: Duty = Duty.ALL) -> None:
    """Run until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with running(settings, duty) as address:
        hosted = sorted(map(str, settings.directory().hosted))
        logger.info("serving", address=address, authorities=hosted, duty=duty.value)
        await stop.wait()
        logger.info("stopping")
