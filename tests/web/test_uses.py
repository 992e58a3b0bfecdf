"""What becomes of permits over HTTP: customs write off, authorities change a status, both look."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from support.gateways import envelope, log_of
from support.keys import NOW
from support.notices import SEVERAL, TODAY, change, endorsement, notice_envelope, written
from support.permits import NUMBER, permit_bytes, sealed_bytes
from web.conftest import Door

from gateway.permits.identity import AuthorityId
from gateway.permits.lifecycle import CHANGES
from gateway.permits.notices import PermitStatus
from gateway.storage.tokens import new_token

JSON = "application/json"
ENDORSE = "/api/v1/permits/endorsements"
REVERSE = "/api/v1/permits/endorsements/reversals"
STATUS = "/api/v1/permits/status"
LEDGER = "/api/v1/permits/ledger"
REF = {"issuer": "CH", "number": NUMBER}
TEN: Mapping[str, Any] = {
    **REF,
    "side": "export",
    "on": TODAY.isoformat(),
    "office": "CH002571",
    "lines": [{"line": "A", "quantity": "10"}],
}
CANCEL = {**REF, "status": "cancelled", "reason": "a mistake"}
UNKNOWN = "01a20846-fe00-7000-8000-000000000000"


async def post(
    door: Door,
    path: str,
    body: Any,
    token: str = "CH:CUSTOMS",  # noqa: S107 - whose token, not the token
    **headers: str,
) -> tuple[int, Any]:
    """One request with JSON; returns status and answer."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    status, _, answer = await door.call("POST", path, token=token, data=data, Content_Type=JSON, **headers)
    return status, json.loads(answer)


@pytest.fixture
async def issued(ch: Door) -> Door:
    """Switzerland, with a permit of forty pieces for several consignments."""
    status, _, answer = await ch.call(
        "POST", "/api/v1/permits", token="CH:MA", data=permit_bytes(**SEVERAL), Content_Type="application/xml"
    )
    assert status == 202, answer
    return ch


async def test_an_endorsement(issued: Door) -> None:
    """The answer says what was kept and what is left, with every decimal."""
    body = TEN | {
        "lines": [{"line": "A", "quantity": "10.50", "unit": "NAR", "dead": "0.5"}],
        "officer": "4711",
        "customs_document": "26CH0000000000001",
        "customs_document_type": "N830",
        "transport_document": "724-12345675",
        "remarks": "two boxes were open",
    }
    status, answer = await post(issued, ENDORSE, body)
    assert status == 201, answer
    permit = answer.pop("permit")
    assert answer.pop("id") == permit["notices"][0]["id"]
    assert answer.pop("at") == NOW.isoformat()
    assert answer == {
        "kind": "Endorsement",
        "by": "CH:CUSTOMS",
        "side": "export",
        "on": TODAY.isoformat(),
        "office": "CH002571",
        "officer": "4711",
        "customs_document": "26CH0000000000001",
        "customs_document_type": "N830",
        "transport_document": "724-12345675",
        "remarks": "two boxes were open",
        "lines": [{"line": "A", "quantity": "10.50", "unit": "NAR", "dead": "0.5"}],
        "repeated": False,
        "unreached": [],
    }
    assert permit["status"] == "partly-used"
    assert permit["balances"] == [
        {
            "line": "A",
            "unit": None,
            "authorised": "40",
            "exported": "10.5",
            "imported": "0",
            "dead": "0.5",
            "left": "29.5",
        }
    ]


async def test_a_reversal(issued: Door) -> None:
    """The endorsement stays where it was and counts no more."""
    _, made = await post(issued, ENDORSE, TEN)
    status, answer = await post(issued, REVERSE, {**REF, "endorsement": made["id"], "reason": "wrong permit"})
    assert status == 201, answer
    assert (answer["kind"], answer["reverses"], answer["reason"]) == ("Reversal", made["id"], "wrong permit")
    assert answer["permit"]["balances"][0]["left"] == "40"
    assert [each["counts"] for each in answer["permit"]["notices"]] == [False, True]
    assert answer["permit"]["status"] == "issued"


async def test_a_change_of_status(issued: Door) -> None:
    body = {**REF, "status": "replaced", "reason": "new address", "replaced_by": "CH-2026-000124"}
    status, answer = await post(issued, STATUS, body, "CH:MA")
    assert status == 201, answer
    assert (answer["kind"], answer["by"]) == ("StatusChange", "CH:MA")
    assert (answer["status"], answer["replaced_by"]) == ("replaced", "CH-2026-000124")
    assert answer["permit"]["status"] == "replaced"


async def test_the_ledger(issued: Door) -> None:
    """For whom the permit concerns, oldest first; the look is in the log."""
    await post(issued, ENDORSE, TEN)
    await post(issued, STATUS, CANCEL, "CH:MA")
    status, answer = await post(issued, LEDGER, REF, "CH:MA")
    assert status == 200
    assert (answer["issuer"], answer["number"], answer["status"]) == ("CH", NUMBER, "cancelled")
    assert [each["kind"] for each in answer["notices"]] == ["Endorsement", "StatusChange"]
    assert (await log_of(issued.node, kind="asked"))[0].outcome == "ledger"


async def test_the_same_endorsement_sent_twice(issued: Door) -> None:
    """Under its key the first answer comes back, and the quantity is written off once."""
    body = TEN | {"lines": [{"line": "A", "quantity": "40"}]}
    first = await post(issued, ENDORSE, body, Idempotency_Key="one")
    again = await post(issued, ENDORSE, body, Idempotency_Key="one")
    assert (first[0], again[0]) == (201, 200)
    assert (first[1]["id"], again[1]["repeated"]) == (again[1]["id"], True)
    assert again[1]["permit"] == first[1]["permit"]
    status, answer = await post(issued, ENDORSE, TEN, Idempotency_Key="one")
    assert (status, answer["code"]) == (409, "idempotency_key_reused")


async def test_a_customs_document_sent_twice_without_a_key(issued: Door) -> None:
    body = TEN | {"customs_document": "26CH0000000000001"}
    assert (await post(issued, ENDORSE, body))[0] == 201
    status, answer = await post(issued, ENDORSE, body)
    assert (status, answer["code"]) == (422, "use_refused")
    assert [finding["rule"] for finding in answer["findings"]] == ["endorsement.twice"]


async def test_an_endorsement_that_overtakes_its_permit(fr: Door) -> None:
    """It is receipted and kept; the ledger has it as soon as the permit is there."""
    early = notice_envelope(endorsement(written("10")))
    xml = {"Content_Type": "application/xml"}
    status, _, _ = await fr.call("POST", "/exchange/v1/messages", data=early, **xml)
    assert status == 200
    assert (await post(fr, LEDGER, REF, "FR:MA"))[0] == 404
    permit = envelope(sealed_bytes(**SEVERAL))
    assert (await fr.call("POST", "/exchange/v1/messages", data=permit, **xml))[0] == 200
    _, answer = await post(fr, LEDGER, REF, "FR:MA")
    assert answer["balances"][0]["exported"] == "10"


async def test_the_token_of_an_authority_that_does_not_live_here(issued: Door) -> None:
    """A foreign customs office does not act for Switzerland, although a token of its is still known."""
    foreign, token = AuthorityId.parse("DE:CUSTOMS"), new_token()
    async with issued.database.write() as transaction:
        await transaction.tokens.add(token, foreign, NOW)
    status, answer = await post(issued, ENDORSE, TEN, token)
    assert (status, answer["code"]) == (401, "unauthenticated")


@dataclass(frozen=True, slots=True)
class Case:
    """One wrong request and what must come back."""

    name: str
    status: int
    code: str
    says: str
    body: Any
    path: str = ENDORSE
    token: str = "CH:CUSTOMS"
    rule: str = ""
    before: tuple[Any, ...] = field(default=())
    """Endorsements that were made before."""


def line(**members: Any) -> dict[str, Any]:
    """An endorsement with another line."""
    return {**TEN, "lines": [{"line": "A", "quantity": "10"} | members]}


def without(name: str, body: Mapping[str, Any] = TEN) -> dict[str, Any]:
    """An endorsement in which a member is missing."""
    return {key: value for key, value in body.items() if key != name}


PAST, FUTURE = TODAY - timedelta(days=2), TODAY + timedelta(days=2)
CASES = [
    Case("unknown line", 422, "use_refused", "no line B", line(line="B"), rule="endorsement.unknown-line"),
    Case("kilograms of pieces", 422, "use_refused", "cannot be converted", line(unit="KGM"),
         rule="endorsement.unit"),
    Case("unknown unit", 422, "use_refused", "QQQ", line(unit="QQQ"), rule="endorsement.unit"),
    Case("boxes", 422, "use_refused", "how many specimens", line(unit="BOX"), rule="endorsement.unit"),
    Case("negative", 400, "malformed_request", "reverse the endorsement", line(quantity="-1")),
    Case("nothing", 422, "use_refused", "more than nothing", line(quantity="0"),
         rule="endorsement.not-positive"),
    Case("an exponent", 400, "malformed_request", "no amount", line(quantity="1e3")),
    Case("a float", 400, "malformed_request", "must be text", line(quantity=10.5)),
    Case("nineteen digits", 400, "malformed_request", "at most 18", line(quantity="1" * 19)),
    Case("other digits", 400, "malformed_request", "no amount", line(quantity="١٢")),
    Case("more than is left", 422, "use_refused", "more than the 40", line(quantity="40.1"),
         rule="endorsement.more-than-left"),
    Case("more than is left now", 422, "use_refused", "more than the 10", line(quantity="11"),
         rule="endorsement.more-than-left", before=(line(quantity="30"),)),
    Case("more dead than arrived", 422, "use_refused", "dead on arrival", line(dead="11"),
         rule="endorsement.dead"),
    Case("before issue", 422, "use_refused", "before the first day", {**TEN, "on": PAST.isoformat()},
         rule="endorsement.before-issue"),
    Case("not yet", 422, "use_refused", "has not come yet", {**TEN, "on": FUTURE.isoformat()},
         rule="endorsement.in-future"),
    Case("no day", 400, "malformed_request", "which is no day", {**TEN, "on": "2026-02-30"}),
    Case("no side", 400, "malformed_request", "export, import", {**TEN, "side": "transit"}),
    Case("a foreign border", 422, "use_refused", "customs of FR", {**TEN, "side": "import"},
         rule="endorsement.not-yours"),
    Case("a line twice", 422, "use_refused", "add the quantities up", {**TEN, "lines": TEN["lines"] * 2},
         rule="endorsement.line-twice"),
    Case("no line", 422, "use_refused", "at least one line", {**TEN, "lines": []},
         rule="endorsement.no-line"),
    Case("too many lines", 422, "use_refused", "twice", {**TEN, "lines": TEN["lines"] * 1001},
         rule="endorsement.line-twice"),
    Case("lines that are none", 400, "malformed_request", "must be a list", {**TEN, "lines": "A"}),
    Case("a line that is none", 400, "malformed_request", "must be an object", {**TEN, "lines": ["A"]}),
    Case("a member missing", 400, "malformed_request", "office is missing", without("office")),
    Case("an unknown member", 400, "malformed_request", "weather is not known", {**TEN, "weather": "rain"}),
    Case("an empty office", 400, "malformed_request", "counts as missing", {**TEN, "office": ""}),
    Case("an office too long", 400, "malformed_request", "notice.xsd", {**TEN, "office": "x" * 101}),
    Case("a control character", 400, "malformed_request", "control characters", {**TEN, "office": "a\x07"}),
    Case("half a character", 400, "malformed_request", "XML", {**TEN, "office": "a\ud800"}),
    Case("a name twice", 400, "malformed_request", "not JSON", b'{"issuer": "CH", "issuer": "FR"}'),
    Case("not JSON", 400, "malformed_request", '"lines"', b"{"),
    Case("a deep nest", 400, "malformed_request", "JSON", b"[" * 100_000),
    Case("no permit", 404, "not_found", "holds no permit", {**TEN, "number": "CH-1"}),
    Case("no Party", 400, "malformed_request", "ISO 3166", {**TEN, "issuer": "Switzerland"}),
    Case("no token", 401, "unauthenticated", "Authorization: Bearer", TEN, token=""),
    Case("unknown token", 401, "unauthenticated", "ecites init", TEN, token="ecites_guess"),
    Case("an authority that writes nothing off", 403, "forbidden", "CUSTOMS", TEN, token="CH:MA"),
    Case("nor takes back", 403, "forbidden", "CUSTOMS", {}, path=REVERSE, token="CH:MA"),
    Case("a reversal of nothing", 422, "use_refused", "no endorsement",
         {**REF, "endorsement": UNKNOWN, "reason": "why"}, path=REVERSE, rule="reversal.unknown"),
    Case("a reversal without reason", 400, "malformed_request", "reason is missing",
         {**REF, "endorsement": UNKNOWN}, path=REVERSE),
    Case("customs cancel nothing", 422, "use_refused", "issuing Management Authority", CANCEL, path=STATUS,
         rule="status.not-yours"),
    Case("nobody says used", 422, "use_refused", "nobody can say", {**CANCEL, "status": "used"}, path=STATUS,
         token="CH:MA", rule="status.worked-out"),
    Case("no status", 400, "malformed_request", "write one of", {**CANCEL, "status": "burnt"}, path=STATUS,
         token="CH:MA"),
    Case("a status without reason", 400, "malformed_request", "counts as missing", {**CANCEL, "reason": ""},
         path=STATUS, token="CH:MA"),
    Case("replaced by nothing", 422, "use_refused", "name the permit", {**CANCEL, "status": "replaced"},
         path=STATUS, token="CH:MA", rule="status.replaced-by"),
    Case("used, and returned unused", 422, "use_refused", "written off",
         {**CANCEL, "status": "returned-unused"}, path=STATUS, token="CH:MA", rule="status.was-used",
         before=(TEN,)),
    Case("a ledger of nothing", 404, "not_found", "check the number", {"issuer": "CH", "number": "CH-1"},
         path=LEDGER),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_bad_input(case: Case, issued: Door) -> None:
    """A stable code, a sentence that helps, an entry in the log; nothing is kept."""
    for body in case.before:
        assert (await post(issued, ENDORSE, body))[0] == 201
    status, answer = await post(issued, case.path, case.body, case.token)
    assert (status, answer["code"]) == (case.status, case.code), answer
    said = [answer["detail"], answer["advice"], *(each["message"] for each in answer.get("findings", ()))]
    assert case.says in " ".join(said)
    assert "Traceback" not in str(answer)
    if case.rule:
        assert case.rule in [finding["rule"] for finding in answer["findings"]]
    (entry,) = await log_of(issued.node, kind="refused")
    assert entry.outcome == case.code
    assert entry.detail
    async with issued.database.read() as transaction:
        kept = await transaction.notices.of_permit(change().permit)
    assert len(kept) == len(case.before)


async def test_after_the_last_day(issued: Door, clock: Any) -> None:
    """What crossed then is refused; what crossed before and is entered late is taken."""
    clock.forward(days=200)
    late = clock.at.date().isoformat()
    status, answer = await post(issued, ENDORSE, {**TEN, "on": late})
    assert status == 422
    assert [each["rule"] for each in answer["findings"]] == ["endorsement.after-expiry"]
    assert (await post(issued, ENDORSE, TEN))[0] == 201


async def test_statuses_that_nobody_may_say_are_told_apart_from_words_that_are_none(issued: Door) -> None:
    """Every word of the list is understood."""
    for status in PermitStatus:
        if status not in CHANGES:
            _, answer = await post(issued, STATUS, {**CANCEL, "status": status.value}, "CH:MA")
            assert [each["rule"] for each in answer["findings"]] == ["status.worked-out"]
