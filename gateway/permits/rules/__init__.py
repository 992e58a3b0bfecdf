"""
What a valid CITES permit needs: one file for each theme, one function for each rule.

Here are the rules that one document and one moment can decide. `check` applies them all.
"""

from datetime import datetime

from gateway.permits.codes import code_lists
from gateway.permits.model import Permit
from gateway.permits.rules import identity, lines, parties, specimens, validity
from gateway.permits.rules.registry import RULES, Breach, Context, Rule

__all__ = ["RULES", "THEMES", "Breach", "Context", "Rule", "check"]

THEMES = (identity, validity, parties, lines, specimens)
"""The files with rules; importing one enters its rules in the list."""


def check(permit: Permit, *, at: datetime) -> tuple[tuple[Rule, Breach], ...]:
    """
    Every breach of every rule, with its rule, in the order of the form.

    `at` is the moment for which the question is asked (aware): it decides about expiry and dates in the
    future. Raises nothing but `ConfigurationError` when the code lists are missing.
    """
    context = Context(at, code_lists())
    return tuple((rule, breach) for rule in RULES.values() for breach in rule.check(permit, context))
