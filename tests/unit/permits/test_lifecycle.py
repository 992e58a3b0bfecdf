"""The status of a permit: who may change it to what, in which order, and that everybody agrees."""

import random
from datetime import timedelta
from itertools import permutations, product

import pytest
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS, FR_MA
from support.keys import NOW
from support.notices import change, endorsement

from gateway.permits.identity import AuthorityId
from gateway.permits.lifecycle import (
    CHANGES,
    USABLE,
    Hand,
    hands_of,
    history,
    moment_after,
    objections,
    status_after,
    unused_objections,
)
from gateway.permits.notices import PermitStatus as S

HANDS = {
    CH_MA: Hand.ISSUING_MA,
    CH_CUSTOMS: Hand.ISSUING_CUSTOMS,
    FR_MA: Hand.IMPORTING_MA,
    FR_CUSTOMS: Hand.IMPORTING_CUSTOMS,
}
MA_ALONE = {Hand.ISSUING_MA}
BORDER = {Hand.ISSUING_CUSTOMS, Hand.IMPORTING_MA, Hand.IMPORTING_CUSTOMS}
TABLE = {
    S.AMENDED: (MA_ALONE, {S.ISSUED, S.AMENDED}),
    S.SUSPENDED: (MA_ALONE, {S.ISSUED, S.AMENDED}),
    S.LOST: (MA_ALONE, {S.ISSUED, S.AMENDED, S.SUSPENDED}),
    S.STOLEN: (MA_ALONE, {S.ISSUED, S.AMENDED, S.SUSPENDED, S.LOST}),
    S.REFUSED_AT_BORDER: (BORDER, {S.ISSUED, S.AMENDED, S.SUSPENDED, S.LOST, S.STOLEN}),
    S.RETURNED_UNUSED: (MA_ALONE, {S.ISSUED, S.AMENDED, S.SUSPENDED, S.LOST, S.REFUSED_AT_BORDER}),
    S.REPLACED: (MA_ALONE, set(S) - {S.REPLACED, S.CANCELLED, S.EXPIRED, S.PARTLY_USED, S.USED}),
    S.CANCELLED: (MA_ALONE, set(S) - {S.REPLACED, S.CANCELLED, S.EXPIRED, S.PARTLY_USED, S.USED}),
}
"""Written here a second time on purpose: a slip in the table must not go unseen."""


def rules(*arguments):
    """The rules that object."""
    return [finding.rule for finding in objections(*arguments, "CH", "FR")]


@pytest.mark.parametrize(("to", "author", "now"), list(product(TABLE, HANDS, S)))
def test_every_row_from_both_sides(to, author, now):
    """Whoever stands in the row may go there from where it says; nobody else may, and from nowhere else."""
    by, after = TABLE[to]
    expected = []
    if HANDS[author] not in by:
        expected = ["status.not-yours"]
    elif now not in after:
        expected = ["status.not-forward"]
    assert rules(change(to, by=author), now) == expected


def test_the_table_has_no_other_rows():
    assert set(CHANGES) == set(TABLE)
    assert {S.ISSUED, S.AMENDED} == USABLE


@pytest.mark.parametrize("status", sorted(set(S) - set(TABLE)))
def test_what_follows_by_itself_is_said_by_nobody(status):
    """Issued, expired, partly used and used."""
    assert rules(change(status), S.ISSUED) == ["status.worked-out"]


def test_forward_only():
    """No way leads back: a status that was left is never reached again, but for a further amendment."""
    for first, second in product(CHANGES, CHANGES):
        if first is not second:
            both = first in CHANGES[second].after and second in CHANGES[first].after
            assert not both, (first, second)
    assert S.ISSUED not in CHANGES


@pytest.mark.parametrize(
    ("status", "number", "expected"),
    [
        (S.REPLACED, "CH-2", []),
        (S.REPLACED, "", ["status.replaced-by"]),
        (S.REPLACED, "CH-2026-000123", ["status.replaced-by"]),
        (S.CANCELLED, "", []),
        (S.CANCELLED, "CH-2", ["status.replaced-by"]),
    ],
)
def test_a_replaced_permit_names_the_other_one(status, number, expected):
    """Not itself; and no other status names one."""
    assert rules(change(status, replaced_by=number), S.ISSUED) == expected


def test_hands():
    """By Party and role; a hub has no hand, an import permit's issuer has two, strangers have none."""
    assert {author: hands_of(author, "CH", "FR") for author in HANDS} == {
        author: {hand} for author, hand in HANDS.items()
    }
    assert hands_of(FR_MA, "FR", "FR") == {Hand.ISSUING_MA, Hand.IMPORTING_MA}
    assert hands_of(AuthorityId.parse("DE:MA-BfN"), "CH", "FR") == frozenset()
    assert hands_of(AuthorityId.parse("CH:HUB"), "CH", "FR") == frozenset()


def test_the_same_changes_give_the_same_history_in_any_order():
    """What is overtaken, or not its author's to say, does not count wherever it is put together."""
    minute = timedelta(minutes=1)
    said = [
        change(S.AMENDED, at=NOW),
        change(S.REFUSED_AT_BORDER, by=FR_CUSTOMS, at=NOW + minute),
        change(S.SUSPENDED, at=NOW + 2 * minute),
        change(S.CANCELLED, by=FR_MA, at=NOW + 2 * minute),
        change(S.CANCELLED, at=NOW + 3 * minute),
    ]
    expected = (said[0], said[1], said[4])
    assert {history(order, "CH", "FR") for order in permutations(said)} == {expected}
    assert status_after(expected) is S.CANCELLED
    assert status_after(()) is S.ISSUED


def test_two_changes_of_one_instant_are_ordered_by_their_ids():
    one, other = change(S.CANCELLED), change(S.REPLACED)
    first = min(one, other, key=lambda each: each.id)
    assert history([one, other], "CH", "FR") == history([other, one], "CH", "FR") == (first,)


def test_what_is_said_in_knowledge_of_another_notice_is_later():
    """Also by a clock that is behind; by one that is ahead nothing changes."""
    known = [change(at=NOW + timedelta(seconds=30)), endorsement(at=NOW)]
    assert moment_after(known, NOW) == NOW + timedelta(seconds=30, microseconds=1)
    assert moment_after(known, NOW + timedelta(minutes=1)) == NOW + timedelta(minutes=1)
    assert moment_after([], NOW) == NOW


def test_whatever_was_allowed_counts_although_clocks_differ():
    """
    Any sequence of allowed changes, by four authorities whose clocks are up to a minute apart: each stands.

    Without `moment_after` a permit that is stolen, then refused by a clock that is ahead, could not be
    returned: the return would sort before the refusal.
    """
    chance = random.Random(1)  # noqa: S311 - the same sequences at every run
    for _ in range(500):
        skew = {author: timedelta(seconds=chance.randint(-60, 60)) for author in HANDS}
        said = []
        for _ in range(6):
            now = status_after(history(said, "CH", "FR"))
            author, status = chance.choice(list(HANDS)), chance.choice(list(CHANGES))
            made = change(status, by=author, at=moment_after(said, NOW + skew[author]))
            if not objections(made, now, "CH", "FR"):
                said.append(made)
                assert history(said, "CH", "FR")[-1] == made


def test_what_was_used_is_not_returned_unused():
    """Whatever else may be said of it."""
    found = unused_objections(change(S.RETURNED_UNUSED), written_off=True)
    assert [finding.rule for finding in found] == ["status.was-used"]
    assert unused_objections(change(S.RETURNED_UNUSED), written_off=False) == ()
    assert unused_objections(change(S.CANCELLED), written_off=True) == ()
