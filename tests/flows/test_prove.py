"""Proofs leave the gateway, and hold for somebody who has a checkpoint only."""

from dataclasses import replace

import pytest
from support.exchange import log_entry
from support.gateways import SetClock, swiss
from support.memory import MemoryStorage

from gateway.errors import NotFound, ProofRefused
from gateway.flows.make_checkpoint import make_checkpoint
from gateway.flows.ports import Node
from gateway.flows.prove import entries_of_message, entry_with, prove_entries, prove_growth
from gateway.flows.sequence import place_all
from gateway.messagelog.proof import check_consistency
from gateway.messagelog.proven_entry import read_proofs, write_proofs


@pytest.fixture
def node() -> Node:
    return swiss(MemoryStorage(), SetClock())


async def write(node: Node, count: int, **changes) -> list[str]:
    entries = [log_entry(id=node.clock.new_id(), salt=bytes(16), **changes) for _ in range(count)]
    async with node.storage.write() as transaction:
        await transaction.log.append(*entries)
    return [entry.id for entry in entries]


async def test_what_is_logged_about_a_message_is_proven(node: Node):
    """Every entry with its words, under one checkpoint, wherever they stand."""
    await write(node, 300)
    ids = await write(node, 2, message_id="m", actor="ines")
    await write(node, 100)
    ids += await write(node, 1, message_id="m")
    proven = await prove_entries(await entries_of_message("m", node), node)
    assert [(each.place, each.said.id) for each in proven.entries] == list(
        zip((300, 301, 402), ids, strict=True)
    )
    assert proven.entries[0].words["actor"] == "ines"
    for each in proven.entries:
        each.check(proven.note.checkpoint)


async def test_the_first_checkpoint_that_covers_them_is_taken(node: Node):
    """Two who ask on two days get the same; one that is not covered yet gets a new one."""
    ids = await write(node, 1)
    first = await make_checkpoint(node)
    await write(node, 5)
    await make_checkpoint(node)
    entry = await entry_with(ids[0], node)
    assert (await prove_entries([entry], node)).note == first
    (new,) = await write(node, 1)
    assert (await prove_entries([await entry_with(new, node)], node)).note.checkpoint.size == 7


async def test_what_is_not_there_is_said(node: Node):
    await write(node, 1)
    for asking in (entries_of_message("nosuch", node), entries_of_message("", node)):
        with pytest.raises(NotFound, match="nothing is logged"):
            await asking
    with pytest.raises(NotFound, match="no entry"):
        await entry_with("nosuch", node)
    with pytest.raises(NotFound, match="never had 9"):
        await prove_growth(9, node)


async def test_an_entry_that_nobody_gave_a_place_is_not_proven(node: Node):
    """Somebody wrote it into the database, past the log."""
    (entry_id,) = await write(node, 1)
    entry = await entry_with(entry_id, node)
    node.storage.state.log_queue.clear()
    await write(node, 1)
    with pytest.raises(NotFound, match="of 1 entries 0 have a place"):
        await prove_entries([entry], node)


async def test_a_log_proves_that_it_has_grown(node: Node):
    """From any size that it had, to somebody who kept the root."""
    await write(node, 300)
    old = (await make_checkpoint(node)).checkpoint
    await write(node, 300)
    growth = await prove_growth(old.size, node)
    assert growth.first_root == old.root
    new = growth.note.checkpoint
    check_consistency(old.size, old.root, new.size, new.root, growth.proof)


async def test_the_file_of_proofs_is_read_back_to_the_last_byte(node: Node):
    """And nothing else is read: other spacing, a member more, another number, words that are no object."""
    await write(node, 2, message_id="m", detail="Größe")
    proven = await prove_entries(await entries_of_message("m", node), node)
    entries = (*proven.entries, replace(proven.entries[0], content=None))
    data = write_proofs("a/log", 2, entries)
    assert read_proofs(data) == ("a/log", 2, entries)
    assert entries[2].words == {}
    for wrong in (
        data[:-1],
        data + b" ",
        data.replace(b'"version": 1', b'"version": 2'),
        data.replace(b'"place": 0', b'"place": 00'),
        data.replace(b'"place": 0', b'"place": "0"'),
        data.replace(b'"size": 2', b'"size": 2, "more": 1'),
        data.replace(b"==", b"=", 1) if b"==" in data else data[1:],
        write_proofs("a/log", 2, [replace(entries[0], content=b"[1]")]),
        write_proofs("a/log", 2, [replace(entries[0], content=b"{")]),
        b"[]",
        b"",
    ):
        assert wrong != data
        with pytest.raises(ProofRefused):
            read_proofs(wrong)


async def test_other_words_are_no_proof(node: Node):
    """The leaf binds what is not in it."""
    await write(node, 3, message_id="m")
    await place_all(node)
    proven = await prove_entries(await entries_of_message("m", node), node)
    first, second = proven.entries[:2]
    for wrong in (
        replace(first, content=first.content.replace(b"all is well", b"all is lost")),
        replace(first, leaf=second.leaf),
        replace(first, place=1),
        replace(first, path=second.path),
        replace(first, leaf=b"{}"),
    ):
        with pytest.raises(ProofRefused):
            wrong.check(proven.note.checkpoint)
