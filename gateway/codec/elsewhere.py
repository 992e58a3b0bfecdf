"""In which message versions a namespace or an element is at home: for documents that mix versions."""

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import TypeVar

from gateway.codec.binding import Field, Group, Shape
from gateway.codec.versions import VERSIONS
from gateway.xmlio.names import local_name, namespace_of

_Key = TypeVar("_Key")


def versions_of_namespace(namespace: str) -> tuple[str, ...]:
    """The names of the versions whose permit has elements in a namespace."""
    return _namespaces().get(namespace, ())


def versions_with(parent: str, child: str) -> tuple[str, ...]:
    """The names of the versions in which an element may stand in another, both given by their local names."""
    return _pairs().get((parent, child), ())


@cache
def _namespaces() -> Mapping[str, tuple[str, ...]]:
    return _versions_by(
        (name, namespace_of(tag))
        for name, version in VERSIONS.items()
        for _, tag in [("", version.root), *_elements(version.shape.parts, "")]
    )


@cache
def _pairs() -> Mapping[tuple[str, str], tuple[str, ...]]:
    return _versions_by(
        (name, (parent, local_name(tag)))
        for name, version in VERSIONS.items()
        for parent, tag in _elements(version.shape.parts, local_name(version.root))
    )


def _versions_by(found: Iterator[tuple[str, _Key]]) -> Mapping[_Key, tuple[str, ...]]:
    """The versions of each key, in the order of the versions."""
    versions: dict[_Key, dict[str, None]] = {}
    for name, key in found:
        versions.setdefault(key, {})[name] = None
    return MappingProxyType({key: tuple(names) for key, names in versions.items()})


def _elements(parts: tuple[Field | Group, ...], parent: str) -> Iterator[tuple[str, str]]:
    """The local name of the parent and the Clark name of each element of a shape."""
    for part in parts:
        yield parent, part.tag
        if isinstance(part, Group):
            yield from _elements(part.parts, local_name(part.tag))
        elif isinstance(part.content, Shape):
            yield from _elements(part.content.parts, local_name(part.tag))
