"""What a statement says, and which claims make one."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from support.keys import NOW
from support.permits import line, permit

from gateway.errors import MalformedRequest
from gateway.permits.model import Period
from gateway.permits.statement import (
    LONGEST_TEXT,
    MOST_LINES,
    from_claims,
    statement_of,
    to_claims,
)

DIGEST = "0123456789abcdef" * 4


def claims(**changes):
    """Good claims with changes; None leaves a claim out."""
    good = to_claims(statement_of(permit(), DIGEST, NOW)) | changes
    return {name: value for name, value in good.items() if value is not None}


def test_a_statement_says_which_permit_until_when_and_what():
    """Everything that the officer compares with the paper."""
    stated = statement_of(permit(), DIGEST, NOW)
    assert (str(stated.ref), stated.type_code, stated.importer) == ("CH CH-2026-000123", "E", "FR")
    assert (stated.digest, stated.made_at, stated.line_count) == (DIGEST, NOW, 1)
    (brief,) = stated.lines
    assert (brief.letter, brief.name, brief.quantity, brief.unit) == ("A", "Varanus salvator", "40", "")
    assert (brief.term, brief.appendix, brief.source) == ("LPS", "II", "W")


def test_it_goes_to_claims_and_back():
    """Nothing is lost on the way."""
    stated = statement_of(permit(lines=tuple(map(line, "ABC"))), DIGEST, NOW)
    assert from_claims(to_claims(stated)) == stated


def test_validity_ends_at_midnight_of_the_permits_own_zone():
    """Box 2 names a day; the moment is told in UTC, the day as it is written."""
    end = datetime(2027, 5, 15, 0, 0, tzinfo=timezone(timedelta(hours=2)))
    stated = statement_of(permit(validity=Period(None, end)), DIGEST, NOW)
    assert stated.last_day == date(2027, 5, 15)
    assert stated.ends == datetime(2027, 5, 15, 22, 0, tzinfo=UTC)


def test_many_lines_are_counted_and_the_first_are_told():
    """The last permit that is told in full, and the first that is not."""
    letters = "ABCDEFG"
    full = statement_of(permit(lines=tuple(map(line, letters[:MOST_LINES]))), DIGEST, NOW)
    more = statement_of(permit(lines=tuple(map(line, letters[: MOST_LINES + 1]))), DIGEST, NOW)
    assert (len(full.lines), full.line_count) == (MOST_LINES, MOST_LINES)
    assert (len(more.lines), more.line_count) == (MOST_LINES, MOST_LINES + 1)


def test_long_names_end_with_an_ellipsis():
    """What is cut says so."""
    for length, end in ((LONGEST_TEXT, "x"), (LONGEST_TEXT + 1, "…")):
        stated = statement_of(permit(lines=(line(species="x" * length),)), DIGEST, NOW)
        assert len(stated.lines[0].name) == LONGEST_TEXT
        assert stated.lines[0].name.endswith(end)


@pytest.mark.parametrize(
    "missing", [{"number": None}, {"type": None}, {"validity": None}, {"first_signatory": None}]
)
def test_a_permit_that_does_not_say_enough_gets_none(missing):
    """Without issuer, number, type or last day."""
    with pytest.raises(MalformedRequest):
        statement_of(replace(permit(), **missing), DIGEST, NOW)


@pytest.mark.parametrize("name", ["iss", "sub", "iat", "exp", "type", "last", "doc", "count", "lines"])
def test_a_missing_claim_is_refused(name):
    """Only `nbf` and `to` may be absent."""
    with pytest.raises(MalformedRequest):
        from_claims(claims(**{name: None}))
    assert from_claims(claims(nbf=None, to=None)).begins is None


@pytest.mark.parametrize(
    "changes",
    [
        {"more": 1},
        {"iss": "ch"},
        {"iss": 7},
        {"sub": ""},
        {"sub": "x" * 36},
        {"sub": "a\u202eb"},
        {"iat": "7"},
        {"iat": True},
        {"iat": 1.5},
        {"exp": 10**30},
        {"nbf": None, "exp": []},
        {"type": "X"},
        {"type": ""},
        {"to": "France"},
        {"last": "2027-02-30"},
        {"last": 20270101},
        {"doc": "AAAA"},
        {"doc": "A" * 42 + "B"},
        {"doc": "é"},
        {"count": 0},
        {"count": -1},
        {"count": True},
        {"lines": {}},
        {"lines": [["A"] * 6]},
        {"lines": [["A"] * 8]},
        {"lines": [["A"] * 6 + [7]]},
        {"lines": ["AAAAAAA"]},
        {"lines": [["x" * 41, *"ABCDEF"]]},
        {"lines": [list("ABCDEFG")] * 7, "count": 7},
    ],
    ids=str,
)
def test_claims_of_another_kind_are_refused(changes):
    """Each claim has one form; anything else is a refusal, never a traceback."""
    with pytest.raises(MalformedRequest):
        from_claims(claims(**changes))
