"""The problems that an operation may answer: its own, and those that follow from caller, scope and body."""

from collections import defaultdict
from typing import Any

from gateway import errors
from gateway.web.openapi.operation import XML, Caller, Operation, Problem
from gateway.web.openapi.shapes import ref
from gateway.web.problems import STATUS, TITLES

CONTENT_TYPE = "application/problem+json"

_ALWAYS: tuple[Problem, ...] = (errors.MalformedRequest, errors.InternalError)
_OF_CALLER: dict[Caller, tuple[Problem, ...]] = {
    Caller.ANYBODY: (),
    Caller.GATEWAY: (errors.Forbidden, errors.IdentityMismatch, errors.SignatureRefused),
    Caller.AUTHORITY: (
        errors.Unauthenticated,
        errors.Forbidden,
        errors.ScopeMissing,
        errors.TooManyRequests,
    ),
    Caller.PARTNER: (errors.Unauthenticated, errors.Forbidden, errors.IdentityMismatch),
    Caller.OPERATOR: (errors.Unauthenticated,),
}
_OF_BODY: tuple[Problem, ...] = (
    errors.BodyTooSlow,
    errors.BodyUnreadable,
    errors.WrongContentType,
    errors.WrongContentEncoding,
    errors.DocumentTooLarge,
    errors.GatewayBusy,
)
_OF_XML: tuple[Problem, ...] = (
    errors.EmptyDocument,
    errors.NotXML,
    errors.DoctypeRefused,
    errors.DocumentTooComplex,
    errors.UnknownDocument,
    errors.SchemaInvalid,
)


def problems_of(operation: Operation) -> dict[int, list[Problem]]:
    """Every problem that an operation may answer, by status, in a fixed order."""
    found = {*_ALWAYS, *_OF_CALLER[operation.caller], *operation.problems}
    if operation.stores:
        found.add(errors.StorageError)
    if operation.body is not None:
        found.update(_OF_BODY)
        found.update(_OF_XML if XML in operation.body.types else ())
    grouped: dict[int, list[Problem]] = defaultdict(list)
    for problem in sorted(found, key=lambda each: (STATUS[each], each.code)):
        grouped[STATUS[problem]].append(problem)
    return dict(grouped)


def answer_of(status: int, problems: list[Problem]) -> dict[str, Any]:
    """The answer with one status: which codes it may carry, and what each means."""
    headers = {"X-Correlation-ID": {"$ref": "#/components/headers/X-Correlation-ID"}}
    if status in (429, 503):
        headers["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}
    if status == 401:  # noqa: PLR2004 - RFC 9110, 11.6.1
        headers["WWW-Authenticate"] = {"$ref": "#/components/headers/WWW-Authenticate"}
    codes = {"properties": {"code": {"enum": [each.code for each in problems]}}}
    return {
        "description": f"{TITLES[status]}:\n" + "".join(f"\n- `{p.code}`: {meaning(p)}" for p in problems),
        "headers": headers,
        "content": {CONTENT_TYPE: {"schema": {"allOf": [ref("Problem"), codes]}}},
    }


def meaning(problem: Problem) -> str:
    """What an error means: the first sentence of its class, on one line."""
    first = (problem.__doc__ or "").strip().split("; `")[0].split("\n\n")[0]
    return " ".join(first.split()).rstrip(".") + "."
