from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from support.keys import NOW

from gateway.errors import PartnerAnsweredWrongly, PartnerUnreachable
from gateway.exchange.delivery import DeliveryState, after_failure
from gateway.exchange.retry import RetryPolicy

policies = st.builds(
    RetryPolicy,
    first_pause_seconds=st.floats(0.001, 3600),
    factor=st.floats(1, 10),
    longest_pause_seconds=st.floats(0.001, 86400),
    deadline_hours=st.floats(0.01, 1000),
)
jitters = st.floats(0, 1)


@given(policy=policies, attempts=st.integers(0, 10**9), jitter=jitters)
def test_no_pause_is_longer_than_the_longest_or_negative(policy, attempts, jitter):
    """However often it failed, the pause lies between nothing and the longest one."""
    pause = policy.pause(attempts, jitter)
    assert timedelta(0) <= pause <= timedelta(seconds=policy.longest_pause_seconds)


@given(policy=policies, attempts=st.integers(1, 1000))
def test_pauses_never_shrink_without_jitter(policy, attempts):
    """Each further failure waits at least as long as the one before."""
    assert policy.pause(attempts, 0) <= policy.pause(attempts + 1, 0)


@given(policy=policies, attempts=st.integers(1, 1000), jitter=jitters)
def test_jitter_takes_off_a_quarter_at_most(policy, attempts, jitter):
    """Jitter shortens a pause by no more than a quarter."""
    full = policy.pause(attempts, 0)
    assert full * 0.75 - timedelta(microseconds=1) <= policy.pause(attempts, jitter) <= full


@given(policy=policies, attempts=st.integers(1, 1000), age=st.floats(0, 10**7), jitter=jitters)
def test_a_next_attempt_lies_ahead_and_before_the_deadline(policy, attempts, age, jitter):
    """A failure leads to a later attempt within the deadline, or to NO_RECEIPT; there is nothing else."""
    created = NOW - timedelta(seconds=age)
    step = after_failure(
        PartnerUnreachable("no"), attempts=attempts, created_at=created, at=NOW, policy=policy, jitter=jitter
    )
    if step.state is DeliveryState.QUEUED:
        assert NOW <= step.next_attempt_at <= created + policy.deadline
    else:
        assert step.state is DeliveryState.NO_RECEIPT
        assert step.next_attempt_at is None


@given(first=st.floats(60, 3600), factor=st.floats(1, 4), hours=st.floats(0.1, 72), jitter=jitters)
def test_silence_always_ends_in_no_receipt_at_the_deadline(first, factor, hours, jitter):
    """A partner that never answers is tried for the whole time allowed, less one pause, and then given up."""
    policy = RetryPolicy(first, factor, 3600, hours)
    at, attempts = NOW, 0
    while True:
        attempts += 1
        step = after_failure(
            PartnerUnreachable("no"), attempts=attempts, created_at=NOW, at=at, policy=policy, jitter=jitter
        )
        if step.state is DeliveryState.NO_RECEIPT:
            break
        assert step.next_attempt_at > at
        at = step.next_attempt_at
    assert at <= NOW + policy.deadline < at + timedelta(hours=1, microseconds=1)


@given(policy=policies, attempts=st.integers(1, 1000), jitter=jitters)
def test_a_final_refusal_dies_at_once(policy, attempts, jitter):
    """What will never heal is not tried again, whatever the policy."""
    step = after_failure(
        PartnerAnsweredWrongly("no", final=True),
        attempts=attempts, created_at=NOW, at=NOW, policy=policy, jitter=jitter,
    )  # fmt: skip
    assert step.state is DeliveryState.DEAD
