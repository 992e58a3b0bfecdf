from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.permits.annual.used_builder import ROW, row, used

from gateway.permits.annual.columns import ALL_COLUMNS, ReportRow
from gateway.permits.annual.rows import annual_report
from gateway.permits.annual.rules import ROW_RULES, Examined, Grade, examine
from gateway.permits.annual.used import Side
from gateway.permits.checklist import read_checklist
from gateway.permits.species import load

ROOT = Path(__file__).resolve().parents[4]
SAMPLE = load(ROOT / "fixtures" / "species" / "sample.json")
MADE = read_checklist(
    b"Kingdom,FullName,RankName,CurrentListing,All_DistributionISOCodes\n"
    b'Animalia,Aus animal,SPECIES,II,"CH,US"\n'
    b"Plantae,Aus planta,SPECIES,II,US\n"
    b"Animalia,Aus both,SPECIES,I/II,US\n"
    b"Animalia,Aus none,SPECIES,NC,US\n"
    b"Animalia,Bus,GENUS,II,US\n",
    origin="made.csv",
    dated=date(2026, 3, 1),
)
ANIMAL = row(species="Aus animal", term="LIV")
PLANT = row(species="Aus planta", term="LIV", source="A")

CASES = {
    "partner.missing": ([ROW], row(partner=" ")),
    "term.missing": ([ROW], row(term="")),
    "species.missing": ([ROW], row(species="")),
    "appendix.missing": ([ROW], row(appendix="")),
    "quantity.missing": ([ROW], row(quantity="")),
    "year.missing": ([ROW], row(year="")),
    "quantity.not-a-number": ([row(quantity=text) for text in ("0.5", "-1", "")], row(quantity="1,5")),
    "year.not-four-digits": ([row(year="1000"), row(year="")], row(year="999")),
    "term.unknown": ([ROW, row(term="BEL")], row(term="ZZZ")),
    "source.unknown": (
        [row(source=""), row(source="Y", year="2019"), row(source="Y", year="2020")],
        row(source="Y", year="2018"),
    ),
    "purpose.unknown": ([row(purpose="")], row(purpose="J")),
    "unit.unknown": ([row(unit=""), row(unit="KIL")], row(unit="TNE")),
    "partner.unknown": ([ROW, row(partner="ZZ"), row(partner="XX")], row(partner="UK")),
    "origin.unknown": ([row(origin="XX"), row(origin="")], row(origin="QQ")),
    "appendix.unknown": ([row(appendix="N")], row(appendix="IV")),
    "species.unknown": ([ANIMAL], row(species="Aus nemo")),
    "unit.withdrawn": ([ROW], row(unit="BOX")),
    "term.withdrawn": ([ROW], row(term="BEL")),
    "quantity.not-positive": ([row(quantity="0.001")], row(quantity="0")),
    "term.unit": ([row(unit=""), row(term="OTH", unit="KGM")], row(unit="LTR")),
    "term.purpose": ([row(purpose="P", term="TRO")], row(purpose="T", term="TRO")),
    "origin.exporter": ([row(origin="US")], row(origin="CH")),
    "partner.self": ([ROW], row(partner="CH")),
    "species.appendix": (
        [ANIMAL, row(species="Aus both", appendix="I"), row(species="Aus none", appendix="N"),
         replace(ANIMAL, appendix="I", year="2025")],
        replace(ANIMAL, appendix="I"),
    ),
    "species.term": ([ANIMAL, replace(PLANT, term="ROO")], replace(ANIMAL, term="ROO")),
    "species.range": (
        [replace(ANIMAL, source="W"), replace(PLANT, source="W", origin="US"), replace(PLANT, source="A"),
         replace(PLANT, source="W", origin="XX"), row(species="Bus", source="W")],
        replace(PLANT, source="W"),
    ),
    "species.source": ([ANIMAL, PLANT, replace(PLANT, source="F")], replace(ANIMAL, source="A")),
    "text.formula": ([ROW], row(export_permit="=1+1")),
}  # fmt: skip


def examined(*rows, side=Side.EXPORT, species=MADE) -> Examined:
    return examine(rows, party="CH", side=side, species=species)


def ids(*rows, **given) -> list[str]:
    return [error.rule for error in examined(*rows, **given).errors]


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule):
    """Each rule lets the rows before its border pass, and stops the one beyond."""
    passing, failing = CASES[rule]
    for one in passing:
        assert rule not in ids(one)
    assert ids(failing).count(rule) == 1


def test_every_rule_has_a_case():
    """No rule is without a test on each side of its border."""
    assert set(CASES) | {"row.duplicate"} == set(ROW_RULES)


def test_a_duplicate_is_told_for_each_of_the_rows():
    """Two rows that are equal in all columns stop the report; one column is enough to tell them apart."""
    assert ids(ROW, row(export_permit="CH-2"), species=None) == []
    errors = examined(ROW, row(export_permit="CH-2"), ROW, species=None).errors
    assert [(error.rule, error.row) for error in errors] == [("row.duplicate", 1), ("row.duplicate", 3)]


def test_what_the_gateway_writes_is_acceptable():
    """A report of a permit that breaks no rule has no error, with a list of species."""
    report = annual_report([used()], party="CH", year=2026, side=Side.EXPORT)
    species = replace(SAMPLE, about=replace(SAMPLE.about, dated=date(2026, 1, 1)))
    result = examine(report.rows, party="CH", side=Side.EXPORT, species=species)
    assert [error.rule for error in result.errors] == ["species.range"], (
        "alligators do not live in Switzerland"
    )
    assert result.acceptable


def test_primary_errors_come_first_and_stop_the_report():
    """Secondary errors may be insisted on."""
    result = examined(row(partner="CH"), row(term=""), species=None)
    assert [(error.rule, error.grade) for error in result.errors] == [
        ("term.missing", Grade.PRIMARY),
        ("partner.self", Grade.SECONDARY),
    ]
    assert (len(result.primary), len(result.secondary), result.acceptable) == (1, 1, False)
    assert examined(row(partner="CH"), species=None).acceptable


def test_an_error_says_where():
    """Row, column and what stands there."""
    (error,) = examined(ROW, row(partner="UK"), species=None).errors
    assert error.as_dict() == {
        "rule": "partner.unknown",
        "grade": "primary",
        "row": 2,
        "column": "TradingPartner",
        "value": "UK",
        "message": "'UK' is no country of the list; write the code of two letters",
        "source": ROW_RULES["partner.unknown"].source,
    }


def test_in_a_report_of_imports_the_partner_exports():
    """Range and origin are judged by the country of export."""
    wild = replace(ANIMAL, source="W")
    assert "species.range" in ids(replace(wild, partner="FR"), side=Side.IMPORT)
    assert "species.range" not in ids(replace(wild, partner="US"), side=Side.IMPORT)
    assert "origin.exporter" in ids(row(partner="FR", origin="FR"), side=Side.IMPORT)
    assert "origin.exporter" not in ids(row(partner="FR", origin="FR"))


def test_a_formula_in_an_import_permit_is_told_where_there_is_such_a_column():
    """The file of exports does not write it."""
    assert "text.formula" in ids(row(import_permit="@x"), side=Side.IMPORT)
    assert "text.formula" not in ids(row(import_permit="@x"))


def test_without_a_list_of_species_its_rules_are_told():
    """They never count as passed."""
    skipped = {each.rule for each in examined(ROW, species=None).not_checked}
    assert {rule.id for rule in ROW_RULES.values() if rule.needs_species} <= skipped
    assert skipped == {"term.unit", "term.purpose", "species.unknown", "species.appendix", "species.term",
                       "species.range", "species.source"}  # fmt: skip


def test_listings_of_another_year_are_not_checked():
    """The list tells the listings of one day; only rows of its year are judged by it."""
    assert "species.appendix" not in {each.rule for each in examined(ANIMAL).not_checked}
    skipped = {each.rule: each.reason for each in examined(replace(ANIMAL, year="2025")).not_checked}
    assert "other years than 2026" in skipped["species.appendix"]


@pytest.mark.parametrize("year", ["0000", "", "x", "\uff19\uff19\uff19\uff19", "9999"])
def test_a_strange_year_does_no_harm(year):
    """What is no year has a rule of its own."""
    examined(row(year=year))


@pytest.mark.parametrize("quantity", ["NaN", "Infinity", "sNaN", "1e999999999", "1_000", "", "x" * 100_000])
def test_a_strange_quantity_does_no_harm(quantity):
    """No number, or one beyond all measure."""
    assert ("quantity.missing" if not quantity else "quantity.not-a-number") in ids(row(quantity=quantity))


@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {
                column: st.text(max_size=8)
                | st.sampled_from(["I", "II", "LIV", "KGM", "W", "CH", "2026", "-1"])
                for column in ALL_COLUMNS
            }
        ),
        max_size=4,
    )
)
def test_any_file_can_be_examined(rows):
    """Whatever stands in the columns, the rules answer, and each error says it in each language."""
    result = examined(*(ReportRow.of(cells) for cells in rows), side=Side.IMPORT)
    for error in result.errors:
        assert error.as_dict("fr")["message"]
        assert error.as_dict("es")["message"]


def test_a_rule_needs_a_source_and_a_name_of_its_own():
    """A rule that nobody can look up is refused when it is made."""
    from gateway.permits.annual.registry import rule  # noqa: PLC0415

    def check(_row, _context):
        """It holds."""
        yield from ()

    with pytest.raises(ValueError, match="two rules"):
        rule("row.duplicate", Grade.PRIMARY, column="", source="x")(check)
    with pytest.raises(ValueError, match="needs a source"):
        rule("a.new-one", Grade.PRIMARY, column="", source="")(check)


def test_the_page_of_the_reports_names_every_rule():
    """docs/reports.md has a row for each rule, with its grade and what it demands."""
    text = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
    for rule in ROW_RULES.values():
        line = f"| `{rule.id}` | {rule.grade.value} | {rule.summary} | {rule.source} |"
        assert line in text
