"""Partners: how they do, what was agreed, and trying one out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from gateway.errors import Forbidden
from gateway.exchange.breaker import BreakerState
from gateway.exchange.channels import ChannelRule
from gateway.flows.look_at_partners import list_partners, look_at_partner, registered
from gateway.flows.overview import MOST
from gateway.flows.try_partner import try_partner
from gateway.people.rights import Right
from gateway.signatures.expiry import STAGES, days_left
from gateway.signatures.in_use import InUse, Purpose
from gateway.signatures.keys import fingerprint
from gateway.web.console.asking import boundary, person
from gateway.web.console.delivery_words import STATES
from gateway.web.console.drawing import draw
from gateway.web.console.page import Page
from gateway.web.keys import NODE
from gateway.wording import Words, say

LIST = "/console/partners"
TEST_SECONDS = 30.0
"""So long a page waits for the answers to test messages."""

BREAKERS: Mapping[BreakerState, tuple[str, Words, Words]] = {
    BreakerState.CLOSED: ("good", say("in order"), say("Messages go to it.")),
    BreakerState.OPEN: (
        "bad",
        say("silent"),
        say("It did not answer several times in a row: nothing is sent until the next try."),
    ),
    BreakerState.HALF_OPEN: (
        "unsure",
        say("being tried"),
        say("It did not answer several times in a row: one message is sent now, to see."),
    ),
}

CHANNELS: Mapping[ChannelRule, Words] = {
    ChannelRule.FORWARD_COPY: say("what comes from it also goes to"),
    ChannelRule.ACT_FOR: say("it speaks for"),
}


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """One certificate as people compare it."""

    purpose: Words
    tone: str
    state: Words
    begins: datetime
    ends: datetime
    subject: str
    sha256: str


_PURPOSES = {
    Purpose.PARTNER: say("signature"),
    Purpose.TLS: say("connection (TLS)"),
    Purpose.SEAL: say("seal"),
    Purpose.GATEWAY: say("gateway"),
}


def certificate_line(found: InUse, at: datetime) -> CertificateLine:
    """How long it is good, and its fingerprint to be compared by telephone."""
    certificate = found.certificate
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    left = days_left(certificate, at)
    if at > ends:
        tone, state = "bad", say("has ended")
    elif at < begins:
        tone, state = "calm", say("the next one, not yet good")
    elif left < STAGES[-1]:
        tone, state = "unsure", say("{days} days left", days=left)
    else:
        tone, state = "good", say("{days} days left", days=left)
    return CertificateLine(
        _PURPOSES[found.purpose],
        tone,
        state,
        begins,
        ends,
        certificate.subject.rfc4514_string(),
        fingerprint(certificate),
    )


async def show_list(request: web.Request) -> web.Response:
    """GET /console/partners."""
    node = request.app[NODE]
    at = node.clock.now()
    lines = await list_partners(boundary(request), node, MOST)
    return draw(
        request,
        "partners.html.j2",
        lines=[(each, BREAKERS[each.health.state(at)]) for each in lines],
        most=MOST,
    )


async def show_one(request: web.Request) -> web.Response:
    """GET /console/partners/{id}: all about one."""
    node = request.app[NODE]
    at = node.clock.now()
    seen = await look_at_partner(request.match_info["id"], boundary(request), node, MOST)
    return draw(
        request,
        "partner.html.j2",
        seen=seen,
        line=seen.line,
        partner=seen.line.partner,
        health=seen.line.health,
        breaker=BREAKERS[seen.line.health.state(at)],
        certificates=[
            (owner, [certificate_line(each, at) for each in found])
            for owner, found in seen.certificates.items()
        ],
        channels=[(CHANNELS[each.rule], each.authority) for each in seen.line.partner.channels],
        meanings=STATES,
        most=MOST,
        may_test=person(request).may(Right.TEST_PARTNERS),
        may_see_messages=person(request).may(Right.SEE_MESSAGES),
    )


async def test(request: web.Request) -> web.Response:
    """POST /console/partners/{id}/test: test messages go, and the page says what came of them."""
    node = request.app[NODE]
    partner = registered(request.match_info["id"], node)
    if node.enquirer is None:
        raise Forbidden(
            "this process sends nothing itself",
            advice=f"on the command line: ecites partner test {partner.id}",
        )
    if partner.mailbox:
        raise Forbidden(
            f"{partner.id} only calls out: nothing can be sent to it, so it cannot be tested from here",
            advice="ask its operator to test this gateway from there",
        )
    trials = await try_partner(partner, node, node.enquirer, person(request).name, seconds=TEST_SECONDS)
    words = {
        True: ("good", say("passed")),
        False: ("bad", say("not passed")),
        None: ("unsure", say("not known")),
    }
    return draw(
        request,
        "partner_test.html.j2",
        partner=partner,
        trials=[(each, words[each.passed]) for each in trials],
        failed=any(each.passed is not True and each.level == "MUST" for each in trials),
    )


PAGES = (
    Page("GET", LIST, "console-partners", show_list, Right.SEE_PARTNERS),
    Page("GET", LIST + "/{id}", "console-partner", show_one, Right.SEE_PARTNERS),
    Page("POST", LIST + "/{id}/test", "console-partner-test", test, Right.TEST_PARTNERS),
)
