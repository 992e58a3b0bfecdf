"""An authority's own system hands over a permit."""

from dataclasses import replace

import pytest
from support.exchange import CH_CUSTOMS, CH_MA, FR_MA
from support.gateways import log_of, ma_key
from support.keys import NOW, seal
from support.permits import line, permit_bytes, sealed_bytes

from gateway.errors import (
    Forbidden,
    GatewayError,
    IdempotencyKeyReused,
    IdentityMismatch,
    NotXML,
    PermitInvalid,
    PermitNumberTaken,
    SchemaInvalid,
    SignatureRefused,
    StorageError,
)
from gateway.exchange.delivery import DeliveryState
from gateway.exchange.directory import Directory
from gateway.exchange.records import Direction
from gateway.flows import issue as issue_flow
from gateway.flows.check_statement import check_statement
from gateway.flows.inboxes import fetch, list_waiting
from gateway.flows.issue import Issued, issue
from gateway.flows.ports import Node, Trail
from gateway.flows.status_lists import Issuers
from gateway.permits.identity import AuthorityId
from gateway.signatures.keyring import TrustStore
from gateway.signatures.verify import verify
from gateway.xmlio.parse import parse


async def submit(node: Node, data: bytes | None = None, key: str = "", caller: AuthorityId = CH_MA) -> Issued:
    """Hand a permit over."""
    return await issue(permit_bytes() if data is None else data, caller, key, node, Trail())


async def test_sealed_stored_and_queued(ch: Node) -> None:
    """A permit is sealed by the authority, goes to its own customs at once and is queued for France."""
    issued = await submit(ch)
    by_recipient = {str(d.recipient): d for d in issued.deliveries}
    assert {name: d.state for name, d in by_recipient.items()} == {
        "FR:MA": DeliveryState.QUEUED,
        "CH:CUSTOMS": DeliveryState.DELIVERED,
    }
    (item,) = await list_waiting(CH_CUSTOMS, after="", limit=10, node=ch)
    _, original = await fetch(CH_CUSTOMS, item.id, ch, Trail())
    assert verify(parse(original), [ma_key("CH").certificate], at=NOW)


async def test_an_own_seal_is_kept_as_it_is(ch: Node) -> None:
    """A permit that the authority sealed itself keeps its bytes."""
    data = sealed_bytes()
    await submit(ch, data)
    (item,) = await list_waiting(CH_CUSTOMS, after="", limit=10, node=ch)
    assert (await fetch(CH_CUSTOMS, item.id, ch, Trail()))[1] == data


async def test_a_log_entry_for_each_step(ch: Node) -> None:
    """Submission and handing over are in the message log, found by permit number."""
    await submit(ch)
    kinds = [entry.kind for entry in await log_of(ch, number="CH-2026-000123")]
    assert sorted(kinds) == ["handed-over", "submitted"]


async def test_the_worker_is_woken_after_the_commit(ch: Node) -> None:
    """The bell rings once the delivery can be found."""
    rung = []
    await submit(replace(ch, wake=lambda: rung.append(len(ch.storage.state.deliveries))))  # type: ignore[attr-defined]
    assert rung == [2]


@pytest.mark.parametrize("keys", [("", ""), ("key-1", "key-1"), ("", "key-1"), ("key-1", "key-2")])
async def test_the_same_permit_again_changes_nothing(keys: tuple[str, str], ch: Node) -> None:
    """Submitting the same bytes again, with the same key, another one or none, is the same submission."""
    first = await submit(ch, key=keys[0])
    second = await submit(ch, key=keys[1])
    assert not first.repeated
    assert second.repeated
    assert second.submission == first.submission
    assert len(ch.storage.state.messages) == 1  # type: ignore[attr-defined]


async def test_a_key_belongs_to_its_bytes(ch: Node) -> None:
    """The same idempotency key with another permit is turned away."""
    await submit(ch, key="key-1")
    with pytest.raises(IdempotencyKeyReused):
        await submit(ch, permit_bytes("CH-2026-000124"), key="key-1")


async def test_a_number_belongs_to_its_document(ch: Node) -> None:
    """Another document under a number that was issued is turned away."""
    await submit(ch)
    with pytest.raises(PermitNumberTaken):
        await submit(ch, permit_bytes(copy=None))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        pytest.param(b"not xml", NotXML, id="not XML"),
        pytest.param(permit_bytes().replace(b">false<", b">no<"), SchemaInvalid, id="schema error"),
        pytest.param(permit_bytes(lines=()), PermitInvalid, id="breaks a rule"),
        pytest.param(permit_bytes(exporter="DE"), IdentityMismatch, id="another Party's permit"),
        pytest.param(sealed_bytes(key=seal("stranger", "CH")), SignatureRefused, id="sealed by a stranger"),
        pytest.param(sealed_bytes().replace(b">40<", b">41<"), SignatureRefused, id="altered"),
    ],
)
async def test_turned_away_without_a_trace_in_the_store(
    data: bytes, error: type[GatewayError], ch: Node
) -> None:
    """A permit that is not accepted is neither stored nor sent."""
    with pytest.raises(error):
        await submit(ch, data)
    state = ch.storage.state  # type: ignore[attr-defined]
    assert [state.permits, state.deliveries, state.submissions, state.inbox] == [{}, {}, {}, {}]


@pytest.mark.parametrize(
    "data", [permit_bytes(lines=()), permit_bytes(exporter="DE")], ids=["breaks a rule", "another Party's"]
)
async def test_nothing_wrong_is_ever_sealed(data: bytes, ch: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """The authority's key does not touch a permit that breaks a rule or belongs to another Party."""
    monkeypatch.setattr(issue_flow, "sign", lambda *_: pytest.fail("sealed"))
    with pytest.raises(GatewayError):
        await submit(ch, data)


async def test_a_finding_names_the_line_of_what_was_submitted(ch: Node) -> None:
    """The line in the report is that of the bytes that came, also when they have no XML declaration."""
    data = permit_bytes(lines=(line(quantity="0"),)).partition(b"?>\n")[2]
    with pytest.raises(PermitInvalid) as refused:
        await submit(ch, data)
    (finding,) = refused.value.fields["findings"]
    assert b"ItemQuantity>0<" in data.splitlines()[finding["line"] - 1]


@pytest.mark.parametrize("caller", [CH_CUSTOMS, FR_MA])
async def test_only_a_management_authority_with_a_seal_here_issues(caller: AuthorityId, ch: Node) -> None:
    """Customs do not issue, nor does an authority that lives elsewhere."""
    with pytest.raises(Forbidden):
        await submit(ch, caller=caller)


async def test_nobody_registered_at_the_other_end_is_a_warning(ch: Node) -> None:
    """A permit for a Party without a gateway is issued all the same, and the authority is told."""
    lonely = replace(ch, directory=Directory(ch.directory.hosted, {}))
    issued = await submit(lonely)
    assert [f.rule for f in issued.submission.findings] == ["routing.nobody-registered"] * 2
    assert [str(d.recipient) for d in issued.deliveries] == ["CH:CUSTOMS"]


async def test_a_full_disk_leaves_nothing_behind(ch: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the transaction fails in its last statement, nothing of it is kept."""
    log = type((await _transaction(ch)).log)

    async def full(*_: object) -> None:
        raise StorageError("disk full")

    monkeypatch.setattr(log, "append", full)
    with pytest.raises(StorageError):
        await submit(ch)
    assert not ch.storage.state.permits  # type: ignore[attr-defined]


async def _transaction(node: Node) -> object:
    """A transaction, to learn the classes behind the port."""
    async with node.storage.read() as transaction:
        return transaction


async def test_the_envelope_carries_the_sealed_bytes(ch: Node) -> None:
    """What is queued for France is addressed to FR:MA, and its payload is the stored permit."""
    issued = await submit(ch)
    (delivery,) = [d for d in issued.deliveries if d.partner]
    async with ch.storage.read() as transaction:
        message = await transaction.messages.find(Direction.OUT, CH_MA, delivery.message_id)
        permit = await transaction.permits.find(issued.submission.permit)
    assert message is not None
    assert permit is not None
    assert message.recipient == FR_MA
    assert message.payload_digest == permit.digest == issued.submission.digest


async def test_a_statement_for_the_qr_code(ch: Node) -> None:
    """The signed text about the sealed document comes with the answer, and again with a repetition."""
    first = await submit(ch)
    again = await submit(ch)
    assert again.repeated
    for answer in (first, again):
        report = check_statement(answer.statement, Issuers.of(ch), (), at=NOW)
        assert report.statement is not None
        assert report.statement.ref == answer.submission.permit
        assert report.statement.digest == answer.submission.digest


async def test_no_statement_about_a_permit_whose_seal_holds_no_more(ch: Node) -> None:
    """A repetition answers without one."""
    await submit(ch)
    assert (await submit(replace(ch, trust=TrustStore({})))).statement == ""
