"""Is the message log what it was? Everything is made again from the leaves and compared with what is kept."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from gateway.errors import GatewayError, ProofRefused
from gateway.flows.bundle_evidence import Certificates
from gateway.flows.ports import Node, Transaction
from gateway.messagelog.checkpoint import Note, read_note, read_notes
from gateway.messagelog.kept import Head, KeptCheckpoint, Unplaced
from gateway.messagelog.rebuild import Break, Rebuild
from gateway.messagelog.tiles import all_tiles
from gateway.messagelog.tree import EMPTY
from gateway.signatures.keyring import GATEWAY
from gateway.signatures.notes import prove_text
from gateway.wording import Words, say

PAGE = 2000
"""Leaves read in one go."""

NAMED = 20
"""Ids that are named of each kind; more of one kind say nothing new."""

LATE = timedelta(minutes=5)
"""An entry that has waited longer for its place under a running gateway is worth a warning."""

Progress = Callable[[int, int], None]
"""Told how many entries were looked at, and of how many."""


@dataclass(slots=True)
class LogReport:
    """What came out."""

    size: int = 0
    """Entries that have their place."""
    origin: str = ""
    """The name of the log; empty for one in which nothing has a place yet."""
    unplaced: Unplaced = field(default_factory=Unplaced)
    checkpoints: int = 0
    """Checkpoints in the database that were looked at."""
    compared: int = 0
    """Checkpoints from elsewhere with which the log was compared."""
    breaks: list[Break] = field(default_factory=list)
    """What does not hold, by place; what has none stands behind."""
    warnings: list[Words] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """True when nothing was found."""
        return not self.breaks


def _quiet(_done: int, _of: int) -> None:
    """Nobody wants to know how far it is."""


async def verify_log(
    node: Node,
    against: Iterable[bytes] = (),
    *,
    certificates: Certificates | None = None,
    progress: Progress = _quiet,
) -> LogReport:
    """
    Make the tree again from the leaves, and say what is not as it was.

    1. All of it in one view of the database, beside a gateway that may be running.
    2. Checkpoints that were kept elsewhere: beside the database, and the files `against`.
    3. Leaf after leaf: its place, its bytes, its entry and the words of it; the tiles that follow.
    4. Checkpoints of the database: signed by this gateway, numbered without a gap, over this tree.
    5. Those from elsewhere: each is what the log was when it had so many entries.
    6. Entries without a place: those that wait for it, and those that nobody will give one.

    `certificates` are believed to sign checkpoints; those of this gateway when they are left out. Raises
    `ProofRefused` for a file that holds no checkpoints, and `StorageError` when something cannot be read.
    """
    trusted = node.keys.certificates(GATEWAY) if certificates is None else certificates
    # 2
    elsewhere = _Elsewhere([*_beside(node), *(note for data in against for note in _notes_of(data))])
    # 1
    async with node.storage.read() as transaction:
        head = await transaction.log_tree.head()
        report = LogReport(size=head.size if head else 0, origin=head.origin if head else "")
        # 3
        rebuild = Rebuild(report.size, head.permit_key if head else b"")
        rebuild.wanted |= elsewhere.sizes
        trail = _Checkpoints(rebuild, trusted, head)
        await _walk(rebuild, trail, transaction, progress)
        report.breaks += rebuild.breaks
        # 4
        await trail.rest(transaction)
        report.checkpoints = trail.seen
        report.breaks += trail.breaks
        # 5
        report.compared = len(elsewhere.notes)
        report.breaks += elsewhere.compare(rebuild, trusted, head)
        # 6
        report.unplaced = await transaction.log_tree.unplaced()
        report.breaks += await _unplaced(rebuild, report.unplaced.count, transaction)
    report.breaks.sort(key=lambda each: report.size if each.place is None else each.place)
    report.warnings += _warnings(report.unplaced, node.clock.now())
    return report


def _beside(node: Node) -> Iterable[Note]:
    """The checkpoints beside the database, of which there may be none yet (step 2)."""
    return read_notes(node.checkpoints.read()) if node.checkpoints is not None else ()


def _notes_of(data: bytes) -> list[Note]:
    """Those of a file that somebody has kept; an empty one would compare nothing, and pass (step 2)."""
    notes = list(read_notes(data))
    if not notes:
        raise ProofRefused("a file to compare with holds no checkpoint", advice="name one that was kept")
    return notes


async def _walk(
    rebuild: Rebuild, trail: "_Checkpoints", transaction: Transaction, progress: Progress
) -> None:
    """All leaves, page after page (step 3)."""
    after = -(2**62)  # also a place that no log gives is seen
    await trail.ahead(transaction)
    while rows := await transaction.log_tree.rows(after, PAGE):
        made = await asyncio.to_thread(rebuild.feed, rows)
        rebuild.compare(made, await transaction.log_tree.tiles(made))
        after = rows[-1].placed.seq
        await trail.ahead(transaction)
        progress(min(rebuild.edge.size, rebuild.size), rebuild.size)
    made = rebuild.finish()
    rebuild.compare(made, await transaction.log_tree.tiles(made))
    surplus = await transaction.log_tree.count_tiles() - sum(1 for _ in all_tiles(rebuild.edge.size))
    if surplus > 0:
        rebuild.breaks.append(
            Break("log.tile-beyond", say("{count} tiles belong to no part of the log", count=surplus))
        )


class _Checkpoints:
    """The checkpoints of the database, in their order, a page ahead of the leaves."""

    def __init__(self, rebuild: Rebuild, trusted: Certificates, head: Head | None) -> None:
        """Nothing was looked at."""
        self.breaks: list[Break] = []
        self.seen = 0
        self._rebuild = rebuild
        self._trusted = trusted
        self._head = head
        self._number = -1
        self._size = 0
        self._known = -1
        self._more = True
        self._waiting: list[KeptCheckpoint] = []

    async def ahead(self, transaction: Transaction) -> None:
        """Judge those whose place is past; have the roots kept that the next page of leaves may reach."""
        while self._more and self._known <= self._rebuild.edge.size + PAGE:
            self._waiting += await self._page(transaction)
        for kept in self._waiting:
            if kept.size <= self._rebuild.edge.size:
                self._judge(kept)
        self._waiting = [each for each in self._waiting if each.size > self._rebuild.edge.size]

    async def _page(self, transaction: Transaction) -> list[KeptCheckpoint]:
        """The next ones; a number that is missing is said."""
        page = await transaction.log_tree.checkpoints(self._number, PAGE)
        for kept in page:
            if kept.number != self._number + 1:
                told = say("checkpoint {number} is missing", number=self._number + 1)
                self._found("log.checkpoint-missing", told, None)
            self._number = kept.number
            self._known = max(self._known, kept.size)
            self._rebuild.wanted.add(kept.size)
        self.seen += len(page)
        self._more = len(page) == PAGE
        return page

    async def rest(self, transaction: Transaction) -> None:
        """No more leaves come: what still waits is over more entries than there are."""
        while self._more:
            self._waiting += await self._page(transaction)
        await self.ahead(transaction)
        for kept in self._waiting:
            told = say(
                "checkpoint {number} was signed over {size} entries, and there are {have}",
                number=kept.number,
                size=kept.size,
                have=self._rebuild.edge.size,
            )
            self._found("log.checkpoint-beyond", told, self._rebuild.edge.size)
        made = self._head.checkpoints if self._head else 0
        if self._number + 1 != made:
            told = say(
                "the last checkpoint is {number}, and {made} were made", number=self._number, made=made
            )
            self._found("log.checkpoint-missing", told, None)

    def _judge(self, kept: KeptCheckpoint) -> None:
        """One checkpoint (step 4)."""
        try:
            note = read_note(kept.note)
            _prove(note, self._trusted, self._head)
        except GatewayError as error:
            told = say("checkpoint {number}: {why}", number=kept.number, why=error.message)
            self._found("log.checkpoint-unproven", told, None)
            return
        said = note.checkpoint
        if (said.number, said.size, said.root, said.at) != (kept.number, kept.size, kept.root, kept.at):
            told = say("checkpoint {number} is kept with other figures than it has", number=kept.number)
            self._found("log.checkpoint-changed", told, None)
        elif kept.size < self._size:
            told = say("checkpoint {number} is over fewer entries than the one before", number=kept.number)
            self._found("log.checkpoint-order", told, kept.size)
        elif _root(self._rebuild, said.size) != said.root:
            told = say(
                "the first {size} entries are not those over which checkpoint {number} was signed",
                size=said.size,
                number=kept.number,
            )
            self._found("log.checkpoint-differs", told, said.size - 1)
        self._size = max(self._size, kept.size)

    def _found(self, rule: str, message: Words, place: int | None) -> None:
        """The first of each kind is told; what comes later follows from it."""
        if sum(1 for each in self.breaks if each.rule == rule) < NAMED:
            self.breaks.append(Break(rule, message, place))


class _Elsewhere:
    """Checkpoints that were kept outside the database."""

    def __init__(self, notes: Sequence[Note]) -> None:
        """As they were read; none is proven."""
        self.notes = notes
        self.sizes = {note.checkpoint.size for note in notes}

    def compare(self, rebuild: Rebuild, trusted: Certificates, head: Head | None) -> list[Break]:
        """What the log is not any more (step 5); the first few are told, the others follow from them."""
        found = (self._judge(note, rebuild, trusted, head) for note in self.notes)
        return list(islice((each for each in found if each is not None), NAMED))

    def _judge(self, note: Note, rebuild: Rebuild, trusted: Certificates, head: Head | None) -> Break | None:
        """What one of them shows; None when the log is what it was."""
        said, rule = note.checkpoint, "log.elsewhere-differs"
        try:
            _prove(note, trusted, head)
        except GatewayError as error:
            told = say(
                "a checkpoint over {size} entries, kept elsewhere: {why}", size=said.size, why=error.message
            )
            return Break(rule, told)
        if said.size > rebuild.size:
            told = say(
                "a checkpoint that was kept elsewhere was signed over {size} entries, and there are {have}",
                size=said.size,
                have=rebuild.size,
            )
            return Break(rule, told, rebuild.size)
        if _root(rebuild, said.size) != said.root:
            told = say(
                "the first {size} entries are not those of a checkpoint that was kept elsewhere",
                size=said.size,
            )
            return Break(rule, told, said.size - 1)
        return None


def _prove(note: Note, trusted: Certificates, head: Head | None) -> None:
    """The checkpoint is of this log and was signed by one who is believed; raises a `GatewayError`."""
    origin = head.origin if head else ""
    if note.checkpoint.origin != origin:
        raise ProofRefused(
            say("it is of another log, {theirs}, not of {ours}", theirs=note.checkpoint.origin, ours=origin),
        )
    lines = [(line.name, line.key_id, line.signature) for line in note.signatures]
    prove_text(note.checkpoint.text.encode(), origin, lines, trusted)


def _root(rebuild: Rebuild, size: int) -> bytes | None:
    """The root over the first entries, made again; None for a size that nobody asked for in time."""
    return rebuild.roots.get(size, EMPTY if size == 0 else None)


async def _unplaced(rebuild: Rebuild, waiting: int, transaction: Transaction) -> list[Break]:
    """Entries that nobody will give a place, and those that have two (step 6)."""
    found: list[Break] = []
    total, after, strays = 0, "", 0
    while (page := await transaction.log_tree.strays(after, PAGE)).looked_at:
        total, after, strays = total + page.looked_at, page.last, strays + len(page.ids)
        for entry_id in page.ids[: NAMED - len(found)]:
            told = say("entry {entry} has no place and waits for none: nobody logged it", entry=entry_id)
            found.append(Break("log.entry-slipped-in", told))
    false = await transaction.log_tree.false_waiting(NAMED)
    found += [
        Break(
            "log.false-waiting",
            say("{entry} waits for a place and is no entry, or has one already", entry=entry_id),
        )
        for entry_id in false
    ]
    if not false and rebuild.leaves > total - strays - waiting:
        found += [
            Break("log.entry-twice", say("entry {entry} has two places", entry=entry_id))
            for entry_id in await transaction.log_tree.placed_twice(NAMED)
        ]
    return found


def _warnings(unplaced: Unplaced, now: datetime) -> list[Words]:
    """What is no break, and worth a look."""
    if unplaced.since is None or now - unplaced.since < LATE:
        return []
    return [
        say(
            "{count} entries wait for their place, the oldest for {minutes} minutes: is the gateway running, "
            "and what does it say?",
            count=unplaced.count,
            minutes=int((now - unplaced.since).total_seconds() // 60),
        )
    ]
