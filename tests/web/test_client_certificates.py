"""An authority's own system calls the API with a TLS certificate instead of a token."""

import ssl
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from support.exchange import FR_CUSTOMS
from support.gateways import french
from support.keys import pem_of
from support.tls import caller, identity

from gateway.permits.scopes import Scope
from gateway.signatures.keyring import TrustStore
from gateway.storage.tokens import new_token
from gateway.transport.tls import server_context
from gateway.web.keys import ProxySettings, WebSettings
from gateway.web.server import make_application

INBOX, SUBMIT = "/api/v1/inbox", "/api/v1/permits"


@pytest.fixture
def who(tmp_path):
    """Identities by name: the server, French customs, a partner, and one that two have registered."""
    return {name: identity(tmp_path, name) for name in ("server", "customs", "partner", "shared")}


@pytest.fixture
async def served(databases, clock, who, tmp_path):
    """The French gateway over TLS, or behind a proxy when settings say so; gives node, address, session."""
    trust = TrustStore(
        {
            "FR:CUSTOMS": (who["customs"].certificate, who["shared"].certificate),
            "FR:MA": (who["shared"].certificate,),
            "ch": (who["partner"].certificate,),
        }
    )
    async with AsyncExitStack() as stack:

        async def start(**settings: Any):
            node = french(databases["FR"], clock, tls=trust)
            server = TestServer(make_application(node, WebSettings(**settings)), host="127.0.0.1")
            tls = None if "proxy" in settings else server_context(who["server"].files, trust.all())
            await server.start_server(ssl=tls)
            stack.push_async_callback(server.close)
            session = await stack.enter_async_context(aiohttp.ClientSession())
            return node, str(server.make_url("")).rstrip("/"), session

        yield start


async def call(
    served: Any, path: str, tls: ssl.SSLContext | None = None, method: str = "GET", **headers: str
) -> tuple[int, str]:
    """Status, and the code of the problem when there is one."""
    _, url, session = served
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with session.request(method, url + path, headers=named, ssl=tls or True) as answer:
        body = await answer.json(content_type=None)
        return answer.status, body.get("code", "")


async def test_a_registered_certificate_opens_what_the_role_may(served, who) -> None:
    """Its inbox, and not what customs may not do; a partner's certificate, and none, open nothing."""
    gateway = await served()
    mine = caller(who["customs"], who["server"])
    assert await call(gateway, INBOX, mine) == (200, "")
    assert await call(gateway, SUBMIT, mine, "POST") == (403, "forbidden")
    assert await call(gateway, INBOX, caller(who["partner"], who["server"])) == (401, "unauthenticated")
    assert await call(gateway, INBOX, caller(None, who["server"])) == (401, "unauthenticated")


async def test_a_certificate_of_two_says_for_nobody(served, who) -> None:
    """Which of them calls is not guessed."""
    gateway = await served()
    assert await call(gateway, INBOX, caller(who["shared"], who["server"])) == (403, "forbidden")


async def test_a_token_that_does_not_hold_is_not_made_good_by_a_certificate(served, who) -> None:
    """Who sends a token is judged by it: a narrow one stays narrow."""
    gateway = await served()
    mine = caller(who["customs"], who["server"])
    assert await call(gateway, INBOX, mine, Authorization="Bearer ecites_x") == (401, "unauthenticated")
    token = new_token()
    async with gateway[0].storage.write() as transaction:
        await transaction.tokens.add(
            token, FR_CUSTOMS, gateway[0].clock.now(), wanted=frozenset({Scope.CHECK})
        )
    assert await call(gateway, INBOX, mine, Authorization=f"Bearer {token}") == (403, "scope_missing")


async def test_behind_a_proxy_its_secret_and_the_dates_count(served, who, tmp_path, clock) -> None:
    """The header is believed with the secret only, and a certificate that has ended opens nothing."""
    secret = tmp_path / "secret"
    secret.write_text("0123456789abcdef0123456789abcdef")
    gateway = await served(client_certificates="optional", proxy=ProxySettings(secret=secret))
    passed = {"X_Client_Certificate": quote(pem_of(who["customs"].certificate))}
    assert await call(gateway, INBOX, **passed) == (403, "forbidden")
    passed["X_Proxy_Secret"] = secret.read_text()
    assert await call(gateway, INBOX, **passed) == (200, "")
    clock.at = who["customs"].certificate.not_valid_after_utc + timedelta(seconds=1)
    assert await call(gateway, INBOX, **passed) == (403, "forbidden")
