"""Tolerances for what hides a permit: a SOAP message around it, namespaces that are not there."""

from lxml import etree

from gateway.codec.draft import Draft, children, elements, listed, shown
from gateway.codec.versions import VERSIONS, Version
from gateway.errors import UnknownDocument
from gateway.wording import say
from gateway.xmlio.names import clark, local_name, namespace_of

SAMPLES = "Response samples of the EPIX hub, v1 and v2"
"""The documents from which most oddities are known."""

_BODIES = {
    clark(namespace, "Envelope"): clark(namespace, "Body")
    for namespace in ("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")
}
"""SOAP 1.1 and 1.2: the body by the document element."""


def soap_body(draft: Draft) -> None:
    """
    The permit stands inside a SOAP message, at any depth of its body.

    Raises `UnknownDocument` when the body does not hold exactly one permit.
    """
    body = _BODIES.get(str(draft.root.tag))
    if body is None:
        return
    roots = sorted({local_name(version.root) for version in VERSIONS.values()})
    permits = [
        element
        for part in draft.root.iterchildren(body)
        for element in elements(part)
        if local_name(str(element.tag)) in roots
    ]
    if len(permits) != 1:
        raise UnknownDocument(
            f"the document is a SOAP message with {len(permits)} permits in its body; one is needed",
            advice=f"send one permit in each message; its element is {' or '.join(roots)}",
            root=local_name(str(draft.root.tag)),
            namespace=namespace_of(str(draft.root.tag)),
        )
    permit = permits[0]
    beside = _beside(permit, body)
    name = local_name(str(permit.tag))
    if beside:
        message = say(
            "the permit came inside a SOAP message, and what stands beside it was not read: {names}; send "
            "the document {name} alone",
            names=listed(beside),
            name=name,
        )
    else:
        message = say("the permit came inside a SOAP message; send the document {name} alone", name=name)
    draft.note("tolerated.soap-body", permit, message, source=SAMPLES)
    draft.narrow(permit)


def no_namespace(draft: Draft) -> None:
    """The root, or an element below it, stands in no namespace although the version knows its name."""
    nameless: set[etree._Element] = set()
    if not namespace_of(str(draft.root.tag)):
        version = _version_of(draft.root)
        if version is None:
            return
        draft.replace_root(_named(draft.root, version))
        nameless.add(draft.root)
    for element, parts in draft.known():
        tags = {local_name(part.tag): part.tag for part in parts}
        for child in children(element):
            tag = tags.get(str(child.tag))
            if tag is not None:
                child.tag = tag
                nameless.add(child)
    if not nameless:
        return
    first = next(element for element in elements(draft.root) if element in nameless)
    message = say(
        "elements that were found without a namespace: {count}, the first of which is {name}; they were read "
        "as elements of message version {version}; write {root} and its children in {outer}, what is below "
        "them in {inner}",
        count=len(nameless),
        name=shown(local_name(str(first.tag))),
        version=draft.version.name,
        root=local_name(draft.version.root),
        outer=_outer(draft.version),
        inner=_inner(draft.version),
    )
    draft.note("tolerated.no-namespace", first, message, source=SAMPLES)


def _beside(permit: etree._Element, body: str) -> list[str]:
    """The names of what stands in the body beside the permit and beside what is around it."""
    names: list[str] = []
    step = permit
    for parent in permit.iterancestors():
        names.extend(local_name(str(other.tag)) for other in children(parent) if other is not step)
        if parent.tag == body:
            break
        step = parent
    return names


def _version_of(root: etree._Element) -> Version | None:
    """
    The version of a root without a namespace: by its name and by the namespaces of what is below it.

    When those do not tell either, it is the oldest version with that name.
    """
    candidates = [version for version in VERSIONS.values() if local_name(version.root) == root.tag]
    found = {namespace_of(str(element.tag)) for element in elements(root)}
    for namespace in (_outer, _inner):
        for version in candidates:
            if namespace(version) in found:
                return version
    return candidates[0] if candidates else None


def _outer(version: Version) -> str:
    """The namespace of the root and its three children."""
    return namespace_of(version.root)


def _inner(version: Version) -> str:
    """The namespace of what stands below the three children of the root: that of Box 1, for example."""
    bound = version.shape.bound("number")
    return namespace_of(bound[1].tag) if bound else ""


def _named(root: etree._Element, version: Version) -> etree._Element:
    """A root in its namespace, with all that is in `root`."""
    named = etree.Element(version.root, nsmap={"rsm": _outer(version), "ram": _inner(version)})
    for name, value in root.attrib.items():
        named.set(name, value)
    named.text = root.text
    named.extend(list(root))
    return named
