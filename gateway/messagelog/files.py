"""Entries as lines of a file: CSV for a spreadsheet, or JSON lines for a program."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import fields
from enum import StrEnum

from gateway.messagelog.entry import Entry

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A spreadsheet calculates a cell that begins so; an apostrophe in front tells it that it is text."""

_COLUMNS = tuple(each.name for each in fields(Entry))


class FileFormat(StrEnum):
    """How entries are written."""

    CSV = "csv"
    """RFC 4180, UTF-8; headers as JSON in one cell."""
    JSONL = "jsonl"
    """One JSON object in each line, as `Entry.as_dict` makes it; nothing is changed in it."""

    @property
    def media_type(self) -> str:
        """For who fetches it over HTTP."""
        return "text/csv; charset=utf-8" if self is FileFormat.CSV else "application/jsonl"


def head(format_: FileFormat) -> str:
    """What stands before the first entry."""
    return _csv([_COLUMNS]) if format_ is FileFormat.CSV else ""


def lines(entries: Sequence[Entry], format_: FileFormat) -> str:
    """Entries, each in its line."""
    if format_ is FileFormat.CSV:
        return _csv([_cells(entry) for entry in entries])
    return "".join(json.dumps(entry.as_dict(), ensure_ascii=False) + "\n" for entry in entries)


def _cells(entry: Entry) -> list[str]:
    """One row."""
    shape = entry.as_dict()
    headers = json.dumps(shape["headers"], ensure_ascii=False) if shape["headers"] else ""
    return [_harmless(str(value or "")) for value in (shape | {"headers": headers}).values()]


def _harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _csv(rows: Sequence[Sequence[str]]) -> str:
    """Rows as RFC 4180 has them."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
