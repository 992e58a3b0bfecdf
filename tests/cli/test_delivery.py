"""`ecites delivery` and `ecites dead`, on the database of a working folder."""

import asyncio
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from cli.conftest import Run
from support.exchange import attempt, delivery, ids

from gateway import clock
from gateway.config import load
from gateway.exchange.delivery import DeliveryState, Step
from gateway.loading.database import open_database

WHY = ("--reason", "the partner has mended it", "--yes", "--as", "Anna")
NOW = clock.now()
IDS = ids(4)
LATER = NOW + timedelta(hours=1)
WAITS = delivery(id=IDS[0], partner="fr", next_attempt_at=LATER, created_at=NOW)
SENDING = delivery(id=IDS[1], partner="fr", state=DeliveryState.SENDING, next_attempt_at=LATER)
DEAD = delivery(
    id=IDS[2],
    partner="de",
    state=DeliveryState.DEAD,
    next_attempt_at=None,
    error_code="http",
    error="HTTP 400",
)
SILENT = delivery(id=IDS[3], partner="de", state=DeliveryState.NO_RECEIPT, next_attempt_at=None)


@pytest.fixture
def config(tmp_path: Path, ecites: Run) -> Path:
    """A working folder with four deliveries, one of which was tried."""
    assert ecites("init", tmp_path / "ch", "--authority", "CH:MA")[0] == 0
    config = tmp_path / "ch" / "ecites.toml"

    async def fill() -> None:
        database = await open_database(load(config))
        async with database.write() as transaction:
            await transaction.deliveries.add([WAITS, SENDING, DEAD, SILENT])
            await transaction.deliveries.settle(
                DEAD, Step(DeliveryState.DEAD), attempt(DEAD.id), worker="gone", code="", error=""
            )
        await database.close()

    asyncio.run(fill())
    return config


def states(ecites: Run, config: Path) -> list[str]:
    """The states of the four, in their order."""
    out = ecites("delivery", "list", "--config", config, "--json")[1]
    found = {each["id"]: each["state"] for each in json.loads(out)["deliveries"]}
    return [found[record.id] for record in (WAITS, SENDING, DEAD, SILENT)]


def log(ecites: Run, config: Path) -> list[tuple[str, str]]:
    """Who did what, newest first."""
    out = ecites("log", "search", "--kind", "operated", "--config", config, "--json")[1]
    return [(entry["actor"], entry["outcome"]) for entry in json.loads(out)["entries"]]


def test_dead_letters_are_those_that_were_given_up(config: Path, ecites: Run) -> None:
    """Refused without hope, and silence until the deadline; the list says which."""
    code, out, err = ecites("dead", "list", "--config", config)
    assert (code, err) == (0, "")
    assert DEAD.id in out
    assert SILENT.id in out
    assert "no-receipt" in out
    assert WAITS.id not in out
    assert "2 deliveries" in out


def test_pages_have_a_cursor(config: Path, ecites: Run) -> None:
    """Two pages of two."""
    first = json.loads(ecites("delivery", "list", "--limit", "2", "--config", config, "--json")[1])
    more = ("--limit", "3", "--after", first["next"], "--config", config, "--json")
    second = json.loads(ecites("delivery", "list", *more)[1])
    ids = [each["id"] for each in first["deliveries"] + second["deliveries"]]
    assert ids == [record.id for record in (WAITS, SENDING, DEAD, SILENT)]
    assert second["next"] is None


def test_one_is_shown_with_its_attempts_and_what_to_do(config: Path, ecites: Run) -> None:
    """The operator reads why, and the command that helps."""
    out = ecites("delivery", "show", DEAD.id, "--config", config)[1]
    assert "HTTP 400" in out
    assert "attempt 1" in out
    assert "ecites dead requeue" in out
    shown = json.loads(ecites("delivery", "show", DEAD.id, "--config", config, "--json")[1])
    assert len(shown["attempts"]) == 1
    code, _, err = ecites("delivery", "show", "nosuch", "--config", config)
    assert code == 2
    assert "there is no delivery" in err


def test_dead_letters_are_sent_again(config: Path, ecites: Run) -> None:
    """All of one partner, in bulk; the log has who."""
    code, out, err = ecites("dead", "requeue", "--partner", "de", *WHY, "--config", config)
    assert code == 0, err
    assert "requeue: 2 deliveries" in out
    assert states(ecites, config) == ["queued", "sending", "queued", "queued"]
    assert log(ecites, config) == [("Anna", "requeued")] * 2


def test_one_kind_of_dead_letters_is_put_away(config: Path, ecites: Run) -> None:
    """By the code of its error."""
    code, out, _ = ecites("dead", "drop", "--error", "http", *WHY, "--config", config, "--json")
    assert (code, json.loads(out)) == (0, {"act": "drop", "found": 1, "done": 1})
    assert states(ecites, config) == ["queued", "sending", "dropped", "no-receipt"]


def test_what_waits_is_tried_now(config: Path, ecites: Run) -> None:
    """By id; what is on its way is not touched."""
    ids = (WAITS.id, SENDING.id)
    code, out, err = ecites("delivery", "retry", *ids, *WHY, "--config", config, "--json")
    assert code == 0, err
    assert json.loads(out)["done"] == 1
    shown = json.loads(ecites("delivery", "show", WAITS.id, "--config", config, "--json")[1])
    assert shown["next_attempt_at"] < LATER.isoformat()


def test_no_is_no(config: Path, ecites: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator sees how many of which partner, is asked, and can say no."""
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    code, out, _ = ecites("delivery", "drop", "--all", "--reason", "why", "--config", config)
    assert code == 1
    assert "Drop 3 deliveries?" in out
    assert states(ecites, config) == ["queued", "sending", "dead", "no-receipt"]
    assert log(ecites, config) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--reason", "x", "--yes"), "or --all"),
        (("--all", "--yes"), "--reason"),
        (("--all", "--reason", " ", "--yes"), "say in one line why"),
        (("--all", "--reason", "x", "--json"), "add --yes"),
        (("--all", "--reason", "x", "--before", "soon", "--yes"), "--before"),
    ],
)
def test_an_act_needs_words(config: Path, ecites: Run, arguments: tuple[str, ...], says: str) -> None:
    """Nothing is done to everything by mistake, or without a reason."""
    code, _, err = ecites("delivery", "drop", *arguments, "--config", config)
    assert code == 2
    assert says in " ".join(err.replace("│", " ").split())
    assert states(ecites, config) == ["queued", "sending", "dead", "no-receipt"]


def test_nothing_to_do_is_said(config: Path, ecites: Run) -> None:
    """Nobody is asked about nothing."""
    code, out, _ = ecites("dead", "requeue", "--partner", "it", "--reason", "x", "--config", config)
    assert (code, "requeue: 0 deliveries" in out) == (0, True)
