"""The OpenAPI 3.1 document, put together from the resources."""

from collections import defaultdict
from copy import deepcopy
from typing import Any

from gateway import __version__
from gateway.web.openapi.operation import Answer, Caller, Operation
from gateway.web.openapi.problem_shape import problem_shape
from gateway.web.openapi.problems import answer_of, problems_of
from gateway.web.openapi.resources import RESOURCES
from gateway.web.openapi.shapes import SHARED, text

_ABOUT = (
    "For the authorities' own systems and customs (`/api/v1`), and for partner gateways (`/exchange/v1`). "
    "Errors are problem details (RFC 9457) with a stable `code`. Times are ISO 8601 in UTC; quantities are "
    "text; permit numbers stand in bodies, never in an address. Clients must accept members that they do not "
    "know: a later version may add some."
)

_SECURITY = {
    Caller.AUTHORITY: "The token of an authority that lives here. The scope that an address needs stands "
    "with it; `ecites token new` makes tokens.",
    Caller.PARTNER: "The token of a partner gateway; it opens its mailbox and nothing else.",
    Caller.OPERATOR: "The token that the operator has set for the metrics.",
}

_CERTIFICATE = "authorityCertificate"

_HEADERS = {
    "X-Correlation-ID": text("Of this request; a caller may choose it, else it is made here."),
    "Retry-After": {"type": "integer", "description": "Seconds after which the same is welcome again."},
    "WWW-Authenticate": text("Asks for a bearer token."),
    "ETag": text("The digest of the body, for If-None-Match."),
    "Location": text("The address of what was created."),
    "Content-Language": text("In which language the sentences are."),
    "Vary": text("Headers of the request on which the answer depends."),
}


def build() -> dict[str, Any]:
    """The whole document, ready to be written as JSON; each caller has its own."""
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    schemas: dict[str, Any] = {"Problem": problem_shape(), **deepcopy(SHARED)}
    for resource in RESOURCES:
        schemas.update(deepcopy(dict(resource.schemas)))
        for operation in resource.operations:
            paths[operation.path][operation.method] = _operation(operation, resource.name)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "eCITES gateway",
            "version": __version__,
            "summary": "Exchange of electronic CITES permits.",
            "description": _ABOUT,
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": each.name, "description": each.text} for each in RESOURCES],
        "paths": dict(paths),
        "components": {
            "schemas": schemas,
            "headers": {
                name: {"description": schema["description"], "schema": schema}
                for name, schema in _HEADERS.items()
            },
            "securitySchemes": {
                caller.value: {"type": "http", "scheme": "bearer", "description": meaning}
                for caller, meaning in _SECURITY.items()
            }
            | {
                _CERTIFICATE: {
                    "type": "mutualTLS",
                    "description": "Instead of a token: the client certificate of an authority's own system, "
                    "where the operator has registered one. It has all scopes of the authority's role.",
                }
            },
        },
    }


def _operation(operation: Operation, tag: str) -> dict[str, Any]:
    """One operation."""
    answers = {str(each.status): _answer(each) for each in operation.answers}
    answers |= {str(status): answer_of(status, found) for status, found in problems_of(operation).items()}
    scopes = [operation.scope.value] if operation.scope else []
    said: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [tag],
        "summary": operation.summary,
        "description": operation.text,
        "security": _security(operation, scopes),
        "responses": dict(sorted(answers.items())),
    }
    if operation.parameters:
        said["parameters"] = [each.as_dict() for each in operation.parameters]
    if operation.body is not None:
        said["requestBody"] = operation.body.as_dict()
    return said


def _security(operation: Operation, scopes: list[str]) -> list[dict[str, list[str]]]:
    """The ways in which a caller can say who it is; one of them is enough."""
    ways = [operation.caller.value] if operation.caller in _SECURITY else []
    if operation.caller is Caller.AUTHORITY:
        ways.append(_CERTIFICATE)
    return [{way: scopes} for way in ways]


def _answer(answer: Answer) -> dict[str, Any]:
    """An answer that is no problem."""
    said: dict[str, Any] = {
        "description": answer.meaning,
        "headers": {
            name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Correlation-ID", *answer.headers)
        },
    }
    if answer.type:
        said["content"] = {answer.type: {"schema": dict(answer.schema or {})}}
        said["content"] |= {kind: {"schema": text("See above.")} for kind in answer.also}
    return said
