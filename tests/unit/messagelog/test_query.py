import json

import pytest
from support.keys import NOW

from gateway.messagelog.entry import EntryKind
from gateway.messagelog.query import LogQuery, query_of


def test_what_is_asked_for_can_be_kept_as_json():
    """And read again; an empty query asks for nothing."""
    query = LogQuery(number="1", kinds=(EntryKind.SENT,), text="a b", since=NOW, until=NOW)
    assert query_of(json.loads(json.dumps(query.asked()))) == query
    assert LogQuery().asked() == {}
    assert query_of({}) == LogQuery()


@pytest.mark.parametrize("asked", [{"visible_to": ["CH:MA"]}, {"limit": 5}, {"before": "x"}, {"moon": "1"}])
def test_what_is_no_condition_is_an_error(asked):
    """Who sees what, above all, is never read from what somebody kept."""
    with pytest.raises(ValueError, match="not searched by"):
        query_of(asked)


def test_a_query_is_told_in_one_line():
    """For the message log."""
    told = LogQuery(partner="fr", kinds=(EntryKind.SENT, EntryKind.FAILED), since=NOW).told()
    assert told == f"partner=fr; kinds=sent,failed; since={NOW.isoformat()}"
    assert LogQuery().told() == ""
