"""Status lists: what they say, how long, and which claims make one."""

from datetime import timedelta

import pytest
from support.keys import NOW

from gateway.errors import MalformedRequest
from gateway.permits.identity import PermitRef
from gateway.permits.status_list import (
    LONGEST_LIFE,
    SKEW,
    STATUS_WORDS,
    Age,
    Listed,
    PermitStatus,
    StatusList,
    from_claims,
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
    entries = {key_of(PermitRef("CH", status)): Listed(status, NOW) for status in PermitStatus}
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
    assert set(STATUS_WORDS) == set(PermitStatus)
    assert [status for status in PermitStatus if not status.final] == [PermitStatus.SUSPENDED]


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
