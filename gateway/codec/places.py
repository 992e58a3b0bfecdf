"""Where the parts of a permit stand in its document, found only when a finding asks."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from lxml import etree

from gateway.codec.binding import Field, Leaf, Shape
from gateway.permits.model import Permit
from gateway.xmlio.find import xpath_of
from gateway.xmlio.names import local_name

_STEP = re.compile(r"([a-z_]+)(?:\[([0-9]+)\])?")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an element stands."""

    path: str
    """XPath with local names; positions from 1 where siblings share a name."""
    line: int | None
    """Line in the original bytes, from 1; None when not known."""


class Places(Mapping[str, Place]):
    """
    From model paths (`number`, `validity.end`, `lines[0].packages[0].quantity`) to places.

    Holds what the document has; `locate` also answers for what is missing. Costs nothing until it is asked.
    """

    def __init__(self, shape: Shape, root: Callable[[], etree._Element]) -> None:
        """`root` gives the document element with the line numbers of the original bytes."""
        self._shape = shape
        self._root = root

    def locate(self, path: str) -> Place:
        """
        The place of a model path.

        When the element is missing: the XPath where it should stand, and the line of the nearest element
        around it. A path that the model does not have leads as far as it is known.
        """
        element, missing = self._walk(path)
        xpath = "/".join([xpath_of(element), *(name for name in missing if name)])
        return Place(xpath, element.sourceline)

    def __getitem__(self, path: str) -> Place:
        """The place of an element that is there; raises `KeyError` when it is not."""
        element, missing = self._walk(path)
        if missing:
            raise KeyError(path)
        return Place(xpath_of(element), element.sourceline)

    def __iter__(self) -> Iterator[str]:
        """Every model path that the document fills, in document order."""
        return _paths(self._shape, self._shape.read(self._root()), "")

    def __len__(self) -> int:
        """How many model paths the document fills."""
        return sum(1 for _ in self)

    def _walk(self, path: str) -> tuple[etree._Element, list[str]]:
        """The last element on the way, and the local names missing after it; an empty one: no such path."""
        element = self._root()
        content: Leaf | Shape = self._shape
        missing: list[str] = []
        for step in path.split("."):
            match = _STEP.fullmatch(step)
            bound = content.bound(match[1]) if match and isinstance(content, Shape) else None
            if match is None or bound is None:
                return element, [*missing, ""]
            groups, field = bound
            for group in groups:
                element = _down(element, group.tag, 0, missing)
            element = _down(element, field.tag, int(match[2] or 0), missing)
            content = field.content
        return element, missing


def _down(element: etree._Element, tag: str, index: int, missing: list[str]) -> etree._Element:
    """The child with that tag and index; when it is missing, the element itself, and `missing` grows."""
    child = None if missing else next(islice(element.iterchildren(tag), index, None), None)
    if child is None:
        missing.append(local_name(tag))
        return element
    return child


def _paths(shape: Shape, value: Any, prefix: str) -> Iterator[str]:
    """The model paths that `value` fills."""
    for field in shape.fields():
        content = getattr(value, field.name)
        for name, item in _items(field, content, prefix):
            yield name
            if isinstance(field.content, Shape):
                yield from _paths(field.content, item, f"{name}.")


def _items(field: Field, content: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    """The paths and values of one field: none, one, or one for each index."""
    if not field.many:
        if content is not None:
            yield f"{prefix}{field.name}", content
        return
    for index, item in enumerate(content):
        yield f"{prefix}{field.name}[{index}]", item


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader hands back."""

    permit: Permit
    places: Places
