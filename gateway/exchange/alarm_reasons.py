"""When something is an alarm: figures in, alarms out."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from gateway.exchange.alarms import Alarm, AlarmKind, AlertPolicy
from gateway.exchange.breaker import PartnerHealth
from gateway.exchange.claiming import Backlog
from gateway.exchange.delivery import DeliveryState
from gateway.wording import say

_MEGABYTE = 1024 * 1024


def silent_partners(
    health: Mapping[str, PartnerHealth], known: Collection[str], at: datetime, policy: AlertPolicy
) -> Iterator[Alarm]:
    """Partners and webhooks of `known` that have not answered for a while and do not answer now."""
    for name, each in sorted(health.items()):
        since = each.answered_at or each.failed_at
        if name not in known or each.probe_at is None or since is None:
            continue
        if at - since >= timedelta(minutes=policy.silent_minutes):
            text = say(
                "{partner} has not answered since {since} UTC; the last attempt ended with {code}",
                partner=name,
                since=f"{since:%Y-%m-%d %H:%M}",
                code=each.error_code,
            )
            advice = say(
                "call its operator; what is for it waits here and goes by itself when it answers, and "
                "ecites partner list shows when it last did"
            )
            yield Alarm(AlarmKind.PARTNER_SILENT, name, text, advice, partner=name)


def dead_letters(backlog: Iterable[Backlog]) -> Iterator[Alarm]:
    """Deliveries that wait for an operator."""
    for each in backlog:
        if each.state is DeliveryState.DEAD:
            text = say(
                "messages to {partner} were given up and wait for an operator: {count}",
                partner=each.partner,
                count=each.count,
            )
            advice = say("see why with ecites dead list, mend it, and send them again or drop them")
            yield Alarm(AlarmKind.DEAD_LETTERS, each.partner, text, advice, each.count, each.partner)
        elif each.state is DeliveryState.NO_RECEIPT:
            text = say(
                "messages to {partner} have no receipt and their time is over, so nobody knows whether they "
                "arrived: {count}",
                partner=each.partner,
                count=each.count,
            )
            advice = say(
                "ask its operator whether they are there; sent again with ecites dead requeue, they are not "
                "taken twice"
            )
            yield Alarm(AlarmKind.NO_RECEIPT, each.partner, text, advice, each.count, each.partner)


def ending_certificate(
    name: str, fingerprint: str, ends: datetime, at: datetime, policy: AlertPolicy
) -> Iterator[Alarm]:
    """A certificate in use that ends soon, or has ended."""
    if ends - at >= timedelta(days=policy.certificate_days):
        return
    when = f"{ends:%Y-%m-%d %H:%M}"
    if at >= ends:
        text = say("the certificate {name} ended on {ends} UTC", name=name, ends=when)
    else:
        text = say("the certificate {name} ends on {ends} UTC", name=name, ends=when)
    advice = say(
        "make the next one with ecites keys and give it to the partners; if it is a partner's, ask its "
        "operator for the next one"
    )
    yield Alarm(AlarmKind.CERTIFICATE, fingerprint, text, advice)


def full_disk(place: str, free: int, total: int, policy: AlertPolicy) -> Iterator[Alarm]:
    """A disk of ours of which little is free; `place` is a word of the program."""
    if free * 100 >= total * policy.disk_percent:
        return
    text = say(
        "the disk of the {place} is nearly full: {free} MB of {total} MB are free",
        place=place,
        free=free // _MEGABYTE,
        total=total // _MEGABYTE,
    )
    advice = say("make room, or give it a larger disk; when it is full, everything new is turned away")
    yield Alarm(AlarmKind.DISK, place, text, advice)


def log_behind(count: int, since: datetime | None, at: datetime, policy: AlertPolicy) -> Iterator[Alarm]:
    """Entries of the message log that have waited too long for their place."""
    if since is None or at - since < timedelta(minutes=policy.log_minutes):
        return
    text = say(
        "entries of the message log wait for their place since {since} UTC: {count}",
        since=f"{since:%Y-%m-%d %H:%M}",
        count=count,
    )
    advice = say("look for log_not_placed in the log of the gateway; it says what hinders it")
    yield Alarm(AlarmKind.LOG_BEHIND, "log", text, advice)


def log_broken(breaks: int) -> Iterator[Alarm]:
    """The message log is not what it was."""
    if not breaks:
        return
    text = say("the message log is not what it was: it does not hold at {count} place(s)", count=breaks)
    advice = say(
        "ecites log verify says where; keep the database and the file of checkpoints as they are, and find "
        "out who could write to them"
    )
    yield Alarm(AlarmKind.LOG_BROKEN, "log", text, advice, breaks)
