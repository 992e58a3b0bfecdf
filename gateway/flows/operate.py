"""An operator acts on deliveries: try now, send again, give up."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from gateway.exchange.delivery import DeliveryState
from gateway.exchange.delivery_query import DEAD_LETTERS, DeliveryQuery
from gateway.exchange.records import DeliveryRecord
from gateway.flows.author import Author
from gateway.flows.journal import entry
from gateway.flows.ports import Node, Trail
from gateway.messagelog.entry import EntryKind

BATCH = 500
"""Deliveries changed in one transaction: a bulk act on thousands never holds up a worker for long."""


PAGE = 5000
"""Deliveries read in one go for a preview."""


class Act(StrEnum):
    """What an operator can do."""

    RETRY = "retry"
    """What waits for its next attempt is tried now."""
    REQUEUE = "requeue"
    """What was given up is sent again: the same envelope, with a deadline that begins anew."""
    DROP = "drop"
    """What waits, or was given up, is not sent any more."""


_FROM = {
    Act.RETRY: (DeliveryState.QUEUED,),
    Act.REQUEUE: (*DEAD_LETTERS, DeliveryState.DROPPED),
    Act.DROP: (DeliveryState.QUEUED, DeliveryState.WAITING, *DEAD_LETTERS),
}
"""In which states a delivery can be acted on; never while it is being sent."""

_WORD = {Act.RETRY: "retried", Act.REQUEUE: "requeued", Act.DROP: "dropped"}
"""For the message log."""


async def find(query: DeliveryQuery, node: Node) -> list[DeliveryRecord]:
    """Matching deliveries, oldest first, a page of them."""
    async with node.storage.read() as transaction:
        return await transaction.deliveries.search(query)


def actable(act: Act, query: DeliveryQuery) -> DeliveryQuery:
    """The same search, for those deliveries that can be acted on so."""
    states = tuple(state for state in _FROM[act] if not query.states or state in query.states)
    # A search for states of which none fits must find nothing rather than everything.
    return replace(query, states=states) if states else replace(query, states=_FROM[act], ids=("none",))


@dataclass(frozen=True, slots=True)
class Preview:
    """What an act would be done to, if it were done now."""

    counted: Mapping[tuple[str, DeliveryState], int]
    """By partner and state."""
    last: str
    """Id of the youngest of them; empty when there is none."""
    more: bool
    """Whether there are more than were counted."""

    @property
    def total(self) -> int:
        """How many."""
        return sum(self.counted.values())


async def preview(act: Act, query: DeliveryQuery, node: Node, most: int | None = None) -> Preview:
    """Count what `act_on` would change; of more than `most` the oldest ones."""
    counted: Counter[tuple[str, DeliveryState]] = Counter()
    page, last = replace(actable(act, query), limit=PAGE), ""
    while found := await find(page, node):
        taken = found if most is None else found[: most - counted.total()]
        counted.update((record.partner, record.state) for record in taken)
        last = taken[-1].id if taken else last
        if len(taken) < len(found):
            return Preview(counted, last, more=True)
        page = replace(page, after=last)
    return Preview(counted, last, more=False)


async def act_on(
    act: Act,
    query: DeliveryQuery,
    author: Author,
    node: Node,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """
    Act on every delivery that `query` finds and that can be acted on; returns how many.

    1. Find a batch; the search begins where the last batch ended.
    2. One transaction: each delivery that is still in a state that allows it, and an entry in the message
       log for each, with author and reason. A worker, or another operator, may have been quicker.
    3. Wake the worker.

    A requeued delivery keeps its id, its envelope and its earlier attempts. `progress` is told the number of
    each batch. Raises `StorageError`; what was done in earlier batches stays done.
    """
    done, query = 0, replace(actable(act, query), limit=BATCH)
    while True:
        # 1
        batch = await find(query, node)
        if not batch:
            break
        # 2
        changed = await _change(act, batch, author, node)
        done += changed
        progress(changed)
        if len(batch) < BATCH:
            break
        query = replace(query, after=batch[-1].id)
    # 3
    if act is not Act.DROP:
        node.wake()
    return done


async def _change(act: Act, batch: Sequence[DeliveryRecord], author: Author, node: Node) -> int:
    """One batch (step 2)."""
    async with node.storage.write() as transaction:
        at = await transaction.deliveries.moment(node.clock.now())
        changed = await transaction.deliveries.change(
            [_after(act, record, at) for record in batch], only_in=_FROM[act]
        )
        for record in batch:
            if record.id in changed:
                trail = Trail(
                    actor=author.who,
                    partner=record.partner,
                    authority=str(record.recipient),
                    message_id=record.message_id,
                    permit=record.permit,
                )
                detail = f"{author.reason}; it was {record.state}" + (
                    f": {record.error}" if record.error else ""
                )
                await transaction.log.append(
                    entry(node.clock, EntryKind.OPERATED, trail, outcome=_WORD[act], detail=detail)
                )
    return len(changed)


def _after(act: Act, record: DeliveryRecord, at: datetime) -> DeliveryRecord:
    """A delivery as it is after an act."""
    if act is Act.DROP:
        return replace(record, state=DeliveryState.DROPPED, next_attempt_at=None, settled_at=at)
    if act is Act.RETRY:
        return replace(record, next_attempt_at=at)
    return replace(record, state=DeliveryState.QUEUED, next_attempt_at=at, settled_at=None, requeued_at=at)
