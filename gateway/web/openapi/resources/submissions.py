"""Submissions are followed, and receipts fetched."""

from gateway import errors
from gateway.exchange.delivery import DeliveryState
from gateway.permits.scopes import Scope
from gateway.web.openapi.operation import JSON, XML, Answer, Caller, Operation, Resource
from gateway.web.openapi.shapes import (
    AUTHORITY,
    ID,
    IF_NONE_MATCH,
    ISSUER,
    NUMBER,
    XML_DOCUMENT,
    digest,
    listing,
    moment,
    number,
    or_null,
    ref,
    shape,
    text,
    word,
)

RESOURCE = Resource(
    "Submissions",
    "The authority that submitted a permit sees what became of it, and gets the partners' signed receipts.",
    (
        Operation(
            name="submission",
            method="get",
            path="/api/v1/submissions/{id}",
            summary="Follow a submission",
            text="Every delivery with every attempt. A submission of somebody else is not found.",
            caller=Caller.AUTHORITY,
            scope=Scope.RECEIPTS,
            parameters=(ID,),
            answers=(Answer(200, "As it stands now.", JSON, ref("SubmissionFollowed")),),
            problems=(errors.NotFound,),
        ),
        Operation(
            name="receipt",
            method="get",
            path="/api/v1/deliveries/{id}/receipt",
            summary="Get the receipt of a delivery",
            text="The partner's signed receipt, byte for byte as it came: the proof of delivery. There is "
            "none for a delivery within this gateway.",
            caller=Caller.AUTHORITY,
            scope=Scope.RECEIPTS,
            parameters=(ID, IF_NONE_MATCH),
            answers=(
                Answer(200, "The receipt.", XML, XML_DOCUMENT, ("ETag",)),
                Answer(304, "It is the one that the caller has.", headers=("ETag",)),
            ),
            problems=(errors.NotFound,),
        ),
    ),
    {
        "Submission": shape(
            "A permit that was handed over.",
            {
                "id": text("For later questions."),
                "issuer": ISSUER,
                "number": NUMBER,
                "digest": digest("SHA-256 of the sealed permit, the bytes that travel."),
                "submitted_at": moment("When."),
                "findings": listing("Remarks; it was accepted with them.", ref("Finding")),
            },
        ),
        "SubmissionFollowed": {
            "description": "A submission with every attempt.",
            "allOf": [
                ref("Submission"),
                {
                    "type": "object",
                    "required": ["deliveries"],
                    "properties": {"deliveries": {"type": "array", "items": ref("DeliveryFollowed")}},
                },
            ],
        },
        "Delivery": shape(
            "One message on its way to one recipient.",
            {
                "id": text("For later questions."),
                "recipient": AUTHORITY,
                "partner": or_null(text("The gateway that it goes to; null: into an inbox here.")),
                "message_id": or_null(text("Of the envelope.")),
                "state": word("Where it stands.", DeliveryState),
                "waits_since": or_null(moment("While it is not settled.")),
                "attempts": number("How often it was tried."),
                "settled_at": or_null(moment("When its end was known.")),
                "error_code": or_null(text("Of the last error: a problem code.")),
                "error": or_null(text("The last error, for people.")),
            },
        ),
        "DeliveryFollowed": {
            "description": "A delivery with every attempt.",
            "allOf": [
                ref("Delivery"),
                {
                    "type": "object",
                    "required": ["history"],
                    "properties": {"history": {"type": "array", "items": ref("Attempt")}},
                },
            ],
        },
        "Attempt": shape(
            "One try to deliver.",
            {
                "started_at": moment("When."),
                "seconds": {"type": "number", "description": "How long it took."},
                "outcome": text("A state of the delivery, or a problem code."),
                "error": or_null(text("For people.")),
            },
        ),
    },
)
