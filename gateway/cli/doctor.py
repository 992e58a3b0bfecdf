"""`ecites doctor`: is this gateway in order, and what will soon not be?"""

import typer

from gateway.cli.options import DEFAULT_CONFIG, Config, Json

_COLOURS = {"error": "red", "warning": "yellow", "info": ""}


def doctor(config: Config = DEFAULT_CONFIG, json: Json = False) -> None:
    """
    Check that this gateway is in order, and warn of what will soon not be.

    Keys: readable, closed to others, encrypted, fit for their certificates, in their time, not throw-away
    ones in production, and ending in 60, 30, 7 or 1 days, also those of partners; the clock; lists of
    revoked certificates. The database: there, of the right shape, on a careful disk, and
    with a clock that agrees with ours. People: whether two can agree to a change of trust, and
    whether one waits for them.
    The disk, the pages of a SQLite file, receivers of alerts; dead letters, silent partners, a message log
    that is behind (ecites log verify reads all of it).
    Nothing is changed, and nobody but the database is asked. Ends with 3 when there is an error.
    """
    from gateway import clock
    from gateway.cli.doctor_database import check_database
    from gateway.cli.doctor_keys import CHECKS
    from gateway.cli.doctor_people import check_people
    from gateway.cli.doctor_surroundings import check_alerts, check_disks, check_pages, check_standing
    from gateway.cli.render import print_json, styled
    from gateway.cli.runtime import Exit
    from gateway.config import load
    from gateway.permits.findings import Report

    settings = load(config)
    at = clock.now()
    checks = (
        *CHECKS,
        *(check_database, check_people, check_disks, check_pages, check_alerts, check_standing),
    )
    report = Report.of(*(check(settings, at) for check in checks))
    if json:
        print_json({"at": at.isoformat(), "good": report.accepted, "findings": report.as_list()})
    else:
        for finding in report.findings:
            typer.echo(f"{styled(finding.severity.value, _COLOURS[finding.severity])}: {finding.message}")
        typer.echo(
            f"{'in order' if report.accepted else 'not in order'}: "
            f"{len(report.errors)} error(s), {len(report.warnings)} warning(s)"
        )
    if not report.accepted:
        raise typer.Exit(Exit.BROKEN)
