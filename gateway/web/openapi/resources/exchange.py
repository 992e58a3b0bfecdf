"""Partner gateways send envelopes."""

from gateway import errors
from gateway.web.openapi.operation import XML, Answer, Body, Caller, Operation, Resource
from gateway.web.openapi.shapes import XML_DOCUMENT

RESOURCE = Resource(
    "Exchange",
    "Partner gateways send envelopes and get signed receipts.",
    (
        Operation(
            name="exchange",
            method="post",
            path="/exchange/v1/messages",
            summary="Send an envelope",
            text="200 means that a receipt speaks, also when its outcome is a refusal. Any other status "
            "carries a problem and no receipt. Repeat a message byte for byte: it is received once, and the "
            "same receipt comes again.",
            caller=Caller.GATEWAY,
            body=Body(
                (XML, "text/xml"), "One envelope, as schemas/exchange/exchange.xsd says.", XML_DOCUMENT
            ),
            answers=(Answer(200, "The receipt, signed by this gateway.", XML, XML_DOCUMENT),),
            problems=(errors.MessageNotFresh, errors.MessageIdReused),
        ),
    ),
    {},
)
