"""`ecites evidence`: a bundle leaves a working folder and is checked, with our program and without."""

import asyncio
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.conftest import Run
from support.bundles import TRUSTED
from support.exchange import CH_MA, FR_MA, delivery, log_entry
from support.gateways import gateway_key, header
from support.keys import NOW, pem_of
from support.permits import sealed_bytes
from support.requirements import program

from gateway.config import load
from gateway.exchange import message, receipts
from gateway.exchange.bundle import pack, unpack
from gateway.exchange.delivery import DeliveryState
from gateway.exchange.receipts import Outcome, Receipt
from gateway.exchange.records import Direction, MessageRecord
from gateway.loading.database import open_database
from gateway.messagelog.entry import EntryKind
from gateway.signatures.sign import sign
from gateway.xmlio.canonical import sha256_hex

HEADER = header()
PAYLOAD = sealed_bytes()
ENVELOPE = sign(message.build(HEADER, PAYLOAD), gateway_key("CH"), at=NOW)
STATED = Receipt(
    HEADER.message_id,
    HEADER.conversation_id,
    FR_MA,
    CH_MA,
    NOW,
    sha256_hex(ENVELOPE),
    sha256_hex(PAYLOAD),
    Outcome.ACCEPTED,
)
SENT = MessageRecord(
    direction=Direction.OUT,
    message_id=HEADER.message_id,
    conversation_id=HEADER.conversation_id,
    sender=CH_MA,
    recipient=FR_MA,
    partner="fr",
    permit=HEADER.permit,
    sent_at=NOW,
    recorded_at=NOW,
    envelope=ENVELOPE,
    envelope_digest=STATED.envelope_digest,
    payload_digest=STATED.payload_digest,
    receipt=sign(receipts.build(STATED), gateway_key("FR"), at=NOW),
)
DELIVERED = delivery(
    message_id=SENT.message_id, state=DeliveryState.DELIVERED, next_attempt_at=None, settled_at=NOW
)


LOGGED = log_entry(
    kind=EntryKind.SENT, message_id=SENT.message_id, digest=SENT.envelope_digest, outcome="delivered"
)


@pytest.fixture
def config(tmp_path: Path, ecites: Run) -> Path:
    """A working folder that has sent one message and has its receipt."""
    assert ecites("init", tmp_path / "ch", "--authority", "CH:MA")[0] == 0
    config = tmp_path / "ch" / "ecites.toml"

    async def fill() -> None:
        database = await open_database(load(config))
        async with database.write() as transaction:
            await transaction.messages.add(SENT)
            await transaction.deliveries.add([DELIVERED])
            await transaction.log.append(LOGGED)
        await database.close()

    asyncio.run(fill())
    return config


@pytest.fixture
def bundle(config: Path, tmp_path: Path, ecites: Run) -> Path:
    """The exported bundle."""
    file = tmp_path / "proof.zip"
    code, _, err = ecites("evidence", "export", DELIVERED.id, file, "--config", config)
    assert code == 0, err
    return file


@pytest.fixture
def trust(tmp_path: Path, config: Path) -> Path:
    """A folder with the certificates of everybody, and of the gateway that keeps the log."""
    folder = tmp_path / "trust"
    folder.mkdir()
    (folder / "log.pem").write_bytes((config.parent / "public" / "gateway.crt.pem").read_bytes())
    for number, certificate in enumerate(TRUSTED):
        (folder / f"{number}.pem").write_bytes(pem_of(certificate))
    return folder


def test_it_is_exported_and_checked(config: Path, tmp_path: Path, trust: Path, ecites: Run) -> None:
    """The operator reads what was answered; somebody else, what it proves and what not."""
    file = tmp_path / "proof.zip"
    code, out, _ = ecites("evidence", "export", DELIVERED.id, file, "--config", config)
    assert code == 0
    assert "FR:MA answered accepted" in out
    assert "not registered" in out  # the partner is not in the configuration any more
    code, out, err = ecites("evidence", "verify", file, "--trust", trust)
    assert (code, err) == (0, "")
    assert out.startswith("PASSED: ")
    assert "not proven:" in out


def test_the_same_for_programs(config: Path, tmp_path: Path, trust: Path, ecites: Run) -> None:
    """One JSON object each."""
    file = tmp_path / "proof.zip"
    code, out, _ = ecites("evidence", "export", DELIVERED.id, file, "--config", config, "--json")
    told = json.loads(out)
    assert (code, told["sha256"]) == (0, sha256_hex(file.read_bytes()))
    code, out, _ = ecites("evidence", "verify", file, "--trust", trust, "--json")
    told = json.loads(out)
    assert (code, told["verdict"], told["number"]) == (0, "PASSED", HEADER.permit.number)
    assert {check["verdict"] for check in told["checks"]} == {"PASSED"}


def test_anything_but_passed_ends_with_1(bundle: Path, trust: Path, ecites: Run) -> None:
    """Without trust, with another permit inside, and with something that is no bundle."""
    assert ecites("evidence", "verify", bundle)[0] == 1
    assert "INDETERMINATE" in ecites("evidence", "verify", bundle)[1]
    bundle.write_bytes(pack({**unpack(bundle.read_bytes()), "permit.xml": b"<another/>"}))
    code, out, _ = ecites("evidence", "verify", bundle, "--trust", trust)
    assert (code, out.split(":")[0]) == (1, "FAILED")
    code, out, _ = ecites("evidence", "verify", trust / "0.pem", "--trust", trust, "--json")
    assert (code, json.loads(out)["verdict"]) == (1, "FAILED")


def test_a_proof_is_never_written_over(config: Path, bundle: Path, ecites: Run) -> None:
    """Neither one that is there, nor anything for a delivery without receipt."""
    before = bundle.read_bytes()
    code, _, err = ecites("evidence", "export", DELIVERED.id, bundle, "--config", config)
    assert code == 2
    assert "exists already" in " ".join(err.replace("│", " ").split())
    assert bundle.read_bytes() == before
    code, _, err = ecites("evidence", "export", "nosuch", bundle.with_name("other"), "--config", config)
    assert (code, bundle.with_name("other").exists()) == (1, False)
    assert "ecites delivery list" in err


def commands(guide: str, name: str) -> Iterator[list[str]]:
    """The lines of the guide that begin with the name of a program, without the indentation."""
    for line in re.findall(rf"^  ({name} .*)$", guide, re.MULTILINE):
        yield [part.strip('"') for part in line.split()]


def run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """A line of the guide, typed in the folder of the unpacked archive."""
    command = [program(arguments[0]), *arguments[1:]]
    if arguments[0] == "xmlsec1":
        version = subprocess.run([command[0], "--version"], capture_output=True, text=True, check=True)  # noqa: S603 - a program of the system
        if not version.stdout.startswith("xmlsec1 1.2."):
            command.insert(2, "--lax-key-search")  # as the guide says
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - a program of the system


def test_the_guide_works_without_our_program(bundle: Path, tmp_path: Path) -> None:
    """Each of its commands, typed as it stands there: certificates, signatures, digests."""
    place = tmp_path / "unpacked"
    for name, data in unpack(bundle.read_bytes()).items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data)
    guide = (place / "README.txt").read_text(encoding="utf-8")
    receipt = (place / "receipt.xml").read_text(encoding="utf-8")
    verifying, looking = list(commands(guide, "xmlsec1")), list(commands(guide, "openssl"))
    piped = re.findall(r"^  ((?:sed|tail) .*)$", guide, re.MULTILINE)
    assert (len(verifying), len(looking), len(piped)) == (3, 8, 2)
    for command in verifying:
        assert run(command, place).returncode == 0, command
    for line in piped:
        subprocess.run(["sh", "-c", line], cwd=place, check=True)  # noqa: S603, S607 - a line of the guide
    for command in looking:
        shown = run(command, place)
        assert shown.returncode == 0, shown.stderr
        if "-pubkey" in command:
            continue
        if "-verify" in command:
            assert shown.stdout.strip() == "Verified OK"
            continue
        value = re.split(r"= ?|=", shown.stdout.strip())[-1]
        assert value in (guide if command[1] == "x509" else receipt)
        if command[1] == "x509":
            assert shown.stdout.splitlines()[0].removeprefix("subject=") in guide
    (place / "text").write_bytes((place / "text").read_bytes().replace(b"number 0", b"number 1"))
    assert run(next(command for command in looking if "-verify" in command), place).returncode != 0
    for command in verifying:
        document = place / command[-1]
        good = document.read_bytes()
        document.write_bytes(good.replace(b"CH:MA", b"CH:MB").replace(b">40<", b">400<"))
        assert document.read_bytes() != good
        assert run(command, place).returncode != 0, command
