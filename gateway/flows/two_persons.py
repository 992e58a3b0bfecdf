"""Whether a change of whom this gateway believes needs two persons."""

from gateway.flows.ports import Node, Transaction


async def in_force(transaction: Transaction, node: Node) -> bool:
    """As configured."""
    del transaction
    return node.people.two_persons
