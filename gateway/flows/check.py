"""Customs ask: is this permit genuine, still valid, and what does it allow?"""

from dataclasses import dataclass, field
from datetime import datetime

from gateway.codec.registry import SealedPermit
from gateway.errors import SignatureRefused
from gateway.flows.admission import prove, seals_of_party
from gateway.flows.journal import entry
from gateway.flows.ports import Node, Trail
from gateway.messagelog.entry import EntryKind
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.model import Permit
from gateway.permits.record import PermitRecord
from gateway.permits.validity import Standing, standing_of
from gateway.signatures.report import Basis, SealReport, report_held, report_refused
from gateway.signatures.verify import passed
from gateway.xmlio.parse import parse


@dataclass(frozen=True, slots=True)
class Validity:
    """The answer."""

    ref: PermitRef
    asked_at: datetime
    known: bool
    valid: bool
    """Known, genuine, and within its dates at the moment of the question."""
    signature: SealReport | None = None
    standing: Standing | None = None
    permit: Permit | None = None
    record: PermitRecord | None = None
    reasons: tuple[str, ...] = field(default=())


async def check(ref: PermitRef, caller: AuthorityId, node: Node, trail: Trail) -> Validity:
    """
    Answer whether a permit that this gateway holds is valid.

    1. Find it; one that is not here is not called invalid, it is unknown.
    2. Prove its seal again, from the original bytes, against the certificates registered today. The time
       that counts for the certificate is the time of receipt: the log proves that the seal existed then.
    3. Its dates, at the moment of the question.
    4. Log who asked and what was answered.
    """
    at = node.clock.now()
    trail.actor, trail.authority, trail.permit = str(caller), str(caller), ref
    # 1
    async with node.storage.read() as transaction:
        record = await transaction.permits.find(ref)
    if record is None:
        answer = _unknown(ref, at)
    else:
        answer = await node.desk.run(record.original, _answer, record, at, node)
    # 4
    trail.digest = record.digest if record else ""
    outcome = ("valid" if answer.valid else "not-valid") if answer.known else "unknown"
    async with node.storage.write() as transaction:
        await transaction.log.append(
            entry(node.clock, EntryKind.ASKED, trail, outcome=outcome, detail="; ".join(answer.reasons))
        )
    return answer


def _unknown(ref: PermitRef, at: datetime) -> Validity:
    """No such permit here (step 1)."""
    reason = (
        f"this gateway holds no permit {ref}; that does not make it invalid: "
        "check the number, then ask the Management Authority that issued it"
    )
    return Validity(ref, at, known=False, valid=False, reasons=(reason,))


def _answer(record: PermitRecord, at: datetime, node: Node) -> Validity:
    """Steps 2 and 3."""
    # 2
    trusted = seals_of_party(record.ref.issuer, node.directory, node.trust)
    try:
        sealed: SealedPermit = prove(
            parse(record.original),
            trusted,
            node,
            at=record.received_at,
            profile=node.standards.profile,
            now=at,
        )
    except SignatureRefused as error:
        return Validity(
            record.ref,
            at,
            known=True,
            valid=False,
            signature=report_refused(error.verdict, at=record.received_at, basis=Basis.RECEIPT),
            record=record,
            reasons=(error.message,),
        )
    verdict = passed(sealed.document)
    # 3
    standing = standing_of(sealed.permit, at)
    return Validity(
        record.ref,
        at,
        known=True,
        valid=standing.in_force,
        signature=report_held(sealed.document, verdict, at=record.received_at, basis=Basis.RECEIPT, now=at),
        standing=standing,
        permit=sealed.permit,
        record=record,
        reasons=(f"{verdict.message}; received {record.received_at:%Y-%m-%d %H:%M} UTC", standing.reason),
    )
