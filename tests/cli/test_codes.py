import json
import sys

import pytest


def answer(out):
    """The JSON object that a command printed."""
    return json.loads(out)


def test_the_lists_are_listed(ecites):
    """Every list with its title, its size and its edition."""
    code, out, err = ecites("codes", "list")
    assert (code, err) == (0, "")
    assert "unit               10       80     2026-11-24  11             Units of quantities\n" in out
    code, out, _ = ecites("codes", "list", "--json")
    unit = next(each for each in answer(out)["lists"] if each["name"] == "unit")
    assert (code, unit["codes"], unit["current"], unit["edition"]) == (0, 80, 10, "2026-11-24")


def test_a_list_shows_what_is_to_be_written(ecites):
    """Codes of today; the line below says that there are more."""
    code, out, err = ecites("codes", "show", "appendix")
    assert (code, err) == (0, "")
    assert out == (
        "code  status   meaning\n"
        "I     current  Appendix I\n"
        "II    current  Appendix II\n"
        "III   current  Appendix III\n"
        "3 of 4 codes; all of them with --all\n"
    )


def test_all_shows_old_codes_with_what_to_write(ecites):
    """Legacy and alias codes stand beside the code that replaces them."""
    code, out, _ = ecites("codes", "show", "unit", "--all")
    assert code == 0
    assert "PND   legacy   KGM    Pound\n" in out
    assert "TNE   alias    KGM    Tonne (1000 kilograms) (UNECE Rec 20)\n" in out
    assert out.endswith("80 of 80 codes\n")


def test_another_day_has_other_codes(ecites):
    """The Netherlands Antilles were a country on the day, and South Sudan was not."""
    code, out, _ = ecites("codes", "show", "country", "--at", "2009-01-01", "--json")
    codes = {each["code"] for each in answer(out)["codes"]}
    assert code == 0
    assert "AN" in codes
    assert not {"SS", "CW", "SU"} & codes


def test_an_alias_says_what_it_stands_for(ecites):
    """With the exact factor and where the code is at home."""
    code, out, err = ecites("codes", "show", "unit", "PND")
    assert (code, err) == (0, "")
    assert out.startswith("PND  Pound\n  status     legacy\n")
    assert "  write      KGM (Kilogram)\n" in out
    assert "  amounts    1 PND is 0.45359237 KGM, exactly\n" in out
    code, out, _ = ecites("codes", "show", "unit", "PND", "--json")
    assert (code, answer(out)["write"], answer(out)["alias"]["one"]) == (0, "KGM", "0.45359237")


def test_a_box_says_that_it_does_not_convert(ecites):
    """No number is shown where none is true."""
    _, out, _ = ecites("codes", "show", "unit", "BOX")
    assert "  amounts    not converted, because no number is true for all\n" in out
    _, out, _ = ecites("codes", "show", "unit", "BOX", "--json")
    assert answer(out)["alias"]["one"] is None


def test_a_current_code_says_as_what_it_is_met(ecites):
    """From the code of today to the codes that stand for it."""
    _, out, _ = ecites("codes", "show", "unit", "CMQ")
    assert "  met as     CCM\n" in out


def test_an_alias_outside_the_list_says_so(ecites):
    """UK is no code of a permit, and still has an answer."""
    code, out, _ = ecites("codes", "show", "country", "UK")
    assert code == 0
    assert out.startswith("UK  not in the list; stands for another code\n  write      GB (United Kingdom")
    assert "amounts" not in out


def test_a_code_says_whether_it_is_valid_on_a_day(ecites):
    """The last day is valid, the next is not."""
    _, out, _ = ecites("codes", "show", "country", "AN", "--at", "2010-12-15")
    assert "until 2010-12-15; valid on 2010-12-15" in out
    _, out, _ = ecites("codes", "show", "country", "AN", "--at", "2010-12-16")
    assert "until 2010-12-15; not valid on 2010-12-16" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "units"), "there is no list 'units'; the lists are permit_type"),
        (("show", "__class__"), "there is no list '__class__'"),
        (("show", "unit", "kgm"), "no code 'kgm'; did you mean KGM"),
        (("show", "unit", "KGM", "--at", "tomorrow"), "'tomorrow' is not a day"),
        (("diff", "unit"), "give one of them, and not both"),
        (("diff", "unit", "--from", "2020-01-01", "--with", __file__), "give one of them, and not both"),
        (("diff", "unit", "--to", "2020-01-01", "--with", __file__), "goes with --from, not with --with"),
        (("diff", "unit", "--from", "2020-01-01", "--to", "2019-01-01"), "2019-01-01 is before 2020-01-01"),
        (("diff", "unit", "--with", "nosuch.csv"), "does not exist"),
    ],
)
def test_usage_errors_say_what_to_do(ecites, arguments, words):
    """Exit code 2, and a sentence on standard error."""
    code, out, err = ecites("codes", *arguments)
    assert (code, out) == (2, "")
    plain = " ".join(err.replace("│", " ").split())
    assert words in plain


def test_changes_between_two_days(ecites):
    """What began, what ended, and of how many codes nothing is known."""
    code, out, err = ecites("codes", "diff", "country", "--from", "1997-01-01", "--to", "2011-12-31")
    assert (code, err) == (0, "")
    assert "began     CW           2010-12-15  Curaçao\n" in out
    assert "ended     AN           2010-12-15  Netherlands Antilles\n" in out
    assert "replaced  ZR    CD     1997-07-14  Democratic Republic of the Congo\n" in out
    assert "after 1997-01-01 until 2011-12-31; of 246 code(s) no first or last day is known\n" in out
    code, out, _ = ecites("codes", "diff", "source", "--from", "2019-01-01", "--json")
    found = answer(out)
    assert [each["code"] for each in found["began"]] == ["Y"]
    assert (code, found["ended"], found["replaced"], found["undated"]) == (0, [], [], 10)


def test_a_list_against_a_file(ecites, tmp_path):
    """Added, missing, other words, and not to be written any more."""
    file = tmp_path / "theirs.csv"
    file.write_text("code;meaning\nE;Export permit\nR;Reexport\nI;\nZ;Something\n", encoding="utf-8")
    code, out, err = ecites("codes", "diff", "permit_type", "--with", file)
    assert (code, err) == (0, "")
    assert out == (
        "difference   code  meaning\n"
        "added        Z     Something\n"
        "missing      O     Other (kind stated in text)\n"
        "our words    R     Re-export certificate\n"
        "their words  R     Reexport\n"
        f"{file}: 1 added, 1 missing, 1 with other words, 0 not to be written any more\n"
    )
    code, out, _ = ecites("codes", "diff", "permit_type", "--with", file, "--json")
    found = answer(out)
    assert found["added"] == [{"code": "Z", "meaning": "Something"}]
    assert [each["code"] for each in found["missing"]] == ["O"]
    assert found["meaning"] == [{"code": "R", "ours": "Re-export certificate", "theirs": "Reexport"}]
    assert (code, found["outdated"]) == (0, [])


def test_a_file_that_is_no_code_list_is_bad(ecites, tmp_path):
    """Exit code 1: the file is at fault, not the usage."""
    file = tmp_path / "photo.csv"
    file.write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff")
    code, out, err = ecites("codes", "diff", "unit", "--with", file)
    assert (code, out) == (1, "")
    assert "byte 1 of the file is not UTF-8" in err
    assert "what to do: " in err


def test_on_a_terminal_the_table_is_drawn(ecites, monkeypatch, tmp_path):
    """Lines wrap inside their column, and brackets are text and no markup."""
    file = tmp_path / "theirs.csv"
    file.write_text(
        "code,meaning\nE,Export permit\nX,[bold]" + "word " * 30 + "end[/bold]\n", encoding="utf-8"
    )
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    code, out, _ = ecites("codes", "diff", "permit_type", "--with", file)
    assert code == 0
    assert "[bold]word word" in out
    assert "end[/bold]" in out
    assert max(len(line) for line in out.splitlines()[1:-1]) <= 80


def test_a_file_cannot_write_on_the_terminal(ecites, tmp_path):
    """Control characters of a stranger are shown as such, and a line break breaks no table."""
    file = tmp_path / "theirs.csv"
    file.write_text('code,meaning\nX,"two\n\x1b[31mlines"\n', encoding="utf-8")
    _, out, _ = ecites("codes", "diff", "permit_type", "--with", file)
    assert "added       X     two \ufffd[31mlines\n" in out
