"""What `ecites alert` does."""

import asyncio
from dataclasses import dataclass

from gateway import clock
from gateway.cli.operating import with_node
from gateway.config import Settings
from gateway.errors import GatewayError
from gateway.exchange.alarms import Alert
from gateway.flows.alert_store import AlertReceiver
from gateway.flows.ports import Node
from gateway.loading.alerts import load_receivers
from gateway.loading.tls import load_client_tls
from gateway.signatures.keyring import TrustStore


@dataclass(frozen=True, slots=True)
class Tried:
    """What a receiver said to a test."""

    name: str
    seconds: float
    error: GatewayError | None = None

    def as_dict(self) -> dict[str, object]:
        """The JSON shape."""
        error = self.error
        return {
            "name": self.name,
            "good": error is None,
            "seconds": round(self.seconds, 3),
            "code": error.code if error else "",
            "error": error.message if error else "",
            "advice": error.advice if error else "",
        }


def kept(settings: Settings) -> list[Alert]:
    """Alarms as the running gateway has found them, the oldest first."""

    async def look(node: Node) -> list[Alert]:
        async with node.storage.read() as transaction:
            return await transaction.alerts.all()

    return with_node(settings, look)


def try_receivers(settings: Settings) -> list[Tried]:
    """Send a test to each; raises `KeyMaterialError` for a secret that cannot be used."""
    tls = load_client_tls(settings, TrustStore({}), clock.now())
    receivers = load_receivers(settings, lambda: tls)

    async def all_of_them() -> list[Tried]:
        return [await _try(each) for each in receivers]

    return asyncio.run(all_of_them())


async def _try(receiver: AlertReceiver) -> Tried:
    """One test."""
    begin = clock.monotonic()
    try:
        await receiver.test(clock.now())
    except GatewayError as error:
        return Tried(receiver.name, clock.monotonic() - begin, error)
    return Tried(receiver.name, clock.monotonic() - begin)
