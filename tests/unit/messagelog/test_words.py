import pytest

from gateway.messagelog.words import LONGEST, MOST, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ()),
        ("-- % _ '", ()),
        ("the permit; THE Permit", ("permit", "the")),
        (
            "permit_invalid validity.export-too-long",
            ("export", "invalid", "long", "permit", "too", "validity"),
        ),
        ("Größe délivré Ñandú", ("delivre", "grosse", "nandu")),
        ("26/CH/0417-A", ("0417", "26", "a", "ch")),
        ("one\x00two\u2028three", ("one", "three", "two")),
    ],
)
def test_words_are_what_people_look_for(text, words):
    """Runs of letters and digits, each once, without capitals and accents."""
    assert words_of(text) == words


def test_words_and_their_number_are_bounded():
    """A lump without a space, and a text that does not end, cost no more than a page of prose."""
    assert words_of("x" * 1000) == ("x" * LONGEST,)
    assert len(words_of(" ".join(f"w{n}" for n in range(MOST + 10)))) == MOST
