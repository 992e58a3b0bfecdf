"""Walks fixtures/permits: good permits have no finding, broken ones exactly those that are expected."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from gateway.codec.registry import inspect
from gateway.errors import UnknownDocument
from gateway.xmlio.parse import parse

FOLDER = Path(__file__).parents[2] / "fixtures" / "permits"
EXPECTED = json.loads((FOLDER / "broken" / "expected.json").read_text(encoding="utf-8"))
AT = datetime.fromisoformat(EXPECTED["at"])


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.xml")), ids=lambda path: path.stem)
def test_good_permits_have_no_finding(path):
    """A good permit has neither error nor warning at the moment for which it was made."""
    inspection = inspect(parse(path.read_bytes()), at=AT)
    assert inspection.report.findings == ()
    assert inspection.permit.ref is not None


@pytest.mark.parametrize("name", EXPECTED["rules"])
def test_broken_permits_break_what_their_name_says(name):
    """A broken permit breaks the expected rules and no other, and each finding says where."""
    document = parse((FOLDER / "broken" / f"{name}.xml").read_bytes())
    if EXPECTED["rules"][name] == ["document.unknown-document"]:
        with pytest.raises(UnknownDocument):
            inspect(document, at=AT)
        return
    report = inspect(document, at=AT).report
    assert sorted(finding.rule for finding in report.findings) == sorted(EXPECTED["rules"][name])
    for finding in report.findings:
        assert finding.path
        assert finding.line
        assert finding.source


def test_every_broken_permit_is_expected():
    """No file lies in the folder without somebody knowing what is wrong with it."""
    assert {path.stem for path in (FOLDER / "broken").glob("*.xml")} == set(EXPECTED["rules"])
