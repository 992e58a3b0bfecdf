"""Customs ask about a permit."""

from typing import Any

from gateway import errors
from gateway.permits.lifecycle import CHANGES
from gateway.permits.notices import PermitStatus
from gateway.permits.scopes import Scope
from gateway.permits.validity import Status
from gateway.permits.verdict import Verdict, Weight
from gateway.permits.views import LOGGED_IN, MEMBERS, Audience
from gateway.signatures.report import Basis, Revocation
from gateway.signatures.verdict import Indication, SubIndication
from gateway.web.openapi.operation import (
    HTML,
    JSON,
    XML,
    Answer,
    Body,
    Caller,
    Operation,
    Parameter,
    Resource,
)
from gateway.web.openapi.shapes import (
    AUTHORITY,
    ISSUER,
    NUMBER,
    digest,
    flag,
    listing,
    moment,
    or_null,
    ref,
    shape,
    text,
    word,
)

_QUESTION = shape("Which permit.", {"issuer": ISSUER, "number": NUMBER}) | {"additionalProperties": False}
_WITH_TOKEN = shape(
    "Which permit, and its token when it has one.",
    {"issuer": ISSUER, "number": NUMBER},
    {"token": text("The token that stands on the permit.", maxLength=64)},
) | {"additionalProperties": False}
_LANGUAGE = Parameter(
    "Accept-Language",
    "header",
    "Sentences come in English, French or Spanish.",
    text(""),
)

_VALIDITY = {
    "issuer": ISSUER,
    "number": NUMBER,
    "view": word("As what the caller looked at the permit.", Audience),
    "verdict": word("What follows from the reasons.", Verdict),
    "valid": flag("The verdict is `valid`."),
    "known": flag("It is here."),
    "issuer_answer": or_null(
        {
            "type": "object",
            "description": "What the issuer's gateway answered about a permit that is not here.",
            "additionalProperties": True,
        }
    ),
    "signature": or_null(ref("SealReport")),
    "status": or_null(word("Null when it is unknown or its seal does not hold.", PermitStatus)),
    "dates": or_null(word("What Box 2 says of this moment.", Status)),
    "type": or_null(text("The kind of document, Box 1.")),
    "exporter": or_null(text("Country of the exporter.")),
    "importer": or_null(text("Country of the importer.")),
    "issued_at": or_null(moment("When it was issued.")),
    "valid_from": or_null(moment("Its first moment.")),
    "valid_until": or_null(moment("Its last moment.")),
    "received_at": or_null(moment("When it came here.")),
    "digest": or_null(digest("SHA-256 of the sealed permit.")),
    "lines": listing("What it allows.", ref("PermitLine")),
    "balances": listing("What is left of each line.", ref("Balance")),
    "changes": listing("The changes of status that count.", ref("ChangeSeen")),
    "paperless": or_null(
        {
            "type": "boolean",
            "description": "Whether the two Parties have agreed to go without paper.",
        }
    ),
    "reasons": listing("Why.", ref("Reason")),
    "heard_at": or_null(moment("When this gateway last heard something about the permit.")),
    "answered_at": moment("The moment that the answer is about."),
}


def _seen(meaning: str, prefix: str, members: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A shape whose members are always there only when every caller with a token may see them."""
    always = {name for name in members if MEMBERS[prefix + name] >= LOGGED_IN}
    return shape(
        meaning,
        {name: each for name, each in members.items() if name in always},
        {name: each for name, each in members.items() if name not in always},
    )


RESOURCE = Resource(
    "Validity",
    "Customs and Management Authorities ask whether a permit is genuine and valid at this moment.",
    (
        Operation(
            name="validity",
            method="post",
            path="/api/v1/permits/validity",
            summary="Ask whether a permit is valid",
            text="The number stands in the body, never in the address. A permit that is not here is not "
            "called invalid: its issuer's gateway is asked. Every question is logged. Nothing is created, so "
            "there is no idempotency key: ask as often as you like.",
            caller=Caller.AUTHORITY,
            scope=Scope.CHECK,
            body=Body((JSON,), "The question.", _WITH_TOKEN, {"issuer": "CH", "number": "26/CH/0417-A"}),
            parameters=(_LANGUAGE,),
            answers=(
                Answer(
                    200,
                    "The answer, also for an unknown permit. With `Accept: application/xml` the same, signed "
                    "by this gateway so that it can be filed.",
                    JSON,
                    ref("Validity"),
                    ("Content-Language", "Vary"),
                    (XML,),
                ),
            ),
            problems=(errors.TooManyGuesses,),
        ),
        Operation(
            name="form",
            method="post",
            path="/api/v1/permits/form",
            summary="Draw a permit",
            text="The form of the Convention, of a permit that is held here and concerns the caller's Party. "
            "Each look is logged.",
            caller=Caller.AUTHORITY,
            scope=Scope.FORM,
            parameters=(_LANGUAGE,),
            body=Body((JSON,), "Which permit.", _QUESTION, {"issuer": "CH", "number": "26/CH/0417-A"}),
            answers=(
                Answer(
                    200,
                    "A page, or with `Accept: application/pdf` a PDF.",
                    HTML,
                    text("The form."),
                    ("Content-Language", "Vary"),
                    ("application/pdf",),
                ),
            ),
            problems=(errors.NotFound, errors.SignatureRefused, errors.NotAcceptable),
        ),
        Operation(
            name="status-list",
            method="get",
            path="/status-list/{party}",
            summary="Fetch the status list of a Party",
            text="A signed list of permits that must not be used any more; see docs/qr.md.",
            caller=Caller.ANYBODY,
            parameters=(Parameter("party", "path", "ISO 3166-1 alpha-2.", text("", pattern="^[A-Z]{2}$")),),
            answers=(Answer(200, "A compact JWS.", "application/jose", text("One line.")),),
            problems=(errors.NotFound,),
        ),
    ),
    {
        "Validity": _seen(
            "What this gateway knows of a permit, as far as the caller sees it.", "", _VALIDITY
        ),
        "ChangeSeen": _seen(
            "A change of status that counts.",
            "changes.",
            {
                "id": text("UUIDv7."),
                "kind": word("What it is.", ("StatusChange",)),
                "by": AUTHORITY,
                "at": moment("When it was made."),
                "status": word("From then on.", tuple(each.value for each in CHANGES)),
                "reason": text("Why."),
                "replaced_by": or_null(text("Number of another permit.")),
            },
        ),
        "Reason": shape(
            "One thing that is known.",
            {
                "rule": text("A stable id."),
                "weight": word("What it does to the verdict.", Weight),
                "message": text("For people."),
                "source": or_null(text("Where the rule comes from.")),
                "advice": or_null(text("What to do.")),
            },
        ),
        "PermitLine": _seen(
            "One line of a permit.",
            "lines.",
            {
                "line": text("A, B, C ..."),
                "scientific_name": text("Box 7; may be empty."),
                "common_name": or_null(text("Box 8.")),
                "description": or_null(text("Box 9.")),
                "term": or_null(text("Box 9 as a code.")),
                "appendix": text("Box 10."),
                "source": text("Box 10: the code of the source."),
                "quantity": or_null(text("Box 11: a decimal, as text so that it stays one.")),
                "unit": or_null(text("Box 11: the code of the unit.")),
            },
        ),
        "SealReport": shape(
            "The verdict on a seal, one statement for each question.",
            {
                "verdict": word("The words of ETSI EN 319 102-1.", Indication),
                "sub_indication": or_null(word("Why it is not PASSED.", SubIndication)),
                "signer": or_null(text("The name in the certificate.")),
                "message": text("For people."),
                "intact": or_null({"type": "boolean", "description": "The document is the signed one."}),
                "signer_known": or_null({"type": "boolean", "description": "The certificate is registered."}),
                "checked_at": moment("The moment that counts for the certificate."),
                "time_basis": word("Why that moment.", Basis),
                "certificate": or_null(word("At that moment.", ("valid", "not-yet", "ended"))),
                "certificate_sha256": or_null(digest("Its fingerprint.")),
                "certificate_ends": or_null(moment("Its last moment.")),
                "certificate_ended_since": or_null({"type": "boolean", "description": "By now it has."}),
                "revocation": word("What is known of it.", Revocation),
                "claimed_signing_time": or_null(moment("Proves nothing.")),
            },
            {"alarm": flag("Two verifiers disagree; there when it is true.")},
        ),
    },
)
