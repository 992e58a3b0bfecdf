"""The form as data."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from unit.rendering.drawing import AT, FILES, PERMITS, bare, form, full, leaves, permit, shown

from gateway.errors import MalformedRequest
from gateway.permits.model import Country, Inspection, Location
from gateway.permits.quantities import Quantity
from gateway.permits.validity import Status
from gateway.permits.values import Code, Identifier, Text
from gateway.rendering.boxes import TITLES
from gateway.rendering.form import _STATUS, Seal, Tone

LEATHER = "ch-export-reptile-leather"


def boxes(drawn):
    """All boxes of a form, line by line."""
    rows = [box for row in (*drawn.rows, *drawn.sheet_rows) for box in row.boxes]
    return [*drawn.opening, *rows, *drawn.closing]


def texts(drawn):
    """Everything that stands in the boxes, without white space."""
    return bare(" ".join(f"{entry.label} {entry.text}" for box in boxes(drawn) for entry in box.entries))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_every_box_is_there(file, language):
    """Boxes 1 to 15 with their letters are on the form of every fixture, whatever it leaves out."""
    drawn = form(permit(file.stem), language)
    assert {box.number for box in boxes(drawn)} == set(TITLES)
    assert len(drawn.rows) == 4
    assert all(box.title for box in boxes(drawn))


def test_nothing_is_lost():
    """Each text, number, code, quantity and time of a permit that fills every element is in a box."""
    every = full()
    content = texts(form(every))
    missing = {shown(leaf) for leaf in leaves(every) if shown(leaf) not in content}
    assert not missing


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("1", "CH-2026-EVERY/1"),
        ("2", "2027-05-15 23:59:59 +01:00"),
        ("3", "Example importer"),
        ("3a", "FR: France"),
        ("4", "Example exporter"),
        ("5", "First condition."),
        ("5a", "B: Breeding in captivity or artificial propagation"),
        ("5b", "STAMP-1, STAMP-2"),
        ("6", "First example party"),
        ("13", "2026-11-16 09:30:00 +01:00"),
        ("15", "740: Air waybill"),
    ],
)
def test_a_box_holds_what_belongs_there(number, text):
    """Each value stands in the box of the paper form."""
    assert text in [entry.text for entry in form(permit("every-element")).box(number).entries]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("7", "Ara macao"),
        ("8", "Scarlet macaw"),
        ("9", "LIV: Live animal or plant"),
        ("10", "D"),
        ("11", str(permit("every-element").lines[0].quantity)),
        ("11a", "30 NAR"),
        ("12", "BR: Brazil"),
        ("12a", "DE: Germany"),
        ("12b", "A-CH-501, A-CH-502"),
    ],
)
def test_a_box_of_a_line_holds_what_belongs_there(number, text):
    """Each value of a line stands in the box of the paper form."""
    row = form(permit("every-element")).rows[0]
    assert text in [entry.text for entry in row.box(number).entries]


def test_the_two_documents_of_a_re_export_stand_apart():
    """The permit of origin is in Box 12, the certificate of last re-export in Box 12a."""
    row = form(permit("ch-reexport-caviar")).rows[0]
    origin, last = ([entry.text for entry in row.box(number).entries] for number in ("12", "12a"))
    assert "2026CN/EC000455/HB" in origin
    assert "2026CN/EC000455/HB" not in last
    assert "DE-R-26-1188" in last
    assert "DE-R-26-1188" not in origin


def test_an_unused_box_that_holds_something_is_shown():
    """Box 12a is not for export permits; when one fills it all the same, nobody hides that."""
    leather = permit(LEATHER)
    line = replace(leather.lines[0], last_export=Country((Identifier("DE"),)))
    filled = form(replace(leather, lines=(line,))).rows[0].box("12a")
    empty = form(leather).rows[0].box("12a")
    assert (filled.used, bool(filled.entries)) == (True, True)
    assert (empty.used, bool(empty.entries)) == (False, False)


def test_further_lines_stand_on_sheets():
    """Lines A to D are on the form, the others follow; Box 14 of each is shown exactly once."""
    leather = permit(LEATHER)
    seen = (Inspection(quantity=Quantity(Decimal(7)), place=Location(ids=(Identifier("CHZRH"),))),)
    line = replace(leather.lines[0], inspections=seen)
    nine = replace(leather, lines=tuple(replace(line, ids=(Identifier(letter),)) for letter in "ABCDEFGHI"))
    drawn = form(nine)
    assert [row.letter for row in drawn.rows] == list("ABCD")
    assert [row.letter for row in drawn.sheet_rows] == list("EFGHI")
    assert [entry.label for entry in drawn.box("14").entries if entry.text == "7"] == [
        f"Line {letter}" for letter in "ABCD"
    ]
    assert all("7" in [entry.text for entry in row.box("14").entries] for row in drawn.sheet_rows)


def test_lines_that_are_not_there_are_drawn_empty():
    """A permit with one line leaves B, C and D visibly unused."""
    drawn = form(permit("ch-reexport-caviar"))
    assert [(row.letter, row.empty) for row in drawn.rows] == [
        ("A", False),
        ("B", True),
        ("C", True),
        ("D", True),
    ]


def test_a_long_id_of_a_line_is_shown_in_full():
    """What the narrow column shortens stands in Box 9."""
    leather = permit(LEATHER)
    drawn = form(replace(leather, lines=(replace(leather.lines[0], ids=(Identifier("LINE-0001"),)),)))
    assert drawn.rows[0].letter == "LI…"
    assert "LINE-0001" in [entry.text for entry in drawn.rows[0].box("9").entries]


@pytest.mark.parametrize(
    ("code", "meanings"),
    [("W", ["W: Taken from the wild"]), ("OW", ["O: Pre-Convention", "W: Taken from the wild"])],
)
def test_two_sources_are_both_explained(code, meanings):
    """A source of two letters is two sources."""
    leather = permit(LEATHER)
    line = leather.lines[0]
    specimen = replace(line.specimens[0], source=Code(code))
    drawn = form(replace(leather, lines=(replace(line, specimens=(specimen,)),)))
    content = [entry.text for entry in drawn.rows[0].box("10").entries]
    assert content[-len(meanings) - 1 :] == [code, *meanings]


def test_an_unknown_code_is_said_to_be_unknown():
    """A code without a meaning is not passed over in silence."""
    drawn = form(replace(permit(LEATHER), purposes=(Code("QQ"),)))
    assert [entry.text for entry in drawn.box("5a").entries] == ["QQ: not in the code list"]


def test_the_status_is_on_top():
    """In force, not yet valid, expired: in words, with the day."""
    leather = permit(LEATHER)
    moments = {
        "IN FORCE": AT,
        "NOT YET VALID": datetime(2026, 1, 1, tzinfo=UTC),
        "EXPIRED": datetime(2028, 1, 1, tzinfo=UTC),
    }
    for words, at in moments.items():
        stamp = form(leather, at=at).stamps[0]
        assert stamp.words == words
        assert "202" in stamp.reason


def test_every_status_has_words():
    """A status that is added to the model must be given words here."""
    assert set(_STATUS) == set(Status)


@pytest.mark.parametrize(
    ("seal", "words", "tone"),
    [
        (None, "SIGNATURE NOT CHECKED", Tone.UNSURE),
        (Seal("PASSED", "it holds"), "SIGNATURE PASSED", Tone.GOOD),
        (Seal("FAILED", "it was changed"), "SIGNATURE FAILED", Tone.BAD),
        (Seal("INDETERMINATE", "nobody knows"), "SIGNATURE INDETERMINATE", Tone.UNSURE),
    ],
)
def test_the_verdict_is_on_top(seal, words, tone):
    """The verdict is said in words; without a verification the form says so."""
    stamp = form(permit(LEATHER), seal=seal).stamps[-1]
    assert (stamp.words, stamp.tone) == (words, tone)
    assert stamp.reason


def test_a_copy_says_so_on_top():
    """A copy is told from an original at the first glance."""
    leather = permit(LEATHER)
    assert "COPY" in [stamp.words for stamp in form(replace(leather, copy=True)).stamps]
    assert "COPY" not in [stamp.words for stamp in form(replace(leather, copy=False)).stamps]


def test_a_document_of_another_kind_is_called_what_it_calls_itself():
    """The title of type O is the text of Box 1."""
    other = replace(permit(LEATHER), type=Code("O"), names=(Text("Certificate of origin"),))
    assert form(other).title == "Certificate of origin"
    assert form(replace(other, names=())).title == "Permit or certificate"


def test_the_languages_differ_and_the_document_does_not():
    """Titles, codes and countries are translated; what the document says is not."""
    drawn = {language: form(permit(LEATHER), language) for language in ("en", "fr", "es")}
    for number in ("2", "3", "5a", "6", "13"):
        assert len({each.box(number).title for each in drawn.values()}) == 3
    assert {each.box("3a").entries[0].text for each in drawn.values()} == {"FR: France", "FR: Francia"}
    assert {each.box("5").entries[0].text for each in drawn.values()} == {
        "Valid for finished leather goods only."
    }


def test_another_language_is_refused():
    """Only the working languages of the Convention are spoken."""
    with pytest.raises(MalformedRequest):
        form(permit(LEATHER), "de")


def test_there_are_fixtures():
    """The tests above have something to draw."""
    assert len(FILES) >= 6
    assert PERMITS.is_dir()
