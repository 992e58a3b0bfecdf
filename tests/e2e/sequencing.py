"""A process that writes to a message log and gives places, until it has written enough or is killed."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEYS = ROOT / "keys"
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.exchange import log_entry  # noqa: E402 - found through the line above
from support.gateways import keyring, swiss  # noqa: E402

from gateway import clock  # noqa: E402
from gateway.flows.make_checkpoint import make_checkpoint  # noqa: E402
from gateway.flows.sequence import place_waiting  # noqa: E402
from gateway.loading.node import SystemClock  # noqa: E402
from gateway.signatures.keyring import GATEWAY  # noqa: E402
from gateway.signatures.keys import load_pair  # noqa: E402
from gateway.storage.engine import open_engine  # noqa: E402
from gateway.storage.unit_of_work import Database  # noqa: E402


async def main(url: str, count: int) -> None:
    """Two who write, one who gives places, one who signs; each id is printed once it is on the disk."""
    key = load_pair(KEYS / "ch-gateway.key.pem", KEYS / "ch-gateway.crt.pem")
    node = swiss(Database(open_engine(url)), SystemClock(), keys=keyring(**{GATEWAY: key}))  # type: ignore[arg-type]
    writers = [asyncio.create_task(write(node, count // 2)) for _ in range(2)]
    placing = [asyncio.create_task(work(node)) for work in (place, sign)]
    await asyncio.gather(*writers)
    for task in placing:
        task.cancel()
    await node.storage.close()


async def write(node, count):
    """So many entries, one in each transaction."""
    for _ in range(count):
        entry = replace(log_entry(id=clock.new_id(), at=clock.now()), salt=b"s" * 16)
        async with node.storage.write() as transaction:
            await transaction.log.append(entry)
        print(entry.id, flush=True)  # noqa: T201 - whoever started this process counts them


async def place(node):
    """Small batches, so that a kill meets many of them."""
    while True:
        await place_waiting(node, 5)
        await asyncio.sleep(0)


async def sign(node):
    """Many checkpoints."""
    while True:
        await make_checkpoint(node)
        await asyncio.sleep(0.02)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
