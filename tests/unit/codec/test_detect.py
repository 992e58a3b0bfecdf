import pytest
from lxml import etree

from gateway.codec.detect import detect
from gateway.errors import UnknownDocument
from gateway.xmlio.names import EXCHANGE, V1_MESSAGE, V2_MESSAGE, V3_MESSAGE, V3_ROOT


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        (f"{{{V1_MESSAGE}}}CBFShip", "v1"),
        (f"{{{V2_MESSAGE}}}CITESEPermit", "v2"),
        (f"{{{V3_MESSAGE}}}{V3_ROOT}", "v3"),
    ],
)
def test_a_version_is_known_by_name_and_namespace(tag, version):
    """Name and namespace of the document element together say which version it is."""
    assert detect(etree.Element(tag)) == version


@pytest.mark.parametrize(
    ("tag", "advice"),
    [
        ("{http://schemas.xmlsoap.org/soap/envelope/}Envelope", "SOAP"),
        ("{http://www.w3.org/2003/05/soap-envelope}Envelope", "SOAP"),
        (f"{{{EXCHANGE}}}Envelope", "inside its Payload"),
        (f"{{{EXCHANGE}}}Directory", "one of those that are known"),
        ("CBFShip", f"the namespace is not: write {V1_MESSAGE} (v1)"),
        (f"{{{V2_MESSAGE}}}CBFShip", f"the namespace is not: write {V1_MESSAGE} (v1)"),
        ("CITESEPermit", f"the namespace is not: write {V2_MESSAGE} (v2) / {V3_MESSAGE} (v3)"),
        ("{urn:un:unece:uncefact:data:standard:CITESEPermit:100}CITESEPermit", "namespace is not"),
        (f"{{{V2_MESSAGE}}}CITESePermit", "capitals count: write CITESEPermit"),
        ("cbfship", "capitals count: write CBFShip"),
        ("{urn:wco:datamodel}CITESePermit", "WCO flavour"),
        ("html", "one of those that are known"),
    ],
)
def test_other_documents_are_told_what_to_do(tag, advice):
    """An unknown document is refused with what was found, what is known, and a hint."""
    with pytest.raises(UnknownDocument) as caught:
        detect(etree.Element(tag))
    assert tag.rpartition("}")[2] in caught.value.message
    for namespace in (V1_MESSAGE, V2_MESSAGE, V3_MESSAGE):
        assert namespace in caught.value.message
    assert advice in caught.value.advice
