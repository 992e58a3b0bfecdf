"""Admission: from the bytes of an envelope to stored and receipted, beside its floor."""

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from gateway import clock, resources
from gateway.app import SystemClock
from gateway.cli.demonstration import permits
from gateway.codec.registry import check_schema, decode, identify, judge, warm
from gateway.exchange import message, receipts
from gateway.exchange.directory import Directory, Partner
from gateway.exchange.message import Header, Kind
from gateway.exchange.retry import RetryPolicy
from gateway.flows.ports import Node, Trail
from gateway.flows.receive import receive
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.signatures.keyring import TrustStore
from gateway.signatures.keys import SigningKey, new_development_key
from gateway.signatures.sign import sign
from gateway.signatures.verify import verify
from gateway.storage.engine import open_engine, upgrade
from gateway.storage.unit_of_work import Database
from gateway.xmlio.canonical import canonical
from gateway.xmlio.parse import parse
from tests.benchmarks import floor
from tests.benchmarks.timing import median_us, median_us_each

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
        gateway_key=key,
        seals={},
        storage=database,
        clock=SystemClock(),
        retry=RetryPolicy(),
        wake=lambda: None,
    )


def measure(algorithm: str) -> dict[str, float]:
    """Floor, admission floor, the steps of our path, and the path; microseconds."""
    warm()
    sender = make_sender(algorithm)
    own = new_development_key("fr gateway", "FR", at=clock.now(), algorithm=algorithm)
    sealed = sender.permit("CH-2026-000001")
    schema = etree.XMLSchema(file=str(resources.schemas() / "v2" / "CITESEPermit.xsd"))
    with tempfile.TemporaryDirectory() as folder:
        times = _floor(sealed, schema, sender.seal, own, Path(folder)) | _steps(sealed, sender, own)
        times["ours: whole admission"] = asyncio.run(_admission(sender, own, Path(folder)))
    times["bytes of the permit"] = len(sealed)
    return times


def _floor(
    sealed: bytes, schema: etree.XMLSchema, seal: SigningKey, own: SigningKey, folder: Path
) -> dict[str, float]:
    """The yardsticks."""
    disk = floor.Disk(folder / "floor.db")
    receipt = canonical(receipts.build(_receipt()))

    def admit() -> None:
        floor.verify(sealed, schema, seal)
        floor.sign_raw(receipt, own)
        disk.commit(sealed)

    times = {
        "floor: verify one permit": median_us(lambda: floor.verify(sealed, schema, seal)),
        "floor: one raw signature": median_us(lambda: floor.sign_raw(receipt, own)),
        "floor: one durable commit": median_us(lambda: disk.commit(sealed)),
        "admission floor": median_us(admit),
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
    decoded = decode(verified)
    envelope = parse(sender.envelope("CH-2026-000002"))
    version = identify(document.root)
    return {
        "ours: parse": median_us(lambda: parse(sealed)),
        "ours: schema": median_us(lambda: check_schema(version, document.root)),
        "ours: verify the seal": median_us(lambda: verify(document, trusted, at=at)),
        "ours: verify the envelope": median_us(lambda: verify(envelope, [sender.gateway.certificate], at=at)),
        "ours: read": median_us(lambda: decode(verified)),
        "ours: codes and rules": median_us(lambda: judge(decoded, at=at)),
        "ours: sign the receipt": median_us(lambda: sign(receipts.build(_receipt()), own)),
    }


async def _admission(sender: Sender, own: SigningKey, folder: Path) -> float:
    """The whole path on a real database."""
    engine = open_engine(f"sqlite:///{folder / 'ours.db'}")
    await upgrade(engine)
    database = Database(engine)
    node = receiver(sender, own, database)
    envelopes = [sender.envelope(f"CH-2026-{number:06}") for number in range(PERMITS)]
    answers: list[bytes] = []

    async def admit(envelope: bytes) -> None:
        answers.append(await receive(envelope, node, Trail()))

    try:
        taken = await median_us_each(admit, envelopes)
    finally:
        await database.close()
    outcomes = {receipts.read(parse(answer).root).outcome for answer in answers}
    assert outcomes == {receipts.Outcome.ACCEPTED}, outcomes
    return taken
