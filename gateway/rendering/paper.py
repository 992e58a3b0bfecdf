"""A4 paper with type: fonts that travel with the program, lines of text, rules, hatching."""

import unicodedata
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from fpdf import FPDF
from fpdf.fonts import TTFFont

from gateway.rendering.entries import Look
from gateway.rendering.wrapping import Measure

WIDTH, HEIGHT = 210, 297
"""Millimetres of A4."""
PAGES = "\ue000" * 6
"""Stands for the number of pages until it is known; no text has it, because `visible` names private use."""
MISSING = "□"
"""Stands for a character that no font here has."""
POINT = 25.4 / 72
"""Millimetres."""
LEADING = 1.2
"""From line to line, in heights of the type."""
HAIRLINE, RULE = 0.15, 0.25
"""Millimetres."""
HATCH = 2.2
"""Millimetres between the lines of a hatching."""

_FONTS = Path(__file__).resolve().parent / "fonts"
_SANS, _IDEOGRAPHS = "sans", "ideographs"
_STYLES = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf", "I": "DejaVuSans-Oblique.ttf"}
_STYLE_OF = {Look.PLAIN: "", Look.STRONG: "B", Look.LATIN: "I"}
_FIRST_COMBINING = "\u0300"
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_WIDTHS_REMEMBERED = 20_000


class Paper:
    """The pages of one document; lengths in millimetres, sizes of type in points, y grows downwards."""

    def __init__(self, *, title: str, language: str, created: datetime) -> None:
        """Open a document without pages; `created` is the only time that its bytes hold."""
        self._pdf = FPDF(format="A4")
        self._pdf.set_auto_page_break(auto=False)
        self._pdf.set_margin(0)
        self._pdf.c_margin = 0
        self._pdf.alias_nb_pages(PAGES)
        self._pdf.set_creation_date(created)
        self._pdf.set_title(title)
        self._pdf.set_lang(language)
        self._pdf.set_line_width(HAIRLINE)
        for style, file in _STYLES.items():
            self._pdf.add_font(_SANS, style, _FONTS / file)
        self._cmap = self._characters(_SANS)
        self._ideographs: frozenset[int] | None = None
        self.missing: dict[str, None] = {}
        """Characters that no font here has, in the order in which they were met."""
        self._measures: dict[tuple[Look, float], Measure] = {}

    @property
    def page(self) -> int:
        """Number of the current page, from 1; 0 before the first."""
        return self._pdf.page

    def new_page(self) -> None:
        """Begin the next page."""
        self._pdf.add_page()

    def data(self) -> bytes:
        """The finished document."""
        return bytes(self._pdf.output())

    def close(self) -> None:
        """Close the files of the fonts, which are read until the document is finished."""
        for font in self._pdf.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

    def drawable(self, text: str) -> str:
        """
        The text with each character that no font here has replaced by a box, and remembered.

        Letters and their accents are put together first (Unicode NFC): the fonts have them as one character.
        """
        if text.isascii():
            return text
        text = unicodedata.normalize("NFC", text)
        return "".join(map(self._drawable, text))

    def measure(self, look: Look, size: float) -> Measure:
        """What tells the width of a drawable text."""
        if (look, size) not in self._measures:
            self._measures[look, size] = self._new_measure(look, size)
        return self._measures[look, size]

    def write(self, x: float, y: float, text: str, *, look: Look = Look.PLAIN, size: float) -> None:
        """Put one line of drawable text; `y` is the top of the line."""
        if not text.strip():
            return
        self._set(text, look, size)
        self._pdf.set_xy(x, y)
        self._pdf.cell(h=size * POINT * LEADING, text=text)

    def frame(self, x: float, y: float, width: float, height: float, *, line: float = HAIRLINE) -> None:
        """Draw a rectangle."""
        self._pdf.set_line_width(line)
        self._pdf.rect(x, y, width, height)

    def dashed_frame(self, x: float, y: float, width: float, height: float, *, line: float) -> None:
        """Draw a rectangle of dashes."""
        self._pdf.set_dash_pattern(dash=2, gap=1)
        self.frame(x, y, width, height, line=line)
        self._pdf.set_dash_pattern()

    def hatch(self, x: float, y: float, width: float, height: float) -> None:
        """Fill a rectangle with slanting lines."""
        self._pdf.set_line_width(HAIRLINE / 2)
        self._pdf.set_draw_color(150)
        offset = HATCH
        while offset < width + height:
            left, right = max(0, offset - height), min(offset, width)
            self._pdf.line(x + left, y + offset - left, x + right, y + offset - right)
            offset += HATCH
        self._pdf.set_draw_color(0)

    def blank(self, x: float, y: float, width: float, height: float) -> None:
        """Make a rectangle white again."""
        self._pdf.set_fill_color(255)
        self._pdf.rect(x, y, width, height, style="F")

    def squares(self, x: float, y: float, side: float, matrix: tuple[bytearray, ...], border: int) -> None:
        """Draw a QR code, dark modules as rectangles; neighbours in a row are one, so that no seam shows."""
        module = side / (len(matrix) + 2 * border)
        self._pdf.set_fill_color(0)
        for row, modules in enumerate(matrix):
            column = 0
            while column < len(modules):
                begin = column
                while column < len(modules) and modules[column]:
                    column += 1
                if column > begin:
                    self._pdf.rect(
                        x + (border + begin) * module,
                        y + (border + row) * module,
                        (column - begin) * module,
                        module,
                        style="F",
                    )
                column += 1

    def _new_measure(self, look: Look, size: float) -> Callable[[str], float]:
        """A measure that remembers short texts: words come again and again."""

        def width(text: str) -> float:
            self._set(text, look, size)
            return self._pdf.get_string_width(text)

        return lru_cache(maxsize=_WIDTHS_REMEMBERED)(width)

    def _set(self, text: str, look: Look, size: float) -> None:
        """Choose the font; shape only what needs it, because shaping takes several times as long."""
        self._pdf.set_font(_SANS, _STYLE_OF[look], size)
        self._pdf.set_text_shaping(needs_shaping(text))

    def _drawable(self, character: str) -> str:
        """One character, a blank for other blanks, or the box."""
        if ord(character) in self._cmap or character == "\n":
            return character
        if character.isspace():
            return " "
        if unicodedata.category(character) == "Cf":
            return ""
        if ord(character) in self._load_ideographs():
            return character
        self.missing[character] = None
        return MISSING

    def _characters(self, family: str) -> frozenset[int]:
        """The characters that a font has; every font here is TrueType."""
        font = self._pdf.fonts[family]
        return frozenset(font.cmap) if isinstance(font, TTFFont) else frozenset()

    def _load_ideographs(self) -> frozenset[int]:
        """The characters of the second font, which is loaded when a text first needs it."""
        if self._ideographs is None:
            self._pdf.add_font(_IDEOGRAPHS, "", _FONTS / "DroidSansFallback.ttf")
            self._pdf.set_fallback_fonts([_SANS, _IDEOGRAPHS], exact_match=False)
            self._ideographs = self._characters(_IDEOGRAPHS)
        return self._ideographs


def needs_shaping(text: str) -> bool:
    """Whether letters join, stack or run from right to left."""
    if text.isascii():
        return False
    return any(
        character >= _FIRST_COMBINING
        and (
            unicodedata.bidirectional(character) in _RIGHT_TO_LEFT
            or unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf")
        )
        for character in text
    )
