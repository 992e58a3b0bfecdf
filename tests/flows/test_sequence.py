"""Entries get their places, checkpoints are signed, and the whole is verified: on storage in memory."""

from dataclasses import replace

import pytest
from support.exchange import log_entry
from support.gateways import SetClock, gateway_key, keyring, swiss
from support.keys import NOW, seal
from support.memory import MemoryStorage

from gateway.errors import ProofRefused, SignatureRefused, StorageError
from gateway.flows.make_checkpoint import make_checkpoint
from gateway.flows.ports import Node
from gateway.flows.sequence import BATCH, place_all, place_waiting
from gateway.flows.verify_log import verify_log
from gateway.messagelog.checkpoint import read_note
from gateway.messagelog.proof import root
from gateway.messagelog.tiles import TileId
from gateway.messagelog.tree import EMPTY
from gateway.signatures.keyring import GATEWAY, Keyring


class Kept:
    """Fulfils `CheckpointKeeper` in memory."""

    def __init__(self):
        """Nothing yet."""
        self.notes = []

    def append(self, note):
        """One more."""
        self.notes.append(note)

    def read(self):
        """One behind the other."""
        return b"\n".join(self.notes)


@pytest.fixture
def node() -> Node:
    return swiss(MemoryStorage(), SetClock(), checkpoints=Kept())


async def write(node: Node, count: int) -> list[str]:
    """So many entries, each later than the one before."""
    entries = [log_entry(id=node.clock.new_id()) for _ in range(count)]
    async with node.storage.write() as transaction:
        await transaction.log.append(*entries)
    return [entry.id for entry in entries]


async def test_entries_get_their_places_in_order_and_once(node: Node):
    """In batches; a second run finds nothing to do."""
    ids = await write(node, BATCH + 7)
    assert await place_waiting(node) == BATCH
    assert await place_waiting(node) == 7
    assert await place_waiting(node) == 0
    state = node.storage.state
    assert [state.log_leaves[seq].entry_id for seq in range(BATCH + 7)] == ids
    assert (state.log_head.size, state.log_queue) == (BATCH + 7, {})


async def test_a_batch_that_fails_leaves_everything_as_it_was(node: Node):
    """Nothing is lost and nothing doubled: the entries wait as before."""
    ids = await write(node, 3)
    node.storage.fail_next_writes = 1
    with pytest.raises(StorageError):
        await place_waiting(node)
    assert node.storage.state.log_leaves == {}
    assert await place_all(node) == 3
    assert [leaf.entry_id for leaf in node.storage.state.log_leaves.values()] == ids


async def test_nothing_is_added_to_a_tree_that_contradicts_itself(node: Node):
    """A tile that was cut is said; entries wait until somebody has looked."""
    await write(node, 3)
    await place_all(node)
    await write(node, 1)
    node.storage.state.log_tiles[TileId(0, 0)] = b"short"
    with pytest.raises(ProofRefused, match="tile 0 of level 0"):
        await place_all(node)
    assert node.storage.state.log_head.size == 3


async def test_a_checkpoint_covers_what_was_written_until_now(node: Node):
    """Signed by the gateway, over the root of everything, kept in both places."""
    await write(node, 300)
    note = await make_checkpoint(node)
    state = node.storage.state
    assert (note.checkpoint.size, note.checkpoint.number, note.checkpoint.at) == (300, 0, NOW)
    assert note.checkpoint.root == root(300, state.log_tiles)
    assert note.checkpoint.origin == state.log_head.origin
    assert node.checkpoints.notes == [note.data] == [state.log_checkpoints[0].note]
    assert read_note(note.data) == note


async def test_a_log_that_has_not_grown_is_not_signed_again(node: Node):
    """The same bytes come back, however often one asks."""
    await write(node, 1)
    first = await make_checkpoint(node)
    node.clock.forward(hours=1)
    assert await make_checkpoint(node) == first
    await write(node, 1)
    assert (await make_checkpoint(node)).checkpoint.number == 1
    assert len(node.checkpoints.notes) == 2


async def test_an_empty_log_can_be_signed_too(node: Node):
    """So that nobody can say later that there was something in it."""
    assert (await make_checkpoint(node)).checkpoint.root == EMPTY
    assert (await verify_log(node)).holds


async def test_a_log_that_nobody_touched_holds(node: Node):
    """Over several checkpoints, with some entries that wait."""
    for count in (1, 255, 300, 2):
        await write(node, count)
        await make_checkpoint(node)
    await write(node, 5)
    report = await verify_log(node)
    assert report.breaks == []
    assert (report.size, report.unplaced.count, report.checkpoints, report.compared) == (558, 5, 4, 4)
    assert report.warnings == []


async def test_an_empty_log_holds(node: Node):
    report = await verify_log(node)
    assert (report.holds, report.size, report.origin) == (True, 0, "")


async def test_an_entry_that_waits_too_long_is_a_warning(node: Node):
    """The gateway may be down; then it says nothing about rewriting."""
    await write(node, 2)
    node.clock.forward(minutes=6)
    report = await verify_log(node)
    assert report.holds
    (warning,) = report.warnings
    assert warning.startswith("2 entries wait for their place, the oldest for 6 minutes")


async def test_a_checkpoint_of_a_stranger_is_found(node: Node):
    """Somebody who can write into the database, and has no key of ours, signs with his own."""
    await write(node, 3)
    good = node.keys
    node.keys = keyring(**{GATEWAY: seal("stranger", "FR")})
    await make_checkpoint(node)
    node.keys, node.checkpoints = good, None
    (found,) = (await verify_log(node)).breaks
    assert found.rule == "log.checkpoint-unproven"


async def test_an_earlier_key_of_ours_is_still_believed(node: Node):
    """After the key of the gateway was rolled, old checkpoints verify with the old certificate."""
    await write(node, 3)
    await make_checkpoint(node)
    new = keyring(**{GATEWAY: seal("next gateway", "CH")})
    node.keys = Keyring((*new.keys, *keyring(**{GATEWAY: gateway_key("CH")}).keys))
    await write(node, 3)
    await make_checkpoint(node)
    assert (await verify_log(node)).holds


async def test_without_a_key_nothing_is_signed_and_entries_get_their_places(node: Node):
    """A key that is missing stops checkpoints only."""
    await write(node, 3)
    node.keys = Keyring(())
    with pytest.raises(Exception, match="no key that signs"):
        await make_checkpoint(node)
    assert node.storage.state.log_head.size == 3


async def test_a_log_that_was_rewritten_as_a_whole_is_found(node: Node):
    """Every table replaced by another log that agrees with itself: only what was kept elsewhere tells."""
    await write(node, 4)
    kept = (await make_checkpoint(node)).data
    old_origin = node.storage.state.log_head.origin
    other = swiss(MemoryStorage(), SetClock())
    await write(other, 6)
    await place_all(other)
    other.storage.state.log_head = replace(other.storage.state.log_head, origin=old_origin)
    await make_checkpoint(other)
    assert (await verify_log(other)).holds
    report = await verify_log(other, [kept])
    assert [each.rule for each in report.breaks] == ["log.elsewhere-differs"]
    assert "the first 4 entries are not those" in report.breaks[0].message


async def test_a_log_that_was_cut_is_found(node: Node):
    """The last entries are gone, and everything about them: the checkpoint elsewhere covers more."""
    await write(node, 4)
    await place_all(node)
    before = node.storage.state.copy()
    await write(node, 4)
    kept = (await make_checkpoint(node)).data
    node.storage.state, node.checkpoints = before, None
    await make_checkpoint(node)
    report = await verify_log(node, [kept])
    assert [each.place for each in report.breaks] == [4]
    assert "over 8 entries, and there are 4" in report.breaks[0].message


async def test_a_file_that_holds_no_checkpoints_is_refused(node: Node):
    with pytest.raises(ProofRefused):
        await verify_log(node, [b"nonsense"])


async def test_a_checkpoint_of_another_log_is_no_proof_of_this_one(node: Node):
    other = swiss(MemoryStorage(), SetClock())
    await write(other, 1)
    await write(node, 1)
    await place_all(node)
    (found,) = (await verify_log(node, [(await make_checkpoint(other)).data])).breaks
    assert "of another log" in found.message
    assert not isinstance(found, SignatureRefused)


async def test_progress_reaches_the_end(node: Node):
    seen = []
    await write(node, 300)
    await place_all(node)
    await verify_log(node, progress=lambda done, of: seen.append((done, of)))
    assert seen[-1] == (300, 300)


async def test_giving_places_ends_however_much_is_written_meanwhile(node: Node, monkeypatch):
    """A checkpoint on a busy gateway: each batch that is placed has new entries behind it."""
    await write(node, 2)
    real, batches = place_waiting, []

    async def placing(node):
        batches.append(await real(node))
        await write(node, 2)
        assert len(batches) < 5, "it never ends"
        return batches[-1]

    monkeypatch.setattr("gateway.flows.sequence.place_waiting", placing)
    assert await place_all(node) == 2


async def test_an_entry_that_has_a_place_gets_no_second_one(node: Node):
    """Somebody put it into the queue again: the sequencer passes it over, and verification says so."""
    (entry_id, *_) = await write(node, 2)
    await place_all(node)
    node.storage.state.log_queue[entry_id] = NOW
    node.storage.state.log_queue["nosuch"] = NOW
    await write(node, 1)
    await place_all(node)
    assert node.storage.state.log_head.size == 3
    assert [each.rule for each in (await verify_log(node)).breaks] == ["log.false-waiting"] * 2


@pytest.mark.parametrize("data", [b"", b"\n", b"what the cat has typed"])
async def test_a_file_without_a_checkpoint_compares_nothing(node: Node, data: bytes):
    """It does not pass for one that agrees."""
    await write(node, 1)
    await place_all(node)
    with pytest.raises(ProofRefused):
        await verify_log(node, [data])
