"""What people read of the tree over the message log: places of entries, checkpoints, that it only grew."""

import asyncio
from dataclasses import dataclass

from gateway.errors import GatewayBusy, MalformedRequest, NotFound
from gateway.flows.ports import Node
from gateway.flows.prove import Growth
from gateway.flows.report_in_turn import MOST_SECONDS, Turn, in_turn
from gateway.flows.verify_log import LogReport, verify_log
from gateway.messagelog.checkpoint import read_note
from gateway.messagelog.entry import Entry
from gateway.messagelog.kept import KeptCheckpoint
from gateway.messagelog.leaf import content_of
from gateway.messagelog.proof import (
    Proof,
    check_consistency,
    consistency,
    inclusion,
    tiles_for_consistency,
    tiles_for_inclusion,
)
from gateway.messagelog.proven_entry import ProvenEntry
from gateway.wording import say

PAGE = 50
"""Checkpoints on a page."""
MOST_ENTRIES = 200_000
"""Entries that a page verifies; that takes about half a minute."""


@dataclass(frozen=True, slots=True)
class EntryPlace:
    """Where an entry stands in the tree."""

    seq: int
    """From 0."""
    leaf: bytes
    checkpoint: KeptCheckpoint | None
    """The first one that covers it; None as long as there is none."""
    proof: Proof = ()
    """The path to the root of that checkpoint, which was checked."""


async def place_of(entry: Entry, node: Node) -> EntryPlace | None:
    """
    The place of an entry, with its proof under the first checkpoint that covers it; None without a place.

    Raises `ProofRefused` when the tree in the database does not prove that it is what was logged.
    """
    async with node.storage.read() as transaction:
        found = await transaction.log_tree.placed([entry.id])
        if not found:
            return None
        placed = found[0]
        kept = await transaction.log_tree.checkpoint_over(placed.seq + 1)
        if kept is None:
            return EntryPlace(placed.seq, placed.leaf, None)
        tiles = await transaction.log_tree.tiles(tiles_for_inclusion(placed.seq, kept.size))
    content = None if entry.erased_at else content_of(entry)
    proven = ProvenEntry(placed.seq, placed.leaf, content, inclusion(placed.seq, kept.size, tiles))
    proven.check(read_note(kept.note).checkpoint)
    return EntryPlace(placed.seq, placed.leaf, kept, proven.path)


async def list_checkpoints(before: int | None, node: Node) -> tuple[list[KeptCheckpoint], int]:
    """A page of checkpoints, the newest first, with numbers below `before`; and how many there are."""
    async with node.storage.read() as transaction:
        head = await transaction.log_tree.head()
        made = head.checkpoints if head else 0
        end = made if before is None else min(before, made)
        found = await transaction.log_tree.checkpoints(max(end - PAGE, 0) - 1, PAGE)
    return [each for each in reversed(found) if each.number < end], made


async def find_checkpoint(number: int, node: Node) -> KeptCheckpoint:
    """The checkpoint with that number; raises `NotFound`."""
    async with node.storage.read() as transaction:
        found = await transaction.log_tree.checkpoints(number - 1, 1)
    if not found or found[0].number != number:
        raise NotFound(
            say("there is no checkpoint {number}", number=number), advice=say("choose one of the list")
        )
    return found[0]


async def growth_between(first: int, second: int, node: Node) -> Growth:
    """
    That the log under checkpoint `second` begins with all of checkpoint `first`.

    Raises `NotFound`, `MalformedRequest` when the second is the older one, and `ProofRefused` when the log
    was changed between them.
    """
    older, newer = await find_checkpoint(first, node), await find_checkpoint(second, node)
    if older.size > newer.size:
        raise MalformedRequest(
            say("checkpoint {first} is over more entries than {second}", first=first, second=second),
            advice=say("name the older one first"),
        )
    async with node.storage.read() as transaction:
        tiles = await transaction.log_tree.tiles(tiles_for_consistency(older.size, newer.size))
    proof = consistency(older.size, newer.size, tiles)
    check_consistency(older.size, older.root, newer.size, newer.root, proof)
    return Growth(older.size, older.root, read_note(newer.note), proof)


async def verify_in_turn(turn: Turn, node: Node) -> LogReport:
    """
    Verify the log while the gateway serves: once at a time, of so many entries, in so much time.

    Raises `GatewayBusy`, `MalformedRequest` for a log that is too long for a page, and what `verify_log`
    raises.
    """
    with in_turn(turn, say("the log is being verified")):
        async with node.storage.read() as transaction:
            head = await transaction.log_tree.head()
        if head is not None and head.size > MOST_ENTRIES:
            raise MalformedRequest(
                say(
                    "{count} entries are too many for a page, which verifies {most}",
                    count=head.size,
                    most=MOST_ENTRIES,
                ),
                advice=say("verify the log beside the gateway: ecites log verify"),
            )
        try:
            async with asyncio.timeout(MOST_SECONDS):
                return await verify_log(node)
        except TimeoutError:
            raise GatewayBusy(
                say("the log was not verified within {seconds} s", seconds=MOST_SECONDS),
                advice=say("verify the log beside the gateway: ecites log verify"),
            ) from None
