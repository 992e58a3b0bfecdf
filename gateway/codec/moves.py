"""What one message version says in another place than the other, so that nothing need be lost."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from gateway.codec.losses import leaves_of, text_of_value
from gateway.codec.versions import Version
from gateway.permits.model import Address, Context, ContextParameter, Country, Party, Permit
from gateway.permits.values import Identifier, Text
from gateway.wording import ENGLISH, say, translated

PROCESS = "CITES PERMITTING"
"""The business process, in the capitals of the toolkit (toolkit 2.0, document context)."""

MODELS = {"v1": "09A", "v2": "09A", "v3": "22A"}
"""By message version: the release of the data model (v1, v2: seen; v3: inferred from its library D22A)."""

_COUNTRY_TO_ADDRESS = (("ids", "countries"), ("names", "country_names"), ("subdivisions", "subdivisions"))
"""Fields of a country, and the fields of an address that say the same."""


@dataclass(frozen=True, slots=True)
class Move:
    """One value that stands elsewhere, or otherwise, in the target version."""

    path: str
    """In the model of the source."""
    to: str
    """In the model of the target; empty when the target says it already or has its own."""
    value: str
    why: str
    """A sentence."""

    def as_dict(self, language: str = ENGLISH) -> dict[str, Any]:
        """The JSON shape: path, to, value, why."""
        return {"path": self.path, "to": self.to, "value": self.value, "why": translated(self.why, language)}


def moved(permit: Permit, target: Version) -> tuple[Permit, tuple[Move, ...]]:
    """The permit as it is to be written in `target`, and the list of what was put elsewhere for that."""
    context, moves = _context(permit.context, target)
    permit = replace(permit, context=context)
    if target.shape.bound("import_country") is None and permit.import_country is not None:
        permit, more = _import_country(permit, permit.import_country)
        moves += more
    return permit, tuple(moves)


def _context(context: Context, target: Version) -> tuple[Context, list[Move]]:
    """Process and data model are those of the target: they describe the message, not the permit."""
    moves: list[Move] = []
    processes = list(context.processes)
    for index, process in enumerate(processes):
        value = process.value
        if value and value.value != PROCESS and value.value.strip().upper() == PROCESS:
            processes[index] = replace(process, value=replace(value, value=PROCESS))
            path = f"context.processes[{index}].value"
            moves.append(Move(path, path, value.value, say("the process is written {name}", name=PROCESS)))
    models = list(context.models)
    wanted = MODELS[target.name]
    for index, model in enumerate(models):
        release = model.id.value.removeprefix("D") if model.id else ""
        if model.id and release in MODELS.values() and release != wanted:
            path = f"context.models[{index}]"
            models[index] = ContextParameter(id=replace(model.id, value=wanted))
            moves += _replaced(model, path, wanted, target.name)
    return Context(tuple(processes), tuple(models)), moves


def _replaced(model: ContextParameter, path: str, wanted: str, version: str) -> Iterator[Move]:
    """What was said of a data model that is not that of the target."""
    for where, value in leaves_of(model, path):
        to = where if value is model.id else ""
        why = say("the data model of {version} is {model}", version=version, model=wanted)
        yield Move(where, to, text_of_value(value), why)


def _import_country(permit: Permit, country: Country) -> tuple[Permit, list[Move]]:
    """
    Box 3a of a version that has no element for it: the country of the importer's address.

    Where the address has no country, it gets this one. Where it has the same, what both say is said. Where it
    has another, nothing is moved: which of the two is right is not for us to decide.
    """
    importer = permit.importer or Party()
    address = importer.address or Address()
    if address.countries and address.countries[0].value != country.code:
        return permit, []
    given: dict[str, Any] = {}
    moves: list[Move] = []
    whole = True
    for name, other in _COUNTRY_TO_ADDRESS:
        values, there = getattr(country, name), getattr(address, other)
        if values and not there:
            room = values[:1] if other == "countries" else values
            given[other] = room
            moves += _put(name, other, room)
            whole = whole and room == values
            continue
        moves += _said(name, values, there)
        whole = whole and all(_says(there, value) for value in values)
    if given:
        permit = replace(permit, importer=replace(importer, address=replace(address, **given)))
    return (replace(permit, import_country=None) if whole else permit), moves


def _put(name: str, other: str, values: tuple[Identifier | Text, ...]) -> Iterator[Move]:
    """Values that go to the importer's address."""
    for index, value in enumerate(values):
        yield Move(
            f"import_country.{name}[{index}]",
            f"importer.address.{other}[{index}]",
            value.value,
            say("the country of import stands in the importer's address"),
        )


def _said(
    name: str, values: tuple[Identifier | Text, ...], there: tuple[Identifier | Text, ...]
) -> Iterator[Move]:
    """Values that the importer's address has already."""
    for index, value in enumerate(values):
        if _says(there, value):
            yield Move(
                f"import_country.{name}[{index}]",
                "",
                value.value,
                say("the importer's address says it already"),
            )


def _says(there: tuple[Identifier | Text, ...], value: Identifier | Text) -> bool:
    """Whether some value has the same text and every attribute that this one has."""
    own = [field.name for field in fields(value) if getattr(value, field.name) not in (None, ())]
    return any(all(getattr(other, name) == getattr(value, name) for name in own) for other in there)
