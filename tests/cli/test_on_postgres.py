"""The commands with a PostgreSQL, and what they say when it is not as it should be."""

import asyncio
import json
import re
import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cli.conftest import Run
from support.postgres import PASSWORD, PostgresServer

from gateway import clock


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[str]:
    """A new database; its name."""
    name = f"cli_{secrets.token_hex(8)}"
    asyncio.run(postgres.run(f"CREATE DATABASE {name}"))
    yield name
    asyncio.run(postgres.run(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def config(tmp_path: Path, postgres: PostgresServer, database: str, ecites: Run) -> Path:
    """The configuration of a working folder whose database is a server's."""
    place = tmp_path / "ch"
    url = postgres.url(database)
    code, _, err = ecites("init", place, "--authority", "CH:MA", "--database", url)
    assert (code, err) == (0, "")
    assert not (place / "ecites.db").exists()
    return place / "ecites.toml"


def point_at(config: Path, postgres: PostgresServer, database: str, url: str) -> None:
    """Change the address in the configuration."""
    text = config.read_text(encoding="utf-8")
    old = postgres.url(database)
    assert old in text
    config.write_text(text.replace(old, url), encoding="utf-8")


def test_init_keeps_the_address_from_others(config: Path) -> None:
    """The configuration may hold a password, so nobody else on the machine can read it."""
    assert PASSWORD in config.read_text(encoding="utf-8")
    assert config.stat().st_mode & 0o777 == 0o600


def test_every_command_that_needs_a_database_works(config: Path, ecites: Run) -> None:
    """Upgrade again, make a token, search the log, ask the doctor."""
    assert ecites("db", "upgrade", "--config", config)[0] == 0
    code, out, _ = ecites("token", "new", "--authority", "CH:MA", "--config", config, "--json")
    assert (code, json.loads(out)["authority"]) == (0, "CH:MA")
    code, out, _ = ecites("log", "search", "--config", config, "--json")
    assert (code, json.loads(out)["entries"]) == (0, [])
    code, out, _ = ecites("doctor", "--config", config, "--json")
    assert code == 0
    rules = {each["rule"]: each for each in json.loads(out)["findings"]}
    assert set(rules) == {"doctor.key-not-encrypted", "doctor.database-careless"}
    assert "fsync = off" in rules["doctor.database-careless"]["message"]  # so do the tests run it


def test_the_doctor_sees_clocks_that_disagree(config: Path, ecites: Run, monkeypatch) -> None:
    """When the clock of this machine is an hour fast the doctor says by how much."""
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(hours=1))
    code, out, _ = ecites("doctor", "--config", config, "--json")
    found = {each["rule"]: each["message"] for each in json.loads(out)["findings"]}
    assert code == 0
    apart = re.search(r"are ([0-9.]+) s apart", found["doctor.database-clock"])
    assert 3000 < float(apart[1]) <= 3600


COMMANDS = {
    "serve": ("serve",),
    "db upgrade": ("db", "upgrade"),
    "token new": ("token", "new", "--authority", "CH:MA"),
    "log search": ("log", "search"),
}


def wrong_password(postgres: PostgresServer, database: str) -> str:
    """An address with another password."""
    return postgres.url(database, password="wr0ng-passw0rd")


def wrong_name(postgres: PostgresServer, _: str) -> str:
    """An address of a database that is not there."""
    return postgres.url("not_there")


def nobody_there(postgres: PostgresServer, database: str) -> str:
    """An address at which nobody listens."""
    return postgres.url(database).replace(f":{postgres.port}/", ":1/")


def no_such_host(postgres: PostgresServer, database: str) -> str:
    """An address whose host has no address."""
    return postgres.url(database).replace("127.0.0.1", "nowhere.invalid")


def without_tls(postgres: PostgresServer, database: str) -> str:
    """TLS is asked for, and the server has none."""
    return postgres.url(database) + "?sslmode=require"


def malformed(postgres: PostgresServer, database: str) -> str:
    """A port that is no number."""
    return postgres.url(database).replace(f":{postgres.port}/", ":no-port/")


def another_driver(postgres: PostgresServer, database: str) -> str:
    """An address as other programs write it."""
    return postgres.url(database).replace("postgresql://", "postgresql+psycopg2://")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("address", "says"),
    [
        (wrong_password, "refuses the user or the password"),
        (wrong_name, "has no database of that name"),
        (nobody_there, "127.0.0.1:1 cannot be reached"),
        (no_such_host, "cannot be reached"),
        (without_tls, "cannot be reached"),
        (malformed, "cannot be used"),
        (another_driver, "is not supported"),
    ],
)
def test_a_database_that_cannot_be_used(
    address, says, command, config: Path, postgres: PostgresServer, database: str, ecites: Run
) -> None:
    """One sentence, one piece of advice, exit code 3, no traceback and never the password."""
    point_at(config, postgres, database, address(postgres, database))
    code, out, err = ecites(*COMMANDS[command], "--config", config)
    assert code == 3, out
    assert says in err
    assert "what to do: " in err
    assert "Traceback" not in err
    assert PASSWORD not in err + out
    assert "wr0ng-passw0rd" not in err + out


def test_the_doctor_names_what_would_stop_the_gateway(
    config: Path, postgres: PostgresServer, database: str, ecites: Run
) -> None:
    """A database that cannot be reached is an error of the doctor's, beside all the rest."""
    point_at(config, postgres, database, nobody_there(postgres, database))
    code, out, _ = ecites("doctor", "--config", config, "--json")
    found = {each["rule"]: each["message"] for each in json.loads(out)["findings"]}
    assert code == 3
    assert "cannot be reached" in found["doctor.storage-error"]


def test_production_refuses_a_database_that_loses_commits(
    config: Path, postgres: PostgresServer, database: str, ecites: Run, monkeypatch
) -> None:
    """An acknowledgement means that it is on disk, so such a server is good for development only."""
    monkeypatch.setenv("ECITES_ENVIRONMENT", "production")
    code, _, err = ecites("log", "search", "--config", config)
    assert code == 3
    assert "loses commits in a power cut: fsync = off" in err


def test_letters_that_cannot_be_kept_are_refused(
    config: Path, postgres: PostgresServer, database: str, ecites: Run
) -> None:
    """A database in another encoding than UTF-8 would refuse names in the middle of the night."""
    other = f"{database}_latin"
    statement = f"CREATE DATABASE {other} ENCODING 'LATIN1' TEMPLATE template0"
    asyncio.run(postgres.run(statement))
    try:
        point_at(config, postgres, database, postgres.url(other))
        assert ecites("db", "upgrade", "--config", config)[0] == 0
        code, _, err = ecites("log", "search", "--config", config)
        assert code == 3
        assert "encoding LATIN1" in err
    finally:
        asyncio.run(postgres.run(f"DROP DATABASE {other} WITH (FORCE)"))


def test_serve_does_at_least_something(config: Path, ecites: Run) -> None:
    """A process that neither takes nor sends is a mistake in the command line."""
    code, _, err = ecites("serve", "--web-only", "--worker-only", "--config", config)
    assert code == 2
    assert "--worker-only" in err
