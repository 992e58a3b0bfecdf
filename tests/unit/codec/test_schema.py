from concurrent.futures import ThreadPoolExecutor

import pytest
from lxml import etree

from gateway import resources
from gateway.codec import schema
from gateway.codec.versions import VERSIONS
from gateway.errors import ConfigurationError
from gateway.permits.findings import Area, Severity
from gateway.xmlio.names import V2_MESSAGE, V2_RAM
from gateway.xmlio.parse import parse

QUANTITY = (
    "<i:IncludedSupplyChainConsignmentItem><i:TransportLogisticsPackage><i:ItemQuantity>{}</i:ItemQuantity>"
    "</i:TransportLogisticsPackage></i:IncludedSupplyChainConsignmentItem>"
)


def document(header: str = "", consignment: str = "", *, before: str = "", after: str = "") -> etree._Element:
    """A v2 document element with that much in it."""
    text = (
        f'<m:CITESEPermit xmlns:m="{V2_MESSAGE}" xmlns:i="{V2_RAM}" xmlns:xsi="http://www.w3.org/2001/'
        f'XMLSchema-instance"><m:SpecifiedExchangedDocumentContext/>{before}<m:HeaderExchangedDocument>{header}'
        f"</m:HeaderExchangedDocument><m:SpecifiedSupplyChainConsignment>{consignment}"
        f"</m:SpecifiedSupplyChainConsignment>{after}</m:CITESEPermit>"
    )
    return parse(text.encode()).root


@pytest.mark.parametrize(
    ("root", "rule", "box", "words"),
    [
        (document("<i:Name/><i:ID>1</i:ID>"), "structure", "1", "ID is in the wrong place"),
        (document("<i:ID>1</i:ID><i:ID>2</i:ID>"), "structure", "1", "ID stands more than once"),
        (document("<i:Purpos/>"), "unexpected", "", "did you mean Purpose?"),
        (document("<i:Colour/>"), "unexpected", "", "Colour is not expected"),
        (document('<ID xmlns="">1</ID>'), "unexpected", "1", "namespace (none); it must be in urn:un"),
        (document('<i:ID x="1">1</i:ID>'), "unexpected", "1", "no attribute x; allowed: scheme"),
        (document("<i:ID/>"), "value", "1", "0 characters; it needs at least 1"),
        (document(f"<i:ID>{'9' * 36}</i:ID>"), "value", "1", "36 characters; it may have at most 35"),
        (document("<i:IssueDateTime/>"), "value", "13", "IssueDateTime is empty; leave it out"),
        (document("<i:IssueDateTime>2026-11-23</i:IssueDateTime>"), "value", "13", "a date and time such as"),
        (document("<i:IssueDateTime>2026-02-29T00:00:00Z</i:IssueDateTime>"), "value", "13", "a date and"),
        (document("<i:IssueDateTime>2026-02-28T24:00:00Z</i:IssueDateTime>"), "value", "13", "a date and"),
        (document("<i:CopyIndicator>no</i:CopyIndicator>"), "value", "1", "'no'; write true or false"),
        (document(consignment=QUANTITY.format("1,5")), "value", "11", "'1,5'; write a number"),
        (document(consignment=QUANTITY.format("1e5")), "value", "11", "'1e5'; write a number"),
        (document(consignment=QUANTITY.format("9" * 19)), "value", "11", "at most 18 digits"),
        (document("text"), "structure", "", "text between its elements"),
        (document("<i:ID>1<i:b/></i:ID>"), "structure", "1", "write its value only"),
        (document(before="<m:Extra/>"), "missing", "", "HeaderExchangedDocument is missing"),
        (document(after="<m:Extra/>"), "unexpected", "", "Extra is not expected in CITESEPermit"),
        (document('<i:IssueDateTime xsi:nil="true"/>'), "structure", "13", "write its value only"),
    ],
)
def test_the_reason_is_told_in_our_words(root, rule, box, words):
    """Each kind of mistake gives a finding with rule, box, path, line and a sentence that helps."""
    finding = schema.check("v2", root)[0]
    assert (finding.rule, finding.box) == (f"schema.{rule}", box)
    assert words in finding.message
    assert "{" not in finding.message
    assert (finding.area, finding.severity, finding.line) == (Area.SCHEMA, Severity.ERROR, 1)
    assert finding.path.startswith("/CITESEPermit")


def test_the_seal_is_the_last_child():
    """A signature fits as the last child of the root and nowhere else."""
    seal = '<s:Signature xmlns:s="http://www.w3.org/2000/09/xmldsig#"><s:Any/></s:Signature>'
    assert schema.check("v2", document(after=seal)) == ()
    assert schema.check("v2", document(before=seal)) != ()
    assert schema.check("v2", document(after=seal + seal)) != ()


def test_findings_are_capped():
    """A document that is wrong everywhere gives fifty findings and no more."""
    root = document(consignment="".join(QUANTITY.format("x") for _ in range(200)))
    findings = schema.check("v2", root)
    assert len(findings) == schema.MAX_FINDINGS
    assert len({finding.path for finding in findings}) == schema.MAX_FINDINGS


def test_a_very_long_document_is_told_in_short(monkeypatch):
    """Beyond a size the explanation would take too long; libxml2's own words must do, without namespaces."""
    monkeypatch.setattr(schema, "MAX_EXPLAINED", 3)
    (finding,) = schema.check("v2", document("<i:IssueDateTime/>"))
    assert finding.rule == "schema.structure"
    assert "IssueDateTime" in finding.message
    assert "urn:" not in finding.message


@pytest.mark.parametrize(
    ("header", "weight"),
    [
        ("<i:IssueDateTime/>", 5),
        ('<i:IssueDateTime a="" b=""/>', 7),
        (f"<i:IssueDateTime>{'x' * 256}</i:IssueDateTime>", 7),
    ],
    ids=["elements", "attributes", "text"],
)
def test_what_an_explanation_costs_is_counted(header, weight, monkeypatch):
    """Elements, attributes and long texts: at the ceiling it is explained, one above it no more."""
    root = document(header)
    monkeypatch.setattr(schema, "MAX_EXPLAINED", weight)
    assert schema.check("v2", root)[0].path
    monkeypatch.setattr(schema, "MAX_EXPLAINED", weight - 1)
    assert not schema.check("v2", root)[0].path


def test_no_more_errors_are_put_into_words_than_can_become_findings(monkeypatch):
    """Sixty unknown attributes of an element are sixty errors and one finding: the errors are counted."""
    told = []
    real = schema.explain
    monkeypatch.setattr(schema, "explain", lambda *given: told.append(1) or real(*given))
    wrong = "<i:ID " + " ".join(f'a{number}=""' for number in range(60)) + ">1</i:ID>"
    findings = schema.check("v2", document(wrong * 10))
    assert 0 < len(findings) < len(told) == schema.MAX_ERRORS


def test_libxml2_does_not_repeat_a_long_value(monkeypatch):
    """A wrong date of 60 KB is not searched for words to make a finding of."""
    told = []
    real = schema.plain
    monkeypatch.setattr(schema, "plain", lambda line, message: told.append(message) or real(line, message))
    monkeypatch.setattr(schema, "MAX_EXPLAINED", 0)
    assert schema.check("v2", document(f"<i:IssueDateTime>{'9' * 60_000}</i:IssueDateTime>"))
    assert max(map(len, told)) == schema._SHOWN


@pytest.mark.parametrize("depth", [20, 50])
def test_deep_nesting_is_a_finding(depth):
    """A document that nests as deep as the ceilings allow gets findings, not a crash."""
    nest = "<i:ProviderTradeParty>" * depth + "</i:ProviderTradeParty>" * depth
    root = document(
        f"<i:FirstSignatoryDocumentAuthentication>{nest}</i:FirstSignatoryDocumentAuthentication>"
    )
    assert schema.check("v2", root)


def test_when_xmlschema_gives_up_libxml2_still_says_no(monkeypatch):
    """An explanation that fails never turns a refusal into an acceptance."""

    def give_up(_source):
        raise RecursionError

    monkeypatch.setattr(schema._explaining("v2"), "iter_errors", give_up)
    (finding,) = schema.check("v2", document("<i:ID/>"))
    assert finding.rule == "schema.structure"


def test_threads_do_not_mix_their_findings():
    """Sixteen threads that validate good and bad documents get each their own answer."""
    good, bad = document("<i:ID>1</i:ID>"), document("<i:ID/>")

    def ask(index: int) -> bool:
        return bool(schema.check("v2", bad if index % 2 else good)) == bool(index % 2)

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(200)))


def test_warm_compiles_both_schemas():
    """After `warm` nothing has to be compiled any more in this thread; another one compiles its own."""
    schema.warm()
    assert schema._OWN.__dict__.keys() == VERSIONS.keys()
    assert schema._explaining.cache_info().currsize == len(VERSIONS)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(schema._own, "v2").result() is not schema._own("v2")


@pytest.mark.parametrize("compiled", [schema._compiled, schema._explaining.__wrapped__])
def test_a_missing_schema_is_a_configuration_error(compiled, tmp_path, monkeypatch):
    """An installation without its schema says so."""
    monkeypatch.setattr(resources, "schemas", lambda: tmp_path)
    with pytest.raises(ConfigurationError, match="v2"):
        compiled("v2")
