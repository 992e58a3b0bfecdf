"""Compressed bodies: unpacked in bounded pieces, and no further than the ceilings allow (attack 14)."""

import gzip
import json
import os
import zlib
from collections.abc import AsyncIterator

import pytest
from support.permits import permit_bytes

from gateway.errors import BodyUnreadable, DocumentTooLarge, WrongContentEncoding
from gateway.web import unpacking
from gateway.web.unpacking import FREE_BYTES, MAX_RATIO, coding_of, unpack

MAX = 5 * 1024 * 1024


async def chunks(data: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    """The bytes as they come from a socket."""
    for begin in range(0, len(data), size):
        yield data[begin : begin + size]


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate"])
@pytest.mark.parametrize("size", [1, 7, 1000, 10**7])
async def test_what_is_compressed_comes_out_as_it_was(coding: str, size: int) -> None:
    """Whatever pieces the network makes of it."""
    data = permit_bytes() + os.urandom(200_000)
    packed = zlib.compress(data) if coding == "deflate" else gzip.compress(data)
    assert await unpack(chunks(packed, size), coding, MAX) == data


@pytest.mark.parametrize("header", ["", "identity", " Identity "])
def test_a_body_as_it_is(header: str) -> None:
    """Nothing is to be unpacked."""
    assert coding_of(header) == ""


@pytest.mark.parametrize("header", ["br", "zstd", "compress", "gzip, gzip", "gzip,identity", "nonsense\x01"])
def test_other_codings_are_refused_and_the_accepted_ones_named(header: str) -> None:
    """No second library unpacks for strangers, and nothing is unpacked twice."""
    with pytest.raises(WrongContentEncoding) as error:
        coding_of(header)
    assert error.value.fields["accepted"] == ["gzip", "deflate"]
    assert "gzip or deflate" in error.value.advice


async def test_as_many_bytes_as_the_limit_and_not_one_more() -> None:
    """The ceiling on what comes out stands exactly where it says."""
    data = os.urandom(300_000)
    packed = gzip.compress(data, 1)
    limit = max(len(data), len(packed))
    assert await unpack(chunks(packed), "gzip", limit) == data
    longer = os.urandom(1000) * 300
    packed = gzip.compress(longer)
    assert await unpack(chunks(packed), "gzip", len(longer)) == longer
    with pytest.raises(DocumentTooLarge) as error:
        await unpack(chunks(packed), "gzip", len(longer) - 1)
    assert error.value.fields["limit"] == len(longer) - 1


async def test_the_ratio_and_not_one_byte_more() -> None:
    """Two hundred for one pass, a little more does not."""
    size = MAX_RATIO * 1000
    packer = zlib.compressobj(9, wbits=31)
    packed = packer.compress(b" " * size) + packer.flush()
    assert len(packed) * MAX_RATIO < size
    filler = size // MAX_RATIO - len(packed)
    for missing, accepted in ((0, True), (1, False)):
        body = _longer(packed, filler - missing)
        assert len(body) == size // MAX_RATIO - missing
        if accepted:
            assert len(await unpack(chunks(body, 10**6), "gzip", MAX)) == size
        else:
            with pytest.raises(DocumentTooLarge, match="200 times"):
                await unpack(chunks(body, 10**6), "gzip", MAX)


def _longer(packed: bytes, by: int) -> bytes:
    """The same gzip file with a name of so many bytes in its header (RFC 1952, 2.3.1)."""
    assert packed[3] == 0
    return packed[:3] + b"\x08" + packed[4:10] + b"n" * (by - 1) + b"\x00" + packed[10:]


async def test_a_short_body_may_have_any_ratio() -> None:
    """Up to the free bytes nothing is worth refusing; one more is."""
    data = b" " * FREE_BYTES
    assert await unpack(chunks(gzip.compress(data)), "gzip", MAX) == data
    with pytest.raises(DocumentTooLarge, match="200 times"):
        await unpack(chunks(gzip.compress(data + b" ")), "gzip", MAX)


async def test_a_bomb_is_not_unpacked_further_than_the_ceiling(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gigabyte in a megabyte costs one piece more than what is allowed, and no further byte is read."""
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b" " * 2**20) for _ in range(1024)) + packer.flush()
    made: list[int] = []
    read: list[int] = []
    real = zlib.decompressobj

    class Counting:
        """The unpacker, which notes what it gives out."""

        def __init__(self, **options: int) -> None:
            self._real = real(**options)

        def decompress(self, data: bytes, most: int) -> bytes:
            made.append(len(out := self._real.decompress(data, most)))
            return out

        def __getattr__(self, name: str) -> object:
            return getattr(self._real, name)

    async def counted() -> AsyncIterator[bytes]:
        async for chunk in chunks(bomb, 65536):
            read.append(len(chunk))
            yield chunk

    monkeypatch.setattr(unpacking.zlib, "decompressobj", Counting)
    with pytest.raises(DocumentTooLarge):
        await unpack(counted(), "gzip", MAX)
    assert sum(made) <= MAX + 64 * 1024
    assert len(read) == 1


async def test_an_endless_body_of_nothing_is_refused() -> None:
    """Empty blocks give out nothing for ever: what comes in has the same ceiling."""
    packer = zlib.compressobj(wbits=31)
    begin = packer.compress(b"<a/>") + packer.flush(zlib.Z_FULL_FLUSH)
    with pytest.raises(DocumentTooLarge):
        await unpack(chunks(begin + b"\x00\x00\x00\xff\xff" * 1000), "gzip", 4000)


@pytest.mark.parametrize(
    ("packed", "coding", "says"),
    [
        (b"<a/>", "gzip", "is not compressed"),
        (zlib.compress(b"<a/>"), "gzip", "is not compressed"),
        (gzip.compress(b"<a/>"), "deflate", "is not compressed"),
        (gzip.compress(b"<a/>")[:-1], "gzip", "breaks off"),
        (b"", "gzip", "breaks off"),
        (gzip.compress(b"<a/>") * 2, "gzip", "behind the end"),
        (gzip.compress(b"<a/>")[:-8] + b"\x00" * 8, "gzip", "is not compressed"),
    ],
    ids=["plain", "zlib as gzip", "gzip as zlib", "cut", "nothing", "two members", "wrong checksum"],
)
async def test_what_is_not_compressed_as_declared(packed: bytes, coding: str, says: str) -> None:
    """It is told apart from a document that is wrong."""
    with pytest.raises(BodyUnreadable, match=says):
        await unpack(chunks(packed), coding, MAX)
    with pytest.raises(BodyUnreadable, match=says):
        await unpack(chunks(packed, 1), coding, MAX)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
async def test_a_compressed_permit_is_taken(coding: str, ch: object) -> None:
    """An authority's own system may compress what it submits."""
    packed = zlib.compress(permit_bytes()) if coding == "deflate" else gzip.compress(permit_bytes())
    status, _, body = await ch.call(  # type: ignore[attr-defined]
        "POST",
        "/api/v1/permits",
        token="CH:MA",
        data=packed,
        Content_Type="application/xml",
        Content_Encoding=coding,
    )
    assert status == 202, body


async def test_a_compressed_question_is_taken(ch: object) -> None:
    """JSON comes through the same door."""
    status, _, body = await ch.call(  # type: ignore[attr-defined]
        "POST",
        "/api/v1/permits/validity",
        token="CH:CUSTOMS",
        data=gzip.compress(b'{"issuer": "CH", "number": "1"}'),
        Content_Type="application/json",
        Content_Encoding="gzip",
    )
    assert (status, json.loads(body)["known"]) == (200, False)


async def test_the_header_names_what_is_accepted(ch: object) -> None:
    """RFC 9110, 12.5.3: with 415 for a content coding, Accept-Encoding says which to use."""
    status, headers, _ = await ch.call(  # type: ignore[attr-defined]
        "POST",
        "/api/v1/permits",
        token="CH:MA",
        data=b"x",
        Content_Type="application/xml",
        Content_Encoding="br",
    )
    assert (status, headers["Accept-Encoding"]) == (415, "gzip, deflate")
