"""A client that costs little: requests made beforehand, sent over connections that stay open."""

import asyncio
from collections.abc import Iterator, Sequence


def request(port: int, envelope: bytes) -> bytes:
    """The bytes of one request to the exchange door."""
    head = (
        f"POST /exchange/v1/messages HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Content-Type: application/xml\r\nContent-Length: {len(envelope)}\r\n\r\n"
    )
    return head.encode() + envelope


async def send_all(ports: Sequence[int], envelopes: Sequence[bytes], connections: int) -> None:
    """Send every envelope to one of the ports in turns, each over `connections` connections."""
    shares = [iter(envelopes[start :: len(ports)]) for start in range(len(ports))]
    await asyncio.gather(
        *(_one(port, share) for port, share in zip(ports, shares, strict=True) for _ in range(connections))
    )


async def _one(port: int, envelopes: Iterator[bytes]) -> None:
    """One connection, until nothing is left; every answer must be 200."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for envelope in envelopes:
            writer.write(request(port, envelope))
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 "), head
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))
    finally:
        writer.close()
