"""How `ecites codes` shows codes: as facts, as tables, as JSON."""

import sys
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal

    from gateway.permits.codes import Alias, CodeList, ListedCode


def facts_of(entry: "ListedCode", day: "date") -> list[tuple[str, str]]:
    """What the list says of a code, with a word for each."""
    days = " ".join(
        part
        for part in (
            f"from {entry.valid_from}" if entry.valid_from else "",
            f"until {entry.valid_until}" if entry.valid_until else "",
        )
        if part
    )
    return [
        ("status", entry.status.value),
        (
            "days",
            f"{days}; {'valid' if entry.valid_on(day) else 'not valid'} on {day}" if days else "not known",
        ),
        ("kind", entry.kind),
        ("unit", ", else ".join(unit for unit in (entry.preferred_unit, entry.alternative_unit) if unit)),
        ("source", entry.source),
        ("certainty", entry.certainty),
        ("note", entry.note),
    ]


def conversion(alias: "Alias") -> str:
    """How an amount converts, as a sentence."""
    if not alias.converts:
        return "not converted, because no number is true for all"
    return f"1 {alias.alias} is {_plain(alias.one)} {alias.code}, exactly"


def as_dict(code_list: "CodeList", entry: "ListedCode") -> dict[str, Any]:
    """One code for JSON; days are ISO 8601, factors are text so that no digit is lost."""
    alias = code_list.aliases.get(entry.code)
    return {
        "code": entry.code,
        "meaning": entry.meaning,
        "status": entry.status.value,
        "replaced_by": entry.replaced_by or None,
        "valid_from": entry.valid_from.isoformat() if entry.valid_from else None,
        "valid_until": entry.valid_until.isoformat() if entry.valid_until else None,
        "kind": entry.kind or None,
        "preferred_unit": entry.preferred_unit or None,
        "alternative_unit": entry.alternative_unit or None,
        "converts_to": alias_as_dict(alias) if alias else None,
        "source": entry.source,
        "certainty": entry.certainty,
        "note": entry.note or None,
    }


def alias_as_dict(alias: "Alias") -> dict[str, Any]:
    """What a code stands for, for JSON; `one` is null when nothing converts."""
    return {
        "code": alias.code,
        "one": _plain(alias.one) if alias.converts else None,
        "standard": alias.standard,
        "source": alias.source,
        "certainty": alias.certainty,
        "note": alias.note or None,
    }


def _plain(number: "Decimal") -> str:
    """A number without an exponent and without needless zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def print_entries(entries: "Sequence[ListedCode]") -> None:
    """Codes as a table."""
    print_table(
        ("code", "status", "write", "from", "until", "meaning"),
        [
            (
                entry.code,
                entry.status.value,
                entry.replaced_by,
                str(entry.valid_from or ""),
                str(entry.valid_until or ""),
                entry.meaning,
            )
            for entry in entries
        ],
    )


def print_table(columns: "Sequence[str]", rows: "Sequence[Sequence[str]]") -> None:
    """
    A table: on a terminal as wide as it is, elsewhere plain text in aligned columns.

    Columns in which no row has anything are left out.
    """
    filled = [place for place in range(len(columns)) if any(row[place] for row in rows)]
    if not filled:
        return
    table = [[row[place] for place in filled] for row in (columns, *rows)]
    if sys.stdout.isatty():
        _print_on_terminal(table)
        return
    widths = [max(len(row[place]) for row in table) for place in range(len(filled))]
    for row in table:
        typer.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def _print_on_terminal(table: "Sequence[Sequence[str]]") -> None:
    """The same with lines that wrap inside their column; the first row is the head."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    head, *rows = table
    drawn = Table(*head, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        drawn.add_row(*(Text(text) for text in row))
    Console().print(drawn)
