"""Whether a gateway grows: the memory of one process over many deliveries."""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from gateway import clock
from gateway.codec import registry
from gateway.exchange import message, receipts
from gateway.exchange.directory import Directory, Partner
from gateway.exchange.message import Header, Kind
from gateway.exchange.receipts import Outcome, Receipt
from gateway.exchange.records import DeliveryRecord, Direction, MessageRecord
from gateway.exchange.retry import RetryPolicy
from gateway.flows.ports import Node
from gateway.loading.node import SystemClock
from gateway.permits.identity import PermitRef
from gateway.signatures.keyring import Keyring, TrustStore
from gateway.signatures.keys import SigningKey, new_development_key
from gateway.signatures.sign import sign
from gateway.storage.engine import open_engine, upgrade
from gateway.storage.unit_of_work import Database
from gateway.workers.dispatcher import Dispatcher, DispatcherSettings
from gateway.xmlio.canonical import sha256_hex
from gateway.xmlio.parse import parse
from tests.benchmarks.admission import CH_MA, FR_CUSTOMS, FR_MA, make_sender
from tests.benchmarks.proc import resident_mb
from tests.benchmarks.queues import queued

DELIVERIES = 10_000
"""Some minutes; `python -m tests.benchmarks memory --deliveries 100000` takes ten times as long."""
READINGS = 10
BATCH = 100


def measure(deliveries: int = DELIVERIES) -> dict[str, float]:
    """Megabytes that a process of its own holds on the way, and by how much it grows."""
    done = subprocess.run(  # noqa: S603 - this file
        [sys.executable, "-m", "tests.benchmarks.memory", str(deliveries)],
        check=True,
        capture_output=True,
        text=True,
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


@dataclass(slots=True)
class ReceiptCourier:
    """Fulfils the port `Courier`: answers every envelope with a receipt that is signed for it."""

    key: SigningKey

    async def carry(self, _partner: Partner, envelope: bytes) -> bytes:
        """The receipt of FR:MA."""
        told = message.read(parse(envelope).root)
        digest = sha256_hex(told.payload)
        receipt = Receipt(
            told.header.message_id,
            told.header.conversation_id,
            told.header.recipient,
            told.header.sender,
            clock.now(),
            sha256_hex(envelope),
            digest,
            Outcome.ACCEPTED,
        )
        return sign(receipts.build(receipt), self.key)


async def _run(deliveries: int) -> dict[str, float]:
    """Queue a batch, let the dispatcher deliver it, again and again; read the memory ten times."""
    registry.warm()
    sender, receiver = make_sender("ec"), new_development_key("fr gateway", "FR", at=clock.now())
    payload = sender.permit("CH-2026-000001")
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'memory.db'}")
        await upgrade(engine)
        database = Database(engine)
        node = Node(
            directory=Directory(
                frozenset({CH_MA}), {"fr": Partner("fr", "http://fr.invalid", (FR_MA, FR_CUSTOMS))}
            ),
            trust=TrustStore({"fr": (receiver.certificate,)}),
            keys=Keyring(()),
            storage=database,
            clock=SystemClock(),
            retry=RetryPolicy(),
            wake=lambda: None,
        )
        dispatcher = Dispatcher(node, ReceiptCourier(receiver), DispatcherSettings())
        worker = asyncio.create_task(dispatcher.run())
        begin, readings = time.monotonic(), []
        try:
            for number in range(0, deliveries, BATCH):
                await _batch(
                    database, dispatcher, [sender.gateway] * min(BATCH, deliveries - number), payload
                )
                if (number + BATCH) % (deliveries // READINGS) < BATCH:
                    readings.append((number + BATCH, resident_mb()))
        finally:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)
            await database.close()
    return _figures(readings, time.monotonic() - begin)


async def _batch(database: Database, dispatcher: Dispatcher, keys: list[SigningKey], payload: bytes) -> None:
    """Queue one message for each key, and wait until all are delivered."""
    made = [_made(key, payload) for key in keys]
    async with database.write() as transaction:
        for sent, _ in made:
            await transaction.messages.add(sent)
        await transaction.deliveries.add([delivery for _, delivery in made])
    dispatcher.wake()
    await asyncio.wait_for(_settled(database), 120)
    async with database.read() as transaction:
        assert not await transaction.deliveries.unsettled()
        last = await transaction.deliveries.get(made[-1][1].id)
        assert last is not None
        assert last.state.value == "delivered", last.error


async def _settled(database: Database) -> None:
    """Wait until nothing is on its way any more."""
    while True:
        async with database.read() as transaction:
            if not await transaction.deliveries.unsettled():
                return
        await asyncio.sleep(0.01)


def _made(key: SigningKey, payload: bytes) -> tuple[MessageRecord, DeliveryRecord]:
    """A signed message and its delivery."""
    at, permit = clock.now(), PermitRef.of("CH", "CH-2026-000001")
    header = Header(clock.new_id(), clock.new_id(), CH_MA, FR_MA, Kind.PERMIT, at, permit)
    envelope = sign(message.build(header, payload), key)
    sent = MessageRecord(
        direction=Direction.OUT,
        message_id=header.message_id,
        conversation_id=header.conversation_id,
        sender=CH_MA,
        recipient=FR_MA,
        partner="fr",
        permit=permit,
        sent_at=at,
        recorded_at=at,
        envelope=envelope,
        envelope_digest=sha256_hex(envelope),
        payload_digest=sha256_hex(payload),
    )
    return sent, _delivery(sent)


def _delivery(sent: MessageRecord) -> DeliveryRecord:
    """The delivery of a message that waits."""
    return replace(
        queued("fr", 0, clock.now()),
        message_id=sent.message_id,
        conversation_id=sent.conversation_id,
        created_at=sent.recorded_at,
    )


def _figures(readings: list[tuple[int, float]], seconds: float) -> dict[str, float]:
    """First and last reading, and the slope of the second half, in which caches are full."""
    (early, first), (late, last) = readings[0], readings[-1]
    middle, half = readings[len(readings) // 2]
    slope = (last - half) / (late - middle) * 100_000
    return {
        f"held after {early:,} deliveries, MB": first,
        f"held after {middle:,} deliveries, MB": half,
        f"held after {late:,} deliveries, MB": last,
        "growth in 100,000, by the second half, MB": slope,
        "took, s": seconds,
        "RATIO held at the end / after a tenth": last / first,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_run(int(sys.argv[1])))))
