"""What every test shares: how hard hypothesis tries, loggers, a PostgreSQL, started by who asks first."""

from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings
from support.postgres import PostgresServer, running_server

_SLOW_MACHINES = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile("default", max_examples=50, deadline=None, suppress_health_check=_SLOW_MACHINES)
settings.register_profile("soak", max_examples=2000, deadline=None, suppress_health_check=_SLOW_MACHINES)
settings.load_profile("default")

_configure = structlog.configure


def _configure_without_cache(**options: Any) -> None:
    """A logger that keeps its first settings for ever would not tell later tests what it says."""
    _configure(**options | {"cache_logger_on_first_use": False})


structlog.configure = _configure_without_cache


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long the heavier runs are."""
    parser.addoption("--crash-rounds", type=int, default=10, help="kill -9 rounds for each kind of database")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real server for the tests of this process; each process of pytest-xdist has its own."""
    with running_server() as server:
        yield server
