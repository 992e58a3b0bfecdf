"""The shape of a problem, with every member that an error may bring along."""

from typing import Any

from gateway.web.openapi.shapes import digest, flag, listing, number, ref, shape, text
from gateway.web.problems import STATUS


def problem_shape() -> dict[str, Any]:
    """The problem itself (RFC 9457); `code` is one of the table in `web/problems.py`."""
    always = {
        "type": text("`urn:ecites-gateway:problem:` and the code.", format="uri"),
        "title": text("The kind of problem, in words."),
        "status": number("As the answer has it.", enum=sorted(set(STATUS.values()))),
        "code": text("Stable: programs decide by it.", enum=sorted(each.code for each in STATUS)),
        "detail": text("What is wrong, for people; may change."),
        "advice": text("What to do about it; may be empty."),
        "correlation_id": text("As in X-Correlation-ID: tell it to the operator of this gateway."),
    }
    sometimes = {
        "findings": listing("What is wrong with the document.", ref("Finding")),
        "line": number("Where in the document."),
        "limit": number("The most that there may be."),
        "found": number("How much there is."),
        "offset": number("At which byte."),
        "reason": text("Why, as a code."),
        "scope": text("What the token lacks."),
        "retry_after": number("Seconds, as in Retry-After."),
        "allowed": listing("Methods that the address takes.", {"type": "string"}),
        "accepted": listing("Ways to compress that are unpacked here.", {"type": "string"}),
        "digest": digest("SHA-256 of what came."),
        "stored_digest": digest("SHA-256 of what is stored under the same name."),
        "root": text("The element that the document begins with."),
        "namespace": text("Its namespace."),
        "version": text("The message version."),
        "one": text("What does not agree ..."),
        "other": text("... with what."),
        "ahead_seconds": {"type": "number", "description": "So much later than now."},
        "behind_seconds": {"type": "number", "description": "So much earlier than now."},
        "verdict": text("What the verification concluded."),
        "sub_indication": text("Why."),
        "signer": text("Who signed."),
        "alarm": flag("Two verifiers disagree."),
    }
    made = shape("What went wrong, for programs and for people (RFC 9457).", always, sometimes)
    return made | {"additionalProperties": True}
