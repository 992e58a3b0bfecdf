"""What a message version could not carry: the permit before writing against the permit read back."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import Any

from gateway.codec.binding import Leaf, Shape
from gateway.codec.leaves import moment_text
from gateway.codec.places import Places
from gateway.codec.versions import Version
from gateway.permits.model import Permit
from gateway.permits.quantities import Quantity
from gateway.permits.values import Code, Identifier, Text
from gateway.wording import ENGLISH, say, translated

_ATTRIBUTES = {
    (Text, "language"): "languageID",
    (Identifier, "scheme"): "schemeID",
    (Identifier, "agency"): "schemeAgencyID",
    (Code, "list"): "listID",
    (Code, "agency"): "listAgencyID",
    (Quantity, "unit"): "unitCode",
}
"""By field of a value: the attribute that carries it."""

_VALUES = (Text, Identifier, Code, Quantity)
_POSITION = re.compile(r"\[[0-9]+\]")


@dataclass(frozen=True, slots=True)
class Loss:
    """One value or attribute that the target version could not carry."""

    path: str
    """In the model, for example `lines[0].marks[0].markings[0]`."""
    xpath: str
    """In the source document, with local names; of an attribute with `/@name`."""
    line: int | None
    """In the source document, from 1; None when not known."""
    box: str
    """Of the CITES form; may be empty."""
    what: str
    """Name of the element, or of the attribute with an @ before it."""
    value: str
    """What is lost, as written; empty for an element that had nothing in it."""
    why: str
    """A sentence."""

    @property
    def is_attribute(self) -> bool:
        """Whether the value itself came through."""
        return self.what.startswith("@")

    def as_dict(self, language: str = ENGLISH) -> dict[str, Any]:
        """The JSON shape: path, xpath, line, box, what, value, why."""
        return {
            "path": self.path,
            "xpath": self.xpath,
            "line": self.line,
            "box": self.box,
            "what": self.what,
            "value": self.value,
            "why": translated(self.why, language),
        }


@dataclass(frozen=True, slots=True)
class _Missing:
    """A difference before anybody has looked where it stands in the document."""

    path: str
    value: str
    why: str
    attribute: str = ""


def losses_between(
    before: Permit,
    after: Permit,
    *,
    source: Version,
    target: Version,
    places: Places,
    came_from: Mapping[str, str],
) -> tuple[Loss, ...]:
    """
    Everything that `before` says and `after`, read back from a document of `target`, does not.

    `places` are those of the source document. `came_from` leads from model paths of `before` to those of the
    source, where they differ.
    """
    missing = _compared(target.shape, before, after, "", target.name)
    return tuple(_located(one, source, places, came_from.get(one.path, one.path)) for one in missing)


def text_of_value(value: Any) -> str:
    """A value of the model as a document writes it."""
    if isinstance(value, Quantity):
        return str(value)
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(getattr(value, "value", ""))


def leaves_of(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The path and value of everything below a part of the model; of a part that holds nothing, itself."""
    found = False
    for step, inner in _inside(value):
        found = True
        yield from leaves_of(inner, path + step)
    if not found and value is not None and value != ():
        yield path, value


def _inside(value: Any) -> Iterator[tuple[str, Any]]:
    """The steps from a part of the model to the parts inside it that are there."""
    if isinstance(value, tuple):
        yield from ((f"[{index}]", item) for index, item in enumerate(value))
    elif is_dataclass(value) and not isinstance(value, _VALUES):
        for field in fields(value):
            inner = getattr(value, field.name)
            if inner is not None and inner != ():
                yield f".{field.name}", inner


def _compared(shape: Shape, before: Any, after: Any, path: str, version: str) -> Iterator[_Missing]:
    """The differences of two values of one dataclass, field by field."""
    for model_field in fields(before):
        name = model_field.name
        old, new = getattr(before, name), getattr(after, name)
        if old == new:
            continue
        bound = shape.bound(name)
        where = f"{path}.{name}" if path else name
        if bound is None:
            yield from _gone(old, where, say("{version} has no element for it", version=version))
            continue
        field = bound[1]
        if not field.many:
            yield from _changed(field.content, old, new, where, version)
            continue
        too_many = say(
            "{version} carries {most} of {count} values", version=version, most=len(new), count=len(old)
        )
        for index, item in enumerate(old):
            if index < len(new):
                yield from _changed(field.content, item, new[index], f"{where}[{index}]", version)
            else:
                yield from _gone(item, f"{where}[{index}]", too_many)


def _changed(content: Leaf | Shape, old: Any, new: Any, where: str, version: str) -> Iterator[_Missing]:
    """The differences between a value and what came back of it."""
    if old == new:
        return
    if new is None:
        yield from _gone(old, where, say("{version} cannot carry it", version=version))
    elif isinstance(content, Shape):
        yield from _compared(content, old, new, where, version)
    elif isinstance(old, _VALUES):
        yield from _of_value(old, new, where, version)
    elif isinstance(old, datetime) and old.replace(microsecond=0) == new:
        yield _Missing(
            where,
            text_of_value(old),
            say("{version} carries whole seconds only in this element", version=version),
        )
    else:
        yield _rewritten(where, old, new, version)


def _of_value(old: Any, new: Any, where: str, version: str) -> Iterator[_Missing]:
    """The attributes, and the text, that differ."""
    if old.value != new.value:
        yield _rewritten(where, old, new, version)
    for field in fields(old):
        attribute = _ATTRIBUTES.get((type(old), field.name))
        value = getattr(old, field.name)
        if attribute and value != getattr(new, field.name):
            yield _attribute(where, attribute, value, version)
    kept = dict(new.more)
    for attribute, value in old.more:
        if kept.get(attribute) != value:
            yield _attribute(where, attribute, value, version)


def _attribute(where: str, attribute: str, value: str, version: str) -> _Missing:
    why = say("{version} has no attribute {attribute} in this element", version=version, attribute=attribute)
    return _Missing(where, value, why, attribute)


def _rewritten(where: str, old: Any, new: Any, version: str) -> _Missing:
    why = say("{version} carries it as {value}", version=version, value=text_of_value(new))
    return _Missing(where, text_of_value(old), why)


def _gone(value: Any, where: str, why: str) -> Iterator[_Missing]:
    """Everything below a part that is not there any more."""
    for path, leaf in leaves_of(value, where):
        yield _Missing(path, text_of_value(leaf), why)


def _located(missing: _Missing, source: Version, places: Places, path: str) -> Loss:
    """A difference with its place in the source document."""
    place = places.locate(path)
    names = _POSITION.sub("", place.path).split("/")[1:]
    return Loss(
        path=path,
        xpath=place.path + (f"/@{missing.attribute}" if missing.attribute else ""),
        line=place.line,
        box=source.shape.box_of(names[1:]),
        what=f"@{missing.attribute}" if missing.attribute else names[-1],
        value=missing.value,
        why=missing.why,
    )
