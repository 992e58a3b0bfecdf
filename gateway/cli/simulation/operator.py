"""The operator of every gateway: sees what is on its way, and sends again what was given up."""

from collections.abc import Mapping

from gateway.cli.demonstration.network import DemoNode
from gateway.config import load
from gateway.exchange.delivery_query import DEAD_LETTERS, DeliveryQuery
from gateway.flows.author import Author
from gateway.flows.operate import Act, act_on
from gateway.loading.database import open_database
from gateway.loading.node import bare_node
from gateway.storage.unit_of_work import Database

_AUTHOR = Author("simulation", "damaged on its way, as planned")


async def open_desks(nodes: Mapping[str, DemoNode]) -> dict[str, Database]:
    """The database of each gateway, beside the process that serves it."""
    return {name: await open_database(load(node.config)) for name, node in nodes.items()}


async def moving(desks: Mapping[str, Database]) -> int:
    """Deliveries that have not come to their end, over all gateways."""
    total = 0
    for database in desks.values():
        async with database.read() as transaction:
            total += sum((await transaction.deliveries.unsettled()).values())
    return total


async def send_again(desks: Mapping[str, Database]) -> int:
    """Requeue every dead letter; returns how many there were."""
    query = DeliveryQuery(states=DEAD_LETTERS)
    return sum(
        [await act_on(Act.REQUEUE, query, _AUTHOR, bare_node(database)) for database in desks.values()]
    )
