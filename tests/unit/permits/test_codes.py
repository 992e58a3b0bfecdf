import dataclasses
import itertools
from datetime import date
from decimal import Decimal

import pytest

from gateway import resources
from gateway.errors import ConfigurationError, MalformedRequest
from gateway.permits import codes
from gateway.permits.codes import CodeLists, Status, catalogue, code_lists, files, find_unit, lists
from gateway.permits.codes.changes import between
from gateway.permits.codes.editions import MOST_BYTES, compare, read_edition
from gateway.permits.codes.entry import Alias, CodeList, ListedCode
from gateway.permits.kinds import Kind

SIZES = {
    "permit_type": 4,
    "permit_type_other": 10,
    "purpose": 12,
    "source": 11,
    "appendix": 4,
    "unit": 80,
    "term": 117,
    "country": 270,
    "signatory_type": 4,
    "untdid_1001": 29,
    "untdid_2379": 5,
}
LISTS = [getattr(code_lists(), name) for name in CodeLists.__dataclass_fields__]


@pytest.mark.parametrize(("name", "size"), SIZES.items())
def test_the_lists_are_complete(name, size):
    """Each list has as many codes as its sources."""
    entries = getattr(code_lists(), name).entries
    assert len(entries) == size
    assert all(code == entry.code and entry.meaning and entry.source for code, entry in entries.items())


def test_every_list_is_in_the_catalogue():
    """What a permit is checked against has a title and an edition."""
    assert set(catalogue()) == set(SIZES) == set(CodeLists.__dataclass_fields__)
    assert {info.edition for info in catalogue().values()} == {date(2026, 11, 24)}


def test_lists_are_read_once_and_cannot_be_changed():
    """Code lists are data for the whole process."""
    assert code_lists() is code_lists()
    assert catalogue() is catalogue()
    with pytest.raises(TypeError):
        code_lists().term.entries["NEW"] = None
    with pytest.raises(TypeError):
        code_lists().unit.aliases["NEW"] = None
    with pytest.raises(dataclasses.FrozenInstanceError):
        code_lists().unit.get("KGM").meaning = "Pound"


@pytest.mark.parametrize(
    ("unit", "replaced_by", "one"),
    [
        ("PND", "KGM", "0.45359237"),
        ("LBR", "KGM", "0.45359237"),
        ("OUN", "KGM", "0.028349523125"),
        ("TON", "KGM", "1000"),
        ("TNE", "KGM", "1000"),
        ("FEE", "MTR", "0.3048"),
        ("YAR", "MTR", "0.9144"),
        ("INC", "MTR", "0.0254"),
        ("CTM", "MTR", "0.01"),
        ("SQF", "MTK", "0.09290304"),
        ("CUF", "MTQ", "0.028316846592"),
        ("PAI", "NAR", "2"),
        ("SID", "NAR", "0.5"),
    ],
)
def test_old_units_know_exactly_how_to_convert(unit, replaced_by, one):
    """The factors are those of the law, and not the rounded ones of trade statistics."""
    entry = code_lists().unit.get(unit)
    multiply_by, divide_by = entry.factor
    assert (entry.replaced_by, multiply_by / divide_by) == (replaced_by, Decimal(one))
    assert code_lists().unit.aliases[unit].one == Decimal(one)


def test_areas_and_volumes_follow_from_lengths():
    """A square foot is the square of a foot, a cubic yard the cube of a yard."""
    one = {code: alias.one for code, alias in code_lists().unit.aliases.items()}
    for length, area, volume in (
        ("FOT", "FTK", "FTQ"),
        ("YRD", "YDK", "YDQ"),
        ("INH", "INK", "INQ"),
        ("MMT", "MMK", "MMQ"),
    ):
        assert one[area] == one[length] ** 2
        assert one[volume] == one[length] ** 3
    assert one["CUF"] == one["FTQ"] == 12 * one["BFT"]
    assert one["GLL"] == 231 * one["INQ"] * 1000
    assert one["LBR"] == 16 * one["ONZ"] == one["STN"] / 2000 == one["LTN"] / 2240


@pytest.mark.parametrize("unit", ["BAG", "BOT", "BOX", "CAN", "CAS", "CRT", "FLA", "SET", "SHP"])
def test_a_box_is_no_number_of_specimens(unit):
    """What holds specimens is marked as not convertible, with the reason."""
    entry = code_lists().unit.get(unit)
    assert (entry.replaced_by, entry.converts) == ("NAR", False)
    assert "count the specimens" in code_lists().unit.aliases[unit].note


def test_every_code_that_is_not_current_says_so():
    """Legacy terms and units are kept, marked, and replaced by current codes where there is one."""
    for codelist in (code_lists().term, code_lists().unit):
        for entry in codelist.entries.values():
            if entry.status is Status.CURRENT:
                assert not entry.replaced_by
            elif entry.replaced_by:
                assert codelist.get(entry.replaced_by).status is Status.CURRENT
                assert codelist.aliases[entry.code].code == entry.replaced_by


def test_words_name_current_codes_only():
    """The Appendix N of trade statistics is not offered for permits."""
    assert code_lists().appendix.words() == "I, II, III"
    assert "N" in code_lists().appendix


@pytest.mark.parametrize(
    ("written", "unit"),
    [("KGM", "KGM"), ("KIL", "KGM"), ("TNE", "KGM"), ("H87", "NAR"), (None, "NAR"), ("", "NAR")],
)
def test_a_unit_is_found_by_its_aliases(written, unit):
    """Every code that is met leads to the one to write; no code means a number of specimens."""
    assert find_unit(written).code == unit


def test_what_nobody_knows_is_not_found():
    """No guess is made for an unknown code."""
    assert find_unit("XYZ") is None
    assert code_lists().country.find("QQ") is None


def test_a_code_without_replacement_is_found_as_itself():
    """OTH is withdrawn and nothing takes its place."""
    assert code_lists().term.find("OTH").code == "OTH"


def test_an_alias_outside_the_list_is_understood_and_not_accepted():
    """UK leads to GB, and is still no code of a permit."""
    assert code_lists().country.find("UK").code == "GB"
    assert "UK" not in code_lists().country
    assert code_lists().country.get("UK") is None


@pytest.mark.parametrize(
    ("name", "code", "day", "valid"),
    [
        ("source", "Y", date(2019, 11, 25), False),
        ("source", "Y", date(2019, 11, 26), True),
        ("source", "W", date(1975, 7, 1), True),
        ("country", "AN", date(2010, 12, 15), True),
        ("country", "AN", date(2010, 12, 16), False),
        ("country", "ZR", date(1997, 7, 15), False),
    ],
)
def test_a_code_is_valid_from_its_first_to_its_last_day(name, code, day, valid):
    """Both days count; what has no date is always valid."""
    assert getattr(code_lists(), name).get(code).valid_on(day) is valid


def test_former_countries_were_current_and_other_old_codes_are_not():
    """Current on a day are codes of today, and those whose last day is known and not over."""
    country = code_lists().country
    assert country.get("SU").current_on(date(1990, 1, 1))
    assert not country.get("SU").current_on(date(1993, 1, 1))
    assert not country.get("SS").current_on(date(2011, 8, 8))
    assert not country.get("XX").current_on(date(2026, 11, 24))
    assert country.get("CH").current_on(date(2026, 11, 24))


def test_every_former_country_has_a_last_day():
    """The days are those of ISO 3166-3."""
    for entry in code_lists().country.entries.values():
        assert (entry.status is Status.FORMER) == (entry.valid_until is not None)


def test_the_kinds_of_other_documents_have_stable_keys():
    """The keys that rules use are the codes of the list."""
    assert set(code_lists().permit_type_other.entries) == {kind.value for kind in Kind if kind.value}


def test_document_types_of_boxes_12_and_12a_are_listed():
    """The codes that references use today: 811, 861 and 911."""
    assert {"626", "811", "861", "911", "740"} <= code_lists().untdid_1001.entries.keys()
    assert code_lists().untdid_2379.words() == "102, 203, 204, 205, 208"
    assert code_lists().signatory_type.words() == "A, B, C, D"


HEAD = "code,meaning,status,replaced_by,valid_from,valid_until,source,certainty,note\n"
UNITS = "code,meaning,status,replaced_by,valid_from,valid_until,kind,source,certainty,note\n"
ALIASES = "list,alias,code,multiply_by,divide_by,standard,source,certainty,note\n"


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write one file of code lists where the program looks for them."""
    (tmp_path / "codelists").mkdir()
    monkeypatch.setattr(resources, "schemas", lambda: tmp_path)

    def write(name, text):
        (tmp_path / "codelists" / f"{name}.csv").write_text(text, encoding="utf-8")

    return write


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (HEAD + "A,a,current,,,,s,c,\nA,a,current,,,,s,c,\n", "A is there twice"),
        (HEAD + "A,a,legacy,B,,,s,c,\n", "replaced by B, which is not in the list"),
        (
            HEAD + "A,a,legacy,B,,,s,c,\nB,b,legacy,C,,,s,c,\nC,c,current,,,,s,c,\n",
            "replaced by B, which is replaced itself",
        ),
        (HEAD + "A,a,gone,,,,s,c,\n", "gone"),
        (HEAD + "A,a,current,,2020-01-02,2020-01-01,s,c,\n", "A ends on 2020-01-01, before it begins"),
        (HEAD + "A,a,current,,2020-02-30,,s,c,\n", "day"),
        (HEAD + "A,a,current\n", "line 2 has not as many columns"),
        (HEAD + "A,a,current,,,,s,c,,more\n", "line 2 has not as many columns"),
        ("code\nA\n", "no column meaning"),
        ("", "no column code"),
        (UNITS + "A,a,legacy,B,,,mass,s,c,\nB,b,current,,,,mass,s,c,\n", "no alias says how to convert"),
    ],
)
def test_a_broken_list_is_a_configuration_error(text, reason, written):
    """A list that contradicts itself stops the program with a sentence, not later with a guess."""
    written("term", text)
    with pytest.raises(ConfigurationError, match=reason):
        codes.load("term")


def test_a_missing_list_is_a_configuration_error(tmp_path, monkeypatch):
    """A list that is not there stops the program with a sentence."""
    monkeypatch.setattr(resources, "schemas", lambda: tmp_path)
    with pytest.raises(ConfigurationError, match="term"):
        codes.load("term")
    with pytest.raises(ConfigurationError, match="alias"):
        files.load_aliases()
    with pytest.raises(ConfigurationError, match="lists"):
        catalogue.__wrapped__()


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("t,A,B,1,,x,s,c,\nt,A,B,1,,x,s,c,\n", "A is there twice for the list t"),
        ("t,A,B,0,,x,s,c,\n", "0 is no factor"),
        ("t,A,B,,-2,x,s,c,\n", "-2 is no factor"),
        ("t,A,B,NaN,,x,s,c,\n", "NaN is no factor"),
        ("t,A,B,much,,x,s,c,\n", "alias cannot be read"),
        ("t,A,B,,3,x,s,c,\n", "the factor of A does not end"),
        ("t,A,B\n", "line 2 has not as many columns"),
    ],
)
def test_broken_aliases_are_a_configuration_error(rows, reason, written):
    """A factor is a number above zero that ends, and an alias means one thing."""
    written("alias", ALIASES + rows)
    with pytest.raises(ConfigurationError, match=reason):
        files.load_aliases()


@pytest.mark.parametrize(
    ("alias", "reason"),
    [
        (Alias("X", "NEW"), "X stands for NEW, which is not in the list"),
        (Alias("X", "OLD"), "X stands for OLD, which stands for another code itself"),
        (Alias("OLD", "B"), "OLD stands for B, and the list replaces it by A"),
        (Alias("GONE", "A"), "GONE stands for A, and the list replaces it by nothing"),
    ],
)
def test_an_alias_that_contradicts_its_list_is_refused(alias, reason, written):
    """Aliases stand for codes to be written, and say the same as the list."""
    written(
        "term",
        HEAD + "A,a,current,,,,s,c,\nB,b,current,,,,s,c,\nOLD,o,legacy,A,,,s,c,\nGONE,g,legacy,,,,s,c,\n",
    )
    with pytest.raises(ConfigurationError, match=reason):
        codes.load("term", {alias.alias: alias})


@pytest.mark.parametrize("back", [("A", "A"), ("A", "B", "A")])
def test_conversions_in_a_circle_are_refused(back, written):
    """Grams to kilograms to grams would never end."""
    written("term", HEAD + "A,a,current,,,,s,c,\nB,b,current,,,,s,c,\n")
    aliases = {one: Alias(one, other) for one, other in itertools.pairwise(back)}
    with pytest.raises(ConfigurationError, match="A leads back to A"):
        codes.load("term", aliases)


def test_aliases_of_a_list_that_is_none_are_refused(written, monkeypatch):
    """A list misspelt in the table of aliases is noticed."""
    written("alias", ALIASES + "units,A,B,1,,x,s,c,\n")
    with pytest.raises(ConfigurationError, match="there is no list units"):
        lists.code_lists.__wrapped__()


@pytest.mark.parametrize("rows", ["", "term,Terms,9,2026-11-24,s\n", "term,Terms,9,24.11.2026,s\n", "term\n"])
def test_a_broken_catalogue_is_a_configuration_error(rows, written):
    """Every list is named once, with the day of its edition."""
    written("lists", "name,title,box,edition,source\n" + rows)
    with pytest.raises(ConfigurationError, match="lists cannot be read"):
        catalogue.__wrapped__()


FIRST, LAST = date(2020, 1, 1), date(2021, 1, 1)


def dated(code, begin=None, end=None, replaced_by=""):
    """A code with its days."""
    return ListedCode(code, code.lower(), replaced_by=replaced_by, valid_from=begin, valid_until=end)


@pytest.mark.parametrize(
    ("entry", "began", "ended", "replaced"),
    [
        (dated("A"), (), (), ()),
        (dated("A", begin=FIRST), (), (), ()),
        (dated("A", begin=date(2020, 1, 2)), ("A",), (), ()),
        (dated("A", begin=LAST), ("A",), (), ()),
        (dated("A", begin=date(2021, 1, 2)), (), (), ()),
        (dated("A", end=date(2019, 12, 31)), (), (), ()),
        (dated("A", end=FIRST), (), ("A",), ()),
        (dated("A", end=date(2020, 12, 31), replaced_by="B"), (), (), ("A",)),
        (dated("A", end=LAST), (), (), ()),
        (dated("A", begin=date(2020, 3, 1), end=date(2020, 4, 1)), ("A",), ("A",), ()),
    ],
)
def test_changes_are_seen_on_both_sides_of_each_day(entry, began, ended, replaced):
    """A first day counts after the first day asked for, a last day before the second."""
    changes = between(CodeList("x", {"A": entry}), FIRST, LAST)
    assert tuple(each.code for each in changes.began) == began
    assert tuple(each.code for each in changes.ended) == ended
    assert tuple(each.code for each in changes.replaced) == replaced
    assert changes.undated == (entry == dated("A"))


def test_nothing_changes_within_a_day():
    """From a day to itself there is nothing."""
    changes = between(code_lists().country, date(2010, 12, 15), date(2010, 12, 15))
    assert (changes.began, changes.ended, changes.replaced) == ((), (), ())


def test_a_partners_list_is_compared():
    """What they have more, less, in other words, and what is not to be written any more."""
    found = compare(
        code_lists().permit_type,
        {"E": "export  PERMIT", "R": "Reexport", "I": "", "Z": "Something"},
    )
    assert dict(found.added) == {"Z": "Something"}
    assert [entry.code for entry in found.missing] == ["O"]
    assert [(entry.code, theirs) for entry, theirs in found.meanings] == [("R", "Reexport")]
    assert [entry.code for entry in compare(code_lists().unit, {"KIL": "", "KGM": ""}).outdated] == ["KIL"]
    assert not found.none
    same = {code: entry.meaning for code, entry in code_lists().purpose.entries.items()}
    assert compare(code_lists().purpose, same).none


@pytest.mark.parametrize(
    "text",
    [
        "code,meaning\nKGM,Kilogram\nGRM,\n",
        "\ufeffcode,meaning\r\nKGM,Kilogram\r\nGRM,\r\n",
        "Meaning;CODE ;note\nKilogram;KGM;x\n;GRM;\n",
        "code\tmeaning\nKGM\tKilogram\n\nGRM\n",
    ],
)
def test_editions_are_read_with_any_usual_separator(text):
    """Comma, semicolon and tab; with or without byte order mark; columns in any order."""
    assert dict(read_edition(text.encode())) == {"KGM": "Kilogram", "GRM": ""}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the first line names no column code"),
        (b"name,meaning\nA,a\n", "the first line names no column code"),
        (b"code\nA\nA\n", "line 3 has the code 'A' a second time"),
        (b"code,meaning\n,a\n", "line 2 has no code"),
        (b"code,meaning\nA,\xe9t\xe9\n", "byte 16 of the file is not UTF-8"),
        (b"code\n" + b"A" * 200_000 + b"\n", "the file is not CSV"),
        (b"A" * (MOST_BYTES + 1), "a code list at most"),
    ],
)
def test_a_file_that_is_no_code_list_is_refused(data, reason):
    """Every fault is a sentence with the line, and never a traceback."""
    with pytest.raises(MalformedRequest, match=reason) as refused:
        read_edition(data)
    assert "code,meaning" in refused.value.advice
