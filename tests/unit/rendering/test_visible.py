"""What of a stranger's text is shown, and what is named instead."""

import pytest

from gateway.rendering.visible import in_one_line, visible


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Épicerie du Conte", "Épicerie du Conte"),
        (" around ", "around"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\tb", "a b"),
        ("القاهرة 扬子鳄", "القاهرة 扬子鳄"),
        ("خانه\u200cها", "خانه\u200cها"),  # noqa: RUF001 - Persian
        ("a\u00a0b", "a\u00a0b"),
    ],
)
def test_ordinary_text_stays(text, expected):
    """Letters of every script stay; breaks become line feeds and tabs blanks."""
    assert visible(text) == expected


def test_a_heading_is_one_line():
    """No line break of a document ends a heading."""
    assert in_one_line("a\r\n b\u2028c ") == "a b c"


@pytest.mark.parametrize("character", "\x1b\x9b\x00\x07\u202e\u2066\u00ad\u200b\ufeff\ue000\ufffe\U000e0041")
def test_what_deceives_is_named(character):
    """Controls of terminals, overrides of direction, what is not seen: the number stands there instead."""
    assert visible(f"a{character}b") == f"a[U+{ord(character):04X}]b"
