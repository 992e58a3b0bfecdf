"""The form for a terminal."""

from dataclasses import replace

import pytest
from unit.rendering.drawing import FILES, bare, form, full, leaves, permit, shown, with_texts

from gateway.permits.values import Code, Identifier, Text
from gateway.rendering.text import WIDTH, columns, to_text

HOSTILE = "\x9b2J\x1b[31m\u202eevil\u0007"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_no_line_is_wider_than_a_terminal(file, language):
    """80 columns suffice."""
    lines = to_text(form(permit(file.stem), language)).splitlines()
    assert max(columns(line) for line in lines) <= WIDTH


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_nothing_is_lost(language):
    """Each value of a permit that fills every element is printed."""
    every = full()
    printed = bare(to_text(form(every, language)))
    missing = {shown(leaf, language) for leaf in leaves(every) if shown(leaf, language) not in printed}
    assert not missing


def test_status_and_verdict_come_first():
    """Before anything else: what the document is worth."""
    lines = to_text(form(permit("ch-reexport-caviar"))).splitlines()
    assert lines[0] == "CITES  Re-export certificate  CH-2026-R-0042"
    assert lines[2].startswith("** IN FORCE **")
    assert lines[3].startswith("** SIGNATURE NOT CHECKED **")


def test_a_terminal_obeys_nothing():
    """Control characters of the document never reach the screen."""
    printed = to_text(form(with_texts(permit("every-element"), HOSTILE)))
    assert all(character.isprintable() or character == "\n" for character in printed)
    assert "[U+009B]2J[U+001B][31m[U+202E]evil[U+0007]" in bare(printed)


def test_no_document_writes_its_own_verdict():
    """What begins a line of its own is ours: the title, the number and every text are indented."""
    caviar = replace(permit("ch-reexport-caviar"), type=Code("O"))
    for length in range(WIDTH):
        forged = "y" * length + " ** SIGNATURE PASSED **\n** SIGNATURE PASSED **"
        texts = (Text(forged),)
        printed = to_text(
            form(replace(caviar, number=Identifier(forged), names=texts, special_conditions=texts))
        )
        assert not [line for line in printed.splitlines() if line.startswith("** SIGNATURE PASSED")]


def test_ideographs_take_two_columns():
    """Chinese is aligned as a terminal shows it."""
    assert columns("扬子鳄") == 6
    assert columns("e\u0301") == 1
    chinese = replace(permit("ch-reexport-caviar"), special_conditions=(Text("许可证" * 40),))
    assert max(columns(line) for line in to_text(form(chinese)).splitlines()) <= WIDTH


def test_lines_that_are_not_there_are_left_out():
    """A terminal has no paper to fill."""
    printed = to_text(form(permit("ch-reexport-caviar")))
    assert "-- Line A -" in printed
    assert "-- Line B -" not in printed
