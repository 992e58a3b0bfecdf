"""A partner asks about a permit for one of its authorities, and gets a signed answer."""

from datetime import datetime
from functools import partial

from gateway.errors import Forbidden
from gateway.exchange import questions
from gateway.exchange.directory import Partner
from gateway.exchange.message import Envelope
from gateway.exchange.questions import Answer
from gateway.exchange.records import Direction
from gateway.flows.check import Validity, check
from gateway.flows.ports import Node, Trail
from gateway.flows.validity_shape import validity_as_dict
from gateway.permits.identity import AuthorityId
from gateway.signatures.keyring import GATEWAY
from gateway.signatures.sign import sign
from gateway.xmlio.limits import PERMIT_LIMITS
from gateway.xmlio.parse import parse


async def answer_question(
    envelope: Envelope, partner: Partner, node: Node, trail: Trail, at: datetime
) -> bytes:
    """
    Answer a verified question.

    1. Such a message may travel this way at all, and it can be read.
    2. The same check as for an authority that lives here, without asking anybody else: two gateways that
       know nothing would ask each other for ever.
    3. The answer, signed.

    Raises `Forbidden`, `UnknownDocument`, `SchemaInvalid` and `TooManyGuesses`.
    """
    header = envelope.header
    # 1
    if not partner.allows(Direction.IN, header.kind):
        raise Forbidden(
            f"partner {partner.id} may not ask about permits here",
            advice="agree with the operator of this gateway and have it change what is allowed",
        )
    ref, token = questions.read_question(parse(envelope.payload, limits=PERMIT_LIMITS).root)
    # 2
    validity = await check(ref, header.sender, node, trail, token=token, ask=False)
    # 3
    signing = partial(signed_answer, validity, header.message_id, header.sender, node, at)
    return await node.desk.run(envelope.payload, signing)


def signed_answer(
    validity: Validity,
    question_id: str,
    recipient: AuthorityId,
    node: Node,
    at: datetime,
    language: str = "en",
) -> bytes:
    """An answer as signed XML, which can be filed."""
    answer = Answer(
        question_id,
        recipient,
        validity.asked_at,
        validity.ref,
        validity.verdict,
        validity_as_dict(validity, language),
    )
    return sign(questions.build_answer(answer), node.keys.active(GATEWAY, at), at=at)
