"""The courier against real sockets: what it sends, what it gives back, and that only our errors come out."""

import asyncio
import gzip
import json
import socket
from dataclasses import replace

import pytest

from gateway.errors import PartnerAnsweredWrongly, PartnerUnreachable
from gateway.transport.rest import RestCourier, TransportSettings

ENVELOPE = b"<envelope>\r\n\x00\xff \xc3\xa9</envelope>"
RECEIPT = b"<receipt>\r\n\x00\xff</receipt>\n"
FINAL = {400, 409, 413, 415, 422}
STATUSES = [201, 202, 204, 206, *range(400, 432), *range(500, 512), 599]
NESTED = b"[" * 200_000
PATIENCE = 5.0


async def test_the_answer_comes_back_byte_for_byte(courier, partner_that, answer_of):
    """The body of a 200 is returned exactly as it was sent."""
    partner = await partner_that(answer_of(200, RECEIPT, Content_Type="application/xml"))
    assert await courier.carry(partner.here, ENVELOPE) == RECEIPT


async def test_the_envelope_is_posted_byte_for_byte(courier, partner_that, answer_of):
    """The partner gets a POST of application/xml with the bytes of the envelope and nothing else."""
    partner = await partner_that(answer_of(200, RECEIPT))
    await courier.carry(partner.here, ENVELOPE)
    head = partner.heads[0].lower()
    assert head.startswith("post /exchange/v1/messages http/1.1\r\n")
    assert "\r\ncontent-type: application/xml\r\n" in head
    assert partner.bodies == [ENVELOPE]


async def test_one_session_carries_many(courier, partner_that, answer_of):
    """Envelopes one after the other each get their own answer over the same session."""
    partner = await partner_that(answer_of(200, RECEIPT))
    sent = [b"<envelope n='%d'/>" % number for number in range(5)]
    for envelope in sent:
        assert await courier.carry(partner.here, envelope) == RECEIPT
    assert partner.bodies == sent


@pytest.mark.parametrize("status", STATUSES)
async def test_every_other_status_is_a_wrong_answer(status, courier, partner_that, answer_of):
    """Anything but 200 is PartnerAnsweredWrongly with its status, final for 400, 409, 413, 415, 422 only."""
    partner = await partner_that(answer_of(status))
    with pytest.raises(PartnerAnsweredWrongly) as refused:
        await courier.carry(partner.here, ENVELOPE)
    assert refused.value.fields["status"] == status
    assert refused.value.fields["final"] is (status in FINAL)
    assert str(status) in refused.value.message


async def test_the_partners_words_are_passed_on(courier, partner_that, answer_of):
    """Code and detail of the partner's problem stand in our message."""
    problem = json.dumps({"code": "identity_mismatch", "detail": "the sender is not registered: été"})
    partner = await partner_that(
        answer_of(403, problem.encode(), Content_Type="application/problem+json; charset=utf-8")
    )
    with pytest.raises(PartnerAnsweredWrongly) as refused:
        await courier.carry(partner.here, ENVELOPE)
    assert "identity_mismatch the sender is not registered: été" in refused.value.message


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>nothing here</html>",
        b"\xff\xfe\x00",
        b'{"code": ',
        b"[1, 2]",
        b'"text"',
        b"null",
        b"7" * 5000,
        b'{"code": {"a": [1]}, "detail": null}',
        pytest.param(
            NESTED,
            id="nested",
        ),
    ],
)
async def test_an_error_page_that_is_no_problem(body, courier, partner_that, answer_of):
    """Whatever the body of a refusal is, the status decides and no other exception comes out."""
    partner = await partner_that(answer_of(502, body, Content_Type="text/html; charset=nonsense"))
    with pytest.raises(PartnerAnsweredWrongly) as refused:
        await courier.carry(partner.here, ENVELOPE)
    assert refused.value.fields["status"] == 502


async def test_the_partners_words_are_bounded(courier, partner_that, answer_of):
    """A partner cannot put a megabyte into our message log with each refusal."""
    partner = await partner_that(answer_of(500, json.dumps({"code": "x", "detail": "y" * 900_000}).encode()))
    with pytest.raises(PartnerAnsweredWrongly) as refused:
        await courier.carry(partner.here, ENVELOPE)
    assert len(refused.value.message) < 10_000


async def test_the_partners_words_can_be_stored(courier, partner_that, answer_of):
    """Half a character and control characters from a partner do not reach the database or a terminal."""
    problem = b'{"code": "x", "detail": "half \\ud800 null \\u0000 escape \\u001b[2J line\\nbreak"}'
    partner = await partner_that(answer_of(500, problem))
    with pytest.raises(PartnerAnsweredWrongly) as refused:
        await courier.carry(partner.here, ENVELOPE)
    # As numbers: half a character in pytest's own report would end a worker of pytest-xdist.
    assert [ord(character) for character in refused.value.message if not character.isprintable()] == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status, courier, partner_that, answer_of):
    """An envelope never goes to an address that an answer names."""
    elsewhere = await partner_that(answer_of(200, RECEIPT))
    partner = await partner_that(answer_of(status, Location=elsewhere.here.url))
    with pytest.raises(PartnerAnsweredWrongly) as refused:
        await courier.carry(partner.here, ENVELOPE)
    assert refused.value.fields == {"status": status, "final": False, "said": ""}
    assert elsewhere.bodies == []


async def test_an_endless_answer_is_cut(open_courier, partner_that):
    """An answer longer than max_answer_bytes is refused, and the connection is closed at once."""
    sent = 0

    async def for_ever(_reader, writer):
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n\r\n")
        while True:
            writer.write(b"x" * 1000)
            await writer.drain()
            sent += 1000

    partner = await partner_that(for_ever)
    courier = await open_courier(max_answer_bytes=10_000)
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(PartnerAnsweredWrongly, match="more than 10,000 bytes"):
            await courier.carry(partner.here, ENVELOPE)
        await partner.left.wait()
    assert sent < 50_000_000


async def test_an_answer_as_long_as_allowed(open_courier, partner_that, answer_of):
    """Exactly max_answer_bytes pass, and one more does not."""
    courier = await open_courier(max_answer_bytes=10_000)
    fits = await partner_that(answer_of(200, b"x" * 10_000))
    assert len(await courier.carry(fits.here, ENVELOPE)) == 10_000
    too_long = await partner_that(answer_of(200, b"x" * 10_001))
    with pytest.raises(PartnerAnsweredWrongly):
        await courier.carry(too_long.here, ENVELOPE)


async def test_a_silent_partner_is_given_up(open_courier, partner_that):
    """A partner that takes the envelope and says nothing is unreachable after answer_seconds."""

    async def silent(reader, _writer):
        await reader.read()

    partner = await partner_that(silent)
    courier = await open_courier(answer_seconds=0.2)
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(PartnerUnreachable, match=r"fr did not answer within 0\.2 s"):
            await courier.carry(partner.here, ENVELOPE)
        await partner.left.wait()
    assert partner.bodies == [ENVELOPE]


@pytest.mark.parametrize("dripped", [b" ", b"HTTP/1.1 100 Continue\r\n\r\n"], ids=["body", "continue"])
async def test_a_partner_that_drips_is_given_up(dripped, open_courier, partner_that):
    """The time counts for the whole exchange: a byte now and then does not lengthen it."""

    async def drip(_reader, writer):
        if dripped == b" ":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while True:
            writer.write(dripped)
            await writer.drain()
            await asyncio.sleep(0.02)

    partner = await partner_that(drip)
    courier = await open_courier(answer_seconds=0.2)
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(PartnerUnreachable, match="did not answer"):
            await courier.carry(partner.here, ENVELOPE)


async def test_nobody_listens(courier, partner_that, answer_of):
    """A refused connection is PartnerUnreachable and names the partner."""
    partner = await partner_that(answer_of(200))
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        with pytest.raises(PartnerUnreachable, match="partner fr cannot be reached"):
            await courier.carry(replace(partner.here, url=address), ENVELOPE)


@pytest.mark.parametrize(
    "cut",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<receipt>",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n<receipt>\r\n",
        b"HTTP/1.1 500 No\r\nContent-Length: 100\r\n\r\n{",
    ],
    ids=["nothing", "status line", "body", "chunks", "refusal"],
)
async def test_a_connection_cut_in_the_middle(cut, courier, partner_that):
    """Half an answer is no answer: the message will be sent again."""

    async def cutting(_reader, writer):
        writer.write(cut)
        await writer.drain()
        writer.close()

    partner = await partner_that(cutting)
    with pytest.raises(PartnerUnreachable, match="cannot be reached"):
        await courier.carry(partner.here, ENVELOPE)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "nonsense"])
async def test_a_compressed_answer_is_told_and_not_unpacked(coding, courier, partner_that, answer_of):
    """A small answer cannot become a large one; the operator learns what to switch off."""
    body = gzip.compress(b"<receipt/>" * 1000)
    partner = await partner_that(answer_of(200, body, Content_Encoding=coding))
    with pytest.raises(PartnerAnsweredWrongly, match=rf"compressed body \({coding}\)") as refused:
        await courier.carry(partner.here, ENVELOPE)
    assert "compression" in refused.value.advice
    assert refused.value.fields["final"] is False
    assert "\r\naccept-encoding: identity\r\n" in partner.heads[0].lower()


async def test_an_answer_that_is_declared_as_it_is(courier, partner_that, answer_of):
    """`identity` says that nothing was done to the body."""
    partner = await partner_that(answer_of(200, RECEIPT, Content_Encoding="Identity"))
    assert await courier.carry(partner.here, ENVELOPE) == RECEIPT


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00\xff\xfe garbage \r\n\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 10,
        b"HTTP/1.1 twohundred OK\r\n\r\n",
        b"HTTP/1.1 99999 OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\nabc\r\n",
        b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-\x00: \x01\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Many: x\r\n" * 100_000 + b"\r\n",
        b"HTTP/1.1 200 " + b"O" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: nonsense\r\nConnection: upgrade\r\n\r\nrubbish",
        b"HTTP/1.1 200 OK\r\nSet-Cookie: \xff=;;;=\r\nContent-Type: ;;\xff\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 302 Found\r\nLocation: http://[::nonsense\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 401 No\r\nWWW-Authenticate: Digest \xff,,=\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=lambda garbage: repr(garbage[:60]),
)
async def test_only_our_errors_come_out_of_garbage(garbage, open_courier, partner_that):
    """Whatever bytes a partner answers with, what comes out is bytes or one of our two errors."""

    async def talk(_reader, writer):
        writer.write(garbage)
        await writer.drain()
        writer.close()

    partner = await partner_that(talk)
    courier = await open_courier(answer_seconds=2.0)
    (outcome,) = await asyncio.gather(courier.carry(partner.here, ENVELOPE), return_exceptions=True)
    assert isinstance(outcome, (bytes, PartnerUnreachable, PartnerAnsweredWrongly))


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http://127.0.0.1:99999/",
        "http://[::nonsense/",
        "http://name.invalid/",
        "http://a b/",
        "http://127.0.0.1:0/",
        "https://127.0.0.1:1/",
        *(url for url in ("http://" + "a" * 70 + ".invalid/", "http://a..b.invalid/")),
    ],
)
async def test_an_address_that_leads_nowhere(url, open_courier, partner_that, answer_of):
    """A mistyped address in the configuration is PartnerUnreachable, not an accident of the worker."""
    partner = await partner_that(answer_of(200))
    courier = await open_courier(connect_seconds=2.0)
    with pytest.raises(PartnerUnreachable):
        await courier.carry(replace(partner.here, url=url), ENVELOPE)


async def test_a_failure_does_not_spoil_the_next_exchange(courier, partner_that, answer_of):
    """After a cut connection the same courier carries the next envelope."""

    async def cutting(_reader, writer):
        writer.close()

    broken = await partner_that(cutting)
    whole = await partner_that(answer_of(200, RECEIPT))
    with pytest.raises(PartnerUnreachable):
        await courier.carry(broken.here, ENVELOPE)
    assert await courier.carry(whole.here, ENVELOPE) == RECEIPT


async def test_before_it_is_opened(partner_that, answer_of):
    """A courier that was never opened says that the gateway is stopping."""
    partner = await partner_that(answer_of(200, RECEIPT))
    with pytest.raises(PartnerUnreachable):
        await RestCourier(TransportSettings()).carry(partner.here, ENVELOPE)


async def test_after_it_is_closed(partner_that, answer_of):
    """A courier that was closed says that the gateway is stopping."""
    partner = await partner_that(answer_of(200, RECEIPT))
    async with RestCourier(TransportSettings()) as courier:
        pass
    with pytest.raises(PartnerUnreachable):
        await courier.carry(partner.here, ENVELOPE)
    assert partner.bodies == []


async def test_slow_partners_leave_connections_to_the_others(open_courier, partner_that, answer_of):
    """However many exchanges hang, the next partner gets its connection (promise 9)."""
    waiting = 0
    all_wait = asyncio.Event()

    async def silent(reader, _writer):
        nonlocal waiting
        waiting += 1
        if waiting == 100:
            all_wait.set()
        await reader.read()

    slow = await partner_that(silent)
    quick = await partner_that(answer_of(200, RECEIPT))
    courier = await open_courier(connect_seconds=1.0)
    hanging = [asyncio.create_task(courier.carry(slow.here, ENVELOPE)) for _ in range(100)]
    try:
        async with asyncio.timeout(PATIENCE):
            await all_wait.wait()
            assert await courier.carry(quick.here, ENVELOPE) == RECEIPT
    finally:
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120.0),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": "9" * 30}, 86400.0),
        (
            {"Retry-After": "Tue, 24 Nov 2026 10:00:30 GMT", "Date": "Tue, 24 Nov 2026 10:00:00 GMT"},
            30.0,
        ),
        (
            {"Retry-After": "Tue, 24 Nov 2026 09:00:00 GMT", "Date": "Tue, 24 Nov 2026 10:00:00 GMT"},
            0.0,
        ),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "\u00b2"}, None),
        ({}, None),
    ],
    ids=["seconds", "now", "never", "date", "past", "word", "negative", "digit", "nothing"],
)
async def test_when_to_come_again(headers, seconds, courier, partner_that, answer_of):
    """Seconds, or a date by the partner's own clock; at most a day; rubbish is nothing."""
    partner = await partner_that(answer_of(503, **headers))
    with pytest.raises(PartnerAnsweredWrongly) as refused:
        await courier.carry(partner.here, ENVELOPE)
    assert refused.value.fields.get("retry_after") == seconds
