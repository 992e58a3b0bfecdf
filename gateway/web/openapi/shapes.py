"""Short words for JSON Schema (draft 2020-12), and the shapes that several resources share."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from gateway.permits.findings import Area, Severity
from gateway.permits.identity import MAX_PERMIT_NUMBER
from gateway.web.bodies import CURSOR
from gateway.web.openapi.operation import Parameter, Schema

ID_LENGTH = 36


def text(meaning: str, **more: Any) -> dict[str, Any]:
    """Text."""
    return {"type": "string", "description": meaning, **more}


def moment(meaning: str) -> dict[str, Any]:
    """A time in UTC."""
    return text(meaning, format="date-time")


def digest(meaning: str) -> dict[str, Any]:
    """SHA-256 in hex."""
    return text(meaning, pattern="^[0-9a-f]{64}$")


def number(meaning: str, **more: Any) -> dict[str, Any]:
    """A whole number."""
    return {"type": "integer", "description": meaning, **more}


def flag(meaning: str) -> dict[str, Any]:
    """True or false."""
    return {"type": "boolean", "description": meaning}


def word(meaning: str, words: type[StrEnum] | tuple[str, ...]) -> dict[str, Any]:
    """One of several words."""
    listed = [str(each) for each in words]
    return {"type": "string", "description": meaning, "enum": listed}


def listing(meaning: str, items: Schema) -> dict[str, Any]:
    """A list."""
    return {"type": "array", "description": meaning, "items": dict(items)}


def ref(name: str) -> dict[str, Any]:
    """A named shape."""
    return {"$ref": f"#/components/schemas/{name}"}


def or_null(schema: Schema) -> dict[str, Any]:
    """The same, or null: the member is always there."""
    changed = dict(schema)
    if "$ref" in changed:
        return {"anyOf": [changed, {"type": "null"}]}
    changed["type"] = [changed["type"], "null"]
    if "enum" in changed:
        changed["enum"] = [*changed["enum"], None]
    return changed


def shape(
    meaning: str, members: Mapping[str, Schema], sometimes: Mapping[str, Schema] | None = None
) -> dict[str, Any]:
    """An object whose `members` are always there; later versions may add some."""
    return {
        "type": "object",
        "description": meaning,
        "required": list(members),
        "properties": {name: dict(schema) for name, schema in {**members, **(sometimes or {})}.items()},
    }


ISSUER = text("The Party that issued the permit: ISO 3166-1 alpha-2.", pattern="^[A-Z]{2}$")
NUMBER = text(
    "The number of the permit as it stands in Box 1: opaque, may hold slashes.",
    minLength=1,
    maxLength=MAX_PERMIT_NUMBER,
)
AUTHORITY = text("An authority, such as CH:MA or FR:CUSTOMS.")

XML_DOCUMENT: dict[str, Any] = {"type": "string", "description": "An XML document in UTF-8."}

ID = Parameter("id", "path", "As an earlier answer gave it.", text("", minLength=1, maxLength=ID_LENGTH))
IF_NONE_MATCH = Parameter(
    "If-None-Match",
    "header",
    "The ETag of an earlier answer: 304 without a body while it is still the same.",
    text(""),
)


def paging(most: int) -> tuple[Parameter, Parameter]:
    """The two parameters of a list that comes in pages."""
    return (
        Parameter(
            "limit",
            "query",
            f"Items of one page; more than {most} counts as {most}.",
            {"type": "integer", "minimum": 1, "default": 50},
        ),
        Parameter(
            "after",
            "query",
            "The `next` of the page before; without it the first page.",
            {"type": "string", "pattern": f"^{CURSOR}$"},
        ),
    )


SHARED: dict[str, Schema] = {
    "Finding": shape(
        "One thing that is wrong with a document.",
        {
            "rule": text("A stable id; docs/rules has a page for each rule."),
            "severity": word("How bad it is.", Severity),
            "area": word("Which part of the work found it.", Area),
            "box": text("The box of the CITES form; may be empty."),
            "path": text("Where in the document; may be empty."),
            "line": or_null(number("The line in the document, where it is known.")),
            "message": text("For people."),
            "source": text("Where the rule comes from."),
        },
    ),
}
"""Shapes that several resources use; the problem is made in `problems.py`."""
