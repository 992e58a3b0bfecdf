"""What is counted over the tables, as a Protocol; nothing here looks at more than `most` rows at a time."""

from collections.abc import Mapping
from typing import Protocol

from gateway.exchange.figures import GivenUp, Queue, Sample, Span, Travelled
from gateway.permits.identity import AuthorityId

Boundary = frozenset[AuthorityId]
"""Only what one of these sends or receives; empty: everything."""


class Figures(Protocol):
    """
    Counts for the console.

    Each one looks at `most` rows at the most, whatever there is, and counts those among them that lie within
    the boundary: a count that reaches `most` means "at least".
    """

    async def travelled(self, span: Span, within: Boundary, most: int) -> Travelled:
        """Messages of a span of time, by direction."""

    async def seconds(self, span: Span, within: Boundary, most: int) -> list[float]:
        """How long deliveries that were queued in a span took until their receipt, the newest ones."""

    async def turned_away(self, span: Span, within: Boundary, most: int) -> Mapping[str, int]:
        """What was turned away in a span, by code, as the message log tells it."""

    async def sent_back(self, span: Span, within: Boundary, most: int) -> Mapping[str, int]:
        """Deliveries queued in a span that a partner has refused, by partner."""

    async def given_up(self, within: Boundary, most: int) -> list[GivenUp]:
        """Dead letters, the newest ones, by state and error."""

    async def queues(self, within: Boundary, most: int) -> list[Queue]:
        """What has not arrived, by partner and state; each partner and state is bounded on its own."""

    async def samples(self, partner: str, most: int) -> list[Sample]:
        """The attempts at the partner's last `most` settled deliveries, the newest deliveries first."""
