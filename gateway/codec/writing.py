"""From a permit to a document element: what all message versions do alike."""

from lxml import etree

from gateway.codec.binding import Shape
from gateway.errors import MalformedRequest
from gateway.permits.model import Permit


def write_permit(permit: Permit, shape: Shape, root: etree._Element) -> etree._Element:
    """
    Fill a fresh document element with a permit, unsigned, indented by two spaces, and hand it back.

    Raises `MalformedRequest` when a text holds a character that XML cannot carry.
    """
    try:
        shape.write(root, permit)
    except ValueError as error:
        raise MalformedRequest(
            f"the permit cannot be written as XML: {error}",
            advice="remove control characters from the texts of the permit",
        ) from error
    etree.indent(root, space="  ")
    return root
