from dataclasses import dataclass

import pytest

from gateway.codec.binding import Shape, Vocabulary
from gateway.codec.leaves import TEXT
from gateway.codec.v2.shape import PERMIT

LINE = "SpecifiedSupplyChainConsignment/IncludedSupplyChainConsignmentItem"

_ns = Vocabulary("urn:test")


@dataclass(frozen=True)
class Pair:
    """Two fields."""

    left: object = None
    right: object = None


def test_every_field_must_be_bound():
    """A field that no element carries would be lost in silence."""
    with pytest.raises(TypeError, match="Pair"):
        Shape(Pair, _ns.one("left", "Left", TEXT))


def test_a_field_is_bound_once():
    """A field that two elements carry would be read twice."""
    with pytest.raises(TypeError, match="Pair"):
        Shape(
            Pair,
            _ns.one("left", "Left", TEXT),
            _ns.one("left", "Other", TEXT),
            _ns.one("right", "Right", TEXT),
        )


@pytest.mark.parametrize(
    ("path", "box"),
    [
        ("HeaderExchangedDocument/ID", "1"),
        ("HeaderExchangedDocument/EffectiveSpecifiedPeriod/EndDateTime", "2"),
        ("HeaderExchangedDocument/FirstSignatoryDocumentAuthentication/ID", "5b"),
        ("HeaderExchangedDocument/FirstSignatoryDocumentAuthentication/ProviderTradeParty/Name", "6"),
        ("SpecifiedSupplyChainConsignment/ConsigneeTradeParty/PostalTradeAddress/CountryID", "3"),
        (f"{LINE}/IncludedSupplyChainTradeLineItem/SpecifiedTradeProduct/ScientificName", "7"),
        ("HeaderExchangedDocument/EffectiveSpecifiedPeriod/Nonsense", "2"),
        ("SpecifiedExchangedDocumentContext", ""),
        ("Nonsense/ID", ""),
    ],
)
def test_boxes_follow_from_the_shape(path, box):
    """An element has its box, or that of the nearest element around it."""
    assert PERMIT.box_of(path.split("/")) == box
