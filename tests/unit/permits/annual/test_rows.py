from dataclasses import replace
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.permits.annual.used_builder import amount, used
from unit.permits.line_builder import country, other, re_export, reference, specimen
from unit.permits.permit_builder import GOOD, party, valid

from gateway.permits.annual.columns import COLUMNS, plain
from gateway.permits.annual.rows import annual_report
from gateway.permits.annual.used import Side
from gateway.permits.model import Reference
from gateway.permits.quantities import normalised
from gateway.permits.values import Code, Identifier

IMPORT_PERMIT = replace(valid(GOOD.issued_at, None, type_="I"), number=Identifier("FR-77"))
CITING = replace(GOOD, references=(Reference(type=Code("911"), numbers=(Identifier("FR-77"),)),))
"""The export permit of the goods for which the import permit was granted."""


def exports(*lines):
    return annual_report(lines, party="CH", year=2026, side=Side.EXPORT)


def imports(*lines):
    return annual_report(lines, party="FR", year=2026, side=Side.IMPORT)


def cells(row, side=Side.EXPORT):
    return dict(zip(COLUMNS[side], (row.cell(column) for column in COLUMNS[side]), strict=True))


def test_the_header_is_that_of_the_trade_database():
    """Word for word, in its order."""
    assert ",".join(COLUMNS[Side.EXPORT]) == (
        "Appendix,SpeciesName,TermCode,Quantity,UnitCode,TradingPartner,CountryOfOrigin,ExportPermit,"
        "OriginPermit,IFSPermit,PurposeCode,SourceCode,Year"
    )
    assert ",".join(COLUMNS[Side.IMPORT]) == (
        "Appendix,SpeciesName,TermCode,Quantity,UnitCode,TradingPartner,CountryOfOrigin,ImportPermit,"
        "ExportPermit,OriginPermit,IFSPermit,PurposeCode,SourceCode,Year"
    )


def test_an_export_is_a_row():
    """Every column from the permit, the quantity from the border."""
    (row,) = exports(used(amount("100"))).rows
    assert cells(row) == {
        "Appendix": "II",
        "SpeciesName": "Alligator mississippiensis",
        "TermCode": "LPS",
        "Quantity": "100",
        "UnitCode": "NAR",
        "TradingPartner": "FR",
        "CountryOfOrigin": "",
        "ExportPermit": "CH-2026-000123",
        "OriginPermit": "",
        "IFSPermit": "",
        "PurposeCode": "T",
        "SourceCode": "W",
        "Year": "2026",
    }
    assert (row.ref, row.letters) == (GOOD.ref, ("A",))


def test_the_other_end_sees_the_same_goods_from_its_side():
    """The partner is the country of export, and the import permit that the export permit cites is there."""
    (row,) = imports(used(permit=CITING, side=Side.IMPORT)).rows
    assert (row.partner, row.import_permit, row.export_permit) == ("CH", "FR-77", "CH-2026-000123")


def test_an_export_tells_no_import_permit():
    """The file of exports has no such column."""
    (row,) = exports(used(permit=CITING)).rows
    assert row.import_permit == ""


def test_an_import_permit_tells_the_export_permit_that_it_names():
    """What was written off an import permit is told with its own number."""
    permit = replace(IMPORT_PERMIT, references=(reference("811", "CH-9"),))
    (row,) = imports(used(permit=permit, side=Side.IMPORT)).rows
    assert (row.partner, row.import_permit, row.export_permit) == ("CH", "FR-77", "CH-9")


def test_a_re_export_names_the_origin():
    """Country and permit of origin of boxes 12."""
    (row,) = exports(used(permit=re_export())).rows
    assert (row.origin, row.origin_permit, row.export_permit) == ("US", "US-1998", "CH-2026-000123")


def test_the_origin_of_a_first_export_stays_empty():
    """The country of export is no country of origin of its own, save on a re-export."""
    (first,) = exports(used(origin=country("CH"))).rows
    (again,) = exports(used(permit=re_export(origin=country("CH")))).rows
    assert (first.origin, again.origin) == ("", "CH")


def test_an_introduction_from_the_sea_has_its_own_column():
    """The sea is the partner, and the certificate no export permit."""
    permit = replace(other("Introduction from the sea"), exporter=party("Boat", "FR"))
    (row,) = imports(used(permit=permit, side=Side.IMPORT)).rows
    assert (row.partner, row.ifs_permit, row.export_permit) == ("ZZ", "CH-2026-000123", "")


@pytest.mark.parametrize(
    ("quantity", "told"),
    [
        (amount("1.50", "KGM"), ("1.5", "KGM")),
        (amount("1.50", "KIL"), ("1.5", "KGM")),
        (amount("3", "PND"), ("1.36077711", "KGM")),
        (amount("2500", "GRM"), ("2500", "GRM")),
        (amount("2", "TNE"), ("2000", "KGM")),
        (amount("1E+3", "KGM"), ("1000", "KGM")),
        (amount("7", None), ("7", "NAR")),
        (amount("3", "PAI"), ("6", "NAR")),
        (amount("3", "BOX"), ("3", "BOX")),
        (amount("3", "NEVERHEARD"), ("3", "NEVERHEARD")),
    ],
)
def test_units_are_those_of_today_and_amounts_exact(quantity, told):
    """What has no exact amount stays as it was written."""
    (row,) = exports(used(quantity)).rows
    assert (row.quantity, row.unit) == told


@pytest.mark.parametrize(("term", "told"), [("SKI", ("1.5", "NAR")), ("SID", ("3", "SID"))])
def test_sides_make_skins_only_where_skins_are_traded(term, told):
    """Three sides are one skin and a half, and not one side and a half."""
    (row,) = exports(used(amount("3", "SID"), specimens=(specimen(term=term),))).rows
    assert (row.quantity, row.unit) == told


def test_rows_that_agree_in_all_else_are_added_up():
    """Lines A and B are the same goods on the same permit; no digit is lost, whatever the precision."""
    big = amount("99999999999999999.99", "KGM")
    with localcontext() as context:
        context.prec = 3
        (row,) = exports(used(big), used(amount("0.01", "KIL"), number=1)).rows
    assert (row.quantity, row.letters) == ("100000000000000000", ("A", "B"))


@pytest.mark.parametrize(
    "second",
    [
        used(specimens=(specimen(term="SKI"),)),
        used(specimens=(specimen(source="C"),)),
        used(specimens=(specimen(appendix="I"),)),
        used(specimens=(specimen(name="Caiman crocodilus"),)),
        used(amount("1", "KGM")),
        used(origin=country("US")),
        used(references=(reference("861"),)),
        used(permit=replace(GOOD, purposes=(Code("P"),))),
        used(permit=replace(GOOD, importer=party("x", "DE"))),
        used(permit=replace(GOOD, number=Identifier("CH-2"))),
    ],
)
def test_what_differs_in_a_column_stays_apart(second):
    """One column that differs is enough."""
    assert len(exports(used(), second).rows) == 2


def test_two_permits_stay_apart_even_where_no_column_tells_them_apart():
    """Two issuers may use the same number."""
    mine = used(side=Side.IMPORT)
    other_issuer = replace(mine, ref=replace(mine.ref, issuer="LI"))
    assert len(imports(mine, other_issuer).rows) == 2
    assert len(imports(mine, mine).rows) == 1


def test_grams_and_kilograms_are_both_units_of_today():
    """They are different columns, so they are not added up."""
    assert len(exports(used(amount("1", "KGM")), used(amount("1", "GRM"))).rows) == 2


def test_what_cannot_be_added_stays_apart():
    """An unknown unit has no sum."""
    assert [row.quantity for row in exports(used(amount("1", "?")), used(amount("2", "?"))).rows] == [
        "1",
        "2",
    ]


@pytest.mark.parametrize(
    ("on", "counted"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_the_day_at_the_border_decides_the_year(on, counted):
    """First and last day of the year belong to it."""
    assert bool(exports(used(on=on)).rows) is counted


def test_the_other_side_is_another_report():
    """Imports are not told as exports."""
    report = exports(used(side=Side.IMPORT))
    assert (report.rows, report.left_out) == ((), ())


def test_what_is_left_out_is_told():
    """A permit of other Parties, and a use of nothing."""
    foreign = used(permit=replace(GOOD, exporter=party("x", "DE")))
    nothing = used(amount("0"))
    report = exports(foreign, nothing, used())
    assert len(report.rows) == 1
    assert [each.used for each in report.left_out] == [foreign, nothing]
    assert [str(each.reason) for each in report.left_out] == [
        "the permit does not name the Party that reports",
        "nothing crossed",
    ]


def test_a_permit_without_an_address_belongs_to_its_issuer():
    """The issuer of an export permit is the country of export."""
    assert len(exports(used(permit=replace(GOOD, exporter=None))).rows) == 1


def test_goods_written_off_both_permits_count_once():
    """The document of the country of export counts; the import permit is left out, and told."""
    both = [used(permit=CITING, side=Side.IMPORT), used(permit=IMPORT_PERMIT, side=Side.IMPORT)]
    report = imports(*both)
    assert [row.export_permit for row in report.rows] == ["CH-2026-000123"]
    assert [each.used.ref.number for each in report.left_out] == ["FR-77"]


def test_goods_count_once_also_where_the_import_permit_cites_the_export_permit():
    """One of the two references is enough."""
    permit = replace(IMPORT_PERMIT, references=(reference("811", "CH-2026-000123"),))
    report = imports(used(side=Side.IMPORT), used(permit=permit, side=Side.IMPORT))
    assert [row.export_permit for row in report.rows] == ["CH-2026-000123"]
    assert [each.used.ref.number for each in report.left_out] == ["FR-77"]


def test_goods_on_two_permits_that_do_not_cite_each_other_count_twice():
    """Nothing tells that they are the same; both rows are there to be seen."""
    report = imports(used(side=Side.IMPORT), used(permit=IMPORT_PERMIT, side=Side.IMPORT))
    assert len(report.rows) == 2


@pytest.mark.parametrize("value", ["1E+999999999", "1E-999999999", "NaN", "sNaN", "-Infinity"])
def test_an_amount_beyond_all_measure_is_not_written_out(value):
    """It stays short, and is no number to the rules."""
    (row,) = exports(used(amount(value))).rows
    assert len(row.quantity) < 20
    assert row.amount is None


@pytest.mark.parametrize(
    "second",
    [
        used(permit=IMPORT_PERMIT, side=Side.IMPORT, on=date(2026, 12, 2)),
        used(permit=IMPORT_PERMIT, side=Side.IMPORT, specimens=(specimen(term="SKI"),)),
        used(permit=replace(IMPORT_PERMIT, number=Identifier("FR-78")), side=Side.IMPORT),
        used(
            permit=replace(GOOD, number=Identifier("CH-2"), references=(reference("811", "CH-2026-000123"),)),
            side=Side.IMPORT,
        ),
    ],
)
def test_other_goods_count(second):
    """Another day, another term or another permit is another consignment; so is another export."""
    report = imports(used(permit=CITING, side=Side.IMPORT), second)
    assert len(report.rows) == 2


amounts = st.builds(
    amount,
    st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**12, places=4).map(str),
    st.sampled_from(["NAR", None, "KGM", "GRM", "PND", "PAI"]),
)
crossings = st.builds(
    used,
    amounts,
    number=st.sampled_from([0, 1]),
    permit=st.sampled_from([GOOD, CITING, replace(GOOD, exporter=party("x", "DE"))]),
    specimens=st.sampled_from([(specimen(),), (specimen(term="SKI"),)]),
)


@given(lines=st.lists(crossings, max_size=8))
def test_nothing_is_lost_and_nothing_is_added(lines):
    """What crossed is in the rows or left out, to the last digit, for each unit of today."""
    report = exports(*lines)
    sums = dict.fromkeys(("NAR", "KGM", "GRM"), Fraction(0))
    for each in lines:
        quantity = normalised(each.quantity)
        sums[quantity.unit] += Fraction(quantity.value)
    for each in report.left_out:
        quantity = normalised(each.used.quantity)
        sums[quantity.unit] -= Fraction(quantity.value)
    for row in report.rows:
        sums[row.unit] -= Fraction(row.quantity)
    assert set(sums.values()) == {0}


def test_rows_are_sorted():
    """The same uses give the same file, in whatever order they come."""
    lines = [used(specimens=(specimen(name=name),)) for name in ("Caiman crocodilus", "Ara macao", "Boa c")]
    assert exports(*lines) == exports(*reversed(lines))
    assert [row.species for row in exports(*lines).rows] == ["Ara macao", "Boa c", "Caiman crocodilus"]


@pytest.mark.parametrize(
    ("value", "text"), [("1.50", "1.5"), ("1E+3", "1000"), ("0.00", "0"), ("-2.0", "-2"), ("100", "100")]
)
def test_numbers_are_plain(value, text):
    """No exponent, no needless zeros, no zero that counts taken away."""
    assert plain(Decimal(value)) == text
