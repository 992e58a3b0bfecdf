"""The form on A4: one page as the paper form has it, then continuation sheets for what it cannot hold."""

import unicodedata
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from gateway.rendering.bands import (
    CLOSING,
    LOWER,
    LOWER_ON_SHEET,
    OPENING,
    UPPER,
    Band,
    Plan,
    band,
    draw_band,
)
from gateway.rendering.entries import Box, Entry, Look
from gateway.rendering.form import Form
from gateway.rendering.paper import HATCH, LEADING, MISSING, POINT, RULE, Paper
from gateway.rendering.rows import Row
from gateway.rendering.sharing import share
from gateway.rendering.sheets import BOTTOM, COLUMN, INNER, MARGIN, Columns, Sheets
from gateway.rendering.typeset import (
    LABEL,
    LINE,
    NUMBER,
    PAD,
    SIZES,
    TITLE,
    TITLE_LINE,
    entry_lines,
    write_line,
)
from gateway.rendering.voice import Voice
from gateway.rendering.wrapping import wrap
from gateway.wording import say

LETTER = 8.0
"""Millimetres of the column with the letter of the line."""
EMPTY_ROW = 5.0
"""Millimetres of a line that the permit does not have."""
HIGHEST_ROW = 110.0
"""Millimetres of a line on a continuation sheet; what is longer goes on after the last line."""


def to_pdf(form: Form, *, created: datetime) -> bytes:
    """
    The form as a PDF with its fonts inside; the same form and `created` (aware) give the same bytes.

    1. The form: boxes 1 to 15 with lines A to D on one page, whatever they hold.
    2. The further lines.
    3. In full, each box that was cut.
    4. The characters that no font here has, by name.
    """
    title = f"{form.title} {form.number}"
    with closing(Paper(title=title, language=form.language, created=created)) as paper:
        drawing = _Drawing(paper, form)
        # 1
        drawing.form()
        # 2
        drawing.further_lines()
        # 3
        drawing.continued()
        # 4
        drawing.missing_characters()
        drawing.sheets.close()
        return paper.data()


@dataclass(frozen=True, slots=True)
class _Strip:
    """Something as wide as the page."""

    need: float
    """Millimetres that show it in full."""
    least: float
    draw: Callable[[float, float], None]
    """Top and height in millimetres."""


class _Drawing:
    """One form on its way to paper."""

    def __init__(self, paper: Paper, form: Form) -> None:
        """Nothing is drawn yet."""
        voice = Voice(form.language)
        self.sheets = Sheets(paper, form, voice)
        self._paper = paper
        self._form = form
        self._voice = voice
        self._nothing = voice(say("(not used)"))
        self._more = voice(say("… in full on a continuation sheet"))
        self._cut: list[tuple[str, Box]] = []
        """Heading and box of what has to be repeated in full."""

    def form(self) -> None:
        """Step 1: the strips share the page."""
        top, cut = self.sheets.open_form()
        self._cut += [("", box) for box in cut]
        strips: list[_Strip] = []
        for size in SIZES:
            strips = self._strips(size)
            if sum(strip.need for strip in strips) <= BOTTOM - top:
                break
        heights = share([s.need for s in strips], [s.least for s in strips], BOTTOM - top)
        y = top
        for strip, height in zip(strips, heights, strict=True):
            strip.draw(y, height)
            y += height
        self._paper.frame(MARGIN, top, INNER, BOTTOM - top, line=RULE)

    def _strips(self, size: float) -> list[_Strip]:
        """The whole form in one size of type, from Box 1 to Box 15."""
        boxes = {box.number: box for box in (*self._form.opening, *self._form.closing)}
        before, after = (
            [self._band(band(self._paper, plan, boxes, INNER, self._nothing, size)) for plan in plans]
            for plans in (OPENING, CLOSING)
        )
        return [*before, *(self._row(row, LOWER, size) for row in self._form.rows), *after]

    def further_lines(self) -> None:
        """Step 2: as many lines on each sheet as fit."""
        y = BOTTOM
        for row in self._form.sheet_rows:
            strip = self._row(row, LOWER_ON_SHEET, SIZES[0])
            height = max(min(strip.need, HIGHEST_ROW), strip.least)
            if y + height > BOTTOM:
                y = self.sheets.open_sheet()
            strip.draw(y, height)
            y += height

    def continued(self) -> None:
        """Step 3."""
        self._flow(self._cut)

    def missing_characters(self) -> None:
        """Step 4."""
        if not self._paper.missing:
            return
        title = self._voice(say("Characters that no font here has"))
        entries = tuple(
            Entry(f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip())
            for character in self._paper.missing
        )
        self._flow([("", Box(MISSING, title, entries))])

    def _flow(self, boxes: Iterable[tuple[str, Box]]) -> None:
        """Boxes one after the other in two columns, line by line over as many sheets as needed."""
        columns = Columns(self.sheets)
        for heading, box in boxes:
            columns.need(3 * LINE)
            self._heading(columns, box, heading)
            for line in entry_lines(self._paper, box.entries, COLUMN, SIZES[0]):
                columns.need(LINE)
                write_line(self._paper, line, (columns.x, columns.y, COLUMN), SIZES[0])
                columns.y += LINE
            columns.y += LINE

    def _heading(self, columns: Columns, box: Box, heading: str) -> None:
        """Which box goes on here."""
        paper = self._paper
        number = f"{box.number}  {heading}".strip()
        paper.write(columns.x, columns.y, number, look=Look.STRONG, size=NUMBER)
        indent = paper.measure(Look.STRONG, NUMBER)(number) + 2 * PAD
        title = wrap(paper.drawable(box.title), COLUMN, paper.measure(Look.PLAIN, TITLE), first=indent)
        for index, text in enumerate(title):
            left = columns.x + (0 if index else indent)
            paper.write(left, columns.y + (NUMBER - TITLE) * POINT, text, size=TITLE)
            columns.y += TITLE_LINE
        columns.y += LINE - TITLE_LINE + PAD

    def _band(self, band: Band) -> _Strip:
        """Boxes that belong to the whole permit."""

        def draw(top: float, height: float) -> None:
            draw_band(self._paper, band, MARGIN, top, height, self._overflow(""), self._more)

        return _Strip(band.height, band.least, draw)

    def _row(self, row: Row, lower: Plan, size: float) -> _Strip:
        """One line: its letter, boxes 7 to 11a above, 12 to 12b below."""
        if row.empty:
            return _Strip(EMPTY_ROW, EMPTY_ROW, lambda top, height: self._empty_row(row, top, height))
        boxes = {box.number: box for box in row.boxes}
        width = INNER - LETTER
        bands = [band(self._paper, plan, boxes, width, self._nothing, size) for plan in (UPPER, lower)]
        needs, least = [each.height for each in bands], [each.least for each in bands]
        overflow = self._overflow(self._voice(say("Line {line}", line=row.letter or "—")))

        def draw(top: float, height: float) -> None:
            self._letter(row.letter or "—", top, height)
            y = top
            for each, high in zip(bands, share(needs, least, height), strict=True):
                draw_band(self._paper, each, MARGIN + LETTER, y, high, overflow, self._more)
                y += high
            self._paper.frame(MARGIN, top, INNER, height, line=RULE)

        return _Strip(sum(needs), sum(least), draw)

    def _letter(self, letter: str, top: float, height: float) -> None:
        """The letter of a line in its column, in the middle of the row."""
        text = self._paper.drawable(letter)
        size = NUMBER + 2 if len(text) == 1 else NUMBER
        wide = self._paper.measure(Look.STRONG, size)(text)
        self._paper.frame(MARGIN, top, LETTER, height)
        self._paper.write(
            MARGIN + (LETTER - wide) / 2, top + height / 2 - LINE / 2, text, look=Look.STRONG, size=size
        )

    def _empty_row(self, row: Row, top: float, height: float) -> None:
        """A line that the permit does not have, hatched so that nobody writes into it."""
        self._paper.hatch(MARGIN + LETTER, top, INNER - LETTER, height)
        text = self._voice(say("(no such line)"))
        wide = self._paper.measure(Look.PLAIN, LABEL)(text)
        left = MARGIN + LETTER + HATCH
        self._paper.blank(left, top + PAD / 2, wide + 2 * PAD, height - PAD)
        self._paper.write(left + PAD, top + height / 2 - LABEL * POINT * LEADING / 2, text, size=LABEL)
        self._letter(row.letter, top, height)
        self._paper.frame(MARGIN, top, INNER, height)

    def _overflow(self, heading: str) -> Callable[[Box], None]:
        """What notes the boxes of one line that were cut."""
        return lambda box: self._cut.append((heading, box))
