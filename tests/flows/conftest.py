"""Two gateways on storage in memory, with a clock that the test sets."""

import pytest
from support.gateways import SetClock, french, swiss
from support.memory import MemoryStorage

from gateway.flows.ports import Node


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def ch(clock: SetClock) -> Node:
    return swiss(MemoryStorage(), clock)


@pytest.fixture
def fr(clock: SetClock) -> Node:
    return french(MemoryStorage(), clock)
