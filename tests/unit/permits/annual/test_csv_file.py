import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.permits.annual.used_builder import ROW, row

from gateway.errors import MalformedRequest
from gateway.permits.annual import csv_file
from gateway.permits.annual.columns import COLUMNS, ReportRow
from gateway.permits.annual.csv_file import as_csv, read, write
from gateway.permits.annual.used import Side

HEADER = ",".join(COLUMNS[Side.EXPORT]).encode()
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["", ",", '"', "\r\n", "\n", "\r", "\ufeff", "\x00", "'", "=1+1", " x ", '"",""']
)


@st.composite
def rows(draw, side):
    """Rows with any text in the columns of one side."""
    columns = COLUMNS[side]
    return [ReportRow.of({column: draw(texts) for column in columns}) for _ in range(draw(st.integers(0, 4)))]


sided = st.sampled_from(Side).flatmap(lambda side: st.tuples(st.just(side), rows(side)))


@given(given=sided)
def test_what_was_written_is_read(given):
    """Commas, quotes, line breaks, marks of the byte order and formulas come back as they were."""
    side, written = given
    assert read(write(written, side), side) == tuple(written)


@given(given=sided)
def test_a_file_for_a_spreadsheet_has_no_formula(given):
    """No cell begins as a formula does, and nothing else changes."""
    side, written = given
    for before, after in zip(written, read(write(written, side, spreadsheet=True), side), strict=True):
        for column in COLUMNS[side]:
            assert after.cell(column)[:1] not in set("=+@\t\r")
            assert after.cell(column).removeprefix("'") == before.cell(column).removeprefix("'")


def test_the_file_is_as_the_trade_database_wants_it():
    """No mark of the byte order, a header, commas, CR LF."""
    assert write([ROW], Side.EXPORT) == (
        HEADER + b"\r\nII,Alligator mississippiensis,SKI,250,NAR,FR,,CH-2026-000123,,,T,C,2026\r\n"
    )


def test_umlauts_are_utf_8():
    """The file is UTF-8."""
    assert "Müller".encode() in write([row(export_permit="Müller")], Side.EXPORT)


def test_a_permit_number_is_written_as_it_is():
    """A mark against formulas would make another number of it; for looking it is there."""
    hostile = row(export_permit="=HYPERLINK(1)")
    assert b",=HYPERLINK(1)," in write([hostile], Side.EXPORT)
    assert b",'=HYPERLINK(1)," in write([hostile], Side.EXPORT, spreadsheet=True)


@pytest.mark.parametrize(("text", "shown"), [("-2", "-2"), ("-2.5", "-2.5"), ("-2+3", "'-2+3"), ("-", "'-")])
def test_a_negative_number_stays_a_number(text, shown):
    """It is no formula."""
    assert as_csv(["x"], [[text]], spreadsheet=True) == f"x\r\n{shown}\r\n".encode()


def test_a_mark_of_the_byte_order_and_empty_lines_are_read():
    """As spreadsheets write them."""
    assert read(b"\xef\xbb\xbf" + write([ROW], Side.EXPORT) + b"\r\n\r\n", Side.EXPORT) == (ROW,)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the header"),
        (HEADER.replace(b"Appendix,", b""), "the header"),
        (write([], Side.IMPORT), "the header"),
        (HEADER + b"\r\nII,x", "line 2 of the file has 2 columns, and the header has 13"),
        (HEADER + b"\r\n" + b"," * 13, "has 14 columns"),
        (HEADER + b'\r\n"x', "line 2 of the file is no CSV"),
        (HEADER + b"\r\n" + b"x" * 200_000, "is no CSV"),
        (HEADER + b"\r\n\xff", "not UTF-8"),
    ],
)
def test_a_broken_file_is_told(data, words):
    """What is wrong, where, and what to do."""
    with pytest.raises(MalformedRequest, match=words) as raised:
        read(data, Side.EXPORT)
    assert raised.value.advice


def test_a_file_that_is_too_long_is_not_read(monkeypatch):
    """The last length that passes and the first that does not."""
    data = write([ROW], Side.EXPORT)
    monkeypatch.setattr(csv_file, "MAX_BYTES", len(data))
    assert read(data, Side.EXPORT) == (ROW,)
    with pytest.raises(MalformedRequest, match="more than"):
        read(data + b"\n", Side.EXPORT)
