"""Writing message version v2."""

from lxml import etree

from gateway.codec.v2.shape import PERMIT, ROOT
from gateway.codec.writing import write_permit
from gateway.permits.model import Permit
from gateway.xmlio.names import V2_MESSAGE, V2_RAM


def write(permit: Permit) -> etree._Element:
    """
    Make the v2 document element of a permit, unsigned, indented by two spaces.

    The root and its three children carry the prefix `rsm`; everything below is in the default namespace,
    as in the stand-alone documents that other software reads.

    Raises `MalformedRequest` when a text holds a character that XML cannot carry.
    """
    return write_permit(permit, PERMIT, etree.Element(ROOT, nsmap={"rsm": V2_MESSAGE, None: V2_RAM}))
