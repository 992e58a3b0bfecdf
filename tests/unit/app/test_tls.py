"""A gateway that speaks TLS itself, put together from its configuration."""

import asyncio
from pathlib import Path

import aiohttp
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from structlog.testing import capture_logs
from support.gateways import envelope
from support.tls import EXPIRED, Identity, caller, careless_caller, identity

from gateway.app import running
from gateway.cli.folder import make_folder
from gateway.clock import now
from gateway.config import Settings, load
from gateway.errors import KeyMaterialError, PartnerAnsweredWrongly, PartnerUnreachable
from gateway.exchange.directory import Partner
from gateway.loading.tls import load_client_tls, load_server_tls, load_tls_trust
from gateway.permits.identity import AuthorityId
from gateway.signatures.keys import new_development_key, write_key_files
from gateway.transport.rest import RestCourier
from gateway.transport.tls import OwnCertificate
from gateway.workers import file_watch


def _folder(place: Path, party: str, web: str = "", partner: str = "", transport: str = "") -> Path:
    """A working folder with more words in [web], one partner, and [transport]; returns the configuration."""
    config = make_folder(place, [AuthorityId.parse(f"{party}:MA")], port=0).config
    text = config.read_text(encoding="utf-8").replace("port = 0", f"port = 0\n{web}")
    config.write_text(f"{text}\n{partner}\n{transport}\n", encoding="utf-8")
    return config


def _partner(name: str, tls: Identity, certificate: Path) -> str:
    """The table of a partner with a TLS certificate."""
    return (
        f'[[partner]]\nid = "{name}"\nurl = "https://127.0.0.1:1/exchange/v1/messages"\n'
        f'certificates = ["{certificate}"]\ntls_certificates = ["{tls.files.certificate}"]\n'
        f'authority = [{{ id = "{name.upper()}:MA", certificates = ["{certificate}"] }}]\n'
    )


def _tls(table: str, its: Identity) -> str:
    """A table with the two files of an identity."""
    return f'[{table}]\ncertificate = "{its.files.certificate}"\nkey = "{its.files.key}"\n'


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Settings, Settings, Identity]:
    """The settings of ch and fr, which know each other's TLS certificate; and what fr shows."""
    ch, fr = identity(tmp_path, "ch"), identity(tmp_path, "fr")
    some = tmp_path / "some.crt.pem"
    write_key_files(new_development_key("x", "CH", at=now()), tmp_path / "some.key.pem", some)
    web = 'client_certificates = "required"\n' + _tls("web.tls", fr)
    swiss = _folder(tmp_path / "c", "CH", "", _partner("fr", fr, some), _tls("transport", ch))
    french = _folder(tmp_path / "f", "FR", web, _partner("ch", ch, some))
    return load(swiss, {}), load(french, {}), fr


async def test_two_gateways_know_each_other(pair):
    """What one side presents from its configuration, the other one takes by its own; the envelope arrives."""
    swiss, french, fr = pair
    tls = load_client_tls(swiss, load_tls_trust(swiss), now())
    async with running(french) as address, RestCourier(swiss.transport, tls) as courier:
        assert address.startswith("https://127.0.0.1:")
        there = Partner("fr", f"{address}/exchange/v1/messages", ())
        # The door has let us in and reads the envelope, whose signer is not the one registered there.
        with pytest.raises(PartnerAnsweredWrongly, match="signature_refused"):
            await courier.carry(there, envelope())
        async with aiohttp.ClientSession() as session:
            url = f"{address}/exchange/v1/messages"
            async with session.post(url, data=b"<x/>", ssl=caller(None, fr)) as answer:
                assert answer.status == 403


@pytest.fixture
def desk(tmp_path: Path) -> tuple[Settings, Identity, Identity]:
    """The settings of fr, whose authority has a certificate; what fr shows, and what that one shows."""
    server, mine = identity(tmp_path, "fr"), identity(tmp_path, "desk")
    config = _folder(tmp_path / "f", "FR", 'client_certificates = "optional"\n' + _tls("web.tls", server))
    text = config.read_text(encoding="utf-8")
    named = f'id = "FR:MA"\nclient_certificates = ["{mine.files.certificate}"]'
    assert text.count('id = "FR:MA"') == 1
    config.write_text(text.replace('id = "FR:MA"', named), encoding="utf-8")
    return load(config, {}), server, mine


async def test_an_authoritys_own_system_is_known_by_its_certificate(desk):
    """From the configuration to a handshake: its inbox opens without a token, and not without certificate."""
    settings, server, mine = desk
    async with running(settings) as address, aiohttp.ClientSession() as session:
        for shown, status in ((mine, 200), (None, 401)):
            async with session.get(f"{address}/api/v1/inbox", ssl=caller(shown, server)) as answer:
                assert answer.status == status


async def test_a_partner_is_not_reached_through_another_one(pair):
    """The courier made from the configuration believes no server but the registered one."""
    swiss, french, _ = pair
    tls = load_client_tls(swiss, load_tls_trust(swiss), now())
    async with running(french) as address, RestCourier(swiss.transport, tls) as courier:
        with pytest.raises(PartnerUnreachable, match="nothing was sent"):
            await courier.carry(Partner("de", f"{address}/exchange/v1/messages", ()), envelope())


@pytest.fixture
def unasked(tmp_path: Path) -> tuple[Settings, Settings]:
    """
    The settings of ch and fr: fr asks for no client certificates, and its own one names another host.

    ch checks that certificate itself.
    """
    ch, fr = identity(tmp_path, "ch"), identity(tmp_path, "fr", host="192.0.2.1")
    some = tmp_path / "some.crt.pem"
    write_key_files(new_development_key("x", "CH", at=now()), tmp_path / "some.key.pem", some)
    exact = _partner("fr", fr, some) + 'tls_server_check = "certificate"\n'
    swiss = _folder(tmp_path / "c", "CH", partner=exact)
    french = _folder(tmp_path / "f", "FR", _tls("web.tls", fr), _partner("ch", ch, some))
    return load(swiss, {}), load(french, {})


async def test_what_is_not_asked_for_is_not_missed(unasked):
    """Where callers are asked for no certificate, those of a partner are for calling it only."""
    swiss, french = unasked
    tls = load_client_tls(swiss, load_tls_trust(swiss), now())
    async with running(french) as address, RestCourier(swiss.transport, tls) as courier:
        with pytest.raises(PartnerAnsweredWrongly, match="signature_refused"):
            await courier.carry(Partner("fr", f"{address}/exchange/v1/messages", ()), envelope())


@pytest.fixture
def expired(tmp_path) -> Settings:
    """A gateway whose own TLS certificate has ended."""
    old = identity(tmp_path, "old", ends=EXPIRED)
    return load(_folder(tmp_path / "f", "FR", _tls("web.tls", old)), {})


async def test_an_expired_certificate_is_a_refusal_to_start(expired):
    """Nobody could call us with it; the sentence names the file."""
    with pytest.raises(KeyMaterialError, match=r"old\.crt\.pem is valid from"):
        async with running(expired):
            pytest.fail("the certificate has ended")


@pytest.mark.parametrize(("table", "loaded"), [("web.tls", load_server_tls), ("transport", load_client_tls)])
def test_throw_away_keys_are_refused_for_tls_too(tmp_path, table, loaded):
    """A development key as TLS certificate is refused outside development."""
    certificate, key = tmp_path / "dev.crt.pem", tmp_path / "dev.key.pem"
    write_key_files(new_development_key("x", "FR", at=now()), key, certificate)
    text = f'[{table}]\ncertificate = "{certificate}"\nkey = "{key}"\n'
    config = _folder(tmp_path / "f", "FR", transport=text)
    settings = load(config, {"ECITES_ENVIRONMENT": "production"})
    with pytest.raises(KeyMaterialError, match="throw-away"):
        loaded(settings, load_tls_trust(settings), now())


def test_a_throw_away_key_of_a_partner(tmp_path):
    """A development certificate is no partner's TLS identity outside development."""
    certificate = tmp_path / "dev.crt.pem"
    made = new_development_key("x", "CH", at=now())
    write_key_files(made, tmp_path / "dev.key.pem", certificate)
    shown = Identity(made.certificate, None, OwnCertificate(certificate, certificate))
    config = _folder(tmp_path / "f", "FR", partner=_partner("ch", shown, certificate))
    settings = load(config, {"ECITES_ENVIRONMENT": "production"})
    with pytest.raises(KeyMaterialError, match="throw-away"):
        load_tls_trust(settings)


async def test_a_renewed_certificate_is_shown_without_a_restart(pair, monkeypatch, tmp_path):
    """New files take the place of the old ones under a running gateway; broken ones change nothing."""
    monkeypatch.setattr(file_watch, "POLL_SECONDS", 0.02)
    _, french, fr = pair
    (tmp_path / "new").mkdir()
    renewed = identity(tmp_path / "new", "fr")
    async with running(french) as address:

        async def shown() -> bytes:
            _, writer = await asyncio.open_connection(
                "127.0.0.1", int(address.rpartition(":")[2]), ssl=careless_caller()
            )
            certificate = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
            writer.close()
            return certificate

        async def until(wanted: Identity) -> None:
            async with asyncio.timeout(20):
                while True:
                    if await shown() == wanted.certificate.public_bytes(Encoding.DER):
                        return
                    await asyncio.sleep(0.02)

        await until(fr)
        with capture_logs() as logs:
            fr.files.key.write_bytes(b"half of a k")
            async with asyncio.timeout(20):
                while True:
                    if any(line["event"] == "not_reloaded" for line in logs):
                        break
                    await asyncio.sleep(0.02)
        await until(fr)
        fr.files.certificate.write_bytes(renewed.files.certificate.read_bytes())
        fr.files.key.write_bytes(renewed.files.key.read_bytes())
        await until(renewed)
