"""The operator's page tells every metric."""

import re
from pathlib import Path

import pytest
from support.gateways import SetClock, swiss
from support.measured import SEVERAL, described, install, settings_in
from support.memory import MemoryStorage

PAGE = Path(__file__).resolve().parents[3] / "docs" / "operations.md"
SECTION = PAGE.read_text(encoding="utf-8").partition("\n## Metrics\n")[2].partition("\n## ")[0]


@pytest.fixture
def there(tmp_path) -> dict[str, set[str]]:
    """Name and labels of each metric of a gateway, as a query writes them."""
    node = swiss(MemoryStorage(), SetClock())
    install(node, settings_in(tmp_path))
    found = described(node)
    return {name: labels for name, labels in found.items() if not name.endswith(SEVERAL)}


def test_the_table_has_each_metric_with_its_labels(there):
    """A row for each, and none for what is not there."""
    rows = re.findall(r"^\| `(ecites_\w+)` \|([^|]*)\|", SECTION, re.MULTILINE)
    assert {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows} == there
