"""Mutual TLS at the door for partner gateways: real handshakes, and a proxy's header."""

import base64
import ssl
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives import serialization
from support.gateways import envelope, french, log_of
from support.keys import pem_of
from support.tls import EXPIRED, Identity, caller, identity, old_fashioned

from gateway.errors import KeyMaterialError
from gateway.flows.ports import Node
from gateway.messagelog.entry import EntryKind
from gateway.signatures.keyring import TrustStore
from gateway.storage.tokens import new_token
from gateway.transport.tls import server_context
from gateway.web.keys import ProxySettings, WebSettings
from gateway.web.peer import Peers
from gateway.web.server import make_application

SECRET = "0123456789abcdef0123456789abcdef"
CERTIFICATE, PASSED = "X-Client-Certificate", "X-Proxy-Secret"
XML = {"Content-Type": "application/xml"}


@dataclass(slots=True)
class Door:
    """The French gateway as a caller sees it."""

    node: Node
    url: str
    session: aiohttp.ClientSession


@pytest.fixture
def made(tmp_path) -> Callable[..., Identity]:
    """Make an identity in this test's folder."""
    return lambda name, **how: identity(tmp_path, name, **how)


@pytest.fixture
def fr_tls(made) -> Identity:
    """What the French server shows."""
    return made("fr")


@pytest.fixture
def ch_tls(made) -> Identity:
    """What the Swiss gateway shows when it calls."""
    return made("ch")


@pytest.fixture
def de_tls(made) -> Identity:
    """What another partner shows when it calls."""
    return made("de")


@pytest.fixture
async def stack():
    """Closes what a test has opened."""
    async with AsyncExitStack() as opened:
        yield opened


@pytest.fixture
def open_door(stack, databases, clock, fr_tls, ch_tls, de_tls):
    """Serve the French gateway, with ch and de registered unless the test says who is."""

    async def start(*, tls: bool = True, registered: Any = None, **settings: Any) -> Door:
        known = {"ch": ch_tls, "de": de_tls} if registered is None else registered
        trust = TrustStore({owner: (its.certificate,) for owner, its in known.items()})
        node = french(databases["FR"], clock, tls=trust)
        server = TestServer(make_application(node, WebSettings(**settings)), host="127.0.0.1")
        await server.start_server(ssl=server_context(fr_tls.files, trust.all()) if tls else None)
        stack.push_async_callback(server.close)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        return Door(node, str(server.make_url("")).rstrip("/"), session)

    return start


async def post(door: Door, tls: ssl.SSLContext | None = None, **headers: str) -> tuple[int, dict[str, Any]]:
    """Send a good Swiss envelope; the status, and the problem when there is one."""
    named = XML | {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"{door.url}/exchange/v1/messages"
    async with door.session.post(url, data=envelope(), headers=named, ssl=tls or True) as answer:
        return answer.status, {} if answer.status == 200 else await answer.json(content_type=None)


async def refusals(door: Door) -> list[str]:
    """The codes of what was turned away."""
    return [each.outcome for each in await log_of(door.node, kind=EntryKind.REFUSED)]


@pytest.mark.parametrize("mode", ["optional", "required"])
async def test_the_right_certificate(open_door, fr_tls, ch_tls, mode):
    """A self-signed client certificate that is registered for the sender's partner is let in."""
    door = await open_door(client_certificates=mode)
    assert (await post(door, caller(ch_tls, fr_tls)))[0] == 200


async def test_an_issued_certificate_without_its_issuer(open_door, fr_tls, made):
    """A certificate that some authority issued is registered by itself; its issuer need not be known."""
    issued = made("issued", issuer=made("issuer", authority=True))
    door = await open_door(client_certificates="optional", registered={"ch": issued})
    assert (await post(door, caller(issued, fr_tls)))[0] == 200


async def test_a_strangers_certificate(open_door, fr_tls, made):
    """A certificate that nobody registered ends the handshake: the gateway sees no request."""
    door = await open_door(client_certificates="optional")
    with pytest.raises(aiohttp.ClientError):
        await post(door, caller(made("stranger"), fr_tls))
    assert await log_of(door.node) == []


async def test_another_partners_certificate(open_door, fr_tls, de_tls):
    """A genuine envelope of one partner over the connection of another: both are named, and it is logged."""
    door = await open_door(client_certificates="optional")
    status, problem = await post(door, caller(de_tls, fr_tls))
    assert (status, problem["code"]) == (403, "identity_mismatch")
    assert "belongs to partner ch" in problem["detail"]
    assert "belongs to partner de" in problem["detail"]
    assert await refusals(door) == ["identity_mismatch"]


async def test_an_issuer_is_no_identity(open_door, fr_tls, made):
    """A certificate of a registered issuer gets through the handshake, but only a registered one is ch."""
    issuer = made("issuer", authority=True)
    door = await open_door(client_certificates="optional", registered={"ch": issuer})
    status, problem = await post(door, caller(made("sibling", issuer=issuer), fr_tls))
    assert (status, problem["code"]) == (403, "identity_mismatch")
    assert "belongs to nobody who is registered here" in problem["detail"]


async def test_no_certificate_when_it_is_required(open_door, fr_tls):
    """The door for partners refuses before it reads a byte; other doors of the same port stay open."""
    door = await open_door(client_certificates="required", registered={})
    status, problem = await post(door, caller(None, fr_tls))
    assert (status, problem["code"]) == (403, "forbidden")
    assert "needs a TLS client certificate" in problem["detail"]
    assert await refusals(door) == ["forbidden"]
    async with door.session.get(f"{door.url}/healthz", ssl=caller(None, fr_tls)) as answer:
        assert answer.status == 200


async def test_no_certificate_of_a_partner_that_has_one(open_door, fr_tls):
    """Optional means: who has registered a certificate must show it."""
    door = await open_door(client_certificates="optional")
    status, problem = await post(door, caller(None, fr_tls))
    assert (status, problem["code"]) == (403, "identity_mismatch")
    assert "shows no TLS certificate" in problem["detail"]


async def test_no_certificate_of_a_partner_that_has_none(open_door, fr_tls, de_tls):
    """A partner for which no TLS certificate is registered is known by its signature alone."""
    door = await open_door(client_certificates="optional", registered={"de": de_tls})
    assert (await post(door, caller(None, fr_tls)))[0] == 200


async def asked(door: Door, tls: ssl.SSLContext | None) -> tuple[int, dict[str, Any]]:
    """Switzerland, whose mailbox is here, asks with its token; status and answer."""
    token, known = new_token(), door.node.directory
    mailbox = {"ch": replace(known.partners["ch"], mailbox=True)}
    door.node.directory = replace(known, partners=mailbox)
    async with door.node.storage.write() as transaction:
        await transaction.tokens.add_for_partner(token, "ch", door.node.clock.now())
    named = {"Authorization": f"Bearer {token}"}
    url = f"{door.url}/exchange/v1/mailbox"
    async with door.session.get(url, headers=named, ssl=tls or True) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_a_mailbox_opens_to_token_and_certificate_together(open_door, fr_tls, ch_tls):
    """The token of a partner over the connection of the same partner."""
    door = await open_door(client_certificates="optional")
    assert (await asked(door, caller(ch_tls, fr_tls)))[0] == 200


@pytest.mark.parametrize(
    ("shown", "whose"), [("de_tls", "belongs to partner de"), (None, "shows no TLS certificate")]
)
async def test_a_stolen_token_opens_no_mailbox(open_door, fr_tls, shown, whose, request):
    """Where TLS certificates are registered for a partner, its token alone is not enough."""
    door = await open_door(client_certificates="optional")
    tls = caller(request.getfixturevalue(shown) if shown else None, fr_tls)
    status, problem = await asked(door, tls)
    assert (status, problem["code"]) == (403, "identity_mismatch")
    assert "the token belongs to partner ch" in problem["detail"]
    assert whose in problem["detail"]
    assert await refusals(door) == ["identity_mismatch"]


async def test_a_mailbox_needs_the_certificate_that_the_door_needs(open_door, fr_tls):
    """Where everybody must show one, a token without one is turned away before it is looked at."""
    door = await open_door(client_certificates="required", registered={})
    status, problem = await asked(door, caller(None, fr_tls))
    assert (status, problem["code"]) == (403, "forbidden")


async def test_an_expired_certificate(open_door, fr_tls, made):
    """A registered certificate that has ended ends the handshake."""
    old = made("old", ends=EXPIRED)
    door = await open_door(client_certificates="optional", registered={"ch": old})
    with pytest.raises(aiohttp.ClientError):
        await post(door, caller(old, fr_tls))
    assert await log_of(door.node) == []


async def test_a_caller_of_yesterday(open_door, fr_tls, ch_tls):
    """TLS 1.1 is refused, with the right certificate too."""
    door = await open_door(client_certificates="optional")
    with pytest.raises(aiohttp.ClientError):
        await post(door, old_fashioned(caller(ch_tls, fr_tls)))
    assert await log_of(door.node) == []


@pytest.fixture
def proxied(open_door, tmp_path: Path):
    """Serve plain HTTP to a proxy that passes certificates."""

    async def start(**changes: Any) -> Door:
        secret = tmp_path / "proxy.secret"
        secret.write_text(f"{SECRET}\n", encoding="utf-8")
        settings = {"client_certificates": "optional", "proxy": ProxySettings(secret)} | changes
        return await open_door(**({"tls": False} | settings))

    return start


def escaped(shown: Identity) -> str:
    """PEM in URL encoding, as proxies write it."""
    return quote(pem_of(shown.certificate).decode())


def structured(shown: Identity) -> str:
    """DER in base64 between colons (RFC 9440)."""
    return f":{base64.b64encode(shown.certificate.public_bytes(serialization.Encoding.DER)).decode()}:"


@pytest.mark.parametrize("form", [escaped, structured])
@pytest.mark.parametrize("mode", ["optional", "required"])
async def test_a_proxy_with_the_secret(proxied, ch_tls, form, mode):
    """The certificate in the header counts as if it had been shown to us, in both forms."""
    door = await proxied(client_certificates=mode)
    assert (await post(door, **{CERTIFICATE: form(ch_tls), PASSED: SECRET}))[0] == 200


@pytest.mark.parametrize(
    "secret", [{}, {PASSED: "x" * 32}, {PASSED: ""}, {PASSED: SECRET[:-1]}, {PASSED: "\xe9"}]
)
async def test_a_header_without_the_secret(proxied, ch_tls, secret):
    """Anybody can write a header: without the secret it is refused and logged, and says who did not call."""
    door = await proxied()
    status, problem = await post(door, **{CERTIFICATE: escaped(ch_tls)}, **secret)
    assert (status, problem["code"]) == (403, "forbidden")
    assert "without the secret" in problem["detail"]
    assert SECRET not in str(problem)
    assert await refusals(door) == ["forbidden"]


async def test_another_partner_behind_the_proxy(proxied, de_tls):
    """The proxy says de, the envelope says ch."""
    status, problem = await post(await proxied(), **{CERTIFICATE: escaped(de_tls), PASSED: SECRET})
    assert (status, problem["code"]) == (403, "identity_mismatch")


async def test_a_stranger_behind_the_proxy(proxied, made):
    """A certificate that nobody registered is refused, also for a partner that need not show one."""
    door = await proxied(registered={})
    status, problem = await post(door, **{CERTIFICATE: escaped(made("stranger")), PASSED: SECRET})
    assert (status, problem["code"]) == (403, "identity_mismatch")
    assert "belongs to nobody" in problem["detail"]


async def test_expired_behind_the_proxy(proxied, made):
    """A proxy may not have looked at the dates; we do."""
    old = made("old", ends=EXPIRED)
    door = await proxied(registered={"ch": old})
    status, problem = await post(door, **{CERTIFICATE: escaped(old), PASSED: SECRET})
    assert (status, problem["code"]) == (403, "forbidden")
    assert "is valid from" in problem["detail"]


@pytest.mark.parametrize("nothing", [{}, {CERTIFICATE: "", PASSED: SECRET}, {PASSED: SECRET}])
async def test_nothing_was_shown_to_the_proxy(proxied, nothing):
    """An absent or empty header is no certificate."""
    status, problem = await post(await proxied(client_certificates="required"), **nothing)
    assert (status, problem["code"]) == (403, "forbidden")
    assert "needs a TLS client certificate" in problem["detail"]


@pytest.mark.parametrize(
    "garbage", ["x", ":x:", ":", "::", ":AAAA:", "%FF%00", "-----BEGIN CERTIFICATE-----"]
)
async def test_a_header_that_is_no_certificate(proxied, garbage):
    """What the proxy passes and cannot be read is a refusal, not a mistake of ours."""
    status, problem = await post(await proxied(), **{CERTIFICATE: garbage, PASSED: SECRET})
    assert (status, problem["code"]) == (400, "malformed_request")


@pytest.mark.parametrize(
    ("certificates", "secrets", "refusal"),
    [
        (("ch", "de"), (SECRET,), (400, "malformed_request")),
        (("ch",), (SECRET, "x" * 32), (403, "forbidden")),
    ],
)
async def test_a_header_that_stands_twice(proxied, made, certificates, secrets, refusal):
    """A proxy that adds to the caller's headers instead of overwriting them is noticed."""
    door = await proxied()
    headers = list(XML.items())
    headers += [(CERTIFICATE, escaped(made(name))) for name in certificates]
    headers += [(PASSED, secret) for secret in secrets]
    async with door.session.post(
        f"{door.url}/exchange/v1/messages", data=envelope(), headers=headers
    ) as answer:
        assert answer.status == refusal[0]
        assert (await answer.json(content_type=None))["code"] == refusal[1]


async def test_a_header_that_nobody_asked_for(open_door, de_tls):
    """Without a proxy in the configuration the header means nothing."""
    door = await open_door(tls=False, registered={})
    assert (await post(door, **{CERTIFICATE: escaped(de_tls), PASSED: SECRET}))[0] == 200


def test_the_secret_is_not_shown(tmp_path):
    """The secret of the proxy is in no repr."""
    file = tmp_path / "proxy.secret"
    file.write_text(SECRET, encoding="utf-8")
    assert SECRET not in repr(
        Peers.of(WebSettings(client_certificates="optional", proxy=ProxySettings(file)))
    )


@pytest.mark.parametrize(("content", "match"), [(None, "cannot be read"), ("short", "fewer than 32")])
def test_a_secret_that_cannot_protect(tmp_path, content, match):
    """A missing or a short secret is a refusal to start, and the sentence does not show it."""
    file = tmp_path / "proxy.secret"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(KeyMaterialError, match=match) as refused:
        Peers.of(WebSettings(proxy=ProxySettings(file)))
    assert "short" not in refused.value.message
