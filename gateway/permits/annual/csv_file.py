"""
The annual report as a file: UTF-8, commas, a header, lines as RFC 4180 wants them.

A program reads it and compares permit numbers character by character, so every text is written as it is; a
mark against formulas would be taken for a part of the number. Who wants to open a report with a spreadsheet
asks for `spreadsheet=True`, and does not submit that file. The rule `text.formula` warns of both.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from gateway.errors import MalformedRequest
from gateway.permits.annual.columns import COLUMNS, ReportRow
from gateway.permits.annual.secondary import FORMULA
from gateway.permits.annual.used import Side
from gateway.wording import say

MAX_BYTES = 64 * 1024 * 1024
"""A report of a large Party has some 200,000 rows of 100 bytes."""


def write(rows: Iterable[ReportRow], side: Side, *, spreadsheet: bool = False) -> bytes:
    """
    The file for one side.

    With `spreadsheet`, text that a spreadsheet would calculate gets an apostrophe before it: for looking at,
    not for the trade database.
    """
    columns = COLUMNS[side]
    cells = ([row.cell(column) for column in columns] for row in rows)
    return as_csv(columns, cells, spreadsheet=spreadsheet)


def read(data: bytes, side: Side) -> tuple[ReportRow, ...]:
    """
    The rows of a file; a mark of the byte order at its beginning is allowed, and so are empty lines.

    Raises `MalformedRequest` when it is too long, not UTF-8 or no CSV, when its header is not that of this
    side, and when a row has more or fewer columns.
    """
    columns = COLUMNS[side]
    reader = csv.reader(io.StringIO(_text(data), newline=""), strict=True)
    try:
        header = next(reader, [])
        if tuple(header) != columns:
            raise MalformedRequest(
                say("the header of the file is not that of an annual report of this side"),
                advice=say("write the columns {columns}", columns=",".join(columns)),
            )
        return tuple(_row(columns, cells, reader.line_num) for cells in reader if cells)
    except csv.Error as error:
        raise MalformedRequest(
            say("line {number} of the file is no CSV: {error}", number=reader.line_num, error=error),
            advice=say("put text that holds commas, quotes or line breaks between quotes"),
        ) from error


def as_csv(header: Sequence[str], rows: Iterable[Sequence[str]], *, spreadsheet: bool) -> bytes:
    """Any table as UTF-8, with commas; `spreadsheet` puts an apostrophe before what would be calculated."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] if spreadsheet else row for row in rows)
    return out.getvalue().encode()


def _harmless(text: str) -> str:
    """Text that a spreadsheet shows and does not calculate; numbers stay numbers."""
    return f"'{text}" if text.startswith(FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    """Whether it is a plain negative number, such as what is left of a permit that was used too much."""
    return text[:1] == "-" and text[1:].replace(".", "", 1).isdecimal()


def _text(data: bytes) -> str:
    """The text of the file; raises `MalformedRequest` when it is too long or not UTF-8."""
    if len(data) > MAX_BYTES:
        raise MalformedRequest(
            say("the file has more than {limit} bytes", limit=MAX_BYTES),
            advice=say("give the years one by one"),
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedRequest(
            say("the file is not UTF-8"), advice=say("save it as CSV with the encoding UTF-8")
        ) from error


def _row(columns: Sequence[str], cells: Sequence[str], line: int) -> ReportRow:
    """One row; raises `MalformedRequest` when it has more or fewer cells than the header."""
    if len(cells) != len(columns):
        raise MalformedRequest(
            say(
                "line {number} of the file has {found} columns, and the header has {wanted}",
                number=line,
                found=len(cells),
                wanted=len(columns),
            ),
            advice=say("put text that holds commas, quotes or line breaks between quotes"),
        )
    return ReportRow.of(dict(zip(columns, cells, strict=True)))
