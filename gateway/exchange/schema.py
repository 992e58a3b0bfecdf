"""Whether an envelope, a receipt, a notice or a directory fits its schema in `schemas/exchange/`."""

import threading

from lxml import etree

from gateway import resources
from gateway.errors import SchemaInvalid, UnknownDocument
from gateway.xmlio.names import EXCHANGE, clark, local_name, namespace_of
from gateway.xmlio.parse import parse_trusted

_OWN = threading.local()
"""Compiled schemas of this thread: libxml2 keeps the errors of a validation in the schema object."""

_FILES = {
    "Envelope": "exchange.xsd",
    "Receipt": "exchange.xsd",
    "Directory": "directory.xsd",
    "StatusChange": "notice.xsd",
    "Endorsement": "notice.xsd",
    "Reversal": "notice.xsd",
    "Question": "answer.xsd",
    "Answer": "answer.xsd",
}
"""The schema of each document element."""


def warm() -> None:
    """Compile the schemas, so that the first document of this thread is as fast as the second."""
    for name in sorted(set(_FILES.values())):
        _schema(name)


def _schema(name: str) -> etree.XMLSchema:
    """A compiled schema, once for each thread."""
    own: dict[str, etree.XMLSchema] = _OWN.__dict__
    if name not in own:
        own[name] = etree.XMLSchema(parse_trusted((resources.schemas() / "exchange" / name).read_bytes()))
    return own[name]


def check(root: etree._Element, expected: str) -> None:
    """
    Check that `root` is an `expected` (a name in `_FILES`) and fits its schema.

    Comments and processing instructions are refused: none is needed, and they cut texts in two (attack 7).

    Raises `UnknownDocument` or `SchemaInvalid`.
    """
    if root.tag != clark(EXCHANGE, expected):
        raise UnknownDocument(
            f"the document element is {local_name(str(root.tag))} in namespace "
            f"{namespace_of(str(root.tag)) or '(none)'}; expected {expected} in {EXCHANGE}",
            advice="gateways exchange permits in a signed envelope; an authority's own system submits a "
            "bare permit at /api/v1/permits",
        )
    if next(root.iter(etree.Comment, etree.ProcessingInstruction), None) is not None:
        raise SchemaInvalid(
            f"the {expected.lower()} contains a comment or a processing instruction",
            advice="send it without them",
        )
    schema = _schema(_FILES[expected])
    if schema.validate(root):
        return
    first = schema.error_log[0]
    raise SchemaInvalid(
        f"the {expected.lower()} does not fit its schema at line {first.line}: {first.message}",
        advice=f"see schemas/exchange/{_FILES[expected]}",
        line=first.line,
    )
