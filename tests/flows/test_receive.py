"""A partner's message comes in."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.exchange import CH_MA, FR_CUSTOMS, FR_MA
from support.gateways import SetClock, envelope, header, log_of, ma_key, stated
from support.keys import NOW, seal
from support.permits import permit_bytes, sealed_bytes

from gateway.errors import (
    DoctypeRefused,
    GatewayError,
    IdentityMismatch,
    MessageIdReused,
    SchemaInvalid,
    SignatureRefused,
    StorageError,
    UnknownDocument,
)
from gateway.exchange.receipts import Outcome
from gateway.exchange.records import Direction
from gateway.flows import receive as receive_flow
from gateway.flows.inboxes import fetch, list_waiting
from gateway.flows.ports import Node, Trail
from gateway.flows.receive import receive
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.signatures.keyring import TrustStore
from gateway.xmlio.canonical import sha256_hex


async def holds(node: Node, ref: PermitRef) -> bool:
    """Whether a gateway has stored a permit."""
    async with node.storage.read() as transaction:
        return await transaction.permits.find(ref) is not None


async def test_accepted_with_a_signed_receipt(fr: Node) -> None:
    """The receipt is signed by the receiver and states id, digests, outcome and both authorities."""
    data = envelope()
    receipt = stated(await receive(data, fr, Trail()))
    assert receipt.outcome is Outcome.ACCEPTED
    assert receipt.envelope_digest == sha256_hex(data)
    assert (receipt.sender, receipt.recipient) == (FR_MA, CH_MA)
    assert receipt.received_at == NOW


async def test_handed_over_to_both_hosted_authorities(fr: Node) -> None:
    """A message to the Management Authority reaches the customs behind the same gateway too."""
    payload = sealed_bytes()
    await receive(envelope(payload), fr, Trail())
    for authority in (FR_MA, FR_CUSTOMS):
        (item,) = await list_waiting(authority, after="", limit=10, node=fr)
        _, original = await fetch(authority, item.id, fr, Trail())
        assert original == payload


async def test_repetition_gets_the_same_receipt_and_is_delivered_once(fr: Node, clock: SetClock) -> None:
    """Promise 2: the same bytes again, much later, bring the same receipt byte for byte."""
    data = envelope()
    first = await receive(data, fr, Trail())
    clock.forward(days=30)
    assert await receive(data, fr, Trail()) == first
    assert len(await list_waiting(FR_CUSTOMS, after="", limit=10, node=fr)) == 1
    assert [entry.kind for entry in await log_of(fr, kind="repeated")] == ["repeated"]


async def test_same_id_with_other_bytes_is_refused(fr: Node) -> None:
    """Promise 2: a message id is bound to its bytes for ever."""
    one = header()
    await receive(envelope(message_id=one.message_id), fr, Trail())
    with pytest.raises(MessageIdReused):
        await receive(envelope(message_id=one.message_id, conversation_id=one.conversation_id), fr, Trail())


async def test_receipt_is_made_after_the_commit(fr: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise 1: when the receipt is signed, the message, the permit, the inbox and the log are stored."""
    seen = []
    real = receive_flow.sign

    def watched(*args: object, **named: object) -> bytes:
        state = fr.storage.state  # type: ignore[attr-defined]
        seen.append((len(state.messages), len(state.permits), len(state.inbox), len(state.log)))
        return real(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(receive_flow, "sign", watched)
    await receive(envelope(), fr, Trail())
    assert seen == [(1, 1, 2, 3)]


async def test_no_receipt_without_storage(fr: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise 1: a full disk means no acknowledgement."""

    def full() -> None:
        raise StorageError("disk full")

    monkeypatch.setattr(type(fr.storage), "write", lambda _self: full())
    with pytest.raises(StorageError):
        await receive(envelope(), fr, Trail())


async def test_crash_between_commit_and_receipt_is_healed_by_the_repetition(
    fr: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message that was stored without a receipt gets one when it comes again, and is delivered once."""
    data = envelope()
    with monkeypatch.context() as broken:
        broken.setattr(receive_flow, "sign", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await receive(data, fr, Trail())
    receipt = await receive(data, fr, Trail())
    assert stated(receipt).outcome is Outcome.ACCEPTED
    assert await receive(data, fr, Trail()) == receipt
    assert len(await list_waiting(FR_CUSTOMS, after="", limit=10, node=fr)) == 1


async def test_two_receipts_at_once_become_one(fr: Node) -> None:
    """When two processes make the receipt of one message, the first one kept stands for both."""
    data = envelope()
    first = await receive(data, fr, Trail())
    async with fr.storage.write() as transaction:
        record = await transaction.messages.find(Direction.IN, CH_MA, stated(first).message_id)
        assert record is not None
        assert await transaction.messages.keep_receipt(record, b"another") == first


@pytest.mark.parametrize(
    ("data", "error"),
    [
        pytest.param(permit_bytes(), UnknownDocument, id="a bare permit"),
        pytest.param(b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", DoctypeRefused, id="a DOCTYPE"),
        pytest.param(envelope()[:900], GatewayError, id="cut in the middle"),
        pytest.param(envelope(sender=AuthorityId.parse("DE:MA")), IdentityMismatch, id="unknown sender"),
        pytest.param(
            envelope(recipient=AuthorityId.parse("FR:MA-Other")), IdentityMismatch, id="recipient not hosted"
        ),
        pytest.param(
            envelope(key=seal("stranger", "CH")), SignatureRefused, id="signed by an unregistered key"
        ),
        pytest.param(
            envelope(key=ma_key("CH")), SignatureRefused, id="signed by the seal, not by the gateway"
        ),
        pytest.param(envelope().replace(b">FR:MA<", b">FR:CUSTOMS<"), SignatureRefused, id="header changed"),
        pytest.param(envelope().replace(b"Kind>permit<", b"Kind>party<"), SchemaInvalid, id="unknown kind"),
    ],
)
async def test_no_receipt_for_a_stranger(data: bytes, error: type[GatewayError], fr: Node) -> None:
    """What cannot be traced to a registered gateway is turned away without a signature of ours."""
    with pytest.raises(error):
        await receive(data, fr, Trail())
    assert not fr.storage.state.messages  # type: ignore[attr-defined]


OTHER = PermitRef("CH", "CH-2026-000999")


@pytest.mark.parametrize(
    ("data", "outcome", "rule"),
    [
        pytest.param(envelope(b""), Outcome.NOT_READABLE, "document.document-empty", id="empty payload"),
        pytest.param(envelope(b"\x00\xff"), Outcome.NOT_READABLE, "document.not-xml", id="not XML"),
        pytest.param(envelope(b"<a/>"), Outcome.NOT_READABLE, "document.unknown-document", id="another root"),
        pytest.param(
            envelope(sealed_bytes().replace(b"CopyIndicator>false<", b"CopyIndicator>no<")),
            Outcome.NOT_READABLE,
            "schema.value",
            id="schema error",
        ),
        pytest.param(envelope(permit_bytes()), Outcome.REFUSED, "signature.format-failure", id="not sealed"),
        pytest.param(
            envelope(sealed_bytes().replace(b">40<", b">4000<")),
            Outcome.REFUSED,
            "signature.hash-failure",
            id="altered after sealing",
        ),
        pytest.param(
            envelope(sealed_bytes(key=seal("stranger", "CH"))),
            Outcome.REFUSED,
            "signature.no-signing-certificate-found",
            id="sealed by a stranger",
        ),
        pytest.param(
            envelope(sealed_bytes(key=ma_key("FR"))),
            Outcome.REFUSED,
            "signature.no-signing-certificate-found",
            id="sealed by another Party's authority",
        ),
        pytest.param(envelope(sealed_bytes(lines=())), Outcome.REFUSED, "lines.none", id="no line"),
        pytest.param(
            envelope(sealed_bytes(), permit=OTHER),
            Outcome.REFUSED,
            "identity.permit-reference",
            id="header names another number",
        ),
        pytest.param(
            envelope(sealed_bytes(importer="DE")),
            Outcome.REFUSED,
            "identity.recipient",
            id="recipient not named",
        ),
    ],
)
async def test_refusal_is_receipted_with_its_reason(
    data: bytes, outcome: Outcome, rule: str, fr: Node
) -> None:
    """A registered sender learns by a signed receipt why its payload is not accepted; nothing is stored."""
    receipt = stated(await receive(data, fr, Trail()))
    assert receipt.outcome is outcome
    assert rule in [finding.rule for finding in receipt.findings]
    assert not await holds(fr, PermitRef("CH", "CH-2026-000123"))
    assert not await list_waiting(FR_MA, after="", limit=10, node=fr)
    assert (await log_of(fr, outcome=outcome.value))[0].digest == sha256_hex(data)


async def test_another_document_under_the_same_number_is_refused(fr: Node) -> None:
    """A permit that was issued does not change: its number belongs to its bytes."""
    await receive(envelope(), fr, Trail())
    changed = envelope(sealed_bytes(copy=None))
    receipt = stated(await receive(changed, fr, Trail()))
    assert receipt.outcome is Outcome.REFUSED
    assert "permit-number-taken" in receipt.findings[-1].rule


async def test_same_permit_in_another_message_is_not_delivered_twice(fr: Node) -> None:
    """A permit that an authority has is not put into its inbox again, whatever message brings it."""
    payload = sealed_bytes()
    await receive(envelope(payload), fr, Trail())
    assert stated(await receive(envelope(payload), fr, Trail())).outcome is Outcome.ACCEPTED
    assert len(await list_waiting(FR_MA, after="", limit=10, node=fr)) == 1


async def test_a_repetition_changes_nothing_even_when_it_would_be_judged_otherwise(
    fr: Node, clock: SetClock
) -> None:
    """A message that was refused stays refused when it comes again, and its permit is not stored."""
    data = envelope(sealed_bytes(at=NOW + timedelta(days=5)), sent_at=NOW)
    first = await receive(data, fr, Trail())
    assert stated(first).outcome is Outcome.REFUSED
    clock.forward(days=5)
    assert await receive(data, fr, Trail()) == first
    assert not await holds(fr, PermitRef("CH", "CH-2026-000123"))


async def test_the_trail_knows_what_the_flow_knew(fr: Node) -> None:
    """A refusal can be logged with sender, message id and digest, although nothing was stored."""
    trail = Trail()
    data = envelope(key=seal("stranger", "CH"))
    with pytest.raises(SignatureRefused):
        await receive(data, fr, trail)
    assert (trail.partner, trail.authority, trail.digest) == ("ch", "CH:MA", sha256_hex(data))
    assert trail.actor == "stranger"


async def test_without_certificates_nothing_is_accepted(fr: Node) -> None:
    """Promise 5: a partner without a certificate is refused, not believed."""
    bare = replace(fr, trust=TrustStore({}))
    with pytest.raises(SignatureRefused):
        await receive(envelope(), bare, Trail())
