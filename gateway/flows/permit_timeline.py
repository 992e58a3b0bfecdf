"""What happened to a permit, from its submission to its last endorsement."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.exchange.notice_record import NoticeRecord
from gateway.exchange.records import DeliveryRecord
from gateway.flows.happening_words import words_of_entry, words_of_notice
from gateway.flows.open_permit import OpenedPermit
from gateway.flows.ports import Node
from gateway.messagelog.entry import Entry, EntryKind
from gateway.messagelog.query import LogQuery
from gateway.permits.identity import AuthorityId, Role
from gateway.permits.notices import StatusChange
from gateway.permits.views import may_see_changes
from gateway.wording import Words, say

MOST_ENTRIES = 1000
"""Entries of the log about one permit that are read, the newest; a usual permit has ten."""

_OF_A_MESSAGE = frozenset(
    {EntryKind.RECEIVED, EntryKind.REPEATED, EntryKind.SENT, EntryKind.FAILED, EntryKind.OPERATED}
)
"""What happened to a message is shown to those whose message it is, whoever did it."""
_ONE_REQUEST = timedelta(minutes=1)
"""A submission takes less from its beginning to its entry in the log."""
_TOLD_BY_NOTICES = frozenset({EntryKind.ENDORSED, EntryKind.STATUS})


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened."""

    at: datetime
    who: str
    """An authority, a partner, `worker`, a person."""
    words: Words
    bad: bool = False
    """Whether somebody should look."""
    entry_id: str = ""
    """Of the message log; empty when it is told by something else."""
    delivery_id: str = ""
    """The delivery that it is about, with its attempts and its receipt."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything that a person may see, oldest first."""

    happenings: tuple[Happening, ...]
    cut: bool
    """Whether there is more in the log than was read."""


async def timeline_of(opened: OpenedPermit, boundary: Collection[AuthorityId], node: Node) -> Timeline:
    """
    What happened to an opened permit, as far as it concerns the authorities of `boundary` (none: all).

    1. Its entries in the log, and the deliveries of what was submitted or said here.
    2. Somebody with a boundary sees what their authorities did, what was done to their messages, and what
       was handed to them; the questions of others are not theirs.
    3. What authorities and customs said is told by their notices, to whom that is told at all
       (`permits/views.py`): each once, whenever it came here.
    """
    ref = opened.record.ref
    # 1
    async with node.storage.read() as transaction:
        entries = await transaction.log.search(
            LogQuery(number=ref.number, issuer=ref.issuer, limit=MOST_ENTRIES)
        )
        deliveries: list[DeliveryRecord] = []
        for authority in _submitters(opened, boundary, node):
            if submission := await transaction.submissions.by_permit(authority, ref):
                deliveries += await transaction.deliveries.of_conversation(submission.id)
        for each in opened.notices:
            if not each.partner and (not boundary or each.notice.by in boundary):
                deliveries += await transaction.deliveries.of_conversation(each.notice.id)
    # 2
    sent = [each for each in deliveries if each.partner]
    logged = [*_logged(reversed(_visible(entries, sent, boundary)), sent), *_queued(sent, entries)]
    # 3
    told = [
        Happening(each.notice.at, str(each.notice.by), words_of_notice(each.notice)) for each in _told(opened)
    ]
    happenings = sorted((*told, *logged), key=lambda each: each.at)  # of one moment, first what was said
    return Timeline(tuple(happenings), cut=len(entries) == MOST_ENTRIES)


def _submitters(opened: OpenedPermit, boundary: Collection[AuthorityId], node: Node) -> Iterator[AuthorityId]:
    """The authorities here that may have submitted it, inside the boundary (step 1)."""
    for authority in sorted(node.directory.hosted):
        mine = not boundary or authority in boundary
        if mine and authority.role is Role.MA and authority.party == opened.record.ref.issuer:
            yield authority


def _visible(
    entries: Sequence[Entry], sent: Iterable[DeliveryRecord], boundary: Collection[AuthorityId]
) -> list[Entry]:
    """The entries that somebody sees (step 2)."""
    if not boundary:
        return list(entries)
    names = {str(each) for each in boundary}
    own = {each.id for each in entries if each.authority in names or each.actor in names}
    messages = {each.message_id for each in entries if each.id in own} | {each.message_id for each in sent}
    return [
        each
        for each in entries
        if each.id in own or (each.kind in _OF_A_MESSAGE and each.message_id in messages - {""})
    ]


def _queued(sent: Iterable[DeliveryRecord], entries: Iterable[Entry]) -> Iterator[Happening]:
    """
    That a message was made for somebody (step 2).

    A delivery bears the moment at which its submission began, and stands behind the entry about that.
    """
    submitted = [each.at for each in entries if each.kind is EntryKind.SUBMITTED]
    for each in sent:
        who = str(each.recipient)
        words = say("signed and queued for {who}, by way of {partner}", who=who, partner=each.partner)
        at = min((when for when in submitted if _of_one_request(each, when)), default=each.created_at)
        yield Happening(at, str(each.sender), words, delivery_id=each.id)


def _of_one_request(delivery: DeliveryRecord, submitted: datetime) -> bool:
    """Whether an entry about a submission was written when the delivery was made."""
    return timedelta(0) <= submitted - delivery.created_at < _ONE_REQUEST


def _logged(entries: Iterable[Entry], sent: Iterable[DeliveryRecord]) -> Iterator[Happening]:
    """The entries in words (step 2)."""
    deliveries = {each.message_id: each.id for each in sent}
    for each in entries:
        if each.kind not in _TOLD_BY_NOTICES:
            words, bad = words_of_entry(each)
            delivery = deliveries.get(each.message_id, "") if each.kind in _OF_A_MESSAGE else ""
            yield Happening(each.at, each.actor, words, bad, each.id, delivery)


def _told(opened: OpenedPermit) -> Iterator[NoticeRecord]:
    """The notices that somebody may see (step 3)."""
    counted = opened.answer.facts.history if opened.answer.facts else ()
    for each in opened.notices:
        notice = each.notice
        change = isinstance(notice, StatusChange) and notice in counted and may_see_changes(opened.audience)
        if opened.whole or change:
            yield each
