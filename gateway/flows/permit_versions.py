"""A permit in every message version: as it came, and converted."""

from dataclasses import dataclass

from gateway.codec.convert import Conversion, convert
from gateway.codec.registry import VERSIONS, SealedPermit
from gateway.errors import MalformedRequest, NotFound
from gateway.flows.known_permit import proven
from gateway.flows.ports import Node
from gateway.permits.record import PermitRecord
from gateway.wording import Words, say

ORIGINAL = "original"
"""What the document is called that came, or was issued: the only one whose seal holds."""


@dataclass(frozen=True, slots=True)
class InVersion:
    """A permit in another message version than its own."""

    version: str
    conversion: Conversion | None
    """None when that version cannot say it at all."""
    why_not: Words | None = None


async def versions_of(record: PermitRecord, node: Node) -> tuple[InVersion, ...]:
    """
    A permit in the message versions that it did not come in, each with what is lost on the way.

    Raises `SignatureRefused`: only what was sealed is converted.
    """
    sealed = await proven(record, node)
    others = [version for version in VERSIONS if version != record.version]
    return await node.desk.run(record.original, _converted, sealed, others)


async def document_of(record: PermitRecord, version: str, node: Node) -> bytes:
    """
    The bytes of a permit in one version, or as it came.

    Raises `NotFound` for a version that there is not, and `SignatureRefused`.
    """
    if version in (ORIGINAL, record.version):
        return record.original
    if version in VERSIONS:
        sealed = await proven(record, node)
        (made,) = await node.desk.run(record.original, _converted, sealed, [version])
        if made.conversion is not None:
            return made.conversion.data
    raise NotFound(
        f"this permit is not to be had in version {version[:20]!r}", advice="choose one of the list"
    )


def _converted(sealed: SealedPermit, versions: list[str]) -> tuple[InVersion, ...]:
    """The conversions, beside the event loop when the document is large."""
    return tuple(_in_version(sealed, version) for version in versions)


def _in_version(sealed: SealedPermit, version: str) -> InVersion:
    """One conversion."""
    try:
        made = convert(sealed.permit, sealed.version, version, places=sealed.places)
    except MalformedRequest as error:
        return InVersion(version, None, say("{why}", why=error.message))
    return InVersion(version, made)
