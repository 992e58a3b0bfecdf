"""The table of message versions: one line each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from lxml import etree

from gateway.codec.binding import Shape
from gateway.codec.places import Reading
from gateway.codec.v1 import read as v1_read
from gateway.codec.v1 import shape as v1_shape
from gateway.codec.v1 import write as v1_write
from gateway.codec.v2 import read as v2_read
from gateway.codec.v2 import shape as v2_shape
from gateway.codec.v2 import write as v2_write
from gateway.codec.v3 import read as v3_read
from gateway.codec.v3 import shape as v3_shape
from gateway.codec.v3 import write as v3_write
from gateway.permits.model import Permit


class Reader(Protocol):
    """Reads a document element; `original` gives the tree whose line numbers to report."""

    def __call__(
        self, root: etree._Element, *, original: Callable[[], etree._Element] | None = None
    ) -> Reading:
        """Never raises; what does not fit the schema is left out."""


@dataclass(frozen=True, slots=True)
class Version:
    """One message version."""

    name: str
    root: str
    """Clark name of the document element."""
    schema: str
    """File of the root schema below `schemas/`."""
    shape: Shape
    read: Reader
    write: Callable[[Permit], etree._Element]


VERSIONS: Mapping[str, Version] = MappingProxyType(
    {
        "v1": Version("v1", v1_shape.ROOT, "v1/CBFShip.xsd", v1_shape.PERMIT, v1_read.read, v1_write.write),
        "v2": Version(
            "v2", v2_shape.ROOT, "v2/CITESEPermit.xsd", v2_shape.PERMIT, v2_read.read, v2_write.write
        ),
        "v3": Version(
            "v3", v3_shape.ROOT, "v3/CITESEPermit.xsd", v3_shape.PERMIT, v3_read.read, v3_write.write
        ),
    }
)
"""By name, in the order in which they were published."""
