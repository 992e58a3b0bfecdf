"""`ecites doctor` around the gateway: each test breaks one thing and finds what is said of it."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import Run
from support.exchange import delivery, log_entry

from gateway import clock
from gateway.exchange.delivery import DeliveryState
from gateway.storage.engine import open_engine
from gateway.storage.unit_of_work import Database


@pytest.fixture
def config(tmp_path: Path, ecites: Run) -> Path:
    """The configuration of Switzerland, fresh and whole."""
    assert ecites("init", tmp_path / "ch", "--authority", "CH:MA")[0] == 0
    return tmp_path / "ch" / "ecites.toml"


def found(ecites: Run, config: Path) -> tuple[int, dict[str, str]]:
    """The exit code, and what is said by rule."""
    code, out, _ = ecites("doctor", "--json", "--config", config)
    return code, {each["rule"]: each["message"] for each in json.loads(out)["findings"]}


def write(config: Path, what: Any) -> None:
    """Do something in one transaction of its database."""

    async def run() -> None:
        database = Database(open_engine(f"sqlite:///{config.parent / 'ecites.db'}"))
        async with database.write() as transaction:
            await what(transaction)
        await database.close()

    asyncio.run(run())


NEW = {
    "doctor.disk",
    "doctor.database-damaged",
    "doctor.alerts-none",
    "doctor.dead-letters",
    "doctor.no-receipt",
    "doctor.log-behind",
}


def test_one_that_is_in_order(config: Path, ecites: Run) -> None:
    """None of these is said."""
    config.write_text(config.read_text(encoding="utf-8") + "\n[alerts]\ndisk_percent = 0\n", encoding="utf-8")
    code, said = found(ecites, config)
    assert code == 0
    assert not NEW & said.keys()


def test_a_full_disk(config: Path, ecites: Run) -> None:
    """A warning, with what to do."""
    config.write_text(
        config.read_text(encoding="utf-8") + "\n[alerts]\ndisk_percent = 99.9\n", encoding="utf-8"
    )
    code, said = found(ecites, config)
    assert code == 0
    assert "make room" in said["doctor.disk"]


def test_a_damaged_database(config: Path, ecites: Run) -> None:
    """Pages that do not hold together: an error, and 3."""
    file = config.parent / "ecites.db"
    data = bytearray(file.read_bytes())
    data[8192:] = b"\x00" * (len(data) - 8192)
    file.write_bytes(data)
    code, said = found(ecites, config)
    assert code == 3
    assert "restore the backup" in said["doctor.database-damaged"]


def test_a_secret_of_no_use(config: Path, ecites: Run) -> None:
    """The gateway would not start: an error."""
    more = '\n[alerts.webhook]\nurl = "https://calls.invalid/"\nsecrets = ["nowhere"]\n'
    config.write_text(config.read_text(encoding="utf-8") + more, encoding="utf-8")
    code, said = found(ecites, config)
    assert code == 3
    assert "nowhere" in said["doctor.key-material-error"]


def test_nobody_is_told(config: Path, ecites: Run) -> None:
    """In production that is worth a word, not more."""
    text = config.read_text(encoding="utf-8").replace(
        'environment = "development"', 'environment = "production"'
    )
    config.write_text(text, encoding="utf-8")
    assert "[alerts.mail]" in found(ecites, config)[1]["doctor.alerts-none"]


@pytest.mark.parametrize("state", [DeliveryState.DEAD, DeliveryState.NO_RECEIPT])
def test_what_waits_for_an_operator(state: DeliveryState, config: Path, ecites: Run) -> None:
    """Dead letters of both kinds."""

    async def dead(transaction: Any) -> None:
        await transaction.deliveries.add([delivery(state=state, next_attempt_at=None)])

    write(config, dead)
    rule = "doctor.dead-letters" if state is DeliveryState.DEAD else "doctor.no-receipt"
    code, said = found(ecites, config)
    assert code == 0
    assert "ecites dead" in said[rule]


def test_a_log_that_is_behind(config: Path, ecites: Run) -> None:
    """An entry that has waited for ten minutes for its place."""

    async def old(transaction: Any) -> None:
        await transaction.log.append(log_entry(at=clock.now() - timedelta(minutes=10)))

    write(config, old)
    assert "log_not_placed" in found(ecites, config)[1]["doctor.log-behind"]
