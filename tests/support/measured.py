"""The metrics of a gateway as a test looks at them."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from gateway.alarms import Alarms
from gateway.cli.folder import make_folder
from gateway.config import Settings, load
from gateway.flows.ports import Node
from gateway.measures import Measures
from gateway.permits.identity import AuthorityId
from gateway.readings import Readings
from gateway.signatures.keyring import TrustStore
from gateway.workers.log_check import LogCheck

SEVERAL = ("_bucket", "_sum", "_count")
"""What a histogram is asked for, beside its own name."""


def settings_in(folder: Path) -> Settings:
    """Those of a gateway that was just made."""
    return load(make_folder(folder / "ch", [AuthorityId.parse("CH:MA")], port=0).config, {})


def install(node: Node, settings: Settings) -> None:
    """Let a node measure everything that a running gateway does."""
    known = SimpleNamespace(tls=TrustStore({}))
    beliefs: Any = SimpleNamespace(known=known, settings=settings)
    Measures(node, beliefs).install()
    Alarms(node, beliefs, LogCheck(node, 0)).install()
    Readings(node, settings).install()


def described(node: Node) -> dict[str, set[str]]:
    """Name and labels of each metric of a node, as a query writes them."""
    found = {}
    for collector in node.metrics._registry._collector_to_names:
        (metric,) = collector.describe()
        labels = set(collector._labelnames)  # type: ignore[attr-defined]
        if metric.type == "histogram":
            found |= {
                f"{metric.name}{ending}": labels | ({"le"} if ending == "_bucket" else set())
                for ending in SEVERAL
            }
        found[f"{metric.name}_total" if metric.type == "counter" else metric.name] = labels
    return found


async def samples(node: Node) -> dict[tuple[str, ...], float]:
    """What a node answers now: name and `label=value` in alphabetical order."""
    families = text_string_to_metric_families((await node.metrics.text()).decode())
    return {
        (sample.name, *(f"{label}={value}" for label, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }
