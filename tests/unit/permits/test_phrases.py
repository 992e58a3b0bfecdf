import pytest

from gateway.permits.phrases import folded, speaks_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Élevé en captivité, F2", " eleve en captivite f2 "),
        ("CITES-Guidelines_2026 (air)", " cites guidelines 2026 air "),
        ("Größe", " grosse "),
        ("原产地", " 原产地 "),
        ("", "  "),
    ],
)
def test_words_are_brought_into_one_form(text, words):
    """Capitals, accents and punctuation make no difference; other scripts keep their letters."""
    assert folded(text) == words


def test_decomposed_accents_are_the_same():
    """A letter with its accent as a character of its own is the same word."""
    assert folded("e\N{COMBINING ACUTE ACCENT}leve\N{COMBINING ACUTE ACCENT}") == " eleve "


@pytest.mark.parametrize(
    ("text", "speaks"),
    [("In transit", True), ("TRANSITO", True), ("intransitive", False), ("LAR 2026", True), ("solar", False)],
)
def test_a_phrase_begins_at_a_word(text, speaks):
    """A space in front binds a phrase to the beginning of a word, a space behind to its end."""
    assert speaks_of(text, (" transit", " lar ")) is speaks


def test_no_text_speaks_of_nothing():
    """An empty text says nothing, not even an empty phrase."""
    assert not speaks_of("", (" ",))
