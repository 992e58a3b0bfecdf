"""Something was turned away; the log keeps that too."""

from gateway.errors import GatewayError
from gateway.flows.journal import entry, told
from gateway.flows.ports import Node, Trail
from gateway.messagelog.entry import EntryKind


async def record_refusal(error: GatewayError, node: Node, trail: Trail) -> None:
    """
    Log a refusal with everything that was known when it happened, the findings included.

    Raises `StorageError` when the database fails; the caller answers the refusal all the same.
    """
    findings = error.fields.get("findings", ())
    detail = told(findings) if findings else error.message
    async with node.storage.write() as transaction:
        await transaction.log.append(
            entry(node.clock, EntryKind.REFUSED, trail, outcome=error.code, detail=detail)
        )
