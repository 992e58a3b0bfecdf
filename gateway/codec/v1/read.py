"""Reading message version v1."""

from collections.abc import Callable

from lxml import etree

from gateway.codec.places import Places, Reading
from gateway.codec.v1.shape import PERMIT
from gateway.permits.model import Permit


def read(root: etree._Element, *, original: Callable[[], etree._Element] | None = None) -> Reading:
    """
    Read a v1 document element into a permit and the places of its parts.

    Nothing of a document that fits the schema is lost, but its signature, comments and the white space
    between elements. Of one that does not fit, what can be read is read; it never raises.

    `original` gives the tree with the line numbers to report, when `root` has others.
    """
    permit: Permit = PERMIT.read(root)
    return Reading(permit, Places(PERMIT, original or (lambda: root)))
