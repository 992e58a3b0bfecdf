"""Flows tell the metrics what became of messages."""

from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.exchange import CH_MA
from support.gateways import DirectCourier, SetClock, envelope
from support.permits import permit_bytes

from gateway.errors import PartnerAnsweredWrongly, PartnerUnreachable, SignatureRefused
from gateway.exchange.delivery import Room
from gateway.flows.deliver import deliver
from gateway.flows.expire import expire
from gateway.flows.issue import issue
from gateway.flows.ports import Node, Trail
from gateway.flows.receive import receive
from gateway.signatures import oracle
from gateway.signatures.policy import DEFAULT_POLICY


async def counted(node: Node) -> dict[str, float]:
    """What was counted, as `name label label`."""
    families = text_string_to_metric_families((await node.metrics.text()).decode())
    return {
        " ".join((sample.name.removeprefix("ecites_"), *(v for _, v in sorted(sample.labels.items())))): (
            sample.value
        )
        for family in families
        for sample in family.samples
        if sample.name.endswith("_total") and sample.value
    }


async def attempt(node: Node, courier: DirectCourier, worker: str = "w") -> None:
    """Claim the one delivery that is due, and try it."""
    at = node.clock.now()
    async with node.storage.write() as transaction:
        (claimed,) = await transaction.deliveries.claim(
            at=at, lease_until=at + timedelta(seconds=90), worker="w", limit=9, room=Room(9)
        )
    await deliver(claimed, worker, node, courier)


async def test_both_sides_of_a_message(ch: Node, fr: Node) -> None:
    """The sender counts the receipt, the receiver the message."""
    await issue(permit_bytes(), CH_MA, "", ch, Trail())
    await attempt(ch, DirectCourier(fr))
    assert await counted(ch) == {"messages_sent_total delivered fr": 1}
    assert await counted(fr) == {"messages_received_total accepted ch": 1}


async def test_an_attempt_that_will_be_repeated(ch: Node, fr: Node) -> None:
    """Silence is counted by its code; nothing is given up."""
    await issue(permit_bytes(), CH_MA, "", ch, Trail())
    await attempt(ch, DirectCourier(fr, failures=[PartnerUnreachable("nobody answers")]))
    assert await counted(ch) == {"attempts_failed_total partner_unreachable fr": 1}


REFUSAL = PartnerAnsweredWrongly("no", final=True)


async def test_a_delivery_that_the_partner_will_not_take(ch: Node, fr: Node) -> None:
    """Given up at once, and counted as dead."""
    await issue(permit_bytes(), CH_MA, "", ch, Trail())
    await attempt(ch, DirectCourier(fr, failures=[REFUSAL]))
    assert await counted(ch) == {
        "attempts_failed_total partner_answered_wrongly fr": 1,
        "deliveries_given_up_total fr dead": 1,
    }


async def test_whose_lease_was_lost_gives_nothing_up(ch: Node, fr: Node) -> None:
    """Another worker decides about the delivery, and counts it."""
    await issue(permit_bytes(), CH_MA, "", ch, Trail())
    await attempt(ch, DirectCourier(fr, failures=[REFUSAL]), worker="another")
    assert await counted(ch) == {"attempts_failed_total partner_answered_wrongly fr": 1}


async def test_silence_until_the_deadline(ch: Node, clock: SetClock) -> None:
    """A delivery that is never tried is counted when it is given up, once."""
    await issue(permit_bytes(), CH_MA, "", ch, Trail())
    clock.forward(hours=121)
    await expire(ch)
    await expire(ch)
    assert await counted(ch) == {"deliveries_given_up_total fr no-receipt": 1}


async def test_verifiers_that_disagree(fr: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number by which an operator is woken."""
    real = oracle.ask

    def ask(root, proven, *rest):
        real(root, replace(proven, signed_bytes=proven.signed_bytes + b" "), *rest)

    monkeypatch.setattr(oracle, "ask", ask)
    node = replace(fr, policy=replace(DEFAULT_POLICY, oracle_share=1.0))
    with pytest.raises(SignatureRefused):
        await receive(envelope(), node, Trail())
    assert await counted(node) == {"verifiers_disagree_total": 1}
