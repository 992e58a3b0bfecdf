"""Is this permit valid? The question from one gateway to another, and the signed answer."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree

from gateway.errors import SchemaInvalid
from gateway.exchange import schema
from gateway.exchange.moments import read_moment, write_moment
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.verdict import Verdict
from gateway.xmlio.names import EXCHANGE, clark


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gateway says about a permit."""

    question_id: str
    recipient: AuthorityId
    answered_at: datetime
    permit: PermitRef
    verdict: Verdict
    body: Mapping[str, Any]
    """The whole answer, as the API gives it."""


def write_question(permit: PermitRef, token: str = "") -> bytes:
    """The payload of an envelope that asks, with the token of the permit when the enquirer knows one."""
    root = etree.Element(clark(EXCHANGE, "Question"), nsmap={"ex": EXCHANGE})
    _child(root, "Issuer", permit.issuer)
    _child(root, "Number", permit.number)
    if token:
        _child(root, "Token", token)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def read_question(root: etree._Element) -> tuple[PermitRef, str]:
    """
    About which permit somebody asks, and the token that was given, empty without one.

    Raises `UnknownDocument` or `SchemaInvalid`.
    """
    schema.check(root, "Question")
    issuer, number, *token = (child.text or "" for child in root)
    return PermitRef.of(issuer, number), "".join(token)


def build_answer(answer: Answer) -> etree._Element:
    """An answer, not yet signed."""
    root = etree.Element(clark(EXCHANGE, "Answer"), nsmap={"ex": EXCHANGE})
    _child(root, "QuestionID", answer.question_id)
    _child(root, "Recipient", str(answer.recipient))
    _child(root, "AnsweredAt", write_moment(answer.answered_at))
    _child(root, "Issuer", answer.permit.issuer)
    _child(root, "Number", answer.permit.number)
    _child(root, "Verdict", answer.verdict.value)
    data = json.dumps(answer.body, ensure_ascii=False).encode()
    body = _child(root, "Body", base64.b64encode(data).decode("ascii"))
    body.set("mediaType", "application/json")
    return root


def read_answer(root: etree._Element) -> Answer:
    """
    Read the document element of a verified answer.

    Raises `UnknownDocument`, or `SchemaInvalid`.
    """
    schema.check(root, "Answer")
    texts = [child.text or "" for child in root[:7]]
    try:
        body = json.loads(base64.b64decode("".join(texts[6].split()), validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise SchemaInvalid("the body of the answer is not JSON in base64") from None
    if not isinstance(body, dict):
        raise SchemaInvalid("the body of the answer is no object")
    return Answer(
        question_id=texts[0],
        recipient=AuthorityId.parse(texts[1]),
        answered_at=read_moment(texts[2]),
        permit=PermitRef.of(texts[3], texts[4]),
        verdict=Verdict(texts[5]),
        body=body,
    )


def _child(parent: etree._Element, local: str, text: str) -> etree._Element:
    """Append one element of our namespace."""
    child = etree.SubElement(parent, clark(EXCHANGE, local))
    child.text = text
    return child
