"""The mailbox at the exchange door: its routes, who may use them, and every refusal."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from support.gateways import SetClock, gateway_key, log_of
from support.mailboxes import caller, put
from support.memory import MemoryStorage

from gateway.exchange import receipts
from gateway.exchange.mailbox import MAX_WAIT_SECONDS
from gateway.exchange.receipts import Outcome
from gateway.flows import mailbox
from gateway.flows.bells import MAX_CALLERS
from gateway.flows.ports import Trail
from gateway.flows.receive import receive
from gateway.signatures.sign import sign
from gateway.xmlio.canonical import sha256_hex
from gateway.xmlio.parse import parse

BOX = "/exchange/v1/mailbox"
CH = "ch"
XML = "application/xml"
PATIENCE = 10.0
NOBODYS = "00000000-0000-7000-8000-000000000000"


async def asked(door: Any, path: str = BOX, token: str = CH, method: str = "GET", **more: Any) -> Any:
    """Status and JSON of an answer."""
    status, _, body = await door.call(method, path, token=token, **more)
    return status, json.loads(body)


async def refused(door: Any, *arguments: Any, **more: Any) -> tuple[int, str]:
    """Status and code of a refusal, which must be in the message log."""
    status, problem = await asked(door, *arguments, **more)
    (newest, *_) = await log_of(door.node, kind="refused")
    assert newest.outcome == problem["code"]
    assert problem["advice"]
    return status, problem["code"]


async def collected(door: Any, clock: SetClock) -> tuple[str, bytes, bytes]:
    """A message of the box with the receipt that the Swiss gateway makes for it."""
    delivery = await put(door.node)
    status, _, envelope = await door.call("GET", f"{BOX}/{delivery.message_id}", token="ch")
    assert status == 200
    receipt = await receive(envelope, caller(MemoryStorage(), clock), Trail(called="fr"))
    return delivery.message_id, envelope, receipt


async def acknowledge(door: Any, message_id: str, receipt: bytes, **more: Any) -> Any:
    """Send a receipt; status and JSON of the answer."""
    settings = {"data": receipt, "Content_Type": XML} | more
    return await asked(door, f"{BOX}/{message_id}/receipt", method="POST", **settings)


async def test_an_empty_box(hub: Any) -> None:
    """No messages, and the cursor that was asked for."""
    assert await asked(hub) == (200, {"messages": [], "next": ""})
    assert await asked(hub, f"{BOX}?after=abc") == (200, {"messages": [], "next": "abc"})


async def test_the_headers_of_what_waits(hub: Any) -> None:
    """What each message is, oldest first, a page at a time; the permit's number is not among it."""
    deliveries = [await put(hub.node, f"FR-2026-{n}") for n in range(3)]
    _, first = await asked(hub, f"{BOX}?limit=2")
    _, second = await asked(hub, f"{BOX}?limit=2&after={first['next']}")
    shown = first["messages"] + second["messages"]
    assert [each["message_id"] for each in shown] == [each.message_id for each in deliveries]
    _, _, envelope = await hub.call("GET", f"{BOX}/{deliveries[0].message_id}", token="ch")
    assert shown[0] == {
        "message_id": deliveries[0].message_id,
        "sender": "FR:MA",
        "recipient": "CH:MA",
        "kind": "permit",
        "sent_at": hub.node.clock.now().isoformat(),
        "size": len(envelope),
        "digest": sha256_hex(envelope),
    }
    _, third = await asked(hub, f"{BOX}?after={second['next']}")
    assert third == {"messages": [], "next": second["next"]}


async def test_fetch_is_the_same_each_time(hub: Any) -> None:
    """The signed bytes with their digest as ETag; nothing leaves the box."""
    delivery = await put(hub.node)
    answers = [await hub.call("GET", f"{BOX}/{delivery.message_id}", token="ch") for _ in range(3)]
    assert {status for status, _, _ in answers} == {200}
    (body,) = {body for _, _, body in answers}
    assert {headers["ETag"] for _, headers, _ in answers} == {f'"{sha256_hex(body)}"'}
    assert answers[0][1]["Content-Type"] == XML
    assert answers[0][1]["X-Content-Type-Options"] == "nosniff"
    assert len((await asked(hub))[1]["messages"]) == 1


async def test_acknowledged_it_leaves_the_box(hub: Any, clock: SetClock) -> None:
    """With a receipt; the same again is answered alike, another one is a conflict, a fetch finds nothing."""
    message_id, envelope, receipt = await collected(hub, clock)
    clock.forward(seconds=1)
    status, answer = await acknowledge(hub, message_id, receipt)
    settled = {"message_id": message_id, "state": "delivered", "settled_at": clock.now().isoformat()}
    assert (status, answer) == (200, settled)
    assert (await asked(hub))[1]["messages"] == []
    clock.forward(hours=1)
    assert await acknowledge(hub, message_id, receipt) == (200, settled)
    said = receipts.read(parse(receipt).root)
    other = sign(receipts.build(replace(said, outcome=Outcome.REFUSED)), gateway_key("CH"))
    status, problem = await acknowledge(hub, message_id, other)
    assert (status, problem["code"]) == (409, "already_acknowledged")
    assert await refused(hub, f"{BOX}/{message_id}") == (404, "not_found")
    assert envelope


async def test_the_issuer_sees_it_wait_and_gets_the_receipt(hub: Any, clock: SetClock) -> None:
    """The submission says since when it waits; then the Swiss receipt is there, byte for byte."""
    message_id, _, receipt = await collected(hub, clock)
    async with hub.database.read() as transaction:
        delivery = await transaction.mailboxes.find("ch", message_id)
    path = f"/api/v1/submissions/{delivery.conversation_id}"

    async def shown() -> dict[str, Any]:
        _, submission = await asked(hub, path, "FR:MA")
        return next(each for each in submission["deliveries"] if each["partner"] == "ch")

    before = await shown()
    assert (before["state"], before["waits_since"]) == ("waiting", delivery.created_at.isoformat())
    await acknowledge(hub, message_id, receipt)
    after = await shown()
    assert (after["state"], after["waits_since"], after["attempts"]) == ("delivered", None, 1)
    _, _, kept = await hub.call("GET", f"/api/v1/deliveries/{delivery.id}/receipt", token="FR:MA")
    assert kept == receipt


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [
        ("", 401, "unauthenticated"),
        ("ecites_guess", 401, "unauthenticated"),
        ("it", 401, "unauthenticated"),
        ("FR:MA", 403, "forbidden"),
        ("es", 403, "forbidden"),
    ],
    ids=["none", "unknown", "partner no more", "of an authority", "partner without mailbox"],
)
@pytest.mark.parametrize(("method", "end"), [("GET", ""), ("GET", "/ID"), ("POST", "/ID/receipt")])
async def test_who_opens_no_mailbox(token, status, code, method, end, hub: Any, clock: SetClock) -> None:
    """No route answers anybody but a partner with a mailbox, whatever else the token opens."""
    message_id, _, receipt = await collected(hub, clock)
    path = BOX + end.replace("ID", message_id)
    data = receipt if method == "POST" else None
    assert await refused(hub, path, token, method, data=data, Content_Type=XML) == (status, code)
    assert len((await asked(hub))[1]["messages"]) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/inbox"),
        ("GET", f"/api/v1/inbox/{NOBODYS}"),
        ("POST", f"/api/v1/inbox/{NOBODYS}/acknowledgement"),
        ("POST", "/api/v1/permits"),
        ("POST", "/api/v1/permits/validity"),
        ("GET", f"/api/v1/submissions/{NOBODYS}"),
        ("GET", f"/api/v1/deliveries/{NOBODYS}/receipt"),
    ],
)
async def test_a_partners_token_opens_nothing_else(method, path, hub: Any) -> None:
    """No inbox, no submission, no question."""
    assert await refused(hub, path, "ch", method) == (403, "forbidden")


@pytest.mark.parametrize(("method", "end"), [("GET", ""), ("POST", "/receipt")])
async def test_another_partners_message_is_not_found(method, end, hub: Any, clock: SetClock) -> None:
    """As if it did not exist."""
    message_id, _, receipt = await collected(hub, clock)
    data = receipt if method == "POST" else None
    answer = await refused(hub, f"{BOX}/{message_id}{end}", "de", method, data=data, Content_Type=XML)
    assert answer == (404, "not_found")
    assert (await asked(hub, token="de"))[1]["messages"] == []


@pytest.mark.parametrize("name", [NOBODYS, "x" * 3000, "%00", "..%2f..", "a'--"])
@pytest.mark.parametrize(("method", "end"), [("GET", ""), ("POST", "/receipt")])
async def test_any_text_as_an_id(name, method, end, hub: Any) -> None:
    """What is no message of the box is not found, and the refusal is logged whatever was asked for."""
    data = b"<a/>" if method == "POST" else None
    answer = await refused(hub, f"{BOX}/{name}{end}", "ch", method, data=data, Content_Type=XML)
    assert answer in [(404, "not_found"), (400, "malformed_request")]


async def test_not_fetched(hub: Any) -> None:
    """A receipt for a message that nobody has fetched is refused."""
    delivery = await put(hub.node)
    status, problem = await acknowledge(hub, delivery.message_id, b"<a/>")
    assert (status, problem["code"]) == (409, "not_fetched")


async def test_a_head_is_no_look(hub: Any) -> None:
    """HEAD hands nothing over, so it is not taken and does not count as fetched."""
    delivery = await put(hub.node)
    for path in (BOX, f"{BOX}/{delivery.message_id}"):
        status, _, _ = await hub.call("HEAD", path, token="ch")
        assert status == 405
    assert await log_of(hub.node, kind="fetched") == []


async def test_what_is_no_receipt(hub: Any, clock: SetClock) -> None:
    """A body that is no receipt of this message, and one that is not XML by its own word."""
    message_id, envelope, receipt = await collected(hub, clock)
    for data in (b"<a/>", b"hello", envelope, receipt.replace(b">accepted<", b">refused<")):
        status, problem = await acknowledge(hub, message_id, data)
        assert (status, problem["code"]) == (422, "acknowledgement_refused")
        assert problem["reason"]
    status, problem = await acknowledge(hub, message_id, receipt, Content_Type="text/plain")
    assert (status, problem["code"]) == (415, "wrong_content_type")
    assert (await acknowledge(hub, message_id, receipt))[0] == 200


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "wait=-1", "wait=x", "wait=1.5", "wait=%C2%B2"])
async def test_a_bad_question(query, hub: Any) -> None:
    """Numbers are whole and not below the least."""
    assert await refused(hub, f"{BOX}?{query}") == (400, "malformed_request")


async def test_a_wish_that_is_too_large_is_cut(hub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits longer than a proxy would bear."""
    waited: list[float] = []

    async def until_any(_look: Any, _whose: str, wait: float, _bells: Any, _poll: float) -> list[Any]:
        waited.append(wait)
        return []

    monkeypatch.setattr(mailbox, "until_any", until_any)
    for wait in (0, 1, MAX_WAIT_SECONDS, MAX_WAIT_SECONDS + 1, 10**12):
        await asked(hub, f"{BOX}?wait={wait}")
    assert waited == [1, MAX_WAIT_SECONDS, MAX_WAIT_SECONDS, MAX_WAIT_SECONDS]


async def held(door: Any, count: int = 1) -> None:
    """Until so many callers wait at the Swiss mailbox."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if door.node.mailboxes.count("ch") >= count:
                return
            await asyncio.sleep(0.001)


async def test_a_long_poll_ends_when_something_comes(hub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller is answered by the bell, long before its time is over."""
    monkeypatch.setattr(mailbox, "POLL_SECONDS", 1000.0)
    waiting = asyncio.create_task(asked(hub, f"{BOX}?wait=30"))
    await held(hub)
    delivery = await put(hub.node)
    async with asyncio.timeout(PATIENCE):
        _, page = await waiting
    assert [each["message_id"] for each in page["messages"]] == [delivery.message_id]


async def test_too_many_callers(hub: Any) -> None:
    """One more than may wait is told when to come again; a question that does not wait is answered."""
    waiting = [asyncio.create_task(asked(hub, f"{BOX}?wait=30")) for _ in range(MAX_CALLERS)]
    await held(hub, MAX_CALLERS)
    status, headers, body = await hub.call("GET", f"{BOX}?wait=30", token="ch")
    assert (status, json.loads(body)["code"]) == (429, "too_many_callers")
    assert int(headers["Retry-After"]) > 0
    assert (await asked(hub))[0] == 200
    hub.node.mailboxes.close()
    async with asyncio.timeout(PATIENCE):
        assert [status for status, _ in await asyncio.gather(*waiting)] == [200] * MAX_CALLERS


async def test_a_gateway_that_stops_answers_who_waits(hub: Any) -> None:
    """The end of the application closes the mailboxes: nobody holds it up."""
    waiting = asyncio.create_task(asked(hub, f"{BOX}?wait=30"))
    await held(hub)
    await hub.application.shutdown()
    async with asyncio.timeout(PATIENCE):
        assert await waiting == (200, {"messages": [], "next": ""})


async def test_a_receipt_that_says_no(hub: Any, clock: SetClock) -> None:
    """A refusal is an acknowledgement too: the message leaves the box, and the issuer reads why."""
    node = hub.node
    delivery = await put(node)
    _, _, envelope = await hub.call("GET", f"{BOX}/{delivery.message_id}", token="ch")
    swiss = caller(MemoryStorage(), clock)
    swiss.trust = replace(
        swiss.trust, by_owner={k: v for k, v in swiss.trust.by_owner.items() if k != "FR:MA"}
    )
    receipt = await receive(envelope, swiss, Trail(called="fr"))
    status, answer = await acknowledge(hub, delivery.message_id, receipt)
    assert (status, answer["state"]) == (200, "refused")
    async with hub.database.read() as transaction:
        settled = await transaction.deliveries.get(delivery.id)
    assert settled.error_code == "refused"
    assert "not registered" in settled.error
