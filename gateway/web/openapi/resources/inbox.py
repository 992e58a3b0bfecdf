"""The inbox of an authority hosted here."""

from gateway import errors
from gateway.permits.scopes import Scope
from gateway.web.bodies import MAX_PAGE
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
    or_null,
    paging,
    ref,
    shape,
    text,
)

RESOURCE = Resource(
    "Inbox",
    "What waits for the caller. The order that loses nothing: list, fetch, store, acknowledge.",
    (
        Operation(
            name="inbox",
            method="get",
            path="/api/v1/inbox",
            summary="List what waits",
            text="What is not yet acknowledged, oldest first.",
            caller=Caller.AUTHORITY,
            scope=Scope.INBOX,
            parameters=paging(MAX_PAGE),
            answers=(Answer(200, "A page.", JSON, ref("InboxPage")),),
        ),
        Operation(
            name="inbox-item",
            method="get",
            path="/api/v1/inbox/{id}",
            summary="Fetch a permit",
            text="The sealed permit, byte for byte as the issuer sealed it. It stays in the list until it is "
            "acknowledged. Every look is logged.",
            caller=Caller.AUTHORITY,
            scope=Scope.INBOX,
            parameters=(ID, IF_NONE_MATCH),
            answers=(
                Answer(200, "The permit.", XML, XML_DOCUMENT, ("ETag",)),
                Answer(304, "It is the one that the caller has.", headers=("ETag",)),
            ),
            problems=(errors.NotFound, errors.GatewayBusy),
        ),
        Operation(
            name="inbox-acknowledge",
            method="post",
            path="/api/v1/inbox/{id}/acknowledgement",
            summary="Acknowledge a permit",
            text="The authority's system has stored it: it leaves the list. To acknowledge again is no "
            "error; the first time counts, so there is no idempotency key. No body is read.",
            caller=Caller.AUTHORITY,
            scope=Scope.ACKNOWLEDGE,
            parameters=(ID,),
            answers=(Answer(200, "The item as it stands now.", JSON, ref("InboxItem")),),
            problems=(errors.NotFound,),
        ),
    ),
    {
        "InboxPage": shape(
            "A page of the inbox.",
            {
                "items": listing("Oldest first.", ref("InboxItem")),
                "next": or_null(text("For `after`; null on the last page.")),
            },
        ),
        "InboxItem": shape(
            "A permit that waits.",
            {
                "id": text("Never changes: recognise a repetition by it."),
                "issuer": ISSUER,
                "number": NUMBER,
                "sender": AUTHORITY,
                "digest": digest("SHA-256 of the sealed permit."),
                "arrived_at": moment("When."),
                "acknowledged_at": or_null(moment("When the caller had it safely.")),
            },
        ),
    },
)
