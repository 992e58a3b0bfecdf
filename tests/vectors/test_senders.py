"""Walks fixtures/permits/senders: strictly refused, tolerantly read, with the right values in the boxes."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from gateway.codec import schema, tolerant
from gateway.codec.registry import inspect
from gateway.codec.tolerant import TOLERANCES, tolerate
from gateway.codec.versions import VERSIONS
from gateway.errors import UnknownDocument
from gateway.permits import rules
from gateway.permits.findings import Severity
from gateway.xmlio.parse import parse

FOLDER = Path(__file__).parents[2] / "fixtures" / "permits" / "senders"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
DOCUMENTS = EXPECTED["documents"]
AT = datetime.fromisoformat(EXPECTED["at"])


def _parsed(name):
    return parse((FOLDER / f"{name}.xml").read_bytes())


def _moment(value):
    return value.isoformat() if value else None


def _references(line, type_code):
    """Number and date of the references of one type."""
    return [
        {"number": reference.numbers[0].value, "issued": _moment(reference.issued_at)}
        for reference in line.references
        if reference.type and reference.type.value == type_code
    ]


def _boxes(permit):
    """What the form shows, in the shape of expected.json."""
    return {
        "number": permit.number_text,
        "type": permit.type_code,
        "names": [name.value for name in permit.names],
        "issued": _moment(permit.issued_at),
        "valid_from": _moment(permit.valid_from),
        "valid_until": _moment(permit.valid_until),
        "authority": [permit.authority.name.value, permit.authority.country],
        "exporter": [permit.exporter.name.value, permit.exporter.country],
        "importer": [permit.importer.name.value, permit.importer_country],
        "lines": [
            {
                "letter": line.letter,
                "species": line.scientific_name,
                "term": line.term,
                "appendix": line.appendix,
                "source": line.source_code,
                "quantity": str(line.quantity),
                "origin": line.origin.code if line.origin else "",
                "box_12": _references(line, "861"),
                "last_export": line.last_export.code if line.last_export else "",
                "box_12a": _references(line, "811"),
            }
            for line in permit.lines
        ],
    }


def _errors(tolerated):
    """What the schema and the rules refuse in a document that was read tolerantly."""
    refused = [finding.rule for finding in schema.check(tolerated.version, tolerated.root)]
    permit = VERSIONS[tolerated.version].read(tolerated.root).permit
    breaches = rules.check(permit, at=AT).breaches
    return refused + [rule.id for rule, severity, _ in breaches if severity is Severity.ERROR]


def _outcome(name):
    """Errors and boxes of a document, or None when it is no permit."""
    try:
        tolerated = tolerate(_parsed(name))
    except UnknownDocument:
        return None
    return _errors(tolerated), _boxes(VERSIONS[tolerated.version].read(tolerated.root).permit)


def test_every_document_is_expected():
    """No file lies in the folder without somebody knowing what is in it."""
    assert {path.stem for path in FOLDER.glob("*.xml")} == set(DOCUMENTS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_strictly_read_it_is_refused(name):
    """In the strict profile each of the documents is unknown or breaks the expected rules."""
    wanted = DOCUMENTS[name]["strict"]
    if wanted == ["document.unknown-document"]:
        with pytest.raises(UnknownDocument):
            inspect(_parsed(name), at=AT)
        return
    report = inspect(_parsed(name), at=AT).report
    assert set(wanted) <= {finding.rule for finding in report.errors}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_tolerantly_read_it_has_no_error(name):
    """In the tolerant profile it fits its schema and breaks no rule, and all that was tolerated is told."""
    tolerated = tolerate(_parsed(name))
    assert tolerated.version == DOCUMENTS[name]["version"]
    assert _errors(tolerated) == []
    assert Counter(finding.rule for finding in tolerated.findings) == DOCUMENTS[name]["tolerated"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_tolerantly_read_the_boxes_are_right(name):
    """Number, type, dates, parties, lines, quantities and boxes 12 and 12a hold what was sent."""
    tolerated = tolerate(_parsed(name))
    boxes = _boxes(VERSIONS[tolerated.version].read(tolerated.root).permit)
    assert boxes == {key: DOCUMENTS[name][key] for key in boxes}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_findings_say_where_in_the_original(name):
    """The XPath and the line of a finding lead to the element in the document as it came."""
    document = _parsed(name)
    for finding in tolerate(document).findings:
        steps = [step.partition("[")[::2] for step in finding.path.removeprefix("/").split("/")]
        path = "/" + "/".join(
            f"*[local-name()='{step}'][{position.rstrip(']') or 1}]" for step, position in steps
        )
        (element,) = document.root.xpath(path)
        assert element.sourceline == finding.line
        assert finding.message
        assert finding.source


@pytest.mark.parametrize("name", TOLERANCES)
def test_each_tolerance_is_needed(monkeypatch, name):
    """Without any one of the tolerances a document is refused, or its boxes are other ones."""
    monkeypatch.setattr(
        tolerant, "TOLERANCES", {key: value for key, value in TOLERANCES.items() if key != name}
    )
    wanted = {
        document: (
            [],
            {key: expected[key] for key in expected if key not in {"version", "strict", "tolerated"}},
        )
        for document, expected in DOCUMENTS.items()
    }
    assert any(_outcome(document) != wanted[document] for document in DOCUMENTS)
