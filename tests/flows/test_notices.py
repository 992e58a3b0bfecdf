"""What becomes of a permit: it is said here, it comes from elsewhere, and everybody hears of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS, FR_MA, REF, directory, ids
from support.gateways import SetClock, envelope, gateway_key, log_of, stated, swiss
from support.keys import NOW
from support.memory import MemoryStorage
from support.notices import SEVERAL, change, endorsement, notice_envelope, reversal, written
from support.permits import permit_bytes, sealed_bytes

from gateway.errors import (
    Forbidden,
    GatewayError,
    IdempotencyKeyReused,
    MessageNotFresh,
    NotFound,
    StorageError,
    UseRefused,
)
from gateway.exchange import message, receipts
from gateway.exchange.channels import Allowed
from gateway.exchange.message import Kind
from gateway.exchange.receipts import Outcome
from gateway.exchange.records import Direction
from gateway.flows import give_notice as give_flow
from gateway.flows import receive as receive_flow
from gateway.flows.give_notice import Given, give_notice
from gateway.flows.issue import issue
from gateway.flows.known_permit import Known, find_known
from gateway.flows.look import look
from gateway.flows.ports import Node, Trail
from gateway.flows.receive import receive
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.notices import Endorsement, Notice, PermitStatus, Reversal, Side
from gateway.signatures.keyring import TrustStore
from gateway.xmlio.parse import parse

GERMAN = AuthorityId.parse("DE:CUSTOMS")


async def issued(node: Node, **changes: object) -> None:
    """The Swiss Management Authority issues the permit."""
    await issue(permit_bytes(**SEVERAL, **changes), CH_MA, "", node, Trail())


async def sent_to(node: Node, **changes: object) -> None:
    """The permit comes from Switzerland."""
    receipt = stated(await receive(envelope(sealed_bytes(**SEVERAL, **changes)), node, Trail()))
    assert receipt.outcome.accepted, receipt


async def give(node: Node, notice: Notice, key: str = "", digest: str = "one", ref: PermitRef = REF) -> Given:
    """An authority says what the notice says; the gateway gives it an id and a time."""

    def draft(new_id, by, at):  # type: ignore[no-untyped-def]
        return replace(notice, id=new_id, by=by, at=at, permit=ref)

    return await give_notice(draft, ref, notice.by, key, digest, node, Trail())


async def refused(node: Node, notice: Notice) -> list[str]:
    """The rules that stand against a notice."""
    with pytest.raises(UseRefused) as caught:
        await give(node, notice)
    assert caught.value.advice
    return [finding["rule"] for finding in caught.value.fields["findings"]]


async def known(node: Node) -> Known:
    """The permit and its notices."""
    return (await find_known(REF, node))[1]


async def left(node: Node) -> str:
    """What is left of line A."""
    return str((await known(node)).balances[0].left)


def on_its_way(node: Node) -> list[message.Envelope]:
    """The notices that a gateway sends, oldest first."""
    state = node.storage.state  # type: ignore[attr-defined]
    found = sorted(state.messages.values(), key=lambda each: each.message_id)
    return [
        message.read(parse(each.envelope).root)
        for each in found
        if each.direction is Direction.OUT and not each.kind.carries_permit
    ]


async def outcome_of(node: Node, data: bytes) -> tuple[Outcome, list[str]]:
    """What the receipt says."""
    receipt = stated(await receive(data, node, Trail()))
    return receipt.outcome, [finding.rule for finding in receipt.findings]


async def all_of(node: Node) -> list[Notice]:
    """The notices that are kept about the permit."""
    async with node.storage.read() as transaction:
        return [record.notice for record in await transaction.notices.of_permit(REF)]


# Said here


async def test_customs_write_off_and_the_partner_hears_of_it(ch: Node) -> None:
    """One signed message to the partner, its delivery, the balance, the log."""
    await issued(ch)
    given = await give(ch, endorsement(written("10", dead="1"), remarks="wet"))
    assert not given.repeated
    assert given.unreached == ()
    assert str(given.known.balances[0].left) == "30"
    assert await left(ch) == "30"
    (sent,) = on_its_way(ch)
    assert (sent.header.sender, sent.header.kind) == (CH_CUSTOMS, Kind.ENDORSEMENT)
    assert (sent.header.recipient, sent.header.permit) == (FR_MA, REF)
    (entry,) = await log_of(ch, kind="endorsed")
    assert (entry.actor, entry.authority, entry.outcome) == ("CH:CUSTOMS", "CH:CUSTOMS", "export")
    assert (entry.issuer, entry.number) == (REF.issuer, REF.number)
    assert "A 10" in entry.detail
    assert entry.digest
    state = ch.storage.state  # type: ignore[attr-defined]
    assert [d.conversation_id for d in state.deliveries.values()][-1] == given.notice.id


@pytest.mark.parametrize(
    ("notice", "kind", "word", "detail"),
    [
        (change(PermitStatus.CANCELLED, reason="a mistake"), "status", "cancelled", "cancelled: a mistake"),
        (endorsement(), "endorsed", "export", "export on"),
    ],
)
async def test_the_log_says_what_was_said(
    ch: Node, notice: Notice, kind: str, word: str, detail: str
) -> None:
    await issued(ch)
    await give(ch, notice)
    (entry,) = await log_of(ch, kind=kind)
    assert entry.outcome == word
    assert entry.detail.startswith(detail)


async def test_a_reversal_gives_back_what_was_taken(ch: Node) -> None:
    """Counter-entry and endorsement both stay; a second reversal is none."""
    await issued(ch)
    first = await give(ch, endorsement(written("40")))
    assert (await known(ch)).status(NOW) is PermitStatus.USED
    assert isinstance(first.notice, Endorsement)
    back = await give(ch, reversal(first.notice))
    assert isinstance(back.notice, Reversal)
    assert await left(ch) == "40"
    assert await all_of(ch) == [first.notice, back.notice]
    assert await refused(ch, reversal(first.notice)) == ["reversal.twice"]
    assert (await log_of(ch, kind="endorsed"))[0].outcome == "reversed"
    await give(ch, endorsement(written("40")))


@pytest.mark.parametrize(
    ("notice", "rule"),
    [
        (endorsement(written("41")), "endorsement.more-than-left"),
        (endorsement(side=Side.IMPORT), "endorsement.not-yours"),
        (endorsement(written(line="Q")), "endorsement.unknown-line"),
        (endorsement(written(unit="KGM")), "endorsement.unit"),
        (change(PermitStatus.CANCELLED, by=CH_CUSTOMS), "status.not-yours"),
        (change(PermitStatus.USED), "status.worked-out"),
        (reversal(endorsement()), "reversal.unknown"),
    ],
)
async def test_what_stands_against_it_is_said_and_nothing_is_kept(
    ch: Node, notice: Notice, rule: str
) -> None:
    await issued(ch)
    assert await refused(ch, notice) == [rule]
    assert await all_of(ch) == []
    assert on_its_way(ch) == []


async def test_what_was_written_off_is_not_returned_unused(ch: Node) -> None:
    await issued(ch)
    await give(ch, endorsement())
    assert await refused(ch, change(PermitStatus.RETURNED_UNUSED)) == ["status.was-used"]
    await give(ch, change(PermitStatus.CANCELLED))
    assert await refused(ch, endorsement()) == ["endorsement.not-usable"]


async def test_the_same_request_again_changes_nothing(ch: Node) -> None:
    """Under its key: the first answer, although nothing would be left for a second one."""
    await issued(ch)
    first = await give(ch, endorsement(written("40")), key="k")
    again = await give(ch, endorsement(written("40")), key="k")
    assert (again.notice, again.repeated) == (first.notice, True)
    assert len(on_its_way(ch)) == 1
    assert await all_of(ch) == [first.notice]


async def test_other_bytes_under_the_key_are_turned_away(ch: Node) -> None:
    await issued(ch)
    await give(ch, endorsement(), key="k")
    with pytest.raises(IdempotencyKeyReused):
        await give(ch, endorsement(), key="k", digest="another")
    await give(ch, change(PermitStatus.SUSPENDED), key="k")  # of another author


async def test_the_same_request_in_the_same_instant_is_no_over_use(
    ch: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second is told to ask again, not that the quantity is gone."""
    await issued(ch)
    await give(ch, endorsement(written("40")), key="k")

    async def unseen(*_: object) -> None:
        """As it was a moment before the first was on disk."""

    with monkeypatch.context() as early:
        early.setattr(give_flow, "_repeated", unseen)
        early.setattr(give_flow, "_require_none", _only_once(give_flow._require_none))
        with pytest.raises(StorageError, match="being worked on"):
            await give(ch, endorsement(written("40")), key="k")
    assert (await give(ch, endorsement(written("40")), key="k")).repeated


def _only_once(real):  # type: ignore[no-untyped-def]
    """A look that finds nothing the first time."""
    calls: list[object] = []

    def looked(found: object) -> None:
        calls.append(found)
        if len(calls) > 1:
            real(found)

    return looked


async def test_the_question_is_asked_again_inside_the_transaction(
    ch: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else writes off between the first look and the lock: the second look counts."""
    await issued(ch)
    real = give_flow.audience
    other: list[Given] = []

    def meanwhile(**named: object):  # type: ignore[no-untyped-def]
        state = ch.storage.state  # type: ignore[attr-defined]
        if not other:
            record = give_flow.NoticeRecord(endorsement(written("35")), b"", "", NOW)
            state.notices[record.notice.by, record.notice.id] = record
        return real(**named)  # type: ignore[arg-type]

    monkeypatch.setattr(give_flow, "audience", meanwhile)
    assert await refused(ch, endorsement(written("6"))) == ["endorsement.more-than-left"]


async def test_an_authority_that_does_not_live_here(ch: Node) -> None:
    """French customs write off at their own gateway, which signs for them."""
    await issued(ch)
    with pytest.raises(Forbidden, match="does not live"):
        await give(ch, endorsement(side=Side.IMPORT, by=FR_CUSTOMS))
    assert await all_of(ch) == []


async def test_a_permit_that_is_not_here(ch: Node) -> None:
    with pytest.raises(NotFound, match="holds no permit"):
        await give(ch, endorsement())


async def test_a_seal_that_holds_no_more(ch: Node) -> None:
    """Nothing is written off a permit whose seal cannot be proven."""
    await issued(ch)
    with pytest.raises(GatewayError) as caught:
        await give(replace(ch, trust=TrustStore({})), endorsement())
    assert caught.value.code in ("signature_refused", "key_material_error")
    assert await all_of(ch) == []


async def test_a_partner_that_takes_no_such_message_is_told_of(clock: SetClock) -> None:
    """The notice stands; the answer names who does not hear of it."""
    ch = swiss(MemoryStorage(), clock)
    partner = ch.directory.partners["fr"]
    allowed = frozenset({Allowed(Direction.OUT, Kind.PERMIT)})
    deaf = replace(ch.directory, partners={"fr": replace(partner, allowed=allowed)})
    ch = replace(ch, directory=deaf)
    await issued(ch)
    given = await give(ch, endorsement())
    assert [finding.rule for finding in given.unreached] == ["routing.kind-not-taken"]
    assert on_its_way(ch) == []
    assert "takes no messages" in (await log_of(ch, kind="endorsed"))[0].detail


async def test_whoever_has_asked_hears_of_it(clock: SetClock) -> None:
    """Germany is not named in the permit; it has asked about it, and gets a message of its own."""
    ch = swiss(MemoryStorage(), clock)
    ch = replace(ch, directory=directory("CH:MA CH:CUSTOMS", fr="FR:MA FR:CUSTOMS", de="DE:MA DE:CUSTOMS"))
    await issued(ch)
    await give(ch, endorsement())
    assert [each.header.recipient for each in on_its_way(ch)] == [FR_MA]
    async with ch.storage.write() as transaction:
        await transaction.notices.look(REF, GERMAN, NOW)
    await give(ch, change(PermitStatus.SUSPENDED))
    assert [each.header.recipient for each in on_its_way(ch)] == [FR_MA, FR_MA, GERMAN]


async def test_a_clock_that_is_behind_undoes_nothing(fr: Node, ch: Node, clock: SetClock) -> None:
    """What is said in knowledge of a notice sorts after it."""
    await issued(ch)
    ahead = change(PermitStatus.REFUSED_AT_BORDER, by=FR_CUSTOMS, at=NOW + timedelta(seconds=30))
    data = notice_envelope_of_france(ahead)
    await receive(data, ch, Trail())
    given = await give(ch, change(PermitStatus.RETURNED_UNUSED))
    assert given.notice.at > ahead.at
    assert (await known(ch)).said is PermitStatus.RETURNED_UNUSED


async def test_status_in_time(ch: Node, clock: SetClock) -> None:
    """What the authorities said, else the ledger, else the calendar."""
    await issued(ch)
    end = clock.at + timedelta(days=200)
    assert (await known(ch)).status(clock.at) is PermitStatus.ISSUED
    assert (await known(ch)).status(end) is PermitStatus.EXPIRED
    await give(ch, change(PermitStatus.AMENDED))
    assert (await known(ch)).status(clock.at) is PermitStatus.AMENDED
    await give(ch, endorsement())
    assert (await known(ch)).status(clock.at) is PermitStatus.PARTLY_USED
    assert (await known(ch)).status(end) is PermitStatus.EXPIRED
    await give(ch, endorsement(written("30")))
    assert (await known(ch)).status(end) is PermitStatus.USED
    await give(ch, change(PermitStatus.CANCELLED))
    assert (await known(ch)).status(end) is PermitStatus.CANCELLED


async def test_nobody_whom_it_does_not_concern_looks(ch: Node) -> None:
    """Others ask whether it is valid; a look is in the log."""
    await issued(ch)
    with pytest.raises(NotFound, match="concerns DE"):
        await look(REF, GERMAN, ch, Trail())
    assert (await look(REF, FR_CUSTOMS, ch, Trail())).ref == REF
    (entry,) = await log_of(ch, kind="asked")
    assert (entry.outcome, entry.actor) == ("ledger", "FR:CUSTOMS")


# From elsewhere


def notice_envelope_of_france(notice: Notice, **changes: object) -> bytes:
    """As the French gateway sends it."""
    return notice_envelope(notice, key=gateway_key("FR"), recipient=CH_MA, **changes)


async def test_a_partners_notice_is_kept_and_logged(fr: Node) -> None:
    await sent_to(fr)
    made = endorsement(written("10"))
    assert await outcome_of(fr, notice_envelope(made)) == (Outcome.ACCEPTED, [])
    assert await left(fr) == "30"
    (entry,) = await log_of(fr, kind="endorsed")
    assert (entry.actor, entry.authority, entry.outcome) == ("ch", "CH:CUSTOMS", "export")
    assert (await log_of(fr, kind="received"))[0].outcome == "accepted"


async def test_nothing_is_acknowledged_unless_stored(fr: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise 1: when the receipt is signed, the notice, its message and both log entries are there."""
    await sent_to(fr)
    seen = []
    real = receive_flow.sign

    def watched(*args: object, **named: object) -> bytes:
        state = fr.storage.state  # type: ignore[attr-defined]
        seen.append((len(state.notices), len(state.messages), len(state.log)))
        return real(*args, **named)  # type: ignore[arg-type]

    state = fr.storage.state  # type: ignore[attr-defined]
    before = (len(state.notices), len(state.messages), len(state.log))
    monkeypatch.setattr(receive_flow, "sign", watched)
    await receive(notice_envelope(endorsement()), fr, Trail())
    assert seen == [(before[0] + 1, before[1] + 1, before[2] + 2)]


async def test_nothing_of_it_stays_when_the_log_cannot_be_written(
    fr: Node, ch: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One transaction, where it comes in and where it is said."""

    async def full(*_: object) -> None:
        raise StorageError("disk full")

    await sent_to(fr)
    await issued(ch)
    log = type(await _log_of(fr))
    with monkeypatch.context() as broken:
        broken.setattr(log, "append", full)
        with pytest.raises(StorageError):
            await receive(notice_envelope(endorsement()), fr, Trail())
        with pytest.raises(StorageError):
            await give(ch, endorsement())
    assert await all_of(fr) == await all_of(ch) == []
    assert on_its_way(ch) == []


async def _log_of(node: Node) -> object:
    """The log of a transaction."""
    async with node.storage.read() as transaction:
        return transaction.log


async def test_the_author_is_the_sender(fr: Node) -> None:
    """A customs office does not speak for another authority."""
    await sent_to(fr)
    made = change(PermitStatus.CANCELLED)
    data = notice_envelope(made, sender=CH_CUSTOMS)
    assert await outcome_of(fr, data) == (Outcome.REFUSED, ["identity.notice-author"])
    assert await all_of(fr) == []


async def test_the_register_passes_on_what_others_say(fr: Node) -> None:
    """The issuing Management Authority does; that of another Party does not."""
    await sent_to(fr)
    assert await outcome_of(fr, notice_envelope(endorsement(), sender=CH_MA)) == (Outcome.ACCEPTED, [])
    ref = PermitRef("FR", "FR-2026-000001")
    foreign = endorsement(permit=ref)
    assert (await outcome_of(fr, notice_envelope(foreign, sender=CH_MA)))[1] == ["identity.notice-author"]


async def test_nobody_brings_what_was_not_said_here(fr: Node) -> None:
    """The register is believed, but not about the authorities of this gateway: it could fill their books."""
    await sent_to(fr)
    forged = endorsement(side=Side.IMPORT, by=FR_CUSTOMS)
    data = notice_envelope(forged, sender=CH_MA)
    assert await outcome_of(fr, data) == (Outcome.REFUSED, ["identity.notice-own"])
    assert await all_of(fr) == []


async def test_header_and_notice_are_about_the_same(fr: Node) -> None:
    await sent_to(fr)
    other = notice_envelope(endorsement(), permit=PermitRef("CH", "CH-2026-000999"))
    assert await outcome_of(fr, other) == (Outcome.REFUSED, ["identity.notice-permit"])
    kind = notice_envelope(endorsement(), kind=Kind.STATUS)
    assert await outcome_of(fr, kind) == (Outcome.REFUSED, ["identity.notice-kind"])
    assert await all_of(fr) == []


@pytest.mark.parametrize("payload", [b"<nothing/>", b"no XML", b"<!DOCTYPE a><a/>"])
async def test_what_cannot_be_read_gets_a_receipt_that_says_so(fr: Node, payload: bytes) -> None:
    data = envelope(payload, kind=Kind.STATUS)
    outcome, rules = await outcome_of(fr, data)
    assert outcome is Outcome.NOT_READABLE
    assert rules
    assert await all_of(fr) == []


async def test_a_kind_that_was_not_agreed_is_refused(fr: Node) -> None:
    await sent_to(fr)
    allowed = frozenset({Allowed(Direction.IN, Kind.PERMIT)})
    partner = replace(fr.directory.partners["ch"], allowed=allowed)
    fr = replace(fr, directory=replace(fr.directory, partners={"ch": partner}))
    outcome, rules = await outcome_of(fr, notice_envelope(endorsement()))
    assert (outcome, len(rules)) == (Outcome.REFUSED, 1)
    assert await all_of(fr) == []


@pytest.mark.parametrize(
    ("notice", "rule"),
    [
        (endorsement(side=Side.IMPORT), "endorsement.not-yours"),
        (change(PermitStatus.CANCELLED, by=CH_CUSTOMS), "status.not-yours"),
        (change(PermitStatus.REFUSED_AT_BORDER), "status.not-yours"),
    ],
)
async def test_what_is_not_its_authors_to_say_is_refused(fr: Node, notice: Notice, rule: str) -> None:
    """Switzerland does not write off at the border of France, nor cancel through its customs."""
    await sent_to(fr)
    assert await outcome_of(fr, notice_envelope(notice)) == (Outcome.REFUSED, [rule])
    assert await all_of(fr) == []
    assert (await log_of(fr, kind="received"))[0].outcome == "refused"


async def test_somebody_elses_reversal_is_refused(fr: Node) -> None:
    await sent_to(fr)
    made = endorsement()
    await receive(notice_envelope(made), fr, Trail())
    foreign = reversal(made, by=CH_MA)
    assert (await outcome_of(fr, notice_envelope(foreign)))[1] == ["reversal.not-yours"]
    assert await left(fr) == "30"


async def test_over_use_from_elsewhere_is_kept_with_a_warning(fr: Node) -> None:
    """It has crossed the border there; whoever compares the books must see that."""
    await sent_to(fr)
    assert (await outcome_of(fr, notice_envelope(endorsement(written("30")))))[0] is Outcome.ACCEPTED
    found = await outcome_of(fr, notice_envelope(endorsement(written("30"))))
    assert found == (Outcome.ACCEPTED_WITH_WARNINGS, ["endorsement.more-than-left"])
    assert await left(fr) == "-20"


async def test_a_change_that_was_overtaken_is_kept_with_a_warning_and_does_not_count(fr: Node) -> None:
    await sent_to(fr)
    await receive(notice_envelope(change(PermitStatus.CANCELLED)), fr, Trail())
    late = change(PermitStatus.SUSPENDED, at=NOW + timedelta(seconds=1))
    found = await outcome_of(fr, notice_envelope(late))
    assert found == (Outcome.ACCEPTED_WITH_WARNINGS, ["status.not-forward"])
    assert (await known(fr)).said is PermitStatus.CANCELLED
    assert late in await all_of(fr)


async def test_the_same_notice_by_another_way_changes_nothing(fr: Node) -> None:
    """Two messages, one notice, no warning that it was used twice."""
    await sent_to(fr)
    made = endorsement(written("40"), customs_document="26CH1")
    assert await outcome_of(fr, notice_envelope(made)) == (Outcome.ACCEPTED, [])
    assert await outcome_of(fr, notice_envelope(made, sender=CH_MA)) == (Outcome.ACCEPTED, [])
    assert await all_of(fr) == [made]
    assert len(await log_of(fr, kind="endorsed")) == 1
    assert len(await log_of(fr, kind="received")) == 3


async def test_an_id_is_bound_to_what_its_author_said(fr: Node) -> None:
    await sent_to(fr)
    made = endorsement(written("10"))
    await receive(notice_envelope(made), fr, Trail())
    other = endorsement(written("1"), id=made.id)
    assert await outcome_of(fr, notice_envelope(other)) == (Outcome.REFUSED, ["identity.notice-id"])
    assert await all_of(fr) == [made]
    assert (await log_of(fr, kind="received"))[0].outcome == "refused"


async def test_nobody_takes_an_id_from_somebody_else(fr: Node) -> None:
    await sent_to(fr)
    made = endorsement()
    taken = change(PermitStatus.SUSPENDED, id=made.id)
    assert (await outcome_of(fr, notice_envelope(taken)))[0] is Outcome.ACCEPTED
    assert (await outcome_of(fr, notice_envelope(made)))[0] is not Outcome.REFUSED
    assert set(await all_of(fr)) == {made, taken}


async def test_a_notice_that_overtakes_its_permit(fr: Node) -> None:
    """It is kept, and counts as soon as the permit is there."""
    made = endorsement(written("10"))
    assert await outcome_of(fr, notice_envelope(made)) == (Outcome.ACCEPTED, [])
    with pytest.raises(NotFound):
        await known(fr)
    await sent_to(fr)
    assert await left(fr) == "30"


@pytest.mark.parametrize(
    "notice",
    [endorsement(side=Side.IMPORT), change(PermitStatus.CANCELLED, by=CH_CUSTOMS), endorsement(by=CH_MA)],
)
async def test_what_overtakes_its_permit_counts_no_more_than_what_follows_it(
    fr: Node, notice: Notice
) -> None:
    """Nobody knew whose border it is when it came; when the permit is there, everybody does."""
    await receive(notice_envelope(notice), fr, Trail())
    await sent_to(fr)
    found = await known(fr)
    assert found.status(NOW) is PermitStatus.ISSUED
    assert found.balances[0].imported.value == found.balances[0].exported.value == 0
    assert found.counted == frozenset()


async def test_what_counts_is_told_apart(fr: Node) -> None:
    """A reversal counts when it takes something back; what it took back counts no more."""
    await sent_to(fr)
    made, kept = endorsement(), endorsement(written("2"))
    back, idle = reversal(made), reversal(made, reverses=ids(1)[0])
    for each in (made, kept, back, idle):
        await receive(notice_envelope(each), fr, Trail())
    assert (await known(fr)).counted == {kept, back}


@pytest.mark.parametrize("ahead", [60, 61])
async def test_a_notice_from_the_future_waits(fr: Node, ahead: int, clock: SetClock) -> None:
    """It would come after all that is said until then; its sender tries again by itself."""
    await sent_to(fr)
    data = notice_envelope(change(PermitStatus.CANCELLED, at=NOW + timedelta(seconds=ahead)))
    if ahead > fr.freshness.ahead_seconds:
        with pytest.raises(MessageNotFresh, match="the notice says"):
            await receive(data, fr, Trail())
        assert await all_of(fr) == []
        clock.forward(seconds=1)
    assert (await outcome_of(fr, data))[0] is Outcome.ACCEPTED


async def test_the_register_tells_those_who_asked_it(clock: SetClock) -> None:
    """France writes off; Germany has asked Switzerland, and hears of it from there, once."""
    ch = swiss(MemoryStorage(), clock)
    ch = replace(ch, directory=directory("CH:MA CH:CUSTOMS", fr="FR:MA FR:CUSTOMS", de="DE:MA DE:CUSTOMS"))
    await issued(ch)
    async with ch.storage.write() as transaction:
        await transaction.notices.look(REF, GERMAN, NOW)
        await transaction.notices.look(REF, FR_MA, NOW)
    made = endorsement(side=Side.IMPORT, by=FR_CUSTOMS)
    await receive(notice_envelope_of_france(made), ch, Trail())
    (onward,) = on_its_way(ch)
    assert (onward.header.sender, onward.header.recipient) == (CH_MA, GERMAN)
    assert (onward.header.kind, onward.header.permit) == (Kind.ENDORSEMENT, REF)
    await receive(notice_envelope_of_france(made), ch, Trail())
    assert len(on_its_way(ch)) == 1


async def test_the_register_tells_nobody_whom_the_author_tells(clock: SetClock) -> None:
    """Neither who lives behind the author's own gateway, nor the other authorities of the Parties."""
    nice = AuthorityId.parse("FR:CUSTOMS-Nice")
    ch = swiss(MemoryStorage(), clock)
    partners = {"fr": "FR:MA FR:CUSTOMS DE:CUSTOMS", "nice": "FR:CUSTOMS-Nice", "at": "AT:CUSTOMS"}
    ch = replace(ch, directory=directory("CH:MA CH:CUSTOMS", **partners))
    await issued(ch)
    async with ch.storage.write() as transaction:
        for viewer in (GERMAN, nice, AuthorityId.parse("AT:CUSTOMS")):
            await transaction.notices.look(REF, viewer, NOW)
    made = endorsement(side=Side.IMPORT, by=FR_CUSTOMS)
    assert stated_by_switzerland(await receive(notice_envelope_of_france(made), ch, Trail())).accepted
    assert [str(each.header.recipient) for each in on_its_way(ch)] == ["AT:CUSTOMS"]


def stated_by_switzerland(receipt: bytes) -> Outcome:
    """The outcome in a receipt of the Swiss gateway."""
    return receipts.read(parse(receipt).root).outcome


async def test_who_keeps_no_register_passes_nothing_on(fr: Node) -> None:
    await sent_to(fr)
    async with fr.storage.write() as transaction:
        await transaction.notices.look(REF, GERMAN, NOW)
    await receive(notice_envelope(endorsement()), fr, Trail())
    assert on_its_way(fr) == []


async def test_what_is_refused_is_not_passed_on(clock: SetClock) -> None:
    ch = swiss(MemoryStorage(), clock)
    ch = replace(ch, directory=directory("CH:MA CH:CUSTOMS", fr="FR:MA FR:CUSTOMS", de="DE:MA DE:CUSTOMS"))
    await issued(ch)
    async with ch.storage.write() as transaction:
        await transaction.notices.look(REF, GERMAN, NOW)
    made = endorsement(by=FR_CUSTOMS)
    await receive(notice_envelope_of_france(made), ch, Trail())
    assert on_its_way(ch) == []
