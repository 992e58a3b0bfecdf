"""A partner is tried out with test messages, which it answers with receipts and delivers to nobody."""

from enum import StrEnum

from gateway.errors import Forbidden, PartnerAnsweredWrongly, SignatureRefused
from gateway.exchange.directory import Partner
from gateway.flows.ports import Courier, Node
from gateway.flows.probe_cases import CASES
from gateway.flows.probing import Answer, Probe, Trial
from gateway.flows.trial_permit import trial_permit
from gateway.permits.identity import AuthorityId, Role
from gateway.signatures.sign import sign
from gateway.xmlio.parse import parse


async def probe(
    partner: Partner, node: Node, courier: Courier, *, thorough: bool = False
) -> tuple[Trial, ...]:
    """
    Try a partner out.

    1. A test permit, sealed by a Management Authority that lives here: sound, so that whatever the partner
       says is about keys and agreements.
    2. Each case in turn; the `thorough` ones send what a partner must turn away. When the first message
       brings no receipt, the rest says little and is not tried.

    Nothing is stored here. Raises `Forbidden` when nobody here could seal a permit.
    """
    # 1
    probing = prepare(partner, node, courier)
    # 2
    trials: list[Trial] = []
    for case in CASES:
        if case.thorough and not thorough:
            continue
        passed, result = (None, "not tried, because the first message brought no receipt")
        if not trials or probing.answer.receipt is not None:
            passed, result = await case.attempt(probing)
        trials.append(Trial(case.id, case.source, case.level, case.expectation, result, passed))
    return tuple(trials)


def prepare(partner: Partner, node: Node, courier: Courier, sender: AuthorityId | None = None) -> Probe:
    """
    A test permit for the first Management Authority behind the partner, or the first authority of all.

    `sender` seals it, or else the first Management Authority here that can. Raises `Forbidden` when nobody
    can, or there is nobody to send it to.
    """
    at = node.clock.now()
    able = [a for a in node.directory.hosted if a.role is Role.MA and node.keys.current(str(a), at)]
    sender = sender or min(able, default=None)
    if sender is None or not partner.authorities:
        raise Forbidden(
            "a test needs a Management Authority with a seal here, and an authority behind the partner",
            advice="partners with authorities: ecites partner list; seals: ecites keys list",
        )
    recipient = min(partner.authorities, key=lambda authority: authority.role is not Role.MA)
    number = f"TEST-{at:%Y%m%d}-{node.clock.new_id()[-8:]}"
    version = "v2" if partner.reads("v2") else partner.versions[0]
    permit = trial_permit(number, exporter=sender.party, importer=recipient.party, at=at, version=version)
    payload = sign(parse(permit).root, node.keys.active(str(sender), at), at=at)
    return Probe(partner, node, courier, sender, recipient, permit, payload, number)


class Knowledge(StrEnum):
    """What a partner makes of a key."""

    ACCEPTS = "accepts"
    REFUSES = "refuses"
    UNKNOWN = "unknown"


def conclude(answer: Answer) -> Knowledge:
    """
    Whether the keys behind a test message are accepted, whatever else the answer says.

    Before a certificate begins, a partner that knows it says so, which counts as accepted.
    """
    if answer.receipt is not None:
        rules = {finding.rule for finding in answer.receipt.findings} - {_NOT_YET}
        refused = any(rule.startswith("signature.") for rule in rules)
        return Knowledge.REFUSES if refused else Knowledge.ACCEPTS
    if isinstance(answer.error, PartnerAnsweredWrongly) and answer.error.fields.get("said") == _REFUSED:
        return Knowledge.REFUSES
    return Knowledge.UNKNOWN


_NOT_YET = "signature.not-yet-valid"
_REFUSED = SignatureRefused.code
