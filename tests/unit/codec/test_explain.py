"""What a document of mixed versions is told, and the words of v3."""

import pytest
from lxml import etree

from gateway.codec import schema
from gateway.codec.elsewhere import versions_of_namespace, versions_with
from gateway.codec.versions import VERSIONS
from gateway.wording import Words, placeholders
from gateway.xmlio.names import (
    V1_MESSAGE,
    V1_RAM,
    V2_MESSAGE,
    V2_RAM,
    V3_MESSAGE,
    V3_QDT,
    V3_RAM,
    V3_UDT,
    local_name,
    namespace_of,
)
from gateway.xmlio.parse import parse

RAMS = {"v1": V1_RAM, "v2": V2_RAM, "v3": V3_RAM}
ADDRESS = "<i:ConsigneeTradeParty>\n<i:PostalTradeAddress>\n{}</i:PostalTradeAddress></i:ConsigneeTradeParty>"
DATE = "<i:IssueDateTime>{}</i:IssueDateTime>"


def document(
    version: str, header: str = "", consignment: str = "", *, ram: str = "", children: str = ""
) -> etree._Element:
    """A document element with that much in it; `ram` and `children` are namespaces that do not belong."""
    root = VERSIONS[version].root
    name, message = local_name(root), namespace_of(root)
    text = (
        f'<m:{name} xmlns:m="{message}" xmlns:c="{children or message}" xmlns:i="{ram or RAMS[version]}" '
        f'xmlns:u="{V3_UDT}" xmlns:q="{V3_QDT}">\n<c:SpecifiedExchangedDocumentContext/>\n'
        f"<c:HeaderExchangedDocument>{header}</c:HeaderExchangedDocument>\n"
        f"<c:SpecifiedSupplyChainConsignment>{consignment}</c:SpecifiedSupplyChainConsignment></m:{name}>"
    )
    return parse(text.encode()).root


@pytest.mark.parametrize(
    ("version", "root", "path", "line", "words"),
    [
        (
            "v2",
            document("v2", consignment=ADDRESS.format("<i:CountryIdentificationTradeCountry/>")),
            "ConsigneeTradeParty/PostalTradeAddress/CountryIdentificationTradeCountry",
            6,
            "in PostalTradeAddress; it is an element of message version v1, and the document is v2",
        ),
        (
            "v1",
            document("v1", consignment=ADDRESS.format("<i:CountryID>FR</i:CountryID>")),
            "ConsigneeTradeParty/PostalTradeAddress/CountryID",
            6,
            "it is an element of message version v2, v3, and the document is v1",
        ),
        (
            "v2",
            document("v2", consignment="<i:ImportTradeCountry/>"),
            "SpecifiedSupplyChainConsignment/ImportTradeCountry",
            4,
            "it is an element of message version v1, v3, and the document is v2",
        ),
        (
            "v2",
            document(
                "v2",
                consignment="<i:ExaminationTransportEvent><i:InspectedUnitQuantity>1</i:InspectedUnitQuantity>"
                "</i:ExaminationTransportEvent>",
            ),
            "ExaminationTransportEvent/InspectedUnitQuantity",
            4,
            "and the document is v2: write UnitQuantity",
        ),
        (
            "v2",
            document("v2", "<i:ID>1</i:ID>", ram=V3_RAM),
            "HeaderExchangedDocument/ID",
            3,
            f"namespace {V3_RAM}, which belongs to message version v3; the document element is that of v2",
        ),
        (
            "v3",
            document("v3", "<i:ID>1</i:ID>", ram=V2_RAM),
            "HeaderExchangedDocument/ID",
            3,
            f"{V2_RAM}, which belongs to message version v1, v2; the document element is that of v3",
        ),
        (
            "v2",
            document("v2", children=V1_MESSAGE),
            "SpecifiedExchangedDocumentContext",
            2,
            f"{V1_MESSAGE}, which belongs to message version v1; the document element is that of v2",
        ),
        (
            "v3",
            document("v3", children=V2_MESSAGE),
            "SpecifiedExchangedDocumentContext",
            2,
            f"so that it must be in {V3_MESSAGE}",
        ),
        (
            "v1",
            document("v1", '<i:ID schemeID="S">1</i:ID>'),
            "HeaderExchangedDocument/ID",
            3,
            "ID has no attribute in message version v1; remove schemeID",
        ),
        (
            "v3",
            document("v3", DATE.format("2026-11-23T10:00:00Z")),
            "HeaderExchangedDocument/IssueDateTime",
            3,
            "text of its own; write its value inside DateTime / DateTimeString",
        ),
        (
            "v3",
            document("v3", "<i:CopyIndicator>true</i:CopyIndicator>"),
            "HeaderExchangedDocument/CopyIndicator",
            3,
            "text of its own; write its value inside Indicator",
        ),
        (
            "v3",
            document("v3", DATE.format("")),
            "HeaderExchangedDocument/IssueDateTime/DateTime",
            3,
            "DateTime is missing in IssueDateTime; add it",
        ),
        (
            "v3",
            document("v3", DATE.format('<u:DateTimeString format="102">20260229</u:DateTimeString>')),
            "HeaderExchangedDocument/IssueDateTime/DateTimeString",
            3,
            "is '20260229'; write a day that exists, as digits such as 20261123",
        ),
        (
            "v3",
            document("v3", DATE.format('<u:DateTimeString format="101">20261123</u:DateTimeString>')),
            "HeaderExchangedDocument/IssueDateTime/DateTimeString",
            3,
            "with format 102, 203, 204, 205 or 208",
        ),
        (
            "v3",
            document("v3", DATE.format('<q:DateTimeString format="102">20261123</q:DateTimeString>')),
            "HeaderExchangedDocument/IssueDateTime/DateTimeString",
            3,
            f"DateTimeString in IssueDateTime is in namespace {V3_QDT}; it must be in {V3_UDT}",
        ),
        (
            "v3",
            document(
                "v3",
                "<i:ReferenceReferencedDocument><i:IssueDateTime>2026-11-23T10:00:00Z</i:IssueDateTime>"
                "</i:ReferenceReferencedDocument>",
            ),
            "ReferenceReferencedDocument/IssueDateTime",
            3,
            "message version v1, v2, and the document is v3: write FormattedIssueDateTime",
        ),
    ],
)
def test_mixed_versions_are_told_apart(version, root, path, line, words):
    """Each kind of mixture is named with its element, path and line, and with the version it comes from."""
    finding = schema.check(version, root)[0]
    assert words in finding.message
    assert finding.path.endswith(path)
    assert finding.line == line


@pytest.mark.parametrize("version", VERSIONS)
def test_an_unknown_element_is_named(version):
    """An element of no version is named with path and line, without a hint at another version."""
    (finding,) = schema.check(version, document(version, consignment="\n\n<i:Colour/>"))
    assert finding.message == "Colour is not expected in SpecifiedSupplyChainConsignment; remove it"
    assert finding.path.endswith("/SpecifiedSupplyChainConsignment/Colour")
    assert finding.line == 6


@pytest.mark.parametrize("version", VERSIONS)
def test_every_sentence_can_be_translated(version):
    """What is said about a document remembers its template, also in the short words of libxml2."""
    root = document(version, "<i:TypeCode/><i:ID/><i:Colour/>text")
    for finding in schema.check(version, root):
        assert isinstance(finding.message, Words)
        assert set(finding.message.values) == placeholders(finding.message.template)


def test_where_an_element_is_at_home():
    """The tables that the hints are made from follow from the shapes."""
    assert versions_with("LogisticsShippingMarks", "Marking") == ()
    assert versions_with("PhysicalLogisticsShippingMarks", "Marking") == ("v2", "v3")
    assert versions_with("CBFShip", "HeaderExchangedDocument") == ("v1",)
    assert versions_of_namespace(V2_RAM) == ("v1", "v2")
    assert versions_of_namespace("urn:other") == ()
