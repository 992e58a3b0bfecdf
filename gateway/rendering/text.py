"""The form for a terminal: box after box, plain text, at most 80 columns."""

import unicodedata
from collections.abc import Iterator

from gateway.rendering.entries import Box, Entry
from gateway.rendering.form import Form
from gateway.rendering.rows import Row
from gateway.rendering.voice import Voice
from gateway.rendering.wrapping import wrap
from gateway.wording import say

WIDTH = 80
"""Columns."""
_INDENT = 5
"""Columns for the number of a box."""
_LABEL_LIMIT = 30
"""Columns; a longer label is followed by its text at once."""
_NARROW = frozenset({"Mn", "Me", "Cf"})


def to_text(form: Form) -> str:
    """The whole form; lines end with a line feed."""
    return "\n".join(line.rstrip() for line in _lines(form)) + "\n"


def columns(text: str) -> int:
    """How wide a terminal shows a text: ideographs take two columns, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.category(character) in _NARROW
        else 2
        if unicodedata.east_asian_width(character) in "WF"
        else 1
        for character in text
    )


def _lines(form: Form) -> Iterator[str]:
    """From the stamps to the reference."""
    voice = Voice(form.language)
    yield from _hanging("CITES  ", f"{form.title}  {form.number}", " " * _INDENT)
    yield "=" * WIDTH
    for stamp in form.stamps:
        yield from _hanging(f"** {stamp.words} **  ", stamp.reason, "   ")
    yield "=" * WIDTH
    for box in form.opening:
        yield from _box(voice, box)
    for row in (*form.rows, *form.sheet_rows):
        yield from _row(voice, row)
    yield "-" * WIDTH
    for box in form.closing:
        yield from _box(voice, box)
    yield "=" * WIDTH
    yield from _hanging(f"{voice(say('Reference'))}  ", form.reference, "  ")
    yield from wrap(form.note, WIDTH, columns)


def _row(voice: Voice, row: Row) -> Iterator[str]:
    """One line of the permit under a heading; lines that it does not have are left out."""
    if row.empty:
        return
    title = f"-- {voice(say('Line {line}', line=row.letter or '—'))} "
    yield title + "-" * (WIDTH - columns(title))
    for box in row.boxes:
        yield from _box(voice, box)


def _box(voice: Voice, box: Box) -> Iterator[str]:
    """Number and title, then the entries below, labels in a column of their own."""
    yield from _hanging(f"{box.number:<{_INDENT}}", box.title, " " * _INDENT)
    indent = " " * _INDENT
    if not box.entries:
        yield indent + ("—" if box.used else voice(say("(not used)")))
    labels = [columns(entry.label) for entry in box.entries if entry.label]
    column = min(max(labels, default=-2) + 2, _LABEL_LIMIT)
    for entry in box.entries:
        yield from _hanging(
            f"{indent}{_head(entry, column)}", entry.text, indent + " " * (column if entry.label else 0)
        )


def _head(entry: Entry, column: int) -> str:
    """What stands before the text: a square, or the label filled up to its column."""
    if entry.ticked is not None:
        return "[x] " if entry.ticked else "[ ] "
    if not entry.label:
        return ""
    return entry.label + " " * max(column - columns(entry.label), 2)


def _hanging(head: str, text: str, indent: str) -> Iterator[str]:
    """A text that begins after `head` and goes on under `indent`."""
    room = WIDTH - len(indent)
    first = max(columns(head) - len(indent), 0)
    lines = wrap(text, room, columns, first=first)
    yield head + lines[0]
    yield from (indent + line for line in lines[1:])
