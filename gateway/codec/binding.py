"""
The engine that ties the model to elements: a `Shape` says which field of a dataclass is which element.

Reading and writing follow from the shape, in document order, so that a message version is data. Nothing
here knows a version, a namespace or a permit.
"""

from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, fields
from typing import Any

from lxml import etree

from gateway.xmlio.names import clark, local_name


@dataclass(frozen=True, slots=True)
class Leaf:
    """How one kind of value stands in an element."""

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
    """The field is a tuple."""
    most: int | None = 1
    """How often the element may stand; None: as often as one likes."""
    box: str = ""
    """Box of the CITES form; empty when it is that of the parent."""


@dataclass(frozen=True, slots=True)
class Group:
    """An element, there at most once, whose children are fields of the parent's dataclass."""

    tag: str
    parts: tuple["Field | Group", ...]
    always: bool
    """Whether it is written also when nothing is in it."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Makes fields and groups of one namespace."""

    namespace: str

    def one(self, name: str, element: str, content: "Leaf | Shape", box: str = "") -> Field:
        """A field that stands at most once."""
        return Field(name, clark(self.namespace, element), content, box=box)

    def many(
        self, name: str, element: str, content: "Leaf | Shape", box: str = "", most: int | None = None
    ) -> Field:
        """A field with several values, of which this version carries at most `most`."""
        return Field(name, clark(self.namespace, element), content, many=True, most=most, box=box)

    def group(self, element: str, *parts: Field | Group) -> Group:
        """An element that is always there and whose children belong to the parent's dataclass."""
        return Group(clark(self.namespace, element), parts, always=True)

    def optional_group(self, element: str, *parts: Field | Group) -> Group:
        """The same, but the element is there only around something."""
        return Group(clark(self.namespace, element), parts, always=False)


_Entry = tuple[int, bool, Callable[[Any], Any] | None, "_Table"]
"""Of an element: place of its field in the dataclass, repeated, its reader; or the table of a group."""
_Table = dict[Any, _Entry]
"""By Clark name."""


class Shape:
    """How a dataclass is written as an element: its fields in document order."""

    def __init__(self, model: type[Any], *parts: Field | Group, without: tuple[str, ...] = ()) -> None:
        """
        Compile the tables; `without` names the fields that this version has no element for.

        Raises `TypeError` when a field is neither bound once nor named in `without`.
        """
        self.model = model
        self.parts = parts
        self.without = without
        self._by_name = {field.name: (groups, field) for groups, field in _bound(parts)}
        known = [field.name for field in fields(model)]
        said = [*(field.name for _, field in _bound(parts)), *without]
        if sorted(said) != sorted(known):
            raise TypeError(f"the shape of {model.__name__} does not bind each field once: {sorted(said)}")
        self._table = _table(parts, known)
        self._make = _maker(model, known)
        self._tuples = tuple(known.index(field.name) for _, field in _bound(parts) if field.many)
        defaults = [() if n in self._tuples else _default(field) for n, field in enumerate(fields(model))]
        self._blank: list[Any] = [value if value == () else None for value in defaults]
        self._filled = [(n, value) for n, value in enumerate(defaults) if value is not None and value != ()]

    def read(self, element: etree._Element) -> Any:
        """
        Make the dataclass from an element; what is not known or not readable is left out.

        It goes no deeper than the shape does, whatever the document holds.
        """
        values = self._blank.copy()
        _collect(element, self._table, values)
        for index in self._tuples:
            if values[index]:
                values[index] = tuple(values[index])
        for index, default in self._filled:
            if values[index] is None:
                values[index] = default
        return self._make(values)

    def write(self, element: etree._Element, value: Any) -> None:
        """Append the fields of `value` to a fresh element; what is absent or too much is not written."""
        _write(element, self.parts, value)

    def bound(self, name: str) -> tuple[tuple[Group, ...], Field] | None:
        """The groups (outermost first) and the field under which a field of the dataclass is written."""
        return self._by_name.get(name)

    def fields(self) -> Iterator[Field]:
        """The fields in document order."""
        return (field for _, field in _bound(self.parts))

    def box_of(self, names: list[str]) -> str:
        """The box of the element that local names lead to from here; of its nearest ancestor that has one."""
        box = ""
        parts: tuple[Field | Group, ...] = self.parts
        for name in names:
            part = next((part for part in parts if local_name(part.tag) == name), None)
            if part is None:
                break
            if isinstance(part, Group):
                parts = part.parts
                continue
            box = part.box or box
            parts = part.content.parts if isinstance(part.content, Shape) else ()
        return box


def _bound(
    parts: tuple[Field | Group, ...], outside: tuple[Group, ...] = ()
) -> Iterator[tuple[tuple[Group, ...], Field]]:
    """Every field with the groups around it."""
    for part in parts:
        if isinstance(part, Group):
            yield from _bound(part.parts, (*outside, part))
        else:
            yield outside, part


def _maker(model: type[Any], names: list[str]) -> Callable[[list[Any]], Any]:
    """
    What `model(*values)` does, in half the time.

    A frozen dataclass looks each field up by name to set it, and a permit has hundreds of them. This calls
    the setters of the slots one after another; like the dataclass itself it is compiled from the names.
    """
    lines = [f"def make(values):\n    {', '.join(names)}, = values\n    made = new(model)"]
    lines += [f"    set_{name}(made, {name})" for name in names]
    scope: dict[str, Any] = {"new": model.__new__, "model": model}
    scope |= {f"set_{name}": getattr(model, name).__set__ for name in names}
    exec("\n".join([*lines, "    return made"]), scope)  # noqa: S102 - the names are those of our own fields
    maker: Callable[[list[Any]], Any] = scope["make"]
    return maker


def _default(field: Any) -> Any:
    """What a field of the model has when the document says nothing."""
    return None if field.default is MISSING else field.default


def _table(parts: tuple[Field | Group, ...], known: list[str]) -> _Table:
    """What `_collect` needs, by Clark name."""
    table: _Table = {}
    for part in parts:
        if isinstance(part, Group):
            table[part.tag] = (-1, False, None, _table(part.parts, known))
        else:
            table[part.tag] = (known.index(part.name), part.many, part.content.read, {})
    return table


def _collect(element: etree._Element, table: _Table, values: list[Any]) -> None:
    """Read the children of an element into `values`; of a field that stands once, the first counts."""
    for child in element:
        entry = table.get(child.tag)
        if entry is None:
            continue
        index, many, read, group = entry
        if read is None:
            _collect(child, group, values)
            continue
        value = read(child)
        if value is None:
            continue
        if many:
            if values[index]:
                values[index].append(value)
            else:
                values[index] = [value]
        elif values[index] is None:
            values[index] = value


def _write(element: etree._Element, parts: tuple[Field | Group, ...], owner: Any) -> None:
    """Write the parts of `owner` in document order."""
    for part in parts:
        if isinstance(part, Field):
            _append(element, part, owner)
        elif part.always or any(_there(owner, field) for _, field in _bound(part.parts)):
            _write(etree.SubElement(element, part.tag), part.parts, owner)


def _there(owner: Any, field: Field) -> bool:
    """Whether a field has something to write."""
    value = getattr(owner, field.name)
    return bool(value) if field.many else value is not None


def _append(parent: etree._Element, field: Field, owner: Any) -> None:
    """Write one field of `owner`."""
    value = getattr(owner, field.name)
    if value is None:
        return
    for item in value[: field.most] if field.many else (value,):
        field.content.write(etree.SubElement(parent, field.tag), item)
