"""The port `Figures` in memory: counted one by one, without an index."""

from collections import Counter

from gateway.exchange.delivery_query import DEAD_LETTERS
from gateway.exchange.figures import (
    RECEIPTED,
    SENT_BACK,
    GivenUp,
    Queue,
    Sample,
    Span,
    Travelled,
)
from gateway.exchange.receipts import Outcome
from gateway.exchange.records import DeliveryRecord, Direction
from gateway.messagelog.entry import EntryKind
from gateway.permits.identity import AuthorityId
from support.memory.state import State, concerns

Boundary = frozenset[AuthorityId]


class MemoryFigures:
    """Fulfils the port `Figures`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def travelled(self, span: Span, within: Boundary, most: int) -> Travelled:
        """Messages of a span."""
        found = [m for m in self._state.messages.values() if span.begin <= m.recorded_at < span.end][:most]
        mine = [m for m in found if concerns(m, within)]
        came = [m for m in mine if m.direction is Direction.IN]
        bad = [m for m in came if m.outcome in (Outcome.REFUSED, Outcome.NOT_READABLE)]
        return Travelled(len(came), len(mine) - len(came), len(bad))

    async def seconds(self, span: Span, within: Boundary, most: int) -> list[float]:
        """How long deliveries took."""
        return [
            (d.settled_at - d.deadline_from).total_seconds()
            for d in self._queued_in(span, most)
            if concerns(d, within) and d.partner and d.state in RECEIPTED and d.settled_at
        ]

    async def turned_away(self, span: Span, within: Boundary, most: int) -> dict[str, int]:
        """Refusals by code."""
        found = [
            e
            for e in self._state.log.values()
            if e.kind is EntryKind.REFUSED and span.begin <= e.at < span.end
        ][:most]
        names = {str(authority) for authority in within}
        return Counter(e.outcome for e in found if not names or e.authority in names)

    async def sent_back(self, span: Span, within: Boundary, most: int) -> dict[str, int]:
        """What partners have refused."""
        return Counter(
            d.partner
            for d in self._queued_in(span, most)
            if concerns(d, within) and d.partner and d.state in SENT_BACK
        )

    async def given_up(self, within: Boundary, most: int) -> list[GivenUp]:
        """Dead letters by state and error."""
        groups: dict[tuple[str, str], list[DeliveryRecord]] = {}
        for state in DEAD_LETTERS:
            for d in [d for d in self._newest() if d.state is state][:most]:
                if concerns(d, within):
                    groups.setdefault((d.state, d.error_code), []).append(d)
        found = [
            GivenUp(
                group[0].state,
                group[0].error_code,
                len(group),
                max((d.settled_at for d in group if d.settled_at), default=max(d.created_at for d in group)),
            )
            for group in groups.values()
        ]
        return sorted(found, key=lambda each: -each.count)

    async def queues(self, within: Boundary, most: int) -> list[Queue]:
        """What has not arrived."""
        groups: dict[tuple[str, str], list[DeliveryRecord]] = {}
        for d in sorted(self._state.deliveries.values(), key=lambda d: d.id):
            if not d.state.settled:
                groups.setdefault((d.partner, d.state), []).append(d)
        found = []
        for (partner, _), group in sorted(groups.items()):
            mine = [d for d in group[:most] if concerns(d, within)]
            if mine:
                oldest = min(d.created_at for d in mine)
                found.append(Queue(partner, mine[0].state, len(mine), oldest))
        return found

    async def samples(self, partner: str, most: int) -> list[Sample]:
        """Attempts at a partner."""
        tried = [d.id for d in self._newest() if d.partner == partner and d.attempts and d.state in _TRIED]
        last = set(tried[:most])
        found = [(a.delivery_id, n, a) for n, a in enumerate(self._state.attempts) if a.delivery_id in last]
        return [Sample(a.outcome, a.seconds) for _, _, a in sorted(found, key=lambda f: f[:2], reverse=True)][
            :most
        ]

    def _newest(self) -> list[DeliveryRecord]:
        """All deliveries, the newest first."""
        return sorted(self._state.deliveries.values(), key=lambda d: d.id, reverse=True)

    def _queued_in(self, span: Span, most: int) -> list[DeliveryRecord]:
        """The newest deliveries of a span; their ids are made when they are queued."""
        return [d for d in self._newest() if span.begin <= d.created_at < span.end][:most]


_TRIED = (*RECEIPTED, *DEAD_LETTERS, "queued")
