"""
A page for every rule, made from the rules, their translations and their cases.

    python -m tests.support.rule_pages      writes docs/rules/
"""

import importlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gateway.permits import rules
from gateway.permits.rules import RULES, THEMES, Need, Rule
from gateway.permits.rules.registry import ALL_TYPES
from gateway.wording import LANGUAGES, translated
from support.rule_cases import Case

DOCS = Path(__file__).resolve().parents[2] / "docs" / "rules"
_NAMES = {"en": "English", "fr": "français", "es": "español"}
_TYPES = {"E": "export permit", "R": "re-export certificate", "I": "import permit", "O": "other certificate"}
_NEEDS = {
    Need.SPECIES: "a list of species (`--species`); without one the rule is reported as not checked",
    Need.COUNTERPART: "a counterpart permit (`--with`); without one the rule is reported as not checked",
    Need.USES: "earlier uses (`--used`); without them the rule is reported as not checked",
}


def pages() -> dict[str, str]:
    """The text of every page by file name."""
    made = {"README.md": _index()}
    for theme in THEMES:
        name = theme.__name__.rpartition(".")[2]
        cases = importlib.import_module(f"unit.permits.rules.test_{name}").CASES
        made |= {f"{rule}.md": _page(RULES[rule], case) for rule, case in cases.items()}
    return made


def _index() -> str:
    """All rules in a table for each theme."""
    lines = [
        "# Rules",
        "",
        f"The {len(RULES)} rules that a permit is checked against, by theme. Made by `make docs`.",
        "How bad a breach is can be changed for a deployment: see [configuration](../configuration.md).",
    ]
    for theme in THEMES:
        lines += [
            "",
            f"## {theme.__name__.rpartition('.')[2]}",
            "",
            (theme.__doc__ or "").strip().partition("\n\n")[0],
        ]
        lines += ["", "| rule | severity | box | demands |", "|---|---|---|---|"]
        for rule in RULES.values():
            if rule.check.__module__ == theme.__name__:
                lines.append(f"| [{rule.id}]({rule.id}.md) | {rule.severity} | {rule.box} | {rule.summary} |")
    return "\n".join(lines) + "\n"


def _page(rule: Rule, case: Case) -> str:
    """One rule."""
    needs = _NEEDS[rule.needs] if rule.needs else "nothing but the permit and a moment (`--at`)"
    applies = "all types" if rule.types == ALL_TYPES else ", ".join(f"{t} ({_TYPES[t]})" for t in rule.types)
    lines = [f"# {rule.id}", "", rule.summary, "", "| | |", "|---|---|"]
    lines += [
        f"| severity | {rule.severity}"
        + (f", never less than {rule.floor}" if rule.floor != "info" else "")
        + " |",
        f"| area | {rule.area} |",
        f"| box | {rule.box or 'none'} |",
        f"| applies to | {applies} |",
        f"| needs | {needs} |",
        f"| source | {rule.source} |",
    ]
    lines += ["", "## What it says", "", "Of the permit that just fails:", ""]
    failing = rules.check(
        case.fails, at=case.fails_at or case.at, evidence=case.fails_evidence or case.evidence
    )
    message = next(breach.message for one, _, breach in failing.breaches if one.id == rule.id)
    lines += [f"- {_NAMES[language]}: {translated(message, language)}" for language in LANGUAGES]
    lines += ["", "## What it demands", ""]
    lines += [f"- {_NAMES[language]}: {translated(rule.summary, language)}" for language in LANGUAGES]
    folder = f"../../fixtures/permits/rules/{rule.id}"
    lines += [
        "",
        "## Examples",
        "",
        f"[Just passes]({folder}/passes.xml), [just fails]({folder}/fails.xml); what else they are",
        "checked with stands in [index.json](../../fixtures/permits/rules/index.json).",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the pages, and remove those of rules that are gone."""
    DOCS.mkdir(parents=True, exist_ok=True)
    made = pages()
    for old in DOCS.glob("*.md"):
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        (DOCS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
