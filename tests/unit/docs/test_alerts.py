"""The alarms of docker/alerts.yml ask for metrics and labels that a running gateway really has."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.gateways import SetClock, swiss
from support.measured import described, install, settings_in
from support.memory import MemoryStorage

ROOT = Path(__file__).resolve().parents[3]
ALERTS = ROOT / "docker" / "alerts.yml"
PROMETHEUS = ROOT / "docker" / "prometheus.yml"
PAGE = ROOT / "docs" / "operations.md"

RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]
]

OF_PROMETHEUS = {"up": {"job", "instance"}}
"""What Prometheus itself knows of every target."""

FUNCTIONS = {"sum", "rate", "increase", "histogram_quantile"}
WORDS = FUNCTIONS | {"by", "or", "and", "unless"}

TOKEN = re.compile(
    r"""\s*(?:
        (?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)
      | (?P<number>\d+(?:\.\d+)?)
      | (?P<text>"[^"\\]*")
      | (?P<range>\[\d+[smhd]\])
      | (?P<sign>[(){},]|==|!=|=~|!~|>=|<=|[=<>*/+-])
    )""",
    re.VERBOSE,
)
"""The words of an expression; what fits none of these is a mistake in writing."""


@pytest.fixture
def there(tmp_path) -> dict[str, set[str]]:
    """Name and labels of everything that can be asked for."""
    node = swiss(MemoryStorage(), SetClock())
    install(node, settings_in(tmp_path))
    return described(node) | OF_PROMETHEUS


def tokens(expression: str) -> list[tuple[str, str]]:
    """The words of an expression with their kinds; fails on what is none."""
    found, place = [], 0
    while place < len(expression.rstrip()):
        match = TOKEN.match(expression, place)
        assert match, f"not understood: {expression[place:]!r}"
        found.append((str(match.lastgroup), match.group(str(match.lastgroup))))
        place = match.end()
    return found


def metrics_of(expression: str) -> list[tuple[str, set[str]]]:
    """Each metric that is asked for, with the labels of its selector."""
    words, found = tokens(expression), []
    for n, (kind, word) in enumerate(words):
        after = words[n + 1][1] if n + 1 < len(words) else ""
        if kind != "name" or word in WORDS or _in_a_list(words, n):
            continue
        labels: set[str] = set()
        if after == "{":
            inside = words[n + 2 : next(m for m in range(n, len(words)) if words[m][1] == "}")]
            labels = {text for kind_, text in inside if kind_ == "name"}
        found.append((word, labels))
    return found


def _in_a_list(words: list[tuple[str, str]], place: int) -> bool:
    """True for a label: inside braces, or inside the list after `by`."""
    before = [word for _, word in words[:place]]
    if before.count("{") > before.count("}"):
        return True
    opened = max((n for n, word in enumerate(before) if word == "("), default=-1)
    return opened > 0 and before[opened - 1] == "by" and ")" not in before[opened:]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_expression_asks_for_what_is_there(rule, there):
    """Every metric exists, every label of a selector is one of its labels."""
    asked = metrics_of(rule["expr"])
    assert asked
    for name, labels in asked:
        assert name in there
        assert labels <= there[name]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_expression_is_well_formed(rule):
    """Brackets close in their order; functions are called; a range stands behind a metric only."""
    words, open_ = tokens(rule["expr"]), []
    pairs = {")": "(", "}": "{"}
    for n, (kind, word) in enumerate(words):
        if word in "({":
            open_.append(word)
        elif word in pairs:
            assert open_
            assert open_.pop() == pairs[word]
        if word in FUNCTIONS:
            assert words[n + 1][1] in ("(", "by")
        if kind == "range":
            assert words[n - 1][0] == "name" or words[n - 1][1] == "}"
    assert not open_
    assert any(word in ("==", ">", "<", ">=", "<=", "!=") for _, word in words)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_sentence_uses_labels_that_the_expression_leaves(rule, there):
    """After `sum by (code)` only `code` is left; otherwise the labels that all metrics have."""
    by = re.findall(r"by \(([^)]*)\)", rule["expr"])
    if by:
        left = {label.strip() for label in by[0].split(",")}
    elif "sum(" in rule["expr"]:
        left = set()
    else:
        left = set.intersection(*(there[name] for name, _ in metrics_of(rule["expr"])))
    assert set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"])) <= left
    assert rule["labels"]["severity"] in ("warning", "critical")


@pytest.mark.parametrize("wrong", ["ecites_nothing > 1", 'ecites_queue_deliveries{colour="red"} > 1'])
def test_a_name_that_is_not_there_is_found(wrong, there):
    """The check finds what it is for."""
    assert any(name not in there or not labels <= there[name] for name, labels in metrics_of(wrong))


def test_the_page_says_what_to_do_for_each():
    """One row for each alarm, and none for one that is not there."""
    section = PAGE.read_text(encoding="utf-8").partition("\n### Alarms of Prometheus\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == {rule["alert"] for rule in RULES}


def test_the_example_reads_the_rules():
    """The rules lie beside it, the job has the name that GatewayDown asks for, the token is a file."""
    example = yaml.safe_load(PROMETHEUS.read_text(encoding="utf-8"))
    assert example["rule_files"] == [ALERTS.name]
    (job,) = example["scrape_configs"]
    assert f'job="{job["job_name"]}"' in RULES[0]["expr"]
    assert job["authorization"].keys() == {"credentials_file"}
