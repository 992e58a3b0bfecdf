"""A permit that this gateway holds, proven again, with everything that is known of it."""

from dataclasses import dataclass
from datetime import datetime

from gateway.codec.registry import SealedPermit
from gateway.errors import NotFound, SchemaInvalid
from gateway.exchange.notice_record import NoticeRecord
from gateway.flows.admission import prove, seals_of_party
from gateway.flows.ports import Node
from gateway.permits.identity import PermitRef
from gateway.permits.ledger import Balance, balances, may_reverse, standing, used_up
from gateway.permits.lifecycle import history, status_after
from gateway.permits.model import Permit
from gateway.permits.notices import Endorsement, Notice, PermitStatus, Reversal, StatusChange
from gateway.permits.record import PermitRecord
from gateway.permits.validity import Status, standing_of
from gateway.permits.writing_off import STANDARD, UsePolicy
from gateway.xmlio.parse import parse


@dataclass(frozen=True, slots=True)
class Known:
    """A permit and its notices at one moment; what follows from them is worked out when it is asked for."""

    ref: PermitRef
    permit: Permit
    notices: tuple[Notice, ...]

    @property
    def parties(self) -> tuple[str, ...]:
        """Issuing, importing and exporting Party."""
        return self.ref.issuer, self.permit.importer_country, self.permit.exporter_country

    @property
    def history(self) -> tuple[StatusChange, ...]:
        """The changes of status that count."""
        changes = (each for each in self.notices if isinstance(each, StatusChange))
        return history(changes, self.ref.issuer, self.permit.importer_country)

    @property
    def said(self) -> PermitStatus:
        """The status that the authorities have given it."""
        return status_after(self.history)

    @property
    def endorsements(self) -> tuple[Endorsement, ...]:
        """Those that count."""
        return standing(self.notices, self.permit)

    @property
    def balances(self) -> tuple[Balance, ...]:
        """What is left of each line."""
        return balances(self.permit, self.endorsements)

    @property
    def counted(self) -> frozenset[Notice]:
        """The notices that count: changes in the history, endorsements that stand, reversals of something."""
        made = [each for each in self.notices if isinstance(each, Endorsement)]
        return frozenset(
            (
                *self.history,
                *self.endorsements,
                *(
                    each
                    for each in self.notices
                    if isinstance(each, Reversal) and any(may_reverse(each, other) for other in made)
                ),
            )
        )

    def status(self, at: datetime) -> PermitStatus:
        """
        Where it stands at a moment: what the authorities have said, else the ledger, else the calendar.

        What was partly used and has ended is `expired`; what was wholly used stays `used`.
        """
        said = self.said
        if said not in (PermitStatus.ISSUED, PermitStatus.AMENDED):
            return said
        if used_up(self.balances):
            return PermitStatus.USED
        if standing_of(self.permit, at).status is Status.EXPIRED:
            return PermitStatus.EXPIRED
        return PermitStatus.PARTLY_USED if self.endorsements else said


def policy_for(ref: PermitRef, node: Node) -> UsePolicy:
    """How the permits of the issuing Party are written off."""
    return node.uses.get(ref.issuer, STANDARD)


async def proven(record: PermitRecord, node: Node) -> SealedPermit:
    """The stored permit with its seal proven by the certificates of today; raises `SignatureRefused`."""
    return await node.desk.run(record.original, _proven, record, node)


def _proven(record: PermitRecord, node: Node) -> SealedPermit:
    """Beside the event loop, when it is large."""
    trusted = seals_of_party(record.ref.issuer, node.directory, node.trust)
    return prove(
        parse(record.original),
        trusted,
        node,
        at=record.received_at,
        profile=node.standards.profile,
        now=node.clock.now(),
    )


async def find_known(ref: PermitRef, node: Node) -> tuple[PermitRecord, Known]:
    """
    A permit that is held here, its seal proven, and what is known of it now.

    Raises `NotFound` and `SignatureRefused`.
    """
    async with node.storage.read() as transaction:
        record = await transaction.permits.find(ref)
        records = await transaction.notices.of_permit(ref) if record else []
    if record is None:
        raise NotFound(
            f"this gateway holds no permit {ref}",
            advice="check the number; a permit that was not received here is asked for at its issuer",
        )
    return record, known_of(record, await proven(record, node), records)


def known_of(record: PermitRecord, sealed: SealedPermit, records: list[NoticeRecord]) -> Known:
    """Permit and notices together."""
    if sealed.permit.ref != record.ref:
        raise SchemaInvalid(f"what is stored as {record.ref} is another permit")
    return Known(record.ref, sealed.permit, tuple(each.notice for each in records))
