"""`ecites alert`: what stands is listed, receivers are tried; a running gateway tells by itself."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import Run
from support.alerts import alert
from support.exchange import delivery
from support.keys import NOW
from support.mail import mail_server
from support.receiver import Receiver
from support.waiting import until
from support.webhooks import SECRET

from gateway.app import running
from gateway.cli.alert_work import kept
from gateway.config import load
from gateway.exchange.alarms import Telling
from gateway.exchange.delivery import DeliveryState
from gateway.storage.engine import open_engine
from gateway.storage.unit_of_work import Database

PATIENCE = 20.0


@pytest.fixture
def config(tmp_path: Path, ecites: Run) -> Path:
    """The configuration of Switzerland, which listens on any port."""
    assert ecites("init", tmp_path / "ch", "--authority", "CH:MA")[0] == 0
    file = tmp_path / "ch" / "ecites.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("port = 8400", "port = 0"), encoding="utf-8")
    return file


def write(config: Path, what: Any) -> None:
    """Do something in one transaction of its database."""

    async def run() -> None:
        database = Database(open_engine(f"sqlite:///{config.parent / 'ecites.db'}"))
        async with database.write() as transaction:
            await what(transaction)
        await database.close()

    asyncio.run(run())


def append(config: Path, text: str) -> None:
    """More tables."""
    config.write_text(config.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_list(config: Path, ecites: Run) -> None:
    """What stands, with what to do and who was told; what is over only when it is asked for."""
    assert ecites("alert", "list", "--config", config)[1].startswith("nothing is wrong")

    async def two(transaction: Any) -> None:
        await transaction.alerts.put(alert("fr", told={"mail": Telling(False, NOW)}))
        await transaction.alerts.put(alert("de", ended_at=NOW))

    write(config, two)
    code, out, _ = ecites("alert", "list", "--config", config)
    assert code == 0
    assert "messages to fr" in out
    assert "told: mail" in out
    assert "ecites dead list" in out
    assert "messages to de" not in out
    listed = json.loads(ecites("alert", "list", "--all", "--json", "--config", config)[1])["alerts"]
    assert {each["subject"]: each["ended_at"] is None for each in listed} == {"fr": True, "de": False}


def test_nobody_to_try(config: Path, ecites: Run) -> None:
    """It says what to add, and ends with 3."""
    code, _, err = ecites("alert", "test", "--config", config)
    assert code == 3
    assert "[alerts.webhook]" in err


def test_each_receiver_is_tried(config: Path, ecites: Run, tmp_path: Path) -> None:
    """A webhook that takes it, and a mail server that is not there: one good, one bad, and 3."""
    (tmp_path / "secret").touch(mode=0o600)
    (tmp_path / "secret").write_text(SECRET, encoding="ascii")
    receiver = Receiver(tmp_path, SECRET)
    receiver.start()
    try:
        append(config, f'\n[alerts.webhook]\nurl = "{receiver.url}"\nsecrets = ["{tmp_path / "secret"}"]\n')
        assert ecites("alert", "test", "--config", config)[0] == 0
        append(
            config,
            '\n[alerts.mail]\nhost = "127.0.0.1"\nport = 1\nsender = "a@b.invalid"\nto = ["c@d.invalid"]\n',
        )
        code, out, _ = ecites("alert", "test", "--json", "--config", config)
    finally:
        receiver.kill()
    assert code == 3
    webhook, mail = json.loads(out)["receivers"]
    assert (webhook["name"], webhook["good"]) == ("webhook", True)
    assert (mail["name"], mail["good"], mail["code"]) == ("mail", False, "partner_unreachable")


async def told(config: Path) -> list[str]:
    """By what each alarm that stands was told."""
    return [way for each in await asyncio.to_thread(kept, load(config, {})) for way in each.told]


async def test_a_running_gateway_tells_it_by_mail(config: Path) -> None:
    """A dead letter in the database is a mail, once, although it is looked many times."""

    async def dead(transaction: Any) -> None:
        await transaction.deliveries.add([delivery(state=DeliveryState.DEAD, next_attempt_at=None)])

    await asyncio.to_thread(write, config, dead)
    async with mail_server() as box:
        append(
            config,
            "\n[alerts]\nbeat_seconds = 0.05\ndisk_percent = 0\ncertificate_days = 0.001\n"
            f'[alerts.mail]\nhost = "127.0.0.1"\nport = {box.port}\nstarttls = false\n'
            'sender = "a@b.invalid"\nto = ["c@d.invalid"]\n',
        )
        async with asyncio.timeout(PATIENCE), running(load(config, {})):
            await box.until(lambda: box.mails)
            await until(lambda: told(config), "that it was told is kept")
    assert "wait for an operator: 1" in box.mails[0].get_content()
    assert len(box.mails) == 1
    assert await told(config) == ["mail"]
