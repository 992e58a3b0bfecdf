"""Whether an answer is one that the OpenAPI document promises: status, content type, headers, members."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import jsonschema_rs

from gateway.web.openapi.document import build


def check(method: str, path: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """
    Fail unless the document has such an answer.

    Nothing is said of an address or a method that the document does not have: no route, no promise.
    """
    operation = _operation(method.lower(), path.partition("?")[0])
    if operation is None:
        return
    where = f"{method} {path} answered {status}"
    assert str(status) in operation["responses"], f"{where}, which the document does not have"
    promised = operation["responses"][str(status)]
    missing = {name for name in promised["headers"] if name not in headers}
    assert not missing, f"{where} without {missing}"
    if "content" not in promised:
        assert body == b"", f"{where} with a body"
        return
    kind = headers["Content-Type"].partition(";")[0]
    assert kind in promised["content"], f"{where} as {kind}"
    if kind.endswith("json"):
        errors = [
            f"{each.instance_path}: {each.message}"
            for each in _validator(operation["operationId"], status, kind).iter_errors(json.loads(body))
        ]
        assert not errors, f"{where}: {errors}"


def closed(schema: Mapping[str, Any], *, part: bool = False) -> dict[str, Any]:
    """The schema with its references put in, and without room for members that it does not name."""
    if "$ref" in schema:
        return closed(_document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]], part=part)
    made = {name: value for name, value in schema.items() if name != "additionalProperties"}
    if "properties" in made:
        made["properties"] = {name: closed(each) for name, each in made["properties"].items()}
    if "items" in made:
        made["items"] = closed(made["items"])
    for name in ("anyOf", "allOf"):
        if name in made:
            made[name] = [closed(each, part=name == "allOf") for each in made[name]]
    if not part and ("properties" in made or "allOf" in made):
        made["unevaluatedProperties"] = False
    return made


@cache
def _document() -> dict[str, Any]:
    """The document."""
    return build()


@cache
def _patterns() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    """A pattern for each path, those without parameters first."""
    paths = sorted(_document()["paths"].items(), key=lambda each: each[0].count("{"))
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), methods) for path, methods in paths]


def _operation(method: str, path: str) -> dict[str, Any] | None:
    """What the document says of a method at an address."""
    for pattern, methods in _patterns():
        if pattern.fullmatch(path):
            found: dict[str, Any] | None = methods.get(method)
            return found
    return None


@cache
def _validator(name: str, status: int, kind: str) -> jsonschema_rs.Draft202012Validator:
    """The closed schema of one answer."""
    (operation,) = [
        each
        for methods in _document()["paths"].values()
        for each in methods.values()
        if each["operationId"] == name
    ]
    schema = operation["responses"][str(status)]["content"][kind]["schema"]
    return jsonschema_rs.Draft202012Validator(closed(schema), validate_formats=True)
