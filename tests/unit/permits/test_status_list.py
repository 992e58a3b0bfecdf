"""Status lists: what they say, how long, and which claims make one."""

from datetime import timedelta

import pytest
from support.keys import NOW

from gateway.clock import new_id
from gateway.errors import MalformedRequest
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.lifecycle import CHANGES, USABLE
from gateway.permits.notices import PermitStatus, StatusChange
from gateway.permits.status_list import (
    BARRING,
    LONGEST_LIFE,
    SKEW,
    STATUS_WORDS,
    Age,
    Listed,
    StatusList,
    barred_by,
    from_claims,
    is_final,
    key_of,
    to_claims,
)

REF = PermitRef("CH", "26/CH/0417-A")
SECOND = timedelta(seconds=1)


def made(**entries):
    """A list that counts for a day."""
    return StatusList("CH", NOW, NOW + timedelta(days=1), entries)


def test_a_permit_is_found_by_issuer_and_number():
    """The same number of another Party is another permit; the list does not hold the number itself."""
    barred = Listed(PermitStatus.LOST, NOW)
    statuses = made(**{key_of(REF): barred})
    assert statuses.find(REF) == barred
    assert statuses.find(PermitRef("FR", REF.number)) is None
    assert REF.number not in str(to_claims(statuses))


def test_it_goes_to_claims_and_back():
    """Every status."""
    entries = {key_of(PermitRef("CH", status)): Listed(status, NOW) for status in BARRING}
    assert from_claims(to_claims(made(**entries))) == made(**entries)


def test_age():
    """The last second that counts, the first that does not, and clocks that differ a little."""
    statuses = made()
    assert statuses.age(NOW + timedelta(days=1)) is Age.FRESH
    assert statuses.age(NOW + timedelta(days=1) + SECOND) is Age.TOO_OLD
    assert statuses.age(NOW - SKEW) is Age.FRESH
    assert statuses.age(NOW - SKEW - SECOND) is Age.NOT_YET


def test_no_list_counts_for_ever():
    """The longest life, and what is longer, nothing or backwards."""
    assert StatusList("CH", NOW, NOW + LONGEST_LIFE, {})
    for life in (LONGEST_LIFE + SECOND, timedelta(0), -SECOND):
        with pytest.raises(MalformedRequest):
            StatusList("CH", NOW, NOW + life, {})


def test_every_status_has_words_and_only_a_suspension_ends():
    """A list that is too old still proves what is final."""
    assert set(BARRING) == set(STATUS_WORDS) == set(CHANGES) - USABLE
    assert [status for status in BARRING if not is_final(status)] == [PermitStatus.SUSPENDED]


def test_a_status_that_bars_nothing_is_no_part_of_a_list():
    """Nor is one that nobody can say."""
    for status in set(PermitStatus) - set(BARRING):
        claims = to_claims(made(**{key_of(REF): Listed(status, NOW)}))
        with pytest.raises(MalformedRequest):
            from_claims(claims)


def change(status: PermitStatus, by: str = "CH:MA", days: int = 0, number: str = REF.number) -> StatusChange:
    """Somebody says where a permit stands."""
    at = NOW + timedelta(days=days)
    ref = PermitRef("CH", number)
    return StatusChange(new_id(at), ref, AuthorityId.parse(by), at, status=status, reason="test")


def test_what_a_ledger_leaves_barred():
    """The last word that counts; who may not say it is not heard, nor who came too late."""
    suspended = change(PermitStatus.SUSPENDED)
    amended = change(PermitStatus.AMENDED, number="fine")
    stranger = change(PermitStatus.CANCELLED, by="DE:MA", number="fine", days=1)
    stolen = change(PermitStatus.STOLEN, days=2)
    late = change(PermitStatus.SUSPENDED, days=3)
    barred = barred_by([late, stolen, stranger, amended, suspended], {REF: "FR"})
    assert barred == {key_of(REF): Listed(PermitStatus.STOLEN, stolen.at.replace(microsecond=0))}


def test_a_refusal_at_the_border_of_the_importing_party():
    """It bars the permit when the importing Party is known, for it is that one's word."""
    refused = change(PermitStatus.REFUSED_AT_BORDER, by="FR:CUSTOMS")
    assert set(barred_by([refused], {REF: "FR"})) == {key_of(REF)}
    assert barred_by([refused], {}) == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"more": 1},
        {"iss": 7},
        {"iat": "1"},
        {"iat": True},
        {"exp": 10**30},
        {"permits": []},
        {"permits": {"short": ["lost", 1]}},
        {"permits": {"x" * 43: ["eaten", 1]}},
        {"permits": {"x" * 43: ["lost"]}},
        {"permits": {"x" * 43: ["lost", "1"]}},
        {"permits": {"x" * 43: [["lost"], 1]}},
        {"permits": {"x" * 43: "lost"}},
    ],
    ids=str,
)
def test_claims_of_another_kind_are_refused(changes):
    """A status that nobody here knows refuses the list: a bar must not be overlooked."""
    with pytest.raises(MalformedRequest):
        from_claims(to_claims(made()) | changes)
