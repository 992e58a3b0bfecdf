"""
The only parser of foreign bytes.

Every byte that comes from outside the process becomes a tree here and nowhere else (ruff bans the other
roads). The tree is parsed once; verification, schema, reading and display all use that one tree.
"""

import re
import threading
from dataclasses import dataclass

from lxml import etree

from gateway.errors import DoctypeRefused, DocumentTooLarge, EmptyDocument, NotXML
from gateway.wording import say
from gateway.xmlio.limits import DEFAULT_LIMITS, MAX_BYTES, Limits
from gateway.xmlio.scan import check_bytes, check_tree

__all__ = ["MAX_BYTES", "ParsedDocument", "parse", "parse_trusted"]

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """Bytes and the one tree that was made from them."""

    data: bytes
    """The bytes exactly as they came."""
    root: etree._Element
    """The document element; each element knows its `sourceline`."""


def parse(data: bytes, *, limits: Limits = DEFAULT_LIMITS, max_bytes: int | None = None) -> ParsedDocument:
    """
    Parse foreign bytes into a tree; `max_bytes` replaces the one of `limits`.

    1. Size: refuse nothing and refuse too much, before anything reads the bytes.
    2. Encoding: UTF-8 only, declared or not; a parser that sees other text than a filter is an attack.
    3. DOCTYPE: refused before a tree is built, so that no entity is ever expanded.
    4. Ceilings that can be counted in the bytes, before libxml2 pays for them (promise 6).
    5. Well-formedness: libxml2 without network, without entities, with its own limits left on.
    6. Ceilings that need the tree, before anything walks or canonicalises it.

    Raises `EmptyDocument`, `DocumentTooLarge`, `NotXML`, `DoctypeRefused` or `DocumentTooComplex`; never an
    lxml error.
    """
    # 1
    _check_size(data, limits.max_bytes if max_bytes is None else max_bytes)
    # 2
    body = data.removeprefix(_BOM)
    _check_encoding(body, limits.max_declaration)
    # 3
    _check_doctype(body)
    # 4
    check_bytes(body, limits)
    # 5
    try:
        root = etree.fromstring(data, _parser())  # noqa: TID251 - this is the one place
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise NotXML(
            say(
                "not well-formed XML at line {line}, column {column}: {reason}",
                line=line,
                column=column,
                reason=error.msg,
            ),
            advice=say("open the file in an XML editor; a cut transfer shows as an unexpected end"),
            line=line,
        ) from None
    # 6
    check_tree(body, root, limits)
    return ParsedDocument(data, root)


def _check_size(data: bytes, max_bytes: int) -> None:
    """Neither nothing nor too much (step 1)."""
    if not data or data.isspace():
        raise EmptyDocument(say("the document is empty"), advice=say("send the permit as XML"))
    if len(data) > max_bytes:
        raise DocumentTooLarge(
            say("the document has more than {limit:,} bytes", limit=max_bytes),
            advice=say("a permit of 500 lines needs less than 1 MB: send one permit at a time"),
            limit=max_bytes,
        )


def _check_encoding(body: bytes, max_declaration: int) -> None:
    """UTF-8, and nothing else declared (step 2)."""
    head = body[:max_declaration]
    if head.startswith(b"<?xml") and b"?>" not in head:
        raise NotXML(
            say("the XML declaration does not end within {limit} bytes", limit=max_declaration),
            advice=say('begin the file with: <?xml version="1.0" encoding="UTF-8"?>'),
            line=1,
        )
    declared = _DECLARED.match(head)
    if declared and declared[1].lower() not in (b"utf-8", b"us-ascii", b"ascii"):
        raise NotXML(
            say(
                "the XML declaration says {encoding}; only UTF-8 is accepted",
                encoding=declared[1].decode("ascii"),
            ),
            advice=say("save the file as UTF-8 and declare that, or declare nothing"),
            line=1,
        )
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotXML(
            say("byte {offset} is not UTF-8", offset=error.start),
            advice=say("save the file as UTF-8"),
            offset=error.start,
            line=body.count(b"\n", 0, error.start) + 1,
        ) from None
    if b"\x00" in body:
        raise NotXML(say("the document contains a NUL byte"), advice=say("save the file as UTF-8"))


def _check_doctype(body: bytes) -> None:
    """No DOCTYPE anywhere (step 3)."""
    if b"<!DOCTYPE" in body:
        raise DoctypeRefused(
            say("the document contains a DOCTYPE, which is refused"),
            advice=say("remove the DOCTYPE: no permit needs one, and attackers use it to read files"),
        )


def parse_trusted(data: bytes) -> etree._Element:
    """
    Parse bytes that this process or this installation made, or that `parse` has taken before: schemas, the
    canonical bytes of a signature, a verified document.

    Raises `NotXML` all the same when they are broken.
    """
    try:
        return etree.fromstring(data, _parser())  # noqa: TID251 - this is the one place
    except etree.XMLSyntaxError as error:
        raise NotXML(f"not well-formed XML: {error.msg}") from None


def _parser() -> etree.XMLParser:  # noqa: TID251 - this is the one place
    """The parser of this thread; libxml2 resets it before each document."""
    return _PARSERS.parser


class _Parsers(threading.local):
    """
    A parser for each thread: lxml's parsers keep an error log and are not shared between threads.

    It is told that the bytes are UTF-8, so that a declaration never decides how they are read.
    """

    def __init__(self) -> None:
        """Called once in each thread that parses."""
        self.parser = etree.XMLParser(  # noqa: TID251 - this is the one place
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            encoding="utf-8",
            remove_comments=False,
            remove_pis=False,
        )


_PARSERS = _Parsers()
