"""Sentences remember how they were made."""

import json
import pickle

import pytest

from gateway import wording
from gateway.errors import MalformedRequest
from gateway.wording import Words, placeholders, say, translated


@pytest.fixture
def french(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small French dictionary."""
    entries = {"{who} has no name": "{who} n'a pas de nom", "the exporter": "l'exportateur"}
    monkeypatch.setattr(wording, "catalog", lambda _language: entries)


def test_words_are_english_text():
    """A sentence is text like any other: it compares, joins and becomes JSON."""
    words = say("line {letter} has {count} marks", letter="A", count=2)
    assert words == "line A has 2 marks"
    assert json.dumps([words]) == '["line A has 2 marks"]'
    assert words + "." == "line A has 2 marks."


def test_values_with_braces_stay_as_they_are():
    """What a stranger wrote is never taken for a template."""
    assert say("found '{value}'", value="{0} {x} {{") == "found '{0} {x} {{'"


def test_a_long_value_is_cut_only_where_the_sentence_gets_too_long(monkeypatch):
    """At the ceiling the sentence is whole; one character more, and no value is longer than its own."""
    room = wording.LONGEST_SENTENCE - len("found '' in ")
    whole = say("found '{value}' in {place}", value="x" * (room - 5), place="Box 1")
    assert len(whole) == wording.LONGEST_SENTENCE
    cut = say("found '{value}' in {place}", value="x" * (room - 4), place="Box 1")
    assert cut == f"found '{'x' * wording.LONGEST_VALUE}...' in Box 1"
    assert len(str(cut.values["value"])) < wording.LONGEST_VALUE + 10


def test_words_and_numbers_survive_the_cut(french):
    """What is translated or formatted by itself is not made into text."""
    words = say("{who} has {count:,} marks: {marks}", who=say("the exporter"), count=1000, marks="x" * 9999)
    assert words.startswith("the exporter has 1,000 marks: xxx")
    assert len(words) < 600
    assert translated(words, "fr").startswith("l'exportateur")


def test_the_sentence_is_said_again_in_french(french):
    """Template and values are translated, values that are sentences too."""
    words = say("{who} has no name", who=say("the exporter"))
    assert translated(words, "fr") == "l'exportateur n'a pas de nom"
    assert translated(words, "en") == "the exporter has no name"


def test_what_has_no_translation_stays_english(french):
    """A missing entry is no reason to say nothing."""
    assert translated(say("there is {thing}", thing="rain"), "fr") == "there is rain"
    assert translated("plain text", "fr") == "plain text"


def test_words_survive_the_way_to_another_process():
    """Template and values are kept when a sentence is pickled."""
    words = pickle.loads(pickle.dumps(say("{who} is late", who=say("the ship"))))  # noqa: S301 - our own bytes
    assert isinstance(words, Words)
    assert (words.template, words.values["who"].template) == ("{who} is late", "the ship")


def test_an_unknown_language_is_refused():
    """Only the working languages of the Convention."""
    with pytest.raises(MalformedRequest, match="no language 'de'"):
        translated(say("x"), "de")


def test_placeholders():
    """The names in a template, however they are formatted."""
    assert placeholders("{a} and {b:,} but not {{c}}") == {"a", "b"}
