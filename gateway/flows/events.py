"""A system at an authority hosted here asks what happened, and says what it has."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gateway.errors import NotFound
from gateway.exchange.events import Event, cloud_event
from gateway.flows.event_content import data_of_all
from gateway.flows.journal import entry
from gateway.flows.ports import Node, Trail
from gateway.flows.waiting import until_any
from gateway.messagelog.entry import EntryKind
from gateway.permits.identity import AuthorityId

POLL_SECONDS = 5.0
"""A caller that waits looks again at the latest after so long, whatever bell was missed."""


async def list_events(
    caller: AuthorityId, *, after: str, limit: int, wait: float, node: Node
) -> list[dict[str, Any]]:
    """
    What the caller was told and has not acknowledged, oldest first, each as a CloudEvent.

    With `wait` it comes as soon as there is anything after the cursor `after`, or after so many seconds.
    Raises `TooManyCallers`.
    """

    async def look() -> list[Event]:
        async with node.storage.read() as transaction:
            return await transaction.events.waiting(caller, after=after, limit=limit)

    events = await look()
    if not events and wait > 0:
        events = await until_any(look, str(caller), wait, node.mailboxes, POLL_SECONDS)
    return [
        cloud_event(event, data) for event, data in zip(events, await data_of_all(events, node), strict=True)
    ]


async def acknowledge_events(caller: AuthorityId, ids: Sequence[str], node: Node, trail: Trail) -> None:
    """
    Take events out of the caller's feed, all of them or none; doing it again changes nothing.

    Each is logged. Raises `NotFound` that names the ids that are not the caller's.
    """
    async with node.storage.write() as transaction:
        mine = await transaction.events.acknowledge(caller, ids, node.clock.now())
        strange = [each for each in ids if each not in mine]
        if strange:
            raise NotFound(
                f"no such event was told to {caller}: {', '.join(each[:40] for each in strange[:5])}",
                advice="acknowledge ids that GET /api/v1/events has shown; nothing was acknowledged",
            )
        for each in sorted(mine):
            event = await transaction.events.get(each)
            told = replace(trail, permit=event.permit if event else None, message_id=each)
            await transaction.log.append(
                entry(node.clock, EntryKind.FETCHED, told, outcome="event-acknowledged")
            )
