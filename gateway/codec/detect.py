"""Which message version a document is, by the name and the namespace of its root."""

from lxml import etree

from gateway.codec.versions import VERSIONS
from gateway.errors import UnknownDocument
from gateway.xmlio.names import EXCHANGE, local_name, namespace_of

_BY_ROOT = {version.root: name for name, version in VERSIONS.items()}

_SOAP = frozenset({"http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"})


def detect(root: etree._Element) -> str:
    """
    The name of the message version, for example `v2`.

    Raises `UnknownDocument`, which says what was found, what is known, and what to do.
    """
    name = _BY_ROOT.get(str(root.tag))
    if name is not None:
        return name
    local, namespace = local_name(str(root.tag)), namespace_of(str(root.tag))
    known = ", ".join(
        f"{local_name(version.root)} in {namespace_of(version.root)} ({name})"
        for name, version in VERSIONS.items()
    )
    raise UnknownDocument(
        f"the document element is {local} in namespace {namespace or '(none)'}, which is no permit that is "
        f"known here; known: {known}",
        advice=_advice(local, namespace),
        root=local,
        namespace=namespace,
    )


def _advice(local: str, namespace: str) -> str:
    """What to do, for the mistakes that are often made."""
    if namespace in _SOAP:
        return "this is a SOAP message: take the permit out of its Body and send that"
    if namespace == EXCHANGE:
        return "this is a message between gateways: the permit is inside its Payload"
    if local == "CBFShip":
        return "this is message version v1 (CBFShip): write the permit as v2 (CITESEPermit:2)"
    for version in VERSIONS.values():
        if local == local_name(version.root):
            return f"the name is right, the namespace is not: write {namespace_of(version.root)}"
        if local.lower() == local_name(version.root).lower():
            return f"capitals count: write {local_name(version.root)}"
    return "send a CITES permit whose document element is one of those that are known"
