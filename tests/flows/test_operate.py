"""An operator acts on deliveries; in whatever order, nothing is lost and nothing rises again."""

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from support.exchange import CH_MA, delivery
from support.gateways import DirectCourier, SetClock, log_of, swiss
from support.keys import NOW
from support.memory import MemoryStorage
from support.permits import permit_bytes

from gateway.errors import PartnerAnsweredWrongly, StorageError
from gateway.exchange.delivery import DeliveryState, Room, after_failure, after_receipt
from gateway.exchange.delivery_query import DeliveryQuery
from gateway.exchange.receipts import Outcome
from gateway.exchange.records import Attempt
from gateway.flows.author import Author
from gateway.flows.deliver import deliver
from gateway.flows.issue import issue
from gateway.flows.operate import BATCH, Act, act_on
from gateway.flows.ports import Node, Trail
from gateway.messagelog.entry import EntryKind

ANNA = Author("Anna", "the partner has mended it")
LEASE = 90.0


async def queued(ch: Node) -> str:
    """One permit for France; the id of its delivery."""
    issued = await issue(permit_bytes(), CH_MA, "", ch, Trail())
    return next(each.id for each in issued.deliveries if each.partner)


async def attempt(ch: Node, courier: DirectCourier) -> None:
    """Claim what is due and make one attempt at each."""
    at = ch.clock.now()
    async with ch.storage.write() as transaction:
        claimed = await transaction.deliveries.claim(
            at=at, lease_until=at, worker="w", limit=10, room=Room(10)
        )
    for record in claimed:
        await deliver(record, "w", ch, courier)


async def get(ch: Node, delivery_id: str):
    """One delivery and its attempts."""
    async with ch.storage.read() as transaction:
        return await transaction.deliveries.get(delivery_id), await transaction.deliveries.attempts(
            delivery_id
        )


async def test_a_dead_letter_is_sent_again_with_its_id_and_its_evidence(
    ch: Node, fr: Node, clock: SetClock
) -> None:
    """The same bytes go, the earlier attempt stays, the log says who and why, and it arrives."""
    found = await queued(ch)
    courier = DirectCourier(fr, [PartnerAnsweredWrongly("HTTP 400", status=400, final=True)])
    await attempt(ch, courier)
    before, _ = await get(ch, found)
    assert before.state is DeliveryState.DEAD
    clock.forward(hours=3)
    rung = []
    node = replace(ch, wake=lambda: rung.append(True))
    assert await act_on(Act.REQUEUE, DeliveryQuery(ids=(found,)), ANNA, node) == 1
    assert rung
    waits, _ = await get(ch, found)
    assert (waits.state, waits.requeued_at, waits.created_at) == (
        DeliveryState.QUEUED,
        clock.now(),
        before.created_at,
    )
    await attempt(ch, courier)
    after, attempts = await get(ch, found)
    assert (after.state, after.message_id, len(attempts)) == (DeliveryState.DELIVERED, before.message_id, 2)
    (entry,) = await log_of(ch, kind=EntryKind.OPERATED)
    assert (entry.actor, entry.outcome, entry.message_id) == ("Anna", "requeued", before.message_id)
    assert entry.detail == "the partner has mended it; it was dead: HTTP 400"


async def test_what_waits_is_tried_now(ch: Node, clock: SetClock) -> None:
    """Its next attempt is due, and nothing else has changed."""
    record = delivery(next_attempt_at=NOW.replace(year=2027))
    async with ch.storage.write() as transaction:
        await transaction.deliveries.add([record])
    assert await act_on(Act.RETRY, DeliveryQuery(), ANNA, ch) == 1
    assert (await get(ch, record.id))[0] == replace(record, next_attempt_at=clock.now())


@pytest.mark.parametrize("act", list(Act))
async def test_what_is_on_its_way_or_delivered_is_left_alone(ch: Node, act: Act) -> None:
    """No act touches it, and nothing is logged."""
    records = [
        delivery(state=state, next_attempt_at=None)
        for state in (DeliveryState.SENDING, DeliveryState.DELIVERED, DeliveryState.REFUSED)
    ]
    async with ch.storage.write() as transaction:
        await transaction.deliveries.add(records)
    assert await act_on(act, DeliveryQuery(), ANNA, ch) == 0
    for record in records:
        assert (await get(ch, record.id))[0] == record
    assert await log_of(ch) == []


async def test_a_state_in_which_nothing_can_be_done_finds_nothing(ch: Node) -> None:
    """Asking for delivered ones to be dropped does not drop all others."""
    waiting = delivery()
    async with ch.storage.write() as transaction:
        await transaction.deliveries.add([waiting])
    query = DeliveryQuery(states=(DeliveryState.DELIVERED,))
    assert await act_on(Act.DROP, query, ANNA, ch) == 0


async def test_thousands_are_done_in_batches(ch: Node) -> None:
    """Each once, and the caller is told of each batch."""
    records = [delivery(partner="fr") for _ in range(BATCH + 7)]
    async with ch.storage.write() as transaction:
        await transaction.deliveries.add(records)
    told: list[int] = []
    assert await act_on(Act.DROP, DeliveryQuery(partner="fr"), ANNA, ch, told.append) == BATCH + 7
    assert told == [BATCH, 7]
    assert len(await log_of(ch, limit=2000)) == BATCH + 7


async def test_nothing_is_done_without_its_entry(ch: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the transaction fails, the delivery stays as it was."""
    record = delivery(state=DeliveryState.DEAD, next_attempt_at=None)
    async with ch.storage.write() as transaction:
        await transaction.deliveries.add([record])
    ch.storage.fail_next_writes = 1  # type: ignore[attr-defined]
    with pytest.raises(StorageError):
        await act_on(Act.REQUEUE, DeliveryQuery(), ANNA, ch)
    assert (await get(ch, record.id))[0] == record
    assert await log_of(ch) == []


class Deliveries(RuleBasedStateMachine):
    """One delivery under two workers and an operator, in any order."""

    def __init__(self) -> None:
        """It is queued."""
        super().__init__()
        self.clock = SetClock()
        self.node = swiss(MemoryStorage(), self.clock)
        self.record = delivery(id=self.clock.new_id(), created_at=NOW, next_attempt_at=NOW)
        self.held = {}
        self.tries = 0
        self.delivered = False
        self.run(self._add())

    def run(self, work):
        """Everything here is done at once, so no loop is needed."""
        try:
            work.send(None)
        except StopIteration as ended:
            return ended.value
        raise AssertionError("something waited")

    async def _add(self):
        async with self.node.storage.write() as transaction:
            await transaction.deliveries.add([self.record])

    async def _now(self):
        async with self.node.storage.read() as transaction:
            found = await transaction.deliveries.get(self.record.id)
            return found, await transaction.deliveries.attempts(self.record.id)

    @rule(worker=st.sampled_from("ab"), hours=st.sampled_from([0.0, 0.01, 1.0, 30.0]))
    def claim(self, worker, hours):
        """A worker takes it, if it is due."""
        self.clock.forward(hours=hours)

        async def work():
            async with self.node.storage.write() as transaction:
                return await transaction.deliveries.claim(
                    at=self.clock.now(),
                    lease_until=self.clock.now().replace(year=self.clock.now().year),
                    worker=worker,
                    limit=1,
                    room=Room(1),
                )

        for taken in self.run(work()):
            self.held = {**self.held, worker: taken}

    @rule(worker=st.sampled_from("ab"), how=st.sampled_from(["receipt", "refusal", "silence"]))
    def settle(self, worker, how):
        """A worker's attempt ends, perhaps long after it lost its lease."""
        taken = self.held.pop(worker, None)
        if taken is None:
            return
        step = after_receipt(Outcome.ACCEPTED)
        if how != "receipt":
            step = after_failure(
                PartnerAnsweredWrongly("x", final=how == "refusal"),
                attempts=taken.attempts + 1,
                created_at=taken.deadline_from,
                at=self.clock.now(),
                policy=self.node.retry,
                jitter=0.0,
            )
        tried = Attempt(taken.id, self.clock.now(), 0.1, "http://x", how)

        async def work():
            async with self.node.storage.write() as transaction:
                return await transaction.deliveries.settle(
                    taken, step, tried, worker=worker, code="", error=""
                )

        mine = self.run(work())
        self.tries += 1
        self.delivered = self.delivered or (mine and how == "receipt")

    @rule(act=st.sampled_from(Act))
    def operate(self, act):
        """An operator acts."""
        self.run(act_on(act, DeliveryQuery(ids=(self.record.id,)), ANNA, self.node))

    @invariant()
    def it_is_in_one_legal_state(self):
        """Delivered stays delivered, attempts are all kept, and only what waits has a next moment."""
        found, attempts = self.run(self._now())
        assert len(attempts) == self.tries
        if self.delivered:
            assert found.state is DeliveryState.DELIVERED
        assert found.message_id == self.record.message_id
        assert found.created_at == self.record.created_at
        assert (found.next_attempt_at is None) == found.state.settled
        assert (found.settled_at is not None) == found.state.settled


def test_any_order_of_workers_and_operators_keeps_a_delivery_whole():
    """The model test of the state machine."""
    run_state_machine_as_test(Deliveries, settings=settings(stateful_step_count=30))
