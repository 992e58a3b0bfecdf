"""Reading the elements of a signature: children, attributes and values, and nothing left over."""

import base64
import binascii
from collections.abc import Collection

from lxml import etree

from gateway.signatures.verdict import SubIndication, refuse
from gateway.wording import say
from gateway.xmlio.names import local_name

FORMAT = SubIndication.FORMAT_FAILURE


def children(
    element: etree._Element, *, attributes: Collection[str] = (), expected: tuple[str, ...] | None = None
) -> list[etree._Element]:
    """
    The children of an element that has no other attributes than `attributes` and no text of its own.

    With `expected`, exactly these children in this order. Raises `SignatureRefused` (FORMAT_FAILURE).
    """
    check_attributes(element, attributes)
    found = element[:]
    for text in (element.text, *[child.tail for child in found]):
        if text and not text.isspace():
            raise refuse(
                FORMAT,
                say("{element} in the signature holds text, which it must not", element=_name(element)),
            )
    if expected is not None and tuple([child.tag for child in found]) != expected:
        raise refuse(
            FORMAT,
            say(
                "{element} in the signature must hold exactly {wanted}",
                element=_name(element),
                wanted=", ".join(local_name(tag) for tag in expected) or say("nothing"),
            ),
        )
    return found


def check_empty(element: etree._Element) -> None:
    """Refuse an element that has more than its Algorithm: children, text, another attribute."""
    if len(element) or element.text or element.keys() != ["Algorithm"]:  # seldom: then look closer
        children(element, attributes={"Algorithm"}, expected=())


def plain(element: etree._Element, *, attributes: Collection[str] = ()) -> str:
    """The text of a leaf. Raises `SignatureRefused` when it has children or other attributes."""
    check_attributes(element, attributes)
    if len(element):
        raise refuse(FORMAT, say("{element} in the signature must hold text only", element=_name(element)))
    return element.text or ""


def binary(element: etree._Element) -> bytes:
    """The octets of a leaf in base64. Raises `SignatureRefused` when it is none."""
    try:
        return base64.b64decode("".join(plain(element).split()), validate=True)
    except (binascii.Error, ValueError):
        raise refuse(
            FORMAT, say("{element} in the signature is not base64", element=_name(element))
        ) from None


def algorithm(element: etree._Element) -> str:
    """The algorithm that an element declares; empty when it declares none."""
    return element.get("Algorithm", "")


def check_attributes(element: etree._Element, accepted: Collection[str]) -> None:
    """Refuse an attribute outside the list (attack 3: look-alike attributes)."""
    for name in element.keys():  # noqa: SIM118 - an element is no mapping, and its `attrib` costs more
        if name not in accepted:
            raise refuse(
                FORMAT,
                say(
                    "{element} in the signature has an attribute {name}, which is not accepted there",
                    element=_name(element),
                    name=local_name(name),
                ),
            )


def _name(element: etree._Element) -> str:
    """The local name for people."""
    return local_name(str(element.tag))
