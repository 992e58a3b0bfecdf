"""Changes of trust that wait for two administrators, on the overview of those who can agree."""

from collections.abc import Sequence

from aiohttp import web

from gateway.flows.two_persons import waiting_changes
from gateway.people.rights import Right
from gateway.web.console.drawing import moment
from gateway.web.console.need import Need
from gateway.web.console.viewer import VIEWER
from gateway.web.keys import NODE
from gateway.wording import say


async def changes_that_wait(request: web.Request) -> Sequence[Need]:
    """For administrators who see all authorities; the others cannot agree, and see none."""
    person = request[VIEWER].person
    if not person.may(Right.CHANGE_TRUST) or person.authorities:
        return ()
    waiting = await waiting_changes(request.app[NODE])
    if not waiting:
        return ()
    return (
        Need(
            "bad",
            say("Changes of trust"),
            str(len(waiting)),
            tuple(
                say("since {at}; digest {digest}", at=moment(each.found_at), digest=each.digest)
                for each in waiting
            ),
            say("They do not count until two administrators have agreed. Look whether they are wanted."),
            "/console/trust",
            say("Look at them"),
        ),
    )
