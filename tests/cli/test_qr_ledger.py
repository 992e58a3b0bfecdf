"""`ecites qr list make --from-ledger`: the list of what a gateway knows."""

import asyncio
import json
from pathlib import Path

import pytest
from cli.conftest import Run

from gateway import clock
from gateway.config import load
from gateway.exchange import notices as notices_xml
from gateway.exchange.notice_record import NoticeRecord
from gateway.loading.database import open_database
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.notices import PermitStatus, StatusChange
from gateway.xmlio.canonical import sha256_hex

NUMBER = "CH-2026-000123"


@pytest.fixture
def config(tmp_path: Path, ecites: Run) -> Path:
    """A gateway whose authority has cancelled a permit that is on paper only."""
    assert ecites("init", tmp_path / "ch", "--authority", "CH:MA", "--authority", "CH:CUSTOMS")[0] == 0
    file = tmp_path / "ch" / "ecites.toml"
    asyncio.run(cancelled(file))
    return file


async def cancelled(file: Path) -> None:
    """Write the change of status into the database."""
    at = clock.now()
    author, ref = AuthorityId.parse("CH:MA"), PermitRef("CH", NUMBER)
    notice = StatusChange(clock.new_id(), ref, author, at, status=PermitStatus.CANCELLED, reason="test")
    document = notices_xml.write(notice)
    database = await open_database(load(file))
    try:
        async with database.write() as transaction:
            await transaction.notices.add(NoticeRecord(notice, document, sha256_hex(document), at))
    finally:
        await database.close()


def test_the_list_of_a_gateway(config: Path, ecites: Run, tmp_path: Path) -> None:
    """Signed with the seal that it has, for as long as is asked; it bars what was cancelled."""
    out = tmp_path / "ch.jws"
    ledger = ("qr", "list", "make", "--from-ledger", "--authority", "CH:MA", "--config", config)
    code, said, err = ecites(*ledger, "--hours", "24", "--out", out, "--json")
    assert (code, err) == (0, "")
    made = json.loads(said)
    assert (made["issuer"], made["permits"]) == ("CH", 1)
    seal = config.parent / "keys" / "ch-ma.crt.pem"
    show = ("qr", "list", "show", out, "--trust", seal, "--number")
    code, said, _ = ecites(*show, NUMBER, "--json")
    assert (code, json.loads(said)["found"]["status"]) == (1, "cancelled")
    assert ecites(*show, "another")[0] == 0


@pytest.mark.parametrize(
    "words",
    [
        ("--from-ledger",),
        ("--authority", "CH:MA"),
        (),
        ("--from-ledger", "--authority", "CH:CUSTOMS"),
        ("--from-ledger", "--authority", "nobody"),
        ("--from-ledger", "--authority", "CH:MA", "--at", "2026-11-23"),
    ],
)
def test_what_does_not_go_together(config: Path, ecites: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    """A usage error, and no file."""
    out = tmp_path / "ch.jws"
    assert ecites("qr", "list", "make", *words, "--config", config, "--out", out)[0] == 2
    assert not out.exists()
