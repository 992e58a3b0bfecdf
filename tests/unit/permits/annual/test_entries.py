"""What of the endorsements counts, of which line, in which unit."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from unit.permits.annual.used_builder import amount
from unit.permits.permit_builder import GOOD

from gateway.permits.annual.entries import as_permitted, entries_of, permit_use, used_lines
from gateway.permits.annual.essence import essence_of
from gateway.permits.annual.rows import annual_report
from gateway.permits.annual.used import Side as Border
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.kinds import kind_of
from gateway.permits.model import Package, Permit
from gateway.permits.notices import Endorsement, Side, WrittenOff
from gateway.permits.quantities import Quantity

REF = GOOD.ref or PermitRef("CH", "1")
DAY = date(2026, 12, 1)
LETTER = GOOD.lines[0].letter


def off(quantity: str = "100", unit: str | None = "NAR", line: str = LETTER, dead: str = "0") -> WrittenOff:
    return WrittenOff(line, amount(quantity, unit), Decimal(dead))


def endorsed(*lines: WrittenOff, side: Side = Side.EXPORT, by: str = "", **changes: Any) -> Endorsement:
    """By the customs of the border."""
    party = "CH" if side is Side.EXPORT else "FR"
    at = datetime(2026, 12, 1, 12, tzinfo=UTC)
    author = AuthorityId.parse(by or f"{party}:CUSTOMS")
    made = Endorsement("one", REF, author, at, side, DAY, "CH002571", lines=lines or (off(),))
    return replace(made, **changes)


def with_quantity(quantity: Quantity | None) -> Permit:
    """The good permit with one line."""
    packages = (Package(quantity),) if quantity else ()
    return replace(GOOD, lines=(replace(GOOD.lines[0], packages=packages),))


def test_an_entry_says_what_crossed_and_when():
    """The side of the border, the day, the amount; of the dead only when somebody said so."""
    found = entries_of(GOOD, [endorsed(), endorsed(off(dead="3"), side=Side.IMPORT, id="two")])
    assert found.uncounted == ()
    out, into = found.counted
    assert (out.consignment, out.side, out.on, out.quantity) == ("one", Border.EXPORT, DAY, amount("100"))
    assert (out.dead, into.dead, into.side) == (None, Decimal(3), Border.IMPORT)


@pytest.mark.parametrize(
    ("permitted", "written", "expected", "dead"),
    [
        (amount("5", "KGM"), off("1500", "GRM", dead="500"), amount("1.5", "KGM"), Decimal("0.5")),
        (amount("5", "PND"), off("1", "KGM", dead="1"), amount("1", "KGM"), Decimal(1)),
        (amount("5", "KGM"), off("3", "NAR"), amount("3", "NAR"), None),
        (None, off("3", "KGM"), amount("3", "KGM"), None),
    ],
    ids=["exact", "no end", "another kind", "no quantity"],
)
def test_the_unit_is_that_of_the_line_when_that_is_exact(permitted, written, expected, dead):
    """What has no exact amount stays as customs wrote it: it crossed all the same."""
    (entry,) = entries_of(with_quantity(permitted), [endorsed(written)]).counted
    assert (entry.quantity, entry.dead) == (expected, dead)


@pytest.mark.parametrize(
    ("side", "by"),
    [
        (Side.EXPORT, "FR:CUSTOMS"),
        (Side.EXPORT, "DE:CUSTOMS"),
        (Side.EXPORT, "CH:MA"),
        (Side.IMPORT, "CH:CUSTOMS"),
    ],
)
def test_only_customs_of_the_border_count(side, by):
    """An endorsement that came before its permit was not judged then; it does not count, and is told."""
    found = entries_of(GOOD, [endorsed(side=side, by=by)])
    assert found.counted == ()
    assert by in found.uncounted[0]


def test_a_line_that_the_permit_does_not_have_is_told():
    """The others of the same consignment count."""
    found = entries_of(GOOD, [endorsed(off(), off("7", line="Z"))])
    assert [each.line.letter for each in found.counted] == [LETTER]
    (why,) = found.uncounted
    assert "7 NAR of line Z on 2026-12-01" in why


def test_the_amounts_of_a_permit():
    """Sums of both borders, the dead, and what is left; days and consignments."""
    earlier = endorsed(off("30"), id="two", on=date(2026, 11, 30))
    arrived = endorsed(off("120", dead="2"), side=Side.IMPORT, id="three")
    counted = entries_of(with_quantity(amount("250")), [endorsed(), earlier, arrived]).counted
    use, apart = permit_use(REF, GOOD, counted)
    line = use.lines[0]
    assert apart == ()
    assert (line.authorised, line.exported, line.imported) == (amount("250"), amount("130"), amount("120"))
    assert (line.dead, line.left) == (amount("2"), amount("120"))
    assert (use.first_used, use.last_used) == (date(2026, 11, 30), DAY)
    assert (use.exports, use.imports) == (2, 1)


def test_nobody_wrote_anything():
    """Nothing is known of the borders, and all is left."""
    use, _ = permit_use(REF, GOOD, ())
    line = use.lines[0]
    assert (line.exported, line.imported, line.dead, line.left) == (None, None, None, line.authorised)
    assert not use.used


def test_a_line_that_customs_left_out_did_not_cross():
    """They wrote the consignment off: what they did not name was not in it."""
    second = replace(GOOD.lines[0], ids=(replace(GOOD.lines[0].ids[0], value="B"),))
    permit = replace(GOOD, lines=(GOOD.lines[0], second))
    use, _ = permit_use(REF, permit, entries_of(permit, [endorsed()]).counted)
    assert use.lines[1].exported is not None
    assert use.lines[1].exported.value == 0
    assert use.lines[1].imported is None


def test_more_than_permitted_leaves_less_than_nothing():
    """Exactly, however many digits there are."""
    permit = with_quantity(amount("0.1", "KGM"))
    written = off("999999999999999999.000000000000000001", "KGM")
    use, _ = permit_use(REF, permit, entries_of(permit, [endorsed(written)]).counted)
    assert use.lines[0].left == amount("-999999999999999998.900000000000000001", "KGM")


def test_amounts_of_different_kinds_are_not_added_up():
    """That is told; nothing is taken for known."""
    permit = with_quantity(amount("5", "KGM"))
    counted = entries_of(permit, [endorsed(off("1", "KGM")), endorsed(off("3", "NAR"), id="two")]).counted
    use, apart = permit_use(REF, permit, counted)
    assert use.lines[0].exported is None
    assert "not added up" in apart[0]


def test_where_nobody_writes_all_that_is_permitted_counts():
    """On the day that is given, on the side of export; a line without a quantity has none."""
    empty = replace(GOOD.lines[0], packages=())
    (entry,) = as_permitted(replace(GOOD, lines=(GOOD.lines[0], empty)), DAY)
    assert (entry.side, entry.on, entry.quantity) == (Border.EXPORT, DAY, GOOD.lines[0].quantity)


def test_the_essence_makes_the_same_report():
    """Whatever a report asks for is still there; names and addresses are not."""
    essence = essence_of(GOOD)
    assert essence.exporter is not None
    assert essence.exporter.name is None
    for name in ("ref", "type_code", "exporter_country", "importer_country", "valid_until", "references"):
        assert getattr(essence, name) == getattr(GOOD, name), name
    assert kind_of(essence) == kind_of(GOOD)
    rows = [
        annual_report(
            used_lines(REF, permit, entries_of(permit, [endorsed()]).counted),
            party="CH",
            year=2026,
            side=Border.EXPORT,
        ).rows
        for permit in (GOOD, essence)
    ]
    assert rows[0] == rows[1]
    assert len(rows[0]) == 1


def test_what_is_equal_is_kept_once():
    """A year has a hundred thousand permits for a few kinds of specimens; amounts keep their digits."""
    one, other = (essence_of(with_quantity(amount(value, "KGM"))) for value in ("1.5", "1.50"))
    assert one.lines[0].specimens[0] is other.lines[0].specimens[0]
    assert one.exporter is other.exporter
    assert [str(permit.lines[0].quantity) for permit in (one, other)] == ["1.5 KGM", "1.50 KGM"]
