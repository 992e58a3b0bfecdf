from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from support.tolerance import content, rules, v2

from gateway.codec import tolerant
from gateway.codec.draft import MAX_NOTED, elements
from gateway.codec.profile import Profile
from gateway.codec.registry import inspect
from gateway.codec.tolerant import MAX_ELEMENTS, TOLERANCES, tolerate
from gateway.codec.versions import VERSIONS
from gateway.errors import UnknownDocument
from gateway.permits.findings import Area, Severity
from gateway.wording import Words
from gateway.xmlio.names import local_name
from gateway.xmlio.parse import ParsedDocument, parse

ROOT = Path(__file__).parents[3]
PERMITS = ROOT / "fixtures" / "permits"
STRICT = sorted([*PERMITS.glob("*.xml"), *(PERMITS / "v1").glob("*.xml"), *(PERMITS / "v3").glob("*.xml")])
SENDERS = sorted((PERMITS / "senders").glob("*.xml"))
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def short(path):
    return str(path.relative_to(PERMITS).with_suffix(""))


def test_the_profiles_have_the_names_of_the_command_line():
    """The two profiles are called strict and tolerant."""
    assert [str(profile) for profile in Profile] == ["strict", "tolerant"]


@pytest.mark.parametrize("path", STRICT, ids=short)
def test_a_strict_document_is_not_changed(path):
    """Of what is written strictly nothing changes in any version, and nothing is found."""
    document = parse(path.read_bytes())
    tolerated = tolerate(document)
    assert content(tolerated.root) == content(document.root)
    assert VERSIONS[tolerated.version].root == document.root.tag
    assert [f for f in tolerated.findings if f.severity is not Severity.INFO] == []


@pytest.mark.parametrize("path", [*STRICT, *SENDERS], ids=short)
def test_lines_are_those_of_the_original(path):
    """Every element of the new tree knows its line in the bytes that came."""
    document = parse(path.read_bytes())
    lines = path.read_bytes().decode().splitlines()
    for element in elements(tolerate(document).root):
        name = local_name(element.tag)
        if path.stem.startswith("certificate") and (name, element.text) == ("Name", "Certificate of origin"):
            continue
        assert name in lines[element.sourceline - 1]


@pytest.mark.parametrize("path", SENDERS, ids=short)
def test_the_original_stays_as_it_is(path):
    """Neither the tree nor the bytes of the document are touched."""
    document = parse(path.read_bytes())
    before = etree.tostring(document.root)
    tolerated = tolerate(document)
    assert etree.tostring(document.root) == before
    assert document.data == path.read_bytes()
    assert not set(tolerated.root.iter()) & set(document.root.iter())


@pytest.mark.parametrize("path", SENDERS, ids=short)
def test_tolerating_twice_changes_nothing_more(path):
    """What was read tolerantly is strict: a second reading finds at most that the validity stands twice."""
    once = tolerate(parse(path.read_bytes()))
    twice = tolerate(ParsedDocument(b"", once.root))
    assert content(twice.root) == content(once.root)
    assert set(rules(twice)) <= {"tolerated.validity-twice"}


@pytest.mark.parametrize("path", SENDERS, ids=short)
def test_findings_are_warnings_that_can_be_translated(path):
    """A tolerance is a warning about the document, with words that have a template, and a source."""
    for finding in tolerate(parse(path.read_bytes())).findings:
        assert finding.severity is (
            Severity.INFO if finding.rule == "tolerated.validity-twice" else Severity.WARNING
        )
        assert finding.area is Area.DOCUMENT
        assert isinstance(finding.message, Words)
        assert finding.source


def test_every_finding_is_in_the_documentation():
    """The page for senders lists each tolerance, and what else may be found, and no other."""
    page = (ROOT / "docs" / "tolerances.md").read_text(encoding="utf-8")
    listed = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `tolerated.")}
    more = {"tolerated.validity-differs", "tolerated.validity-twice", "tolerated.nothing"}
    assert listed == {f"tolerated.{name}" for name in TOLERANCES} | more
    assert f"{MAX_ELEMENTS:,} elements" in page
    assert f"up to {MAX_NOTED} places" in page


def test_a_document_with_too_many_elements_is_judged_as_it_stands(monkeypatch):
    """Beyond the limit nothing is tolerated, and one finding says so."""
    document = v2("<Name/>")
    monkeypatch.setattr(tolerant, "MAX_ELEMENTS", 4)
    tolerated = tolerate(document)
    assert rules(tolerated) == ["tolerated.nothing"]
    assert content(tolerated.root) == content(document.root)
    assert tolerated.root is not document.root
    monkeypatch.setattr(tolerant, "MAX_ELEMENTS", 5)
    assert rules(tolerate(document)) == ["tolerated.empty-element"]


def test_a_deep_tree_needs_no_recursion():
    """A tree far deeper than the parser lets through is read."""
    root = v2().root
    step = root[1]
    for _ in range(5000):
        step = etree.SubElement(step, "deep")
    tolerated = tolerate(ParsedDocument(b"", root))
    assert rules(tolerated) == ["tolerated.empty-element"]


def spoil(root, dice, times):
    """Do to a document what senders do, and worse."""
    for _ in range(times):
        everything = [e for e in elements(root) if e is not root]
        element = dice.choice(everything)
        match dice.randrange(8):
            case 0:
                element.text = dice.choice(
                    ["", "?", " ", "811", "E", "2026-01-01", "cites permitting", "\u00e9"]
                )
            case 1:
                element.set(dice.choice(["languageID", "schemeID", "x"]), "?")
            case 2:
                element.tag = local_name(element.tag)
            case 3:
                element.addnext(parse(etree.tostring(element, with_tail=False)).root)
            case 4:
                dice.choice(everything).append(parse(etree.tostring(element, with_tail=False)).root)
            case 5:
                element.addprevious(etree.Comment("between"))
            case 6:
                element.tail = "stray"
            case _:
                element.getparent().remove(element)


@given(st.sampled_from([*STRICT, *SENDERS]), st.integers(0, 2**32), st.integers(0, 12))
def test_whatever_senders_do_reading_twice_is_reading_once(path, seed, times):
    """A spoiled document is read or is no permit; a second reading changes nothing; a report is possible."""
    root = parse(path.read_bytes()).root
    spoil(root, Random(seed), times)  # noqa: S311 - mistakes, not keys
    before = etree.tostring(root)
    try:
        once = tolerate(ParsedDocument(b"", root))
    except UnknownDocument:
        return
    assert etree.tostring(root) == before
    twice = tolerate(ParsedDocument(b"", once.root))
    assert content(twice.root) == content(once.root)
    assert set(rules(twice)) <= {"tolerated.validity-twice", "tolerated.validity-differs"}
    inspect(ParsedDocument(b"", once.root), at=AT)


@given(st.sampled_from(STRICT), st.integers(0, 2**32), st.integers(0, 40))
def test_a_strict_document_with_less_in_it_is_not_changed(path, seed, times):
    """Any part of a strict document is strict: nothing changes and nothing is found but validity."""
    root, dice = parse(path.read_bytes()).root, Random(seed)  # noqa: S311 - mistakes, not keys
    for _ in range(times):
        inner = [
            e
            for e in elements(root)
            if e is not root and e.getparent() is not root and len(e.getparent()) > 1
        ]
        if inner:
            element = dice.choice(inner)
            element.getparent().remove(element)
    tolerated = tolerate(ParsedDocument(b"", root))
    if not any(finding.rule == "tolerated.validity-place" for finding in tolerated.findings):
        assert content(tolerated.root) == content(root)
    validity_only = {"tolerated.validity-place", "tolerated.validity-twice", "tolerated.validity-differs"}
    assert set(rules(tolerated)) <= validity_only
