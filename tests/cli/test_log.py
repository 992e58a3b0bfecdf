"""`ecites log search` and `ecites log export` on a working folder."""

import asyncio
import csv
import json
import stat
from pathlib import Path

import pytest
from cli.conftest import Run
from support.exchange import ids, log_entry

from gateway.messagelog.entry import Entry, EntryKind
from gateway.storage.engine import open_engine
from gateway.storage.unit_of_work import Database


@pytest.fixture
def config(tmp_path: Path, ecites: Run) -> Path:
    """The configuration of a working folder."""
    assert ecites("init", tmp_path / "ch", "--authority", "CH:MA")[0] == 0
    return tmp_path / "ch" / "ecites.toml"


def logged(config: Path, *entries: Entry) -> None:
    """Entries of the message log of that folder."""

    async def write() -> None:
        database = Database(open_engine(f"sqlite:///{config.parent / 'ecites.db'}"))
        async with database.write() as transaction:
            await transaction.log.append(*entries)
        await database.close()

    asyncio.run(write())


def some(count: int) -> list[Entry]:
    """Entries that differ in everything that can be asked for."""
    kinds = [EntryKind.SENT, EntryKind.REFUSED, EntryKind.ASKED]
    return [
        log_entry(
            id=each,
            kind=kinds[number % 3],
            actor=f"actor-{number}",
            partner=f"p{number}",
            authority=f"FR:MA-{number}",
            outcome=f"outcome_{number}",
            message_id=f"message-{number}",
            correlation_id=f"request-{number}",
            number=f"CH-{number}",
            detail=f"word{number} of all",
        )
        for number, each in enumerate(ids(count))
    ]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (("--number", "CH-1"), [1]),
        (("--partner", "p2"), [2]),
        (("--authority", "FR:MA-0"), [0]),
        (("--actor", "actor-1"), [1]),
        (("--kind", "sent", "--kind", "asked"), [2, 0]),
        (("--outcome", "outcome_2"), [2]),
        (("--error-code", "outcome_1"), [1]),
        (("--error-code", "outcome_2"), []),
        (("--message-id", "message-0"), [0]),
        (("--correlation-id", "request-1"), [1]),
        (("--text", "WORD2 all"), [2]),
        (("--text", "all", "--issuer", "CH"), [2, 1, 0]),
        (("--since", "2026-11-23T12:00:01Z"), []),
        (("--until", "2026-11-23T12:00:01Z"), [2, 1, 0]),
    ],
)
def test_every_condition_finds_what_it_says(config: Path, ecites: Run, arguments, found) -> None:
    """In search and in export alike."""
    entries = some(3)
    logged(config, *entries)
    wanted = [entries[number].as_dict() for number in found]
    code, out, _ = ecites("log", "search", "--config", config, "--json", *arguments)
    assert (code, json.loads(out)["entries"]) == (0, wanted)
    file = config.parent / "log.jsonl"
    code, out, _ = ecites("log", "export", file, "--format", "jsonl", "--config", config, *arguments)
    assert (code, out) == (0, f"{len(found)} {'entry' if len(found) == 1 else 'entries'} in {file}\n")
    assert [json.loads(line) for line in file.read_text().splitlines()] == wanted


def test_an_export_is_logged_and_belongs_to_who_made_it(config: Path, ecites: Run) -> None:
    """The log says who took what; nobody else can read the file."""
    logged(config, *some(2))
    file = config.parent / "log.csv"
    assert ecites("log", "export", file, "--config", config, "--as", "Anna", "--partner", "p1")[0] == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with file.open(newline="", encoding="utf-8") as text:
        assert [row["partner"] for row in csv.DictReader(text)] == ["p1"]
    code, out, _ = ecites("log", "search", "--config", config, "--kind", "exported", "--json")
    (entry,) = json.loads(out)["entries"]
    assert (code, entry["actor"], entry["detail"]) == (0, "Anna", "csv; partner=p1")


def test_a_file_that_is_there_is_left_alone(config: Path, ecites: Run) -> None:
    """Whatever is in it."""
    file = config.parent / "log.csv"
    file.write_text("mine")
    code, _, err = ecites("log", "export", file, "--config", config)
    assert code == 2
    assert "cannot be made: File exists" in " ".join(err.split())
    assert file.read_text() == "mine"


def test_what_cannot_be_finished_is_removed(config: Path, ecites: Run) -> None:
    """Half a file is worse than none."""
    (config.parent / "ecites.db").unlink()
    file = config.parent / "log.csv"
    assert ecites("log", "export", file, "--config", config)[0] == 3
    assert not file.exists()


def test_a_time_must_be_one(config: Path, ecites: Run) -> None:
    """The option is named."""
    code, _, err = ecites("log", "export", config.parent / "x", "--config", config, "--since", "soon")
    assert code == 2
    assert "--since" in err


@pytest.mark.parametrize("command", [("search",), ("export", "file.csv")])
def test_a_text_without_a_word_is_refused(config: Path, ecites: Run, command) -> None:
    """It would be no condition at all."""
    code, out, err = ecites("log", *command, "--config", config, "--text", "...")
    assert (code, out) == (2, "")
    assert "no word" in err
