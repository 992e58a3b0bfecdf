"""An authority looks at what became of a permit."""

from gateway.errors import NotFound
from gateway.flows.journal import entry
from gateway.flows.known_permit import Known, find_known
from gateway.flows.ports import Node, Trail
from gateway.messagelog.entry import EntryKind
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.views import audience_of


async def look(ref: PermitRef, caller: AuthorityId, node: Node, trail: Trail) -> Known:
    """
    The notices about a permit, for an authority that it concerns; the look is logged.

    Raises `NotFound`, also for a permit that names neither the caller's Party nor was issued by it.
    """
    trail.actor, trail.authority, trail.permit = str(caller), str(caller), ref
    record, known = await find_known(ref, node)
    if caller.party not in known.parties:
        raise NotFound(
            f"this gateway holds no permit {ref} that concerns {caller.party}",
            advice="ask whether it is valid instead: POST /api/v1/permits/validity",
        )
    trail.digest = record.digest
    view = audience_of(caller, ref.issuer, known.parties)
    async with node.storage.write() as transaction:
        await transaction.log.append(
            entry(node.clock, EntryKind.ASKED, trail, outcome="ledger", detail=f"seen as {view.value}")
        )
    return known
