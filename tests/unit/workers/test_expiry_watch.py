"""Warnings of certificates that end, once a day."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from cryptography.hazmat.primitives.serialization import Encoding
from structlog.testing import capture_logs
from support.gateways import SetClock
from support.key_material import authority, crl
from support.keys import NOW, seal

from gateway.signatures.revocation import Revocations, RevocationSettings
from gateway.signatures.revocation_list import read_lists
from gateway.workers import expiry_watch
from gateway.workers.expiry_watch import ExpiryWatch


def test_a_certificate_that_ends_is_told_once_a_day():
    """At the start, and again on the next day; more urgent when it is an error."""
    clock = SetClock()
    watch = ExpiryWatch(clock, lambda: [("ch-ma", seal(days=30).certificate)])
    with capture_logs() as logs:
        watch.look()
        watch.look()
        clock.forward(days=1)
        watch.look()
        clock.forward(days=28, hours=1)
        watch.look()
    assert [(line["log_level"], line["rule"]) for line in logs] == [
        ("warning", "keys.expires-in-30"),
        ("warning", "keys.expires-in-30"),
        ("error", "keys.expires-in-1"),
    ]
    assert "ch-ma" in logs[0]["text"]
    assert clock.now() > NOW + timedelta(days=29)


async def test_a_mistake_does_not_end_the_watch(monkeypatch):
    """Whatever happens in one round, the next one comes."""
    monkeypatch.setattr(expiry_watch, "POLL_SECONDS", 0.0)
    clock, rounds, enough = SetClock(), [], asyncio.Event()

    def certificates():
        rounds.append(1)
        clock.forward(days=1)
        if len(rounds) == 2:
            enough.set()
        raise ZeroDivisionError

    with capture_logs() as logs:
        task = asyncio.create_task(ExpiryWatch(clock, certificates).run())
        async with asyncio.timeout(10):
            await enough.wait()
        task.cancel()
    assert len(rounds) >= 2
    assert logs[0]["event"] == "expiry_watch_failed"


def test_a_list_that_is_too_old_is_told_at_once_and_daily():
    """Within the grace it is a warning with the time to act, beyond it an error."""
    clock = SetClock()
    revocations = Revocations.load(RevocationSettings())
    found = read_lists(crl().public_bytes(Encoding.DER), "ca.crl", [authority()])
    revocations = replace(revocations, lists=tuple(found), grace=timedelta(hours=36))
    watch = ExpiryWatch(clock, list, revocations.alarms)
    with capture_logs() as logs:
        watch.look()
        clock.forward(days=1, seconds=1)
        watch.look()
        watch.look()
        clock.forward(days=1)
        watch.look()
        clock.forward(hours=12)
        watch.look()
    assert [line["log_level"] for line in logs] == ["warning", "warning", "error"]
    assert "ca.crl" in logs[0]["text"]
