"""Namespaces, each spelled once, and the Clark names made from them."""

DS = "http://www.w3.org/2000/09/xmldsig#"
"""XML Signature (W3C xmldsig-core1)."""

XADES = "http://uri.etsi.org/01903/v1.3.2#"
"""XAdES 1.3.2 (ETSI EN 319 132-1): signing time and signing certificate inside a signature."""

EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
"""Exclusive canonicalization 1.0, without comments."""

EXCHANGE = "urn:ecites-gateway:exchange:1"
"""Our envelope and receipt (`schemas/exchange/`)."""

V1_MESSAGE = "urn:un:unece:uncefact:data:draft:CBFShip:1"
"""Root of message version v1 and its three children."""

V2_MESSAGE = "urn:un:unece:uncefact:data:standard:CITESEPermit:2"
"""Root of message version v2 and its three children."""

V2_RAM = "urn:un:unece:uncefact:data:draft:ReusableAggregateBusinessInformationEntity:1"
"""Everything below the three children in v2."""

V1_RAM = V2_RAM
"""Everything below the three children in v1: the namespace of v2, with other content."""

# Message version v3 (UN/CEFACT flavour of toolkit 3.0). Its schemas were not at hand when this was written:
# the root name and the message namespace are assumed after the pattern of v2. The number of the three
# libraries is that of release D22A, seen in one published binding. When the real ones are known, change them
# here and in `schemas/v3`; a test keeps the two equal, and nothing else in the program spells them.

V3_ROOT = "CITESEPermit"
"""Local name of the root of v3; assumed."""

V3_MESSAGE = "urn:un:unece:uncefact:data:standard:CITESEPermit:3"
"""Root of v3 and its three children; assumed."""

V3_RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:32"
"""Everything below the three children in v3; assumed to be the library of D22A."""

V3_UDT = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:32"
"""The elements inside dates and indicators of v3; assumed to be the library of D22A."""

V3_QDT = "urn:un:unece:uncefact:data:standard:QualifiedDataType:32"
"""The element inside formatted dates of v3; assumed to be the library of D22A."""


def clark(namespace: str, local: str) -> str:
    """`{namespace}local`, the form in which lxml names elements."""
    return f"{{{namespace}}}{local}"


def local_name(tag: str) -> str:
    """The part of a Clark name after the namespace."""
    return tag.rpartition("}")[2]


def namespace_of(tag: str) -> str:
    """The namespace of a Clark name; empty when it has none."""
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""
