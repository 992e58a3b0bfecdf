"""
What a rule is, and the list of all rules.

A rule is a decorated function that takes a permit and a `Context` and yields a `Breach` for each place
where the permit breaks it. It knows no XML: places are paths in the model.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from gateway.permits.codes import CodeLists
from gateway.permits.findings import Area, Severity
from gateway.permits.model import Permit


@dataclass(frozen=True, slots=True)
class Breach:
    """One place where a permit breaks a rule."""

    where: str
    """Path in the model, for example `validity.end` or `lines[0].packages[0].quantity`."""
    message: str
    """What is wrong, what was found, what to write instead."""
    box: str = ""
    """Box of the form, when it is not that of the rule."""


@dataclass(frozen=True, slots=True)
class Context:
    """What rules may look at beside the permit."""

    at: datetime
    """The moment for which the question is asked; aware."""
    lists: CodeLists


Check = Callable[[Permit, Context], Iterator[Breach]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule."""

    id: str
    """Stable: partners, pages and settings refer to it."""
    box: str
    """Box of the CITES form, or empty."""
    source: str
    """Where the rule comes from: Convention, resolution, toolkit, law."""
    severity: Severity
    area: Area
    check: Check
    summary: str
    """One sentence: the docstring of the function."""


RULES: dict[str, Rule] = {}
"""By id, in the order of definition, which is the order of findings."""


def rule(
    id: str,  # noqa: A002 - the word that findings use
    *,
    box: str,
    source: str,
    severity: Severity = Severity.ERROR,
    area: Area = Area.RULES,
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
        RULES[id] = Rule(id, box, source, severity, area, check, summary)
        return check

    return enter
