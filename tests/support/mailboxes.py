"""Two gateways of which one only calls out: France is the hub, Switzerland has a mailbox there."""

from dataclasses import replace

from gateway.exchange.directory import Directory, Partner
from gateway.exchange.records import DeliveryRecord
from gateway.flows.issue import issue
from gateway.flows.ports import Node, Storage, Trail
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS, FR_MA
from support.gateways import SetClock, french, swiss
from support.permits import permit_bytes

SWISS_BOX = Partner("ch", "", (CH_MA, CH_CUSTOMS), mailbox=True)
HUB = Partner(
    "fr",
    "http://fr.invalid/",
    (FR_MA, FR_CUSTOMS),
    mailbox_url="https://fr.invalid/exchange/v1/mailbox",
)


def hub(storage: Storage, clock: SetClock) -> Node:
    """The gateway of France, which keeps a mailbox for that of Switzerland."""
    node = french(storage, clock)
    return replace(node, directory=Directory(node.directory.hosted, {"ch": SWISS_BOX}))


def caller(storage: Storage, clock: SetClock) -> Node:
    """The gateway of Switzerland, which nobody can call."""
    node = swiss(storage, clock)
    return replace(node, directory=Directory(node.directory.hosted, {"fr": HUB}))


async def put(node: Node, number: str = "FR-2026-000001") -> DeliveryRecord:
    """A French permit for Switzerland, issued at the hub; the delivery that waits."""
    permit = permit_bytes(number, exporter="FR", importer="CH")
    issued = await issue(permit, FR_MA, "", node, Trail())
    return next(each for each in issued.deliveries if each.partner == "ch")
