"""Writing message version v3."""

from lxml import etree

from gateway.codec.v3.shape import PERMIT, ROOT
from gateway.codec.writing import write_permit
from gateway.permits.model import Permit
from gateway.xmlio.names import V3_MESSAGE, V3_QDT, V3_RAM, V3_UDT


def write(permit: Permit) -> etree._Element:
    """
    Make the v3 document element of a permit, unsigned, indented by two spaces.

    The root and its three children carry the prefix `rsm`; everything below is in the default namespace, but
    what stands inside dates and indicators (`udt`, `qdt`). What v3 has no place for is not written;
    `gateway/codec/convert.py` lists it.

    Raises `MalformedRequest` when a text holds a character that XML cannot carry.
    """
    names = {"rsm": V3_MESSAGE, None: V3_RAM, "qdt": V3_QDT, "udt": V3_UDT}
    return write_permit(permit, PERMIT, etree.Element(ROOT, nsmap=names))
