"""For those who keep the gateway running."""

from gateway.web.openapi.operation import JSON, TEXT, Answer, Caller, Operation, Resource
from gateway.web.openapi.shapes import ref, shape, text

RESOURCE = Resource(
    "Operation",
    "For those who keep the gateway running.",
    (
        Operation(
            name="healthz",
            method="get",
            path="/healthz",
            summary="Is the process alive?",
            text="It answers, and asks nothing of the database.",
            caller=Caller.ANYBODY,
            answers=(Answer(200, "It does.", JSON, ref("Health")),),
            stores=False,
        ),
        Operation(
            name="metrics",
            method="get",
            path="/metrics",
            summary="What is measured",
            text="There is such an address only where the configuration names a token for it.",
            caller=Caller.OPERATOR,
            answers=(Answer(200, "In the text format of Prometheus.", TEXT, {"type": "string"}),),
            stores=False,
        ),
    ),
    {
        "Health": shape(
            "The process answers.", {"status": text("Always `ok`."), "version": text("Of the program.")}
        ),
    },
)
