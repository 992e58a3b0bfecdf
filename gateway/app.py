"""Puts the gateway together: settings in, a running node out."""

import asyncio
import contextlib
import signal
import ssl
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

import structlog
from aiohttp import web

from gateway import clock
from gateway.alarms import Alarms
from gateway.codec import registry
from gateway.config import Settings
from gateway.exchange import schema as exchange_schema
from gateway.flows.ports import Node
from gateway.flows.two_persons import settle as settle_trust
from gateway.loading.alerts import load_receivers
from gateway.loading.beliefs import Beliefs
from gateway.loading.database import open_database
from gateway.loading.in_use import certificates_in_use
from gateway.loading.mailboxes import check_tokens, token_of
from gateway.loading.node import bare_node, make_node
from gateway.loading.tls import load_client_tls, load_server_tls
from gateway.loading.webhooks import secrets_of
from gateway.measures import Measures
from gateway.readings import Readings
from gateway.signatures import verify
from gateway.storage.unit_of_work import Database
from gateway.transport.mailbox import HttpMailbox
from gateway.transport.rest import RestCourier
from gateway.transport.webhook import HttpPusher
from gateway.watches import Watches
from gateway.web.keys import WebSettings
from gateway.web.ops import READINESS, Readiness
from gateway.web.port import make_runner, open_port
from gateway.web.server import make_application, make_worker_application
from gateway.workers.alerter import Alerter
from gateway.workers.collectors import Collectors
from gateway.workers.desk import ThreadDesk, settle
from gateway.workers.dispatcher import Dispatcher
from gateway.workers.log_check import LogCheck
from gateway.workers.month_maker import MonthMaker
from gateway.workers.sequencer import Sequencer

logger = structlog.get_logger(__name__)


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
    """Sends what is queued; listens on no port but that of `[worker]`, if there is one."""


@contextlib.asynccontextmanager
async def running(
    settings: Settings, duty: Duty = Duty.ALL, hurry: asyncio.Event | None = None
) -> AsyncIterator[str]:
    """
    A gateway that serves until the block is left; yields its address, empty without a port.

    1. Keys and trust: refuse to start rather than verify nothing.
    2. The database; where two persons must agree to a change of trust, what they have agreed to and no more.
    3. Schemas, compiled before the first permit comes.
    4. What is found there is told. Then the worker with its heartbeat, then the web server, as far as they
       are its duty. What a crash left queued is taken up at once, what it left in the middle of sending when
       its lease ends.
    5. At the end in the other order: the gateway is not ready any more and takes requests for
       `drain_seconds`, or until `hurry` is set; then no new work, then what is on its way.

    Raises a `GatewayError` that says what is missing.
    """
    # 1
    at = clock.now()
    beliefs = Beliefs.load(settings, at)
    check_tokens(settings)
    server_tls = load_server_tls(settings, beliefs.known.tls, at)
    # 2
    database = await open_database(settings)
    agreed = await settle_trust(beliefs.wished(), bare_node(database, settings.people))
    if agreed is not None:
        beliefs.hold_to(agreed)
        server_tls = load_server_tls(settings, beliefs.known.tls, at)
    # 3
    registry.warm()
    exchange_schema.warm()
    verify.warm()
    settle()
    # 4
    bell, desk = Bell(), ThreadDesk()
    node = make_node(settings, beliefs, database, bell.ring, desk)
    Measures(node, beliefs).install()
    node.certificates = lambda: certificates_in_use(node, beliefs.known.tls, beliefs.settings)
    Readings(node, settings).install()
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        await _tell_what_is_found(node)
        client_tls = load_client_tls(settings, beliefs.known.tls, at, node.revocations)
        courier = RestCourier(settings.transport, client_tls)
        _give_places(stack, Sequencer(node, settings.log), database)
        stack.callback(desk.close)
        await stack.enter_async_context(courier)
        node.enquirer, node.enquiry_seconds = courier, settings.transport.enquiry_seconds
        if duty is not Duty.WEB:
            mailbox = HttpMailbox(
                settings.transport, lambda: courier.tls, lambda name: token_of(beliefs.settings, name)
            )
            await stack.enter_async_context(mailbox)
            pusher = HttpPusher(
                settings.transport, lambda: courier.tls, lambda name: secrets_of(settings, name)
            )
            await stack.enter_async_context(pusher)
            _work(stack, Dispatcher(node, courier, settings.worker, pusher), bell)
            _start(stack, Collectors(node, mailbox).run())
        _start(stack, database.listen(bell.ring, node.mailboxes.ring))
        _start(stack, MonthMaker(node.clock, database.make_months).run())
        _watch_over(stack, Alarms(node, beliefs, LogCheck(node, settings.alerts.verify_hours)), courier)
        for watch in Watches(node, beliefs, courier, server_tls).all():
            _start(stack, watch.run())
        if duty is Duty.WORKER and settings.worker.port is None:
            yield ""
            return
        hurry = hurry or asyncio.Event()
        if duty is Duty.WORKER:
            port = replace(settings.web, host=settings.worker.host, port=settings.worker.port or 0)
            yield await _serve(stack, make_worker_application(node, port), port, None, hurry)
        else:
            application = make_application(node, settings.web, plain_cookies=settings.trial_without_tls)
            yield await _serve(stack, application, settings.web, server_tls, hurry)


def _watch_over(stack: contextlib.AsyncExitStack, alarms: Alarms, courier: RestCourier) -> None:
    """Tell the operator when something is wrong; raises `KeyMaterialError` for a secret of no use."""
    settings = alarms.beliefs.settings
    receivers = load_receivers(settings, lambda: courier.tls)
    alarms.install()
    stack.push_async_callback(alarms.log_check.close)
    _start(stack, Alerter(alarms.node, alarms.sources(), receivers, settings.alerts).run())


async def _serve(
    stack: contextlib.AsyncExitStack,
    application: web.Application,
    settings: WebSettings,
    tls: ssl.SSLContext | None,
    hurry: asyncio.Event,
) -> str:
    """Answer requests until the stack is left; the address at which that is done."""
    runner = make_runner(application, settings)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    port = await open_port(runner, settings, tls)
    stack.callback(port.close)
    stack.push_async_callback(_drain, application[READINESS], settings.drain_seconds, hurry)
    number = port.sockets[0].getsockname()[1]
    return f"{'https' if tls else 'http'}://{settings.host}:{number}"


async def _tell_what_is_found(node: Node) -> None:
    """One line in the log about what the process before has left, or others have; nothing is changed."""
    async with node.storage.read() as transaction:
        found = await transaction.deliveries.unfinished(await transaction.deliveries.moment(node.clock.now()))
    logger.info(
        "found",
        queued=found.queued,
        waiting_in_mailboxes=found.waiting,
        leased=found.leased,
        leases_until=found.leases_until.isoformat() if found.leases_until else None,
        lease_ended=found.lease_ended,
    )


async def _drain(readiness: Readiness, seconds: float, hurry: asyncio.Event) -> None:
    """Tell whoever asks that no more requests should come, and take those that do, for a while."""
    readiness.stopping = True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await hurry.wait()


def _work(stack: contextlib.AsyncExitStack, dispatcher: Dispatcher, bell: Bell) -> None:
    """
    Send what is queued, woken by our own bell and by other processes.

    At the end no new delivery is taken, and the leases of what is on its way are kept until it has ended.
    """
    bell.listeners.append(dispatcher)
    _start(stack, dispatcher.keep_leases())
    stack.push_async_callback(dispatcher.stop)
    _start(stack, dispatcher.run())


def _give_places(stack: contextlib.AsyncExitStack, sequencer: Sequencer, database: Database) -> None:
    """Entries of the message log get their places, also those that are written while the rest stops."""
    database.on_logged = sequencer.wake
    stack.push_async_callback(sequencer.finish)
    _start(stack, sequencer.run())


def _start(stack: contextlib.AsyncExitStack, work: Coroutine[Any, Any, None]) -> None:
    """Run something beside the rest; it is cancelled when the stack is left."""
    stack.push_async_callback(_cancelled, asyncio.create_task(work))


async def _cancelled(task: asyncio.Task[None]) -> None:
    """End a task that runs for ever."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def serve(settings: Settings, duty: Duty = Duty.ALL) -> None:
    """Run until SIGTERM or SIGINT; a second one ends the time in which requests are still taken."""
    stop, hurry = asyncio.Event(), asyncio.Event()

    def signalled() -> None:
        """The first signal, or one more."""
        (hurry if stop.is_set() else stop).set()

    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, signalled)
    async with running(settings, duty, hurry) as address:
        hosted = sorted(map(str, settings.directory().hosted))
        logger.info("serving", address=address, authorities=hosted, duty=duty.value)
        await stop.wait()
        logger.info("stopping")
