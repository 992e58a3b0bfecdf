"""What every test shares: how hard hypothesis tries, and a PostgreSQL, started by the first who asks."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from support.postgres import PostgresServer, running_server

_SLOW_MACHINES = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile("default", max_examples=50, deadline=None, suppress_health_check=_SLOW_MACHINES)
settings.register_profile("soak", max_examples=2000, deadline=None, suppress_health_check=_SLOW_MACHINES)
settings.load_profile("default")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real server for the tests of this process; each process of pytest-xdist has its own."""
    with running_server() as server:
        yield server
