"""Namespaces, each spelled once, and the Clark names made from them."""

DS = "http://www.w3.org/2000/09/xmldsig#"
"""XML Signature (W3C xmldsig-core1)."""

EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
"""Exclusive canonicalization 1.0, without comments."""

EXCHANGE = "urn:ecites-gateway:exchange:1"
"""Our envelope and receipt (`schemas/exchange/`)."""

V2_MESSAGE = "urn:un:unece:uncefact:data:standard:CITESEPermit:2"
"""Root of message version v2 and its three children."""

V2_RAM = "urn:un:unece:uncefact:data:draft:ReusableAggregateBusinessInformationEntity:1"
"""Everything below the three children in v1 and v2."""


def clark(namespace: str, local: str) -> str:
    """`{namespace}local`, the form in which lxml names elements."""
    return f"{{{namespace}}}{local}"


def local_name(tag: str) -> str:
    """The part of a Clark name after the namespace."""
    return tag.rpartition("}")[2]


def namespace_of(tag: str) -> str:
    """The namespace of a Clark name; empty when it has none."""
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""
