"""The operator's page tells every metric, and its alarms ask for metrics that there are."""

import re
from pathlib import Path

import pytest
import yaml
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


def test_the_alarms_ask_for_what_is_there(there):
    """Each expression and each sentence names metrics and labels that exist."""
    blocks = [yaml.safe_load(each) for each in re.findall(r"```yaml\n(.*?)```", SECTION, re.DOTALL)]
    rules = [rule for block in blocks for group in block.get("groups", []) for rule in group["rules"]]
    assert len(rules) == 3
    for rule in rules:
        asked = re.findall(r"ecites_\w+", rule["expr"])
        assert asked
        assert set(asked) <= set(there)
        known = set.intersection(*(there[name] for name in asked))
        assert set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"])) <= known
