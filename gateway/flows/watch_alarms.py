"""Is something wrong that an operator should hear of, and is something over?"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from gateway.errors import GatewayError, PartnerUnreachable
from gateway.exchange.alarms import Alarm, AlarmKind, Alert, AlertPolicy, Telling
from gateway.flows.alert_store import AlertReceiver
from gateway.flows.journal import entry
from gateway.flows.ports import Node, Trail, Transaction
from gateway.messagelog.entry import EntryKind
from gateway.wording import translated

logger = structlog.get_logger(__name__)

LOOK_SECONDS = 10.0
"""For one source; one that takes longer leaves its alarms as they are."""

TELL_SECONDS = 60.0
"""For one receiver in one round, whatever it does."""

KEPT = timedelta(days=30)
"""So long an alert that is over can still be listed."""

TURN = timedelta(seconds=LOOK_SECONDS + TELL_SECONDS + 30)
"""Longer than a round may take, beside the beat: nobody else looks and tells meanwhile."""


@dataclass(frozen=True, slots=True)
class Source:
    """Somewhere to look."""

    kinds: frozenset[AlarmKind]
    """What it can find: when it fails, these stay as they are."""
    look: Callable[[datetime], Awaitable[Iterable[Alarm] | None]]
    """What is wrong; None when that is not known yet."""


async def watch_alarms(
    sources: Sequence[Source],
    receivers: Sequence[AlertReceiver],
    policy: AlertPolicy,
    holder: str,
    node: Node,
) -> bool:
    """
    Look once; False when another process does it, `holder` being this one.

    1. Take the turn.
    2. Look everywhere. A source that fails says nothing: its alarms neither begin nor end.
    3. One transaction: what begins, what ends, each with an entry of the message log.
    4. Tell each receiver, all of them at once, what it has not heard. One that fails or hangs is told again
       next time, and hinders nobody.
    5. One transaction: who was told what; what was over long ago is forgotten.

    Raises `StorageError`.
    """
    # 1
    at = node.clock.now()
    async with node.storage.write() as transaction:
        now = await transaction.deliveries.moment(at)
        until = now + TURN + timedelta(seconds=policy.beat_seconds)
        if not await transaction.alerts.take_turn(holder, at=now, until=until):
            return False
    # 2
    found, sure = await _looked(sources, at)
    # 3
    async with node.storage.write() as transaction:
        alerts = await _renewed(found, sure, policy, transaction, node)
    # 4
    told = await asyncio.gather(*(_told(each, alerts, at, policy, node) for each in receivers))
    # 5
    async with node.storage.write() as transaction:
        for alert in _noted(alerts, told, at):
            await transaction.alerts.put(alert)
        await transaction.alerts.forget(at - KEPT)
    return True


async def _looked(sources: Sequence[Source], at: datetime) -> tuple[dict[str, Alarm], frozenset[AlarmKind]]:
    """What is wrong by key, and the kinds about which that is all (step 2)."""
    looked = await asyncio.gather(*(_seen(source, at) for source in sources))
    found = {alarm.key: alarm for alarms in looked for alarm in alarms or ()}
    return found, frozenset().union(
        *(source.kinds for source, alarms in zip(sources, looked, strict=True) if alarms is not None)
    )


async def _seen(source: Source, at: datetime) -> list[Alarm] | None:
    """What one source finds; None when it fails, or does not know."""
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            found = await source.look(at)
            return None if found is None else list(found)
    except Exception:
        logger.exception("alarms_not_looked_for", kinds=sorted(source.kinds))
        return None


async def _renewed(
    found: dict[str, Alarm],
    sure: frozenset[AlarmKind],
    policy: AlertPolicy,
    transaction: Transaction,
    node: Node,
) -> list[Alert]:
    """What is kept after this look (step 3)."""
    kept = {alert.key: alert for alert in await transaction.alerts.all()}
    at = node.clock.now()
    for key, alarm in found.items():
        before = kept.get(key)
        if before is None or before.ended:
            kept[key] = _begun(alarm, before, node.clock.new_id(), at, policy)
            await transaction.alerts.put(kept[key])
            await _log(kept[key], "begun", transaction, node)
        elif before.amount != alarm.amount:
            text = translated(alarm.text, policy.language)
            kept[key] = replace(before, amount=alarm.amount, text=text)
            await transaction.alerts.put(kept[key])
    for key, alert in list(kept.items()):
        if not alert.ended and key not in found and alert.kind in sure:
            kept[key] = replace(alert, ended_at=at)
            await transaction.alerts.put(kept[key])
            await _log(kept[key], "ended", transaction, node)
    return list(kept.values())


def _begun(alarm: Alarm, before: Alert | None, new_id: str, at: datetime, policy: AlertPolicy) -> Alert:
    """An alarm that stands from now on; what receivers heard of it before is remembered."""
    return Alert(
        key=alarm.key,
        id=new_id,
        kind=alarm.kind,
        subject=alarm.subject,
        text=translated(alarm.text, policy.language),
        advice=translated(alarm.advice, policy.language),
        amount=alarm.amount,
        begun_at=at,
        told=before.told if before else {},
        partner=alarm.partner,
    )


async def _log(alert: Alert, outcome: str, transaction: Transaction, node: Node) -> None:
    """The begin or the end of an alarm is an entry of the message log."""
    trail = Trail(actor="gateway", partner=alert.partner)
    await transaction.log.append(
        entry(
            node.clock, EntryKind.ALARMED, trail, outcome=f"{alert.kind.value}-{outcome}", detail=alert.text
        )
    )
    tell = logger.info if alert.ended else logger.warning
    tell(f"alarm_{outcome}", kind=alert.kind.value, subject=alert.subject, text=alert.text)


async def _told(
    receiver: AlertReceiver, alerts: Sequence[Alert], at: datetime, policy: AlertPolicy, node: Node
) -> tuple[str, frozenset[str]]:
    """The name of a receiver and the keys of what it has now heard (step 4)."""
    wanted = [alert for alert in alerts if alert.wants_telling(receiver.name, at, policy)]
    heard: set[str] = set()
    try:
        async with asyncio.timeout(TELL_SECONDS):
            for start in range(0, len(wanted), receiver.at_once):
                part = wanted[start : start + receiver.at_once]
                await receiver.tell(part, at)
                heard |= {alert.key for alert in part}
                node.metrics.told(receiver.name, "told")
    except GatewayError as error:
        node.metrics.told(receiver.name, error.code)
        logger.error("alert_not_told", receiver=receiver.name, code=error.code, error=error.message)
    except TimeoutError:
        node.metrics.told(receiver.name, PartnerUnreachable.code)
        logger.error("alert_not_told", receiver=receiver.name, code=PartnerUnreachable.code, error="too slow")
    except Exception:
        node.metrics.told(receiver.name, "internal_error")
        logger.exception("alert_not_told", receiver=receiver.name)
    return receiver.name, frozenset(heard)


def _noted(
    alerts: Iterable[Alert], told: Iterable[tuple[str, frozenset[str]]], at: datetime
) -> Iterable[Alert]:
    """The alerts of which somebody has heard now, with that (step 5)."""
    told = list(told)
    for alert in alerts:
        new = {name: Telling(alert.ended, at, alert.amount) for name, keys in told if alert.key in keys}
        if new:
            yield replace(alert, told={**alert.told, **new})
