"""
The engine that ties the model to elements: a `Shape` says which field of a dataclass is which element.

Reading and writing follow from the shape, in document order, so that a message version is data. Nothing
here knows a version, a namespace or a permit.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any

from lxml import etree

from gateway.xmlio.names import clark, local_name


@dataclass(frozen=True, slots=True)
class Leaf:
    """How one kind of value stands in an element without children."""

    read: Callable[[etree._Element], Any]
    """The value, or None when the element cannot be read (the schema says why)."""
    write: Callable[[etree._Element, Any], None]
    """Put the value into a fresh element."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a dataclass and the element that carries it."""

    name: str
    tag: str
    """Clark name."""
    content: "Leaf | Shape"
    many: bool = False
    """The field is a tuple and the element may be repeated."""
    box: str = ""
    """Box of the CITES form; empty when it is that of the parent."""


@dataclass(frozen=True, slots=True)
class Group:
    """An element, always there once, whose children are fields of the parent's dataclass."""

    tag: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Makes fields and groups of one namespace."""

    namespace: str

    def one(self, name: str, element: str, content: "Leaf | Shape", box: str = "") -> Field:
        """A field that stands at most once."""
        return Field(name, clark(self.namespace, element), content, many=False, box=box)

    def many(self, name: str, element: str, content: "Leaf | Shape", box: str = "") -> Field:
        """A field that may be repeated."""
        return Field(name, clark(self.namespace, element), content, many=True, box=box)

    def group(self, element: str, *members: Field) -> Group:
        """An element whose children belong to the parent's dataclass."""
        return Group(clark(self.namespace, element), members)


_Reader = Callable[[etree._Element], Any]  # noqa: SLF001 - the only name that lxml has for an element
_Table = dict[Any, tuple[str, bool, _Reader, "_Table | None"]]
"""By Clark name: field, repeated, reader, and for a group the table of its children."""


class Shape:
    """How a dataclass is written as an element: its fields in document order."""

    def __init__(self, model: type[Any], *parts: Field | Group) -> None:
        """Compile the tables; raises `TypeError` when a field is not bound exactly once."""
        self.model = model
        self.parts = parts
        self._by_name = {field.name: (group, field) for group, field in self._bound()}
        bound = sorted(field.name for _, field in self._bound())
        if bound != sorted(field.name for field in fields(model)):
            raise TypeError(f"the shape of {model.__name__} does not bind each field once: {bound}")
        self._table = _table(parts)
        self._repeated = tuple(field.name for _, field in self._bound() if field.many)

    def read(self, element: etree._Element) -> Any:
        """Make the dataclass from an element; what is not known or not readable is left out."""
        values: dict[str, Any] = {}
        _collect(element, self._table, values)
        for name in self._repeated:
            if name in values:
                values[name] = tuple(values[name])
        return self.model(**values)

    def write(self, element: etree._Element, value: Any) -> None:
        """Append the fields of `value` to a fresh element; what is absent is not written."""
        for part in self.parts:
            if isinstance(part, Group):
                group = etree.SubElement(element, part.tag)
                for field in part.fields:
                    _append(group, field, value)
            else:
                _append(element, part, value)

    def bound(self, name: str) -> tuple[Group | None, Field] | None:
        """The group (if any) and the field under which a field of the dataclass is written."""
        return self._by_name.get(name)

    def fields(self) -> Iterator[Field]:
        """The fields in document order."""
        return (field for _, field in self._bound())

    def box_of(self, names: list[str]) -> str:
        """The box of the element that local names lead to from here; of its nearest ancestor that has one."""
        box = ""
        parts: tuple[Field | Group, ...] = self.parts
        for name in names:
            part = next((part for part in parts if local_name(part.tag) == name), None)
            if part is None:
                break
            if isinstance(part, Group):
                parts = part.fields
                continue
            box = part.box or box
            parts = part.content.parts if isinstance(part.content, Shape) else ()
        return box

    def _bound(self) -> Iterator[tuple[Group | None, Field]]:
        """Every field with its group."""
        for part in self.parts:
            if isinstance(part, Group):
                for field in part.fields:
                    yield part, field
            else:
                yield None, part


def _table(parts: tuple[Field | Group, ...]) -> _Table:
    """What `_collect` needs, by Clark name."""
    table: _Table = {}
    for part in parts:
        if isinstance(part, Group):
            table[part.tag] = ("", False, _nothing, _table(part.fields))
        else:
            table[part.tag] = (part.name, part.many, part.content.read, None)
    return table


def _nothing(_element: etree._Element) -> None:
    """Stands where a group has no reader of its own."""


def _collect(element: etree._Element, table: _Table, values: dict[str, Any]) -> None:
    """Read the children of an element into `values`; of a field that stands once, the first counts."""
    for child in element:
        entry = table.get(child.tag)
        if entry is None:
            continue
        name, many, read, inner = entry
        if inner is not None:
            _collect(child, inner, values)
            continue
        value = read(child)
        if value is None:
            continue
        if many:
            values.setdefault(name, []).append(value)
        elif name not in values:
            values[name] = value


def _append(parent: etree._Element, field: Field, owner: Any) -> None:
    """Write one field of `owner`."""
    value = getattr(owner, field.name)
    if value is None:
        return
    for item in value if field.many else (value,):
        field.content.write(etree.SubElement(parent, field.tag), item)
