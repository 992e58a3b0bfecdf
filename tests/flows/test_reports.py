"""Annual report and reconciliation from what the ledger holds: what counts, and what is told beside it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS
from support.gateways import SetClock, swiss
from support.memory import MemoryStorage
from support.permits import digest_of, line, sealed

from gateway.exchange import notices
from gateway.exchange.notice_record import NoticeRecord
from gateway.flows import usage
from gateway.flows.ports import Node
from gateway.flows.reconcile import ReconciliationMade, reconcile
from gateway.flows.report_annual import ReportMade, report_annual
from gateway.permits.annual.comparing import Difference
from gateway.permits.annual.remarks import About, Remark
from gateway.permits.annual.used import Side as Border
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.model import Period
from gateway.permits.notices import (
    Endorsement,
    Notice,
    PermitStatus,
    Reversal,
    Side,
    StatusChange,
    WrittenOff,
)
from gateway.permits.quantities import Quantity
from gateway.permits.record import HeldPermit
from gateway.permits.writing_off import UsePolicy
from gateway.signatures.keyring import TrustStore
from gateway.xmlio.canonical import sha256_hex

DAY = date(2026, 11, 23)
LAST_DAY = date(2027, 4, 21)
"""Of the permits of `support.permits`."""
AS_PERMITTED = {"CH": UsePolicy(no_entry="as-permitted")}


async def hold(node: Node, number: str = "CH-1", **changes: Any) -> PermitRef:
    """A permit for 40 pieces of leather is here."""
    kept = sealed(number, **changes)
    at = node.clock.now()
    async with node.storage.write() as transaction:
        await transaction.permits.add(kept, digest=digest_of(kept), new_id=node.clock.new_id(), at=at)
    return PermitRef(kept.permit.issuer, number)


async def say_so(node: Node, notice: Notice) -> Notice:
    """A notice is here."""
    document = notices.write(notice)
    async with node.storage.write() as transaction:
        await transaction.notices.add(NoticeRecord(notice, document, sha256_hex(document), notice.at))
    return notice


async def endorse(
    node: Node,
    ref: PermitRef,
    quantity: str = "30",
    side: Side = Side.EXPORT,
    on: date = DAY,
    by: AuthorityId | None = None,
    dead: str = "0",
) -> Notice:
    """Customs of the border write off one line."""
    author = by or (CH_CUSTOMS if side is Side.EXPORT else FR_CUSTOMS)
    written = WrittenOff("A", Quantity(Decimal(quantity)), Decimal(dead))
    made = Endorsement(
        node.clock.new_id(), ref, author, node.clock.now(), side, on, "CH002571", lines=(written,)
    )
    return await say_so(node, made)


async def change(node: Node, ref: PermitRef, status: PermitStatus, replaced_by: str = "") -> None:
    """The issuer says where it stands."""
    at = node.clock.now()
    by = CH_CUSTOMS if status is PermitStatus.REFUSED_AT_BORDER else CH_MA
    await say_so(node, StatusChange(node.clock.new_id(), ref, by, at, status, "test", replaced_by))


async def annual(node: Node, party: str = "CH", side: Border = Border.EXPORT, year: int = 2026) -> ReportMade:
    return await report_annual(party, year, side, node, lambda _: None)


async def compared(node: Node, party: str = "CH", year: int = 2026) -> ReconciliationMade:
    return await reconcile(party, date(year, 1, 1), date(year, 12, 31), node, lambda _: None)


def rows(made: ReportMade) -> list[tuple[str, str]]:
    """Permit and quantity of each row."""
    return [(row.export_permit, row.quantity) for row in made.report.rows]


def told(made: ReportMade | ReconciliationMade) -> list[tuple[str, str]]:
    """What is remarked on which permit."""
    return [(remark.about.value, remark.ref.number) for remark in made.remarks]


@pytest.fixture
def after(clock: SetClock) -> None:
    """The last day of the permits is over."""
    clock.forward(days=200)


async def test_the_report_tells_what_crossed_and_not_what_was_permitted(ch: Node):
    """On each side what the customs of that border wrote."""
    ref = await hold(ch)
    await endorse(ch, ref, "30")
    await endorse(ch, ref, "28", Side.IMPORT, dead="1")
    exports, imports = await annual(ch), await annual(ch, "FR", Border.IMPORT)
    assert rows(exports) == [("CH-1", "30")]
    assert rows(imports) == [("CH-1", "28")]
    assert exports.good
    assert imports.good
    assert told(exports) == told(imports) == []


@pytest.mark.parametrize(("party", "side"), [("CH", Border.IMPORT), ("FR", Border.EXPORT)])
async def test_the_other_side_is_of_no_party(ch: Node, party: str, side: Border):
    """Switzerland imported nothing, and France exported nothing."""
    ref = await hold(ch)
    await endorse(ch, ref)
    await endorse(ch, ref, side=Side.IMPORT)
    report = (await annual(ch, party, side)).report
    assert (report.rows, report.left_out) == ((), ())


async def test_the_year_is_that_of_the_day_at_the_border(ch: Node):
    """A permit that was used in two years is in two reports, each with its part."""
    ref = await hold(ch)
    await endorse(ch, ref, "10", on=date(2025, 12, 31))
    await endorse(ch, ref, "20", on=date(2026, 1, 1))
    assert rows(await annual(ch, year=2025)) == [("CH-1", "10")]
    assert rows(await annual(ch)) == [("CH-1", "20")]


async def test_what_was_taken_back_does_not_count(ch: Node):
    """Neither here nor there."""
    ref = await hold(ch)
    wrong = await endorse(ch, ref, "40")
    await endorse(ch, ref, "30")
    await say_so(
        ch, Reversal(ch.clock.new_id(), ref, CH_CUSTOMS, ch.clock.now() + timedelta(1), wrong.id, "typo")
    )
    assert rows(await annual(ch)) == [("CH-1", "30")]
    (permit,) = (await compared(ch)).reconciliation.permits
    assert (permit.use.exports, str(permit.use.lines[0].exported)) == (1, "30")


async def test_a_permit_that_cannot_be_proven_is_told(ch: Node):
    """Its row is missing, the report says which, and is not good; the others are there."""
    for number in ("CH-1", "CH-2"):
        await endorse(ch, await hold(ch, number))
    state = ch.storage.state
    record = state.permits[PermitRef("CH", "CH-1")]
    state.permits[record.ref] = replace(record, original=record.original.replace(b">40<", b">90<"))
    made, other = await annual(ch), await compared(ch)
    assert rows(made) == [("CH-2", "30")]
    assert told(made) == told(other) == [("unproven", "CH-1")]
    assert "cannot be proven" in made.remarks[0].message
    assert (made.examined.acceptable, made.good, other.good) == (True, False, False)


async def test_nothing_is_proven_by_a_certificate_that_is_not_registered(ch: Node):
    """The seal is verified with what this gateway trusts, not with what the document brings."""
    await endorse(ch, await hold(ch))
    stranger = replace(ch, trust=TrustStore({}))
    made = await annual(stranger)
    assert (rows(made), told(made)) == ([], [("unproven", "CH-1")])


async def test_a_permit_that_is_removed_meanwhile_is_told(ch: Node):
    """Between the page with its number and the document another process took it away."""
    ref = await hold(ch)

    def removed(held: HeldPermit) -> bool:
        return bool(ch.storage.state.permits.pop(held.ref))

    (found,) = [each async for each in usage.each_known("CH", removed, ch, lambda _: None)]
    assert isinstance(found, Remark)
    assert (found.about, found.ref) == (About.UNPROVEN, ref)


async def test_what_is_stored_under_another_number_is_told(ch: Node):
    """The document is good, and is not that of the number."""
    await hold(ch, "CH-2")
    ref = PermitRef("CH", "CH-1")
    state = ch.storage.state
    state.permits[ref] = replace(state.permits.pop(PermitRef("CH", "CH-2")), ref=ref)
    await endorse(ch, ref)
    assert told(await annual(ch)) == [("unproven", "CH-1")]


async def test_what_customs_wrote_off_a_permit_that_is_not_here_is_told(ch: Node):
    """In the report of that side and year, and only what they did not take back."""
    gone = PermitRef("CH", "GONE")
    await endorse(ch, gone)
    mistaken = await endorse(ch, PermitRef("CH", "NONE"))
    await endorse(ch, mistaken.permit, by=AuthorityId.parse("DE:CUSTOMS"))
    later = ch.clock.now() + timedelta(1)
    await say_so(
        ch, Reversal(ch.clock.new_id(), mistaken.permit, CH_CUSTOMS, later, mistaken.id, "another permit")
    )
    made = await annual(ch)
    assert (told(made), made.good) == ([("unproven", "GONE")], False)
    assert "2026-11-23" in made.remarks[0].message
    assert told(await compared(ch)) == [("unproven", "GONE")]
    assert told(await annual(ch, side=Border.IMPORT)) == told(await annual(ch, year=2025)) == []
    assert told(await annual(ch, "FR")) == []
    assert told(await compared(ch, year=2025)) == []


async def test_what_others_wrote_at_this_border_is_told_and_not_counted(ch: Node):
    """It may have come before the permit, when nobody could judge it."""
    ref = await hold(ch)
    await endorse(ch, ref, "30")
    await endorse(ch, ref, "9", by=AuthorityId.parse("DE:CUSTOMS"))
    made = await annual(ch)
    assert (rows(made), told(made)) == ([("CH-1", "30")], [("not-counted", "CH-1")])
    assert made.good
    assert told(await annual(ch, "FR", Border.IMPORT)) == told(await annual(ch, year=2025)) == []


async def test_silence_is_silence(ch: Node, after: None):
    """Without a setting a permit without entry is in no row, also when it has ended."""
    await hold(ch)
    made = await annual(ch, year=LAST_DAY.year)
    assert (rows(made), told(made)) == ([], [])


async def test_where_silence_means_use_what_is_permitted_counts(ch: Node, after: None):
    """On the last day, in the report of that year alone, and the report says so."""
    await hold(ch)
    node = replace(ch, uses=AS_PERMITTED)
    made = await annual(node, year=LAST_DAY.year)
    assert (rows(made), told(made)) == ([("CH-1", "40")], [("as-permitted", "CH-1")])
    assert "2027-04-21" in made.remarks[0].message
    assert made.good
    earlier = await annual(node)
    assert (rows(earlier), told(earlier)) == ([], [])
    (permit,) = (await compared(node, year=LAST_DAY.year)).reconciliation.permits
    assert [finding.difference for finding in permit.findings] == [Difference.ARRIVAL_UNKNOWN]
    assert (await annual(node, "FR", Border.IMPORT, LAST_DAY.year)).report.rows == ()


async def test_a_permit_that_has_not_ended_was_not_used_yet(ch: Node):
    """Its last day is in the year of the report, and has not come."""
    await hold(ch)
    node = replace(ch, uses=AS_PERMITTED)
    made = await annual(node, year=LAST_DAY.year)
    assert (rows(made), told(made)) == ([], [])


async def test_of_another_issuer_silence_says_nothing(ch: Node, after: None):
    """The setting is that of the Party that issued the permit."""
    await hold(ch)
    node = replace(ch, uses={"FR": AS_PERMITTED["CH"]})
    assert rows(await annual(node, year=LAST_DAY.year)) == []


async def test_an_entry_is_better_than_silence(ch: Node, after: None):
    """A permit with an entry counts with that, in its year, and not once more when it ends."""
    await endorse(ch, await hold(ch), "30")
    node = replace(ch, uses=AS_PERMITTED)
    assert rows(await annual(node)) == [("CH-1", "30")]
    assert (await annual(node, year=LAST_DAY.year)).report.rows == ()


async def test_what_others_wrote_is_no_entry(ch: Node, after: None):
    """Silence of the own customs stays silence."""
    await endorse(ch, await hold(ch), "9", by=AuthorityId.parse("DE:CUSTOMS"))
    made = await annual(replace(ch, uses=AS_PERMITTED), year=LAST_DAY.year)
    assert rows(made) == [("CH-1", "40")]


@pytest.mark.parametrize(
    ("status", "remarks"),
    [
        (PermitStatus.CANCELLED, []),
        (PermitStatus.RETURNED_UNUSED, []),
        (PermitStatus.REPLACED, []),
        (PermitStatus.LOST, [("not-counted", "CH-1")]),
        (PermitStatus.SUSPENDED, [("not-counted", "CH-1")]),
        (PermitStatus.REFUSED_AT_BORDER, [("not-counted", "CH-1")]),
    ],
)
async def test_a_permit_that_was_taken_back_was_not_used(
    ch: Node, clock: SetClock, status: PermitStatus, remarks: list[Any]
):
    """Silence means use only of a permit that could be used; where that is not clear it is told."""
    await change(ch, await hold(ch), status, "CH-9" if status is PermitStatus.REPLACED else "")
    clock.forward(days=200)
    node = replace(ch, uses=AS_PERMITTED)
    made, other = await annual(node, year=LAST_DAY.year), await compared(node, year=LAST_DAY.year)
    assert (rows(made), told(made), told(other)) == ([], remarks, remarks)


async def test_a_cancelled_permit_that_was_used_before_counts(ch: Node):
    """What crossed has crossed."""
    ref = await hold(ch)
    await endorse(ch, ref, "30")
    await change(ch, ref, PermitStatus.CANCELLED)
    assert rows(await annual(ch)) == [("CH-1", "30")]


async def test_the_reconciliation_names_the_difference(ch: Node):
    """What left, what arrived, what was dead, what is left of the permit."""
    ref = await hold(ch)
    await endorse(ch, ref, "30")
    await endorse(ch, ref, "28", Side.IMPORT, dead="3")
    made = await compared(ch)
    (permit,) = made.reconciliation.permits
    assert [finding.difference for finding in permit.findings] == [Difference.DIFFERS]
    amounts = permit.use.lines[0]
    assert [str(getattr(amounts, name)) for name in ("exported", "imported", "dead", "left")] == [
        "30", "28", "3", "10",
    ]  # fmt: skip
    assert made.good


async def test_more_than_was_permitted_is_an_error(ch: Node):
    """Two offices did not know of each other; the reconciliation is not good."""
    ref = await hold(ch)
    await endorse(ch, ref, "30")
    await endorse(ch, ref, "30")
    made = await compared(ch)
    found = {finding.difference for finding in made.reconciliation.permits[0].findings}
    assert {Difference.MORE_THAN_AUTHORISED, Difference.USED_TWICE} <= found
    assert not made.good


async def test_whose_permits_are_compared(ch: Node):
    """Those of the Party, used or not, and those of others that its customs wrote something off."""
    await endorse(ch, await hold(ch, "OUT"))
    await endorse(ch, await hold(ch, "IN"), side=Side.IMPORT)
    await hold(ch, "IDLE", validity=Period(end=sealed("x").permit.issued_at))
    for party, numbers in (("CH", ["IDLE", "IN", "OUT"]), ("FR", ["IN"])):
        permits = (await compared(ch, party)).reconciliation.permits
        assert [each.use.ref.number for each in permits] == numbers, party


async def test_a_permit_without_last_day_belongs_to_today(ch: Node):
    """It was not used so far."""
    await hold(ch, validity=None)
    assert len((await compared(ch)).reconciliation.permits) == 1
    assert len((await compared(ch, year=2027)).reconciliation.permits) == 0


async def test_all_pages_are_read(clock: SetClock, monkeypatch: pytest.MonkeyPatch):
    """Also of more permits than fit into one, and whoever waits sees how far it is."""
    monkeypatch.setattr(usage, "PAGE", 2)
    node = swiss(MemoryStorage(), clock)
    numbers = [f"CH-{number}" for number in range(5)]
    for number in numbers:
        await endorse(node, await hold(node, number))
        await endorse(node, PermitRef("CH", f"GONE-{number}"))
    moved: list[int] = []
    made = await report_annual("CH", 2026, Border.EXPORT, node, moved.append)
    assert [permit for permit, _ in rows(made)] == numbers
    assert moved == [2, 2, 1]
    assert len(made.remarks) == 5
    assert all(remark.about is About.UNPROVEN for remark in made.remarks)


async def test_only_what_belongs_into_the_report_is_proven(ch: Node):
    """A hundred thousand permits of other years cost a look at their notices, and no signature."""
    await endorse(ch, await hold(ch, "OLD"), on=date(2020, 5, 5))
    await hold(ch, "IDLE")
    await endorse(ch, await hold(ch, "NOW"))
    asked: list[bytes] = []

    class Counting:
        """A desk that counts."""

        async def run(self, data: bytes, examine: Any, *given: Any, stranger: bool = False) -> Any:
            """As it comes."""
            asked.append(data)
            return examine(*given)

    await annual(replace(ch, desk=Counting()))
    assert len(asked) == 1


async def test_lines_of_a_permit_are_rows_of_their_own(ch: Node):
    """Only those that customs named."""
    await endorse(ch, await hold(ch, lines=(line("A"), line("B", "Python regius"))))
    assert [row.species for row in (await annual(ch)).report.rows] == ["Varanus salvator"]


async def test_of_what_did_not_leave_nobody_must_tell_the_arrival(ch: Node):
    """Line B was not in the consignment: there is nothing to wait for."""
    await endorse(ch, await hold(ch, lines=(line("A"), line("B", "Python regius"))))
    (permit,) = (await compared(ch)).reconciliation.permits
    found = [(finding.difference, finding.line) for finding in permit.findings]
    assert found == [(Difference.ARRIVAL_UNKNOWN, "A")]


async def test_what_is_told_of_a_permit_belongs_to_its_period(ch: Node):
    """A permit of New Year's Eve, of which something does not count, is no matter of the next year."""
    ref = await hold(ch, validity=None)
    await endorse(ch, ref, on=date(2025, 12, 31))
    await endorse(ch, ref, on=date(2025, 12, 31), by=AuthorityId.parse("DE:CUSTOMS"))
    assert told(await compared(ch, year=2025)) == [("not-counted", "CH-1")]
    assert told(await compared(ch)) == []
