"""Alarms about this gateway itself, on the overview of those who keep it running."""

from collections.abc import Sequence

from aiohttp import web

from gateway.exchange.alarms import AlarmKind
from gateway.people.rights import Right
from gateway.web.console.need import Need
from gateway.web.console.viewer import VIEWER
from gateway.web.keys import NODE
from gateway.wording import say

OURS = frozenset({AlarmKind.LOG_BROKEN, AlarmKind.LOG_BEHIND, AlarmKind.DISK})
"""What the overview does not see by itself; of the other kinds it counts what stands now."""


async def alarms_that_stand(request: web.Request) -> Sequence[Need]:
    """For those who see the log of all authorities, in the language in which alarms are told."""
    person = request[VIEWER].person
    if not person.may(Right.SEE_LOG) or person.authorities:
        return ()
    async with request.app[NODE].storage.read() as transaction:
        standing = [each for each in await transaction.alerts.all() if each.kind in OURS and not each.ended]
    if not standing:
        return ()
    return (
        Need(
            "bad",
            say("Alarms about this gateway"),
            str(len(standing)),
            tuple(f"{each.text}: {each.advice}" for each in standing),
            say("Do what stands behind each; the alarm ends by itself when it is mended."),
            "/console/log/checkpoints",
            say("Look at the log"),
        ),
    )
