"""
The code lists of CITES as immutable data: `schemas/codelists/*.csv`.

`schemas/README.md` says where each list came from and how sure it is.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

from gateway import resources
from gateway.errors import ConfigurationError


class Status(StrEnum):
    """Whether a code may be written today."""

    CURRENT = "current"
    """In use."""
    LEGACY = "legacy"
    """Withdrawn, still met in documents; `replaced_by` says what to write."""
    ALIAS = "alias"
    """Another list's code for the same thing."""
    FORMER = "former"
    """A country that is no more."""
    SPECIAL = "special"
    """A code of CITES or of the trade database that is no country of ISO 3166-1."""
    NOT_FOR_PERMITS = "not-for-permits"
    """Trade statistics only."""


@dataclass(frozen=True, slots=True)
class ListedCode:
    """One entry of a code list."""

    code: str
    meaning: str
    status: Status = Status.CURRENT
    replaced_by: str = ""
    """Code of the same list to write instead; empty when there is none."""
    kind: str = ""
    """Of a unit: mass, volume, length, area or count."""
    factor: tuple[Decimal, Decimal] = (Decimal(1), Decimal(1))
    """Of a unit: multiply by the first and divide by the second to get an amount in `replaced_by`."""
    preferred_unit: str = ""
    """Of a term, in words."""
    alternative_unit: str = ""
    """Of a term, in words."""
    source: str = ""
    certainty: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class CodeList:
    """A code list. `code in code_list` says whether it has a code, whatever its status."""

    name: str
    entries: Mapping[str, ListedCode]

    def __contains__(self, code: str) -> bool:
        """Whether the list has the code."""
        return code in self.entries

    def get(self, code: str) -> ListedCode | None:
        """The entry of a code, or None."""
        return self.entries.get(code)

    def words(self) -> str:
        """The current codes for a sentence: `E, R, I, O`. For short lists."""
        return ", ".join(code for code, entry in self.entries.items() if entry.status is Status.CURRENT)


@dataclass(frozen=True, slots=True)
class CodeLists:
    """The lists that a permit is checked against."""

    permit_type: CodeList
    purpose: CodeList
    source: CodeList
    appendix: CodeList
    unit: CodeList
    term: CodeList
    country: CodeList


@cache
def code_lists() -> CodeLists:
    """
    All lists, read once per process.

    Raises `ConfigurationError` when a file is missing or broken.
    """
    return CodeLists(**{name: load(name) for name in CodeLists.__dataclass_fields__})


def load(name: str) -> CodeList:
    """
    Read one list from `schemas/codelists/<name>.csv`.

    Raises `ConfigurationError` when the file is missing, broken, names a code twice, or replaces a code by
    one that the list does not have.
    """
    path = resources.schemas() / "codelists" / f"{name}.csv"
    try:
        return CodeList(name, MappingProxyType(_entries(path)))
    except (OSError, ValueError, KeyError, ArithmeticError) as error:
        raise ConfigurationError(
            f"the code list {name} cannot be read: {error}",
            advice="install the package again, or undo the change to schemas/codelists",
        ) from error


def _entries(path: Path) -> dict[str, ListedCode]:
    """The rows of one file by code; raises `ValueError` when they contradict each other."""
    entries: dict[str, ListedCode] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            entry = _entry(row)
            if entry.code in entries:
                raise ValueError(f"{entry.code} is there twice")
            entries[entry.code] = entry
    for entry in entries.values():
        if entry.replaced_by and entry.replaced_by not in entries:
            raise ValueError(f"{entry.code} is replaced by {entry.replaced_by}, which is not in the list")
    return entries


def _entry(row: dict[str, str]) -> ListedCode:
    """One row of a file."""
    return ListedCode(
        code=row["code"],
        meaning=row["meaning"],
        status=Status(row["status"]),
        replaced_by=row["replaced_by"],
        kind=row.get("kind", ""),
        factor=(Decimal(row.get("multiply_by") or 1), Decimal(row.get("divide_by") or 1)),
        preferred_unit=row.get("preferred_unit", ""),
        alternative_unit=row.get("alternative_unit", ""),
        source=row["source"],
        certainty=row["certainty"],
        note=row["note"],
    )
