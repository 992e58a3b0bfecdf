"""What customs are told, from what is known."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS
from support.permits import permit

from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.ledger import balances
from gateway.permits.notices import Endorsement, PermitStatus, Side, StatusChange, WrittenOff
from gateway.permits.quantities import Quantity
from gateway.permits.values import Code, Identifier
from gateway.permits.verdict import (
    Reason,
    Verdict,
    Weight,
    by_counterparts,
    by_dates,
    by_ledger,
    by_status,
    side_of,
    verdict_of,
)
from gateway.permits.writing_off import UsePolicy
from gateway.wording import say

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
REF = PermitRef("CH", "CH-2026-000123")
SEVERAL = UsePolicy(several_consignments=("E",))


def reason(weight: Weight) -> Reason:
    """One that weighs so much."""
    return Reason("some.rule", weight, say("it refers to {number}, which is here", number="x"))


@pytest.mark.parametrize(
    ("weights", "verdict"),
    [
        ((Weight.FOR, Weight.NOTE), Verdict.VALID),
        ((Weight.FOR, Weight.DOUBT), Verdict.CHECK_WITH_ISSUER),
        ((Weight.FOR, Weight.DOUBT, Weight.AGAINST), Verdict.NOT_VALID),
        ((Weight.NOTE,), Verdict.CHECK_WITH_ISSUER),
        ((), Verdict.CHECK_WITH_ISSUER),
    ],
    ids=["for", "doubt", "against", "nothing speaks for it", "nothing at all"],
)
def test_the_heaviest_reason_decides(weights: tuple[Weight, ...], verdict: Verdict) -> None:
    """No reason for it is no `valid`."""
    assert verdict_of(map(reason, weights)) is verdict


def change(status: PermitStatus, minutes: int = 0) -> StatusChange:
    """CH:MA says so."""
    return StatusChange(
        f"s-{minutes}", REF, CH_MA, AT + timedelta(minutes=minutes), status=status, reason="why"
    )


@pytest.mark.parametrize("status", [s for s in PermitStatus if s not in ("issued", "amended")], ids=str)
def test_a_status_in_which_it_cannot_be_used(status: PermitStatus) -> None:
    """The last word of the authorities counts against it, whatever it is."""
    (found,) = by_status([change(status)])
    assert (found.weight, found.rule) == (Weight.AGAINST, f"status.{status}")


def test_an_amended_permit_may_be_used() -> None:
    """The officer is told, and nothing more."""
    (found,) = by_status([change(PermitStatus.AMENDED)])
    assert (found.weight, found.advice) == (Weight.NOTE, None)


def test_only_the_last_word_weighs() -> None:
    """What was said before is told as well."""
    found = list(by_status([change(PermitStatus.LOST), change(PermitStatus.CANCELLED, 1)]))
    assert [each.weight for each in found] == [Weight.AGAINST, Weight.NOTE]
    assert found[0].rule == "status.cancelled"
    assert found[0].advice


def used(quantity: str, side: Side, by: AuthorityId) -> Endorsement:
    """So much of line A."""
    lines = (WrittenOff("A", Quantity(Decimal(quantity))),)
    return Endorsement(
        f"e-{quantity}-{side}", REF, by, AT, side=side, on=date(2026, 11, 24), office="Bern", lines=lines
    )


EXPORTED = used("30", Side.EXPORT, CH_CUSTOMS)
IMPORTED = used("30", Side.IMPORT, FR_CUSTOMS)


@pytest.mark.parametrize(
    ("side", "policy", "rules"),
    [
        (Side.EXPORT, UsePolicy(), ["use.consignment"]),
        (Side.IMPORT, UsePolicy(), []),
        (Side.EXPORT, SEVERAL, ["use.partly"]),
    ],
    ids=["the same border", "the other border", "several consignments"],
)
def test_what_left_may_still_arrive(side: Side, policy: UsePolicy, rules: list[str]) -> None:
    """An export endorsement stands against a second export, and not against the import."""
    made = permit()
    found = by_ledger(made, balances(made, [EXPORTED]), [EXPORTED], side, policy)
    assert [each.rule for each in found] == rules


def test_nothing_is_left() -> None:
    """All of every line has passed this border."""
    made = permit()
    everything = used("40", Side.IMPORT, FR_CUSTOMS)
    (found,) = by_ledger(made, balances(made, [everything]), [everything], Side.IMPORT, SEVERAL)
    assert (found.rule, found.weight) == ("use.nothing-left", Weight.AGAINST)


def test_at_which_border_somebody_stands() -> None:
    """The exporting Party's customs ask about the export, everybody else about the import."""
    assert [side_of(party, permit()) for party in ("CH", "FR", "DE")] == [
        Side.EXPORT,
        Side.IMPORT,
        Side.IMPORT,
    ]


def test_dates() -> None:
    """In force speaks for it; before and after its days it is not valid."""
    made = permit()
    last = made.valid_until
    assert last is not None
    assert by_dates(made, AT).weight is Weight.FOR
    assert by_dates(made, last + timedelta(days=2)).rule == "validity.expired"
    assert by_dates(made, AT - timedelta(days=400)).rule == "validity.not-yet-valid"


def test_a_cited_document_that_is_here_and_one_that_is_not() -> None:
    """The first is named, the second must be asked for."""
    here = replace(permit(), number=Identifier("FR-I-1"), type=Code("I"))
    assert here.ref is not None
    found = list(by_counterparts(permit(), [here.ref, PermitRef("FR", "FR-I-2")], [here], AT))
    assert [each.rule for each in found[:2]] == ["counterparts.found", "counterparts.not-here"]
    assert found[1].advice


def test_counterparts_that_contradict_each_other_are_a_doubt() -> None:
    """The rules about two documents speak through the verdict."""
    other = replace(permit(), number=Identifier("FR-I-1"), type=Code("I"), lines=())
    found = list(by_counterparts(permit(), [], [other], AT))
    assert {each.weight for each in found} <= {Weight.DOUBT, Weight.NOTE}
    assert found
