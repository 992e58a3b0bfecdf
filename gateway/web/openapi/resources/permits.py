"""Permits are handed over."""

from gateway import errors
from gateway.permits.scopes import Scope
from gateway.web.bodies import MAX_KEY
from gateway.web.openapi.operation import JSON, XML, Answer, Body, Caller, Operation, Parameter, Resource
from gateway.web.openapi.shapes import XML_DOCUMENT, flag, or_null, ref, text

RESOURCE = Resource(
    "Permits",
    "A Management Authority hands a permit over; the gateway checks it, seals it, and delivers it.",
    (
        Operation(
            name="submit",
            method="post",
            path="/api/v1/permits",
            summary="Submit a permit",
            text="A permit without a signature is sealed with the authority's key; one that carries the "
            "authority's seal stays as it is. After a lost answer send the same request again: nothing is "
            "done twice.",
            caller=Caller.AUTHORITY,
            scope=Scope.SUBMIT,
            parameters=(
                Parameter(
                    "ECITES-Permit-Token",
                    "header",
                    "A token that whoever asks about the permit must know, or the word `new` to have one "
                    "made; where the operator allows tokens.",
                    text("", maxLength=64, pattern="^[!-~]*$"),
                ),
                Parameter(
                    "Idempotency-Key",
                    "header",
                    "The same key with the same bytes gets the same submission; with other bytes 409. "
                    "Without one the SHA-256 of the body is the key. Keys do not expire.",
                    text("", maxLength=MAX_KEY, pattern="^[ -~]*$"),
                ),
            ),
            body=Body(
                (XML, "text/xml"), "The permit in one of the message versions v1, v2, v3.", XML_DOCUMENT
            ),
            answers=(
                Answer(
                    202, "Accepted: sealed, stored and queued.", JSON, ref("SubmissionTaken"), ("Location",)
                ),
                Answer(
                    200,
                    "This permit was submitted before: nothing was stored or sent again.",
                    JSON,
                    ref("SubmissionTaken"),
                    ("Location",),
                ),
            ),
            problems=(
                errors.AlreadySigned,
                errors.NotSignable,
                errors.PermitInvalid,
                errors.SignatureRefused,
                errors.IdentityMismatch,
                errors.PermitNumberTaken,
                errors.IdempotencyKeyReused,
            ),
        ),
    ),
    {
        "SubmissionTaken": {
            "description": "A submission as it stands now.",
            "allOf": [
                ref("Submission"),
                {
                    "type": "object",
                    "required": ["repeated", "statement", "token", "deliveries"],
                    "properties": {
                        "repeated": flag("True when it was here before."),
                        "statement": or_null(text("The signed text for the QR code of the paper form.")),
                        "token": or_null(
                            text("The token of the permit, told this once when it was made here.")
                        ),
                        "deliveries": {"type": "array", "items": ref("Delivery")},
                    },
                },
            ],
        },
    },
)
