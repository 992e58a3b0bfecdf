"""Entries of the message log leave as a file."""

import csv
import io
import json
from dataclasses import fields
from datetime import timedelta

import pytest
from support.exchange import ids, log_entry
from support.gateways import SetClock, log_of
from support.keys import NOW
from support.memory import MemoryStorage

from gateway.errors import StorageError
from gateway.flows import export_log as module
from gateway.flows.export_log import count_matches, export_log
from gateway.flows.ports import Node, Trail
from gateway.messagelog.entry import Entry, EntryKind
from gateway.messagelog.files import FileFormat
from gateway.messagelog.query import LogQuery


async def logged(ch: Node, *entries):
    """Entries of the log."""
    async with ch.storage.write() as transaction:
        await transaction.log.append(*entries)


async def exported(query: LogQuery, ch: Node, format_=FileFormat.JSONL, **options) -> str:
    """The whole file."""
    pieces = [piece async for piece in export_log(query, format_, ch, Trail(actor="anna"), **options)]
    return b"".join(pieces).decode()


async def test_all_that_matches_is_in_the_file_newest_first(ch: Node, clock: SetClock, monkeypatch) -> None:
    """In batches of which each is told, and nothing twice."""
    monkeypatch.setattr(module, "BATCH", 3)
    clock.at += timedelta(seconds=1)
    entries = [log_entry(id=each, partner="fr") for each in ids(8)]
    await logged(ch, *entries, log_entry(partner="de"))
    told: list[int] = []
    text = await exported(LogQuery(partner="fr", limit=1), ch, progress=told.append)
    assert [json.loads(line) for line in text.splitlines()] == [each.as_dict() for each in reversed(entries)]
    assert told == [3, 3, 2]
    assert await count_matches(LogQuery(partner="fr", limit=1), ch) == 8


async def test_who_takes_what_is_logged_before_the_first_byte(ch: Node) -> None:
    """Also when nothing matches; the entry about the export is not in the file."""
    pieces = export_log(LogQuery(partner="fr"), FileFormat.CSV, ch, Trail(actor="anna"))
    await anext(pieces)
    (entry,) = await log_of(ch)
    assert (entry.kind, entry.actor, entry.outcome) == (EntryKind.EXPORTED, "anna", "log")
    assert entry.detail == "csv; partner=fr"
    assert [piece async for piece in pieces] == []
    assert await exported(LogQuery(), ch) == json.dumps(entry.as_dict(), ensure_ascii=False) + "\n"


async def test_nothing_leaves_that_cannot_be_logged(ch: Node) -> None:
    """The database fails: not a single byte comes."""
    assert isinstance(ch.storage, MemoryStorage)
    ch.storage.fail_next_writes = 1
    with pytest.raises(StorageError):
        await exported(LogQuery(), ch)


async def test_a_spreadsheet_reads_every_field(ch: Node) -> None:
    """A head with the names, and every value as it was, line breaks and quotes included."""
    entry = log_entry(detail='a "b"; c,\nd', headers={"sender": "CH:MA"})
    await logged(ch, entry)
    rows = list(csv.reader(io.StringIO(await exported(LogQuery(), ch, FileFormat.CSV), newline="")))
    assert rows[0] == [each.name for each in fields(Entry)]
    row = dict(zip(rows[0], rows[1], strict=True))
    assert (row["at"], row["kind"], row["detail"]) == (NOW.isoformat(), "received", 'a "b"; c,\nd')
    assert json.loads(row["headers"]) == {"sender": "CH:MA"}
    assert len(rows) == 2


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n"])
async def test_no_cell_is_a_formula(ch: Node, begin: str) -> None:
    """What a stranger wrote is never calculated by a spreadsheet; JSON has it unchanged."""
    evil = f"{begin}HYPERLINK(1)"
    await logged(ch, log_entry(detail=evil, number=evil))
    rows = list(
        csv.reader(io.StringIO(await exported(LogQuery(number=evil), ch, FileFormat.CSV), newline=""))
    )
    assert [cell for cell in rows[1] if cell.startswith(begin)] == []
    assert rows[1].count("'" + evil) == 2
    assert json.loads(await exported(LogQuery(number=evil), ch))["detail"] == evil
