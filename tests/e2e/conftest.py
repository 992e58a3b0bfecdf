"""Real processes on loopback, each with its own folder; stopped by their own id whatever happens."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.cli.demonstration.network import DemoNode, make_network

QUICK = """
[delivery]
first_pause_seconds = 0.2
longest_pause_seconds = 0.5

[transport]
answer_seconds = 5.0

[worker]
lease_seconds = 6.0
poll_seconds = 0.5
"""


@pytest.fixture
def network(tmp_path: Path) -> Iterator[dict[str, DemoNode]]:
    """The gateways of Switzerland and France, not yet started."""
    nodes = make_network(tmp_path, ["CH", "FR"], extra=QUICK)
    try:
        yield nodes
    finally:
        for node in nodes.values():
            node.kill()
