from datetime import timedelta

import pytest
from support.keys import NOW

from gateway.errors import (
    PartnerAnsweredWrongly,
    PartnerUnreachable,
    ReceiptRefused,
    SchemaInvalid,
)
from gateway.exchange.delivery import DeliveryState, Room, Step, after_failure, after_receipt
from gateway.exchange.receipts import Outcome
from gateway.exchange.retry import RetryPolicy

POLICY = RetryPolicy(first_pause_seconds=10, factor=3, longest_pause_seconds=60, deadline_hours=1)
SILENCE = PartnerUnreachable("no answer")


def failed(error=SILENCE, attempts=1, age=timedelta(), jitter=0.0):
    """What follows from a failure of a delivery of that age."""
    return after_failure(error, attempts=attempts, created_at=NOW - age, at=NOW, policy=POLICY, jitter=jitter)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.ACCEPTED, DeliveryState.DELIVERED),
        (Outcome.ACCEPTED_WITH_WARNINGS, DeliveryState.DELIVERED_WITH_WARNINGS),
        (Outcome.NOT_READABLE, DeliveryState.NOT_READABLE),
        (Outcome.REFUSED, DeliveryState.REFUSED),
    ],
)
def test_a_receipt_settles_the_delivery(outcome, state):
    """Each outcome has its state, which is an end, and no further attempt is planned."""
    assert after_receipt(outcome) == Step(state, None)
    assert state.settled


def test_every_outcome_settles():
    """An outcome that is added cannot be forgotten in the table."""
    assert all(after_receipt(outcome).state.settled for outcome in Outcome)


def test_only_what_is_queued_waits_or_is_sent_is_no_end():
    """Everything else is settled."""
    open_states = {state for state in DeliveryState if not state.settled}
    assert open_states == {DeliveryState.QUEUED, DeliveryState.WAITING, DeliveryState.SENDING}


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 10), (2, 30), (3, 60), (4, 60), (1000, 60)])
def test_silence_is_tried_again_with_growing_pauses(attempts, seconds):
    """The pause grows by the factor up to the longest, and stays there."""
    assert failed(attempts=attempts) == Step(DeliveryState.QUEUED, NOW + timedelta(seconds=seconds))


def test_full_jitter_takes_off_a_quarter():
    """Many deliveries that failed together do not come back together."""
    assert failed(jitter=1.0).next_attempt_at == NOW + timedelta(seconds=7.5)


@pytest.mark.parametrize("error", [SILENCE, ReceiptRefused("another id"), SchemaInvalid("no receipt")])
def test_whatever_may_heal_is_tried_again(error):
    """A wrong receipt or an unreadable answer may be mended by the partner."""
    assert failed(error).state is DeliveryState.QUEUED


@pytest.mark.parametrize(
    ("final", "state"),
    [(True, DeliveryState.DEAD), (False, DeliveryState.QUEUED), (None, DeliveryState.QUEUED)],
)
def test_only_a_final_refusal_gives_up_at_once(final, state):
    """A partner that will refuse the same bytes again is not asked again."""
    error = PartnerAnsweredWrongly("no", **({} if final is None else {"final": final}))
    assert failed(error).state is state


def test_only_the_partners_own_answer_can_be_final():
    """An error of another kind with the same field is tried again."""
    assert failed(PartnerUnreachable("no answer", final=True)).state is DeliveryState.QUEUED


def test_an_attempt_exactly_at_the_deadline_is_still_made():
    """The deadline belongs to the time allowed; one moment later does not."""
    last = timedelta(hours=1) - timedelta(seconds=10)
    assert failed(age=last).state is DeliveryState.QUEUED
    assert failed(age=last + timedelta(microseconds=1)) == Step(DeliveryState.NO_RECEIPT, None)


def test_room_is_the_default_unless_a_partner_has_its_own():
    """A named partner has what is left for it, all others the default."""
    room = Room(4, {"slow": 1, "full": 0, "over": -2})
    assert [room.of(partner) for partner in ("slow", "full", "over", "new")] == [1, 0, -2, 4]
    assert set(room.full) == {"full", "over"}
