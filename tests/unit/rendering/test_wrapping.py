"""Breaking lines."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.rendering.wrapping import reads_from_right, wrap


def test_words_are_kept_together():
    """A line breaks between words."""
    assert wrap("one two three four", 9, len) == ["one two", "three", "four"]


def test_the_first_line_may_be_partly_taken():
    """What stands before the text takes room on its first line only."""
    assert wrap("one two three", 9, len, first=4) == ["one", "two three"]
    assert wrap("threefold", 9, len, first=4) == ["", "threefold"]


def test_line_feeds_stay():
    """Paragraphs of the document stay paragraphs, empty ones too."""
    assert wrap("a\n\nb", 9, len) == ["a", "", "b"]
    assert wrap("", 9, len) == [""]


def test_long_words_break_after_a_mark():
    """A number breaks after a slash rather than anywhere."""
    assert wrap("BAE/C/CN/2026/XX0001", 9, len) == ["BAE/C/CN/", "2026/", "XX0001"]
    assert wrap("W" * 20, 9, len) == ["W" * 9, "W" * 9, "WW"]


def test_ideographs_break_anywhere():
    """Chinese has no blanks."""
    assert wrap("扬子鳄密西西比鳄", 3, len) == ["扬子鳄", "密西西", "比鳄"]


def test_marks_stay_with_their_letter():
    """A letter and its accents are never parted."""
    assert wrap("e\u0301" * 4, 2, len) == ["e\u0301"] * 4


def test_the_direction_is_that_of_the_first_letter():
    """Digits and blanks have no direction."""
    assert reads_from_right("12 شارع")
    assert not reads_from_right("12 rue شارع")
    assert not reads_from_right("123")


@given(st.text(alphabet="ab /-扬\u0301\n", max_size=60), st.integers(1, 12), st.integers(0, 12))
def test_nothing_is_lost_and_nothing_is_too_wide(text, width, first):
    """All characters but blanks come out in their order, and no line of several is wider than allowed."""
    lines = wrap(text, width, len, first=first)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(len(line) <= width or "\u0301" in line for line in lines)
