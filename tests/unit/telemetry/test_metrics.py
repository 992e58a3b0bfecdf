"""What is counted and measured, and that a mistake in it is nobody else's trouble."""

import asyncio

import pytest
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from gateway.telemetry import metrics as measured
from gateway.telemetry.metrics import Metrics, Reading


async def numbers(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Name and values of labels, as Prometheus reads them."""
    families = text_string_to_metric_families((await metrics.text()).decode())
    return {
        (sample.name, *(f"{label}={value}" for label, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def reading(name, take, labels=("owner",)):
    """A reading with one label."""
    return Reading(name, "Something.", labels, take)


async def test_each_count_has_its_labels():
    """What happened twice is 2, under the names that the operator's page tells."""
    metrics = Metrics()
    metrics.received("fr", "accepted")
    metrics.received("fr", "accepted")
    metrics.sent("fr", "delivered")
    metrics.failed("fr", "partner_unreachable")
    metrics.given_up("fr", "no-receipt")
    metrics.refused("exchange", "", "not_xml")
    metrics.disagreement()
    metrics.answered("submit", 0.2)
    found = await numbers(metrics)
    assert found["ecites_messages_received_total", "outcome=accepted", "partner=fr"] == 2
    assert found["ecites_messages_sent_total", "outcome=delivered", "partner=fr"] == 1
    assert found["ecites_attempts_failed_total", "code=partner_unreachable", "partner=fr"] == 1
    assert found["ecites_deliveries_given_up_total", "partner=fr", "state=no-receipt"] == 1
    assert found["ecites_requests_refused_total", "code=not_xml", "door=exchange", "partner="] == 1
    assert found[("ecites_verifiers_disagree_total",)] == 1
    assert found["ecites_request_seconds_bucket", "door=submit", "le=0.1"] == 0
    assert found["ecites_request_seconds_bucket", "door=submit", "le=0.25"] == 1


async def test_an_alarm_that_never_rang_is_nought():
    """An alert needs the number before the first disagreement too."""
    assert (await numbers(Metrics()))[("ecites_verifiers_disagree_total",)] == 0


async def test_two_gateways_share_nothing():
    """Two of them in one process have two counts."""
    one, other = Metrics(), Metrics()
    one.disagreement()
    assert (await numbers(other))[("ecites_verifiers_disagree_total",)] == 0


async def test_a_reading_is_taken_when_somebody_asks():
    """What is no longer there is no longer told."""
    there = {"CH:MA": 5.0, "fr": 7.0}
    metrics = Metrics()

    async def take():
        return [((owner,), value) for owner, value in there.items()]

    metrics.read(reading("ecites_left", take))
    found = await numbers(metrics)
    assert (found["ecites_left", "owner=CH:MA"], found["ecites_left", "owner=fr"]) == (5, 7)
    del there["fr"]
    assert ("ecites_left", "owner=fr") not in await numbers(metrics)


@pytest.mark.parametrize("broken", ["raises", "wrong labels", "not a number", "hangs"])
async def test_a_broken_reading_leaves_the_others(monkeypatch, broken):
    """It is missing rather than old, it is counted and said; everything else is there."""
    monkeypatch.setattr(measured, "READING_SECONDS", 0.05)
    good = [True]
    metrics = Metrics()

    async def take():
        if good:
            return [(("a",), 1.0)]
        if broken == "raises":
            raise ZeroDivisionError
        if broken == "hangs":
            await asyncio.Event().wait()
        return [(("b",), 2.0), (("a", "b"), 1.0) if broken == "wrong labels" else (("a",), "x")]

    async def other():
        return [(("c",), 3.0)]

    metrics.read(reading("ecites_broken", take))
    metrics.read(reading("ecites_other", other))
    assert (await numbers(metrics))["ecites_broken", "owner=a"] == 1
    good.clear()
    with capture_logs() as logs:
        found = await numbers(metrics)
    assert [line["event"] for line in logs] == ["reading_failed"]
    assert not [name for name in found if name[0] == "ecites_broken"]
    assert found["ecites_other", "owner=c"] == 3
    assert found["ecites_readings_failed_total", "reading=ecites_broken"] == 1


async def test_counting_never_raises(monkeypatch):
    """Neither a mistake in a counter nor one in the log that tells it reaches who counted (promise 9)."""

    def broken(*_words, **_fields):
        raise ZeroDivisionError

    metrics = Metrics()
    for name in ("_received", "_sent", "_failed", "_given_up", "_refused", "_seconds", "_delivery", "_told"):
        monkeypatch.setattr(getattr(metrics, name), "labels", broken)
    monkeypatch.setattr(metrics._disagreements, "inc", broken)
    monkeypatch.setattr(measured.logger, "exception", broken, raising=False)
    metrics.received("fr", "accepted")
    metrics.sent("fr", "delivered")
    metrics.failed("fr", "x")
    metrics.given_up("fr", "dead")
    metrics.refused("submit", "", "x")
    metrics.answered("submit", 1.0)
    metrics.carried("fr", 1.0)
    metrics.told("mail", "told")
    metrics.disagreement()
    assert await metrics.text()
