"""Walks fixtures/permits/rules through the command line: each rule lets one permit pass, stops the other."""

import importlib.util
import json
from pathlib import Path

import pytest
from cli.conftest import ecites  # noqa: F401 - the fixture

from gateway.permits.rules import RULES

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "fixtures" / "permits" / "rules"
INDEX = json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))
SPECIES = ROOT / "fixtures" / "species" / "sample.json"


def check(run, rule: str, side: str) -> tuple[int, dict]:
    """The answer of `ecites permit check` about one side of a rule's border."""
    entry = INDEX[rule][side]
    arguments = ["--at", entry["at"]]
    for name in entry.get("with", ()):
        arguments += ["--with", FOLDER / rule / name]
    if entry.get("with") == []:
        arguments += ["--alone"]
    if "used" in entry:
        arguments += ["--used", FOLDER / rule / entry["used"]]
    if entry.get("species"):
        arguments += ["--species", SPECIES]
    code, out, err = run("permit", "check", FOLDER / rule / f"{side}.xml", "--json", *arguments)
    assert err == ""
    return code, json.loads(out)


@pytest.mark.parametrize("rule", INDEX)
def test_both_sides_of_the_border(rule, ecites):  # noqa: F811 - as above
    """The passing file has no finding, the failing one exactly those that are expected, with box and line."""
    code, answer = check(ecites, rule, "passes")
    assert (code, answer["findings"]) == (0, [])
    code, answer = check(ecites, rule, "fails")
    assert {finding["rule"] for finding in answer["findings"]} == {rule, *INDEX[rule]["also"]}
    assert code == (1 if any(finding["severity"] == "error" for finding in answer["findings"]) else 0)
    for finding in answer["findings"]:
        assert finding["line"]
        assert finding["path"].startswith(("/CITESEPermit", "/CBFShip"))
        assert finding["source"]


def test_every_rule_has_its_files():
    """No rule without a permit on each side."""
    assert set(INDEX) == set(RULES)


def test_the_script_rebuilds_what_is_committed(tmp_path):
    """From the cases of the tests the script makes the same bytes again."""
    spec = importlib.util.spec_from_file_location("build_rules", ROOT / "fixtures" / "build_rules.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    build.build(tmp_path)
    made = {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    committed = {p.relative_to(ROOT / "fixtures"): p.read_bytes() for p in FOLDER.rglob("*") if p.is_file()}
    assert made == committed
