"""What `ecites doctor` looks at in the database."""

import asyncio
from collections.abc import Iterator
from datetime import datetime

from gateway import clock
from gateway.config import Settings
from gateway.errors import GatewayError
from gateway.loading.database import database_standing
from gateway.permits.findings import Area, Finding, Severity
from gateway.wording import say

CLOCK_SECONDS = 2.0
"""The first attempt of a delivery waits as long as our clock is ahead of the database's."""


def check_database(settings: Settings, at: datetime) -> Iterator[Finding]:
    """Whether the gateway would start with this database, and whether the clocks of both agree."""
    del at  # two clocks are compared: ours must be read in the same moment as the other
    try:
        begin = clock.now()
        found = asyncio.run(database_standing(settings))
        end = clock.now()
    except GatewayError as error:
        text = f"{error.message}; {error.advice}" if error.advice else error.message
        yield Finding(f"doctor.{error.code.replace('_', '-')}", Severity.ERROR, Area.ROUTING, text)
        return
    if found is None:
        return
    for setting in found.careless:
        said = say(
            "the database has {setting}: a power cut takes back what was acknowledged", setting=setting
        )
        yield Finding("doctor.database-careless", Severity.WARNING, Area.ROUTING, said)
    apart = max((begin - found.time).total_seconds(), (found.time - end).total_seconds())
    if apart > CLOCK_SECONDS:
        said = say(
            "the clock of the database and that of this machine are {seconds} s apart: let both follow a "
            "time server",
            seconds=f"{apart:.1f}",
        )
        yield Finding("doctor.database-clock", Severity.WARNING, Area.ROUTING, said)
