"""
How much a document may ask of us: each ceiling with its reason.

Sizes were measured on permits of 500 lines, which is more than any form shows. With every element of a line
filled once, the largest message version (v3) needs 36,200 elements, 92,900 attributes and 4.3 MB.
"""

from dataclasses import dataclass, replace

MAX_BYTES = 5 * 1024 * 1024
"""A permit of 500 lines has less than 1 MB as senders write it, and 4.3 MB with every element filled."""


@dataclass(frozen=True, slots=True)
class Limits:
    """
    The ceilings of one kind of document; each stops a way to buy our time with few bytes (attack 15).

    What is counted in the bytes is never counted too low. It can be counted too high, because a CDATA
    section, a comment or a text may look like markup; no permit needs one that does so thousands of times.
    """

    max_bytes: int = MAX_BYTES
    """Bytes of the document. Everything else that is done is at most linear in them."""
    max_declaration: int = 256
    """Bytes of the XML declaration. Ours has 38; a long one costs a search for its encoding."""
    max_depth: int = 64
    """Elements inside each other. The deepest message version has 9, an envelope with its signature 9."""
    max_elements: int = 40_000
    """Elements, comments, processing instructions and CDATA sections. 500 lines with all filled: 36,200."""
    max_attributes: int = 100_000
    """Attributes of the document, counted as equals signs. 500 lines with all filled: 92,900."""
    max_attributes_per_element: int = 64
    """Canonicalisation sorts the attributes of an element. No element of a message version has over 9."""
    max_namespaces: int = 256
    """Mentions of `xmlns`. Canonicalisation is quadratic in declarations; our own documents have 3 to 6."""
    max_namespaces_per_element: int = 32
    """The same for one element. Some tools declare all that they know on the root; none knows so many."""
    max_references: int = 50_000
    """Ampersands. One million of them cost libxml2 as much as 5 MiB of elements."""
    max_text: int = MAX_BYTES
    """Characters between two tags. The payload of an envelope is one text, so that bytes are the ceiling."""
    max_attribute: int = 16 * 1024
    """
    Characters of one attribute. The longest of use is a namespace name of some hundred. A usual permit
    is shorter than this as a whole, so that its attributes need not be measured.
    """


DEFAULT_LIMITS = Limits()
"""For a document of which nothing is known yet."""

PERMIT_LIMITS = replace(DEFAULT_LIMITS, max_text=64 * 1024)
"""For a permit. Its longest text is the certificate in its signature, some kB; remarks are shorter."""

ENVELOPE_LIMITS = replace(DEFAULT_LIMITS, max_elements=128, max_attributes=256, max_references=1024)
"""
For an envelope, which strangers may send: about 45 elements with its signature, and one long text.

Equals signs are also the padding at the end of base64, at most two for each of its texts.
"""
