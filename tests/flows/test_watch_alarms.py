"""Alarms begin and end once, are told once to each receiver, and hinder nobody."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from support.alerts import Heard, Wrong, alarm
from support.gateways import log_of
from support.measured import samples

from gateway.errors import PartnerUnreachable
from gateway.exchange.alarms import AlarmKind, AlertPolicy
from gateway.flows import watch_alarms as flow
from gateway.flows.watch_alarms import watch_alarms
from gateway.messagelog.entry import EntryKind

POLICY = AlertPolicy()


@pytest.fixture
def watch(ch):
    """Look once with sources and receivers; True when this process did."""

    async def look(wrong, *receivers, holder="a", policy=POLICY, node=ch):
        return await watch_alarms([wrong.source()], receivers, policy, holder, node)

    return look


async def test_once_when_it_begins_and_once_when_it_ends(watch, ch, clock):
    """Three looks while it stands, three when it is over: two words, two entries of the message log."""
    wrong, heard = Wrong([alarm()]), Heard()
    for _ in range(3):
        assert await watch(wrong, heard)
        clock.forward(hours=1)
    wrong.alarms.clear()
    for _ in range(3):
        assert await watch(wrong, heard)
        clock.forward(hours=1)
    assert heard.words() == [("fr", "begun"), ("fr", "ended")]
    entries = await log_of(ch, kind=EntryKind.ALARMED)
    assert [(each.outcome, each.partner) for each in entries] == [
        ("dead-letters-ended", "fr"),
        ("dead-letters-begun", "fr"),
    ]


async def test_what_comes_and_goes_is_not_told_each_time(watch, clock):
    """A partner that flaps every minute is one word for the begin within the pause."""
    wrong, heard = Wrong(), Heard()
    for n in range(10):
        wrong.alarms = [alarm()] if n % 2 == 0 else []
        await watch(wrong, heard)
        clock.forward(minutes=1)
    assert heard.words() == [("fr", "begun")]
    clock.forward(minutes=15)
    await watch(wrong, heard)
    assert heard.words() == [("fr", "begun"), ("fr", "ended")]


async def test_a_process_that_starts_again_does_not_repeat_it(watch, clock):
    """State is in the storage: another process takes the turn over and knows what was told."""
    wrong, heard = Wrong([alarm()]), Heard()
    assert await watch(wrong, heard, holder="a")
    assert not await watch(wrong, heard, holder="b")
    clock.forward(hours=1)
    assert await watch(wrong, heard, holder="b")
    assert heard.words() == [("fr", "begun")]


async def test_a_receiver_that_fails_is_told_again_and_the_other_one_once(watch, ch, clock):
    """Each has what it has heard for itself; the failure is counted by its code."""
    wrong = Wrong([alarm()])
    bad = Heard("mail", 50, failures=[PartnerUnreachable("away"), ZeroDivisionError()])
    good = Heard()
    for _ in range(3):
        with capture_logs() as logs:
            await watch(wrong, bad, good)
        clock.forward(minutes=1)
    assert bad.words() == good.words() == [("fr", "begun")]
    assert "alert_not_told" not in [line["event"] for line in logs]
    found = await samples(ch)
    assert found["ecites_alerts_told_total", "outcome=partner_unreachable", "receiver=mail"] == 1
    assert found["ecites_alerts_told_total", "outcome=internal_error", "receiver=mail"] == 1
    assert found["ecites_alerts_told_total", "outcome=told", "receiver=webhook"] == 1


async def test_a_receiver_that_hangs_does_not_hold_up_the_other_one(watch, monkeypatch):
    """It is given up after its time, and told again next time."""
    monkeypatch.setattr(flow, "TELL_SECONDS", 0.05)

    class Hangs(Heard):
        async def tell(self, alerts, at):
            await asyncio.Event().wait()

    good = Heard()
    with capture_logs() as logs:
        await watch(Wrong([alarm()]), Hangs("mail"), good)
    assert good.words() == [("fr", "begun")]
    assert [line["receiver"] for line in logs if line["event"] == "alert_not_told"] == ["mail"]


async def test_what_was_told_before_it_failed_is_not_repeated(watch, clock):
    """Of two alerts to a webhook the second fails: only that one goes again."""
    heard = Heard()
    wrong = Wrong([alarm("de"), alarm("fr")])

    class Fails(Heard):
        async def tell(self, alerts, at):
            if alerts[0].subject == "fr" and not heard.alerts:
                heard.alerts += alerts
                raise PartnerUnreachable("away")
            await Heard.tell(self, alerts, at)

    receiver = Fails()
    await watch(wrong, receiver)
    clock.forward(minutes=1)
    await watch(wrong, receiver)
    assert receiver.words() == [("de", "begun"), ("fr", "begun")]


async def test_a_source_that_fails_ends_nothing(watch, clock):
    """Who cannot look does not know that it is over."""
    wrong, heard = Wrong([alarm()]), Heard()
    await watch(wrong, heard)
    wrong.fails, wrong.alarms = True, []
    clock.forward(hours=1)
    with capture_logs() as logs:
        await watch(wrong, heard)
    assert heard.words() == [("fr", "begun")]
    assert "alarms_not_looked_for" in [line["event"] for line in logs]
    wrong.fails = False
    await watch(wrong, heard)
    assert heard.words() == [("fr", "begun"), ("fr", "ended")]


async def test_what_has_become_more_is_told_once_a_day(watch, clock):
    """The text has the number of now."""
    wrong, heard = Wrong([alarm(amount=1)]), Heard()
    await watch(wrong, heard)
    wrong.alarms = [alarm(amount=5)]
    clock.forward(hours=1)
    await watch(wrong, heard)
    assert len(heard.alerts) == 1
    clock.forward(hours=24)
    await watch(wrong, heard)
    assert [each.text.rpartition(" ")[2] for each in heard.alerts] == ["1", "5"]


@pytest.mark.parametrize(
    ("language", "begins"), [("en", "messages to fr"), ("fr", "des messages à fr"), ("es", "se ha desistido")]
)
async def test_it_is_said_in_the_language_of_the_settings(language, begins, watch):
    """Text and advice."""
    heard = Heard()
    await watch(Wrong([alarm()]), heard, policy=replace(POLICY, language=language))
    assert heard.alerts[0].text.startswith(begins)


async def test_what_is_over_for_long_is_forgotten(watch, ch, clock):
    """After a month nobody lists it any more."""
    wrong, heard = Wrong([alarm(kind=AlarmKind.DISK)]), Heard()
    await watch(wrong, heard)
    wrong.alarms.clear()
    clock.forward(hours=1)
    await watch(wrong, heard)
    clock.forward(days=31)
    await watch(wrong, heard)
    async with ch.storage.read() as transaction:
        assert await transaction.alerts.all() == []


async def test_a_receiver_of_several_gets_them_together(watch):
    """One mail about three partners."""

    class Counts(Heard):
        calls = 0

        async def tell(self, alerts, at):
            Counts.calls += 1
            await Heard.tell(self, alerts, at)

    heard = Counts("mail", 50)
    await watch(Wrong([alarm("fr"), alarm("de"), alarm("it")]), heard)
    assert (Counts.calls, len(heard.alerts)) == (1, 3)


def test_a_turn_is_longer_than_a_round():
    """Otherwise two processes would tell the same at the same time."""
    assert timedelta(seconds=flow.LOOK_SECONDS + flow.TELL_SECONDS) < flow.TURN
