"""Changes of trust that need two persons."""

import json
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.people.proposals import Proposal, ProposalState, facts_from_json, facts_to_json
from gateway.storage.once import insert_once
from gateway.storage.tables import proposals

_KIND = "trust"


class ProposalTable:
    """Fulfils the port `Proposals`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Works inside the transaction of `connection`."""
        self._connection = connection

    async def standing(self, *, to_change: bool = False) -> Proposal | None:
        """The one with the highest serial."""
        statement = (
            select(proposals)
            .where(proposals.c.serial.is_not(None))
            .order_by(proposals.c.serial.desc())
            .limit(1)
        )
        found = await self._connection.execute(statement.with_for_update() if to_change else statement)
        row = found.one_or_none()
        return _proposal(row) if row is not None else None

    async def add(self, proposal: Proposal) -> bool:
        """Keep one."""
        what = {
            "follows": proposal.follows,
            "adds": facts_to_json(proposal.adds),
            "removes": facts_to_json(proposal.removes),
        }
        row = _values(proposal) | {
            "id": proposal.id,
            "kind": _KIND,
            "what": json.dumps(what, ensure_ascii=False),
            "digest": proposal.digest,
            "found_at": proposal.found_at,
        }
        return await insert_once(self._connection, proposals, [row]) == 1

    async def find(self, digest: str) -> Proposal | None:
        """The one with that digest."""
        found = await self._connection.execute(select(proposals).where(proposals.c.digest == digest))
        row = found.one_or_none()
        return _proposal(row) if row is not None else None

    async def get(self, proposal_id: str, *, to_change: bool = False) -> Proposal | None:
        """The one with that id."""
        statement = select(proposals).where(proposals.c.id == proposal_id)
        found = await self._connection.execute(statement.with_for_update() if to_change else statement)
        row = found.one_or_none()
        return _proposal(row) if row is not None else None

    async def unsettled(self) -> list[Proposal]:
        """Found, asked and refused ones."""
        states = [ProposalState.FOUND, ProposalState.ASKED, ProposalState.REFUSED]
        rows = await self._connection.execute(
            select(proposals).where(proposals.c.state.in_(states)).order_by(proposals.c.id.desc())
        )
        return [_proposal(row) for row in rows]

    async def latest(self, limit: int) -> list[Proposal]:
        """The newest."""
        rows = await self._connection.execute(select(proposals).order_by(proposals.c.id.desc()).limit(limit))
        return [_proposal(row) for row in rows]

    async def put(self, proposal: Proposal) -> None:
        """Write one; two that want the same serial at once cannot both have it."""
        await self._connection.execute(
            update(proposals).where(proposals.c.id == proposal.id).values(**_values(proposal))
        )


def _values(proposal: Proposal) -> dict[str, Any]:
    """What changes of one."""
    return {
        "state": proposal.state.value,
        "asked_by": proposal.asked_by,
        "asked_at": proposal.asked_at,
        "agreed_by": proposal.agreed_by,
        "agreed_at": proposal.agreed_at,
        "reason": proposal.reason,
        "serial": proposal.serial,
        "after": json.dumps(facts_to_json(proposal.after), ensure_ascii=False),
    }


def _proposal(row: Any) -> Proposal:
    """From a row."""
    what = json.loads(row.what)
    return Proposal(
        id=row.id,
        follows=what["follows"],
        adds=facts_from_json(what["adds"]),
        removes=facts_from_json(what["removes"]),
        found_at=row.found_at,
        state=ProposalState(row.state),
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        agreed_by=row.agreed_by,
        agreed_at=row.agreed_at,
        reason=row.reason,
        serial=row.serial,
        after=facts_from_json(json.loads(row.after)),
    )
