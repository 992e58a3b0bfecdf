"""What stands around the boxes on paper: the head of the form, the head of a continuation sheet, the foot."""

import segno

from gateway.rendering.entries import Box, Entry, Look
from gateway.rendering.form import CONVENTION, MARKS, Form, Stamp, Tone
from gateway.rendering.paper import HEIGHT, LEADING, MISSING, PAGES, POINT, RULE, WIDTH, Paper
from gateway.rendering.reference import BORDER, symbol_of
from gateway.rendering.typeset import NUMBER, PAD
from gateway.rendering.voice import Voice
from gateway.rendering.wrapping import wrap
from gateway.wording import say

MARGIN = 9.0
INNER = WIDTH - 2 * MARGIN
BOTTOM = HEIGHT - 17.0
"""Millimetres from the top to where the boxes end."""
COLUMN_GAP = 6.0
COLUMN = (INNER - COLUMN_GAP) / 2
"""Millimetres of one of the two columns of a continuation sheet."""
SYMBOL = 27.0
"""Millimetres of the QR code with its white border: more than half a millimetre a module as a rule."""
STATEMENT_MODULE, LARGEST_STATEMENT = 0.36, 46.0
"""Millimetres of one square of a signed statement, and of its whole code: a telephone reads 0.3."""
TITLE, STAMP, REASON, SMALL = 14.0, 10.0, 6.4, 5.6
"""Points."""
TITLE_LINES, REASON_LINES = 2, 4
"""At most; what is longer goes on elsewhere."""


class Sheets:
    """The pages of one form, one after the other."""

    def __init__(self, paper: Paper, form: Form, voice: Voice) -> None:
        """Nothing is drawn yet."""
        self._paper = paper
        self._form = form
        self._voice = voice

    def open_form(self) -> tuple[float, list[Box]]:
        """Draw the head of the form; returns where its boxes begin, and what was cut in the head."""
        self._next()
        paper, form = self._paper, self._form
        code = symbol_of(form.reference, form.statement)
        side = _side(code) if code is not None and form.statement else SYMBOL
        width = INNER - side - 2 * PAD
        y = MARGIN
        paper.write(MARGIN, y, self._voice(CONVENTION), size=REASON)
        y += _line(REASON) + PAD / 2
        y = self._title(y, width)
        bottom, cut = self._stamps(y + PAD, width)
        if code is not None:
            paper.squares(WIDTH - MARGIN - side, MARGIN - PAD, side, code.matrix, BORDER)
        return max(bottom, MARGIN + side - PAD) + PAD, cut

    def open_sheet(self) -> float:
        """Draw the head of a continuation sheet; returns where its content begins."""
        self._next()
        paper, y = self._paper, MARGIN
        paper.write(MARGIN, y, self._voice(say("Continuation sheet")), look=Look.STRONG, size=STAMP)
        y += _line(STAMP) + PAD / 2
        stamps = "   ".join(f"{MARKS[stamp.tone]} {stamp.words}" for stamp in self._form.stamps)
        parts = [f"{label}: {text}" for label, text in self._form.identity]
        for text, look in (("   ".join(parts), Look.STRONG), (stamps, Look.PLAIN)):
            for line in self._wrapped(text, INNER, look, REASON)[:REASON_LINES]:
                paper.write(MARGIN, y, line, look=look, size=REASON)
                y += _line(REASON)
        y += PAD
        paper.frame(MARGIN, y, INNER, 0, line=RULE)
        return y + 2 * PAD

    def close(self) -> None:
        """Draw the foot of the last page."""
        self._foot()

    def _next(self) -> None:
        """The foot of this page, if there is one, then a new page."""
        if self._paper.page:
            self._foot()
        self._paper.new_page()

    def _title(self, y: float, width: float) -> float:
        """Kind and number; returns where it ends."""
        text = f"{self._form.title}  {self._form.number}"
        lines = self._wrapped(text, width, Look.STRONG, TITLE)
        for line in lines[:TITLE_LINES]:
            self._paper.write(MARGIN, y, line, look=Look.STRONG, size=TITLE)
            y += _line(TITLE)
        return y

    def _stamps(self, y: float, width: float) -> tuple[float, list[Box]]:
        """The stamps side by side; returns where they end and those whose reason was cut."""
        stamps, gap = self._form.stamps, 2 * PAD
        part = (width - gap * (len(stamps) - 1)) / len(stamps)
        reasons = [self._wrapped(stamp.reason, part - 4 * PAD, Look.PLAIN, REASON) for stamp in stamps]
        words = [self._wrapped(_marked(stamp), part - 4 * PAD, Look.STRONG, STAMP) for stamp in stamps]
        height = (
            4 * PAD
            + max(map(len, words)) * _line(STAMP)
            + min(max(map(len, reasons)), REASON_LINES) * _line(REASON)
        )
        for index, stamp in enumerate(stamps):
            x = MARGIN + index * (part + gap)
            self._border(stamp.tone, x, y, part, height)
            top = y + 1.75 * PAD
            for line in words[index]:
                self._paper.write(x + 2 * PAD, top, line, look=Look.STRONG, size=STAMP)
                top += _line(STAMP)
            for line in reasons[index][:REASON_LINES]:
                self._paper.write(x + 2 * PAD, top, line, size=REASON)
                top += _line(REASON)
        cut = [
            Box(MARKS[stamp.tone], stamp.words, (Entry(stamp.reason),))
            for stamp, reason in zip(stamps, reasons, strict=True)
            if len(reason) > REASON_LINES
        ]
        return y + height, cut

    def _border(self, tone: Tone, x: float, y: float, width: float, height: float) -> None:
        """Good is a thin frame, bad a heavy double one, unsure a dashed one."""
        if tone is Tone.UNSURE:
            self._paper.dashed_frame(x, y, width, height, line=2 * RULE)
        elif tone is Tone.BAD:
            self._paper.frame(x, y, width, height, line=3 * RULE)
            self._paper.frame(x + PAD, y + PAD, width - 2 * PAD, height - 2 * PAD, line=RULE)
        else:
            self._paper.frame(x, y, width, height, line=2 * RULE)

    def _foot(self) -> None:
        """Reference, what a drawing is worth, and which page of how many this is."""
        paper, voice, y = self._paper, self._voice, BOTTOM + PAD
        width = INNER - 30
        texts = [f"{voice(say('Reference'))}: {self._form.reference}", self._form.note]
        if paper.missing:
            texts.append(
                voice(say("{box} stands for a character that no font here has; see the end.", box=MISSING))
            )
        for text in texts:
            lines = self._wrapped(text, width, Look.PLAIN, SMALL)
            for line in lines[:2]:
                paper.write(MARGIN, y, line, size=SMALL)
                y += _line(SMALL)
        number = voice(say("Page {page} of {pages}", page=paper.page, pages=PAGES))
        wide = paper.measure(Look.STRONG, NUMBER)(number.replace(PAGES, "00"))
        paper.write(WIDTH - MARGIN - wide, BOTTOM + PAD, number, look=Look.STRONG, size=NUMBER)

    def _wrapped(self, text: str, width: float, look: Look, size: float) -> list[str]:
        """The lines of a text that may hold anything."""
        return wrap(self._paper.drawable(text), width, self._paper.measure(look, size))


class Columns:
    """Where the next line goes on continuation sheets of two columns."""

    def __init__(self, sheets: Sheets) -> None:
        """Full until something is needed, so that no sheet is opened for nothing."""
        self._sheets = sheets
        self._top = BOTTOM
        self._last = True
        self.x = MARGIN
        self.y = BOTTOM

    def need(self, height: float) -> None:
        """Go on to the next column or sheet unless there is as much room here."""
        if self.y + height <= BOTTOM:
            return
        if self._last:
            self._top = self._sheets.open_sheet()
        self._last = not self._last
        self.x = MARGIN + (COLUMN + COLUMN_GAP if self._last else 0)
        self.y = self._top


def _side(code: segno.QRCode) -> float:
    """Millimetres of the code of a statement, with its white border."""
    return max(SYMBOL, min((len(code.matrix) + 2 * BORDER) * STATEMENT_MODULE, LARGEST_STATEMENT))


def _marked(stamp: Stamp) -> str:
    """The words of a stamp after its mark."""
    return f"{MARKS[stamp.tone]} {stamp.words}"


def _line(size: float) -> float:
    """Millimetres from line to line."""
    return size * POINT * LEADING
