"""Somebody takes the evidence about a message away, through the console."""

from collections.abc import Collection

from gateway.errors import NotFound
from gateway.exchange.message_query import MessageQuery
from gateway.flows.author import Author
from gateway.flows.export_evidence import Exported, export_evidence
from gateway.flows.ports import Node
from gateway.permits.identity import AuthorityId

MOST = 100
"""Messages of different senders under one id; an id is unique but for mistakes."""


async def take_evidence(
    message_id: str, boundary: Collection[AuthorityId], author: Author, node: Node
) -> Exported:
    """
    The evidence file about a message that concerns the authorities of `boundary` (none: all).

    Every message with that id must concern them: another sender's under the same id does not come along.
    Raises `NotFound`, and what `export_evidence` raises, which also logs who took it.
    """
    within = frozenset(boundary)
    async with node.storage.read() as transaction:
        mine = await transaction.messages.search(
            MessageQuery(message_id=message_id, within=within, limit=MOST)
        )
        everybodys = await transaction.messages.search(MessageQuery(message_id=message_id, limit=MOST))
        # A partner chooses the ids of its messages; that of somebody's delivery would be taken for that one.
        taken = await transaction.deliveries.get(message_id)
    if not mine or len(mine) != len(everybodys) or taken is not None:
        raise NotFound(
            "there is no such message here, or it concerns none of your authorities",
            advice="look for it in the list of messages",
        )
    return await export_evidence(message_id, author, node)
