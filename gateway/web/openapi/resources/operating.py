"""For those who keep the gateway running."""

from gateway.web.openapi.operation import JSON, TEXT, Answer, Caller, Operation, Resource
from gateway.web.openapi.shapes import listing, ref, shape, text, word

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
            name="readyz",
            method="get",
            path="/readyz",
            summary="Are requests welcome?",
            text="For a proxy: no longer once the gateway stops, and not while its database does not answer.",
            caller=Caller.ANYBODY,
            answers=(
                Answer(200, "They are.", JSON, ref("Readiness")),
                Answer(503, "They are not; `reasons` say why.", JSON, ref("Readiness")),
            ),
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
        "Readiness": shape(
            "Whether requests are welcome.",
            {
                "status": word("In words.", ("ready", "not ready")),
                "version": text("Of the program."),
                "reasons": listing("Why not.", {"type": "string"}),
            },
        ),
        "Health": shape(
            "The process answers.", {"status": text("Always `ok`."), "version": text("Of the program.")}
        ),
    },
)
