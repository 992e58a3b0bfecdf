"""Bodies that come compressed are unpacked in bounded pieces, so that a small request stays a small one."""

import asyncio
import zlib
from collections.abc import AsyncIterator

from gateway.errors import BodyUnreadable, DocumentTooLarge, WrongContentEncoding

_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""What zlib must be told (RFC 9110, 8.4.1); `deflate` there is the zlib format of RFC 1950."""
ACCEPTED = ("gzip", "deflate")
"""Content codings that are unpacked, as they are named to callers."""
MAX_RATIO = 200
"""
How many bytes may come out of one.

A bomb sends a thousand for one, which is the most that deflate can do: 5 KB of traffic buy the work of 5 MB
(attack 14). Permits as they are written give 4 to 20 for one, and one of 500 lines that are all alike 130.
"""
FREE_BYTES = 64 * 1024
"""So many may come out whatever came in: little work, and a ratio says nothing about a short body."""
_PIECE = 64 * 1024
"""Bytes that are unpacked in one go: a fraction of a millisecond."""


def coding_of(header: str) -> str:
    """
    The content coding that a Content-Encoding header names; empty when the body is as it is.

    Raises `WrongContentEncoding` for one that is not unpacked here, and for several upon each other.
    """
    coding = header.strip().lower()
    if coding in ("", "identity"):
        return ""
    if coding not in _WINDOWS:
        raise WrongContentEncoding(
            "the body is compressed in a way that this gateway does not unpack",
            advice=f"send it with Content-Encoding: {' or '.join(ACCEPTED)}, once, or uncompressed",
            accepted=list(ACCEPTED),
        )
    return coding


async def unpack(chunks: AsyncIterator[bytes], coding: str, max_bytes: int) -> bytes:
    """
    The unpacked body, of at most `max_bytes`; as many may come in.

    Nothing is unpacked beyond a ceiling, and the event loop gets its turn between two pieces.

    Raises `DocumentTooLarge` for more bytes or a higher ratio, `BodyUnreadable` for what is not compressed in
    this way, breaks off, or goes on behind its end.
    """
    unpacker = zlib.decompressobj(wbits=_WINDOWS[coding])
    body = bytearray()
    came = 0
    async for chunk in chunks:
        came += len(chunk)
        rest = chunk
        while rest and not unpacker.eof:
            try:
                body += unpacker.decompress(rest, _PIECE)
            except zlib.error:
                raise _unreadable("is not compressed as its Content-Encoding says") from None
            rest = unpacker.unconsumed_tail
            _check_size(len(body), came, max_bytes)
            await asyncio.sleep(0)
        if rest or unpacker.unused_data:
            raise _unreadable("goes on behind the end of what is compressed")
        _check_size(len(body), came, max_bytes)
    if not unpacker.eof:
        raise _unreadable("breaks off")
    return bytes(body)


def _check_size(size: int, came: int, max_bytes: int) -> None:
    """The ceilings on what came out and on what came in."""
    if max(size, came) > max_bytes:
        raise DocumentTooLarge(
            f"the body has more than {max_bytes:,} bytes when it is unpacked",
            advice="a permit of 500 lines needs less than 1 MB: send one permit at a time",
            limit=max_bytes,
        )
    if size > FREE_BYTES and size > MAX_RATIO * came:
        raise DocumentTooLarge(
            f"the body unpacks to more than {MAX_RATIO} times its bytes; no permit does",
            advice="send it uncompressed",
            limit=MAX_RATIO,
        )


def _unreadable(how: str) -> BodyUnreadable:
    """The error for a body that cannot be unpacked."""
    return BodyUnreadable(
        f"the body {how}",
        advice="send it again; leave Content-Encoding out unless the body really is compressed",
    )
