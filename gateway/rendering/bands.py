"""
Boxes beside and above each other, as the paper form has them.

A band is as wide as the page and made of columns; a column is made of groups, one above the other; a group is
made of boxes that stand side by side.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.rendering.entries import Box, Look
from gateway.rendering.paper import HAIRLINE, Paper
from gateway.rendering.sharing import share
from gateway.rendering.typeset import (
    LABEL,
    NUMBER,
    PAD,
    TITLE,
    TITLE_LINE,
    SetBox,
    set_box,
    write_line,
)

Overflow = Callable[[Box], None]
"""Told of each box that was not shown in full."""


@dataclass(frozen=True, slots=True)
class Column:
    """Part of a band."""

    part: float
    """Of the width of the band, as a fraction."""
    groups: tuple[tuple[str, ...], ...]
    """Numbers of boxes."""


Plan = tuple[Column, ...]

OPENING: tuple[Plan, ...] = (
    (Column(0.7, (("1",),)), Column(0.3, (("2",),))),
    (Column(0.5, (("3",), ("3a",))), Column(0.5, (("4",),))),
    (Column(0.5, (("5",), ("5a", "5b"))), Column(0.5, (("6",),))),
)
UPPER: Plan = (
    Column(0.27, (("7",), ("8",))),
    Column(0.33, (("9",),)),
    Column(0.21, (("10",),)),
    Column(0.19, (("11",), ("11a",))),
)
LOWER: Plan = (Column(0.36, (("12",),)), Column(0.36, (("12a",),)), Column(0.28, (("12b",),)))
LOWER_ON_SHEET: Plan = (
    Column(0.27, (("12",),)),
    Column(0.27, (("12a",),)),
    Column(0.2, (("12b",),)),
    Column(0.26, (("14",),)),
)
CLOSING: tuple[Plan, ...] = ((Column(1, (("13",),)),), (Column(0.68, (("14",),)), Column(0.32, (("15",),))))


@dataclass(frozen=True, slots=True)
class Band:
    """Boxes set in type for their places."""

    columns: tuple[tuple[float, tuple[tuple[SetBox, ...], ...]], ...]
    """Width in millimetres and groups."""

    @property
    def height(self) -> float:
        """Millimetres that show everything."""
        return max(sum(_need(group) for group in groups) for _, groups in self.columns)

    @property
    def least(self) -> float:
        """Millimetres that show the beginning of everything."""
        return max(sum(_least(group) for group in groups) for _, groups in self.columns)


def band(paper: Paper, plan: Plan, boxes: Mapping[str, Box], width: float, nothing: str, size: float) -> Band:
    """Set the boxes of a plan; `nothing` is said in those that are not used."""
    return Band(
        tuple(
            (
                column.part * width,
                tuple(
                    tuple(
                        set_box(paper, boxes[number], column.part * width / len(group), nothing, size)
                        for number in group
                    )
                    for group in column.groups
                ),
            )
            for column in plan
        )
    )


def draw_band(
    paper: Paper, band: Band, x: float, y: float, height: float, overflow: Overflow, more: str
) -> None:
    """Draw the boxes into `height` millimetres; where a text is cut, `more` says where it goes on."""
    for width, groups in band.columns:
        top = y
        heights = share([_need(group) for group in groups], [_least(group) for group in groups], height)
        for group, high in zip(groups, heights, strict=True):
            for index, each in enumerate(group):
                part = width / len(group)
                _draw_box(paper, each, (x + index * part, top, part, high), overflow, more)
            top += high
        x += width


def _draw_box(
    paper: Paper, each: SetBox, place: tuple[float, float, float, float], overflow: Overflow, more: str
) -> None:
    """Frame, number, title, and as many lines as there is room for."""
    x, y, width, height = place
    if not each.box.used:
        paper.hatch(x, y, width, height)
        paper.blank(x + HAIRLINE, y + HAIRLINE, width - 2 * HAIRLINE, each.head - HAIRLINE)
    paper.frame(x, y, width, height)
    paper.write(x + PAD, y + PAD / 2, each.box.number, look=Look.STRONG, size=NUMBER)
    for index, text in enumerate(each.title):
        indent = 0 if index else each.title_indent
        paper.write(x + PAD + indent, y + PAD + index * TITLE_LINE, text, size=TITLE)
    room = each.room(height)
    whole = room >= len(each.lines)
    top = y + each.head
    for line in each.lines if whole else each.lines[: room - 1]:
        if not each.box.used:
            paper.blank(x + PAD / 2, top, paper.measure(line.look, each.size)(line.text) + PAD, each.line)
        write_line(paper, line, (x + PAD, top, width - 2 * PAD), each.size)
        top += each.line
    if not whole:
        fits = paper.measure(Look.LATIN, LABEL)(more) <= width - 2 * PAD
        paper.write(x + PAD, top, more if fits else "…", look=Look.LATIN, size=LABEL)
        overflow(each.box)


def _need(group: tuple[SetBox, ...]) -> float:
    """Millimetres that show a group in full."""
    return max(each.height for each in group)


def _least(group: tuple[SetBox, ...]) -> float:
    """Millimetres that show the beginning of a group."""
    return max(each.least for each in group)
