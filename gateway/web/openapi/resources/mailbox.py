"""A partner gateway that only calls out collects what is for it."""

from gateway import errors
from gateway.exchange.delivery import DeliveryState
from gateway.exchange.mailbox import MAX_WAIT_SECONDS
from gateway.exchange.message import Kind
from gateway.web.bodies import MAX_PAGE
from gateway.web.openapi.operation import JSON, XML, Answer, Body, Caller, Operation, Parameter, Resource
from gateway.web.openapi.shapes import (
    AUTHORITY,
    ID,
    XML_DOCUMENT,
    digest,
    listing,
    moment,
    number,
    or_null,
    paging,
    ref,
    shape,
    text,
    word,
)

WAIT = Parameter(
    "wait",
    "query",
    f"Seconds that the answer may be held back while there is nothing to tell; more than {MAX_WAIT_SECONDS} "
    f"counts as {MAX_WAIT_SECONDS}.",
    {"type": "integer", "minimum": 0, "default": 0},
)

RESOURCE = Resource(
    "Mailbox",
    "For a partner gateway that only calls out: list, fetch, acknowledge.",
    (
        Operation(
            name="mailbox",
            method="get",
            path="/exchange/v1/mailbox",
            summary="List what waits",
            text="Oldest first. Begin each round without a cursor.",
            caller=Caller.PARTNER,
            parameters=(*paging(MAX_PAGE), WAIT),
            answers=(Answer(200, "Headers of what waits.", JSON, ref("MailboxPage")),),
            problems=(errors.TooManyCallers,),
        ),
        Operation(
            name="mailbox-message",
            method="get",
            path="/exchange/v1/mailbox/{id}",
            summary="Fetch an envelope",
            text="By its message id; the same bytes each time. It stays in the mailbox.",
            caller=Caller.PARTNER,
            parameters=(ID,),
            answers=(Answer(200, "The envelope.", XML, XML_DOCUMENT, ("ETag",)),),
            problems=(errors.NotFound, errors.GatewayBusy),
        ),
        Operation(
            name="mailbox-receipt",
            method="post",
            path="/exchange/v1/mailbox/{id}/receipt",
            summary="Acknowledge with a receipt",
            text="The signed receipt with which the partner would have answered the envelope. The same bytes "
            "again get the same answer.",
            caller=Caller.PARTNER,
            parameters=(ID,),
            body=Body((XML, "text/xml"), "The receipt.", XML_DOCUMENT),
            answers=(Answer(200, "The message has left the mailbox.", JSON, ref("MailboxSettled")),),
            problems=(
                errors.NotFound,
                errors.NotFetched,
                errors.AlreadyAcknowledged,
                errors.AcknowledgementRefused,
            ),
        ),
    ),
    {
        "MailboxPage": shape(
            "Headers of what waits.",
            {
                "messages": listing("Oldest first.", ref("MailboxHeader")),
                "next": or_null(text("For `after`: what comes behind these.")),
            },
        ),
        "MailboxHeader": shape(
            "A message that waits.",
            {
                "message_id": text("For fetching."),
                "sender": AUTHORITY,
                "recipient": AUTHORITY,
                "kind": word("What it is for.", Kind),
                "sent_at": moment("When the envelope was made."),
                "size": number("Bytes of the envelope."),
                "digest": digest("SHA-256 of the envelope."),
            },
        ),
        "MailboxSettled": shape(
            "What became of the message.",
            {
                "message_id": text("As asked."),
                "state": word("Where it stands.", DeliveryState),
                "settled_at": or_null(moment("When.")),
            },
        ),
    },
)
