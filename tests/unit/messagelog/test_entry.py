import json
from dataclasses import fields

from support.exchange import log_entry
from support.keys import NOW

from gateway.messagelog.entry import Entry, EntryKind
from gateway.messagelog.query import LogQuery


def test_the_json_shape_has_every_field():
    """No field of an entry is missing from its JSON, and JSON can carry it."""
    entry = log_entry()
    shape = entry.as_dict()
    assert list(shape) == [field.name for field in fields(Entry)]
    assert shape["at"] == "2026-11-23T12:00:00+00:00"
    assert shape["kind"] == "received"
    assert json.loads(json.dumps(shape)) == shape


def test_an_entry_needs_only_id_time_and_kind():
    """Everything else may be unknown and is then empty."""
    entry = Entry("id", NOW, EntryKind.REFUSED)
    assert not any(list(entry.as_dict().values())[3:])


def test_every_condition_of_a_query_is_a_field_of_an_entry():
    """A query cannot ask for what no entry has."""
    about_all = {"since", "until", "before", "limit", "visible_to"}
    fields_of = {"kinds": "kind", "error_code": "outcome", "text": "detail"}
    names = {field.name for field in fields(LogQuery)} - about_all
    assert {fields_of.get(name, name) for name in names} <= {field.name for field in fields(Entry)}


def test_an_empty_query_asks_for_the_newest_hundred():
    """Without conditions the answer is still bounded."""
    assert LogQuery().limit == 100
