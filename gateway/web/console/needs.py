"""What needs somebody now, each with what to do and where; other subjects add theirs to `MORE`."""

from collections.abc import Iterator
from datetime import timedelta

from aiohttp import web

from gateway.exchange.delivery import DeliveryState
from gateway.exchange.figures import GivenUp, Queue
from gateway.flows.overview import MOST, Overview
from gateway.flows.reading import read
from gateway.people.person import Person
from gateway.people.rights import Right
from gateway.signatures.expiry import STAGES, days_left
from gateway.web.console.alarm_needs import alarms_that_stand
from gateway.web.console.asking import address
from gateway.web.console.delivery_words import STATES
from gateway.web.console.drawing import moment
from gateway.web.console.need import Finder, Need
from gateway.web.console.trust_needs import changes_that_wait
from gateway.wording import Words, say

LONG_QUEUE = timedelta(hours=1)
"""What waits for longer is worth a look, although the gateway goes on trying by itself."""
LONG_MAILBOX = timedelta(hours=24)
"""So long a partner may leave its mailbox alone before somebody should ask."""
SHOWN = 5
"""Facts of one need; the page behind the link has all."""


MORE: tuple[tuple[str, Finder], ...] = (
    ("alarms", alarms_that_stand),
    ("changes of trust", changes_that_wait),
)
"""By a name for the running log: what other subjects have to say."""


async def more_needs(request: web.Request) -> tuple[list[Need], bool]:
    """What other subjects have to say, and whether all could be asked."""
    found: list[Need] = []
    complete = True
    for name, finder in MORE:
        part = await read(name, finder(request))
        found += part.value or ()
        complete = complete and part.value is not None
    return found, complete


def needs_of(seen: Overview, who: Person) -> list[Need]:
    """What the overview says that somebody with these rights should see to, the worst first."""
    found = [*_letters(seen.given_up.value or []), *_waiting(seen)]
    if who.may(Right.SEE_PARTNERS):
        found += [*_silent(seen), *_ending(seen), *_lists(seen)]
    if not who.may(Right.SEE_MESSAGES):
        found = [need for need in found if not need.link.startswith("/console/deliveries")]
    return sorted(found, key=lambda need: ("bad", "unsure", "calm").index(need.tone))


def count_text(count: int) -> str:
    """A count that stopped at the bound says so."""
    return f"{count:,}+" if count >= MOST else f"{count:,}"


def _letters(given_up: list[GivenUp]) -> Iterator[Need]:
    """Dead letters, and those of which it is not known whether they arrived."""
    for state, title in (
        (DeliveryState.DEAD, say("Dead letters")),
        (DeliveryState.NO_RECEIPT, say("No receipt until the deadline")),
    ):
        mine = [each for each in given_up if each.state is state]
        if mine:
            facts = [
                say(
                    "{code}: {count}, the last one on {at}",
                    code=each.error_code or "-",
                    count=count_text(each.count),
                    at=moment(each.newest),
                )
                for each in mine[:SHOWN]
            ]
            yield Need(
                "bad",
                title,
                count_text(sum(each.count for each in mine)),
                tuple(facts),
                STATES[state].advice,
                address("/console/deliveries", {"state": state.value}),
                say("Look at them"),
            )


def _waiting(seen: Overview) -> Iterator[Need]:
    """What has waited for long, in queues and in mailboxes."""
    queues = seen.queues.value or []
    late, left = (
        [
            each
            for each in queues
            if (each.state is DeliveryState.WAITING) is boxed and seen.at - each.oldest > after
        ]
        for boxed, after in ((False, LONG_QUEUE), (True, LONG_MAILBOX))
    )
    if late:
        yield Need(
            "unsure",
            say("Messages that have waited for more than an hour"),
            count_text(sum(each.count for each in late)),
            tuple(_queue_fact(each) for each in late[:SHOWN]),
            say("The gateway goes on trying by itself. See whether the partner is silent, and why."),
            "/console/deliveries?state=unsettled&older=1",
            say("Look at them"),
        )
    if left:
        yield Need(
            "unsure",
            say("Messages in mailboxes that nobody collects"),
            count_text(sum(each.count for each in left)),
            tuple(_queue_fact(each) for each in left[:SHOWN]),
            STATES[DeliveryState.WAITING].advice,
            "/console/deliveries?state=waiting&older=24",
            say("Look at them"),
        )


def _queue_fact(queue: Queue) -> Words:
    """One partner."""
    return say(
        "{partner}: {count}, the oldest since {at}",
        partner=queue.partner or "-",
        count=count_text(queue.count),
        at=moment(queue.oldest),
    )


def _silent(seen: Overview) -> Iterator[Need]:
    """Partners that do not answer."""
    found = seen.silent.value or []
    if found:
        facts = [
            say(
                "{partner}: last answer {at}; {failures} attempts without one",
                partner=each.partner,
                at=moment(each.answered_at) if each.answered_at else say("never"),
                failures=each.failures,
            )
            for each in found[:SHOWN]
        ]
        yield Need(
            "bad",
            say("Silent partners"),
            str(len(found)),
            tuple(facts),
            say(
                "Ask the operator of the partner whether its gateway runs; nothing is lost meanwhile. Once "
                "it answers, everything goes by itself."
            ),
            f"/console/partners/{found[0].partner}" if len(found) == 1 else "/console/partners",
            say("Look at the partner") if len(found) == 1 else say("Look at the partners"),
        )


def _ending(seen: Overview) -> Iterator[Need]:
    """Certificates."""
    found = seen.ending.value or []
    if found:
        left = days_left(found[0].certificate, seen.at)
        facts = [
            say(
                "{name}: ends on {day}, days left: {days}",
                name=each.name,
                day=f"{each.certificate.not_valid_after_utc:%Y-%m-%d}",
                days=days_left(each.certificate, seen.at),
            )
            for each in found[:SHOWN]
        ]
        yield Need(
            "bad" if left < STAGES[1] else "unsure",
            say("Certificates that end"),
            str(len(found)),
            tuple(facts),
            say(
                "For a certificate of ours, make the next one now (ecites keys) and give it to the partners. "
                "For one of a partner, ask its operator for the next one."
            ),
            "/console/partners",
            say("Look at the partners"),
        )


def _lists(seen: Overview) -> Iterator[Need]:
    """Revocation lists."""
    found = seen.lists.value or []
    if found:
        yield Need(
            "unsure" if all(each.acceptable for each in found) else "bad",
            say("Revocation lists that are too old"),
            str(len(found)),
            tuple(each.message for each in found[:SHOWN]),
            say(
                "Fetch the newer list, or see why the gateway cannot: signatures are not believed without it."
            ),
            "/console/partners",
            say("Look at the partners"),
        )
