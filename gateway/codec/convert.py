"""From one message version to another, with a list of what could not be carried."""

from dataclasses import dataclass

from lxml import etree

from gateway.codec.losses import Loss, losses_between
from gateway.codec.moves import Move, moved
from gateway.codec.places import Places
from gateway.codec.registry import encode
from gateway.codec.versions import VERSIONS
from gateway.permits.model import Permit
from gateway.xmlio.parse import parse


@dataclass(frozen=True, slots=True)
class Conversion:
    """A permit in another message version."""

    permit: Permit
    """As a reader of the new document sees it."""
    data: bytes
    """The new document, unsigned. The original bytes are never replaced by it."""
    losses: tuple[Loss, ...]
    """What the target version could not carry; empty when everything is there."""
    moves: tuple[Move, ...]
    """What the target version says elsewhere or in its own way."""


def convert(permit: Permit, source: str, target: str, *, places: Places | None = None) -> Conversion:
    """
    Write a permit in another message version and say what was lost on the way.

    1. Move what the target says elsewhere.
    2. Write the document of the target.
    3. Read it back.
    4. What is not there any more is lost: compared value by value, nothing is taken on trust.

    `source` and `target` are names of message versions. `places` are those of the document that the permit
    was read from; without them, paths are those of the document as we would write it.

    Raises `MalformedRequest` when a text holds a character that XML cannot carry.
    """
    # 1
    to_write, moves = moved(permit, VERSIONS[target])
    # 2
    data = encode(to_write, target)
    # 3
    written = parse(data, max_bytes=len(data)).root
    again = VERSIONS[target].read(written).permit
    # 4
    losses = losses_between(
        to_write,
        again,
        source=VERSIONS[source],
        target=VERSIONS[target],
        places=places or _places(permit, source),
        came_from={move.to: move.path for move in moves if move.to},
    )
    elsewhere = {move.path for move in moves}
    lost = tuple(loss for loss in losses if loss.is_attribute or loss.path not in elsewhere)
    return Conversion(again, data, lost, moves)


def _places(permit: Permit, version: str) -> Places:
    """Places in the document that we would write."""

    def root() -> etree._Element:
        return VERSIONS[version].write(permit)

    return VERSIONS[version].read(root()).places
