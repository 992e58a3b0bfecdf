"""From an error of the XSD to a finding in our words."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from lxml import etree
from xmlschema import XMLSchemaChildrenValidationError, XMLSchemaValidationError

from gateway.codec.versions import Version
from gateway.permits.findings import Area, Finding, Severity
from gateway.xmlio.find import text_of, xpath_of
from gateway.xmlio.names import local_name, namespace_of

_SHOWN = 60
"""Characters of a value that a message repeats."""

_VALUES = {
    "dateTime": "a date and time such as 2026-11-23T10:00:00Z (years 1000 to 9999, at most 6 decimals)",
    "decimal": "a number with a decimal point such as 12.5 (at most 18 digits, no exponent)",
    "boolean": "true or false",
}
"""By type of XML Schema: what to write."""


def explain(error: XMLSchemaValidationError, version: Version) -> Finding:
    """One error of xmlschema as a finding with path, line and box."""
    element: Any = error.elem  # what was given to iter_errors: an element of lxml
    if element is None:
        return plain(error.sourceline, error.reason or "")
    if isinstance(error, XMLSchemaChildrenValidationError):
        return _children(error, element, version)
    kind = type(error.validator).__name__
    if kind == "XsdAttributeGroup":
        return _attribute(error, element, version)
    if kind == "XsdAtomicBuiltin" or kind.endswith(("Facet", "Facets")):
        return _value(error, element, version)
    name = local_name(str(element.tag))
    words = {
        "XsdGroup": f"{name} has text between its elements, or an element of the wrong type; remove it",
        "XsdElement": f"{name} has something in it that does not belong there; write its value only",
    }.get(kind, f"{name} does not fit the schema ({error.reason})")
    return _finding("structure", words, element, version)


def plain(line: int | None, message: str) -> Finding:
    """An error of libxml2 as a finding, when no better words are at hand; without namespaces."""
    words = " ".join(local_name(word) if word.startswith(("'{", "{")) else word for word in message.split())
    return Finding(
        "schema.structure",
        Severity.ERROR,
        Area.SCHEMA,
        f"the document does not fit its schema: {words}",
        line=line,
    )


def _children(error: XMLSchemaChildrenValidationError, element: etree._Element, version: Version) -> Finding:
    """A child is missing, unknown, repeated or in the wrong place."""
    parent = local_name(str(element.tag))
    child: Any = error.invalid_child
    expected = [local_name(particle.name) for particle in error.expected or () if particle.name]
    if expected:
        where = f" before {local_name(str(child.tag))}" if child is not None else ""
        return _finding(
            "missing", f"{expected[0]} is missing in {parent}{where}; add it", element, version, expected[0]
        )
    if child is None:
        return _finding("missing", f"{parent} is not complete; add what is missing", element, version)
    order = list(dict.fromkeys(_names(error)))
    if child.tag in order:
        return _finding("structure", _misplaced(child, parent, order), child, version)
    return _finding("unexpected", _unexpected(child, parent, order), child, version)


def _misplaced(child: etree._Element, parent: str, order: list[str]) -> str:
    """Where a known element belongs instead, or that it is there once too often."""
    name, rank = local_name(str(child.tag)), order.index(str(child.tag))
    for before in reversed(list(child.itersiblings(preceding=True))):
        if before.tag in order[rank + 1 :]:
            return (
                f"{name} is in the wrong place in {parent}; it belongs before {local_name(str(before.tag))}"
            )
    return f"{name} stands more than once in {parent}; write it once"


def _unexpected(child: etree._Element, parent: str, known: list[str]) -> str:
    """Why an element is not expected, and what may have been meant."""
    tag = str(child.tag)
    name = local_name(tag)
    for other in known:
        if local_name(other) == name:
            return (
                f"{name} in {parent} is in namespace {namespace_of(tag) or '(none)'}; "
                f"it must be in {namespace_of(other)}"
            )
    near = get_close_matches(name, [local_name(other) for other in known], n=1)
    hint = f"did you mean {near[0]}?" if near else "remove it"
    return f"{name} is not expected in {parent}; {hint}"


def _names(error: XMLSchemaChildrenValidationError) -> Iterator[str]:
    """The Clark names that the parent may have, in order."""
    group: Any = error.validator
    return (particle.name for particle in group.iter_elements() if particle.name)


def _attribute(error: XMLSchemaValidationError, element: etree._Element, version: Version) -> Finding:
    """An attribute that the element does not have."""
    allowed: Any = error.validator
    names = [local_name(str(name)) for name in element.attrib if name not in allowed]
    known = ", ".join(sorted(str(name) for name in allowed if name)) or "none"
    words = f"{local_name(str(element.tag))} has no attribute {' or '.join(names)}; allowed: {known}"
    return _finding("unexpected", words, element, version)


def _value(error: XMLSchemaValidationError, element: etree._Element, version: Version) -> Finding:
    """A value of the wrong type or length."""
    name = local_name(str(element.tag))
    found = text_of(element).strip()
    shown = found if len(found) <= _SHOWN else found[:_SHOWN] + "..."
    kind = type(error.validator).__name__
    wanted = _VALUES.get(local_name(_type_name(error.validator)), "")
    if kind in {"XsdMinLengthFacet", "XsdMaxLengthFacet"}:
        limit: Any = error.validator
        most = "at least" if kind == "XsdMinLengthFacet" else "at most"
        words = f"{name} has {len(found)} characters; it needs {most} {limit.value}"
    elif not found:
        words = f"{name} is empty; leave it out, or write {wanted or 'a value'}"
    else:
        words = f"{name} is '{shown}'; write {wanted or f'a value that fits ({error.reason})'}"
    return _finding("value", words, element, version)


def _type_name(validator: Any) -> str:
    """The built-in type that a value must have; a facet knows the type that it narrows."""
    base = getattr(validator, "base_type", None)
    root = getattr(validator, "root_type", None) or getattr(base, "root_type", None) or validator
    primitive = getattr(root, "primitive_type", None) or root
    return str(getattr(primitive, "name", "") or "")


def _finding(rule: str, words: str, element: etree._Element, version: Version, missing: str = "") -> Finding:
    """A finding at an element, or at a child of it that is missing."""
    path = xpath_of(element) + (f"/{missing}" if missing else "")
    names = [local_name(str(step.tag)) for step in reversed([element, *element.iterancestors()])]
    return Finding(
        f"schema.{rule}",
        Severity.ERROR,
        Area.SCHEMA,
        words,
        box=version.shape.box_of([*names[1:], missing] if missing else names[1:]),
        path=path,
        line=element.sourceline,
        source=f"schemas/{version.schema}",
    )
