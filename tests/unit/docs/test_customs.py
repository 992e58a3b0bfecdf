"""The page about customs says what the table of changes says, and names every rule that can object."""

import re
from pathlib import Path

from gateway.permits.lifecycle import CHANGES, Hand

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "customs.md").read_text(encoding="utf-8")
SOURCES = ("permits/lifecycle.py", "permits/writing_off.py", "flows/take_notice.py")
INNER = {"identity.notice-permit", "identity.notice-author", "identity.notice-kind"}
"""Only a gateway that is not in order hears of these."""


def test_the_table_of_statuses_is_that_of_the_program() -> None:
    """Each row: who may say it, and from where; no row more or less."""
    section = PAGE.partition("\n## Statuses\n")[2].partition("\n### ")[0]
    rows = re.findall(r"^\| `([a-z-]+)` \| ([^|`]+) \| (.+) \|$", section, re.MULTILINE)
    told = {status: (set(by.split(", ")), set(re.findall(r"`([a-z-]+)`", after))) for status, by, after in rows}
    assert len(told) == len(rows)
    assert told == {
        status.value: (
            {hand.value for hand in Hand if hand in row.by},
            {each.value for each in row.after},
        )
        for status, row in CHANGES.items()
    }


def test_every_rule_is_on_the_page() -> None:
    """A caller who gets one finds it."""
    text = "".join((ROOT / "gateway" / source).read_text(encoding="utf-8") for source in SOURCES)
    rules = set(re.findall(r'"((?:endorsement|reversal|status|identity)\.[a-z-]+)"', text))
    assert len(rules) > 20
    assert {rule for rule in rules if f"`{rule}`" not in PAGE} == INNER
