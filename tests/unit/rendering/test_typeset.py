"""Boxes set in type."""

from datetime import UTC, datetime

import pytest

from gateway.rendering.entries import Box, Entry, Look
from gateway.rendering.paper import Paper
from gateway.rendering.typeset import SIZES, entry_lines, set_box


@pytest.fixture
def paper():
    """Paper without pages."""
    made = Paper(title="x", language="en", created=datetime(2026, 11, 24, tzinfo=UTC))
    yield made
    made.close()


def test_no_line_is_wider_than_the_box(paper):
    """Each line with its label fits into the width."""
    entries = (
        Entry("Lederwerk Fantasia AG " * 5, look=Look.STRONG),
        Entry("BAE/C/CN/2026/XX0001/R-CH-0001", "Mark"),
        Entry("W" * 50, "A label"),
    )
    for line in entry_lines(paper, entries, 40, SIZES[0]):
        assert line.indent + paper.measure(line.look, SIZES[0])(line.text) <= 40


def test_squares_share_a_line(paper):
    """The four squares of Box 1 stand side by side, each with its words."""
    entries = [Entry("Export permit", ticked=True), Entry("Import permit", ticked=False)]
    (line,) = entry_lines(paper, entries, 100, SIZES[0])
    assert line.text.replace("\u00a0", " ") == "☒ Export permit   ☐ Import permit"


def test_texts_from_the_right_end_at_the_right(paper):
    """A text of Arabic stands at the right, unless a label stands before it."""
    (alone,) = entry_lines(paper, [Entry("شركة")], 100, SIZES[0])
    (after,) = entry_lines(paper, [Entry("شركة", "Mark")], 100, SIZES[0])
    (latin,) = entry_lines(paper, [Entry("12 rue")], 100, SIZES[0])
    assert (alone.from_right, after.from_right, latin.from_right) == (True, False, False)


def test_a_box_knows_how_many_lines_a_height_holds(paper):
    """The height that a box needs holds exactly its lines."""
    made = set_box(paper, Box("5", "Special conditions", (Entry("word " * 100),)), 60, "(not used)", SIZES[0])
    assert made.room(made.height) == len(made.lines)
    assert made.room(made.height - made.line / 2) == len(made.lines) - 1
    assert made.least < made.height


def test_an_empty_box_says_so(paper):
    """A dash for what is absent, words for what the document has no use for."""
    absent = set_box(paper, Box("5", "x"), 60, "(not used)", SIZES[0])
    unused = set_box(paper, Box("5", "x", used=False), 60, "(not used)", SIZES[0])
    assert [absent.lines[0].text, unused.lines[0].text] == ["—", "(not used)"]
