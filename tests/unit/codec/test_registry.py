from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from lxml import etree

from gateway.codec import registry
from gateway.codec.places import Place
from gateway.permits.findings import Area
from gateway.permits.identity import PermitRef
from gateway.xmlio.parse import parse, parse_trusted

FIXTURES = Path(__file__).parents[3] / "fixtures" / "permits"
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def verified(data: bytes) -> SimpleNamespace:
    """Stands for a document whose seal was proven: the canonical bytes have other lines than the original."""
    signed = etree.tostring(parse(data).root, method="c14n", exclusive=True)
    return SimpleNamespace(original=data, signed_bytes=signed, root=parse_trusted(signed))


def fixture(name: str) -> bytes:
    return (FIXTURES / f"{name}.xml").read_bytes()


def test_decode_reads_what_was_signed():
    """A sealed permit holds version, permit and the document that was verified."""
    document = verified(fixture("ch-export-orchids"))
    sealed = registry.decode(document)
    assert sealed.version == "v2"
    assert sealed.permit.ref == PermitRef("CH", "26/CH/0417-A")
    assert sealed.document is document
    assert registry.judge(sealed, at=AT).accepted


def test_lines_are_those_of_the_original_bytes():
    """Canonical bytes have no declaration and no comments; findings count lines in what was sent."""
    data = fixture("broken/zero-quantity").replace(
        b"<rsm:CITESEPermit", b"<!-- one\ntwo -->\n<rsm:CITESEPermit"
    )
    (finding,) = registry.judge(registry.decode(verified(data)), at=AT).findings
    assert b">0<" in data.splitlines()[finding.line - 1]


def test_inspect_stops_at_the_schema():
    """Of a document that does not fit its schema nothing more is said."""
    inspection = registry.inspect(parse(fixture("broken/schema-bad-decimal")), at=AT)
    assert inspection.permit is None
    assert inspection.places is None
    assert {finding.area for finding in inspection.report.findings} == {Area.SCHEMA}


def test_inspect_judges_what_fits():
    """Of a document that fits, the permit, its places and all findings are given."""
    inspection = registry.inspect(parse(fixture("broken/unknown-term-code")), at=AT)
    assert inspection.permit.number_text == "CH-2026-000123"
    assert isinstance(inspection.places["number"], Place)
    (finding,) = inspection.report.findings
    assert (finding.rule, finding.area, finding.box) == ("lines.term-unknown", Area.CODES, "9")
    assert finding.path.endswith(
        "IncludedSupplyChainConsignmentItem[1]/IncludedSupplyChainTradeLineItem"
        "/SpecifiedTradeProduct/TypeCode"
    )
    assert finding.source


def test_cutting_keeps_the_errors(monkeypatch):
    """A report that is cut short still refuses what it would refuse in full."""
    monkeypatch.setattr(registry, "MAX_FINDINGS", 3)
    data = fixture("ch-export-reptile-leather").replace(b'"NAR"', b'"PCS"').replace(b">LPS<", b">WAT<")
    data = data.replace(b'<ScientificName languageID="LA">Caiman crocodilus<', b"<ScientificName><")
    report = registry.inspect(parse(data), at=AT).report
    assert len(report.findings) == 3
    assert not report.accepted


@pytest.mark.parametrize("name", ["ch-export-reptile-leather", "every-element"])
def test_encode_is_the_opposite_of_reading(name):
    """`encode` writes the document that `inspect` read."""
    permit = registry.inspect(parse(fixture(name)), at=AT).permit
    assert registry.encode(permit) == fixture(name)
