"""An authority hosted here takes its permits: list, fetch one, acknowledge."""

from gateway.errors import NotFound
from gateway.exchange.records import InboxItem
from gateway.flows.journal import entry
from gateway.flows.ports import Node, Trail
from gateway.flows.room import Room, unlimited
from gateway.messagelog.entry import EntryKind
from gateway.permits.identity import AuthorityId


async def list_waiting(caller: AuthorityId, *, after: str, limit: int, node: Node) -> list[InboxItem]:
    """What waits for the caller, oldest first, after the item with id `after`."""
    async with node.storage.read() as transaction:
        return await transaction.inboxes.waiting(caller, after=after, limit=limit)


async def fetch(
    caller: AuthorityId, item_id: str, node: Node, trail: Trail, *, room: Room = unlimited
) -> tuple[InboxItem, bytes]:
    """
    One item and the permit's original bytes.

    1. Only the caller's own items can be found.
    2. There is room for its bytes where they are handed over.
    3. The look is logged.

    Raises `NotFound`, and what `room` raises.
    """
    trail.actor = trail.authority = str(caller)
    async with node.storage.write() as transaction:
        # 1
        found = await transaction.inboxes.get(caller, item_id)
        if found is None:
            raise _not_found(item_id)
        # 2
        trail.permit, trail.digest = found[0].permit, found[0].digest
        room(len(found[1]))
        # 3
        await transaction.log.append(entry(node.clock, EntryKind.FETCHED, trail, outcome="fetched"))
    return found


async def acknowledge(caller: AuthorityId, item_id: str, node: Node, trail: Trail) -> InboxItem:
    """
    The caller has the permit safely; the item leaves its list. Acknowledging again changes nothing.

    Raises `NotFound`.
    """
    trail.actor = trail.authority = str(caller)
    async with node.storage.write() as transaction:
        item = await transaction.inboxes.acknowledge(caller, item_id, node.clock.now())
        if item is None:
            raise _not_found(item_id)
        trail.permit, trail.digest = item.permit, item.digest
        await transaction.log.append(entry(node.clock, EntryKind.FETCHED, trail, outcome="acknowledged"))
    return item


def _not_found(item_id: str) -> NotFound:
    """There is none, or it is somebody else's: the answer is the same."""
    return NotFound(f"there is no item {item_id} in your inbox", advice="list your inbox: GET /api/v1/inbox")
