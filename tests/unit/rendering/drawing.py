"""Permits to draw, and the texts that a drawing of them must show."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.codec.v2.read import read
from gateway.permits.model import Country, Permit
from gateway.permits.quantities import Quantity
from gateway.permits.validity import standing_of
from gateway.permits.values import Code, Identifier, Text
from gateway.rendering.form import Form, Seal, form_of
from gateway.rendering.voice import Voice
from gateway.xmlio.parse import parse

PERMITS = Path(__file__).resolve().parents[3] / "fixtures" / "permits"
FILES = sorted(PERMITS.glob("*.xml"))
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
DIGEST = "0123456789abcdef" * 4


def permit(name: str) -> Permit:
    """A permit of the fixtures by the name of its file."""
    return read(parse((PERMITS / f"{name}.xml").read_bytes()).root).permit


def full() -> Permit:
    """A permit that fills every element of every message version: those of v2, and what only v1 has."""
    every = permit("every-element")
    provinces = (Text("Province", "EN"), Text("Provincia", "ES"))
    lines = tuple(
        replace(
            line,
            origin=replace(line.origin or Country(), subdivisions=provinces),
            last_export=replace(line.last_export or Country(), subdivisions=provinces),
        )
        for line in every.lines
    )
    imported = Country((Identifier("BE"), Identifier("NL")), (Text("Belgique"), Text("Pays-Bas")), provinces)
    return replace(every, lines=lines, import_country=imported)


def form(
    shown: Permit, language: str = "en", seal: Seal | None = None, at: datetime = AT, digest: str = DIGEST
) -> Form:
    """The form of a permit."""
    return form_of(
        shown, standing=standing_of(shown, at), seal=seal, digest=digest, version="v2", language=language
    )


def leaves(value: Any) -> Iterator[Any]:
    """Every value below a part of the model that a box shows: the context of the message has no box."""
    if isinstance(value, Text | Identifier | Code | Quantity | datetime):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from leaves(each)
    elif is_dataclass(value):
        for field in fields(value):
            if field.name != "context":
                yield from leaves(getattr(value, field.name))


def shown(leaf: Any, language: str = "en") -> str:
    """How a drawing writes a value, without white space."""
    if isinstance(leaf, datetime):
        text = Voice(language).moment(leaf)
    elif isinstance(leaf, Quantity):
        text = str(leaf)
    else:
        text = leaf.value
    return bare(text)


def bare(text: str) -> str:
    """The text without white space: lines may break anywhere."""
    return "".join(text.split())


def with_texts(value: Any, text: str) -> Any:
    """The same part of a model with every text, number and code replaced."""
    if isinstance(value, Text | Identifier | Code):
        return replace(value, value=text)
    if isinstance(value, tuple):
        return tuple(with_texts(each, text) for each in value)
    if is_dataclass(value) and not isinstance(value, Quantity):
        changed = {f.name: with_texts(getattr(value, f.name), text) for f in fields(value)}
        return replace(value, **changed)
    return value
