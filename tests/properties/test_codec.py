"""Reading and writing, for any permit and each message version."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.any_permit import permits

from gateway.codec import schema
from gateway.codec.registry import encode, inspect
from gateway.codec.versions import VERSIONS
from gateway.xmlio.parse import parse

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)

each_version = pytest.mark.parametrize("version", VERSIONS)


@each_version
@given(data=st.data())
def test_reading_what_was_written_gives_the_same_permit(version, data):
    """read(write(p)) == p, to the last digit, zone and space; what is written fits the schema."""
    permit = data.draw(permits(version))
    document = parse(encode(permit, version))
    again = VERSIONS[version].read(document.root).permit
    assert again == permit
    assert repr(again) == repr(permit)
    assert schema.check(version, document.root) == ()


@each_version
@given(data=st.data())
def test_judging_never_fails(version, data):
    """Whatever a document says, as long as it fits the schema, it gets a report with places."""
    permit = data.draw(permits(version))
    report = inspect(parse(encode(permit, version)), at=AT).report
    root = VERSIONS[version].root.rpartition("}")[2]
    for finding in report.findings:
        assert finding.path.startswith(f"/{root}")
        assert finding.line is not None
