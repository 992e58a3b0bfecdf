"""Somebody wants to know what is wrong with a document; nothing of it is kept."""

from datetime import datetime

from gateway.codec.examine import examine
from gateway.flows.ports import Node
from gateway.permits.examination import Examination


async def examine_document(data: bytes, name: str, node: Node) -> Examination:
    """
    Everything that schema, code lists and rules say now about some bytes, whatever they are.

    `name` stands in the report. Nothing is raised for what the bytes hold; raises `GatewayBusy`.
    """
    return await node.desk.run(data, _examined, data, name, node, node.clock.now())


def _examined(data: bytes, name: str, node: Node, at: datetime) -> Examination:
    """Beside the event loop, when it is large."""
    standards = node.standards
    return examine(
        data,
        name=name,
        at=at,
        profile=standards.profile,
        evidence=standards.evidence,
        settings=standards.rules,
    )
