"""Customs ask, and authorities take what is in their inbox."""

from dataclasses import replace

import pytest
from support.exchange import FR_CUSTOMS, FR_MA
from support.gateways import SetClock, envelope, log_of

from gateway.errors import NotFound, PermitInvalid, StorageError
from gateway.flows.check import check
from gateway.flows.inboxes import acknowledge, fetch, list_waiting
from gateway.flows.journal import LONGEST_DETAIL
from gateway.flows.ports import Node, Trail
from gateway.flows.receive import receive
from gateway.flows.refuse import record_refusal
from gateway.permits.identity import PermitRef
from gateway.permits.validity import Status
from gateway.permits.verdict import Verdict
from gateway.signatures.keyring import TrustStore
from gateway.signatures.report import Basis
from gateway.signatures.verdict import Indication

REF = PermitRef("CH", "CH-2026-000123")


async def test_a_valid_permit(fr: Node) -> None:
    """Known, genuine, in force, with its lines, and a reason in words for each."""
    await receive(envelope(), fr, Trail())
    answer = await check(REF, FR_CUSTOMS, fr, Trail())
    assert answer.known
    assert answer.valid
    assert answer.signature is not None
    assert answer.signature.verdict.indication is Indication.PASSED
    assert answer.permit is not None
    assert [line.scientific_name for line in answer.permit.lines] == ["Varanus salvator"]
    assert [reason.rule for reason in answer.reasons] == ["seal.holds", "validity.in-force", "paper.due"]
    assert "it is valid until the end of" in answer.reasons[1].message


async def test_an_unknown_permit_is_not_called_invalid(fr: Node) -> None:
    """A permit that is not held here is unknown, and the officer is told whom to ask."""
    answer = await check(REF, FR_CUSTOMS, fr, Trail())
    assert not answer.known
    assert not answer.valid
    assert answer.verdict is Verdict.CHECK_WITH_ISSUER
    assert "does not make it invalid" in answer.reasons[0].message


async def test_an_expired_permit(fr: Node, clock: SetClock) -> None:
    """After its last day a permit is genuine and not valid."""
    await receive(envelope(), fr, Trail())
    clock.forward(days=200)
    answer = await check(REF, FR_CUSTOMS, fr, Trail())
    assert answer.verdict is Verdict.NOT_VALID
    assert answer.standing is not None
    assert answer.standing.status is Status.EXPIRED
    assert answer.signature is not None
    assert answer.signature.verdict.indication is Indication.PASSED


async def test_the_seal_outlives_its_certificate(fr: Node, clock: SetClock) -> None:
    """The time that counts for the certificate is the time of receipt, not the time of the question."""
    await receive(envelope(), fr, Trail())
    clock.forward(days=1000)
    answer = await check(REF, FR_CUSTOMS, fr, Trail())
    assert answer.signature is not None
    assert answer.signature.verdict.indication is Indication.PASSED
    assert answer.signature.basis is Basis.RECEIPT
    assert answer.signature.ended_since is True
    assert answer.signature.certificate == "valid"


async def test_a_seal_that_is_no_longer_trusted(fr: Node) -> None:
    """When the certificate was taken out of the trust store the permit is not valid, and it says why."""
    await receive(envelope(), fr, Trail())
    answer = await check(REF, FR_CUSTOMS, replace(fr, trust=TrustStore({})), Trail())
    assert answer.known
    assert answer.verdict is Verdict.CHECK_WITH_ISSUER
    assert answer.signature is not None
    assert answer.signature.verdict.indication is Indication.INDETERMINATE


async def test_each_question_is_logged(fr: Node) -> None:
    """Who asked about which permit, and what was answered."""
    await receive(envelope(), fr, Trail())
    await check(REF, FR_CUSTOMS, fr, Trail())
    (entry,) = await log_of(fr, kind="asked")
    assert (entry.actor, entry.number, entry.outcome) == ("FR:CUSTOMS", REF.number, "valid")


async def test_acknowledged_items_leave_the_list(fr: Node) -> None:
    """Nothing leaves the inbox until it is acknowledged; acknowledging twice changes nothing."""
    await receive(envelope(), fr, Trail())
    (item,) = await list_waiting(FR_MA, after="", limit=10, node=fr)
    first = await acknowledge(FR_MA, item.id, fr, Trail())
    assert await acknowledge(FR_MA, item.id, fr, Trail()) == first
    assert await list_waiting(FR_MA, after="", limit=10, node=fr) == []
    assert len(await list_waiting(FR_CUSTOMS, after="", limit=10, node=fr)) == 1


async def test_another_authoritys_item_is_not_found(fr: Node) -> None:
    """Customs cannot fetch or acknowledge what is in the Management Authority's inbox."""
    await receive(envelope(), fr, Trail())
    (item,) = await list_waiting(FR_MA, after="", limit=10, node=fr)
    with pytest.raises(NotFound):
        await fetch(FR_CUSTOMS, item.id, fr, Trail())
    with pytest.raises(NotFound):
        await acknowledge(FR_CUSTOMS, item.id, fr, Trail())


async def test_a_refusal_is_logged_with_its_findings(fr: Node) -> None:
    """Sentence and rule of each, so that both can be searched for; what is endless is cut."""
    finding = {"rule": "validity.export-too-long", "message": "it is too long"}
    await record_refusal(PermitInvalid("bad", findings=[finding, finding | {"rule": "a.b"}]), fr, Trail())
    (entry,) = await log_of(fr, text="validity.export-too-long")
    assert entry.detail == "it is too long [validity.export-too-long]; it is too long [a.b]"
    await record_refusal(PermitInvalid("bad", findings=[finding] * 10_000), fr, Trail())
    assert len((await log_of(fr))[0].detail) == LONGEST_DETAIL


async def test_a_refusal_is_logged_with_what_was_known(fr: Node) -> None:
    """The entry has the code, the sentence and the trail."""
    trail = Trail(actor="ch", digest="ab" * 32, permit=REF)
    await record_refusal(StorageError("disk full"), fr, trail)
    (entry,) = await log_of(fr, outcome="storage_error")
    assert (entry.actor, entry.number, entry.detail) == ("ch", REF.number, "disk full")
