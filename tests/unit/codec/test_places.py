from pathlib import Path

import pytest

from gateway.codec.v2.read import read
from gateway.xmlio.names import local_name
from gateway.xmlio.parse import parse

FIXTURES = Path(__file__).parents[3] / "fixtures" / "permits"
DATA = (FIXTURES / "ch-export-reptile-leather.xml").read_bytes()
PLACES = read(parse(DATA).root).places
ITEM = "/CITESEPermit/SpecifiedSupplyChainConsignment/IncludedSupplyChainConsignmentItem"


@pytest.mark.parametrize(
    ("path", "xpath", "content"),
    [
        ("number", "/CITESEPermit/HeaderExchangedDocument/ID", "CH-2026-000123"),
        (
            "validity.end",
            "/CITESEPermit/HeaderExchangedDocument/EffectiveSpecifiedPeriod/EndDateTime",
            "2027-05-15T23:59:59+01:00",
        ),
        ("lines[1].packages[0].quantity", f"{ITEM}[2]/TransportLogisticsPackage/ItemQuantity", ">12<"),
        (
            "lines[2].specimens[0].product.scientific_names[0]",
            f"{ITEM}[3]/IncludedSupplyChainTradeLineItem/SpecifiedTradeProduct/ScientificName",
            "Caiman crocodilus",
        ),
    ],
)
def test_a_place_is_xpath_and_line(path, xpath, content):
    """A model path leads to the XPath and to the line on which the value stands."""
    place = PLACES[path]
    assert place.path == xpath
    assert content in DATA.decode().splitlines()[place.line - 1]


@pytest.mark.parametrize(
    ("path", "xpath", "around"),
    [
        (
            "validity.start",
            "/CITESEPermit/HeaderExchangedDocument/EffectiveSpecifiedPeriod/StartDateTime",
            "validity",
        ),
        (
            "fourth_signatory.party.name",
            "/CITESEPermit/HeaderExchangedDocument/FourthSignatoryDocumentAuthentication/ProviderTradeParty/Name",
            None,
        ),
        ("lines[1].last_export.ids[0]", f"{ITEM}[2]/ExportTradeCountry/ID", "lines[1]"),
    ],
)
def test_what_is_missing_has_a_place_too(path, xpath, around):
    """A finding about a missing element says where it should stand, and the line of what is around it."""
    assert path not in PLACES
    place = PLACES.locate(path)
    assert place.path == xpath
    if around:
        assert place.line == PLACES[around].line


@pytest.mark.parametrize("path", ["nonsense", "number.nonsense", "lines[0].colour", "", "lines[x]"])
def test_an_unknown_path_is_no_crash(path):
    """A path that the model does not have is not found, and located as far as it is known."""
    assert path not in PLACES
    with pytest.raises(KeyError):
        PLACES[path]
    assert PLACES.locate(path).path.startswith("/CITESEPermit")


def test_every_element_has_a_model_path():
    """Each element below the three children is the place of exactly one model path."""
    root = parse((FIXTURES / "every-element.xml").read_bytes()).root
    places = read(root).places
    found = {place.path for place in places.values()}
    assert len(found) == len(places)
    groups = {"CITESEPermit", "HeaderExchangedDocument", "SpecifiedSupplyChainConsignment"}
    assert len(found) == sum(1 for element in root.iter() if local_name(element.tag) not in groups)
