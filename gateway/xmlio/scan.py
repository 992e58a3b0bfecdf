"""
Whether a document stays below its ceilings: in the bytes, before a parser sees them, and in the tree.

The bytes must be UTF-8 without a DOCTYPE: then every `<`, `=`, `&` and `xmlns` that means something stands in
them as it is, and no entity can bring more. Each pass is linear and runs at the speed of C.
"""

import re
from collections.abc import Iterator
from functools import cache

from lxml import etree

from gateway.errors import DocumentTooComplex
from gateway.wording import Words, say
from gateway.xmlio.limits import Limits

_XMLNS = re.compile(rb"xmlns")
_SHORTEST_TAG = 3
"""Bytes of the shortest markup or reference (`<a>`, `&a;`): a short document cannot hold many."""
_PIECE = 1024 * 1024
"""Bytes that are searched in one go."""
_SHORTEST_ATTRIBUTE = 5
"""Bytes of the shortest attribute (` a=""`)."""


def check_bytes(data: bytes, limits: Limits) -> None:
    """
    The ceilings that can be checked before parsing: elements, attributes, namespaces, references.

    A document that is too short to break a ceiling is not counted for it.

    Raises `DocumentTooComplex`.
    """
    most = len(data) // _SHORTEST_TAG + 1
    if most > limits.max_elements:
        found = data.count(b"<")
        if found > limits.max_elements:  # then it is worth counting the end tags, which do not count
            found -= data.count(b"</")
        if found > limits.max_elements:
            raise _too_complex(
                say(
                    "the document has {found:,} elements, comments and other markup; at most {limit:,} are "
                    "accepted",
                    found=found,
                    limit=limits.max_elements,
                ),
                found,
                limits.max_elements,
            )
    if most > limits.max_attributes:
        found = data.count(b"=")
        if found > limits.max_attributes:
            raise _too_complex(
                say(
                    "the document has {found:,} attributes or equals signs; at most {limit:,} are accepted",
                    found=found,
                    limit=limits.max_attributes,
                ),
                found,
                limits.max_attributes,
            )
    if most > limits.max_references:
        found = data.count(b"&")
        if found > limits.max_references:
            raise _too_complex(
                say(
                    "the document has {found:,} references that begin with an ampersand; at most {limit:,} "
                    "are accepted",
                    found=found,
                    limit=limits.max_references,
                ),
                found,
                limits.max_references,
            )
    _check_namespaces(data, limits)


def check_tree(data: bytes, root: etree._Element, limits: Limits) -> None:
    """
    The ceilings that need the tree of `data`: depth, and what one element, attribute or text holds.

    Raises `DocumentTooComplex`.
    """
    if _deeper_than(limits.max_depth)(root):
        raise _too_complex(
            say("the document has more than {limit} elements inside each other", limit=limits.max_depth),
            limits.max_depth + 1,
            limits.max_depth,
        )
    most = limits.max_attributes_per_element
    if _may_have_attributes(data, most) and _more_attributes_than(most)(root):
        raise _too_complex(say("an element has more than {limit} attributes", limit=most), most + 1, most)
    most = limits.max_attribute
    if _may_have_stretch(data, most) and _longer_attribute_than(most)(root):
        raise _too_complex(say("an attribute has more than {limit:,} characters", limit=most), most + 1, most)
    most = limits.max_text
    if (b"<![CDATA[" in data or _may_have_stretch(data, most)) and _longer_text_than(most)(root):
        raise _too_complex(say("a text has more than {limit:,} characters", limit=most), most + 1, most)


def _may_have_attributes(data: bytes, most: int) -> bool:
    """Whether some tag may have more attributes: an equals sign and at least five bytes for each."""
    return any(
        data.count(b"=", begin, end) > most for begin, end in _stretches(data, most * _SHORTEST_ATTRIBUTE)
    )


def _may_have_stretch(data: bytes, most: int) -> bool:
    """Whether an attribute, or a text without CDATA, may have more characters."""
    return next(_stretches(data, most), None) is not None


def _stretches(data: bytes, length: int) -> Iterator[tuple[int, int]]:
    """
    Begin and end of every stretch of more than `length` bytes in which no `<` stands.

    No tag, no attribute and no text outside CDATA has a `<` inside, so what is long lies in one of them. Most
    documents have none, and their tree need not be asked: this looks at about one byte in `length`.
    """
    begin = 0
    while len(data) - begin > length:
        last = data.rfind(b"<", begin, begin + length + 1)
        if last >= 0:
            begin = last + 1
            continue
        end = data.find(b"<", begin + length)
        end = len(data) if end < 0 else end
        yield begin, end
        begin = end + 1


def _check_namespaces(data: bytes, limits: Limits) -> None:
    """
    Declarations in the whole document, and between one `<` and the next.

    An attribute value cannot hold a `<`, so the declarations of one element have none between them. Each has
    an equals sign, which is counted much faster.
    """
    if data.count(b"=") <= min(limits.max_namespaces, limits.max_namespaces_per_element):
        return
    found = _count(data, b"xmlns")
    if found > limits.max_namespaces:
        raise _too_complex(
            say(
                "the document mentions xmlns {found:,} times; at most {limit} namespace declarations are "
                "accepted",
                found=found,
                limit=limits.max_namespaces,
            ),
            found,
            limits.max_namespaces,
        )
    if found <= limits.max_namespaces_per_element:
        return
    here, before = 0, 0
    for match in _XMLNS.finditer(data):
        here = here + 1 if data.find(b"<", before, match.start()) < 0 else 1
        before = match.start()
        if here > limits.max_namespaces_per_element:
            raise _too_complex(
                say(
                    "an element has more than {limit} namespace declarations",
                    limit=limits.max_namespaces_per_element,
                ),
                here,
                limits.max_namespaces_per_element,
            )


def _count(data: bytes, word: bytes) -> int:
    """
    How often a word stands in `data`, which is searched piece by piece.

    Where its first letter stands millions of times one search takes 15 ms, in which no other thread runs.
    """
    step, more = _PIECE, len(word) - 1
    return sum(data.count(word, begin, begin + step + more) for begin in range(0, len(data), step))


def _too_complex(message: Words, found: int, limit: int) -> DocumentTooComplex:
    """The error, with the advice that is the same for every ceiling."""
    return DocumentTooComplex(
        message,
        advice=say(
            "a permit of 500 lines stays far below this: send one permit at a time, without what is not "
            "part of it"
        ),
        found=found,
        limit=limit,
    )


@cache
def _deeper_than(depth: int) -> etree.XPath:
    """Whether some element has `depth` others around it; linear, one step for each level."""
    return etree.XPath("boolean(" + "/*" * (depth + 1) + ")")


@cache
def _more_attributes_than(count: int) -> etree.XPath:
    """Whether some element has more attributes."""
    return etree.XPath(f"boolean(//*[@*[{count + 1}]])")


@cache
def _longer_attribute_than(length: int) -> etree.XPath:
    """Whether some attribute has more characters."""
    return etree.XPath(f"boolean(//@*[string-length() > {length}])")


@cache
def _longer_text_than(length: int) -> etree.XPath:
    """Whether some text between two tags has more characters."""
    return etree.XPath(f"boolean(//text()[string-length() > {length}])")
