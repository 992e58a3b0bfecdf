"""Text that comes from strangers and goes into XML, a log or a terminal."""

import re

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Everything but the characters of XML 1.0, 2.2."""


def xml_text(text: str) -> str:
    """`text` with each character that XML cannot carry replaced by U+FFFD."""
    return _FORBIDDEN.sub("\ufffd", text)


def one_line(text: str) -> str:
    """`text` with each unprintable character replaced by U+FFFD: it cannot break a line or a screen."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
