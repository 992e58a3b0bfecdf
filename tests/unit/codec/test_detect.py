import pytest
from lxml import etree

from gateway.codec.detect import detect
from gateway.errors import UnknownDocument
from gateway.xmlio.names import EXCHANGE, V2_MESSAGE


def test_v2_is_known_by_name_and_namespace():
    """CITESEPermit in the namespace of v2 is v2."""
    assert detect(etree.Element(f"{{{V2_MESSAGE}}}CITESEPermit")) == "v2"


@pytest.mark.parametrize(
    ("tag", "advice"),
    [
        ("{http://schemas.xmlsoap.org/soap/envelope/}Envelope", "SOAP"),
        ("{http://www.w3.org/2003/05/soap-envelope}Envelope", "SOAP"),
        (f"{{{EXCHANGE}}}Envelope", "inside its Payload"),
        ("{urn:un:unece:uncefact:data:draft:CBFShip:1}CBFShip", "v1"),
        ("CITESEPermit", "namespace is not"),
        ("{urn:un:unece:uncefact:data:standard:CITESEPermit:100}CITESEPermit", "namespace is not"),
        (f"{{{V2_MESSAGE}}}CITESePermit", "capitals count"),
        ("html", "one of those that are known"),
    ],
)
def test_other_documents_are_told_what_to_do(tag, advice):
    """An unknown document is refused with what was found, what is known, and a hint."""
    with pytest.raises(UnknownDocument) as caught:
        detect(etree.Element(tag))
    assert tag.rpartition("}")[2] in caught.value.message
    assert V2_MESSAGE in caught.value.message
    assert advice in caught.value.advice
