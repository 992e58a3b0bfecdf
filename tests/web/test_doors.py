"""What the doors answer when all is well."""

import json
from dataclasses import replace
from typing import Any

import pytest
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS
from support.gateways import DirectCourier, SetClock, envelope, log_of
from support.permits import permit_bytes, sealed_bytes

from gateway import errors
from gateway.exchange import message
from gateway.exchange.delivery import Room
from gateway.flows.deliver import deliver
from gateway.flows.ports import Trail
from gateway.flows.receive import receive
from gateway.permits.identity import PermitRef
from gateway.signatures import oracle
from gateway.signatures.verdict import SubIndication, refuse
from gateway.web import middleware
from gateway.web.problems import STATUS
from gateway.xmlio.canonical import sha256_hex
from gateway.xmlio.parse import parse

XML = "application/xml"


async def submitted(ch: Any, **headers: str) -> tuple[int, dict[str, str], Any]:
    """Submit the usual permit."""
    status, named, body = await ch.call(
        "POST", "/api/v1/permits", token="CH:MA", data=permit_bytes(), Content_Type=XML, **headers
    )
    return status, named, json.loads(body)


async def test_submit_and_follow(ch: Any, fr: Any) -> None:
    """202 with an address to follow; after delivery the state and the partner's receipt are there."""
    status, headers, answer = await submitted(ch)
    assert status == 202
    async with ch.database.write() as transaction:
        (claimed,) = await transaction.deliveries.claim(
            at=ch.node.clock.now(), lease_until=ch.node.clock.now(), worker="w", limit=9, room=Room(10)
        )
    await deliver(claimed, "w", ch.node, DirectCourier(fr.node))
    _, _, body = await ch.call("GET", headers["Location"], token="CH:MA")
    followed = json.loads(body)
    assert {d["recipient"]: d["state"] for d in followed["deliveries"]} == {
        "FR:MA": "delivered",
        "CH:CUSTOMS": "delivered",
    }
    assert followed["id"] == answer["id"]
    (sent,) = [d for d in followed["deliveries"] if d["partner"]]
    assert [attempt["outcome"] for attempt in sent["history"]] == ["delivered"]
    status, named, receipt = await ch.call("GET", f"/api/v1/deliveries/{sent['id']}/receipt", token="CH:MA")
    assert (status, named["Content-Type"]) == (200, XML)
    assert b"accepted" in receipt
    path = f"/api/v1/deliveries/{sent['id']}/receipt"
    assert named["ETag"] == f'"{sha256_hex(receipt)}"'
    assert (await ch.call("GET", path, token="CH:MA", If_None_Match=named["ETag"]))[0] == 304
    assert (await ch.call("GET", path, token="CH:CUSTOMS", If_None_Match=named["ETag"]))[0] == 404


async def test_idempotency_key(ch: Any) -> None:
    """The same key and bytes again: 200, repeated, the same submission."""
    _, _, first = await submitted(ch, Idempotency_Key="key-1")
    status, _, second = await submitted(ch, Idempotency_Key="key-1")
    assert (status, second["repeated"], second["id"]) == (200, True, first["id"])


async def test_the_message_log_says_on_which_envelope_verifiers_disagree(
    fr: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is turned away, and the entry has the reason, the digest and the message id."""

    def ask(_root: object, _proven: object, *_rest: object) -> None:
        raise refuse(SubIndication.SIG_CRYPTO_FAILURE, "two verifiers disagree", alarm=True)

    monkeypatch.setattr(oracle, "ask", ask)
    fr.node.policy = replace(fr.node.policy, oracle_share=1.0)
    data = envelope()
    status, _, _ = await fr.call("POST", "/exchange/v1/messages", data=data, Content_Type=XML)
    assert status == STATUS[errors.SignatureRefused]
    (entry,) = await log_of(fr.node, kind="refused")
    assert "two verifiers disagree" in entry.detail
    assert entry.digest == sha256_hex(data)
    assert entry.message_id == message.peek_header(parse(data).root).message_id


async def test_exchange_answers_the_same_receipt(fr: Any) -> None:
    """200 with a signed receipt, byte for byte the same at each repetition."""
    data = envelope()
    answers = [await fr.call("POST", "/exchange/v1/messages", data=data, Content_Type=XML) for _ in range(3)]
    assert {status for status, _, _ in answers} == {200}
    assert len({body for _, _, body in answers}) == 1


async def test_inbox_pages_fetch_and_acknowledge(fr: Any) -> None:
    """Oldest first, a cursor for the next page, original bytes, gone after the acknowledgement."""
    payloads = {}
    for n in range(3):
        payloads[f"CH-{n}"] = sealed_bytes(f"CH-{n}")
        await receive(envelope(payloads[f"CH-{n}"], permit=PermitRef("CH", f"CH-{n}")), fr.node, Trail())
    _, _, body = await fr.call("GET", "/api/v1/inbox?limit=2", token="FR:CUSTOMS")
    first = json.loads(body)
    assert [item["number"] for item in first["items"]] == ["CH-0", "CH-1"]
    _, _, body = await fr.call("GET", f"/api/v1/inbox?limit=2&after={first['next']}", token="FR:CUSTOMS")
    second = json.loads(body)
    assert [item["number"] for item in second["items"]] == ["CH-2"]
    assert second["next"] is None
    item = first["items"][0]
    _, headers, original = await fr.call("GET", f"/api/v1/inbox/{item['id']}", token="FR:CUSTOMS")
    assert original == payloads["CH-0"]
    assert headers["ETag"] == f'"{item["digest"]}"'
    await fr.call("POST", f"/api/v1/inbox/{item['id']}/acknowledgement", token="FR:CUSTOMS")
    assert [each.permit.number for each in await fr.inbox(FR_CUSTOMS)] == ["CH-1", "CH-2"]


async def test_validity_answers_with_lines_and_reasons(fr: Any) -> None:
    """Customs get verdict, dates, lines with exact quantities, and sentences."""
    await receive(envelope(), fr.node, Trail())
    status, _, body = await fr.call(
        "POST",
        "/api/v1/permits/validity",
        token="FR:CUSTOMS",
        data=json.dumps({"issuer": "CH", "number": "CH-2026-000123"}),
        Content_Type="application/json",
    )
    answer = json.loads(body)
    assert status == 200
    assert answer["known"]
    assert answer["valid"]
    assert answer["signature"]["verdict"] == "PASSED"
    assert (answer["verdict"], answer["status"], answer["dates"]) == ("valid", "issued", "in-force")
    assert answer["lines"][0]["quantity"] == "40"
    assert answer["balances"][0]["left"] == "40"
    assert [reason["rule"] for reason in answer["reasons"]] == [
        "seal.holds",
        "validity.in-force",
        "paper.due",
    ]


async def test_a_token_is_bound_to_its_authority(ch: Any, clock: SetClock) -> None:
    """One authority does not see another's submission, inbox item or receipt."""
    _, headers, _ = await submitted(ch)
    status, _, _ = await ch.call("GET", headers["Location"], token="CH:CUSTOMS")
    assert status == 404
    (item,) = await ch.inbox(CH_CUSTOMS)
    assert (await ch.call("GET", f"/api/v1/inbox/{item.id}", token="CH:MA"))[0] == 404
    assert (await ch.call("GET", f"/api/v1/inbox/{item.id}", token="CH:CUSTOMS"))[0] == 200


async def test_tokens_are_stored_hashed(ch: Any) -> None:
    """Promise 10: the database does not hold a token."""
    async with ch.database.read() as transaction:
        rows = (await transaction._connection.exec_driver_sql("SELECT * FROM tokens")).all()
    text = repr(rows)
    assert len(rows) == 2
    assert not any(token in text for token in ch.tokens.values())


async def test_a_correlation_id_is_kept_when_it_is_harmless(ch: Any) -> None:
    """A caller's id comes back; one that could break a log line is replaced."""
    _, headers, _ = await ch.call("GET", "/healthz", X_Correlation_ID="abc-12345")
    assert headers["X-Correlation-ID"] == "abc-12345"
    _, headers, _ = await ch.call("GET", "/healthz", X_Correlation_ID='x"}{')
    assert headers["X-Correlation-ID"] != 'x"}{'


async def test_a_log_that_fails_does_not_stop_the_answer(ch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise 9: a refusal is answered even when it cannot be logged."""

    async def broken(*_: object) -> None:
        raise errors.StorageError("disk full")

    monkeypatch.setattr(middleware, "record_refusal", broken)
    status, _, body = await ch.call("POST", "/api/v1/permits", data=b"x", Content_Type=XML)
    assert (status, json.loads(body)["code"]) == (401, "unauthenticated")


async def test_a_mistake_of_ours_is_a_problem_without_details(
    ch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unexpected error answers 500 with a correlation id, and nothing of its text."""

    async def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("gateway.web.rest.permits.caller_of", broken)
    status, _, body = await ch.call("POST", "/api/v1/permits", data=b"x", Content_Type=XML)
    assert (status, json.loads(body)["code"]) == (500, "internal_error")
    assert b"secret detail" not in body


async def test_a_full_disk_asks_to_come_again(ch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 with Retry-After, and no acknowledgement."""

    def full(*_: object) -> None:
        raise errors.StorageError("disk full")

    monkeypatch.setattr("gateway.flows.issue._store", full)
    status, headers, _ = await ch.call(
        "POST", "/api/v1/permits", token="CH:MA", data=permit_bytes(), Content_Type=XML
    )
    assert status == 503
    assert int(headers["Retry-After"]) > 0


def test_every_error_has_an_answer() -> None:
    """Each leaf of the error tree has an HTTP status."""

    def leaves(kind: type[errors.GatewayError]) -> list[type[errors.GatewayError]]:
        below = kind.__subclasses__()
        return [leaf for child in below for leaf in leaves(child)] if below else [kind]

    assert {leaf.__name__ for leaf in leaves(errors.GatewayError) if leaf not in STATUS} == set()


async def test_the_asker_is_logged_without_the_token(ch: Any) -> None:
    """Promise 10: no token in the message log."""
    await submitted(ch)
    text = " ".join(str(entry.as_dict()) for entry in await log_of(ch.node))
    assert str(CH_MA) in text
    assert not any(token in text for token in ch.tokens.values())
