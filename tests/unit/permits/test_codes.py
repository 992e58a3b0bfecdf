from decimal import Decimal

import pytest

from gateway import resources
from gateway.errors import ConfigurationError
from gateway.permits import codes
from gateway.permits.codes import Status, code_lists


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("permit_type", 4),
        ("purpose", 12),
        ("source", 11),
        ("appendix", 4),
        ("unit", 45),
        ("term", 117),
        ("country", 270),
    ],
)
def test_the_lists_are_complete(name, size):
    """Each list has as many codes as its sources."""
    entries = getattr(code_lists(), name).entries
    assert len(entries) == size
    assert all(code == entry.code and entry.meaning and entry.source for code, entry in entries.items())


def test_lists_are_read_once_and_cannot_be_changed():
    """Code lists are data for the whole process."""
    assert code_lists() is code_lists()
    with pytest.raises(TypeError):
        code_lists().term.entries["NEW"] = None


def test_old_units_know_how_to_convert():
    """A pound is 1/2.205 kilogram, a tonne 1000, exactly as the sources say."""
    unit = code_lists().unit
    assert (unit.get("PND").replaced_by, unit.get("PND").factor) == ("KGM", (Decimal(1), Decimal("2.205")))
    assert (unit.get("TON").replaced_by, unit.get("TON").factor) == ("KGM", (Decimal(1000), Decimal(1)))


def test_every_code_that_is_not_current_says_so():
    """Legacy terms and units are kept, marked, and replaced by current codes where there is one."""
    for codelist in (code_lists().term, code_lists().unit):
        for entry in codelist.entries.values():
            if entry.status is Status.CURRENT:
                assert not entry.replaced_by
            elif entry.replaced_by:
                assert codelist.get(entry.replaced_by).status is Status.CURRENT


def test_words_name_current_codes_only():
    """The Appendix N of trade statistics is not offered for permits."""
    assert code_lists().appendix.words() == "I, II, III"
    assert "N" in code_lists().appendix


HEAD = "code,meaning,status,replaced_by,source,certainty,note\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (HEAD + "A,a,current,,s,c,\nA,a,current,,s,c,\n", "A is there twice"),
        (HEAD + "A,a,legacy,B,s,c,\n", "replaced by B"),
        (HEAD + "A,a,gone,,s,c,\n", "gone"),
        ("code\nA\n", "meaning"),
    ],
)
def test_a_broken_list_is_a_configuration_error(text, reason, tmp_path, monkeypatch):
    """A list that contradicts itself stops the program with a sentence, not later with a guess."""
    (tmp_path / "codelists").mkdir()
    (tmp_path / "codelists" / "term.csv").write_text(text, encoding="utf-8")
    monkeypatch.setattr(resources, "schemas", lambda: tmp_path)
    with pytest.raises(ConfigurationError, match=reason):
        codes.load("term")


def test_a_missing_list_is_a_configuration_error(tmp_path, monkeypatch):
    """A list that is not there stops the program with a sentence."""
    monkeypatch.setattr(resources, "schemas", lambda: tmp_path)
    with pytest.raises(ConfigurationError, match="term"):
        codes.load("term")
