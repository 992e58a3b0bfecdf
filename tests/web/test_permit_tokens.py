"""Tokens of permits at the doors: in a header or a body, never in an address, never in a log."""

import json
from typing import Any

import pytest
from support.exchange import CH_MA
from support.gateways import log_of
from support.permits import permit_bytes

from gateway.flows.guesses import Guesses, GuessLimits
from gateway.permits.token_id import TokenPolicy

XML, JSON = "application/xml", "application/json"
TOKEN = "K7QM-2XVB-9HTD-RW4E"
WRONG = "K7QM-2XVB-9HTD-RW4F"


async def submitted(ch: Any, token: str) -> tuple[int, dict[str, Any]]:
    """Submit the usual permit with a token."""
    headers = {"ECITES_Permit_Token": token} if token else {}
    status, named, body = await ch.call(
        "POST", "/api/v1/permits", token="CH:MA", data=permit_bytes(), Content_Type=XML, **headers
    )
    assert status >= 400 or named["Cache-Control"] == "no-store"
    return status, json.loads(body)


async def asked(ch: Any, **members: str) -> tuple[int, Any, dict[str, Any]]:
    """Customs ask about the usual permit."""
    data = json.dumps({"issuer": "CH", "number": "CH-2026-000123"} | members).encode()
    status, headers, body = await ch.call(
        "POST", "/api/v1/permits/validity", token="CH:CUSTOMS", data=data, Content_Type=JSON
    )
    return status, headers, json.loads(body)


@pytest.fixture
def guarded(ch: Any) -> Any:
    """Switzerland gives its permits tokens."""
    ch.node.token_policies = {CH_MA: TokenPolicy.REQUIRED}
    return ch


async def test_a_token_is_given_and_asked_for(guarded: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """In the header and in the body; neither log knows it, nor a wrong one."""
    status, answer = await submitted(guarded, TOKEN)
    assert (status, answer["token"]) == (202, TOKEN)
    assert (await submitted(guarded, TOKEN))[1]["token"] is None
    assert (await asked(guarded, token=TOKEN))[2]["known"] is True
    assert (await asked(guarded, token=WRONG))[2]["known"] is False
    assert (await asked(guarded, token="short"))[0] == 400
    entries = "".join(str(entry.as_dict()) for entry in await log_of(guarded.node))
    said = "".join(capsys.readouterr()) + entries
    assert "CH-2026-000123" in entries
    assert TOKEN not in said
    assert WRONG not in said


async def test_the_gateway_makes_one(guarded: Any) -> None:
    """It is in the answer to the submission, once."""
    _, answer = await submitted(guarded, "")
    assert (await asked(guarded, token=answer["token"]))[2]["known"] is True
    assert (await submitted(guarded, ""))[1]["token"] is None


async def test_too_many_guesses(guarded: Any) -> None:
    """429, for as long as Retry-After says."""
    guarded.node.guesses = Guesses(GuessLimits(wrong_per_permit=1, window_seconds=900))
    await submitted(guarded, TOKEN)
    await asked(guarded, token=WRONG)
    status, headers, problem = await asked(guarded, token=TOKEN)
    assert (status, headers["Retry-After"], problem["code"]) == (429, "900", "too_many_guesses")
    assert TOKEN not in str(problem)


async def test_without_a_policy_a_token_is_refused(ch: Any) -> None:
    """The authority must not believe that its permit is guarded."""
    status, problem = await submitted(ch, TOKEN)
    assert (status, problem["code"]) == (400, "malformed_request")
    assert TOKEN not in str(problem)


async def test_the_view_is_told_and_logged(ch: Any) -> None:
    """The answer says as what the caller looked, and so does the log."""
    await submitted(ch, "")
    assert (await asked(ch))[2]["view"] == "issuing-party"
    (entry,) = await log_of(ch.node, kind="asked")
    assert entry.detail.startswith("seen as issuing-party; ")


async def test_a_token_in_the_address_is_not_read(guarded: Any) -> None:
    """Addresses stand in logs of proxies."""
    await submitted(guarded, TOKEN)
    data = json.dumps({"issuer": "CH", "number": "CH-2026-000123", "token": WRONG}).encode()
    _, _, body = await guarded.call(
        "POST",
        f"/api/v1/permits/validity?token={TOKEN}",
        token="CH:CUSTOMS",
        data=data,
        Content_Type=JSON,
    )
    assert json.loads(body)["known"] is False
