"""A token opens what it was made for, until it expires or is withdrawn."""

import json
from datetime import timedelta
from typing import Any

import pytest
from support.exchange import CH_CUSTOMS, CH_MA
from support.gateways import SetClock
from support.permits import permit_bytes

from gateway import errors
from gateway.permits.identity import Role
from gateway.permits.scopes import OF_ROLE, Scope
from gateway.storage.tokens import new_token, token_hash

XML, JSON = "application/xml", "application/json"
ASK = json.dumps({"issuer": "CH", "number": "CH-1"})
CANCEL = json.dumps({"issuer": "CH", "number": "CH-1", "status": "cancelled", "reason": "test"})

ENDORSE = json.dumps(
    {
        "issuer": "CH",
        "number": "CH-1",
        "side": "export",
        "on": "2026-11-23",
        "office": "CH002571",
        "lines": [{"line": "A", "quantity": "1"}],
    }
)
OPENED = {
    ("POST", "/api/v1/permits", XML, permit_bytes()): Scope.SUBMIT,
    ("POST", "/api/v1/permits/validity", JSON, ASK): Scope.CHECK,
    ("POST", "/api/v1/permits/ledger", JSON, ASK): Scope.LEDGER,
    ("POST", "/api/v1/permits/form", JSON, ASK): Scope.FORM,
    ("POST", "/api/v1/permits/endorsements", JSON, ENDORSE): Scope.ENDORSE,
    ("POST", "/api/v1/permits/status", JSON, CANCEL): Scope.STATUS,
    ("GET", "/api/v1/submissions/none", XML, None): Scope.RECEIPTS,
    ("GET", "/api/v1/deliveries/none/receipt", XML, None): Scope.RECEIPTS,
    ("GET", "/api/v1/events", XML, None): Scope.EVENTS,
    ("GET", "/api/v1/inbox", XML, None): Scope.INBOX,
    ("GET", "/api/v1/inbox/none", XML, None): Scope.INBOX,
    ("POST", "/api/v1/inbox/none/acknowledgement", XML, None): Scope.ACKNOWLEDGE,
}


async def add(door: Any, **with_: Any) -> str:
    """A token of the Swiss Management Authority, or of another holder."""
    token = new_token()
    async with door.database.write() as transaction:
        await transaction.tokens.add(token, with_.pop("holder", CH_MA), door.node.clock.now(), **with_)
    return token


@pytest.mark.parametrize("asked", OPENED, ids=lambda asked: " ".join(asked[:2]))
async def test_each_address_asks_for_its_scope(ch: Any, asked: tuple[str, str, str, Any]) -> None:
    """With that scope alone it is not turned away for it; with all others it is, and the scope is named."""
    method, path, kind, data = asked
    scope = OPENED[asked]
    holder = CH_MA if scope in OF_ROLE[Role.MA] else CH_CUSTOMS
    only = await add(ch, holder=holder, wanted=frozenset({scope}))
    others = await add(ch, holder=holder, wanted=OF_ROLE[holder.role] - {scope})
    status, _, body = await ch.call(method, path, token=others, data=data, Content_Type=kind)
    problem = json.loads(body)
    assert (status, problem["code"], problem["scope"]) == (403, "scope_missing", scope.value)
    assert scope in problem["advice"]
    status, _, _ = await ch.call(method, path, token=only, data=data, Content_Type=kind)
    assert status in {200, 202, 404}


async def test_every_scope_opens_something() -> None:
    """No scope is made for nothing, and each belongs to a role."""
    assert set(OPENED.values()) == set(Scope) == frozenset().union(*OF_ROLE.values())


async def test_a_scope_beyond_the_role_opens_nothing(ch: Any) -> None:
    """Customs issue nothing, whatever stands in the table."""
    token = new_token()
    async with ch.database.write() as transaction:
        await transaction.tokens.add(token, CH_CUSTOMS, ch.node.clock.now(), wanted=frozenset({Scope.SUBMIT}))
    status, _, body = await ch.call(
        "POST", "/api/v1/permits", token=token, data=permit_bytes(), Content_Type=XML
    )
    assert (status, json.loads(body)["code"]) == (403, "forbidden")


async def test_a_token_ends_at_its_moment(ch: Any, clock: SetClock) -> None:
    """Good a moment before, and unknown to nobody but closed at it; the sentence says the day."""
    token = await add(ch, expires_at=clock.now() + timedelta(days=1))
    clock.forward(days=1, microseconds=-1)
    assert (await ch.call("GET", "/api/v1/inbox", token=token))[0] == 200
    clock.forward(microseconds=1)
    status, headers, body = await ch.call("GET", "/api/v1/inbox", token=token)
    assert (status, json.loads(body)["code"]) == (401, "unauthenticated")
    assert "expired" in json.loads(body)["detail"]
    assert headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_partners_token_ends_too(hub: Any, clock: SetClock) -> None:
    """It opens the mailbox until then."""
    token = new_token()
    async with hub.database.write() as transaction:
        await transaction.tokens.add_for_partner(
            token, "ch", clock.now(), expires_at=clock.now() + timedelta(days=1)
        )
    assert (await hub.call("GET", "/exchange/v1/mailbox", token=token))[0] == 200
    clock.forward(days=1)
    assert (await hub.call("GET", "/exchange/v1/mailbox", token=token))[0] == 401


async def test_a_withdrawn_token_is_unknown_at_once(ch: Any) -> None:
    """No restart, no cache."""
    token = await add(ch)
    assert (await ch.call("GET", "/api/v1/inbox", token=token))[0] == 200
    async with ch.database.write() as transaction:
        await transaction.tokens.revoke(token_hash(token))
    assert (await ch.call("GET", "/api/v1/inbox", token=token))[0] == 401


async def test_the_day_of_the_last_use_is_kept_once_a_day(
    ch: Any, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One write a day; a database that cannot keep it turns nobody away."""
    token = await add(ch)
    real, written = ch.database.write, []
    monkeypatch.setattr(ch.database, "write", lambda: written.append(1) or real(), raising=False)
    for _ in range(3):
        assert (await ch.call("GET", "/api/v1/inbox", token=token))[0] == 200
    assert len(written) == 1
    async with ch.database.read() as transaction:
        grant = await transaction.tokens.find(token_hash(token))
    assert grant.last_used_on == clock.now().date()

    def full() -> Any:
        raise errors.StorageError("disk full")

    monkeypatch.setattr(ch.database, "write", full, raising=False)
    clock.forward(days=1)
    assert (await ch.call("GET", "/api/v1/inbox", token=token))[0] == 200
