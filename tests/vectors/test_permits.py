"""Walks fixtures/permits: good permits have no finding, broken ones exactly those that are expected."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from gateway.codec.examine import examine
from gateway.codec.registry import Profile, inspect
from gateway.permits.findings import Severity
from gateway.xmlio.parse import parse

FOLDER = Path(__file__).parents[2] / "fixtures" / "permits"
GOOD = sorted([*FOLDER.glob("*.xml"), *FOLDER.glob("v1/*.xml"), *FOLDER.glob("v3/*.xml")])
FULL = {"quota.not-an-export"}
"""Box 11a is for export permits, Box 12a for re-export certificates: no type fills every element rightly."""
EXPECTED = json.loads((FOLDER / "broken" / "expected.json").read_text(encoding="utf-8"))
AT = datetime.fromisoformat(EXPECTED["at"])


@pytest.mark.parametrize("path", GOOD, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_good_permits_have_no_finding(path):
    """A good permit has neither error nor warning at the moment for which it was made, in both profiles."""
    for profile in Profile:
        inspection = inspect(parse(path.read_bytes()), at=AT, profile=profile)
        found = {f.rule for f in inspection.report.findings if f.severity is not Severity.INFO}
        assert found == (FULL if path.stem == "every-element" else set())
        assert inspection.permit.ref is not None


@pytest.mark.parametrize("name", EXPECTED["rules"])
def test_broken_permits_break_what_their_name_says(name):
    """A broken permit breaks the expected rules and no other, and each finding says where."""
    data = (FOLDER / "broken" / f"{name}.xml").read_bytes()
    report = examine(data, name=name, at=AT).report
    assert sorted({finding.rule for finding in report.findings}) == sorted(EXPECTED["rules"][name])
    for finding in report.findings:
        if finding.rule == "document.unknown-document":
            continue
        assert finding.line
        if not finding.rule.startswith("document."):
            assert finding.path
            assert finding.source


def test_every_broken_permit_is_expected():
    """No file lies in the folder without somebody knowing what is wrong with it."""
    assert {path.stem for path in (FOLDER / "broken").glob("*.xml")} == set(EXPECTED["rules"])


def test_five_hundred_lines():
    """A permit of 500 lines is checked line by line, and the last one is found wrong where it stands."""
    data = (FOLDER / "ch-export-reptile-leather.xml").read_bytes()
    begin = data.index(b"    <IncludedSupplyChainConsignmentItem>")
    end = data.index(b"</IncludedSupplyChainConsignmentItem>\n", begin) + len(
        b"</IncludedSupplyChainConsignmentItem>\n"
    )
    line = data[begin:end]
    lines = [line.replace(b"<ID>A</ID>", f"<ID>{number}</ID>".encode()) for number in range(1, 501)]
    rest = data.index(b"  </rsm:SpecifiedSupplyChainConsignment>")
    whole = data[:begin] + b"".join(lines) + data[rest:]
    assert examine(whole, name="500", at=AT).report.findings == ()
    (finding,) = examine(
        whole[: whole.rindex(b">II<")] + b">IV<" + whole[whole.rindex(b">II<") + 4 :], name="500", at=AT
    ).report.findings
    assert finding.rule == "lines.appendix-unknown"
    assert "line 500" in finding.message
    assert "IncludedSupplyChainConsignmentItem[500]" in finding.path
