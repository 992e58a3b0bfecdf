"""The page on which a printed permit is checked: no login, no script, nothing kept, nothing in an address."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from support.gateways import SetClock, french
from support.keys import seal
from support.statements import barred, listed, made
from web.conftest import Door, nothing_blocks_the_loop

from gateway.messagelog.query import LogQuery
from gateway.permits.notices import PermitStatus
from gateway.storage.unit_of_work import Database
from gateway.web.check import MAX_FORM
from gateway.web.keys import WebSettings
from gateway.web.server import make_application

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of status lists."""
    place = tmp_path / "lists"
    place.mkdir()
    return place


@pytest.fixture
async def fr(databases: dict[str, Database], clock: SetClock, folder: Path) -> AsyncIterator[Door]:
    """France, with a folder of status lists."""
    node = french(databases["FR"], clock)
    application = make_application(node, WebSettings(status_lists=folder))
    server = TestServer(application)
    await server.start_server()
    try:
        async with aiohttp.ClientSession() as session:
            with nothing_blocks_the_loop():
                yield Door(
                    node, databases["FR"], str(server.make_url("")).rstrip("/"), {}, session, application
                )
    finally:
        await server.close()


async def sent(door: Door, text: str, path: str = "/check", **headers: str) -> tuple[int, str]:
    """The form with a text, as a browser sends it; returns status and page."""
    body = urlencode({"statement": text}).encode()
    status, _, page = await door.call("POST", path, data=body, Content_Type=FORM, **headers)
    return status, page.decode()


async def test_anybody_gets_the_page(fr: Door) -> None:
    """Without a token, with headers that let nothing else run and nothing leave."""
    status, headers, page = await fr.call("GET", "/check")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "camera=(self)" in headers["Permissions-Policy"]
    assert b'<form method="post" action="/check?language=en">' in page


@pytest.mark.parametrize(("path", "kind"), [("/check.css", "text/css"), ("/check.js", "text/javascript")])
async def test_style_and_script_are_files_of_their_own(fr: Door, path: str, kind: str) -> None:
    """So that the policy needs no exception."""
    status, headers, body = await fr.call("GET", path)
    assert (status, headers["Content-Type"].partition(";")[0]) == (200, kind)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert body


@pytest.mark.parametrize(
    ("path", "accepted", "language"),
    [
        ("/check", "", "en"),
        ("/check", "fr-CH, fr;q=0.9, en;q=0.8", "fr"),
        ("/check", "de, es;q=0.5", "es"),
        ("/check", "de", "en"),
        ("/check?language=es", "fr", "es"),
        ("/check?language=../x", "fr", "fr"),
    ],
)
async def test_languages(fr: Door, path: str, accepted: str, language: str) -> None:
    """The link before the browser, the browser before English."""
    _, headers, page = await fr.call("GET", path, Accept_Language=accepted)
    assert headers["Content-Language"] == language
    assert f'<html lang="{language}">' in page.decode()


async def test_a_good_statement(fr: Door, folder: Path) -> None:
    """France knows the Swiss seal and has a fresh list."""
    (folder / "ch.jws").write_text(listed())
    status, page = await sent(fr, made().text)
    assert status == 200
    assert '<section class="verdict good"' in page
    assert "CH-2026-000123" in page


async def test_without_a_list_check_with_the_issuer(fr: Door) -> None:
    """Never good."""
    _, page = await sent(fr, made().text)
    assert "CHECK WITH THE ISSUER" in page


async def test_a_list_is_read_again_when_it_changes(fr: Door, folder: Path) -> None:
    """New, changed, and taken away; a file that cannot be read stops no other and tells no path."""
    file = folder / "ch.jws"
    file.write_text(listed())
    assert '<section class="verdict good"' in (await sent(fr, made().text))[1]
    file.write_text(barred(PermitStatus.STOLEN))
    _, page = await sent(fr, made().text)
    assert "reported stolen" in page
    (folder / "a.jws").write_bytes(b"\xff\xfe")
    assert "reported stolen" in (await sent(fr, made().text))[1]
    file.unlink()
    _, page = await sent(fr, made().text)
    assert "CHECK WITH THE ISSUER" in page
    assert "cannot be read as a status list" in page
    assert str(folder) not in page


async def test_the_same_files_are_proven_once(
    fr: Door, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger who asks again costs no more than the check itself; new trust proves them anew."""
    from gateway.web import status_folder  # noqa: PLC0415 - the module whose function is counted

    seen = []
    genuine = status_folder.prove_lists

    def counted(texts, issuers):
        seen.append(texts)
        return genuine(texts, issuers)

    monkeypatch.setattr(status_folder, "prove_lists", counted)
    (folder / "ch.jws").write_text(listed())
    for _ in range(3):
        await sent(fr, made().text)
    assert len(seen) == 1
    fr.node.trust = replace(fr.node.trust, by_owner={"FR:MA": fr.node.trust.of("FR:MA")})
    _, page = await sent(fr, made().text)
    assert len(seen) == 2
    assert "no certificate of the signer is here" in page


async def test_a_list_ages_while_it_lies_there(fr: Door, folder: Path, clock: SetClock) -> None:
    """What was proven once is asked for its age each time."""
    (folder / "ch.jws").write_text(listed())
    assert "CHECK WITH" not in (await sent(fr, made().text))[1]
    clock.forward(days=1, seconds=1)
    assert "CHECK WITH THE ISSUER" in (await sent(fr, made().text))[1]


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "é" * 100, "x" * 5000, "<script>alert(1)</script>"])
async def test_rubbish_is_not_good(fr: Door, text: str) -> None:
    """And comes back as text, when it comes back."""
    status, page = await sent(fr, text)
    assert status == 200
    assert "NOT GOOD" in page
    assert "<script>alert" not in page


async def test_the_seal_of_a_gateway_makes_no_statement(fr: Door) -> None:
    """Only Management Authorities seal permits; the certificate of a gateway is registered for envelopes."""
    _, page = await sent(fr, made(seal("ch gateway", "CH")).text)
    assert "no certificate of the signer is here" in page


async def test_the_size_of_the_form(fr: Door) -> None:
    """The last that is read, and the first that is not."""
    within = b"statement=" + b"x" * (MAX_FORM - 10)
    assert (await fr.call("POST", "/check", data=within, Content_Type=FORM))[0] == 200
    assert (await fr.call("POST", "/check", data=within + b"x", Content_Type=FORM))[0] == 413


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"statement":"x"}', "application/json", 415),
        (b"statement=\xff", FORM, 400),
        (b"&".join([b"a=1"] * 9), FORM, 400),
        (b"", FORM, 200),
        (b"other=1", FORM, 200),
    ],
)
async def test_other_bodies(fr: Door, body: bytes, kind: str, status: int) -> None:
    """What is no form is refused; a form without the field is a text that is not good."""
    assert (await fr.call("POST", "/check", data=body, Content_Type=kind))[0] == status


async def test_nothing_is_kept(fr: Door) -> None:
    """The message log has no entry about a check."""
    await sent(fr, made().text)
    async with fr.database.read() as transaction:
        assert not await transaction.log.search(LogQuery())


async def test_a_statement_in_an_address_is_not_read(fr: Door) -> None:
    """The page takes it from the body only (promise 10)."""
    _, _, page = await fr.call("GET", "/check?statement=" + made().text)
    assert made().text not in page.decode()
    assert b"GOOD" not in page
