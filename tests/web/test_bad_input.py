"""Bad input at each door: a problem with a stable code, a sentence that helps, and an entry in the log."""

import gzip
import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta

import pytest
from support.gateways import envelope, log_of
from support.keys import NOW, seal
from support.permits import line, permit_bytes, sealed_bytes

from gateway.permits.model import Period

SUBMIT = "/api/v1/permits"
ASK = "/api/v1/permits/validity"
EXCHANGE = "/exchange/v1/messages"
XML = "application/xml"
TWENTY_MEGABYTES = b"<a>" + b" " * 20_000_000 + b"</a>"
HARD_TO_COMPRESS = b"".join(
    b"<a>%s</a>" % hashlib.sha256(b"%d" % n).hexdigest().encode() for n in range(80_000)
)


@dataclass(frozen=True, slots=True)
class Case:
    """One wrong request and what must come back."""

    name: str
    status: int
    code: str
    says: str
    """A piece of the sentence or of the advice that helps."""
    data: bytes = b""
    method: str = "POST"
    path: str = SUBMIT
    token: str = "CH:MA"
    content_type: str = XML
    content_encoding: str = "identity"
    rule: str = ""
    """A finding that must be in the report."""


EXPIRED = Period(start=NOW - timedelta(days=200), end=NOW - timedelta(days=50))

SUBMISSIONS = [
    Case("empty body", 400, "document_empty", "the document is empty"),
    Case("20 MB", 413, "document_too_large", "one permit at a time", TWENTY_MEGABYTES),
    Case("not XML", 400, "not_xml", "not well-formed XML at line 1", b"number: CH-1"),
    Case("cut", 400, "not_xml", "a cut transfer", permit_bytes()[:700]),
    Case("UTF-16", 400, "not_xml", "UTF-8", "<a/>".encode("utf-16")),
    Case("DOCTYPE", 400, "doctype_refused", "remove the DOCTYPE", b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'),
    Case("wrong root", 422, "unknown_document", "CITESEPermit", b"<Invoice/>"),
    Case(
        "unknown version",
        422,
        "unknown_document",
        "CITESEPermit",
        permit_bytes().replace(b"CITESEPermit:2", b"CITESEPermit:9"),
    ),
    Case("schema error", 422, "schema_invalid", "schema of v2", permit_bytes().replace(b">false<", b">no<"),
         rule="schema.value"),
    Case("unknown code", 422, "permit_invalid", "XYZ", permit_bytes().replace(b">LPS<", b">XYZ<"),
         rule="lines.term-unknown"),
    Case("expired dates", 422, "permit_invalid", "expired",
         permit_bytes(issued_at=NOW - timedelta(days=200), validity=EXPIRED), rule="validity.expired"),
    Case("no line", 422, "permit_invalid", "line", permit_bytes(lines=()), rule="lines.none"),
    Case("zero quantity", 422, "permit_invalid", "0", permit_bytes(lines=(line(quantity="0"),)),
         rule="lines.quantity-not-positive"),
    Case("wrong signer", 403, "signature_refused", "not registered here", sealed_bytes(key=seal("x", "CH"))),
    Case("altered", 403, "signature_refused", "changed after it was signed",
         sealed_bytes().replace(b">40<", b">41<")),
    Case("another Party's permit", 403, "identity_mismatch", "its own permits only",
         permit_bytes(exporter="DE")),
    Case("wrong content type", 415, "wrong_content_type", "Content-Type: application/xml", permit_bytes(),
         content_type="text/plain"),
    Case("not compressed as declared", 400, "body_unreadable", "Content-Encoding", b"not gzip",
         content_encoding="gzip"),
    Case("decompression bomb", 413, "document_too_large", "200 times its bytes",
         gzip.compress(TWENTY_MEGABYTES), content_encoding="gzip"),
    Case("a bomb below the ratio", 413, "document_too_large", "one permit at a time",
         gzip.compress(HARD_TO_COMPRESS), content_encoding="gzip"),
    Case("compressed in an unknown way", 415, "wrong_content_encoding", "gzip or deflate", permit_bytes(),
         content_encoding="br"),
    Case("compressed twice", 415, "wrong_content_encoding", "once",
         gzip.compress(gzip.compress(permit_bytes())), content_encoding="gzip, gzip"),
    Case("compressed and cut", 400, "body_unreadable", "breaks off", gzip.compress(permit_bytes())[:-1],
         content_encoding="gzip"),
    Case("something behind the end", 400, "body_unreadable", "behind the end",
         gzip.compress(permit_bytes()) + b"<a/>", content_encoding="gzip"),
    Case("wrong method", 405, "wrong_method", "use POST", method="PUT"),
    Case("no such address", 404, "not_found", "docs/api.md", path="/api/v2/permits"),
    Case("no token", 401, "unauthenticated", "Authorization: Bearer", permit_bytes(), token=""),
    Case("unknown token", 401, "unauthenticated", "ecites init", permit_bytes(), token="ecites_guess"),
    Case("customs issue nothing", 403, "forbidden", "MA", permit_bytes(), token="CH:CUSTOMS"),
]  # fmt: skip

QUESTIONS = [
    Case("not JSON", 400, "malformed_request", '"issuer"', b"{", path=ASK, content_type="application/json"),
    Case("not an object", 400, "malformed_request", '"number"', b"[]", path=ASK,
         content_type="application/json"),
    Case("a number that is no text", 400, "malformed_request", "must be text",
         b'{"issuer": "CH", "number": 7}', path=ASK, content_type="application/json"),
    Case("a deep nest", 400, "malformed_request", "JSON", b"[" * 100_000, path=ASK,
         content_type="application/json"),
    Case("no Party", 400, "malformed_request", "ISO 3166", b'{"issuer": "Switzerland", "number": "1"}',
         path=ASK, content_type="application/json"),
    Case("a number too long", 400, "malformed_request", "35",
         json.dumps({"issuer": "CH", "number": "9" * 36}).encode(), path=ASK,
         content_type="application/json"),
    Case("XML instead of JSON", 415, "wrong_content_type", "application/json", b"<a/>", path=ASK),
    Case("GET with a number", 405, "wrong_method", "use POST", path=ASK, method="GET"),
]  # fmt: skip

MESSAGES = [
    Case("empty body", 400, "document_empty", "empty", path=EXCHANGE, token=""),
    Case("20 MB", 413, "document_too_large", "one permit at a time", TWENTY_MEGABYTES, path=EXCHANGE,
         token=""),
    Case("not XML", 400, "not_xml", "well-formed", b"hello", path=EXCHANGE, token=""),
    Case("DOCTYPE", 400, "doctype_refused", "DOCTYPE", b"<!DOCTYPE a><a/>", path=EXCHANGE, token=""),
    Case("a bare permit", 422, "unknown_document", "signed envelope", sealed_bytes(), path=EXCHANGE,
         token=""),
    Case("schema error", 422, "schema_invalid", "exchange.xsd", envelope().replace(b">permit<", b">love<"),
         path=EXCHANGE, token=""),
    Case("unsigned", 403, "signature_refused", "not signed",
         envelope().split(b"<ds:Signature")[0] + b"</ex:Envelope>", path=EXCHANGE, token=""),
    Case("wrong signer", 403, "signature_refused", "not registered", envelope(key=seal("x", "CH")),
         path=EXCHANGE, token=""),
    Case("altered", 403, "signature_refused", "changed", envelope().replace(b">FR:MA<", b">FR:CUSTOMS<"),
         path=EXCHANGE, token=""),
    Case("wrong content type", 415, "wrong_content_type", "application/xml", envelope(), path=EXCHANGE,
         token="", content_type="application/octet-stream"),
    Case("wrong method", 405, "wrong_method", "POST", path=EXCHANGE, method="GET", token=""),
]  # fmt: skip


async def refused(door: object, case: Case) -> None:
    """Send the case, check the problem and the entry."""
    status, headers, body = await door.call(  # type: ignore[attr-defined]
        case.method,
        case.path,
        token=case.token,
        data=case.data or None,
        Content_Type=case.content_type,
        Content_Encoding=case.content_encoding,
    )
    problem = json.loads(body)
    assert (status, problem["code"]) == (case.status, case.code)
    assert headers["Content-Type"].startswith("application/problem+json")
    assert problem["status"] == status
    assert problem["type"] == f"urn:ecites-gateway:problem:{case.code}"
    assert case.says in problem["detail"] + problem["advice"]
    assert problem["correlation_id"] == headers["X-Correlation-ID"]
    assert "Traceback" not in body.decode()
    if case.rule:
        findings = {finding["rule"]: finding for finding in problem["findings"]}
        assert case.rule in findings
        assert findings[case.rule]["line"]
        assert findings[case.rule]["path"].startswith("/CITESEPermit")
    (entry,) = await log_of(door.node, kind="refused")  # type: ignore[attr-defined]
    assert entry.outcome == case.code
    assert entry.detail


@pytest.mark.parametrize("case", SUBMISSIONS, ids=lambda case: case.name)
async def test_submission(case: Case, ch: object) -> None:
    """A wrong submission is refused with code, sentence and entry."""
    await refused(ch, case)


@pytest.mark.parametrize("case", QUESTIONS, ids=lambda case: case.name)
async def test_question(case: Case, ch: object) -> None:
    """A wrong question is refused with code, sentence and entry."""
    await refused(ch, case)


@pytest.mark.parametrize("case", MESSAGES, ids=lambda case: case.name)
async def test_message(case: Case, fr: object) -> None:
    """A message that cannot be believed is refused with code, sentence and entry, and without a receipt."""
    await refused(fr, case)
