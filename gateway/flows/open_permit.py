"""Somebody opens a permit in the console."""

from collections.abc import Collection
from dataclasses import dataclass

from gateway.errors import NotFound
from gateway.exchange.notice_record import NoticeRecord
from gateway.flows.check import Validity, weigh
from gateway.flows.ports import Node, Trail
from gateway.permits.identity import AuthorityId, Role
from gateway.permits.record import PermitRecord
from gateway.permits.views import Audience, audience_of, may_see_document


@dataclass(frozen=True, slots=True)
class OpenedPermit:
    """A permit as one person may see it."""

    record: PermitRecord
    seat: AuthorityId
    """As which authority they look at it: of theirs, the one that is told most."""
    answer: Validity
    """What customs may rely on, at the border of that authority."""
    notices: tuple[NoticeRecord, ...]

    @property
    def audience(self) -> Audience:
        """As what they look at it."""
        return self.answer.audience

    @property
    def whole(self) -> bool:
        """Whether they may see the document itself."""
        return may_see_document(self.audience)


async def open_permit(
    permit_id: str, boundary: Collection[AuthorityId], node: Node, trail: Trail
) -> OpenedPermit:
    """
    The permit with that id of ours, for somebody who sees what concerns the authorities of `boundary`.

    1. It is here, and concerns one of them (none: all who live here). What concerns others is answered like
       what does not exist.
    2. As which of their authorities they look at it: the one that is told most, and of those the first.
    3. What is to be said about it now.

    What was looked at stands in `trail`; whoever opens the door writes it into the log. Raises `NotFound`.
    """
    # 1
    async with node.storage.read() as transaction:
        record = await transaction.holdings.get(permit_id, boundary=boundary)
        notices = await transaction.notices.of_permit(record.ref) if record else []
    seats = sorted(boundary or node.directory.hosted, key=lambda each: (each.role is not Role.MA, each))
    if record is None or not seats:
        raise NotFound(
            "there is no such permit here, or it concerns none of your authorities",
            advice="search for it by its number, or ask the one who gave you the link",
        )
    # 2
    parties = (record.exporter, record.importer)
    views = list(Audience)
    seat = min(seats, key=lambda each: views.index(audience_of(each, record.ref.issuer, parties)))
    trail.permit, trail.digest, trail.authority = record.ref, record.digest, str(seat)
    # 3
    answer = await weigh(record, notices, seat, node, node.clock.now())
    return OpenedPermit(record, seat, answer, tuple(notices))


async def open_document(
    permit_id: str, boundary: Collection[AuthorityId], node: Node, trail: Trail
) -> OpenedPermit:
    """
    The same for somebody who wants the document itself: form, XML, conversions, findings.

    Raises `NotFound`, also when the permit names none of their Parties, because the document names persons.
    """
    opened = await open_permit(permit_id, boundary, node, trail)
    if not opened.whole:
        raise NotFound(
            f"the document of this permit is not shown to {opened.seat}: it names none of your Parties",
            advice="what you may rely on stands on the page of the permit; ask its issuer for the rest",
        )
    return opened
