"""What `ecites doctor` looks at around the gateway: disks, the file of a SQLite database, the message log."""

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

from gateway.config import Settings
from gateway.errors import GatewayError
from gateway.exchange import alarm_reasons as reasons
from gateway.exchange.alarms import Alarm
from gateway.flows.ports import Node
from gateway.loading.alerts import load_receivers
from gateway.loading.database import database_folder, database_url, open_database
from gateway.loading.node import bare_node
from gateway.permits.findings import Area, Finding, Severity
from gateway.storage.engine import sqlite_file
from gateway.transport.tls import ClientTls
from gateway.wording import say


def check_disks(settings: Settings, at: datetime) -> Iterator[Finding]:
    """Room where our files are, by the same figure as the alarm."""
    del at  # a disk has no time
    for place, folder in (("configuration", settings.folder), ("database", database_folder(settings))):
        if folder is not None and folder.is_dir():
            usage = shutil.disk_usage(folder)
            for alarm in reasons.full_disk(place, usage.free, usage.total, settings.alerts):
                yield _finding("doctor.disk", Severity.WARNING, alarm)


def check_pages(settings: Settings, at: datetime) -> Iterator[Finding]:
    """Whether the pages of a SQLite file hold together: a quick look at all of them."""
    del at  # a file has no time
    file = sqlite_file(database_url(settings))
    if file is None or not file.is_file():
        return  # check_database says it
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        found = str(error)
    if found != "ok":
        said = say(
            "the database {file} is damaged ({what}): stop the gateway, keep the file, and restore "
            "the backup",
            file=str(file),
            what=str(found),
        )
        yield Finding("doctor.database-damaged", Severity.ERROR, Area.ROUTING, said)


def check_alerts(settings: Settings, at: datetime) -> Iterator[Finding]:
    """Receivers of alerts: their secrets, and whether there is one at all."""
    del at  # secrets have no time
    try:
        receivers = load_receivers(settings, ClientTls)
    except GatewayError as error:
        yield _broken(error)
        return
    if not receivers and settings.environment != "development":
        said = say(
            "nobody is told when something is wrong: add [alerts.webhook] or [alerts.mail] to the "
            "configuration"
        )
        yield Finding("doctor.alerts-none", Severity.INFO, Area.ROUTING, said)


def check_standing(settings: Settings, at: datetime) -> Iterator[Finding]:
    """What a look into the database shows: dead letters, silent partners, a message log that is behind."""

    async def look() -> list[Alarm]:
        """Everything in one view."""
        database = await open_database(settings)
        try:
            return await _standing(bare_node(database), settings, at)
        finally:
            await database.close()

    try:
        alarms = asyncio.run(look())
    except GatewayError:
        return  # check_database says it
    for alarm in alarms:
        yield _finding(f"doctor.{alarm.kind.value}", Severity.WARNING, alarm)


async def _standing(node: Node, settings: Settings, at: datetime) -> list[Alarm]:
    """The same alarms that a running gateway tells."""
    async with node.storage.read() as transaction:
        health = await transaction.health.all()
        backlog = await transaction.deliveries.backlog()
        waiting = await transaction.log_tree.unplaced()
    known = {*(each.id for each in settings.partner), *(each.webhook().id for each in settings.webhook)}
    return [
        *reasons.silent_partners(health, known, at, settings.alerts),
        *reasons.dead_letters(backlog),
        *reasons.log_behind(waiting.count, waiting.since, at, settings.alerts),
    ]


def _finding(rule: str, severity: Severity, alarm: Alarm) -> Finding:
    """An alarm, with what to do."""
    return Finding(
        rule, severity, Area.ROUTING, say("{what}; {advice}", what=alarm.text, advice=alarm.advice)
    )


def _broken(error: GatewayError) -> Finding:
    """A refusal to start, as a finding."""
    text = f"{error.message}; {error.advice}" if error.advice else error.message
    return Finding(f"doctor.{error.code.replace('_', '-')}", Severity.ERROR, Area.ROUTING, text)
