"""Customs ask: is this permit genuine, may it be used here and now, and what is left of it?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.codec.registry import SealedPermit
from gateway.errors import SignatureRefused
from gateway.exchange.notice_record import NoticeRecord
from gateway.exchange.questions import Answer
from gateway.flows.admission import prove, seals_of_party
from gateway.flows.ask_issuer import ask_issuer
from gateway.flows.counterparts import cited_permits, find_counterparts
from gateway.flows.journal import entry
from gateway.flows.known_permit import Known, known_of, policy_for
from gateway.flows.permit_token import admitted
from gateway.flows.ports import Node, Trail
from gateway.messagelog.entry import EntryKind
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.model import Permit
from gateway.permits.record import PermitRecord
from gateway.permits.token_id import checked
from gateway.permits.validity import Standing, standing_of
from gateway.permits.verdict import (
    Reason,
    Verdict,
    Weight,
    by_counterparts,
    by_dates,
    by_ledger,
    by_status,
    side_of,
    verdict_of,
)
from gateway.permits.views import Audience, audience_of
from gateway.signatures.report import Basis, SealReport, report_held, report_refused
from gateway.signatures.verdict import Indication
from gateway.signatures.verify import passed
from gateway.wording import say
from gateway.xmlio.parse import parse

_SEAL = "ETSI EN 319 102-1"


@dataclass(frozen=True, slots=True)
class Validity:
    """The answer."""

    ref: PermitRef
    asked_at: datetime
    known: bool
    """Whether this gateway holds it."""
    reasons: tuple[Reason, ...]
    signature: SealReport | None = None
    standing: Standing | None = None
    permit: Permit | None = None
    record: PermitRecord | None = None
    facts: Known | None = None
    """Status, ledger and balances; there when the seal holds."""
    heard_at: datetime | None = None
    """When this gateway last heard something about the permit: it knows nothing that happened since."""
    issuer_says: Answer | None = None
    """What the issuer's gateway answered about a permit that is not here."""
    paperless: bool | None = None
    """Whether the two Parties have agreed to go without the paper form; None when they are not known."""
    audience: Audience = Audience.FOREIGN_CUSTOMS
    """Who gets the answer, which decides what of it is told."""

    @property
    def verdict(self) -> Verdict:
        """The answer in a word."""
        return verdict_of(self.reasons)

    @property
    def valid(self) -> bool:
        """Whether it may be used at the caller's border now."""
        return self.verdict is Verdict.VALID


async def check(
    ref: PermitRef, caller: AuthorityId, node: Node, trail: Trail, *, token: str = "", ask: bool = True
) -> Validity:
    """
    Answer whether a permit is valid, for an authority that asks.

    1. Find it, with all that was said about it. One that is not here is not called invalid, it is unknown;
       with `ask` its issuer's gateway is asked, within a time limit. One that has a token is as unknown to
       whoever does not know that token (`permit_token.py`).
    2. Prove its seal again, from the original bytes, against the certificates registered today. The time
       that counts for the certificate is the time of receipt: the log proves that the seal existed then.
    3. Its dates, its status, what is left at the caller's border, at the moment of the question.
    4. The documents that it refers to, as far as they are here; whether the Parties still need paper.
    5. Log who asked, as what, and what was answered. Whoever has asked hears what becomes of the permit.

    Raises `MalformedRequest` for a token that cannot be one, and `TooManyGuesses`.
    """
    at = node.clock.now()
    trail.actor, trail.authority, trail.permit = str(caller), str(caller), ref
    # 1
    async with node.storage.read() as transaction:
        record = await transaction.permits.find(ref)
        notices = await transaction.notices.of_permit(ref) if record else []
        kept = await transaction.permit_tokens.find(ref)
    told = await admitted(record, kept, caller, token and checked(token), ref, node, at)
    if record is None or not told:
        answer = _unknown(ref, at)
        if ask:
            reason, said = await ask_issuer(ref, caller, node, at, token)
            answer = replace(answer, reasons=(*answer.reasons, reason), issuer_says=said)
    else:
        # 2, 3, 4
        answer = await weigh(record, notices, caller, node, at)
    # 5
    answer = replace(answer, audience=_audience(answer, caller))
    trail.digest = answer.record.digest if answer.record else ""
    outcome = answer.verdict.value if answer.known or answer.issuer_says else "unknown"
    detail = "; ".join(
        [
            f"seen as {answer.audience.value}",
            *_about_the_token(token, told=told),
            *map(_message, answer.reasons),
        ]
    )
    async with node.storage.write() as transaction:
        if answer.known:
            await transaction.notices.look(ref, caller, at)
        await transaction.log.append(
            entry(node.clock, EntryKind.ASKED, trail, outcome=outcome, detail=detail)
        )
    return answer


async def weigh(
    record: PermitRecord, notices: list[NoticeRecord], caller: AuthorityId, node: Node, at: datetime
) -> Validity:
    """
    What is to be said about a permit that is here, at a moment, at the border of the caller.

    Steps 2 to 4 of `check`; nothing is logged.
    """
    # 2
    answer = await node.desk.run(record.original, _proven, record, notices, at, node)
    if answer.facts is not None:
        # 3
        answer = await node.desk.run(record.original, _weighed, answer, caller, node)
        # 4
        cited = cited_permits(_held(answer)[0])
        found = await find_counterparts(cited, node)
        answer = await node.desk.run(record.original, _together, answer, cited, found, node)
    return replace(answer, audience=_audience(answer, caller))


def _audience(answer: Validity, caller: AuthorityId) -> Audience:
    """As what the caller looks at the permit (step 5)."""
    record = answer.record
    return audience_of(caller, answer.ref.issuer, (record.exporter, record.importer) if record else ())


def _about_the_token(token: str, *, told: bool) -> Iterator[str]:
    """What the log says of a token that is wrong or missing; never the token itself (step 5)."""
    if not told:
        yield "the token is wrong" if token else "no token was given, and the permit has one"


def _message(reason: Reason) -> str:
    """Its sentence (step 5)."""
    return reason.message


def _unknown(ref: PermitRef, at: datetime) -> Validity:
    """No such permit here (step 1)."""
    reason = Reason(
        "known.not-here",
        Weight.NOTE,
        say("this gateway holds no permit {ref}; that does not make it invalid", ref=str(ref)),
        "",
        say("check the number, then ask the Management Authority that issued it"),
    )
    return Validity(ref, at, False, (reason,))


def _proven(record: PermitRecord, notices: list[NoticeRecord], at: datetime, node: Node) -> Validity:
    """The seal (step 2)."""
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
        failed = error.verdict.indication is Indication.FAILED
        reason = Reason(
            "seal.does-not-hold",
            Weight.AGAINST if failed else Weight.DOUBT,
            say("{what}", what=error.message),
            _SEAL,
            say("do not accept it before the Management Authority that issued it has answered"),
        )
        return Validity(
            record.ref,
            at,
            True,
            (reason,),
            signature=report_refused(error.verdict, at=record.received_at, basis=Basis.RECEIPT),
            record=record,
            heard_at=record.received_at,
        )
    verdict = passed(sealed.document)
    reason = Reason(
        "seal.holds",
        Weight.FOR,
        say("{what}; received {at} UTC", what=verdict.message, at=f"{record.received_at:%Y-%m-%d %H:%M}"),
        _SEAL,
    )
    return Validity(
        record.ref,
        at,
        True,
        (reason,),
        signature=report_held(sealed.document, verdict, at=record.received_at, basis=Basis.RECEIPT, now=at),
        standing=standing_of(sealed.permit, at),
        permit=sealed.permit,
        record=record,
        facts=known_of(record, sealed, notices),
        heard_at=max([record.received_at, *(each.recorded_at for each in notices)]),
    )


def _weighed(answer: Validity, caller: AuthorityId, node: Node) -> Validity:
    """Dates, status, ledger (step 3)."""
    permit, facts = _held(answer)
    reasons = (
        *answer.reasons,
        by_dates(permit, answer.asked_at),
        *by_status(facts.history),
        *by_ledger(
            permit,
            facts.balances,
            facts.endorsements,
            side_of(caller.party, permit),
            policy_for(answer.ref, node),
        ),
    )
    return replace(answer, reasons=reasons)


def _together(answer: Validity, cited: Sequence[PermitRef], found: Sequence[Permit], node: Node) -> Validity:
    """Counterparts and paper (step 4)."""
    permit, _ = _held(answer)
    pair = (permit.exporter_country, permit.importer_country)
    paperless = node.directory.paperless(*pair, answer.asked_at.date()) is not None
    reasons = (
        *answer.reasons,
        *by_counterparts(permit, cited, found, answer.asked_at),
        *_paper(pair, paperless=paperless),
    )
    return replace(answer, reasons=reasons, paperless=paperless)


def _held(answer: Validity) -> tuple[Permit, Known]:
    """The permit of an answer whose seal held."""
    if answer.permit is None or answer.facts is None:
        raise AssertionError("asked about a permit that was not proven")
    return answer.permit, answer.facts


def _paper(pair: tuple[str, str], *, paperless: bool) -> Iterator[Reason]:
    """Whether paper is still due (step 4)."""
    if paperless or len(set(pair)) == 1:
        return
    yield Reason(
        "paper.due",
        Weight.NOTE,
        say("{one} and {other} have not agreed to go without paper", one=pair[0], other=pair[1]),
        "",
        say("ask for the paper form too"),
    )
