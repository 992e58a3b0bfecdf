"""Signatures are verified as the operator has decided, and verifiers that disagree are told aloud."""

from dataclasses import replace

import pytest
from cryptography import x509
from structlog.testing import capture_logs
from support.gateways import envelope, gateway_key, log_of, stated
from support.keys import NOW, certificate_for, private_key
from support.permits import permit_bytes

from gateway.errors import SignatureRefused
from gateway.exchange.receipts import Outcome
from gateway.flows.ports import Node, Trail
from gateway.flows.receive import receive
from gateway.flows.verification import verify_here
from gateway.signatures import oracle
from gateway.signatures.direct import Proven
from gateway.signatures.keys import SigningKey, fingerprint
from gateway.signatures.policy import DEFAULT_POLICY
from gateway.signatures.sign import sign
from gateway.xmlio.canonical import sha256_hex
from gateway.xmlio.parse import parse

ALWAYS = replace(DEFAULT_POLICY, oracle_share=1.0)


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
    data = envelope()
    with capture_logs() as logs, pytest.raises(SignatureRefused, match="two verifiers disagree"):
        await receive(data, replace(fr, policy=ALWAYS), Trail())
    (line,) = [each for each in logs if each["event"] == "verifiers_disagree"]
    assert (line["log_level"], line["digest"]) == ("error", sha256_hex(data))


async def test_a_permit_on_which_verifiers_disagree_is_refused_aloud(
    fr: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The receipt refuses it, the running log has the error, and the message log says why."""
    disagreeing(monkeypatch, from_call=2)
    node = replace(fr, policy=ALWAYS)
    with capture_logs() as logs:
        receipt = stated(await receive(envelope(), node, Trail()))
    assert receipt.outcome is Outcome.REFUSED
    assert [each["event"] for each in logs] == ["verifiers_disagree"]
    assert "two verifiers disagree" in (await log_of(node))[0].detail


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
