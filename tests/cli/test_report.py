"""`ecites report`, on the database of a working folder."""

import asyncio
import csv
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import Run
from sqlalchemy import select

from gateway import clock
from gateway.cli.demonstration import permits
from gateway.config import load
from gateway.exchange import notices
from gateway.exchange.notice_record import NoticeRecord
from gateway.flows.issue import issue
from gateway.flows.ports import Node, Trail
from gateway.loading.beliefs import Beliefs
from gateway.loading.database import open_database
from gateway.loading.node import make_node
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.notices import Endorsement, Side, WrittenOff
from gateway.permits.quantities import Quantity
from gateway.storage.tables import permits as permits_table
from gateway.xmlio.canonical import sha256_hex

MA, CUSTOMS, FRENCH = (AuthorityId.parse(text) for text in ("CH:MA", "CH:CUSTOMS", "FR:CUSTOMS"))
NUMBER = "=CH-2026-7"
"""A spreadsheet would calculate it."""
TODAY = clock.now().date()


@pytest.fixture
def config(tmp_path: Path, ecites: Run) -> Path:
    """A working folder in which nothing was issued."""
    assert ecites("init", tmp_path / "ch", "--authority", "CH:MA", "--authority", "CH:CUSTOMS")[0] == 0
    return tmp_path / "ch" / "ecites.toml"


async def _fill(config: Path, crossed: dict[Side, str]) -> None:
    """Issue one permit for 12 and write something off it."""
    settings = load(config)
    database = await open_database(settings)
    try:
        node = make_node(settings, Beliefs.load(settings, clock.now()), database, lambda: None)
        row = permits.Row("Crocodylus niloticus", "Nile crocodile", "skins", "SKI", "II", "C", "12")
        await issue(permits.make_permit(NUMBER, (row,), clock.now()), MA, "", node, Trail())
        for side, quantity in crossed.items():
            await _endorse(node, side, quantity)
    finally:
        await database.close()


async def _endorse(node: Node, side: Side, written: str) -> None:
    """Customs of the border write it off, today; `written` may have a unit."""
    quantity, _, unit = written.partition(" ")
    made = Endorsement(
        clock.new_id(),
        PermitRef("CH", NUMBER),
        CUSTOMS if side is Side.EXPORT else FRENCH,
        clock.now(),
        side,
        TODAY,
        "office",
        lines=(WrittenOff("A", Quantity(Decimal(quantity), unit or None)),),
    )
    document = notices.write(made)
    async with node.storage.write() as transaction:
        await transaction.notices.add(NoticeRecord(made, document, sha256_hex(document), made.at))


Fill = Callable[..., None]


@pytest.fixture
def fill(config: Path) -> Fill:
    """Issue a permit and write something off it."""

    def filled(crossed: dict[Side, str]) -> None:
        asyncio.run(_fill(config, crossed))

    return filled


def report(ecites: Run, config: Path, what: str, *more: object) -> tuple[int, Any]:
    """Exit code and the JSON of one report."""
    code, out, err = ecites("report", what, "--authority", "CH:MA", "--config", config, "--json", *more)
    assert err == ""
    return code, json.loads(out)


def test_the_annual_report_and_its_files(config: Path, fill: Fill, ecites: Run, tmp_path: Path) -> None:
    """What crossed, as text, as the file to submit and as a page."""
    fill({Side.EXPORT: "9"})
    file, page = tmp_path / "report.csv", tmp_path / "report.html"
    code, out, err = ecites(
        *("report", "annual", "--year", TODAY.year, "--authority", "CH:MA", "--config", config),
        *("--csv", file, "--html", page),
    )
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == f"CH {TODAY.year}, exports"
    assert "text.formula" in lines[1]
    assert lines[-3:] == [
        "can be submitted: rows: 1, primary errors: 0, secondary errors: 1",
        f"written: {file}",
        f"written: {page}",
    ]
    with file.open(encoding="utf-8", newline="") as text:
        (row,) = csv.DictReader(text)
    assert (row["Quantity"], row["UnitCode"], row["ExportPermit"]) == ("9", "NAR", NUMBER)
    assert NUMBER in page.read_text(encoding="utf-8")


def test_a_copy_for_a_spreadsheet(config: Path, fill: Fill, ecites: Run, tmp_path: Path) -> None:
    """The number is no formula there; alone the option makes no sense."""
    fill({Side.EXPORT: "9"})
    file = tmp_path / "copy.csv"
    assert report(ecites, config, "annual", "--year", TODAY.year, "--csv", file, "--spreadsheet")[0] == 0
    assert f"'{NUMBER}" in file.read_text(encoding="utf-8")
    code, _, err = ecites(
        "report", "annual", "--year", 2026, "--authority", "CH:MA", "--config", config, "--spreadsheet"
    )
    assert (code, "--csv" in err) == (2, True)


def test_the_other_side(config: Path, fill: Fill, ecites: Run) -> None:
    """Switzerland imported nothing."""
    fill({Side.EXPORT: "9", Side.IMPORT: "9"})
    code, answer = report(ecites, config, "annual", "--year", TODAY.year, "--side", "import")
    assert (code, answer["side"], answer["rows"], answer["remarks"]) == (0, "I", [], [])


def test_a_permit_that_cannot_be_proven_ends_with_one(config: Path, fill: Fill, ecites: Run) -> None:
    """It is named, first as text and in the JSON, and no row is made of it."""
    fill({Side.EXPORT: "9"})

    async def spoil() -> None:
        database = await open_database(load(config))
        async with database._engine.begin() as connection:
            kept = (await connection.execute(select(permits_table.c.original))).scalar_one()
            await connection.execute(permits_table.update().values(original=kept.replace(b">12<", b">99<")))
        await database.close()

    asyncio.run(spoil())
    code, answer = report(ecites, config, "annual", "--year", TODAY.year)
    assert (code, answer["acceptable"], answer["complete"], answer["rows"]) == (1, True, False, [])
    assert [(each["about"], each["number"]) for each in answer["remarks"]] == [("unproven", NUMBER)]
    assert report(ecites, config, "reconciliation")[0] == 1
    out = ecites("report", "reconciliation", "--authority", "CH:MA", "--config", config)[1]
    assert f"not in the report  CH {NUMBER}: " in out


def test_a_primary_error_ends_with_one(config: Path, fill: Fill, ecites: Run) -> None:
    """It stands before the secondary ones, and before anything else that is told."""
    fill({Side.EXPORT: "9 XYZ"})
    code, answer = report(ecites, config, "annual", "--year", TODAY.year)
    assert (code, answer["acceptable"]) == (1, False)
    out = ecites("report", "annual", "--year", TODAY.year, "--authority", "CH:MA", "--config", config)[1]
    lines = out.splitlines()
    assert "primary error" in lines[1]
    assert "unit.unknown" in lines[1]
    assert lines[-1].startswith("cannot be submitted: rows: 1, primary errors: 1,")


def test_the_reconciliation_names_the_difference(
    config: Path, fill: Fill, ecites: Run, tmp_path: Path
) -> None:
    """A difference is a warning: 0; the files have it too."""
    fill({Side.EXPORT: "9", Side.IMPORT: "7"})
    file, page = tmp_path / "use.csv", tmp_path / "use.html"
    code, answer = report(ecites, config, "reconciliation", "--csv", file, "--html", page)
    assert (code, answer["counts"]["differs"]) == (0, 1)
    (permit,) = answer["permits"]
    amounts = permit["lines"][0]
    assert [amounts[name]["value"] for name in ("authorised", "exported", "imported", "left")] == [
        "12", "9", "7", "3",
    ]  # fmt: skip
    assert "differs" in file.read_text(encoding="utf-8")
    assert "9" in page.read_text(encoding="utf-8")


def test_an_error_of_the_reconciliation_ends_with_one(config: Path, fill: Fill, ecites: Run) -> None:
    """More crossed than is permitted."""
    fill({Side.EXPORT: "13"})
    code, answer = report(ecites, config, "reconciliation")
    assert (code, answer["counts"]["more-than-authorised"]) == (1, 1)


def test_the_period(config: Path, fill: Fill, ecites: Run) -> None:
    """Both days count; the last is the end of the year of the first unless it is said."""
    fill({Side.EXPORT: "9"})
    for days, count in (
        (("--from", TODAY, "--to", TODAY), 1),
        (("--from", "2020-01-01", "--to", date.fromordinal(TODAY.toordinal() - 1)), 0),
        (("--from", "2020-01-01"), 0),
        ((), 1),
    ):
        assert len(report(ecites, config, "reconciliation", *days)[1]["permits"]) == count, days


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("annual", "--authority", "CH:MA"), "--year"),
        (("annual", "--authority", "CH:MA", "--year", "1974"), "1975"),
        (("annual", "--authority", "CH", "--year", "2026"), "CH:MA, FR:CUSTOMS or DE:MA-BfN"),
        (("annual", "--authority", "FR:MA", "--year", "2026"), "those are: CH:MA"),
        (("annual", "--authority", "CH:CUSTOMS", "--year", "2026"), "those are: CH:MA"),
        (("annual", "--authority", "CH:MA", "--year", "2026", "--side", "both"), "export"),
        (("annual", "--authority", "CH:MA", "--year", "2026", "--csv", "no/where.csv"), "no folder no"),
        (("reconciliation", "--authority", "CH:MA", "--from", "yesterday"), "2026-11-23"),
        (("reconciliation", "--authority", "CH:MA", "--from", "2026-02-01", "--to", "2026-01-31"), "before"),
        (("reconciliation", "--authority", "CH:MA", "--html", "no/where.html"), "no folder no"),
    ],
)
def test_usage(config: Path, ecites: Run, arguments: tuple[str, ...], said: str) -> None:
    """What cannot be meant ends with 2 before anything is read, and says what to write."""
    code, out, err = ecites("report", *arguments, "--config", config)
    assert (code, out) == (2, "")
    assert said in " ".join(err.split())
