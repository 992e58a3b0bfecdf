"""`ecites log verify`, `checkpoint` and `prove` on a working folder."""

import asyncio
import base64
import json
import sqlite3
from pathlib import Path

import pytest
from cli.conftest import Run
from support.exchange import log_entry

from gateway import clock
from gateway.config import load
from gateway.loading.database import open_database
from gateway.messagelog.checkpoint import read_note
from gateway.messagelog.proof import check_consistency
from gateway.messagelog.proven_entry import ProvenEntry


@pytest.fixture
def config(tmp_path: Path, ecites: Run) -> Path:
    """A working folder whose log has five entries that wait for their place: no gateway ran yet."""
    assert ecites("init", tmp_path / "ch", "--authority", "CH:MA")[0] == 0
    config = tmp_path / "ch" / "ecites.toml"
    fill(config, 5)
    return config


def fill(config: Path, count: int) -> None:
    """So many entries about message `m`, as a command writes them while no gateway runs."""

    async def write() -> None:
        database = await open_database(load(config))
        async with database.write() as transaction:
            entries = [log_entry(id=clock.new_id(), at=clock.now(), message_id="m") for _ in range(count)]
            await transaction.log.append(*entries)
        await database.close()

    asyncio.run(write())


def tamper(config: Path, statement: str) -> None:
    """Somebody with access to the file."""
    connection = sqlite3.connect(config.parent / "ecites.db")
    with connection:
        connection.execute(statement)
    connection.close()


def test_what_waits_is_counted_and_no_fault(config: Path, ecites: Run) -> None:
    code, out, err = ecites("log", "verify", "--config", config)
    assert (code, err) == (0, "")
    assert out.startswith("PASSED: 0 entries")
    assert "5 entries wait for their place" in out


def test_a_checkpoint_is_printed_and_kept(config: Path, ecites: Run) -> None:
    """It gives what waits its place; the same bytes stand in the file beside the database."""
    code, out, _ = ecites("log", "checkpoint", "--config", config)
    assert code == 0
    assert read_note(out.encode()).checkpoint.size == 5
    assert (config.parent / "checkpoints.txt").read_text(encoding="utf-8") == out
    assert ecites("log", "checkpoint", "--config", config)[1] == out
    assert "PASSED: 5 entries, 1 checkpoints" in ecites("log", "verify", "--config", config)[1]


def test_a_change_is_found_and_said(config: Path, ecites: Run) -> None:
    """With 1, in words, in three languages, and as JSON."""
    ecites("log", "checkpoint", "--config", config)
    tamper(config, "UPDATE log_entries SET outcome = 'refused' WHERE id = (SELECT max(id) FROM log_entries)")
    code, out, _ = ecites("log", "verify", "--config", config)
    assert (code, out.split(":")[0]) == (1, "FAILED")
    assert "was changed after it got its place: outcome [log.entry-changed]" in out
    for language in ("fr", "es"):
        again = ecites("log", "verify", "--config", config, "--language", language)[1]
        assert "[log.entry-changed]" in again
        assert "was changed" not in again
    told = json.loads(ecites("log", "verify", "--config", config, "--json")[1])
    assert (told["holds"], [each["place"] for each in told["breaks"]]) == (False, [4])


def test_a_database_that_was_made_anew_is_found(config: Path, tmp_path: Path, ecites: Run) -> None:
    """By the file beside it; and when that is gone too, by a checkpoint that somebody else keeps."""
    kept = tmp_path / "kept.txt"
    kept.write_text(ecites("log", "checkpoint", "--config", config)[1], encoding="utf-8")
    for table in ("log_queue", "log_leaves", "log_tiles", "log_checkpoints", "log_head", "log_entries"):
        tamper(config, f"DELETE FROM {table}")  # noqa: S608 - names of ours
    fill(config, 6)
    assert ecites("log", "verify", "--config", config)[0] == 1
    (config.parent / "checkpoints.txt").unlink()
    ecites("log", "checkpoint", "--config", config)
    assert ecites("log", "verify", "--config", config)[0] == 0
    code, out, _ = ecites("log", "verify", "--config", config, "--against", kept)
    assert code == 1
    assert "of another log" in out


def test_a_checkpoint_is_believed_by_its_certificate(config: Path, ecites: Run) -> None:
    """An auditor needs no private key; somebody else's certificate proves nothing."""
    ecites("log", "checkpoint", "--config", config)
    own = next((config.parent / "public").glob("*.pem"))
    codes = {
        file.name: ecites("log", "verify", "--config", config, "--trust", file)[0]
        for file in (config.parent / "public").glob("*.pem")
    }
    assert sorted(codes.values()) == [0] + [1] * (len(codes) - 1), (own, codes)


def test_entries_are_proven(config: Path, ecites: Run) -> None:
    """One, those of a message, and that the log has grown: with nothing but what is printed."""
    first = read_note(ecites("log", "checkpoint", "--config", config)[1].encode()).checkpoint
    fill(config, 3)
    code, out, _ = ecites("log", "prove", "--message", "m", "--from", "5", "--config", config)
    assert code == 0
    told = json.loads(out)
    checkpoint = read_note(told["checkpoint"].encode()).checkpoint
    assert len(told["proofs"]["entries"]) == 8
    for each in told["proofs"]["entries"]:
        proven = ProvenEntry(
            each["place"], each["leaf"].encode(), each["content"].encode(), tuple(map(decoded, each["path"]))
        )
        proven.check(checkpoint)
    grown = read_note(told["growth"]["checkpoint"].encode()).checkpoint
    path = [decoded(step) for step in told["growth"]["path"]]
    check_consistency(first.size, first.root, grown.size, grown.root, path)
    one = json.loads(told["proofs"]["entries"][0]["leaf"])["id"]
    assert len(json.loads(ecites("log", "prove", one, "--config", config)[1])["proofs"]["entries"]) == 1


def decoded(text: str) -> bytes:
    """From base64."""
    return base64.b64decode(text, validate=True)


def test_one_must_say_what_is_to_be_proven(config: Path, ecites: Run) -> None:
    """Neither nothing, nor two things; what is not there is said."""
    assert ecites("log", "prove", "--config", config)[0] == 2
    assert ecites("log", "prove", "x", "--message", "m", "--config", config)[0] == 2
    assert ecites("log", "prove", "nosuch", "--config", config)[0] == 1
