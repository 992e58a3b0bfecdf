"""Small documents to be read tolerantly, and what is looked at in them."""

from lxml import etree

from gateway.codec.tolerant import Tolerated
from gateway.xmlio.find import text_of
from gateway.xmlio.names import V2_MESSAGE, V2_RAM
from gateway.xmlio.parse import ParsedDocument, parse


def content(root: etree._Element) -> tuple:
    """A tree as nested tuples: what it says, without comments and the white space between elements."""
    inner = [child for child in root if isinstance(child.tag, str)]
    text = "" if inner else text_of(root)
    return root.tag, text, sorted(root.attrib.items()), [content(child) for child in inner]


def v2(header: str = "", consignment: str = "", context: str = "", after: str = "") -> ParsedDocument:
    """A v2 document with little in it; the header stands on line 3."""
    return parse(
        f'<rsm:CITESEPermit xmlns:rsm="{V2_MESSAGE}" xmlns="{V2_RAM}">\n'
        f"<rsm:SpecifiedExchangedDocumentContext>{context}</rsm:SpecifiedExchangedDocumentContext>\n"
        f"<rsm:HeaderExchangedDocument>{header}</rsm:HeaderExchangedDocument>\n"
        f"<rsm:SpecifiedSupplyChainConsignment>{consignment}</rsm:SpecifiedSupplyChainConsignment>\n"
        f"{after}</rsm:CITESEPermit>".encode()
    )


def texts(tolerated: Tolerated, name: str) -> list[str]:
    """The texts of all elements with a local name."""
    return [text_of(element) for element in tolerated.root.iter(f"{{*}}{name}")]


def rules(tolerated: Tolerated) -> list[str]:
    """The ids of the findings."""
    return [finding.rule for finding in tolerated.findings]
