from pathlib import Path

import pytest
from lxml import etree
from support.tolerance import content, rules, v2

from gateway.codec import schema
from gateway.codec.tolerant import tolerate
from gateway.codec.versions import VERSIONS
from gateway.errors import UnknownDocument
from gateway.permits.findings import Severity
from gateway.xmlio.names import DS, V1_MESSAGE, V2_MESSAGE, V3_MESSAGE, V3_RAM, clark, local_name
from gateway.xmlio.parse import ParsedDocument, parse

PERMITS = Path(__file__).parents[3] / "fixtures" / "permits"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
LITTLE = etree.tostring(v2("<ID>A</ID>").root).decode()


def short(path):
    return str(path.relative_to(PERMITS).with_suffix(""))


def soap(inside, namespace=SOAP_11, header=""):
    return parse(f'<e:Envelope xmlns:e="{namespace}">{header}<e:Body>{inside}</e:Body></e:Envelope>'.encode())


# soap-body


@pytest.mark.parametrize("namespace", [SOAP_11, SOAP_12])
@pytest.mark.parametrize("wrapped", ["{}", '<w xmlns="urn:w"><deeper>{}\n</deeper></w>'])
def test_a_permit_in_a_soap_body_is_found(namespace, wrapped):
    """SOAP 1.1 and 1.2, right in the body or deep in it."""
    tolerated = tolerate(soap(wrapped.format(LITTLE), namespace))
    assert tolerated.root.tag == clark(V2_MESSAGE, "CITESEPermit")
    assert tolerated.root.getparent() is None
    assert tolerated.root.getroottree().getroot() is tolerated.root
    assert tolerated.root.tail is None
    assert rules(tolerated) == ["tolerated.soap-body"]


def test_what_stands_beside_the_permit_is_named():
    """Attachments and the like are not read, and the finding says so."""
    document = soap(f"<w><Attachments/><x>{LITTLE}<Composite>true</Composite></x></w>", header="<e:Header/>")
    (finding,) = tolerate(document).findings
    assert finding.message.values["names"] == "Composite, Attachments"
    assert finding.path == "/Envelope/Body/w/x/CITESEPermit"


@pytest.mark.parametrize(
    "inside",
    ["", "<Fault/>", LITTLE * 2, f"<CITESEPermit>{LITTLE}</CITESEPermit>", f"{LITTLE}<CBFShip/>"],
    ids=["nothing", "a fault", "two", "one in another", "two versions"],
)
def test_a_soap_message_without_exactly_one_permit_is_refused(inside):
    """Nobody may have to guess which of two permits is meant."""
    with pytest.raises(UnknownDocument) as caught:
        tolerate(soap(inside))
    assert "permits in its body" in caught.value.message
    assert "one permit" in caught.value.advice


def test_a_permit_in_a_soap_header_or_a_signature_is_none():
    """Only the body is looked into, and no signature."""
    hidden = f'<s:Signature xmlns:s="{DS}"><s:Object>{LITTLE}</s:Object></s:Signature>'
    with pytest.raises(UnknownDocument):
        tolerate(soap(hidden, header=f"<e:Header>{LITTLE}</e:Header>"))


@pytest.mark.parametrize("data", [b"<html/>", b"<CITESePermit/>", b'<CITESEPermit xmlns="urn:other"/>'])
def test_what_is_no_permit_is_refused(data):
    """Another document, another spelling or another namespace is no oddity that is tolerated."""
    with pytest.raises(UnknownDocument):
        tolerate(parse(data))


# no-namespace


@pytest.mark.parametrize(
    ("data", "version"),
    [
        ("<CBFShip/>", "v1"),
        ("<CITESEPermit/>", "v2"),
        (f'<CITESEPermit><x:HeaderExchangedDocument xmlns:x="{V2_MESSAGE}"/></CITESEPermit>', "v2"),
        (f'<CITESEPermit><x:HeaderExchangedDocument xmlns:x="{V3_MESSAGE}"/></CITESEPermit>', "v3"),
        (
            f'<CITESEPermit><Header><ID xmlns="{V3_RAM}">1</ID></Header></CITESEPermit>',
            "v3",
        ),
        (f'<CBFShip><x:HeaderExchangedDocument xmlns:x="{V1_MESSAGE}"/></CBFShip>', "v1"),
    ],
)
def test_the_version_of_a_nameless_root_is_told_by_what_is_in_it(data, version):
    """By the name of the root, the namespaces below it, and when there are none, it is the oldest."""
    tolerated = tolerate(parse(data.encode()))
    assert tolerated.version == version
    assert tolerated.root.tag == VERSIONS[version].root


@pytest.mark.parametrize(
    "path", [PERMITS / "every-element.xml", PERMITS / "v1" / "every-element.xml"], ids=short
)
def test_a_document_without_any_namespace_is_read_whole(path):
    """Each of the elements of v1 and v2 finds its namespace; attributes, text and order stay."""
    document = parse(path.read_bytes())
    before = content(document.root)
    for element in document.root.iter(etree.Element):
        element.tag = local_name(element.tag)
    tolerated = tolerate(ParsedDocument(b"", document.root))
    assert content(tolerated.root) == before
    (finding,) = [f for f in tolerated.findings if f.severity is Severity.WARNING]
    assert finding.rule == "tolerated.no-namespace"
    assert finding.message.values["count"] == sum(1 for _ in document.root.iter(etree.Element))
    again = parse(etree.tostring(tolerated.root))
    assert content(again.root) == before


def test_attributes_of_a_nameless_root_are_kept():
    """What does not belong there is still there for the schema to refuse."""
    tolerated = tolerate(parse(b'<CITESEPermit languageID="EN" schemeID="?"/>'))
    assert dict(tolerated.root.attrib) == {"languageID": "EN"}


def test_the_first_place_without_a_namespace_is_named():
    """The finding stands at the first such element in the document, not at the highest."""
    document = v2('<Purpose xmlns="">p</Purpose>', '<ConsignorTradeParty xmlns=""/>', context="")
    finding = tolerate(document).findings[0]
    assert finding.path == "/CITESEPermit/HeaderExchangedDocument/Purpose"
    assert finding.box == "5a"
    assert finding.message.values["count"] == 2


def test_unknown_elements_find_no_namespace():
    """Only names that the version knows in that place are helped; the schema refuses the others."""
    tolerated = tolerate(v2('<Nonsense xmlns="">n</Nonsense>'))
    assert tolerated.findings == ()
    assert [f.rule for f in schema.check("v2", tolerated.root)] == ["schema.unexpected"]
