"""Reads the files of the code lists and refuses those that contradict themselves or each other."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal, Inexact
from types import MappingProxyType

from gateway import resources
from gateway.errors import ConfigurationError
from gateway.permits.codes.entry import ONE, Alias, CodeList, ListedCode, Status
from gateway.wording import phrase

ALIASES = "alias"
"""The name of the file of aliases."""
FAULTS = (OSError, ValueError, ArithmeticError, csv.Error)
"""What a file that is missing or broken can raise."""

_ABOUT_A_CODE = ("code", "meaning", "status", "replaced_by", "valid_from", "valid_until")
_ABOUT_AN_ALIAS = ("list", "alias", "code", "multiply_by", "divide_by", "standard")
_TRUST = ("source", "certainty", "note")
"""Where a fact is from, and how sure it is."""
_NOTHING: Mapping[str, Alias] = MappingProxyType({})


def load(name: str, aliases: Mapping[str, Alias] | None = None) -> CodeList:
    """
    Read one list from `schemas/codelists/<name>.csv`; `aliases` are its rows of `alias.csv`.

    Raises `ConfigurationError` when the file is missing, broken, names a code twice, ends a code before it
    begins, or replaces a code by one that the list does not have or replaces again; when an alias stands for
    a code that the list does not have, for another alias, for something else than the list says, or leads
    back to itself; and when a unit is replaced and no alias says how to convert.
    """
    aliases = aliases if aliases is not None else _NOTHING
    try:
        entries = _entries(name, aliases)
        _check_aliases(entries, aliases)
        _check_circles(aliases)
    except FAULTS as error:
        raise broken(name, error) from error
    return CodeList(name, MappingProxyType(entries), MappingProxyType(aliases))


def load_aliases() -> Mapping[str, Mapping[str, Alias]]:
    """
    The rows of `alias.csv` by list and alias.

    Raises `ConfigurationError` when the file is missing, broken, or names an alias twice.
    """
    try:
        return MappingProxyType(_by_list(rows(ALIASES, _ABOUT_AN_ALIAS + _TRUST)))
    except FAULTS as error:
        raise broken(ALIASES, error) from error


def broken(name: str, error: object) -> ConfigurationError:
    """The error for a file that cannot be used."""
    return ConfigurationError(
        f"the code list {name} cannot be read: {error}",
        advice="install the package again, or undo the change to schemas/codelists",
    )


def rows(name: str, columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """
    The rows of `schemas/codelists/<name>.csv` by column.

    Raises `ValueError` when one of `columns` or a part of a row is missing.
    """
    path = resources.schemas() / "codelists" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = [column for column in columns if column not in (reader.fieldnames or ())]
        if missing:
            raise ValueError(f"it has no column {', '.join(missing)}")
        for row in reader:
            if None in row or None in row.values():
                raise ValueError(f"line {reader.line_num} has not as many columns as the first")
            yield row


def _by_list(lines: Iterable[dict[str, str]]) -> dict[str, dict[str, Alias]]:
    """The aliases of each list; raises `ValueError` when one is there twice."""
    aliases: dict[str, dict[str, Alias]] = {}
    for row in lines:
        alias = _alias(row)
        known = aliases.setdefault(row["list"], {})
        if alias.alias in known:
            raise ValueError(f"{alias.alias} is there twice for the list {row['list']}")
        known[alias.alias] = alias
    return aliases


def _entries(name: str, aliases: Mapping[str, Alias]) -> dict[str, ListedCode]:
    """The rows of one list by code; raises `ValueError` when they contradict each other."""
    entries: dict[str, ListedCode] = {}
    for row in rows(name, _ABOUT_A_CODE + _TRUST):
        entry = _entry(row, aliases.get(row["code"]))
        if entry.code in entries:
            raise ValueError(f"{entry.code} is there twice")
        if entry.valid_from and entry.valid_until and entry.valid_until < entry.valid_from:
            raise ValueError(f"{entry.code} ends on {entry.valid_until}, before it begins")
        entries[entry.code] = entry
    _check_replacements(entries, aliases)
    return entries


def _check_replacements(entries: Mapping[str, ListedCode], aliases: Mapping[str, Alias]) -> None:
    """Raises `ValueError` for a code replaced by none of the list, and for a unit without a conversion."""
    for entry in entries.values():
        if not entry.replaced_by:
            continue
        target = entries.get(entry.replaced_by)
        if target is None:
            raise ValueError(f"{entry.code} is replaced by {entry.replaced_by}, which is not in the list")
        if target.replaced_by:
            raise ValueError(f"{entry.code} is replaced by {entry.replaced_by}, which is replaced itself")
        if entry.kind and entry.code not in aliases:
            raise ValueError(
                f"{entry.code} is replaced by {entry.replaced_by}, and no alias says how to convert"
            )


def _check_aliases(entries: Mapping[str, ListedCode], aliases: Mapping[str, Alias]) -> None:
    """Raises `ValueError` for an alias that fits no entry, or not the entry of its own code."""
    for alias in aliases.values():
        target = entries.get(alias.code)
        if target is None:
            raise ValueError(f"{alias.alias} stands for {alias.code}, which is not in the list")
        if target.replaced_by:
            raise ValueError(f"{alias.alias} stands for {alias.code}, which stands for another code itself")
        own = entries.get(alias.alias)
        if own is not None and own.status is not Status.CURRENT and own.replaced_by != alias.code:
            raise ValueError(
                f"{alias.alias} stands for {alias.code}, and the list replaces it by "
                f"{own.replaced_by or 'nothing'}"
            )


def _check_circles(aliases: Mapping[str, Alias]) -> None:
    """Raises `ValueError` for an alias that leads back to itself, for example grams to kilograms to grams."""
    for alias in aliases.values():
        passed: set[str] = set()
        step: Alias | None = alias
        while step is not None:
            if step.alias in passed:
                raise ValueError(f"{alias.alias} leads back to {step.alias}")
            passed.add(step.alias)
            step = aliases.get(step.code)


def _entry(row: dict[str, str], alias: Alias | None) -> ListedCode:
    """One row of a list; the factor of a code that is not to be written any more comes from its alias."""
    replaced_by = row["replaced_by"]
    replaced = alias if replaced_by else None
    return ListedCode(
        code=row["code"],
        meaning=phrase(row["meaning"]),
        status=Status(row["status"]),
        replaced_by=replaced_by,
        valid_from=_day(row["valid_from"]),
        valid_until=_day(row["valid_until"]),
        kind=row.get("kind", ""),
        factor=(replaced.multiply_by, replaced.divide_by) if replaced else (ONE, ONE),
        converts=replaced.converts if replaced else True,
        preferred_unit=row.get("preferred_unit", ""),
        alternative_unit=row.get("alternative_unit", ""),
        source=row["source"],
        certainty=row["certainty"],
        note=row["note"],
    )


def _alias(row: dict[str, str]) -> Alias:
    """One row of `alias.csv`; neither factor filled in means that nothing converts."""
    multiply_by, divide_by = (_factor(row[column]) for column in ("multiply_by", "divide_by"))
    alias = Alias(
        alias=row["alias"],
        code=row["code"],
        multiply_by=multiply_by or ONE,
        divide_by=divide_by or ONE,
        converts=bool(multiply_by or divide_by),
        standard=row["standard"],
        source=row["source"],
        certainty=row["certainty"],
        note=row["note"],
    )
    try:
        _ = alias.one
    except Inexact:
        raise ValueError(f"the factor of {alias.alias} does not end; give one that does") from None
    return alias


def _factor(text: str) -> Decimal | None:
    """A factor above zero, or None when it is not filled in."""
    if not text:
        return None
    factor = Decimal(text)
    if not factor.is_finite() or factor <= 0:
        raise ValueError(f"{text} is no factor; write a number above zero")
    return factor


def _day(text: str) -> date | None:
    """A day, or None when it is not filled in."""
    return date.fromisoformat(text) if text else None
