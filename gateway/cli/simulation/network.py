"""Gateways on loopback with a failing network between them and busy authorities around them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from gateway.cli.demonstration.client import Client
from gateway.cli.demonstration.network import DemoNode, free_port, make_gateways
from gateway.cli.simulation import consumers, operator
from gateway.cli.simulation.books import Page, Places, check_books
from gateway.cli.simulation.faults import Faults
from gateway.cli.simulation.ledger import Ledger
from gateway.cli.simulation.plan import Kill, Plan, gateway_of
from gateway.cli.simulation.senders import hand_over_all
from gateway.cli.simulation.wire import Wire
from gateway.errors import StorageError
from gateway.permits.identity import AuthorityId
from gateway.signatures.keys import load_certificates

QUICK = """
[delivery]
first_pause_seconds = 0.2
longest_pause_seconds = 1.0

[breaker]
first_pause_seconds = 0.5
longest_pause_seconds = 2.0

[transport]
answer_seconds = 5.0

[worker]
lease_seconds = 6.0
poll_seconds = 0.5
"""
"""A simulated network does not wait as long as the real world."""

STEP = 0.1
"""Seconds between two looks at what is still on its way."""

Strike = Callable[[Kill], Awaitable[None]]
"""Takes the power from a victim, and gives it back."""
Tell = Callable[[int, int, str], None]
"""How many permits have been handed over, how many have arrived everywhere, and what happens."""


@dataclass(slots=True)
class Network:
    """Everything that runs while permits travel."""

    nodes: Mapping[str, DemoNode]
    """The gateway to which each name leads."""
    places: Places
    wire: Wire
    session: aiohttp.ClientSession
    victims: dict[str, Strike]
    patience: float
    """Seconds without any progress after which a plan has failed."""
    ledger: Ledger = field(default_factory=Ledger)
    killed: int = 0
    requeued: int = 0
    """Dead letters that the operator sent again."""

    async def play(self, plan: Plan, tell: Tell = lambda *_: None) -> list[Page]:
        """
        Let everything of a plan happen, wait until it has come to its end, and check the books.

        When nothing moves any more it ends too, and the books say what is missing. Raises
        `DemonstrationFailed` when a gateway does not come back.
        """
        self.wire.faults = plan.faults
        before = len(self.ledger.handed)
        clients = {
            home.party: Client(self.session, self.nodes[name], str(home))
            for home, name in self.places.homes.items()
            if home.role.value == "MA"
        }
        async with asyncio.TaskGroup() as group:
            killing = group.create_task(self._kill(plan.kills, before))
            handing = group.create_task(hand_over_all(plan.shipments, clients, self.ledger))
            await self._settled(plan, (killing, handing), tell)
        await self.wire.drain()
        await self._all_taken()
        repeats = Page(
            "repeats",
            "each envelope that came again with the same receipt",
            self.wire.repeated,
            self.wire.contradictions,
        )
        return [*await check_books(plan.shipments, self.ledger, self.places), repeats]

    async def _all_taken(self) -> None:
        """Wait until nothing is left in any inbox: a permit that came twice must be in the books too."""
        clients = [
            Client(self.session, self.nodes[name], str(home)) for home, name in self.places.homes.items()
        ]
        async with asyncio.timeout(self.patience):
            while True:
                if not any([await client.inbox() for client in clients]):
                    return
                await asyncio.sleep(STEP)

    async def _kill(self, kills: Sequence[Kill], before: int) -> None:
        """Every kill at its moment; two never overlap."""
        for kill in kills:
            await self.ledger.until_handed(before + kill.after)
            await asyncio.sleep(kill.pause)
            await self.victims[kill.victim](kill)
            self.killed += 1

    async def _settled(self, plan: Plan, work: Sequence["asyncio.Task[None]"], tell: Tell) -> None:
        """Wait until everything is where it belongs; the operator helps when only dead letters are left."""
        seen: tuple[int, int, int | None] = (-1, -1, None)
        loop = asyncio.get_running_loop()
        moved = loop.time()
        while True:
            handed, arrived = self._progress(plan)
            still = await self._moving()
            done = all(task.done() for task in work)
            if done and still == 0:
                self.requeued += (again := await operator.send_again(self.places.desks))
                if not again and arrived == len(plan.shipments):
                    return
            tell(handed, arrived, f"{still} on their way" if still is not None else "a database is away")
            if (now := (handed, arrived, still)) != seen:
                seen, moved = now, loop.time()
            elif loop.time() - moved > self.patience:
                for task in work:
                    task.cancel()
                return  # the books say what is missing
            await asyncio.sleep(STEP)

    async def _moving(self) -> int | None:
        """Deliveries that are on their way; None while a database cannot tell."""
        try:
            return await operator.moving(self.places.desks)
        except StorageError:
            return None

    def _progress(self, plan: Plan) -> tuple[int, int]:
        """How many permits have been handed over, and how many are with every consumer."""
        handed = sum(shipment.number in self.ledger.handed for shipment in plan.shipments)
        arrived = sum(
            all(self.ledger.taken[shipment.number][each] for each in shipment.consumers)
            for shipment in plan.shipments
        )
        return handed, arrived


@contextlib.asynccontextmanager
async def running_network(
    made: "Gateways",
    faults: Faults,
    *,
    more_victims: Mapping[str, Strike] | None = None,
    helpers: Sequence[DemoNode] = (),
    patience: float = 120.0,
) -> AsyncIterator[Network]:
    """
    The gateways, the wire before them and the systems of the authorities, running until the block is left.

    `helpers` are more processes of the same gateways; they can be killed like any other, and so can
    `more_victims`.
    """
    nodes = made.nodes
    async with contextlib.AsyncExitStack() as stack:
        session = await stack.enter_async_context(
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        )
        wire = Wire({name: node.url for name, node in nodes.items()}, faults)
        stack.push_async_callback(wire.close)
        await wire.open(made.told_ports)
        for node in (*nodes.values(), *helpers):
            stack.callback(node.stop)
            node.start()
        for node in nodes.values():
            await node.ready(session)
        desks = await operator.open_desks(nodes)
        for desk in desks.values():
            stack.push_async_callback(desk.close)
        victims: dict[str, Strike] = {
            node.name: _power_cut(node, session) for node in (*nodes.values(), *helpers)
        }
        certificates = {
            name: load_certificates(node.folder / "public" / "gateway.crt.pem")
            for name, node in nodes.items()
        }
        network = Network(
            nodes,
            Places(gateway_of(made.hosted), desks, certificates),
            wire,
            session,
            victims | dict(more_victims or {}),
            patience,
        )
        for authority, name in network.places.homes.items():
            client = Client(session, nodes[name], str(authority))
            work = consumers.consume(client, network.ledger, pause=0.1 + 0.02 * len(network.places.homes))
            stack.push_async_callback(_cancelled, asyncio.create_task(work))
        yield network


@dataclass(frozen=True, slots=True)
class Gateways:
    """Gateways that are made and not started."""

    hosted: Mapping[str, tuple[AuthorityId, ...]]
    nodes: Mapping[str, DemoNode]
    told_ports: Mapping[str, int]


def make(
    folder: Path,
    hosted: Mapping[str, tuple[AuthorityId, ...]],
    databases: Mapping[str, str] | None = None,
    extra: str = QUICK,
) -> Gateways:
    """The folder of each gateway; partners are told the port of the wire before it."""
    told = {name: free_port() for name in hosted}
    nodes = make_gateways(folder, hosted, extra=extra, databases=databases, told_ports=told)
    return Gateways(hosted, nodes, told)


def _power_cut(node: DemoNode, session: aiohttp.ClientSession) -> Strike:
    """Kill -9, darkness for a while, and a new start."""

    async def strike(kill: Kill) -> None:
        node.kill()
        await asyncio.sleep(kill.down)
        node.start()
        if "--worker-only" not in node.arguments:
            await node.ready(session)

    return strike


async def _cancelled(task: "asyncio.Task[None]") -> None:
    """End a task that runs for ever."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
