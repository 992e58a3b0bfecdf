"""Conversions of any permit: nothing is lost in silence, and two versions of one permit say the same."""

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from support.any_permit import permits

from gateway.codec import schema
from gateway.codec.binding import Field, Group, Shape
from gateway.codec.convert import convert
from gateway.codec.moves import moved
from gateway.codec.registry import encode
from gateway.codec.versions import VERSIONS
from gateway.permits.model import Permit
from gateway.xmlio.parse import parse

PAIRS = [(source, target) for source in VERSIONS for target in VERSIONS if source != target]

pairs = st.sampled_from(PAIRS)


@given(data=st.data(), pair=pairs)
def test_nothing_is_lost_in_silence(data, pair):
    """No loss is listed exactly when the permit that was to be written comes back equal."""
    source, target = pair
    permit = data.draw(permits(source))
    conversion = convert(permit, source, target)
    wanted, moves = moved(permit, VERSIONS[target])
    assert conversion.moves == moves
    assert (conversion.losses == ()) == (conversion.permit == wanted)
    assert schema.check(target, parse(conversion.data).root) == ()


@given(data=st.data(), pair=pairs)
def test_every_lost_value_is_in_the_source_document(data, pair):
    """A loss leads to an element of the source document that says what is listed."""
    source, target = pair
    permit = data.draw(permits(source))
    root = parse(encode(permit, source)).root
    reading = VERSIONS[source].read(root)
    for loss in convert(permit, source, target, places=reading.places).losses[::7]:
        assert reading.places[loss.path].path == loss.xpath.partition("/@")[0]
        assert loss.line is not None


@given(data=st.data(), pair=pairs)
def test_losing_is_done_once(data, pair):
    """What came through survives any further journey between the two versions."""
    source, target = pair
    there = convert(data.draw(permits(source)), source, target).permit
    back = convert(there, target, source).permit
    again = convert(back, source, target)
    assert again.losses == ()
    assert convert(again.permit, target, source).permit == back


@given(data=st.data())
def test_v1_and_v2_agree(data):
    """
    Of a permit that both carry, the v1 and the v2 document say the same in every element that they share.

    Compared element by element, without the readers.
    """
    permit = shared(data.draw(permits("v1")))
    old, new = (VERSIONS[version].write(permit) for version in ("v1", "v2"))
    assert texts("v1", old) == texts("v2", new)
    assert VERSIONS["v1"].read(old).permit == VERSIONS["v2"].read(new).permit == permit


@given(data=st.data())
def test_v1_to_v2_to_v1_is_the_identity(data):
    """What both versions have comes back as it was, to the byte."""
    permit = shared(data.draw(permits("v1")))
    there = convert(permit, "v1", "v2")
    back = convert(there.permit, "v2", "v1")
    assert there.losses == back.losses == ()
    assert back.data == encode(permit, "v1")


def shared(permit: Permit) -> Permit:
    """What v1 and v2 both carry of a permit."""
    there = VERSIONS["v2"].read(VERSIONS["v2"].write(permit)).permit
    return VERSIONS["v1"].read(VERSIONS["v1"].write(there)).permit


def texts(version: str, root: etree._Element) -> dict[str, list[str]]:
    """The texts of each kind of element, in document order, by the place in the model that it is bound to."""
    tags: dict[str, list[str]] = {}
    _collect(VERSIONS[version].shape.parts, root, "", tags)
    return tags


def _collect(
    parts: tuple[Field | Group, ...], element: etree._Element, path: str, found: dict[str, list[str]]
) -> None:
    """Walk shape and tree together."""
    for part in parts:
        for child in element.iterchildren(part.tag):
            if isinstance(part, Group):
                _collect(part.parts, child, path, found)
            elif isinstance(part.content, Shape):
                found.setdefault(f"{path}.{part.name}", []).append("")
                _collect(part.content.parts, child, f"{path}.{part.name}", found)
            else:
                attributes = sorted(child.attrib.items())
                found.setdefault(f"{path}.{part.name}", []).append(f"{child.text or ''}{attributes}")
