"""Signatures are verified as the operator has decided, and verifiers that disagree are told aloud."""

from collections.abc import MutableMapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from structlog.testing import capture_logs
from support.exchange import CH_MA, FR_CUSTOMS
from support.gateways import DirectCourier, envelope, gateway_key, log_of, stated
from support.keys import NOW, certificate_for, private_key
from support.permits import permit_bytes

from gateway.errors import SignatureRefused
from gateway.exchange.delivery import DeliveryState, Room
from gateway.exchange.receipts import Outcome
from gateway.flows.check import check
from gateway.flows.deliver import deliver
from gateway.flows.issue import issue
from gateway.flows.ports import Node, Trail
from gateway.flows.receive import receive
from gateway.flows.verification import verify_here
from gateway.permits.identity import PermitRef
from gateway.signatures import oracle
from gateway.signatures.direct import Proven
from gateway.signatures.keys import SigningKey, fingerprint
from gateway.signatures.policy import DEFAULT_POLICY
from gateway.signatures.sign import sign
from gateway.xmlio.canonical import sha256_hex
from gateway.xmlio.parse import parse

ALWAYS = replace(DEFAULT_POLICY, oracle_share=1.0)
NEVER = replace(DEFAULT_POLICY, oracle_share=0.0)
"""For the other end, which would otherwise ask for one document in a hundred and tell of it too."""


DISAGREE = "two verifiers disagree"


def alarms(logs: Sequence[MutableMapping[str, Any]]) -> list[tuple[str, str]]:
    """Digest and message id of each disagreement that was told as an error."""
    return [
        (line["digest"], line["message_id"])
        for line in logs
        if (line["event"], line["log_level"]) == ("verifiers_disagree", "error")
    ]


def disagreeing(monkeypatch: pytest.MonkeyPatch, *, from_call: int = 1) -> None:
    """The oracle sees other signed bytes than our own verifier, from its n-th document on."""
    real, calls = oracle.ask, []

    def ask(root: object, proven: Proven, *rest: object) -> None:
        calls.append(1)
        if len(calls) >= from_call:
            proven = replace(proven, signed_bytes=proven.signed_bytes + b" ")
        real(root, proven, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(oracle, "ask", ask)


async def test_an_envelope_on_which_verifiers_disagree_is_turned_away_aloud(
    fr: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The running log has an error with the digest of the document; nothing of the message is kept."""
    disagreeing(monkeypatch)
    data, trail = envelope(), Trail()
    with capture_logs() as logs, pytest.raises(SignatureRefused, match="two verifiers disagree"):
        await receive(data, replace(fr, policy=ALWAYS), trail)
    assert alarms(logs) == [(sha256_hex(data), trail.message_id)]
    assert trail.message_id
    assert fr.storage.state.messages == {}  # type: ignore[attr-defined]


async def test_a_permit_on_which_verifiers_disagree_is_refused_aloud(
    fr: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The receipt refuses it, the running log has the error, and the message log says why."""
    disagreeing(monkeypatch, from_call=2)
    node = replace(fr, policy=ALWAYS)
    with capture_logs() as logs:
        receipt = stated(await receive(envelope(), node, Trail()))
    assert receipt.outcome is Outcome.REFUSED
    assert alarms(logs) == [(receipt.payload_digest, receipt.message_id)]
    assert DISAGREE in (await log_of(node))[0].detail


async def test_customs_are_not_told_that_a_permit_is_valid_on_which_verifiers_disagree(
    fr: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer says no and why, and so do both logs."""
    payload = stated(await receive(envelope(), fr, Trail())).payload_digest
    disagreeing(monkeypatch)
    node = replace(fr, policy=ALWAYS)
    with capture_logs() as logs:
        answer = await check(PermitRef("CH", "CH-2026-000123"), FR_CUSTOMS, node, Trail())
    assert not answer.valid
    assert DISAGREE in answer.reasons[0].message
    assert alarms(logs) == [(payload, "")]
    assert DISAGREE in (await log_of(node, kind="asked"))[0].detail


async def test_a_receipt_on_which_verifiers_disagree_settles_nothing(
    ch: Node, fr: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The delivery waits, with the reason in the message log and an error that names the message."""
    await issue(permit_bytes(), CH_MA, "", ch, Trail())
    at = ch.clock.now()
    async with ch.storage.write() as transaction:
        (delivery,) = await transaction.deliveries.claim(
            at=at, lease_until=at + timedelta(seconds=90), worker="w", limit=1, room=Room(1)
        )
    disagreeing(monkeypatch)
    node = replace(ch, policy=ALWAYS)
    with capture_logs() as logs:
        step = await deliver(delivery, "w", node, DirectCourier(replace(fr, policy=NEVER)))
    assert step.state is DeliveryState.QUEUED
    ((_, message_id),) = alarms(logs)
    assert message_id == delivery.message_id
    assert DISAGREE in (await log_of(node, kind="failed"))[0].detail


async def test_nothing_is_issued_on_which_verifiers_disagree(
    ch: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own new seal is proven too: the submission is turned away aloud, and nothing leaves."""
    disagreeing(monkeypatch)
    node = replace(ch, policy=ALWAYS)
    with capture_logs() as logs, pytest.raises(SignatureRefused, match=DISAGREE):
        await issue(permit_bytes(), CH_MA, "", node, Trail())
    ((digest, message_id),) = alarms(logs)
    assert (len(digest), message_id) == (64, "")
    assert ch.storage.state.messages == {}  # type: ignore[attr-defined]


async def test_a_usual_refusal_is_no_alarm(fr: Node) -> None:
    """A signature that does not hold is the sender's business: the operator is not called for it."""
    with capture_logs() as logs, pytest.raises(SignatureRefused):
        await receive(envelope(key=gateway_key("FR")), replace(fr, policy=ALWAYS), Trail())
    assert alarms(logs) == []


async def test_the_share_is_the_operators(fr: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a share of nothing the oracle is never asked."""
    disagreeing(monkeypatch)
    never = replace(fr, policy=replace(DEFAULT_POLICY, oracle_share=0.0))
    assert stated(await receive(envelope(), never, Trail())).outcome is Outcome.ACCEPTED


def short_key() -> SigningKey:
    """An RSA key of 2048 bits."""
    key = private_key("rsa2048")
    return SigningKey(key, certificate_for(key))


def test_a_short_key_counts_only_for_whom_it_was_said(fr: Node) -> None:
    """The exception is one of a certificate: another one with as short a key stays refused."""
    key = short_key()
    document = parse(sign(parse(permit_bytes()).root, key))
    trusted: list[x509.Certificate] = [key.certificate]
    with pytest.raises(SignatureRefused, match="is not accepted"):
        verify_here(document, trusted, fr, at=NOW)
    others = replace(DEFAULT_POLICY, excepted=frozenset({fingerprint(gateway_key("CH").certificate)}))
    with pytest.raises(SignatureRefused, match="is not accepted"):
        verify_here(document, trusted, replace(fr, policy=others), at=NOW)
    said = replace(DEFAULT_POLICY, excepted=frozenset({fingerprint(key.certificate)}))
    assert verify_here(document, trusted, replace(fr, policy=said), at=NOW)


def test_no_exception_goes_below_2048_bits(fr: Node) -> None:
    """A key that is weak by any measure is refused, even if its certificate stands among the exceptions."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - weak on purpose
    key = SigningKey(private, certificate_for(private))
    document = parse(sign(parse(permit_bytes()).root, key))
    said = replace(DEFAULT_POLICY, excepted=frozenset({fingerprint(key.certificate)}))
    with pytest.raises(SignatureRefused, match="is not accepted"):
        verify_here(document, [key.certificate], replace(fr, policy=said), at=NOW)
