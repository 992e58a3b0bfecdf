"""Revocation lists under a running gateway: fetched or in files, they count without a restart."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from structlog.testing import capture_logs
from support.gateways import envelope
from support.key_material import revoked
from support.tls import Identity, caller, identity

from gateway import clock
from gateway.app import running
from gateway.cli.folder import make_folder
from gateway.config import Settings, load
from gateway.exchange.retry import RetryPolicy
from gateway.permits.identity import AuthorityId
from gateway.signatures.keys import new_development_key, write_key_files
from gateway.workers import file_watch, list_refresher

PATIENCE = 30.0
HOUR = timedelta(hours=1)

ACCEPTED = ("signature_refused", "")
"""The connection is that of ch; the envelope is signed by somebody else, which is looked at after it."""


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files and addresses are looked at many times in a second."""
    monkeypatch.setattr(file_watch, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(list_refresher, "LONGEST_SECONDS", 0.02)
    monkeypatch.setattr(list_refresher, "AFTER_FAILURE", RetryPolicy(0.02, 1.0, 0.02))


@dataclass(slots=True)
class Scene:
    """France, which asks callers for a certificate; Switzerland, whose certificate somebody issued."""

    folder: Path
    config: Path
    issuer: Identity
    ch: Identity
    fr: Identity

    def configured(self, table: str) -> Settings:
        """The settings of France, with more words in [revocation]."""
        text = self.config.read_text(encoding="utf-8")
        named = f'[revocation]\nissuers = ["{self.issuer.files.certificate}"]\n{table}\n'
        self.config.write_text(f"{text}\n{named}", encoding="utf-8")
        return load(self.config, {})

    def listed(self, *certificates: x509.Certificate, made: datetime) -> bytes:
        """A list of the issuer that takes certificates back."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.issuer.certificate.subject)
            .last_update(made)
            .next_update(clock.now() + 24 * HOUR)
        )
        for each in certificates:
            builder = builder.add_revoked_certificate(revoked(each.serial_number, clock.now() - HOUR))
        return builder.sign(self.issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)

    async def said(self, address: str) -> tuple[str, str]:
        """What France says to Switzerland: the code, and why the certificate is not accepted."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                f"{address}/exchange/v1/messages",
                data=envelope(),
                headers={"Content-Type": "application/xml"},
                ssl=caller(self.ch, self.fr),
            ) as answer,
        ):
            problem = await answer.json(content_type=None)
        return problem["code"], problem["detail"].partition("is not accepted: ")[2]

    async def until(self, address: str, code: str, why: str) -> None:
        """Ask again and again until France says so."""
        async with asyncio.timeout(PATIENCE):
            while True:
                said = await self.said(address)
                if said[0] == code and why in said[1]:
                    return
                await asyncio.sleep(0.02)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """Everything but the lists."""
    issuer = identity(tmp_path, "issuer", authority=True)
    ch, fr = identity(tmp_path, "ch", issuer=issuer), identity(tmp_path, "fr")
    some = tmp_path / "some.crt.pem"
    write_key_files(new_development_key("x", "CH", at=clock.now()), tmp_path / "some.key.pem", some)
    config = make_folder(tmp_path / "f", [AuthorityId.parse("FR:MA")], port=0).config
    text = config.read_text(encoding="utf-8").replace(
        "port = 0", 'port = 0\nclient_certificates = "required"'
    )
    partner = (
        '[[partner]]\nid = "ch"\nurl = "https://127.0.0.1:1/exchange/v1/messages"\n'
        f'certificates = ["{some}"]\ntls_certificates = ["{ch.files.certificate}"]\n'
        f'authority = [{{ id = "CH:MA", certificates = ["{some}"] }}]\n'
    )
    tls = f'[web.tls]\ncertificate = "{fr.files.certificate}"\nkey = "{fr.files.key}"\n'
    config.write_text(f"{text}\n{tls}\n{partner}", encoding="utf-8")
    return Scene(tmp_path, config, issuer, ch, fr)


@dataclass(slots=True)
class Point:
    """A distribution point; silent while it has nothing to offer."""

    url: str = ""
    offered: bytes = b""
    asked: int = 0

    async def answer(self, _request: web.Request) -> web.Response:
        """The list of this moment."""
        self.asked += 1
        return web.Response(body=self.offered) if self.offered else web.Response(status=503)


@pytest.fixture
async def point() -> AsyncIterator[Point]:
    """One on loopback."""
    made, application = Point(), web.Application()
    application.router.add_get("/ca.crl", made.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/ca.crl"
    yield made
    await runner.cleanup()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another task brings about."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if condition():
                return
            await asyncio.sleep(0.02)


async def test_a_fetched_list_counts_without_a_restart_and_stays_after_one(
    scene: Scene, point: Point
) -> None:
    """Nothing is accepted before the first list; one from before is no way back; the last one is kept."""
    settings = scene.configured(f'distribution_points = ["{point.url}"]')
    first = scene.listed(made=clock.now() - 2 * HOUR)
    async with running(settings) as address:
        await until(lambda: point.asked > 0)
        await scene.until(address, "forbidden", "is not here")
        point.offered = first
        await scene.until(address, *ACCEPTED)
        point.offered = scene.listed(scene.ch.certificate, made=clock.now() - HOUR)
        await scene.until(address, "forbidden", "was revoked on")
        with capture_logs() as logs:
            point.offered = first
            await until(lambda: any(line["event"] == "list_not_refreshed" for line in logs))
        assert "was made on" in next(line["error"] for line in logs if line["event"] == "list_not_refreshed")
        await scene.until(address, "forbidden", "was revoked on")
    point.offered = b""
    async with running(settings) as address:
        code, why = await scene.said(address)
        assert (code, "was revoked on" in why) == ("forbidden", True)


async def test_a_list_in_a_file_counts_without_a_restart(scene: Scene) -> None:
    """A new file takes the place of the old one; a broken one does not, and the log says so."""
    file = scene.folder / "ca.crl"
    file.write_bytes(scene.listed(made=clock.now() - 2 * HOUR))
    settings = scene.configured(f'lists = ["{file}"]')
    async with running(settings) as address:
        await scene.until(address, *ACCEPTED)
        with capture_logs() as logs:
            file.write_bytes(b"half of a l")
            await until(lambda: any(line["event"] == "not_reloaded" for line in logs))
        assert {line["log_level"] for line in logs if line["event"] == "not_reloaded"} == {"error"}
        await scene.until(address, *ACCEPTED)
        file.write_bytes(scene.listed(scene.ch.certificate, made=clock.now() - HOUR))
        await scene.until(address, "forbidden", "was revoked on")
