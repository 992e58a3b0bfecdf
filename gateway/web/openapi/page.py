"""The OpenAPI document as a page: for a screen of any width. No script, nothing from elsewhere."""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

_TEMPLATES = Path(__file__).resolve().parent / "templates"
_CODE = "`"


@cache
def _environment() -> Environment:
    """The templates of this package: everything escaped, nothing missing in silence."""
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"kind": kind, "code": code, "members": members}
    return made


@cache
def _style() -> str:
    """The style sheet."""
    return (_TEMPLATES / "docs.css").read_text(encoding="utf-8")


def policy() -> str:
    """The Content-Security-Policy of the page: its own style sheet and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


def to_page(document: dict[str, Any]) -> str:
    """The page of a document that `document.build` has made."""
    tagged: dict[str, list[tuple[str, str, dict[str, Any]]]] = {each["name"]: [] for each in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tagged[operation["tags"][0]].append((method.upper(), path, operation))
    return (
        _environment()
        .get_template("docs.html.j2")
        .render(document=document, tagged=tagged, style=Markup(_style()))  # noqa: S704 - our own file
    )


def code(said: str) -> Markup:
    """Words in which `these` stand out."""
    pieces = said.split(_CODE)
    return Markup().join(
        Markup("<code>{}</code>").format(each) if place % 2 else escape(each)
        for place, each in enumerate(pieces)
    )


def kind(schema: dict[str, Any]) -> Markup:
    """The type of a member in words, with a link where it has a name."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Markup('<a href="#shape-{0}">{0}</a>').format(name)
    if "allOf" in schema:
        return kind(schema["allOf"][0])
    if "anyOf" in schema:
        return Markup(" or ").join(kind(each) for each in schema["anyOf"])
    words = schema.get("type", "anything")
    if isinstance(words, list):
        return Markup(" or ").join(kind({**schema, "type": each}) for each in words)
    if words == "array":
        return Markup("list of ") + kind(schema["items"])
    named = {"string": "text", "integer": "whole number", "boolean": "true or false"}.get(words, words)
    return escape("time" if schema.get("format") == "date-time" and words == "string" else named)


def members(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any], bool]]:
    """Name, schema, and whether it is always there, of each member that a shape has of its own."""
    parts = [schema, *schema.get("allOf", ())]
    return [
        (name, member, name in part.get("required", ()))
        for part in parts
        for name, member in part.get("properties", {}).items()
    ]
