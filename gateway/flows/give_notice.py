"""An authority hosted here says what becomes of a permit: its status, what crossed the border."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.errors import Forbidden, IdempotencyKeyReused, StorageError, UseRefused
from gateway.exchange import notices
from gateway.exchange.notice_record import NoticeRecord
from gateway.exchange.records import MessageRecord
from gateway.exchange.routing import audience
from gateway.flows.announce import announce_notice
from gateway.flows.journal import entry
from gateway.flows.known_permit import Known, find_known, policy_for
from gateway.flows.notice_judgement import against
from gateway.flows.outgoing import Outgoing, queued, wake
from gateway.flows.ports import Node, Trail, Transaction
from gateway.messagelog.entry import Entry, EntryKind
from gateway.permits.findings import Finding
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.lifecycle import moment_after
from gateway.permits.notices import Endorsement, Notice, Reversal, StatusChange
from gateway.xmlio.canonical import sha256_hex

Draft = Callable[[str, AuthorityId, datetime], Notice]
"""Makes the notice from its id, its author and its time."""


@dataclass(frozen=True, slots=True)
class Given:
    """A notice that stands, and what is known of the permit with it."""

    notice: Notice
    known: Known
    unreached: tuple[Finding, ...]
    """Who should hear of it and cannot be reached; empty for a repetition."""
    repeated: bool


async def give_notice(
    draft: Draft,
    ref: PermitRef,
    caller: AuthorityId,
    idempotency_key: str,
    request_digest: str,
    node: Node,
    trail: Trail,
) -> Given:
    """
    Take what an authority hosted here says about a permit.

    1. The author lives here. The same request under the same key again changes nothing; other bytes under the
       key are turned away.
    2. The permit is held here, and its seal holds.
    3. May the author say this, as things stand? Everything that stands against it is said at once.
    4. The notice as XML; who hears it: the authorities of the Parties that the permit names and all who have
       asked about it. One signed envelope to each partner.
    5. One transaction: nobody else decides about this permit meanwhile, so the question is asked again and
       the answer counts; the notice, its messages, the log.
    6. Wake the worker.

    Raises `Forbidden`, `NotFound`, `SignatureRefused`, `UseRefused`, `IdempotencyKeyReused` and
    `MalformedRequest`.
    """
    at = node.clock.now()
    trail.actor, trail.authority, trail.permit = str(caller), str(caller), ref
    # 1
    if caller not in node.directory.hosted:
        raise Forbidden(f"{caller} does not live behind this gateway", advice="say it at its own gateway")
    if idempotency_key and (repeated := await _repeated(caller, idempotency_key, request_digest, node)):
        return repeated
    # 2
    _, known = await find_known(ref, node)
    # 3
    notice = draft(node.clock.new_id(), caller, moment_after(known.notices, at))
    policy = policy_for(ref, node)
    _require_none(against(notice, known, policy, at))
    notices.require_writable(notice)
    # 4
    document = notices.write(notice)
    async with node.storage.read() as transaction:
        viewers = await transaction.notices.viewers(ref)
    kind = notices.kind_of(notice)
    plan = audience(
        author=caller, parties=known.parties, viewers=viewers, directory=node.directory, kind=kind
    )
    made = Outgoing(caller, ref, notice.id, document, at, kind)
    messages = await node.desk.run(document, made.messages, plan.hops, node)
    # 5
    kept = NoticeRecord(
        notice,
        document,
        sha256_hex(document),
        at,
        idempotency_key=idempotency_key,
        request_digest=request_digest,
    )
    trail.digest = kept.digest
    async with node.storage.write() as transaction:
        await transaction.notices.lock(ref)
        if idempotency_key and await transaction.notices.by_key(caller, idempotency_key):
            # Another process has just taken the same request: what it did is no objection to this one.
            raise _under_way()
        now = [each.notice for each in await transaction.notices.of_permit(ref)]
        known = replace(known, notices=tuple(now))
        _require_none(against(notice, known, policy, at))
        if not await transaction.notices.add(kept):
            raise _under_way()
        await announce_notice(notice, transaction, node)
        await _send(messages, transaction, node)
        await transaction.log.append(_logged(notice, plan.findings, node, trail))
    # 6
    wake(messages, node)
    return Given(notice, replace(known, notices=(*now, notice)), plan.findings, repeated=False)


def _under_way() -> StorageError:
    """The same request came twice in the same instant; the second is told to ask again (step 5)."""
    return StorageError("the same request is being worked on at this moment", advice="send the same again")


async def _send(messages: Sequence[MessageRecord], transaction: Transaction, node: Node) -> None:
    """Queue the messages (step 5)."""
    for message in messages:
        await transaction.messages.add(message)
    await transaction.deliveries.add([queued(message, node) for message in messages])


async def _repeated(caller: AuthorityId, key: str, request_digest: str, node: Node) -> Given | None:
    """The answer to a repetition (step 1)."""
    async with node.storage.read() as transaction:
        earlier = await transaction.notices.by_key(caller, key)
    if earlier is None:
        return None
    if earlier.request_digest != request_digest:
        raise IdempotencyKeyReused(
            "this idempotency key was used before with other bytes",
            advice="use a new key for each request; repeat a request byte for byte",
        )
    _, known = await find_known(earlier.notice.permit, node)
    return Given(earlier.notice, known, (), repeated=True)


def _require_none(found: Sequence[Finding]) -> None:
    """Raises `UseRefused` when something stands against it (steps 3 and 5)."""
    if found:
        raise UseRefused(
            f"{len(found)} thing(s) stand against it: {found[0].message}",
            advice="correct what the findings name and send it again",
            findings=[finding.as_dict() for finding in found],
        )


def _logged(notice: Notice, findings: Sequence[Finding], node: Node, trail: Trail) -> Entry:
    """The entry for the log (step 5)."""
    detail = "; ".join((told(notice), *(finding.message for finding in findings)))
    return entry(node.clock, entry_kind(notice), trail, outcome=word_of(notice), detail=detail)


def entry_kind(notice: Notice) -> EntryKind:
    """Under which kind a notice stands in the log."""
    return EntryKind.STATUS if isinstance(notice, StatusChange) else EntryKind.ENDORSED


def word_of(notice: Notice) -> str:
    """A notice in a word."""
    match notice:
        case StatusChange():
            return notice.status.value
        case Endorsement():
            return notice.side.value
    return "reversed"


def told(notice: Notice) -> str:
    """A notice in a sentence for the operator."""
    match notice:
        case StatusChange():
            return f"{notice.status.value}: {notice.reason}"
        case Endorsement():
            lines = ", ".join(f"{each.line} {each.quantity}" for each in notice.lines)
            return f"{notice.side.value} on {notice.on} at {notice.office}: {lines}"
        case Reversal():
            return f"endorsement {notice.reverses} taken back: {notice.reason}"
    raise AssertionError(notice)
