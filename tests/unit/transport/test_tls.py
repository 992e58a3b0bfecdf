"""Whom we believe when we call, and what we show; real handshakes on loopback."""

import ssl
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives import serialization
from support.exchange import FR_MA
from support.keys import pem_of
from support.tls import ENDS, EXPIRED, Identity, identity, old_fashioned

from gateway import clock
from gateway.errors import KeyMaterialError, PartnerUnreachable
from gateway.exchange.directory import Partner
from gateway.transport.rest import RestCourier, TransportSettings
from gateway.transport.tls import ClientTls, OwnCertificate, ServerPins, own_leaf, server_context

RECEIPT = b"<receipt/>"


@dataclass(slots=True)
class Server:
    """A partner's server; `came` is what reached it inside TLS."""

    partner: Partner
    came: list[bytes] = field(default_factory=list)
    shown: list[bytes | None] = field(default_factory=list)


@pytest.fixture
async def stack():
    """Closes what a test has opened."""
    async with AsyncExitStack() as opened:
        yield opened


@pytest.fixture
def serve(stack):
    """Start a partner's server that shows a certificate, and asks for one of `clients`."""

    async def start(shows: Identity, *clients: Identity, host: str = "127.0.0.1", change=None) -> Server:
        async def take(request: web.Request) -> web.Response:
            running.came.append(await request.read())
            connection = request.get_extra_info("ssl_object")
            running.shown.append(connection.getpeercert(binary_form=True))
            return web.Response(body=RECEIPT)

        context = server_context(shows.files, [client.certificate for client in clients])
        application = web.Application()
        application.router.add_post("/x", take)
        server = TestServer(application, host="127.0.0.1")
        await server.start_server(ssl=change(context) if change else context)
        stack.push_async_callback(server.close)
        running = Server(Partner("fr", f"https://{host}:{server.port}/x", (FR_MA,)))
        return running

    return start


@pytest.fixture
def courier_of(stack):
    """Open a courier that believes certificates of partner fr."""

    async def start(*believed: Identity, exact: bool = False, own: Identity | None = None) -> RestCourier:
        pins = (
            {"fr": ServerPins(tuple(each.certificate for each in believed), exact=exact)} if believed else {}
        )
        tls = ClientTls(pins, own.files if own else None)
        return await stack.enter_async_context(RestCourier(TransportSettings(answer_seconds=10), tls))

    return start


@pytest.fixture
def made(tmp_path) -> Callable[..., Identity]:
    """Make an identity in this test's folder."""
    return lambda name, **how: identity(tmp_path, name, **how)


@pytest.mark.parametrize("exact", [False, True])
async def test_the_registered_server_gets_the_envelope(serve, courier_of, made, exact):
    """A self-signed certificate that is registered is believed, in both ways to check it."""
    fr = made("fr")
    server = await serve(fr)
    courier = await courier_of(fr, exact=exact)
    assert await courier.carry(server.partner, b"<envelope/>") == RECEIPT
    assert server.came == [b"<envelope/>"]


@pytest.mark.parametrize("exact", [False, True])
async def test_another_server_is_not_sent_anything(serve, courier_of, made, exact):
    """A server that shows another certificate than the registered one learns not a byte of the envelope."""
    server = await serve(made("stranger"))
    courier = await courier_of(made("fr"), exact=exact)
    with pytest.raises(PartnerUnreachable, match="nothing was sent"):
        await courier.carry(server.partner, b"<envelope/>")
    assert server.came == []


async def test_a_server_of_the_registered_issuer(serve, courier_of, made):
    """The certificate of an issuer may be registered instead of that of the server."""
    issuer = made("issuer", authority=True)
    server = await serve(made("fr", issuer=issuer))
    assert await (await courier_of(issuer)).carry(server.partner, b"<envelope/>") == RECEIPT


@pytest.mark.parametrize("exact", [False, True])
async def test_an_issued_certificate_without_its_issuer(serve, courier_of, made, exact):
    """A certificate that some authority issued is registered by itself; its issuer need not be known."""
    issued = made("issued", issuer=made("issuer", authority=True))
    server = await serve(issued)
    assert await (await courier_of(issued, exact=exact)).carry(server.partner, b"<envelope/>") == RECEIPT


async def test_an_exact_check_believes_no_sibling(serve, courier_of, made):
    """When the certificate itself is checked, another one of the same issuer is not sent anything."""
    issuer = made("issuer", authority=True)
    server = await serve(made("sibling", issuer=issuer))
    courier = await courier_of(issuer, made("fr", issuer=issuer), exact=True)
    with pytest.raises(PartnerUnreachable, match="not registered for it"):
        await courier.carry(server.partner, b"<envelope/>")
    assert server.came == []


async def test_one_partners_certificate_is_not_anothers(serve, courier_of, made):
    """Pins belong to one partner: its server is a stranger when it answers for another one."""
    fr = made("fr")
    server = await serve(fr)
    courier = await courier_of(fr)
    with pytest.raises(PartnerUnreachable, match="nothing was sent"):
        await courier.carry(Partner("de", server.partner.url, (FR_MA,)), b"<envelope/>")
    assert server.came == []


async def test_the_name_must_fit(serve, courier_of, made):
    """A registered certificate for another host is refused, unless the certificate itself is checked."""
    fr = made("fr", host="192.0.2.1")
    server = await serve(fr)
    with pytest.raises(PartnerUnreachable, match="nothing was sent"):
        await (await courier_of(fr)).carry(server.partner, b"<envelope/>")
    assert server.came == []
    assert await (await courier_of(fr, exact=True)).carry(server.partner, b"<envelope/>") == RECEIPT


@pytest.mark.parametrize("exact", [False, True])
async def test_an_expired_server_is_not_sent_anything(serve, courier_of, made, exact):
    """The certificate is registered and has ended."""
    fr = made("fr", ends=EXPIRED)
    server = await serve(fr)
    with pytest.raises(PartnerUnreachable, match="expired"):
        await (await courier_of(fr, exact=exact)).carry(server.partner, b"<envelope/>")
    assert server.came == []


async def test_without_pins_the_system_decides(serve, courier_of, made):
    """A partner without registered certificates is verified too: a self-signed server is a stranger."""
    server = await serve(made("fr"))
    with pytest.raises(PartnerUnreachable, match="nothing was sent"):
        await (await courier_of()).carry(server.partner, b"<envelope/>")
    assert server.came == []


async def test_our_certificate_is_shown(serve, courier_of, made):
    """A server that asks for a client certificate sees ours."""
    fr, ch = made("fr"), made("ch")
    server = await serve(fr, ch)
    await (await courier_of(fr, own=ch)).carry(server.partner, b"<envelope/>")
    assert server.shown == [ch.certificate.public_bytes(serialization.Encoding.DER)]


async def test_a_server_of_yesterday(serve, courier_of, made):
    """A server that speaks TLS 1.1 only is not sent anything."""
    fr = made("fr")
    server = await serve(fr, change=old_fashioned)
    with pytest.raises(PartnerUnreachable):
        await (await courier_of(fr)).carry(server.partner, b"<envelope/>")
    assert server.came == []


def test_both_sides_are_modern(made):
    """TLS 1.2 at least, and in it only forward secrecy; servers are always verified, no session resumed."""
    ch = made("ch")
    server = server_context(ch.files, [ch.certificate])
    tls = ClientTls({"fr": ServerPins((ch.certificate,)), "de": ServerPins((ch.certificate,), exact=True)})
    for context in (server, *map(tls.context_for, ("fr", "de", "nobody"))):
        assert context.minimum_version is ssl.TLSVersion.TLSv1_2
        names = {each["name"] for each in context.get_ciphers() if each["protocol"] != "TLSv1.3"}
        assert names
        assert all(name.startswith("ECDHE-") and ("GCM" in name or "CHACHA20" in name) for name in names)
    for partner in ("fr", "de", "nobody"):
        assert tls.context_for(partner).verify_mode is ssl.CERT_REQUIRED
    assert server.num_tickets == 0
    assert server.options & ssl.OP_NO_TICKET


def test_a_key_of_another_certificate(made):
    """Key and certificate that do not belong together are a sentence that names both files."""
    ch, fr = made("ch"), made("fr")
    with pytest.raises(KeyMaterialError, match=r"fr\.key\.pem and the certificate .*ch\.crt\.pem"):
        server_context(OwnCertificate(ch.files.certificate, fr.files.key), [])


def test_a_key_with_a_passphrase_does_not_wait(made):
    """A key with a passphrase is refused; nobody is asked at a terminal."""
    ch = made("ch")
    ch.files.key.write_bytes(
        ch.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    with pytest.raises(KeyMaterialError, match="has a passphrase"):
        server_context(ch.files, [])


def test_files_that_are_not_there_or_broken(made, tmp_path):
    """A missing key, a missing certificate and a key that is none are sentences that name the file."""
    ch = made("ch")
    for certificate, key, match in (
        (ch.files.certificate, tmp_path / "none.pem", "none.pem cannot be read"),
        (tmp_path / "none.pem", ch.files.key, "none.pem cannot be read"),
        (ch.files.certificate, ch.files.certificate, "cannot be used for TLS"),
    ):
        with pytest.raises(KeyMaterialError, match=match):
            server_context(OwnCertificate(certificate, key), [])


def test_the_certificate_must_be_valid_at_the_start(made):
    """The leaf is the first certificate of the file; outside its time it is refused."""
    ch, issuer = made("ch"), made("issuer")
    ch.files.certificate.write_bytes(pem_of(ch.certificate) + pem_of(issuer.certificate))
    assert own_leaf(ch.files, at=clock.now()) == ch.certificate
    with pytest.raises(KeyMaterialError, match="is valid from"):
        own_leaf(ch.files, at=ENDS + timedelta(seconds=1))
