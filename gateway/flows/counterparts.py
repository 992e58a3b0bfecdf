"""The documents that a permit refers to, as far as this gateway holds them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gateway.errors import DocumentError, MalformedRequest, SignatureRefused
from gateway.flows.known_permit import proven
from gateway.flows.ports import Node
from gateway.permits.identity import PermitRef
from gateway.permits.model import Permit
from gateway.permits.rules.pairs import cited_by_lines, cited_import_permits, items_of

MOST = 20
"""Documents that are looked for; a permit of 500 lines may name as many as it likes."""


def cited_permits(permit: Permit) -> tuple[PermitRef, ...]:
    """
    The permits that a permit refers to: import permits of the importing Party, and those of boxes 12 and 12a.

    The country of a number in boxes 12 and 12a is that of the same box; where it names none, nobody can tell.
    """
    found = [(permit.importer_country, number) for number in cited_import_permits(permit)]
    for item in items_of(permit):
        for country in dict.fromkeys(place for place in (item.last_export, item.origin) if place):
            found += [(country, number) for number in cited_by_lines(_alone(permit, item.index))]
    return tuple(dict.fromkeys(_refs(found)))[:MOST]


def _alone(permit: Permit, index: int) -> Permit:
    """The permit with one of its lines only."""
    return replace(permit, lines=(permit.lines[index],))


def _refs(found: Iterable[tuple[str, str]]) -> Iterable[PermitRef]:
    """Those that can be the reference of a permit."""
    for country, number in found:
        try:
            yield PermitRef.of(country, number)
        except MalformedRequest:
            continue


async def find_counterparts(cited: Sequence[PermitRef], node: Node) -> list[Permit]:
    """Those that are held here and whose seal holds; another is as good as none."""
    found = []
    async with node.storage.read() as transaction:
        records = [await transaction.permits.find(ref) for ref in cited]
    for record in records:
        if record is None:
            continue
        try:
            found.append((await proven(record, node)).permit)
        except (SignatureRefused, DocumentError):
            continue
    return found
