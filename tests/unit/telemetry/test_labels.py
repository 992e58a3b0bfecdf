"""Labels are bounded: there are no more of them than the configuration and the program have."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.exchange import delivery, ids
from support.gateways import SetClock, swiss
from support.measured import described, install, samples, settings_in
from support.memory import MemoryStorage

from gateway.errors import GatewayError
from gateway.exchange.breaker import PartnerHealth
from gateway.exchange.delivery import DeliveryState
from gateway.exchange.receipts import Outcome
from gateway.telemetry.metrics import CODES, OTHER, Metrics

SECRETS = ("CH-2026-000123", "26/CH/0417-A", "ecites_4f9cd1f0e1b2", "https://fr.example/inbox")

BOUNDED = {
    "partner": "partners and webhooks of the configuration, and other",
    "state": "states of deliveries or breakers",
    "outcome": "words of the program",
    "code": "codes of errors",
    "door": "names of routes",
    "receiver": "webhook or mail",
    "reading": "names of readings",
    "place": "configuration or database",
    "kind": "sqlite or postgresql",
    "owner": "authorities and partners of the configuration",
    "use": "what a certificate is for",
    "sha256": "certificates in use",
    "issuer": "issuers of revocation lists in use",
    "list": "revocation lists in use",
    "version": "one",
    "python": "one",
    "le": "buckets",
    "of": "two of the log",
}
"""Every label that there is, and why it cannot grow without end; a new one must stand here."""


@pytest.fixture
def node(tmp_path):
    made = swiss(MemoryStorage(), SetClock())
    install(made, settings_in(tmp_path))
    return made


def test_every_label_is_known_to_be_bounded(node):
    """A label that nobody has thought about is a failure."""
    labels = set().union(*described(node).values())
    assert labels <= set(BOUNDED)


async def test_nothing_that_somebody_sent_is_in_a_label(node):
    """Numbers, tokens and addresses in the place of partners, codes and outcomes: none of them gets out."""
    for each in SECRETS:
        node.metrics.received(each, each)
        node.metrics.sent(each, each)
        node.metrics.failed(each, each)
        node.metrics.given_up(each, each)
        node.metrics.refused("submit", each, each)
        node.metrics.carried(each, 0.1)
        node.metrics.told("mail", each)
    text = (await node.metrics.text()).decode()
    assert not [each for each in SECRETS if each in text]
    assert 'ecites_messages_received_total{outcome="other",partner="other"} 4.0' in text


async def test_partners_that_are_gone_are_one(node):
    """Deliveries and health of partners that nobody has registered any more come together as `other`."""
    async with node.storage.write() as transaction:
        gone = [f"gone-{n}" for n in range(3)]
        await transaction.deliveries.add(
            [delivery(id=each, partner=partner) for each, partner in zip(ids(3), gone, strict=True)]
        )
        dead = delivery(id=ids(4)[3], partner="gone-9", state=DeliveryState.DEAD, next_attempt_at=None)
        await transaction.deliveries.add([dead])
        for partner in gone:
            await transaction.health.put(PartnerHealth(partner, failures=9, probe_at=node.clock.now()))
    found = await samples(node)
    assert found["ecites_queue_deliveries", "partner=other", "state=queued"] == 3
    assert found["ecites_dead_letters", "partner=other", "state=dead"] == 1
    assert ("ecites_queue_oldest_seconds", "partner=other") in found
    assert not [name for name in found if any("gone" in part for part in name)]


@settings(max_examples=50)
@given(st.lists(st.tuples(st.text(max_size=80), st.text(max_size=80)), max_size=20))
async def test_never_more_than_partners_times_words(said):
    """Any text as a partner: two names at most beside nothing."""
    metrics = Metrics()
    metrics.know(lambda: {"fr"})
    for partner, _ in said:
        assert metrics.named(partner) in ("", "fr", OTHER)


def test_every_code_of_the_program_is_a_word():
    """An error whose code were not would be counted as `other`."""
    kinds = [GatewayError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    words = [kind.code for kind in kinds] + [state.value for state in (*DeliveryState, *Outcome)]
    assert not [word for word in words if not CODES.fullmatch(word)]


def test_without_a_directory_every_name_is_taken():
    """A gateway that has not said whom it knows bounds nothing."""
    assert Metrics().named("fr") == "fr"
