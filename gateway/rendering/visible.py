"""Text of strangers as it may be shown: what would not be seen, or would deceive, is named instead."""

import re

_HARMLESS = "\u200c\u200d\u200e\u200f\u061c"
"""Joiners and direction marks that Persian, Arabic, Hebrew and Indic texts need; they move no neighbour."""
_BREAKS = re.compile("\r\n|[\r\u000b\u000c\u0085\u2028\u2029]")


def visible(text: str) -> str:
    """
    The text with line breaks as line feeds, tabs as spaces, and white space around it removed.

    Characters that nobody sees or that change how others are seen (controls, direction overrides, private
    use, characters unknown to Unicode) become their number in brackets, for example `[U+202E]`: a terminal
    obeys none of them, and two numbers that differ never look alike because of them.
    """
    text = _BREAKS.sub("\n", text).replace("\t", " ")
    if text.isprintable():
        return text.strip()
    return "".join(map(_shown, text)).strip()


def in_one_line(text: str) -> str:
    """The same for a heading, which no line break of a stranger may end."""
    return " ".join(visible(text).split())


def _shown(character: str) -> str:
    """One character, or its number."""
    if character.isprintable() or character.isspace() or character in _HARMLESS:
        return character
    return f"[U+{ord(character):04X}]"
