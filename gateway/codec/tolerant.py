"""
Reading what real senders write: from a document as it came to what a strict sender would have sent.

Each oddity that is read is a finding, so that the sender can be told. `docs/tolerances.md` lists them.
"""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType

from lxml import etree

from gateway.codec import tolerances, wrappings
from gateway.codec.detect import detect
from gateway.codec.draft import Draft
from gateway.permits.findings import Area, Finding, Severity
from gateway.wording import say
from gateway.xmlio.parse import ParsedDocument

MAX_ELEMENTS = 100_000
"""A hub's answer with 500 lines and every element of each has 40,000. Each element costs some 20 µs."""

TOLERANCES: Mapping[str, Callable[[Draft], None]] = MappingProxyType(
    {
        "soap-body": wrappings.soap_body,
        "no-namespace": wrappings.no_namespace,
        "placeholder": tolerances.placeholder,
        "empty-element": tolerances.empty_element,
        "date-only": tolerances.date_only,
        "repeated-value": tolerances.repeated_value,
        "context-case": tolerances.context_case,
        "type-alias": tolerances.type_alias,
        "validity-place": tolerances.validity_place,
    }
)
"""
By the name after `tolerated.` in the ids of findings, in the order in which they are applied: what hides the
permit first, then what is no value, then values, last what depends on other values.
"""


@dataclass(frozen=True, slots=True)
class Tolerated:
    """A document as a strict sender would have written it."""

    root: etree._Element
    """
    A new tree. Each element has the line of the original as its `sourceline`, None beyond line 65,535.

    It is for reading only: a signature in it covers the original, and is verified there.
    """
    version: str
    findings: tuple[Finding, ...]
    """What was tolerated, with box, XPath and line in the original document."""


def tolerate(document: ParsedDocument) -> Tolerated:
    """
    Read a document tolerantly; its own tree and bytes stay as they are.

    1. A document with too many elements is no real sender's: it is judged as it stands.
    2. The tolerances, one after the other, on a copy.

    Raises `UnknownDocument` when there is no permit in it even then, and nothing else.
    """
    # 1
    if sum(1 for _ in islice(document.root.iter(), MAX_ELEMENTS + 1)) > MAX_ELEMENTS:
        return Tolerated(copy.deepcopy(document.root), detect(document.root), (_too_many(document.root),))
    # 2
    draft = Draft(document.root)
    for apply in TOLERANCES.values():
        apply(draft)
    return Tolerated(draft.root, draft.version.name, draft.findings())


def _too_many(root: etree._Element) -> Finding:
    """Nothing was tolerated."""
    return Finding(
        "tolerated.nothing",
        Severity.WARNING,
        Area.DOCUMENT,
        say(
            "the document has more than {limit} elements, so that nothing in it was read tolerantly; send "
            "one permit at a time",
            limit=MAX_ELEMENTS,
        ),
        line=root.sourceline,
        source="Limit of this gateway",
    )
