"""From an error of the XSD to a finding in our words."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from lxml import etree
from xmlschema import XMLSchemaChildrenValidationError, XMLSchemaValidationError

from gateway.codec.elsewhere import versions_of_namespace, versions_with
from gateway.codec.versions import Version
from gateway.permits.findings import Area, Finding, Severity
from gateway.wording import Words, say
from gateway.xmlio.find import text_of, xpath_of
from gateway.xmlio.names import local_name, namespace_of
from gateway.xmlio.text import one_line

_SHOWN = 60
"""Characters of a value that a message repeats."""

_VALUES = {
    "dateTime": say("a date and time such as 2026-11-23T10:00:00Z (years 1000 to 9999, at most 6 decimals)"),
    "decimal": say("a number with a decimal point such as 12.5 (at most 18 digits, no exponent)"),
    "boolean": say("true or false"),
}
"""By type of XML Schema: what to write."""

_BY_NAME = {
    "DateTimeString": say(
        "a day that exists, as digits such as 20261123, 20261123100000 or 20261123100000+0100, with format "
        "102, 203, 204, 205 or 208 (UNTDID 2379)"
    ),
}
"""By element: what to write."""


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
    return _finding("structure", _content(error, kind, local_name(str(element.tag))), element, version)


def plain(line: int | None, message: str) -> Finding:
    """An error of libxml2 as a finding, when no better words are at hand; without namespaces."""
    words = " ".join(local_name(word) if word.startswith(("'{", "{")) else word for word in message.split())
    return Finding(
        "schema.structure",
        Severity.ERROR,
        Area.SCHEMA,
        say("the document does not fit its schema: {words}", words=words),
        line=line,
    )


def _content(error: XMLSchemaValidationError, kind: str, name: str) -> Words:
    """An element has something in it that is of the wrong kind."""
    if kind == "XsdGroup":
        inside = _value_elements(error.validator)
        if inside:
            return say("{name} has text of its own; write its value inside {child}", name=name, child=inside)
        return say(
            "{name} has text between its elements, or an element of the wrong type; remove it", name=name
        )
    if kind == "XsdElement":
        return say(
            "{name} has something in it that does not belong there; write its value only",
            name=name,
        )
    return say("{name} does not fit the schema ({reason})", name=name, reason=error.reason)


def _value_elements(group: Any) -> str:
    """The elements that carry the value, when an element is nothing but a cover around them; else empty."""
    inside = [particle for particle in group.iter_elements() if particle.name]
    covers = bool(inside) and all(
        particle.type.has_simple_content() or particle.type.is_simple() for particle in inside
    )
    return " / ".join(local_name(particle.name) for particle in inside) if covers else ""


def _children(error: XMLSchemaChildrenValidationError, element: etree._Element, version: Version) -> Finding:
    """A child is missing, unknown, repeated or in the wrong place."""
    parent = local_name(str(element.tag))
    child: Any = error.invalid_child
    order = list(dict.fromkeys(_names(error)))
    if child is not None and child.tag not in order and _twin(child, order):
        return _finding("unexpected", _unexpected(child, parent, order, version), child, version)
    expected = [local_name(particle.name) for particle in error.expected or () if particle.name]
    if expected:
        return _finding("missing", _missing(expected[0], parent, child), element, version, expected[0])
    if child is None:
        return _finding(
            "missing", say("{parent} is not complete; add what is missing", parent=parent), element, version
        )
    if child.tag in order:
        return _finding("structure", _misplaced(child, parent, order), child, version)
    return _finding("unexpected", _unexpected(child, parent, order, version), child, version)


def _missing(name: str, parent: str, child: etree._Element | None) -> Words:
    """Which element is missing, and before which."""
    if child is None:
        return say("{name} is missing in {parent}; add it", name=name, parent=parent)
    return say(
        "{name} is missing in {parent} before {next}; add it",
        name=name,
        parent=parent,
        next=local_name(str(child.tag)),
    )


def _misplaced(child: etree._Element, parent: str, order: list[str]) -> Words:
    """Where a known element belongs instead, or that it is there once too often."""
    name, rank = local_name(str(child.tag)), order.index(str(child.tag))
    for before in reversed(list(child.itersiblings(preceding=True))):
        if before.tag in order[rank + 1 :]:
            return say(
                "{name} is in the wrong place in {parent}; it belongs before {next}",
                name=name,
                parent=parent,
                next=local_name(str(before.tag)),
            )
    return say("{name} stands more than once in {parent}; write it once", name=name, parent=parent)


def _unexpected(child: etree._Element, parent: str, known: list[str], version: Version) -> Words:
    """Why an element is not expected, and what may have been meant."""
    tag = str(child.tag)
    name, namespace = local_name(tag), namespace_of(tag)
    twin = _twin(child, known)
    if twin:
        right = namespace_of(twin)
        others = versions_of_namespace(namespace)
        if others:
            return say(
                "{name} in {parent} is in namespace {found}, which belongs to message version {others}; the "
                "document element is that of {version}, so that it must be in {right}: do not mix versions",
                name=name,
                parent=parent,
                found=namespace,
                others=", ".join(others),
                version=version.name,
                right=right,
            )
        return say(
            "{name} in {parent} is in namespace {found}; it must be in {right}",
            name=name,
            parent=parent,
            found=namespace or say("(none)"),
            right=right,
        )
    return say(
        "{name} is not expected in {parent}; {hint}",
        name=name,
        parent=parent,
        hint=_hint(name, parent, known, version),
    )


def _hint(name: str, parent: str, known: list[str], version: Version) -> Words:
    """What to do about an element that this version does not have there."""
    near = get_close_matches(name, [local_name(other) for other in known], n=1)
    others = versions_with(parent, name)
    if others and near:
        return say(
            "it is an element of message version {others}, and the document is {version}: write {near}",
            others=", ".join(others),
            version=version.name,
            near=near[0],
        )
    if others:
        return say(
            "it is an element of message version {others}, and the document is {version}: remove it, or "
            "write the whole document in that version",
            others=", ".join(others),
            version=version.name,
        )
    return say("did you mean {near}?", near=near[0]) if near else say("remove it")


def _twin(child: etree._Element, known: list[str]) -> str:
    """The element of the same name in the right namespace; empty when there is none."""
    name = local_name(str(child.tag))
    return next((other for other in known if local_name(other) == name and other != child.tag), "")


def _names(error: XMLSchemaChildrenValidationError) -> Iterator[str]:
    """The Clark names that the parent may have, in order."""
    group: Any = error.validator
    return (particle.name for particle in group.iter_elements() if particle.name)


def _attribute(error: XMLSchemaValidationError, element: etree._Element, version: Version) -> Finding:
    """An attribute that the element does not have."""
    allowed: Any = error.validator
    names = [local_name(str(name)) for name in element.attrib if name not in allowed]
    known = sorted(str(name) for name in allowed if name)
    name, found = local_name(str(element.tag)), ", ".join(names)
    if known:
        words = say(
            "{name} has no attribute {found}; allowed: {known}",
            name=name,
            found=found,
            known=", ".join(known),
        )
    else:
        words = say(
            "{name} has no attribute in message version {version}; remove {found}",
            name=name,
            version=version.name,
            found=found,
        )
    return _finding("unexpected", words, element, version)


def _value(error: XMLSchemaValidationError, element: etree._Element, version: Version) -> Finding:
    """A value of the wrong type or length."""
    name = local_name(str(element.tag))
    found = text_of(element).strip()
    shown = one_line(found[:_SHOWN]) + ("..." if len(found) > _SHOWN else "")
    kind = type(error.validator).__name__
    wanted = _BY_NAME.get(name) or _VALUES.get(local_name(_type_name(error.validator)))
    limit: Any = error.validator
    if kind == "XsdMinLengthFacet":
        words = say(
            "{name} has {count} characters; it needs at least {limit}",
            name=name,
            count=len(found),
            limit=limit.value,
        )
    elif kind == "XsdMaxLengthFacet":
        words = say(
            "{name} has {count} characters; it may have at most {limit}",
            name=name,
            count=len(found),
            limit=limit.value,
        )
    elif found:
        fitting = wanted or say("a value that fits ({reason})", reason=error.reason)
        words = say("{name} is '{found}'; write {wanted}", name=name, found=shown, wanted=fitting)
    else:
        words = say(
            "{name} is empty; leave it out, or write {wanted}", name=name, wanted=wanted or say("a value")
        )
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
