"""
Whether a document fits the XSD of its message version.

libxml2 decides: it is about a hundred times faster. Only when it says no does xmlschema explain, because it
knows which element, which rule of the schema and which part was expected.
"""

import threading
from functools import cache
from itertools import islice
from typing import Any

import xmlschema
from lxml import etree

from gateway import resources
from gateway.codec.explain import explain, plain
from gateway.codec.versions import VERSIONS, Version
from gateway.errors import ConfigurationError
from gateway.permits.findings import Finding

MAX_FINDINGS = 50
"""More help nobody: a document this wrong was made by a program that needs mending."""

MAX_EXPLAINED = 1_000
"""
Elements, attributes, and so many times `_TEXT` characters of text: about thirty lines. xmlschema needs 33 µs
for each that is right and 70 µs for each that is wrong, and begins to tell when it has seen them all. For a
document that has more, the short words of libxml2 must do (attack 15).
"""

_TEXT = 128
"""Characters that cost xmlschema as much as an element: a date of 60 KB goes through its patterns too."""

MAX_ERRORS = 2 * MAX_FINDINGS
"""
Errors of xmlschema that are put into words, for up to 100 µs each. Several may end in one finding: an element
with sixty unknown attributes has sixty errors, which made a document of 26 KB cost 0.3 s (attack 15).
"""

_SHOWN = 500
"""Characters of a message of libxml2, which repeats the whole value that it finds wrong."""

_OWN = threading.local()
"""
The schemas of libxml2 that this thread has compiled, by version.

libxml2 keeps the errors of a validation in the schema object. With one object and a lock, whoever asks about
a small document would wait for a large one; compiling takes a millisecond. xmlschema keeps nothing in its
schema, and all threads share it.
"""


def check(version: str, root: etree._Element) -> tuple[Finding, ...]:
    """
    What does not fit the schema of `version`; empty when the document is valid. At most `MAX_FINDINGS`.

    `version` is a name from `detect`. The signature, if any, is not looked into.
    """
    known = VERSIONS[version]
    schema = _own(version)
    if schema.validate(root):
        return ()
    log = [(entry.line, entry.message[:_SHOWN]) for entry in islice(schema.error_log, MAX_FINDINGS)]
    return _explained(known, root) or tuple(plain(line, message) for line, message in log)


def warm() -> None:
    """
    Compile all schemas, both ways, so that the first permit of this thread is as fast as the second.

    Raises `ConfigurationError` when one is missing or broken. Takes some tenths of a second.
    """
    for name in VERSIONS:
        _own(name)
        _explaining(name)


def _explained(version: Version, root: etree._Element) -> tuple[Finding, ...]:
    """Findings from xmlschema, one for each element and rule; none when it cannot say."""
    if _weighs_more_than(root, MAX_EXPLAINED):
        return ()
    source: Any = (
        root  # xmlschema takes elements of lxml too; its type hints know the standard library's only
    )
    found: dict[tuple[str, str], Finding] = {}
    try:
        for error in islice(_explaining(version.name).iter_errors(source), MAX_ERRORS):
            finding = explain(error, version)
            found.setdefault((finding.rule, finding.path), finding)
            if len(found) == MAX_FINDINGS:
                break
    except (xmlschema.XMLSchemaException, RecursionError):
        # It has limits of its own; libxml2 has said already that the document is wrong.
        pass
    return tuple(found.values())


def _weighs_more_than(root: etree._Element, most: int) -> bool:
    """Whether an explanation would cost as much as one of so many elements, counted no further than that."""
    weight = 0
    for node in root.iter():
        weight += 1 + len(node.attrib) + len(node.text or "") // _TEXT
        if weight > most:
            return True
    return False


def _own(name: str) -> etree.XMLSchema:
    """The schema of libxml2 that belongs to this thread."""
    own: dict[str, etree.XMLSchema] = _OWN.__dict__
    if name not in own:
        own[name] = _compiled(name)
    return own[name]


def _compiled(name: str) -> etree.XMLSchema:
    """A new schema of libxml2."""
    path = resources.schemas() / VERSIONS[name].schema
    try:
        return etree.XMLSchema(file=str(path))
    except etree.LxmlError as error:
        raise _broken(name, error) from error


@cache
def _explaining(name: str) -> xmlschema.XMLSchema10:
    """The schema of xmlschema; it may read files of this installation only."""
    path = resources.schemas() / VERSIONS[name].schema
    try:
        return xmlschema.XMLSchema10(str(path), allow="local")
    except (xmlschema.XMLSchemaException, OSError) as error:
        raise _broken(name, error) from error


def _broken(name: str, error: Exception) -> ConfigurationError:
    """The installation has no usable schema."""
    return ConfigurationError(
        f"the schema of {name} cannot be read: {error}", advice="install the package again"
    )
