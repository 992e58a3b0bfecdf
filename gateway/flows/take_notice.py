"""A partner sends a notice about a permit."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.errors import DocumentError, MalformedRequest, MessageNotFresh, NotFound, SignatureRefused
from gateway.exchange import notices
from gateway.exchange.directory import Partner
from gateway.exchange.message import Envelope, Header
from gateway.exchange.notice_record import NoticeRecord
from gateway.exchange.receipts import Outcome
from gateway.exchange.records import Direction, MessageRecord
from gateway.exchange.routing import Hop, audience, forward
from gateway.flows.announce import announce_notice
from gateway.flows.give_notice import entry_kind, told, word_of
from gateway.flows.journal import entry
from gateway.flows.judgement import kind_not_allowed
from gateway.flows.known_permit import Known, find_known, policy_for
from gateway.flows.notice_judgement import not_theirs, worth_a_look
from gateway.flows.outgoing import Outgoing
from gateway.flows.ports import Node, Trail, Transaction
from gateway.messagelog.entry import Entry
from gateway.permits.findings import Area, Finding, Severity
from gateway.permits.identity import AuthorityId, Role
from gateway.permits.notices import Notice
from gateway.permits.refusals import findings_of
from gateway.wording import say
from gateway.xmlio.limits import PERMIT_LIMITS
from gateway.xmlio.parse import parse

_SOURCE = "exchange agreement: envelope and notice name the same authority and the same permit"


@dataclass(frozen=True, slots=True)
class NoticeJudgement:
    """What the payload turned out to be, and who hears of it."""

    outcome: Outcome
    findings: tuple[Finding, ...]
    notice: Notice | None = None
    """There when it is kept."""
    document: bytes = b""
    """The notice's bytes as they came."""
    onward: tuple[MessageRecord, ...] = ()
    """Signed copies for those who have asked about the permit here."""


async def judge_notice(envelope: Envelope, partner: Partner, node: Node, at: datetime) -> NoticeJudgement:
    """
    Judge a verified envelope with a notice in it.

    1. Such a message may travel this way at all.
    2. The payload can be read.
    3. Header and notice say the same: the permit, and the author, or the issuing Management Authority, which
       keeps the register of its permits and may pass on what others say. Nobody
       brings what an authority that lives here is to have said. The notice is not from the future, from where
       it would come after all that is said until then.
    4. The author may say such a thing about this permit. A notice that comes before its permit is kept: what
       of it counts is decided whenever the permit is looked at.
    5. Who must still hear of it: who gets copies of the sender's permits by a rule; and when the issuing
       Management Authority lives here, those who asked it.

    Raises `MessageNotFresh` for a notice from the future, which may be accepted once it is no more; nothing
    else that the payload holds, because the receipt says it.
    """
    header = envelope.header
    # 1
    if not partner.allows(Direction.IN, header.kind):
        return NoticeJudgement(Outcome.REFUSED, (kind_not_allowed(header, partner),))
    # 2
    try:
        notice = await node.desk.run(envelope.payload, _read, envelope.payload)
    except (DocumentError, MalformedRequest) as error:
        return NoticeJudgement(Outcome.NOT_READABLE, findings_of(error))
    # 3
    if disagree := _disagreements(header, notice, node):
        return NoticeJudgement(Outcome.REFUSED, disagree)
    _require_made(notice, node, at)
    # 4
    try:
        _, known = await find_known(notice.permit, node)
    except (NotFound, SignatureRefused, DocumentError):
        copies = await _copied(envelope, partner, node, at)
        return NoticeJudgement(Outcome.ACCEPTED, (), notice, envelope.payload, copies)
    if findings := not_theirs(notice, known):
        return NoticeJudgement(Outcome.REFUSED, findings)
    remarks = tuple(
        replace(finding, severity=Severity.WARNING)
        for finding in worth_a_look(notice, known, policy_for(notice.permit, node), at)
    )
    # 5
    outcome = Outcome.ACCEPTED_WITH_WARNINGS if remarks else Outcome.ACCEPTED
    copies = (
        *await _copied(envelope, partner, node, at),
        *await _onward(envelope, notice, known, partner, node, at),
    )
    return NoticeJudgement(outcome, remarks, notice, envelope.payload, copies)


def _read(payload: bytes) -> Notice:
    """The notice in an envelope (step 2)."""
    return notices.read(parse(payload, limits=PERMIT_LIMITS).root)


def _disagreements(header: Header, notice: Notice, node: Node) -> tuple[Finding, ...]:
    """Whether header and notice say the same (step 3)."""
    found = []
    if notice.permit != header.permit:
        found.append(
            _differs(
                "identity.notice-permit",
                say(
                    "the envelope is about {one}, and the notice in it about {other}",
                    one=str(header.permit),
                    other=str(notice.permit),
                ),
            )
        )
    register = header.sender.role is Role.MA and header.sender.party == notice.permit.issuer
    if notice.by != header.sender and not register:
        found.append(
            _differs(
                "identity.notice-author",
                say(
                    "the envelope is from {sender}, and the notice in it is the word of {author}; only the "
                    "Management Authority that issued a permit passes on what others say of it",
                    sender=str(header.sender),
                    author=str(notice.by),
                ),
            )
        )
    if notice.by in node.directory.hosted:
        found.append(
            _differs(
                "identity.notice-own",
                say(
                    "the notice is the word of {author}, who lives here: nobody says it elsewhere",
                    author=str(notice.by),
                ),
            )
        )
    if notices.kind_of(notice) is not header.kind:
        found.append(
            _differs(
                "identity.notice-kind",
                say("a message of the kind {kind} carries another notice", kind=header.kind.value),
            )
        )
    return tuple(found)


def _require_made(notice: Notice, node: Node, at: datetime) -> None:
    """The notice was made before now, as far as clocks agree (step 3); raises `MessageNotFresh`."""
    if notice.at > at + timedelta(seconds=node.freshness.ahead_seconds):
        raise MessageNotFresh(
            f"the notice says that it was made at {notice.at:%Y-%m-%d %H:%M:%S} UTC, and here it is "
            f"{at:%Y-%m-%d %H:%M:%S} UTC",
            advice="compare both clocks with a time server; the sender tries again by itself",
            ahead_seconds=round((notice.at - at).total_seconds()),
        )


def _differs(rule: str, message: str) -> Finding:
    """A finding about what does not agree."""
    return Finding(rule, Severity.ERROR, Area.IDENTITY, message, source=_SOURCE)


async def _copied(
    envelope: Envelope, partner: Partner, node: Node, at: datetime
) -> tuple[MessageRecord, ...]:
    """Copies for those who get the sender's permits by a rule, with the sender they had (step 5)."""
    header = envelope.header
    plan = forward(
        partner=partner,
        sender=header.sender,
        reached=node.directory.hosted,
        directory=node.directory,
        kind=header.kind,
    )
    made = Outgoing(header.sender, header.permit, header.conversation_id, envelope.payload, at, header.kind)
    return tuple(await node.desk.run(envelope.payload, made.messages, plan.hops, node))


async def _onward(
    envelope: Envelope, notice: Notice, known: Known, partner: Partner, node: Node, at: datetime
) -> tuple[MessageRecord, ...]:
    """
    Copies for those who asked here and whom the author's own gateway need not know (step 5).

    The register passes a notice on once, when it comes from its author: what another register passes on is
    passed on no further.
    """
    register = _register_of(known, node)
    if register is None or envelope.header.sender != notice.by:
        return ()
    async with node.storage.read() as transaction:
        viewers = await transaction.notices.viewers(notice.permit)
    plan = audience(
        author=notice.by,
        parties=(),
        viewers=[each for each in viewers if each.party not in known.parties],
        directory=node.directory,
        kind=envelope.header.kind,
    )
    hops: list[Hop] = [hop for hop in plan.hops if hop.partner != partner.id]
    made = Outgoing(
        register, notice.permit, envelope.header.conversation_id, envelope.payload, at, envelope.header.kind
    )
    return tuple(await node.desk.run(envelope.payload, made.messages, hops, node))


def _register_of(known: Known, node: Node) -> AuthorityId | None:
    """The issuing Management Authority, when it lives here."""
    for authority in node.directory.of_party(known.ref.issuer, Role.MA):
        if authority in node.directory.hosted:
            return authority
    return None


async def keep_notice(
    judgement: NoticeJudgement, record: MessageRecord, transaction: Transaction, node: Node, trail: Trail
) -> tuple[NoticeJudgement, list[Entry]]:
    """
    Keep a notice inside the caller's transaction; the same notice by another way changes nothing.

    Another notice of the same author under the same id is refused: the judgement that comes back says so.
    """
    notice = judgement.notice
    if notice is None:
        return judgement, []
    kept = NoticeRecord(
        notice, judgement.document, record.payload_digest, record.recorded_at, partner=record.partner
    )
    await transaction.notices.lock(notice.permit)
    if not await transaction.notices.add(kept):
        earlier = await transaction.notices.get(notice.by, notice.id)
        if earlier is None or earlier.notice != notice:
            return replace(
                judgement,
                outcome=Outcome.REFUSED,
                findings=(_differs("identity.notice-id", say("another notice has this id already")),),
                notice=None,
                onward=(),
            ), []
        return replace(judgement, onward=()), []
    await announce_notice(notice, transaction, node, record.recipient)
    return judgement, [
        entry(
            node.clock,
            entry_kind(notice),
            replace(trail, digest=kept.digest),
            outcome=word_of(notice),
            detail=told(notice),
            authority=str(notice.by),
        )
    ]
