"""A box set in type for a width: its lines, how high it is, and how many lines a height has room for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from gateway.rendering.entries import Box, Entry, Look
from gateway.rendering.paper import LEADING, POINT, Paper
from gateway.rendering.wrapping import reads_from_right, wrap

SIZES = (7.4, 6.8, 6.2)
"""Points of the text: the first that lets everything stand on the form is taken, else the last."""
LABEL, TITLE, NUMBER = 5.6, 5.4, 7.0
"""Points."""
LINE = SIZES[0] * POINT * LEADING
"""Millimetres from line to line of the largest text."""
TITLE_LINE = TITLE * POINT * LEADING
PAD = 1.0
"""Millimetres between the frame and what is in it."""
GAP = 1.0
"""Millimetres between a label and its text."""
_SQUARES = {True: "☒", False: "☐"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of type; the label, if any, stands before the text."""

    text: str
    look: Look = Look.PLAIN
    label: str = ""
    indent: float = 0
    """Millimetres that the label takes."""
    from_right: bool = False
    """True for a text that is read from right to left and has no label: it ends at the right."""


@dataclass(frozen=True, slots=True)
class SetBox:
    """A box with its lines."""

    box: Box
    title: tuple[str, ...]
    title_indent: float
    """Millimetres that the number takes."""
    lines: tuple[Line, ...]
    size: float
    """Points of the text."""

    @property
    def line(self) -> float:
        """Millimetres from line to line."""
        return self.size * POINT * LEADING

    @property
    def head(self) -> float:
        """Millimetres of the title with the space around it."""
        return PAD + max(len(self.title) * TITLE_LINE, NUMBER * POINT) + PAD / 2

    @property
    def height(self) -> float:
        """Millimetres that show everything."""
        return self.head + max(len(self.lines), 1) * self.line + PAD

    @property
    def least(self) -> float:
        """Millimetres for the title and two lines, or all there is."""
        return self.head + min(max(len(self.lines), 1), 2) * self.line + PAD

    def room(self, height: float) -> int:
        """How many lines fit into a height; a little less than a line too few is no reason to lose it."""
        return int((height - self.head - PAD) / self.line + 0.01)


def set_box(paper: Paper, box: Box, width: float, nothing: str, size: float) -> SetBox:
    """Break title and entries of a box to fit `width` millimetres; `nothing` is said when it is not used."""
    inner = width - 2 * PAD
    number = paper.measure(Look.STRONG, NUMBER)(box.number) + GAP
    title = wrap(paper.drawable(box.title), inner, paper.measure(Look.PLAIN, TITLE), first=number)
    lines = tuple(entry_lines(paper, box.entries, inner, size)) or (Line("—" if box.used else nothing),)
    return SetBox(box, tuple(title), number, lines, size)


def entry_lines(paper: Paper, entries: Sequence[Entry], width: float, size: float) -> Iterator[Line]:
    """The lines of all entries; squares that follow each other share lines."""
    for squares, group in groupby(entries, key=lambda entry: entry.ticked is not None):
        if squares:
            yield from _squares(paper, tuple(group), width, size)
        else:
            for entry in group:
                yield from _entry(paper, entry, width, size)


def _entry(paper: Paper, entry: Entry, width: float, size: float) -> Iterator[Line]:
    """A text after its label; a label that takes most of the width has a line of its own."""
    label = paper.drawable(f"{entry.label}:") if entry.label else ""
    indent = paper.measure(Look.PLAIN, LABEL)(label) + GAP if label else 0
    text, measure = paper.drawable(entry.text), paper.measure(entry.look, size)
    lines = wrap(text, width, measure, first=indent)
    from_right = not label and reads_from_right(text)
    yield Line(lines[0], entry.look, label, indent, from_right)
    for line in lines[1:]:
        yield Line(line, entry.look, from_right=from_right)


def _squares(paper: Paper, entries: Sequence[Entry], width: float, size: float) -> Iterator[Line]:
    """Squares with their words; a square and its words are never parted."""
    words = (f"{_SQUARES[bool(entry.ticked)]} {entry.text}".replace(" ", "\u00a0") for entry in entries)
    text = paper.drawable("   ".join(words))
    for line in wrap(text, width, paper.measure(Look.PLAIN, size)):
        yield Line(line)


def write_line(paper: Paper, line: Line, place: tuple[float, float, float], size: float) -> None:
    """Put a line at `place` (left, top, width), its label lowered so that both stand on one line."""
    x, y, width = place
    if line.label:
        paper.write(x, y + (size - LABEL) * POINT, line.label, size=LABEL)
    left = x + line.indent
    if line.from_right:
        left = x + width - paper.measure(line.look, size)(line.text)
    paper.write(left, y, line.text, look=line.look, size=size)
