"""What happened to permits that concern an authority hosted here."""

from gateway import errors
from gateway.exchange.events import TOLD
from gateway.permits.notices import PermitStatus
from gateway.permits.scopes import Scope
from gateway.web.bodies import MAX_PAGE
from gateway.web.openapi.operation import JSON, Answer, Body, Caller, Operation, Resource
from gateway.web.openapi.resources.mailbox import WAIT
from gateway.web.openapi.shapes import (
    AUTHORITY,
    ID_LENGTH,
    ISSUER,
    NUMBER,
    listing,
    moment,
    or_null,
    paging,
    ref,
    shape,
    text,
    word,
)

MOST = 50
"""Events of one page."""

_IDS = listing("Events that the caller has safely.", text("", minLength=1, maxLength=ID_LENGTH)) | {
    "minItems": 1,
    "maxItems": MAX_PAGE,
}

RESOURCE = Resource(
    "Events",
    "What happened to permits that concern the caller; webhooks push the same.",
    (
        Operation(
            name="events",
            method="get",
            path="/api/v1/events",
            summary="List what happened",
            text="What is not yet acknowledged, oldest first, each a CloudEvent 1.0. Begin each round "
            "without a cursor.",
            caller=Caller.AUTHORITY,
            scope=Scope.EVENTS,
            parameters=(*paging(MOST), WAIT),
            answers=(Answer(200, "A page.", JSON, ref("EventPage")),),
            problems=(errors.TooManyCallers,),
        ),
        Operation(
            name="events-acknowledge",
            method="post",
            path="/api/v1/events/acknowledgement",
            summary="Acknowledge events",
            text="They leave the feed, all or none. To acknowledge again is no error.",
            caller=Caller.AUTHORITY,
            scope=Scope.EVENTS,
            body=Body(
                (JSON,),
                "Which ones.",
                shape("Ids.", {"ids": _IDS}) | {"additionalProperties": False},
                {"ids": ["01a20ab3-b8e8-7fc4-8eb6-ec83a7a7cca8"]},
            ),
            answers=(Answer(200, "They have left.", JSON, ref("EventsTaken")),),
            problems=(errors.NotFound,),
        ),
    ),
    {
        "EventPage": shape(
            "Events, oldest first.",
            {"events": listing("At most 50.", ref("Event")), "next": text("The cursor of the next page.")},
        ),
        "EventsTaken": shape(
            "What has left the feed.", {"acknowledged": listing("Ids.", {"type": "string"})}
        ),
        "Event": shape(
            "A CloudEvent 1.0.",
            {
                "specversion": text("Always 1.0."),
                "id": text("UUIDv7; the same at every repetition."),
                "source": text("The feed of which authority."),
                "type": word("What happened.", TOLD),
                "time": moment("When."),
                "subject": text("Issuer and number of the permit."),
                "datacontenttype": text("Always application/json."),
                "data": ref("EventData"),
            },
        ),
        "EventData": shape(
            "What happened to which permit, and how that stands.",
            {
                "by": AUTHORITY,
                "issuer": ISSUER,
                "number": NUMBER,
                "permit": or_null(ref("EventPermit")),
            },
            {
                "inbox_item": text("Of a permit that arrived: its id in the inbox."),
                "notice": or_null(ref("Notice")),
            },
        ),
        "EventPermit": shape(
            "A permit as it stands.",
            {
                "as_of": moment("At this moment."),
                "status": word("Where it stands.", PermitStatus),
                "balances": listing("What is left of each line.", ref("Balance")),
            },
        ),
    },
)
