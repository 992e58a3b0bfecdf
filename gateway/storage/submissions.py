"""What authorities' own systems handed over."""

from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.exchange.records import Submission
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.storage.once import insert_once
from gateway.storage.rows import authority, findings_from_text, findings_to_text, permit_ref
from gateway.storage.tables import submissions


class SubmissionTable:
    """Fulfils the port `Submissions`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Works inside the transaction of `connection`."""
        self._connection = connection

    async def add(self, submission: Submission) -> bool:
        """Keep a submission; False when its key was used before."""
        return await insert_once(self._connection, submissions, [_values(submission)]) == 1

    async def by_key(self, authority: AuthorityId, idempotency_key: str) -> Submission | None:
        """The submission made under that key."""
        return await self._first(authority, submissions.c.idempotency_key == idempotency_key)

    async def by_id(self, authority: AuthorityId, submission_id: str) -> Submission | None:
        """The submission with that id."""
        return await self._first(authority, submissions.c.id == submission_id)

    async def by_permit(self, authority: AuthorityId, permit: PermitRef) -> Submission | None:
        """The first submission of that permit."""
        return await self._first(
            authority, (submissions.c.issuer == permit.issuer) & (submissions.c.number == permit.number)
        )

    async def _first(self, authority: AuthorityId, condition: ColumnElement[bool]) -> Submission | None:
        """The oldest submission of that authority for which the condition holds."""
        row = (
            await self._connection.execute(
                select(submissions)
                .where(submissions.c.authority == str(authority), condition)
                .order_by(submissions.c.id)
                .limit(1)
            )
        ).first()
        return None if row is None else _submission(row)


def _values(submission: Submission) -> dict[str, Any]:
    """The row of a submission."""
    return {
        "id": submission.id,
        "authority": str(submission.authority),
        "idempotency_key": submission.idempotency_key,
        "request_digest": submission.request_digest,
        "issuer": submission.permit.issuer,
        "number": submission.permit.number,
        "digest": submission.digest,
        "created_at": submission.created_at,
        "findings": findings_to_text(submission.findings),
    }


def _submission(row: Any) -> Submission:
    """The submission of a row."""
    return Submission(
        id=row.id,
        authority=authority(row.authority),
        idempotency_key=row.idempotency_key,
        request_digest=row.request_digest,
        permit=permit_ref(row),
        digest=row.digest,
        created_at=row.created_at,
        findings=findings_from_text(row.findings),
    )
