"""What becomes of permits."""

from collections.abc import Mapping

from gateway import errors
from gateway.permits.lifecycle import CHANGES
from gateway.permits.notices import PermitStatus, Side
from gateway.permits.scopes import Scope
from gateway.web.bodies import MAX_KEY
from gateway.web.openapi.operation import JSON, Answer, Body, Caller, Operation, Parameter, Resource, Schema
from gateway.web.openapi.shapes import (
    AUTHORITY,
    ISSUER,
    NUMBER,
    flag,
    listing,
    moment,
    or_null,
    ref,
    shape,
    text,
    word,
)

_AMOUNT = text("A decimal, as text so that it stays one.", pattern=r"^[0-9]{1,18}(\.[0-9]{1,18})?$")
_SHORT = text("", maxLength=100)
_REASON = text("Why; everybody concerned reads it.", minLength=1, maxLength=1000)
_ID = text("As an earlier answer gave it.", minLength=36, maxLength=36)
_WHICH = {"issuer": ISSUER, "number": NUMBER}
_KEY = Parameter(
    "Idempotency-Key",
    "header",
    "The same key with the same bytes changes nothing and gets the same answer; with other bytes 409. "
    "Without one a repeated request is a second one.",
    text("", maxLength=MAX_KEY, pattern="^[ -~]*$"),
)
_PROBLEMS = (
    errors.UseRefused,
    errors.NotFound,
    errors.SignatureRefused,
    errors.IdempotencyKeyReused,
    errors.SchemaInvalid,
)


def _body(
    meaning: str, members: Mapping[str, Schema], sometimes: Mapping[str, Schema] | None = None
) -> Schema:
    """What a caller sends: these members, and no others."""
    return shape(meaning, members, sometimes) | {"additionalProperties": False}


def _operation(name: str, path: str, summary: str, said: str, scope: Scope, body: Body) -> Operation:
    """A notice is made: all answer alike."""
    return Operation(
        name=name,
        method="post",
        path=path,
        summary=summary,
        text=said,
        caller=Caller.AUTHORITY,
        scope=scope,
        parameters=(_KEY,),
        body=body,
        answers=(
            Answer(201, "It stands, and partners hear of it.", JSON, ref("NoticeTaken")),
            Answer(200, "It was here before: nothing was changed.", JSON, ref("NoticeTaken")),
        ),
        problems=_PROBLEMS,
    )


RESOURCE = Resource(
    "What becomes of permits",
    "Customs write off what crossed the border; authorities say where a permit stands; both see the ledger.",
    (
        _operation(
            "endorse",
            "/api/v1/permits/endorsements",
            "Write off one consignment",
            "Customs of the exporting Party write off at the export (Box 14), those of the importing one at "
            "the import. Everything that stands against it is said at once.",
            Scope.ENDORSE,
            Body(
                (JSON,),
                "What crossed.",
                _body(
                    "One consignment.",
                    {
                        **_WHICH,
                        "side": word("At which border.", Side),
                        "on": text("The day on which it crossed.", format="date"),
                        "office": text("Name or code of the customs office.", minLength=1, maxLength=100),
                        "lines": listing(
                            "What crossed of each line.",
                            _body(
                                "One line.",
                                {"line": text("Its letter.", minLength=1, maxLength=35), "quantity": _AMOUNT},
                                {
                                    "unit": text(
                                        "A code of the unit list; none for specimens.", maxLength=10
                                    ),
                                    "dead": text("Of those, dead on arrival, in the same unit."),
                                },
                            ),
                        )
                        | {"minItems": 1, "maxItems": 1000},
                    },
                    {
                        "officer": _SHORT,
                        "customs_document": _SHORT,
                        "customs_document_type": text("A code.", maxLength=10),
                        "transport_document": _SHORT,
                        "remarks": text("", maxLength=1000),
                    },
                ),
                {
                    "issuer": "CH",
                    "number": "CH-2026-000123",
                    "side": "export",
                    "on": "2026-11-24",
                    "office": "CH002571",
                    "lines": [{"line": "A", "quantity": "100"}],
                },
            ),
        ),
        _operation(
            "reverse",
            "/api/v1/permits/endorsements/reversals",
            "Take an endorsement back",
            "The endorsement stays where it is and counts no more. Only its author may do so.",
            Scope.ENDORSE,
            Body(
                (JSON,),
                "Which one, and why.",
                _body("A reversal.", {**_WHICH, "endorsement": _ID, "reason": _REASON}),
            ),
        ),
        _operation(
            "status",
            "/api/v1/permits/status",
            "Say where a permit stands",
            "Statuses move forward only; who may say what is told in docs/customs.md.",
            Scope.STATUS,
            Body(
                (JSON,),
                "The new status, and why.",
                _body(
                    "A change.",
                    {
                        **_WHICH,
                        "status": word("From now on.", tuple(each.value for each in CHANGES)),
                        "reason": _REASON,
                    },
                    {"replaced_by": text("Number of the permit that stands for it.", maxLength=35)},
                ),
            ),
        ),
        Operation(
            name="ledger",
            method="post",
            path="/api/v1/permits/ledger",
            summary="See what became of a permit",
            text="For authorities of the Parties that the permit names. Every look is logged.",
            caller=Caller.AUTHORITY,
            scope=Scope.LEDGER,
            body=Body((JSON,), "Which permit.", _body("A permit.", _WHICH)),
            answers=(Answer(200, "Status, balances, and everything that was said.", JSON, ref("Ledger")),),
            problems=(errors.NotFound, errors.SignatureRefused),
        ),
    ),
    {
        "Ledger": shape(
            "What became of a permit.",
            {
                **_WHICH,
                "status": word("Where it stands now.", PermitStatus),
                "balances": listing("What is left of each line.", ref("Balance")),
                "notices": listing(
                    "Everything that was said, oldest first.",
                    {"allOf": [ref("Notice")], "required": ["counts"]},
                ),
            },
        ),
        "Balance": shape(
            "One line of a permit, everything in its own unit.",
            {
                "line": text("Its letter."),
                "unit": or_null(text("A code of the unit list.")),
                "authorised": or_null(text("Box 11.")),
                "exported": or_null(text("Written off at the export.")),
                "imported": or_null(text("Written off at the import.")),
                "dead": or_null(text("Dead on arrival.")),
                "left": or_null(
                    text("What may still leave; negative when two offices knew nothing of each other.")
                ),
            },
        ),
        "WrittenOff": shape(
            "What crossed of one line.",
            {
                "line": text("Its letter."),
                "quantity": text("A decimal."),
                "unit": or_null(text("A code of the unit list.")),
                "dead": text("Of those, dead on arrival."),
            },
        ),
        "Notice": shape(
            "One thing that an authority said about a permit; which members there are depends on the kind.",
            {
                "id": text("UUIDv7."),
                "kind": word("What it is.", ("StatusChange", "Endorsement", "Reversal")),
                "by": AUTHORITY,
                "at": moment("When it was made."),
            },
            {
                "counts": flag("Whether it counts: not reversed, not overtaken, made by somebody who may."),
                "status": word("Of a change.", tuple(each.value for each in CHANGES)),
                "reason": text("Of a change or a reversal."),
                "replaced_by": or_null(text("Number of another permit.")),
                "reverses": text("Id of an endorsement."),
                "side": word("Of an endorsement.", Side),
                "on": text("The day on which it crossed.", format="date"),
                "office": text("Of an endorsement."),
                "officer": or_null(text("Of an endorsement.")),
                "customs_document": or_null(text("Of an endorsement.")),
                "customs_document_type": or_null(text("Of an endorsement.")),
                "transport_document": or_null(text("Of an endorsement.")),
                "remarks": or_null(text("Of an endorsement.")),
                "lines": listing("Of an endorsement.", ref("WrittenOff")),
            },
        ),
        "NoticeTaken": {
            "description": "What was said, and what follows.",
            "allOf": [
                ref("Notice"),
                {
                    "type": "object",
                    "required": ["repeated", "unreached", "permit"],
                    "properties": {
                        "repeated": flag("True when it was here before."),
                        "unreached": listing("Who should hear of it and cannot be reached.", ref("Finding")),
                        "permit": ref("Ledger"),
                    },
                },
            ],
        },
    },
)
