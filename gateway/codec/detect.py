"""Which message version a document is, by the name and the namespace of its root."""

from lxml import etree

from gateway.codec.versions import VERSIONS
from gateway.errors import UnknownDocument
from gateway.wording import Words, say
from gateway.xmlio.names import EXCHANGE, local_name, namespace_of

_BY_ROOT = {version.root: name for name, version in VERSIONS.items()}

_SOAP = frozenset({"http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"})

_WCO_ROOT = "CITESePermit"
"""Root of the WCO flavour of toolkit 3.0; the small e is how it is told apart."""


def detect(root: etree._Element) -> str:
    """
    The name of the message version, for example `v2`.

    Raises `UnknownDocument`, which says what was found, what is known, and what to do.
    """
    name = _BY_ROOT.get(str(root.tag))
    if name is not None:
        return name
    local, namespace = local_name(str(root.tag)), namespace_of(str(root.tag))
    known = "; ".join(
        f"{name}: {local_name(version.root)}, {namespace_of(version.root)}"
        for name, version in VERSIONS.items()
    )
    raise UnknownDocument(
        say(
            "the document element is {local} in namespace {namespace}, which is no permit that is known "
            "here; known: {known}",
            local=local,
            namespace=namespace or say("(none)"),
            known=known,
        ),
        advice=_advice(local, namespace),
        root=local,
        namespace=namespace,
    )


def _advice(local: str, namespace: str) -> Words:
    """What to do, for the mistakes that are often made."""
    if namespace in _SOAP:
        return say(
            "this is a SOAP message: take the permit out of its Body and send that, or read it in the "
            "tolerant profile"
        )
    if namespace == EXCHANGE and local == "Envelope":
        return say("this is a message between gateways: the permit is inside its Payload")
    named = [version for version in VERSIONS.values() if local_name(version.root) == local]
    if named:
        return say(
            "the name is right, the namespace is not: write {namespaces}, or read it in the tolerant profile",
            namespaces=" / ".join(f"{namespace_of(version.root)} ({version.name})" for version in named),
        )
    ours = {namespace_of(version.root) for version in VERSIONS.values()}
    if local == _WCO_ROOT and namespace not in ours:
        return say(
            "this is the WCO flavour of the permit, which is not read here: send the UN/CEFACT message"
        )
    for version in VERSIONS.values():
        if local.lower() == local_name(version.root).lower():
            return say("capitals count: write {name}", name=local_name(version.root))
    return say("send a CITES permit whose document element is one of those that are known")
