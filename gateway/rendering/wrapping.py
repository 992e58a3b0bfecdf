"""Breaking text into lines that fit, whatever the unit: columns of a terminal or millimetres of paper."""

import re
import unicodedata
from collections.abc import Callable, Iterator

Measure = Callable[[str], float]
"""The width of a text without line breaks."""

_IDEOGRAPHS = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_PIECES = re.compile(f"(?: *)(?:[{_IDEOGRAPHS}]|[^ {_IDEOGRAPHS}]+)")
"""A word or an ideograph, with the blanks before it."""
_PARTS = re.compile("[^/._:;,@-]*[/._:;,@-]*")
"""Where a word that is too long may be broken: after such a mark."""
_LONGEST = 300
"""Characters; a longer word fits on no line, and measuring it would cost more than its length."""


def reads_from_right(text: str) -> bool:
    """Whether the first letter is of a script that runs from right to left (Unicode Annex 9, P2 and P3)."""
    if text.isascii():
        return False
    classes = (unicodedata.bidirectional(character) for character in text)
    return next((each for each in classes if each in ("L", "R", "AL")), "L") != "L"


def wrap(text: str, width: float, measure: Measure, first: float = 0) -> list[str]:
    """
    The lines of a text, in reading order; at least one, which may be empty.

    `first` is how much of the first line is taken already. Line feeds stay line breaks. A word that fits on
    no line is broken after a mark, else between characters; a character wider than a line stands alone.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        taken = first if not lines else 0
        lines += _paragraph(paragraph, width, measure, taken)
    return lines


def _paragraph(text: str, width: float, measure: Measure, taken: float) -> Iterator[str]:
    """The lines of a text without line feeds."""
    line, used = "", taken
    for piece in _pieces(text, width, measure):
        wide = measure(piece)
        if used + wide <= width:
            line, used = line + piece, used + wide
            continue
        if line or used:
            yield line
        line = piece.lstrip(" ")
        used = measure(line)
    yield line


def _pieces(text: str, width: float, measure: Measure) -> Iterator[str]:
    """What may stand on a line of its own, none of it wider than a line unless it is one character."""
    for match in _PIECES.finditer(text):
        piece = match[0]
        if _fits(piece, width, measure):
            yield piece
            continue
        for part in _PARTS.findall(piece):
            if _fits(part, width, measure):
                yield part
            else:
                yield from _clusters(part)


def _fits(text: str, width: float, measure: Measure) -> bool:
    """Whether a line can hold a word."""
    return len(text) <= _LONGEST and measure(text.strip(" ")) <= width


def _clusters(text: str) -> Iterator[str]:
    """Characters, each with the marks that belong to it."""
    cluster = ""
    for character in text:
        if cluster and not (unicodedata.combining(character) or character in "\u200c\u200d"):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster
