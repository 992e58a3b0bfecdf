"""Whether an envelope or a receipt fits `schemas/exchange/exchange.xsd`."""

import threading
from functools import cache

from lxml import etree

from gateway import resources
from gateway.errors import SchemaInvalid, UnknownDocument
from gateway.xmlio.names import EXCHANGE, clark, local_name, namespace_of
from gateway.xmlio.parse import parse_trusted

_LOCK = threading.Lock()
"""libxml2 keeps the errors of a validation in the schema object."""


def warm() -> None:
    """Compile the schema, so that the first message is as fast as the second."""
    with _LOCK:
        _schema()


@cache
def _schema() -> etree.XMLSchema:
    """The compiled schema, once per process."""
    return etree.XMLSchema(parse_trusted((resources.schemas() / "exchange" / "exchange.xsd").read_bytes()))


def check(root: etree._Element, expected: str) -> None:
    """
    Check that `root` is an `expected` (`Envelope` or `Receipt`) and fits the schema.

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
    with _LOCK:
        if _schema().validate(root):
            return
        first = _schema().error_log[0]
    raise SchemaInvalid(
        f"the {expected.lower()} does not fit its schema at line {first.line}: {first.message}",
        advice="see schemas/exchange/exchange.xsd",
        line=first.line,
    )
