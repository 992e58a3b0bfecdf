"""Writing message version v1."""

from lxml import etree

from gateway.codec.v1.shape import PERMIT, ROOT
from gateway.codec.writing import write_permit
from gateway.permits.model import Permit
from gateway.xmlio.names import V1_MESSAGE, V1_RAM


def write(permit: Permit) -> etree._Element:
    """
    Make the v1 document element of a permit, unsigned, indented by two spaces.

    The root and its three children carry the prefix `rsm`; everything below is in the default namespace.
    What v1 has no place for is not written; `gateway/codec/convert.py` lists it.

    Raises `MalformedRequest` when a text holds a character that XML cannot carry.
    """
    return write_permit(permit, PERMIT, etree.Element(ROOT, nsmap={"rsm": V1_MESSAGE, None: V1_RAM}))
