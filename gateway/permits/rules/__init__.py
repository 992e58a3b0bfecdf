"""
What a valid CITES permit needs: one file for each theme, one function for each rule.

`check` applies them all. Rules that need more than the permit and a moment (a list of species, a counterpart,
earlier uses) are named as not checked when nobody supplied it; they never count as passed.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from gateway.permits.codes import code_lists
from gateway.permits.findings import NotChecked, Severity
from gateway.permits.model import Permit
from gateway.permits.rules import (
    acquisition,
    agreement,
    appendix,
    chains,
    changes,
    conditions,
    counterparts,
    identity,
    lines,
    origin,
    parties,
    process,
    quota,
    references,
    species,
    specimens,
    units,
    uses,
    validity,
)
from gateway.permits.rules.context import NOTHING, Context, Evidence
from gateway.permits.rules.registry import ALL_TYPES, RULES, Breach, Need, Rule
from gateway.permits.rules.settings import DEFAULT, RuleSettings
from gateway.wording import Words, say

__all__ = [
    "RULES",
    "THEMES",
    "Breach",
    "Context",
    "Evidence",
    "Need",
    "Outcome",
    "Rule",
    "RuleSettings",
    "check",
]

THEMES = (
    identity,
    process,
    validity,
    parties,
    lines,
    specimens,
    units,
    origin,
    references,
    acquisition,
    quota,
    appendix,
    species,
    conditions,
    changes,
    counterparts,
    agreement,
    chains,
    uses,
)
"""The files with rules, in the order of the form; importing one enters its rules in the list."""

_ORDER = {theme.__name__: number for number, theme in enumerate(THEMES)}
for _entry in sorted(RULES.items(), key=lambda entry: _ORDER[entry[1].check.__module__]):
    RULES[_entry[0]] = RULES.pop(_entry[0])

_MISSING: dict[Need, Words] = {
    Need.SPECIES: say("not checked: no species data"),
    Need.COUNTERPART: say("not checked: no counterpart permit"),
    Need.USES: say("not checked: earlier uses are not known"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the rules say about a permit."""

    breaches: tuple[tuple[Rule, Severity, Breach], ...]
    """In the order of the form, each with the severity that counts here."""
    not_checked: tuple[NotChecked, ...] = field(default=())


def check(
    permit: Permit, *, at: datetime, evidence: Evidence = NOTHING, settings: RuleSettings = DEFAULT
) -> Outcome:
    """
    Every breach of every rule that applies to this type of permit.

    `at` is the moment for which the question is asked (aware): it decides about expiry and dates in the
    future. Raises nothing but `ConfigurationError` when the code lists are missing.
    """
    context = Context(permit, at, code_lists(), evidence)
    plan = _plan(
        context.type,
        (evidence.species is not None, evidence.counterparts is not None, evidence.uses is not None),
    )
    breaches = tuple(
        (rule, settings.severity_of(rule), breach)
        for rule in plan.rules
        for breach in rule.check(permit, context)
    )
    return Outcome(breaches, plan.not_checked)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is done about one type of permit with some kinds of evidence."""

    rules: tuple[Rule, ...]
    not_checked: tuple[NotChecked, ...]


@cache
def _plan(type_code: str, has: tuple[bool, bool, bool]) -> _Plan:
    """
    The rules for one type of permit; for none of the types, those that apply to all.

    `has` says whether there are species data, counterparts, and earlier uses.
    """
    needs = (Need.SPECIES, Need.COUNTERPART, Need.USES)
    given = {need for need, there in zip(needs, has, strict=True) if there}
    applicable = [
        rule for rule in RULES.values() if (type_code in rule.types if type_code else rule.types == ALL_TYPES)
    ]
    return _Plan(
        tuple(rule for rule in applicable if rule.needs is None or rule.needs in given),
        tuple(
            NotChecked(rule.id, _MISSING[rule.needs])
            for rule in applicable
            if rule.needs is not None and rule.needs not in given
        ),
    )
