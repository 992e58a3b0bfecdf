"""A report is made while the gateway serves: one at a time, of so many permits, in so much time."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TypeVar

from gateway.errors import GatewayBusy, MalformedRequest, NotFound
from gateway.flows.ports import Node
from gateway.permits.identity import AuthorityId, Role
from gateway.wording import Words, say

Made = TypeVar("Made")

MOST_PERMITS = 20_000
"""Permits of a Party that a page reads; proving them takes about half a minute."""
MOST_SECONDS = 120.0


class Turn:
    """Who does something long: one at a time, so that people at pages never crowd out messages."""

    def __init__(self) -> None:
        """Nobody's."""
        self.taken = False


@contextmanager
def in_turn(turn: Turn, why_not: Words) -> Iterator[None]:
    """Have the turn until the block is left; raises `GatewayBusy` with `why_not` when somebody has it."""
    if turn.taken:
        raise GatewayBusy(why_not, advice=say("open this page again in a minute, or use the command"))
    turn.taken = True
    try:
        yield
    finally:
        turn.taken = False


def parties_of(boundary: Collection[AuthorityId], node: Node) -> tuple[str, ...]:
    """The Parties of whose trade somebody may report: those of their Management Authorities here."""
    hosted = node.directory.hosted
    mine = (each for each in boundary or hosted if each in hosted and each.role is Role.MA)
    return tuple(sorted({each.party for each in mine}))


async def report_in_turn(
    party: str,
    boundary: Collection[AuthorityId],
    turn: Turn,
    make: Callable[[], Awaitable[Made]],
    node: Node,
) -> Made:
    """
    What `make` makes of the permits of a Party.

    1. Somebody may report of the Parties of their own Management Authorities.
    2. One report at a time, of no more than `MOST_PERMITS` permits.
    3. In no more than `MOST_SECONDS`.

    Raises `NotFound`, `MalformedRequest` for too many permits, and `GatewayBusy`.
    """
    # 1
    if party not in parties_of(boundary, node):
        raise NotFound(
            "none of your Management Authorities belongs to that Party", advice="choose one of the list"
        )
    # 2
    with in_turn(turn, say("another report is being made")):
        async with node.storage.read() as transaction:
            count = await transaction.notices.count_held(party)
        if count > MOST_PERMITS:
            raise MalformedRequest(
                say(
                    "{count} permits are too many for a page, which reads {most}",
                    count=count,
                    most=MOST_PERMITS,
                ),
                advice=say("make the report beside the gateway: ecites report annual, or reconciliation"),
            )
        # 3
        try:
            async with asyncio.timeout(MOST_SECONDS):
                return await make()
        except TimeoutError:
            raise GatewayBusy(
                say("the report took longer than {seconds} s and was given up", seconds=MOST_SECONDS),
                advice=say("make the report beside the gateway: ecites report annual, or reconciliation"),
            ) from None
