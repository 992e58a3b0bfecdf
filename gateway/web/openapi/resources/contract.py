"""The API describes itself."""

from gateway import errors
from gateway.web.openapi.operation import HTML, JSON, Answer, Caller, Operation, Resource
from gateway.web.openapi.shapes import IF_NONE_MATCH

_SAME = Answer(304, "It is the one that the caller has.", headers=("ETag",))

RESOURCE = Resource(
    "Contract",
    "This description, for programs and for people.",
    (
        Operation(
            name="openapi",
            method="get",
            path="/api/v1/openapi.json",
            summary="The OpenAPI document",
            text="OpenAPI 3.1, of this version of the gateway.",
            caller=Caller.ANYBODY,
            parameters=(IF_NONE_MATCH,),
            answers=(Answer(200, "The document.", JSON, {"type": "object"}, ("ETag",)), _SAME),
            problems=(errors.TooManyRequests,),
            stores=False,
        ),
        Operation(
            name="api-page",
            method="get",
            path="/api/v1/docs",
            summary="The same as a page",
            text="Needs no script and nothing from elsewhere.",
            caller=Caller.ANYBODY,
            parameters=(IF_NONE_MATCH,),
            answers=(Answer(200, "The page.", HTML, {"type": "string"}, ("ETag",)), _SAME),
            problems=(errors.TooManyRequests,),
            stores=False,
        ),
    ),
    {},
)
