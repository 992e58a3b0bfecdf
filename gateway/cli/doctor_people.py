"""What `ecites doctor` looks at among the people who may sign in."""

import asyncio
from collections.abc import Iterator
from datetime import datetime

from gateway.config import Settings
from gateway.errors import GatewayError
from gateway.flows.ports import Node
from gateway.flows.two_persons import in_force, pairs, waiting_changes
from gateway.loading.database import open_database
from gateway.loading.node import bare_node
from gateway.people.account import Account
from gateway.people.proposals import Proposal
from gateway.people.rights import Post
from gateway.permits.findings import Area, Finding, Severity
from gateway.wording import say


def check_people(settings: Settings, at: datetime) -> Iterator[Finding]:
    """Whether somebody can let people in, and whether two can agree to a change of trust."""
    del at  # nothing here has an end of its own
    try:
        accounts, waiting, two = asyncio.run(_look(settings))
    except GatewayError:
        return  # the check of the database says so
    administrators = [each for each in accounts if each.person.post is Post.ADMINISTRATOR and each.open]
    if two and not pairs(accounts):
        said = say(
            "two persons must agree to a change of trust, and there are no two administrators who count as "
            "two: ecites user add; each sets up a second factor and a password of their own"
        )
        yield Finding("doctor.no-two-persons", Severity.ERROR, Area.ROUTING, said)
    if not two and len(administrators) > 1:
        said = say(
            "one person alone can change whom this gateway believes, although there are {count} "
            "administrators: say two_persons = true in [people]",
            count=len(administrators),
        )
        yield Finding("doctor.one-person", Severity.WARNING, Area.ROUTING, said)
    for change in waiting:
        said = say(
            "a change of trust waits for two administrators since {day} and does not count: "
            "ecites trust list",
            day=f"{change.found_at:%Y-%m-%d}",
        )
        yield Finding("doctor.trust-waits", Severity.WARNING, Area.ROUTING, said)


async def _look(settings: Settings) -> tuple[list[Account], list[Proposal], bool]:
    """Accounts, changes that wait, and whether two must agree."""
    database = await open_database(settings)
    try:
        node: Node = bare_node(database, settings.people)
        async with database.read() as transaction:
            accounts = await transaction.people.all()
            two = await in_force(transaction, node)
        return accounts, await waiting_changes(node), two
    finally:
        await database.close()
