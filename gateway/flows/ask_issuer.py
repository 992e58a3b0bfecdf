"""A permit that is not here: its issuer's gateway is asked, for a few seconds."""

import asyncio
from datetime import datetime
from functools import partial

from gateway.errors import GatewayError, PartnerAnsweredWrongly
from gateway.exchange import questions
from gateway.exchange.directory import Partner
from gateway.exchange.message import Kind
from gateway.exchange.questions import Answer
from gateway.exchange.records import Direction, MessageRecord
from gateway.exchange.routing import Hop
from gateway.flows.outgoing import Outgoing
from gateway.flows.ports import Node
from gateway.flows.verification import verify_here
from gateway.permits.identity import AuthorityId, PermitRef, Role
from gateway.permits.verdict import Reason, Verdict, Weight
from gateway.wording import say
from gateway.xmlio.parse import parse

MAX_ANSWER_BYTES = 1024 * 1024
"""An answer about a permit of 500 lines has a quarter of it."""

_WEIGHTS = {
    Verdict.VALID: Weight.FOR,
    Verdict.NOT_VALID: Weight.AGAINST,
    Verdict.CHECK_WITH_ISSUER: Weight.DOUBT,
}
_SOURCE = "signed answer of the issuing Party's gateway"


async def ask_issuer(
    ref: PermitRef, caller: AuthorityId, node: Node, at: datetime, token: str = ""
) -> tuple[Reason, Answer | None]:
    """
    What the gateway of the issuing Management Authority says of a permit.

    1. Who issues for that Party, and through which gateway; nobody is no answer.
    2. A signed question, with the token of the permit if the caller knows one, sent once, for at most
       `node.enquiry_seconds`. It is not stored, so the token is nowhere afterwards.
    3. The answer is signed by that gateway, about this question, this permit and this caller.

    Never raises for what the partner does: silence and nonsense are a reason too.
    """
    # 1
    if any(authority in node.directory.hosted for authority in node.directory.of_party(ref.issuer, Role.MA)):
        return _never_issued(ref), None
    hop = _issuer_of(ref, node)
    if hop is None or node.enquirer is None:
        return _nobody(ref), None
    partner = node.directory.partners[hop.partner]
    # 2
    made = Outgoing(caller, ref, node.clock.new_id(), questions.write_question(ref, token), at, Kind.QUESTION)
    question = await node.desk.run(made.payload, made.message, hop, node)
    try:
        async with asyncio.timeout(node.enquiry_seconds):
            data = await node.enquirer.carry(partner, question.envelope)
        # 3
        answer = await node.desk.run(data, partial(_believed, data, question, caller, node, at))
    except TimeoutError:
        return _silent(partner, f"no answer within {node.enquiry_seconds:g} s"), None
    except GatewayError as error:
        return _silent(partner, error.message), None
    reason = Reason(
        f"issuer.{answer.verdict.value}",
        _WEIGHTS[answer.verdict],
        say(
            "the gateway of {partner} answered on {at} UTC: {verdict}",
            partner=partner.id,
            at=f"{answer.answered_at:%Y-%m-%d %H:%M:%S}",
            verdict=answer.verdict.value,
        ),
        _SOURCE,
    )
    return reason, answer


def _issuer_of(ref: PermitRef, node: Node) -> Hop | None:
    """The issuing Management Authority and its gateway, when both are known and take questions (step 1)."""
    for authority in node.directory.of_party(ref.issuer, Role.MA):
        partner = node.directory.partner_of(authority)
        if partner is not None and partner.url and partner.allows(Direction.OUT, Kind.QUESTION):
            return Hop(partner.id, authority)
    return None


def _believed(data: bytes, question: MessageRecord, caller: AuthorityId, node: Node, at: datetime) -> Answer:
    """The answer, proven (step 3); raises a `GatewayError` for one that cannot be believed."""
    document = parse(data, max_bytes=MAX_ANSWER_BYTES)
    proven = verify_here(
        document, node.trust.of(question.partner), node, at=at, message_id=question.message_id
    )
    answer = questions.read_answer(proven.root)
    expected = (question.message_id, question.permit, caller)
    if (answer.question_id, answer.permit, answer.recipient) != expected:
        raise PartnerAnsweredWrongly("the answer is to another question")
    return answer


def _never_issued(ref: PermitRef) -> Reason:
    """Its issuer lives here, and has no such permit (step 1)."""
    return Reason(
        "issuer.knows-none",
        Weight.DOUBT,
        say(
            "the Management Authority of {party} lives here, and has issued no such permit", party=ref.issuer
        ),
        "",
        say("ask it whether the permit was issued on paper only"),
    )


def _nobody(ref: PermitRef) -> Reason:
    """No gateway of the issuing Party is known (step 1)."""
    return Reason(
        "issuer.not-reachable",
        Weight.DOUBT,
        say("no gateway of {party} that answers questions is registered here", party=ref.issuer),
        "",
        say("ask the Management Authority that issued it by another way"),
    )


def _silent(partner: Partner, why: str) -> Reason:
    """Asked, and no answer that can be believed (step 2)."""
    return Reason(
        "issuer.no-answer",
        Weight.DOUBT,
        say("the gateway of {partner} was asked and gave no answer: {why}", partner=partner.id, why=why),
        "",
        say("ask again in a few minutes, or ask the Management Authority that issued it by another way"),
    )
