"""Admission: from the bytes of an envelope to stored and receipted, beside its floor."""

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from gateway import clock, resources
from gateway.cli.demonstration import permits
from gateway.codec import registry
from gateway.exchange import message, receipts
from gateway.exchange.directory import Directory, Partner
from gateway.exchange.message import Header, Kind
from gateway.exchange.retry import RetryPolicy
from gateway.flows.ports import Node, Trail
from gateway.flows.receive import receive
from gateway.loading.node import SystemClock
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.signatures.keyring import ALWAYS, GATEWAY, Keyring, OwnKey, TrustStore
from gateway.signatures.keys import SigningKey, new_development_key
from gateway.signatures.sign import sign
from gateway.signatures.verify import verify
from gateway.storage.engine import open_engine, upgrade
from gateway.storage.unit_of_work import Database
from gateway.xmlio.canonical import canonical
from gateway.xmlio.parse import parse
from tests.benchmarks import floor
from tests.benchmarks.timing import alternating_us, median_us

CH_MA, FR_MA, FR_CUSTOMS = map(AuthorityId.parse, ("CH:MA", "FR:MA", "FR:CUSTOMS"))
PERMITS = 300


@dataclass(frozen=True, slots=True)
class Sender:
    """The Swiss side: its seal and its gateway's key."""

    seal: SigningKey
    gateway: SigningKey

    def permit(self, number: str) -> bytes:
        """A sealed permit with three lines."""
        return sign(parse(permits.make_permit(number, permits.LEATHER, clock.now())).root, self.seal)

    def envelope(self, number: str) -> bytes:
        """That permit in a signed envelope."""
        header = Header(
            clock.new_id(), clock.new_id(), CH_MA, FR_MA, Kind.PERMIT, clock.now(), PermitRef.of("CH", number)
        )
        return sign(message.build(header, self.permit(number)), self.gateway)


def make_sender(algorithm: str) -> Sender:
    """A sender with new keys of one kind."""
    at = clock.now()
    return Sender(
        new_development_key("CH:MA", "CH", at=at, algorithm=algorithm),
        new_development_key("ch gateway", "CH", at=at, algorithm=algorithm),
    )


def receiver(sender: Sender, key: SigningKey, database: Database) -> Node:
    """The French side, which knows the sender."""
    return Node(
        directory=Directory(
            frozenset({FR_MA, FR_CUSTOMS}), {"ch": Partner("ch", "http://127.0.0.1:1", (CH_MA,))}
        ),
        trust=TrustStore.filled(
            [("ch", (sender.gateway.certificate,)), ("CH:MA", (sender.seal.certificate,))]
        ),
        keys=Keyring((OwnKey(GATEWAY, GATEWAY, key.certificate, key, begins=ALWAYS),)),
        storage=database,
        clock=SystemClock(),
        retry=RetryPolicy(),
        wake=lambda: None,
    )


def measure(algorithm: str) -> dict[str, float]:
    """Floor, steps of our path (each alone in a tight loop), and both admissions in turns; microseconds."""
    registry.warm()
    sender = make_sender(algorithm)
    own = new_development_key("fr gateway", "FR", at=clock.now(), algorithm=algorithm)
    sealed = sender.permit("CH-2026-000001")
    yardstick = Yardstick(sender, own)
    with tempfile.TemporaryDirectory() as folder:
        times = _floor(sealed, yardstick, Path(folder)) | _steps(sealed, sender, own)
        times |= asyncio.run(_admissions(sender, own, yardstick, Path(folder)))
    times["bytes of the permit"] = len(sealed)
    return times


class Yardstick:
    """What the floor needs, made once."""

    def __init__(self, sender: Sender, own: SigningKey) -> None:
        """The schema as libxml2 compiles it, and a canonical receipt to sign."""
        self.schema = etree.XMLSchema(file=str(resources.schemas() / "v2" / "CITESEPermit.xsd"))
        self.receipt = canonical(receipts.build(_receipt()))
        self.seal, self.own = sender.seal, own

    def admit(self, sealed: bytes, disk: floor.Disk) -> None:
        """Verify one permit, sign one receipt, commit once."""
        floor.verify(sealed, self.schema, self.seal)
        floor.sign_raw(self.receipt, self.own)
        disk.commit(sealed)


def _floor(sealed: bytes, yardstick: Yardstick, folder: Path) -> dict[str, float]:
    """The parts of the yardstick, each alone."""
    disk = floor.Disk(folder / "floor.db")
    times = {
        "floor: verify one permit": median_us(lambda: floor.verify(sealed, yardstick.schema, yardstick.seal)),
        "floor: one raw signature": median_us(lambda: floor.sign_raw(yardstick.receipt, yardstick.own)),
        "floor: one durable commit": median_us(lambda: disk.commit(sealed)),
    }
    disk.close()
    return times


def _receipt() -> receipts.Receipt:
    """A receipt as the floor signs it."""
    digest = "0" * 64
    return receipts.Receipt(
        clock.new_id(), clock.new_id(), FR_MA, CH_MA, clock.now(), digest, digest, receipts.Outcome.ACCEPTED
    )


def _steps(sealed: bytes, sender: Sender, own: SigningKey) -> dict[str, float]:
    """Where our time goes, step by step."""
    document = parse(sealed)
    trusted = [sender.seal.certificate]
    at = clock.now()
    verified = verify(document, trusted, at=at)
    decoded = registry.decode(verified)
    envelope = parse(sender.envelope("CH-2026-000002"))
    version = registry.identify(document.root)
    return {
        "ours: parse": median_us(lambda: parse(sealed)),
        "ours: schema": median_us(lambda: registry.check_schema(version, document.root)),
        "ours: verify the seal": median_us(lambda: verify(document, trusted, at=at)),
        "ours: verify the envelope": median_us(lambda: verify(envelope, [sender.gateway.certificate], at=at)),
        "ours: read": median_us(lambda: registry.decode(verified)),
        "ours: codes and rules": median_us(lambda: registry.judge(decoded, at=at)),
        "ours: sign the receipt": median_us(lambda: sign(receipts.build(_receipt()), own)),
    }


async def _admissions(
    sender: Sender, own: SigningKey, yardstick: Yardstick, folder: Path
) -> dict[str, float]:
    """The floor and our whole path on real databases, in turns, permit by permit."""
    engine = open_engine(f"sqlite:///{folder / 'ours.db'}")
    await upgrade(engine)
    database = Database(engine)
    disk = floor.Disk(folder / "turns.db")
    node = receiver(sender, own, database)
    envelopes = [sender.envelope(f"CH-2026-{number:06}") for number in range(PERMITS)]
    payloads = {envelope: message.read(parse(envelope).root).payload for envelope in envelopes}
    answers: list[bytes] = []

    async def bare(envelope: bytes) -> None:
        yardstick.admit(payloads[envelope], disk)

    async def ours(envelope: bytes) -> None:
        answers.append(await receive(envelope, node, Trail()))

    try:
        taken = await alternating_us({"admission floor": bare, "ours: whole admission": ours}, envelopes)
    finally:
        disk.close()
        await database.close()
    outcomes = {receipts.read(parse(answer).root).outcome for answer in answers}
    assert outcomes == {receipts.Outcome.ACCEPTED}, outcomes
    return taken
