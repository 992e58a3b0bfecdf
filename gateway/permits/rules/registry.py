"""
What a rule is, and the list of all rules.

A rule is a decorated function that takes a permit and a `Context` and yields a `Breach` for each place
where the permit breaks it. It knows no XML: places are paths in the model.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from gateway.permits.findings import Area, Severity
from gateway.permits.model import Permit
from gateway.permits.rules.context import Context
from gateway.wording import Words


class Need(StrEnum):
    """What a rule needs beside the permit and a moment; without it the rule is reported as not checked."""

    SPECIES = "species"
    """The list of species (`permits/species.py`)."""
    COUNTERPART = "counterpart"
    """The permits that this one refers to or is presented with."""
    USES = "uses"
    """What was written off this permit before."""


@dataclass(frozen=True, slots=True)
class Breach:
    """One place where a permit breaks a rule."""

    where: str
    """Path in the model, for example `validity.end` or `lines[0].packages[0].quantity`."""
    message: Words
    """What is wrong, what was found, what to write instead."""
    box: str = ""
    """Box of the form, when it is not that of the rule."""


Check = Callable[[Permit, Context], Iterator[Breach]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule."""

    id: str
    """Stable: partners, pages and settings refer to it."""
    theme: str
    """The file that it stands in."""
    box: str
    """Box of the CITES form, or empty."""
    source: str
    """Where the rule comes from: Convention, resolution, toolkit, law."""
    severity: Severity
    """How bad a breach is, unless a deployment says otherwise."""
    floor: Severity
    """The least that a deployment may make of it: what the schema of the message demands stays an error."""
    area: Area
    needs: Need | None
    types: str
    """The types of permit that it applies to; a permit of no known type meets only rules for all of them."""
    check: Check
    summary: str
    """One sentence: the docstring of the function."""


ALL_TYPES = "ERIO"

RULES: dict[str, Rule] = {}
"""By id; `rules/__init__.py` puts them in the order of the form, which is the order of findings."""


def rule(
    id: str,  # noqa: A002 - the word that findings use
    *,
    box: str,
    source: str,
    severity: Severity = Severity.ERROR,
    floor: Severity = Severity.INFO,
    area: Area = Area.RULES,
    needs: Need | None = None,
    types: str = ALL_TYPES,
) -> Callable[[Check], Check]:
    """
    Make a rule of a function and enter it in the list.

    Raises `ValueError` when the id is taken, or when the rule has no source or no docstring.
    """

    def enter(check: Check) -> Check:
        summary = (check.__doc__ or "").strip().partition("\n")[0]
        if id in RULES:
            raise ValueError(f"there are two rules {id}")
        if not source or not summary:
            raise ValueError(f"the rule {id} needs a source and a sentence that says what it demands")
        theme = check.__module__.rpartition(".")[2]
        RULES[id] = Rule(id, theme, box, source, severity, floor, area, needs, types, check, summary)
        return check

    return enter
